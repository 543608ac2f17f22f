// What every actor is given: the log, the clock, the settings, and the way to the other actors. One for each actor
// system; it outlives all of its actors.
#pragma once

#include <functional>

#include "actors/clock.hpp"
#include "actors/directory.hpp"
#include "actors/disk_board.hpp"
#include "actors/figures.hpp"
#include "actors/id_source.hpp"
#include "actors/interfaces.hpp"
#include "actors/presence.hpp"
#include "actors/stop_board.hpp"

namespace planexe::actors {

struct runtime_settings {
  domain::milliseconds agent_timeout{1'800'000};
  double poll_after_seconds = 300;
  /// Events after which an execution's snapshot is renewed: bounds how much is replayed when it is opened.
  std::uint64_t snapshot_every = 500;
  /// How long an execution stays in memory without a command.
  domain::milliseconds idle_after{60'000};
  /// How often deadlines are looked at. Shorter than the shortest backoff that a test sets.
  domain::milliseconds tick{20};
  /// How often views are stored.
  domain::milliseconds store_views_every{1'000};
  /// Batches are cut here so that one sync does not grow without limit.
  std::size_t batch_bytes = 4U << 20U;
  std::size_t batch_items = 1'024;
  /// How long an execution that is over stays in the log; 0: for ever.
  domain::milliseconds keep_executions_for{0};
  /// Whether notifications have an address beside those of agents.
  bool notifies_server = false;
  domain::delivery_policy delivery;
};

struct environment {
  environment(caf::actor_system& actor_system, runtime_settings runtime, eventstore::event_log& event_log,
              eventstore::derived_store& derived_store, const clock& wall, id_source& id_generator)
      : system(actor_system),
        settings(runtime),
        log(event_log),
        derived(derived_store),
        time(wall),
        ids(id_generator),
        directory(*this) {}

  caf::actor_system& system;
  runtime_settings settings;
  eventstore::event_log& log;
  eventstore::derived_store& derived;
  const clock& time;
  id_source& ids;
  presence_board presence;
  actors::stop_board stop_board;
  std::shared_ptr<const disk_board> disk = std::make_shared<const disk_board>();  ///< set before anything is asked
  commit_figures commits;
  actors::directory directory;

  // Set once, before anything is asked.
  committer_actor committer;
  matcher_actor matcher;
  timers_actor timers;
  projector_actor projector;
  notifier_actor notifier;
  supervisor_actor supervisor;
  safety_switch_actor safety_switch;
  keyring_actor keyring;
  archivist_actor archivist;
  /// Asks the executions in which an agent holds tasks to tell it so. Any thread.
  std::function<void(const domain::agent_id&)> ask_for_leases;
  /// Makes executions ready to leave the log. Empty: none does. The archivist's thread.
  archive_preparer prepare_archive;
  /// Empty: nobody is notified.
  notification_sender send_notification;
  /// Whoever checks keys hears of one that was made or revoked, as it now is. Committer's thread; may be empty.
  std::function<void(const domain::api_key&)> on_key;
  /// Visits every execution that has begun and not ended, later and in the projector's thread. Any thread.
  std::function<void(std::function<void(const domain::execution_id&)>)> for_each_live;
  /// A disk that failed: nothing is acknowledged any more. Any thread.
  std::function<void(const error&)> on_storage_failure;
  /// Called once when everything that was live before the start is live again. Any thread.
  std::function<void()> on_recovered;
};

}  // namespace planexe::actors
