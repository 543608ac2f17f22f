// Notifications as receivers of webhooks and clients see them. Pure, any thread; each function appends one JSON value
// to `out`.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "domain/notifications.hpp"

namespace planexe::gateway {

/// `task.escalated`, as bodies name it.
std::string_view type_of(domain::notification_kind kind);
std::string_view name_of(domain::notification_stage stage);
std::optional<domain::notification_stage> notification_stage_named(std::string_view name);

/// What is sent: the same bytes in every attempt. Nothing in it but what the content says.
void render_notification_body(std::string& out, std::string_view id, const domain::notification_content& content);

/// A notification with what has become of it. No address and no secret.
void render_notification(std::string& out, const domain::notification& notification);
void render_notifications(std::string& out, std::span<const domain::notification> notifications);

}  // namespace planexe::gateway
