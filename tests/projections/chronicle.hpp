// Writes a log by playing commands, each as one append, the way the actors do; and the views over such a log.
#pragma once

#include <map>
#include <memory>

#include "domain/agent_commands.hpp"
#include "domain/execution_commands.hpp"
#include "eventstore/memory_store.hpp"
#include "projections/view_set.hpp"
#include "tests/domain/random_walk.hpp"
#include "tests/domain/scenario.hpp"
#include "tests/eventstore/kept_archive.hpp"

namespace planexe::tests {

class chronicle {
 public:
  chronicle();

  /// What the command decides, and what settling adds. Refusals without events write nothing.
  void play(const std::string& execution, const domain::execution_command& command,
            const std::string& actor = "person");
  void play_agent(const std::string& agent, const domain::agent_command& command);
  void import(std::shared_ptr<const domain::plan> plan);
  /// Of the server as a whole: its switch, or its notifications.
  void play_system(const domain::stream_id& stream, domain::system_event event);
  /// Takes an execution out of the log, into `archive`.
  void leave(const std::string& execution);
  /// Queues a notification, and lets one become of it what chance wants.
  void notify_randomly(dice& roll);
  /// Hands a leaf out with the token `TASK-ATTEMPT`.
  void assign(const std::string& execution, const std::string& task, const std::string& agent);
  /// So many random commands on executions `e0` to `e2`, which are created where they are not.
  void play_randomly(dice& roll, int commands);

  const domain::execution_state& state(const std::string& execution) const { return states_.at(execution); }
  const std::map<std::string, domain::execution_state>& states() const { return states_; }
  std::vector<domain::event_record> events(const std::string& execution) const;

  std::shared_ptr<eventstore::testing::kept_archive> archive = std::make_shared<eventstore::testing::kept_archive>();
  eventstore::memory_store log{archive};
  std::vector<std::shared_ptr<const eventstore::committed_batch>> batches;
  domain::timestamp now = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};

 private:
  void append(const domain::stream_id& stream, std::uint64_t version, std::vector<domain::event> events,
              const std::string& actor);

  std::map<std::string, domain::execution_state> states_;
  std::map<std::string, domain::agent_state> agents_;
  std::uint64_t notifications_ = 0;
};

/// Every view with the runner.
struct followed_views : projections::view_set {
  followed_views(const eventstore::event_log& log, eventstore::derived_store& derived)
      : view_set(log, derived, 0.7), runner(log, derived) {
    for (auto* view : in_order()) runner.add(*view);
  }
  projections::projection_runner runner;
};

using stored_views = std::map<std::string, eventstore::derived_store::view_rows>;
/// The stored views.
stored_views stored(const eventstore::derived_store& derived);
/// What the views of a log are when they are made from nothing.
stored_views rebuilt(const eventstore::event_log& log);
bool same(const stored_views& a, const stored_views& b);

}  // namespace planexe::tests
