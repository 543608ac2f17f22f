// The view of notifications: the outbox as its events tell it, folded by the same `evolve` as the notifier's own.
#pragma once

#include <unordered_set>

#include "domain/notifications.hpp"
#include "projections/projection.hpp"

namespace planexe::projections {

class notification_views final : public projection {
 public:
  std::string_view name() const override { return "notifications.1"; }
  result<void> restore(const eventstore::derived_store::view_rows& rows) override;
  void reset() override;
  result<void> apply(const domain::event_record& record) override;
  result<void> changes(eventstore::derived_store::view_write& write) override;
  void exchange(projection& other) override;
  std::size_t size() const override { return outbox_.known.size(); }

  /// Valid until the next event.
  const domain::notification_outbox& outbox() const { return outbox_; }

 private:
  domain::notification_outbox outbox_;
  std::unordered_set<std::uint64_t> changed_;
  bool head_changed_ = false;
};

}  // namespace planexe::projections
