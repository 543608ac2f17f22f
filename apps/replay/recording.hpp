// One execution's recorded events, wherever they lie, and the state after any of them. States come of the events alone:
// no snapshot is looked at, and every event's hash is checked on the way. One thread; blocks.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "domain/execution_state.hpp"
#include "eventstore/event_log.hpp"

namespace planexe::replaying {

/// Opens what holds the events, as it is then.
using log_opener = std::function<result<std::shared_ptr<const eventstore::event_log>>()>;

/// What an agent is called; empty where nobody knows.
using agent_names = std::function<std::string(const std::string& agent)>;

class recording {
 public:
  /// `errc::not_found` where there is no such execution.
  /// `names` is asked for what the log calls no agent.
  static result<recording> open(log_opener opener, domain::execution_id id, agent_names names = {});

  const domain::execution_id& id() const { return id_; }
  /// Seq of the last event, at least 1.
  std::uint64_t last() const { return last_; }

  /// At most `limit` events after `after_seq`.
  result<std::vector<domain::event_record>> events(std::uint64_t after_seq, std::size_t limit) const;
  /// Seq of the last event recorded at or before `time`; 0 when there is none.
  result<std::uint64_t> seq_at(domain::timestamp time) const;
  /// What the agent is called; empty where nobody knows. Asked once for each.
  std::string agent_name(const std::string& agent) const;
  /// Opens it again; true when it has more events now. After an error it is as it was.
  result<bool> look_again();

 private:
  recording(log_opener opener, domain::execution_id id, agent_names names)
      : opener_(std::move(opener)), id_(std::move(id)), ask_name_(std::move(names)) {}
  result<void> look();

  log_opener opener_;
  domain::execution_id id_;
  std::shared_ptr<const eventstore::event_log> log_;
  std::uint64_t last_ = 0;
  agent_names ask_name_;
  mutable std::map<std::string, std::string> names_;
};

/// Where a replay stands: the state after an event, and that event.
class playhead {
 public:
  /// Before the first event. The recording must outlive it.
  explicit playhead(const recording& from) : from_(from) {}

  /// To the state after event `seq`, from 1 to the last one: on from here, or again from the beginning.
  result<void> go(std::uint64_t seq);

  std::uint64_t seq() const { return state_.version; }
  const domain::execution_state& state() const { return state_; }
  /// The last one applied; only after a `go`.
  const domain::event_record& event() const { return event_; }

 private:
  const recording& from_;
  domain::execution_state state_;
  domain::event_record event_;
};

}  // namespace planexe::replaying
