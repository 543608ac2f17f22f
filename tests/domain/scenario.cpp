#include "tests/domain/scenario.hpp"

#include <doctest/doctest.h>

#include <sstream>

namespace planexe::tests {

using namespace domain;

namespace {

std::string at(timestamp time) {
  std::ostringstream text;
  text << '@' << static_cast<double>((time - epoch).count()) / 1000.0 << 's';
  return text.str();
}

std::string note(const std::string& text) {
  return text.empty() ? std::string{} : " (" + text + ")";
}

struct printer {
  std::string operator()(const execution_created& e) const { return "execution_created '" + e.title + "'"; }
  std::string operator()(const execution_queued& e) const {
    return "execution_queued until " + at(e.deadline) + note(e.reason);
  }
  std::string operator()(const execution_started&) const { return "execution_started"; }
  std::string operator()(const execution_paused& e) const { return "execution_paused" + note(e.reason); }
  std::string operator()(const execution_resumed& e) const { return "execution_resumed " + std::string(name_of(e.to)); }
  std::string operator()(const execution_blocked& e) const { return "execution_blocked" + note(e.reason); }
  std::string operator()(const execution_unblocked& e) const {
    return "execution_unblocked " + std::string(name_of(e.to));
  }
  std::string operator()(const execution_completed&) const { return "execution_completed"; }
  std::string operator()(const execution_failed& e) const { return "execution_failed" + note(e.reason); }
  std::string operator()(const execution_cancelled& e) const { return "execution_cancelled" + note(e.reason); }
  std::string operator()(const execution_reprioritized& e) const {
    return "execution_reprioritized " + std::to_string(e.priority);
  }
  std::string operator()(const task_assigned& e) const {
    return "task_assigned " + e.task.value + " to " + e.agent.value + " #" + std::to_string(e.attempt) + " " +
           e.lease_token + " until " + at(e.timeout_at) + note(e.reason);
  }
  std::string operator()(const task_started& e) const { return "task_started " + who(e) + note(e.message); }
  std::string operator()(const task_progress& e) const {
    std::ostringstream percent;
    percent << ' ' << e.percent << '%';
    return "task_progress " + who(e) + percent.str() + note(e.message);
  }
  std::string operator()(const task_complete& e) const {
    return "task_complete " + who(e) + (e.output_json.empty() ? "" : " " + e.output_json) + note(e.message);
  }
  std::string operator()(const task_error& e) const {
    return "task_error " + who(e) + " #" + std::to_string(e.attempt) + " " + e.error_type + ": " + e.error_message +
           (e.charged ? "" : ", not charged") + (e.final ? ", final" : "");
  }
  std::string operator()(const task_retry_scheduled& e) const {
    return "task_retry_scheduled " + e.task.value + " " + at(e.retry_at);
  }
  std::string operator()(const task_retry_due& e) const { return "task_retry_due " + e.task.value; }
  std::string operator()(const task_blocked& e) const {
    return "task_blocked " + who(e) + " until " + at(e.until) + (e.blocking ? " blocking" : "") + note(e.reason);
  }
  std::string operator()(const task_unblocked& e) const { return "task_unblocked " + e.task.value + note(e.reason); }
  std::string operator()(const task_skipped& e) const { return "task_skipped " + e.task.value + note(e.note); }
  std::string operator()(const task_reassigned& e) const {
    return "task_reassigned " + e.task.value + " to agent '" + e.agent.value + "', role '" + e.role + "'";
  }
  std::string operator()(const task_escalated& e) const {
    return "task_escalated " + e.task.value + " " + std::to_string(e.level) + (e.to.empty() ? "" : " to " + e.to) +
           note(e.reason);
  }
  std::string operator()(const lease_expired& e) const { return "lease_expired " + who(e) + note(e.reason); }
  std::string operator()(const review_requested& e) const {
    return "review_requested " + e.task.value + " " + std::string(name_of(e.kind)) + note(e.reason);
  }
  std::string operator()(const review_resolved& e) const {
    return "review_resolved " + e.task.value + " " + std::string(name_of(e.action)) + note(e.note);
  }
  std::string operator()(const report_rejected_stale& e) const {
    return "report_rejected_stale " + who(e) + " " + e.lease_token + ": " + e.report;
  }
  std::string operator()(const execution_unstaffed& e) const {
    return "execution_unstaffed until " + at(e.escalate_at) + note(e.reason);
  }
  std::string operator()(const execution_staffed&) const { return "execution_staffed"; }
  std::string operator()(const execution_forked& e) const {
    return "execution_forked " + e.origin.value + "@" + std::to_string(e.origin_seq);
  }
  std::string operator()(const subtasks_added& e) const {
    std::string text = "subtasks_added " + who(e) + ":";
    for (const auto& part : e.parts->subtasks) {
      text += " " + part.definition.id.value;
      for (const auto& before : part.depends_on) text += "<" + before.value;
    }
    return text;
  }

 private:
  template <class Event>
  static std::string who(const Event& e) {
    return e.task.value + (e.agent.empty() ? " by a person" : " by " + e.agent.value);
  }
};

/// The lines, with those that only begin like the expected one replaced by it.
std::string comparable(const std::vector<execution_event>& events, const std::vector<std::string>& expected) {
  std::string text;
  for (std::size_t i = 0; i < events.size(); ++i) {
    auto line = to_string(events[i]);
    if (i < expected.size() && expected[i].ends_with('*') &&
        line.starts_with(expected[i].substr(0, expected[i].size() - 1)))
      line = expected[i];
    text += line + "\n";
  }
  return text;
}

}  // namespace

std::string to_string(const execution_event& event) {
  return std::visit(printer{}, event);
}

outcome run(execution_state& state, const execution_command& command, timestamp now,
            const std::function<void(const execution_state&)>& after_each) {
  auto decided = decide(state, command, now);
  outcome out{.events = {},
              .decided = decided.events.size(),
              .rejection = std::move(decided.rejection),
              .duplicate_of = decided.duplicate_of,
              .touched = {}};
  const auto apply = [&](execution_event event) {
    const auto before = state.status;
    evolve(state, event, {state.version + 1, now}, &out.touched);
    const auto after = state.status;
    INFO("after ", to_string(event));
    if (before != after) CHECK_MESSAGE(can_change(before, after), name_of(before), " -> ", name_of(after));
    out.events.push_back(std::move(event));
    if (after_each) after_each(state);
  };
  for (auto& event : decided.events) apply(std::move(event));
  if (!state.exists()) return out;
  int steps = 0;
  for (auto follows = settle(state); follows && steps <= most_settle_steps; follows = settle(state), ++steps)
    apply(std::move(*follows));
  CHECK_LE(steps, most_settle_steps);
  return out;
}

scenario::scenario(std::shared_ptr<const plan> plan, execution_options options) {
  must(create_execution{.source = std::move(plan), .options = options});
}

scenario scenario::started(std::shared_ptr<const plan> plan, execution_options options) {
  scenario s;
  s.must(create_execution{.source = std::move(plan), .options = options, .start = true});
  return s;
}

scenario& scenario::given(const std::vector<execution_event>& events) {
  for (const auto& event : events) evolve(state, event, {state.version + 1, now});
  return *this;
}

scenario& scenario::when(const execution_command& command) {
  last = run(state, command, now);
  return *this;
}

scenario& scenario::must(const execution_command& command) {
  when(command);
  REQUIRE_MESSAGE(!last.rejection, last.rejection->detail);
  return *this;
}

scenario& scenario::after(milliseconds span) {
  now += span;
  return *this;
}

scenario& scenario::then(const std::vector<std::string>& lines) {
  std::string expected;
  for (const auto& line : lines) expected += line + "\n";
  CHECK_EQ(comparable(last.events, lines), expected);
  return *this;
}

scenario& scenario::refused(rejection_code code) {
  REQUIRE(last.rejection);
  INFO(last.rejection->detail);
  CHECK_EQ(static_cast<int>(last.rejection->code), static_cast<int>(code));
  CHECK_FALSE(last.rejection->detail.empty());
  return then({});
}

scenario& scenario::duplicate_of(std::uint64_t seq) {
  CHECK_FALSE(last.rejection);
  REQUIRE(last.duplicate_of);
  CHECK_EQ(*last.duplicate_of, seq);
  return then({});
}

scenario& scenario::is(execution_status status) {
  CHECK_EQ(name_of(state.status), name_of(status));
  return *this;
}

scenario& scenario::task_is(const std::string& id, task_status status, leaf_stage stage) {
  INFO(id);
  CHECK_EQ(name_of(task(id).status), name_of(status));
  CHECK_EQ(static_cast<int>(task(id).stage), static_cast<int>(stage));
  return *this;
}

scenario& scenario::hand_out(const std::string& task, const std::string& agent, const std::string& token) {
  return must(assignment(task, agent, token.empty() ? "t" + std::to_string(next_token_++) : token));
}

scenario& scenario::complete(const std::string& task, const std::string& agent) {
  return must(complete_task{by(agent, task), "{}", {}});
}

report_header by(const std::string& agent, const std::string& task, const std::string& token) {
  return {{agent}, {task}, token};
}

resolve_review resolution(const std::string& task, review_action action, const std::string& note) {
  return {{task}, action, note, {}, {}, {}, {}};
}

}  // namespace planexe::tests
