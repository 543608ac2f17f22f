// What must hold of notifications whatever happens: everything that somebody is to be told is queued once, nothing is
// sent before that is durable, and nothing after its delivery is. Reads the log alone.
#pragma once

#include <set>

#include "domain/notifications.hpp"
#include "tests/actors/auditor.hpp"

namespace planexe::tests {

class outbox_audit {
 public:
  outbox_audit(const machine& on, auditor& audit) : on_(on), audit_(audit) {}

  /// One is sent.
  void sending(const actors::outgoing_notification& sent);
  /// The derived data is gone. A log of which nothing was queued yet is then an old one, whose past nobody is told.
  void forget();
  /// Of an idle process: everything has been queued, once.
  void check_all_told();
  const domain::notification_outbox& outbox() {
    catch_up();
    return outbox_;
  }

 private:
  struct told_event {
    std::string execution;
    std::uint64_t seq = 0;
    domain::notification_kind kind;
    std::uint32_t level = 0;
    std::string to;
  };
  void catch_up();
  void take(const domain::event_record& record);

  const machine& on_;
  auditor& audit_;
  std::uint64_t position_ = 0;
  domain::notification_outbox outbox_;
  std::set<std::string> delivered_;  ///< ids
  std::vector<domain::notification_content> queued_;
  std::vector<told_event> to_tell_;
};

}  // namespace planexe::tests
