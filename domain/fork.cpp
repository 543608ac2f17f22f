#include "domain/fork.hpp"

#include <algorithm>

#include "domain/execution_commands.hpp"
#include "domain/execution_status.hpp"

namespace planexe::domain {
namespace {

unexpected<rejection> refuse(rejection_code code, std::string detail, std::vector<field_error> errors = {}) {
  return {rejection{code, std::move(detail), std::move(errors)}};
}

const execution_event* event_in(const event_record& record) {
  return std::get_if<execution_event>(&record.payload);
}

template <class Event>
const Event* get_in(const event_record& record) {
  const auto* event = event_in(record);
  return event == nullptr ? nullptr : std::get_if<Event>(event);
}

/// `…:SEQ`: how an event that follows from another one names it. Whose seq it is does not matter: a fork's inherited
/// events name those of its origin.
bool names_as_cause(const event_metadata& metadata, std::uint64_t seq) {
  return metadata.actor == "system" && metadata.causation_id.ends_with(":" + std::to_string(seq));
}

class forker {
 public:
  forker(const execution_state& state, const fork_point& point, const fork_execution& wanted, timestamp now)
      : before_(state), point_(point), wanted_(wanted), now_(now), after_(state) {}

  std::vector<fork_event> decide() {
    begin();
    if (wanted_.priority && *wanted_.priority != before_.priority) add(execution_reprioritized{*wanted_.priority});
    // Before the start nobody is asked anything; at the start everybody is.
    if (before_.status == execution_status::created) return std::move(events_);
    finish_step();
    if (wanted_.options) ask_by_new_options();
    return std::move(events_);
  }

 private:
  void add(execution_event event, std::string said_by = {}) {
    evolve(after_, event, {after_.version + 1, now_});
    events_.push_back({std::move(event), std::move(said_by)});
  }

  void begin() {
    execution_forked forked{.origin = point_.origin,
                            .origin_seq = point_.last->seq,
                            .origin_hash = {point_.last->hash.begin(), point_.last->hash.end()},
                            .title = wanted_.title.value_or(before_.title),
                            .agent = wanted_.agent.value_or(before_.agent),
                            .options = wanted_.options,
                            .deadline = deadline(),
                            .reason = wanted_.reason};
    if (forked.options == before_.options) forked.options.reset();
    add(std::move(forked));
  }

  /// What was left of the time it had; with another timeout, all of that.
  std::optional<timestamp> deadline() const {
    if (!before_.deadline_at || before_.status == execution_status::created ||
        before_.status == execution_status::failed)
      return std::nullopt;
    if (wanted_.options && wanted_.options->timeout != before_.options.timeout) return now_ + wanted_.options->timeout;
    return now_ + std::max(*before_.deadline_at - before_.updated_at, milliseconds{0});
  }

  /// A rejection is two events, and what one step asks people comes after what made it ask: a moment between them must
  /// not be a way around a person.
  void finish_step() {
    if (point_.beyond.empty()) return;
    const auto* decided = get_in<review_resolved>(*point_.last);
    const auto* failed = get_in<task_error>(point_.beyond.front());
    if (decided != nullptr && decided->action == review_action::reject && failed != nullptr &&
        failed->task == decided->task)
      add(*failed, point_.beyond.front().metadata.actor);
    for (const auto& record : point_.beyond)
      if (const auto* asked = get_in<review_requested>(record); asked != nullptr && is_wanted(*asked))
        add(*asked, record.metadata.actor);
  }

  bool is_wanted(const review_requested& asked) const {
    const auto leaf = after_.graph->find(asked.task);
    if (leaf == no_task || !after_.graph->is_leaf(leaf) || after_.tasks[leaf].stage == leaf_stage::done) return false;
    return asked.kind != review_kind::approval || approval_reason(after_.options, after_.definition(leaf)).has_value();
  }

  void ask_by_new_options() {
    const auto leaves = after_.graph->leaves();
    for (const auto leaf : std::vector<task_index>(leaves.begin(), leaves.end())) {
      const auto& task = after_.tasks[leaf];
      const auto& definition = after_.definition(leaf);
      auto reason = approval_reason(after_.options, definition);
      if (task.review && task.review->kind == review_kind::approval) {
        if (!reason) add(review_resolved{definition.id, review_action::approve, "the fork's options ask nobody"});
        continue;
      }
      // Whatever has been handed out once, or would have been asked about before, has been approved.
      const bool is_new = task.attempt == 0 && task.stage != leaf_stage::done && !task.review && !task.failed_for_good;
      if (reason && is_new && !approval_reason(before_.options, definition))
        add(review_requested{definition.id, review_kind::approval, std::move(*reason)});
    }
  }

  const execution_state& before_;
  const fork_point& point_;
  const fork_execution& wanted_;
  timestamp now_;
  execution_state after_;
  std::vector<fork_event> events_;
};

}  // namespace

bool is_same_step(const event_record& before, const event_record& next) {
  const auto &a = before.metadata, &b = next.metadata;
  if (a.recorded_at != b.recorded_at || a.inherited != b.inherited) return false;
  if (names_as_cause(b, before.seq)) return true;
  return a.actor == b.actor && a.causation_id == b.causation_id && a.agent_timestamp == b.agent_timestamp;
}

expected<std::vector<fork_event>, rejection> decide_fork(const execution_state& state, const fork_point& point,
                                                         const fork_execution& wanted, timestamp now) {
  if (!state.exists()) return refuse(rejection_code::not_found, "no such execution");
  if (is_final(state.status))
    return refuse(rejection_code::invalid_transition,
                  "after event " + std::to_string(state.version) + " the execution is " +
                      std::string(name_of(state.status)) +
                      ", and nothing is left to be done; fork it at an earlier one");
  if (wanted.options) {
    if (wanted.options->sequencing != state.options.sequencing)
      return refuse(rejection_code::validation_failed, "options.sequencing cannot be changed by a fork",
                    {{"options.sequencing", "cannot be changed by a fork: what has happened keeps to it"}});
    if (auto problems = problems_of(*wanted.options); !problems.empty())
      return refuse(rejection_code::validation_failed, "the options are not valid", std::move(problems));
  }
  return forker{state, point, wanted, now}.decide();
}

}  // namespace planexe::domain
