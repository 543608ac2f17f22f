// Finding the state that a request asks about, as it is or as it was, and what is known of agents beside it. Looked up
// in the projector's thread, used in the worker's. Private to gateway/actor_bridge.
#pragma once

#include "gateway/actor_bridge/core.hpp"
#include "gateway/json/parse_query.hpp"
#include "gateway/json/rejection_problem.hpp"
#include "gateway/json/render_agent.hpp"
#include "projections/replay.hpp"

namespace planexe::gateway {

using shared_responder = std::shared_ptr<responder>;

inline shared_responder share(responder answer) {
  return std::make_shared<responder>(std::move(answer));
}

struct asked_state {
  const domain::execution_id& id;
  const domain::execution_state& state;
  domain::timestamp now;  ///< the server's clock, or, of a past state, its own last moment
  bool archived = false;  ///< it is read from the archive, and does not change any more
  bool is_past = false;   ///< what the server knows beside the log is of the present, and has no place in the answer
};

/// What to answer where an archived execution cannot be read: unlike one that does not exist, it should be there.
inline problem archive_problem(const error& why) {
  const bool names_its_file = why.code == errc::not_found || why.code == errc::corrupt || why.code == errc::archived;
  return names_its_file ? unavailable(why.detail) : to_problem(why);
}

/// How an execution stands that is in no view: archived, or not there. In the worker's thread.
inline expected<eventstore::stream_head, problem> archived_head(const actors::environment& env,
                                                                const domain::execution_id& id) {
  const auto head = env.log.head_of(projections::stream_of(id));
  if (!head) return unexpected{to_problem(head.error())};
  if (!head->archived) return unexpected{no_such("execution", id.value)};
  return *head;
}

/// Which moment of an execution is asked for: after an event, or at a time; neither: as it is.
struct asked_moment {
  std::optional<std::uint64_t> seq;
  std::optional<domain::timestamp> time;
  explicit operator bool() const { return seq || time; }
};

inline problem no_such_seq(std::uint64_t last) {
  return {problem_code::not_found, "the execution has events 1 to " + std::to_string(last), {}, {}};
}

/// `?at_seq` and `?at`.
inline expected<asked_moment, problem> moment_of(const request_head& head) {
  query_reader query{head};
  asked_moment asked{query.number("at_seq"), query.time("at")};
  if (const auto wrong = query.failure()) return unexpected{*wrong};
  return asked;
}

/// Which event of `version` ones the moment comes after; without one: the last. Reads the log for a time.
inline expected<std::uint64_t, problem> seq_of(const eventstore::event_log& log, const domain::execution_id& id,
                                               const asked_moment& asked, std::uint64_t version) {
  if (asked.seq && (*asked.seq == 0 || *asked.seq > version)) return unexpected{no_such_seq(version)};
  if (asked.seq || !asked.time) return asked.seq.value_or(version);
  const auto found = projections::seq_at(log, id, *asked.time, version);
  if (!found) return unexpected{archive_problem(found.error())};
  if (*found == 0) return unexpected{no_such("execution", id.value)};
  return *found;
}

/// Replays an archived execution and gives it to `use(state)`, or answers why not. In the worker's thread.
template <class Use>
void with_archived_state(const actors::environment& env, const domain::execution_id& id, const asked_moment& asked,
                         responder& answer, Use use) {
  const auto head = archived_head(env, id);
  if (!head) return answer.fail(head.error());
  const auto wanted = seq_of(env.log, id, asked, head->version);
  if (!wanted) return answer.fail(wanted.error());
  const auto past = projections::replay_execution(env.log, env.derived, id, *wanted);
  if (!past) return answer.fail(archive_problem(past.error()));
  use(past->state);
}

/// When an agent was last heard of, and what it is doing. In the projector's thread.
inline agent_presence presence_of(const actors::environment& env, const projections::agent_row& row) {
  auto seen = env.presence.last_seen(row.id);
  // After a start nobody has been heard yet; what the log has of an agent is as good.
  if (!seen) seen = row.last_event_at ? row.last_event_at : row.state.registered_at;
  if (row.state.standing != domain::agent_standing::active) return {domain::name_of(row.state.standing), seen};
  const bool silent = env.time.now() - *seen >= env.settings.agent_timeout;
  return {silent ? "unreachable" : row.held.empty() ? "idle" : "active", seen};
}

/// An archived execution as it ended. In the worker's thread.
inline expected<std::shared_ptr<const domain::execution_state>, problem> archived_state(
    const actors::environment& env, const domain::execution_id& id) {
  const auto head = archived_head(env, id);
  if (!head) return unexpected{head.error()};
  auto replayed = projections::replay_execution(env.log, env.derived, id);
  if (!replayed) return unexpected{archive_problem(replayed.error())};
  return std::make_shared<const domain::execution_state>(std::move(replayed->state));
}

/// Calls `then(version)` in the worker's thread with how many events an execution has, archived or not.
template <class Then>
void with_version(actor_bridge::core& core, const domain::execution_id& id, shared_responder answer, Then then) {
  core.read([&core, id, answer = std::move(answer), then = std::move(then)] {
    const auto* row = core.views.executions.row(id);
    if (row != nullptr) return core.work([then, version = row->version] { then(version); });
    core.work([&core, id, answer, then] {
      const auto head = archived_head(core.env, id);
      if (!head) return answer->fail(head.error());
      then(head->version);
    });
  });
}

/// The same with the event that the moment comes after.
template <class Then>
void with_seq(actor_bridge::core& core, const domain::execution_id& id, const asked_moment& asked,
              shared_responder answer, Then then) {
  with_version(core, id, answer, [&core, id, asked, answer, then = std::move(then)](std::uint64_t version) {
    const auto seq = seq_of(core.env.log, id, asked, version);
    if (!seq) return answer->fail(seq.error());
    then(*seq);
  });
}

/// `?at_seq` and `?at` choose a past state. Of a live one, `look(state)` is called in the projector's thread, and
/// `use(responder, asked_state, what it gave)` in the worker's; of a past one that is a value made by default.
template <class Look, class Use>
void with_state(actor_bridge::core& core, const request& request, shared_responder answer, Look look, Use use) {
  const auto asked = moment_of(request);
  if (!asked) return answer->fail(asked.error());
  const domain::execution_id id{std::string(request.param("execution_id"))};
  core.read([&core, id, asked = *asked, answer, look = std::move(look), use = std::move(use)] {
    const auto* row = core.views.executions.row(id);
    if (row == nullptr)
      return core.work([&core, id, asked, answer, use] {
        with_archived_state(core.env, id, asked, *answer, [&](const domain::execution_state& state) {
          use(*answer,
              asked_state{.id = id, .state = state, .now = state.updated_at, .archived = true, .is_past = true},
              decltype(look(state)){});
        });
      });
    if (!asked) {
      const auto state = core.views.executions.state(id);
      if (!state) return answer->fail(to_problem(state.error()));
      auto seen = look(**state);
      return core.work([answer, use, id, state = *state, now = core.env.time.now(), seen = std::move(seen)] {
        use(*answer, asked_state{id, *state, now}, seen);
      });
    }
    core.work([&core, id, asked, version = row->version, answer, use] {
      const auto wanted = seq_of(core.env.log, id, asked, version);
      if (!wanted) return answer->fail(wanted.error());
      const auto past = projections::replay_execution(core.env.log, core.env.derived, id, *wanted);
      if (!past) return answer->fail(to_problem(past.error()));
      use(*answer, asked_state{.id = id, .state = past->state, .now = past->state.updated_at, .is_past = true},
          decltype(look(past->state)){});
    });
  });
}

/// The same where the state is all that is needed.
template <class Use>
void with_state(actor_bridge::core& core, const request& request, shared_responder answer, Use use) {
  with_state(
      core, request, std::move(answer), [](const domain::execution_state&) { return std::monostate{}; },
      [use = std::move(use)](responder& to, const asked_state& asked, std::monostate) { use(to, asked); });
}

}  // namespace planexe::gateway
