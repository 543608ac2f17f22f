// Puts the actors together: starts them over a log, brings back what was live, and stops them in order. Without CAF in
// sight, for the programs; the bridge reaches the actors through `parts`.
#pragma once

#include <functional>
#include <memory>

#include "actors/clock.hpp"
#include "actors/id_source.hpp"
#include "actors/requests.hpp"
#include "domain/result.hpp"
#include "eventstore/event_log.hpp"

namespace planexe::actors {

class disk_board;
struct environment;
struct read_side;

struct runtime_options {
  domain::milliseconds agent_timeout{1'800'000};
  double poll_after_seconds = 300;
  double review_threshold = 0.7;
  /// Threads that run actors, beside the committer's own. 0: half of the machine's cores; the other half reads sockets
  /// and waits for the disk, and more threads than cores only get in each other's way.
  std::size_t threads = 0;
  /// Empty: nobody is notified.
  notification_sender send_notification{};
  /// Whether `send_notification` has an address of its own, beside those of agents.
  bool notifies_server = false;
  domain::delivery_policy delivery{};
  /// How long an execution that is over stays in the log; 0: for ever.
  domain::milliseconds keep_executions_for{0};
  /// Empty: nothing can be archived.
  archive_preparer prepare_archive{};
  /// Null: the disk has room.
  std::shared_ptr<const disk_board> disk{};
};

class runtime {
 public:
  /// Restores the views and starts the actors. `log` and the rest must outlive the runtime. `on_storage_failure` is
  /// called from any thread, possibly more than once.
  static result<std::unique_ptr<runtime>> start(const runtime_options& options, eventstore::event_log& log,
                                                eventstore::derived_store& derived, const clock& time, id_source& ids,
                                                std::function<void(const error&)> on_storage_failure);
  ~runtime();

  /// Brings back every execution that has work under way; `on_recovered` is called once, from any thread, when they
  /// have told everybody what they have.
  void recover(std::function<void()> on_recovered);
  /// Waits for what has been handed to the committer, stores the views, and ends the actors.
  void stop();

  environment& parts();
  read_side& views();

 private:
  struct impl;
  explicit runtime(std::unique_ptr<impl> content);
  std::unique_ptr<impl> impl_;
};

}  // namespace planexe::actors
