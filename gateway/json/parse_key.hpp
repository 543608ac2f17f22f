// What is sent about keys and tickets, and how keys are shown. Pure, any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/keys.hpp"
#include "gateway/http/problem.hpp"

namespace planexe::gateway {

class json_writer;

/// `{name, role, agent_id?, expires_at? | expires_in_days?}`. Without id and digest, which are the caller's to draw.
expected<domain::create_key, problem> parse_create_key(std::string_view body, domain::timestamp now);

/// `{key_id, name, role, agent_id?, status, created_at, created_by, expires_at?, revoked_at?, revoked_by?,
/// last_used_at?}`, status one of live, expired and revoked. `text` is the key itself, shown as `key` where it is
/// given.
void append_key(json_writer& writer, const domain::api_key& key, domain::timestamp now,
                std::optional<domain::timestamp> last_used = {}, std::string_view text = {});
void render_key(std::string& out, const domain::api_key& key, domain::timestamp now,
                std::optional<domain::timestamp> last_used = {}, std::string_view text = {});

}  // namespace planexe::gateway
