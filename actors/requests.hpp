// What is sent to the actors, as plain values and one-shot answers. No CAF here.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <utility>

#include "domain/agent_commands.hpp"
#include "domain/answers.hpp"
#include "domain/execution_commands.hpp"
#include "domain/keys.hpp"
#include "domain/matching.hpp"
#include "domain/notifications.hpp"
#include "domain/safety_switch.hpp"
#include "domain/system_events.hpp"
#include "eventstore/event_log.hpp"

namespace planexe::actors {

/// What a command came to.
struct command_outcome {
  std::optional<domain::rejection> rejection;
  std::uint64_t first_seq = 0;  ///< of the events recorded; 0: none
  std::uint32_t recorded = 0;
  domain::timestamp recorded_at{};
  std::optional<std::uint64_t> duplicate_of;
};

/// A one-shot answer in two steps, because nothing may leave the process before it is durable while the state goes on
/// at once. One that is destroyed without `deliver` must tell its caller so by itself (503).
template <class Id, class State>
class command_reply {
 public:
  command_reply() = default;
  command_reply(const command_reply&) = delete;
  command_reply& operator=(const command_reply&) = delete;
  virtual ~command_reply() = default;

  /// In the actor's thread, after the command was applied: takes from the state what the answer needs. What it returns
  /// is kept in the same write as the events.
  virtual std::optional<eventstore::kept_answer> prepare(const Id& id, const State& state,
                                                         const command_outcome& outcome) = 0;
  /// In the committer's thread, once the events and everything before them are durable.
  virtual void deliver() = 0;
};
using execution_reply = command_reply<domain::execution_id, domain::execution_state>;
using agent_reply = command_reply<domain::agent_id, domain::agent_state>;
/// About a notification, by the id under which it is sent.
using notification_reply = command_reply<std::string, domain::notification>;

struct execution_request {
  domain::execution_command command;
  std::string actor;
  std::string causation_id;
  std::optional<domain::timestamp> agent_timestamp;
  std::optional<std::uint64_t> expected_version;  ///< `If-Match`
  std::unique_ptr<execution_reply> reply;         ///< may be null: nobody waits
};

struct agent_request {
  domain::agent_command command;
  std::string actor;
  std::unique_ptr<agent_reply> reply;
};

using switch_reply = command_reply<std::monostate, domain::switch_state>;
struct switch_request {
  domain::throw_switch command;
  std::string actor;
  std::unique_ptr<switch_reply> reply;
};

/// About a key, by its id; empty where there is none.
using key_reply = command_reply<std::string, domain::api_key>;
struct key_request {
  domain::key_command command;
  std::string actor;
  std::unique_ptr<key_reply> reply;
};

/// A poll for work. `answer` is called once, from any thread; dropped without it, the caller is told 503.
struct poll_request {
  std::uint32_t limit = 1;
  std::vector<std::string> supported_actions;
  std::string request_id;
  domain::milliseconds wait{0};
  std::function<void(expected<domain::work_answer, domain::rejection>)> answer;
};

/// An execution that is ready to leave the log: its file has been written and read back.
struct archive_step {
  domain::execution_archived what;
  std::shared_ptr<const eventstore::retirement> retires;
};
/// Makes one ready; blocks while files are written. `errc::not_found` for no such execution, `errc::archived` for one
/// that has left, `errc::conflict` for one that is not over.
using archive_preparer = std::function<result<archive_step>(const domain::execution_id&)>;

using archive_reply = command_reply<domain::execution_id, domain::execution_archived>;
/// An execution that is to leave the log.
struct archive_request {
  domain::execution_id execution;
  std::string actor;
  std::unique_ptr<archive_reply> reply;  ///< may be null: nobody waits
};

/// What the steps of one writer have in common on their way through the committer.
struct writer_progress {
  std::atomic<std::size_t> under_way{0};  ///< steps that are not settled yet; counted up by the writer
  bool refused = false;  ///< one of them conflicted, and those after it build on it; the committer's thread only
};

/// One item of the committer's queue: a writer's step and what happens once it is durable.
struct commit_item {
  std::shared_ptr<writer_progress> writer;  ///< may be null: its only step
  eventstore::append_request append;        ///< without events and answers: only waits for what came before it
  std::function<void()> on_durable;         ///< committer's thread; must be quick; not called when it failed
  std::function<void()> on_conflict;        ///< the writer's state is not the log's: it must be rebuilt
};

/// A leaf on its way from the matcher through its execution to an agent. Destroyed before it was `assigned`, it tells
/// the agent that it came to nothing.
class assignment {
 public:
  assignment(domain::work_claim claim, std::function<void(std::shared_ptr<const domain::work_item>)> settle)
      : claim_(std::move(claim)), settle_(std::move(settle)) {}
  assignment(const assignment&) = delete;
  assignment& operator=(const assignment&) = delete;
  ~assignment() {
    if (settle_) settle_(nullptr);
  }
  const domain::work_claim& claim() const { return claim_; }
  void assigned(std::shared_ptr<const domain::work_item> work) { release()(std::move(work)); }
  /// Hands the duty to answer on to somebody else.
  std::function<void(std::shared_ptr<const domain::work_item>)> release() { return std::exchange(settle_, nullptr); }

 private:
  domain::work_claim claim_;
  std::function<void(std::shared_ptr<const domain::work_item>)> settle_;
};

/// Tells an agent what became of a lease, or of an execution that it works for.
struct lease_notice {
  enum class kind : std::uint8_t { restored, ended, revoked, paused, resumed } what = kind::ended;
  domain::execution_id execution;
  domain::task_index leaf = domain::no_task;  ///< not of paused and resumed
  domain::task_id task;
  std::string token;
  std::string reason;                             ///< of revoked
  bool cancelled = false;                         ///< revoked because the whole execution was cancelled
  std::shared_ptr<const domain::work_item> work;  ///< of restored
};

/// Leaves of an execution that can be handed out, or can no longer.
struct readiness {
  domain::execution_id execution;
  std::int32_t priority = 0;
  std::vector<domain::open_leaf> opened;
  std::vector<domain::task_index> closed;
  bool staffed = true;  ///< as far as the execution knows
};

/// What a stretch of the log says that people are to be told. The notifier gives the numbers.
struct notices {
  std::vector<domain::notification_queued> queued;  ///< in the order of their positions
  std::uint64_t through = 0;                        ///< position of the stretch's last event
};

/// What the notifier begins with: the outbox, and what happened after it was looked at last.
struct notifier_start {
  domain::notification_outbox outbox;
  std::uint64_t looked = 0;  ///< position up to which everything has been looked at
  notices missed;
};

/// What became of sending a notification.
struct sending_result {
  std::uint64_t number = 0;
  domain::delivery_outcome outcome;
};

/// A person wants a notification to be sent again, or now.
struct redrive_request {
  std::string id;
  std::string actor;
  std::unique_ptr<notification_reply> reply;  ///< may be null: nobody waits
};

/// A notification on its way out.
struct outgoing_notification {
  std::string id;
  domain::notification_content content;
  std::string address;  ///< the agent's own, which is not to be trusted; empty: the server's
};
/// Sends it without blocking and calls `done` once, from any thread, also later; dropped without a call, it counts as
/// under way until the process ends.
using notification_sender =
    std::function<void(outgoing_notification, std::function<void(domain::delivery_outcome)> done)>;

}  // namespace planexe::actors
