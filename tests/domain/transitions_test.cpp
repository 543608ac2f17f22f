// The contract's table of transitions, and what every command comes to in every state.
#include <doctest/doctest.h>

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "tests/domain/oracle.hpp"
#include "tests/domain/scenario.hpp"

namespace planexe::tests {

using namespace domain;
using enum execution_status;

namespace {

constexpr std::array all_statuses{created, queued, running, blocked, paused, completed, failed, cancelled};

// Written down a second time, from the contract's page.
const std::map<execution_status, std::vector<execution_status>> contract_table = {
    {created, {queued, cancelled}},
    {queued, {running, blocked, paused, cancelled}},
    {running, {blocked, paused, completed, failed, cancelled}},
    {blocked, {queued, running, paused, completed, failed, cancelled}},
    {paused, {queued, running, cancelled}},
    {failed, {queued, cancelled}},
    {completed, {}},
    {cancelled, {}}};

std::shared_ptr<const decomposition> two_parts() {
  auto parts = std::make_shared<decomposition>();
  for (const char* id : {"A.1", "A.2"}) {
    new_subtask part;
    part.definition.id = {id};
    part.definition.title = id;
    parts->subtasks.push_back(std::move(part));
  }
  return parts;
}

resolve_review in_two(const char* task) {
  auto c = resolution(task, review_action::decompose);
  c.parts = two_parts();
  return c;
}

/// An execution in `status`, brought there by commands. B waits for A. A is held by bob under t1 in RUNNING and PAUSED
/// and was so before BLOCKED, FAILED and CANCELLED; it is free in CREATED and QUEUED.
scenario in_status(execution_status status) {
  const auto plan = plan_builder{}.phase("P").task("A").task("B").after("B", "A").build();
  if (status == created) return scenario{plan};
  auto s = scenario::started(plan);
  if (status == queued) return s;
  s.hand_out("A", "bob", "t1");
  switch (status) {
    case blocked:
      s.when(block_task{by("bob", "A"), "a delivery", {}, false});
      break;
    case paused:
      s.when(pause_execution{"lunch"});
      break;
    case completed:
      s.complete("A", "bob").hand_out("B", "bob", "t2").complete("B", "bob");
      break;
    case failed:
      s.after(hours(168)).when(time_out_execution{});
      break;
    case cancelled:
      s.when(cancel_execution{"enough"});
      break;
    default:
      break;
  }
  return s;
}

struct row {
  const char* name;
  std::function<execution_command(const scenario&)> command;
  /// CREATED QUEUED RUNNING BLOCKED PAUSED COMPLETED FAILED CANCELLED, each one of
  ///   .  accepted, nothing happens        +  accepted, same status        a status: accepted, ends there
  ///   !  invalid_transition   H  task_not_held   X  already_exists   L  lease_lost, with the stale report on record
  std::array<const char*, 8> cells;
};

template <class Command>
auto always(Command command) {
  return [command](const scenario&) -> execution_command { return command; };
}

std::vector<row> steering_rows() {
  return {
      {"create",
       [](const scenario& s) -> execution_command { return create_execution{.source = s.state.graph->shared_plan()}; },
       {"X", "X", "X", "X", "X", "X", "X", "X"}},
      {"queue", always(queue_execution{}), {"QUEUED", ".", "!", "!", "RUNNING", "!", "QUEUED", "!"}},
      {"pause", always(pause_execution{"p"}), {"!", "PAUSED", "PAUSED", "PAUSED", ".", "!", "!", "!"}},
      {"pause by the switch",
       always(pause_execution{"p", true}),
       {".", "PAUSED", "PAUSED", "PAUSED", ".", ".", ".", "."}},
      {"resume", always(resume_execution{}), {"!", "!", ".", "!", "RUNNING", "!", "!", "!"}},
      {"resume by the switch", always(resume_execution{true}), {".", ".", ".", ".", ".", ".", ".", "."}},
      {"cancel",
       always(cancel_execution{"c"}),
       {"CANCELLED", "CANCELLED", "CANCELLED", "CANCELLED", "CANCELLED", "!", "CANCELLED", "."}},
      {"reprioritize", always(steer_execution{{}, 5}), {"+", "+", "+", "+", "+", "!", "+", "!"}},
      {"same priority", always(steer_execution{{}, 0}), {".", ".", ".", ".", ".", "!", ".", "!"}},
      {"deadline", always(time_out_execution{}), {".", "FAILED", "FAILED", "FAILED", ".", ".", ".", "."}},
  };
}

std::vector<row> work_rows() {
  const auto bob = by("bob", "A", "t1");
  return {
      {"assign",
       [](const scenario& s) -> execution_command { return s.assignment("A", "ann", "t9"); },
       {"!", "RUNNING", "H", "!", "!", "!", "!", "!"}},
      {"start", always(start_task{bob, {}}), {"L", "L", "+", "L", "+", "L", "L", "L"}},
      {"progress", always(report_progress{bob, 50, {}}), {"L", "L", "+", "L", "+", "L", "L", "L"}},
      {"propose subtasks", always(propose_subtasks{bob, two_parts()}), {"L", "L", "+", "L", "+", "L", "L", "L"}},
      {"heartbeat", always(heartbeat{bob, 50, {}}), {"L", "L", "+", "L", "+", "L", "L", "L"}},
      {"silent heartbeat", always(heartbeat{bob, {}, {}}), {"L", "L", ".", "L", ".", "L", "L", "L"}},
      {"complete", always(complete_task{bob, "{}", {}}), {"L", "L", "+", "L", "+", ".", "L", "L"}},
      {"fail", always(fail_task{bob, "io", "broke", true, false}), {"L", "L", "+", "L", "+", "L", "L", "L"}},
      {"fail for good",
       always(fail_task{bob, "io", "broke", false, false}),
       {"L", "L", "BLOCKED", "L", "+", "L", "L", "L"}},
      {"block", always(block_task{bob, "rain", {}, false}), {"L", "L", "BLOCKED", "L", "+", "L", "L", "L"}},
      {"unblock", always(unblock_task{bob, "here"}), {"H", "H", "H", "RUNNING", "H", "H", "H", "H"}},
      {"release",
       [](const scenario& s) -> execution_command {
         return release_task{s.index("A"), "t1", "silent"};
       },
       {".", ".", "+", ".", "+", ".", ".", "."}},
      {"wake",
       [](const scenario& s) -> execution_command { return wake_retry{s.index("A")}; },
       {".", ".", ".", ".", ".", ".", ".", "."}},
      {"attempt timeout",
       [](const scenario& s) -> execution_command {
         return time_out_attempt{s.index("A"), "t1"};
       },
       {".", ".", "+", ".", "+", ".", ".", "."}},
      {"escalate",
       [](const scenario& s) -> execution_command { return escalate_wait{s.index("A")}; },
       {".", ".", ".", "+", ".", ".", ".", "."}},
      {"escalate overdue", always(escalate_overdue{}), {".", "+", ".", ".", ".", ".", ".", "."}},
      {"nobody is there", always(note_staffing{false, "nobody can"}), {".", ".", ".", ".", ".", ".", ".", "."}},
      {"somebody is there", always(note_staffing{true, {}}), {".", ".", ".", ".", ".", ".", ".", "."}},
  };
}

std::vector<row> people_rows() {
  using enum review_action;
  return {
      {"approve", always(resolution("A", approve)), {"!", "!", "!", "!", "!", "!", "!", "!"}},
      {"reject", always(resolution("A", reject)), {"!", "!", "!", "!", "!", "!", "!", "!"}},
      {"retry", always(resolution("A", retry)), {"!", "!", "!", "!", "!", "!", "!", "!"}},
      {"skip", always(resolution("A", skip)), {"+", "+", "+", "RUNNING", "+", "!", "!", "!"}},
      {"complete by hand", always(resolution("A", complete)), {"+", "+", "+", "RUNNING", "+", "!", "!", "!"}},
      {"unblock by hand", always(resolution("A", unblock)), {"!", "!", "!", "RUNNING", "!", "!", "!", "!"}},
      {"choose", always(resolution("A", choose)), {"!", "!", "!", "!", "!", "!", "!", "!"}},
      {"reassign", always(resolution("A", reassign)), {"+", "+", "+", "+", "+", "!", "!", "!"}},
      {"decompose", always(in_two("A")), {"+", "+", "+", "RUNNING", "+", "!", "!", "!"}},
  };
}

void check_accepted(const scenario& s, execution_status before, const std::string& cell) {
  REQUIRE_MESSAGE(!s.last.rejection, s.last.rejection->detail);
  CHECK_EQ(s.last.events.empty(), cell == ".");
  CHECK_EQ(name_of(s.state.status), cell == "." || cell == "+" ? name_of(before) : std::string_view(cell));
}

void check_refused(const scenario& s, const execution_state& before, const std::string& cell) {
  const std::map<std::string, rejection_code> codes{{"!", rejection_code::invalid_transition},
                                                    {"H", rejection_code::task_not_held},
                                                    {"X", rejection_code::already_exists},
                                                    {"L", rejection_code::lease_lost}};
  REQUIRE(s.last.rejection);
  CHECK_EQ(static_cast<int>(s.last.rejection->code), static_cast<int>(codes.at(cell)));
  CHECK_FALSE(s.last.rejection->detail.empty());
  if (cell != "L") {
    CHECK_EQ(difference(before, s.state), "");
    return;
  }
  // On the record, and nothing but the record of it has changed.
  REQUIRE_EQ(s.last.events.size(), 1);
  CHECK(std::holds_alternative<report_rejected_stale>(s.last.events[0]));
  auto after = s.state;
  after.version = before.version;
  after.updated_at = before.updated_at;
  for (std::size_t i = 0; i < after.tasks.size(); ++i) after.tasks[i].stale_token = before.tasks[i].stale_token;
  CHECK_EQ(difference(before, after), "");
}

void check_rows(const std::vector<row>& rows) {
  for (const auto& [name, command, cells] : rows)
    for (std::size_t i = 0; i < all_statuses.size(); ++i) {
      auto s = in_status(all_statuses[i]);
      const std::string cell = cells[i];
      CAPTURE(name);
      CAPTURE(name_of(all_statuses[i]));
      REQUIRE_EQ(name_of(s.state.status), name_of(all_statuses[i]));
      s.after(hours(200));  // every timer is due
      const auto before = s.state;
      s.when(command(s));
      if (std::string{"!HXL"}.find(cell) == std::string::npos)
        check_accepted(s, all_statuses[i], cell);
      else
        check_refused(s, before, cell);
      CHECK_EQ(wrong_counter(s.state), "");
    }
}

}  // namespace

TEST_CASE("the table of transitions is the contract's") {
  for (const auto from : all_statuses) {
    const auto& expected = contract_table.at(from);
    const auto next = successors_of(from);
    CHECK(std::equal(next.begin(), next.end(), expected.begin(), expected.end()));
    CHECK_EQ(is_final(from), expected.empty());
    for (const auto to : all_statuses) {
      CAPTURE(name_of(from));
      CAPTURE(name_of(to));
      CHECK_EQ(can_change(from, to), std::count(expected.begin(), expected.end(), to) == 1);
    }
  }
}

TEST_CASE("every steering command in every state") {
  check_rows(steering_rows());
}

TEST_CASE("every report and timer in every state") {
  check_rows(work_rows());
}

TEST_CASE("every decision of a person in every state") {
  check_rows(people_rows());
}

// A new command has to be given a row above.
static_assert(std::variant_size_v<execution_command> == 23);

TEST_CASE("the rows leave no command out and no state") {
  std::set<std::size_t> seen;
  const auto s = in_status(running);
  for (const auto& rows : {steering_rows(), work_rows(), people_rows()})
    for (const auto& each : rows) seen.insert(each.command(s).index());
  CHECK_EQ(seen.size(), std::variant_size_v<execution_command>);
  CHECK_EQ(all_statuses.size(), contract_table.size());
  for (std::size_t i = 0; i < all_statuses.size(); ++i) CHECK_EQ(static_cast<std::size_t>(all_statuses[i]), i);
}

TEST_CASE("a change of state together with a priority is the same change in every state") {
  for (const auto status : all_statuses)
    for (const auto& change : std::vector<decltype(steer_execution::change)>{
             queue_execution{}, pause_execution{"p"}, resume_execution{}, cancel_execution{"c"}}) {
      CAPTURE(name_of(status));
      CAPTURE(change->index());
      auto alone = in_status(status), steered = alone, both = alone;
      std::visit([&](const auto& c) { alone.when(c); }, *change);
      steered.when(steer_execution{change, {}});
      CHECK_EQ(difference(alone.state, steered.state), "");
      CHECK_EQ(alone.last.rejection.has_value(), steered.last.rejection.has_value());
      both.when(steer_execution{change, 7});
      CHECK_EQ(name_of(both.state.status), name_of(alone.state.status));
      // All of it or nothing; of what is over not even the priority changes.
      const bool over = is_final(status);
      CHECK_EQ(both.last.rejection.has_value(), alone.last.rejection.has_value() || over);
      CHECK_EQ(both.state.priority, both.last.rejection ? 0 : 7);
    }
}

TEST_CASE("what the switch has paused goes on with it and a person can let it go on before") {
  for (const auto status : {queued, running, blocked}) {
    CAPTURE(name_of(status));
    auto s = in_status(status);
    const auto before = s.state;
    s.when(pause_execution{"fire", true}).is(paused);
    CHECK(s.state.paused_by_switch);
    CHECK_EQ(s.state.status_message, "fire");
    auto person = s;
    s.when(resume_execution{true}).is(status);
    CHECK_FALSE(s.state.paused_by_switch);
    CHECK_EQ(name_of(s.task("A").status), name_of(before.tasks[s.index("A")].status));
    person.when(resume_execution{}).is(status);
    CHECK_FALSE(person.state.paused_by_switch);
    person.when(resume_execution{true}).then({});
  }
}

TEST_CASE("a person's pause under the switch outlives it") {
  auto s = in_status(running);
  s.when(pause_execution{"lunch"}).when(pause_execution{"fire", true}).then({});
  s.when(resume_execution{true}).then({}).is(paused);
  s.when(resume_execution{}).is(running);
}

TEST_CASE("an execution that the switch has paused can be cancelled and its reports still count") {
  auto s = in_status(running);
  s.when(pause_execution{"fire", true}).complete("A", "bob").is(paused);
  CHECK_EQ(name_of(s.task("A").status), "COMPLETE");
  CHECK(s.state.paused_by_switch);  // a report does not make it a person's pause
  auto cancelled_too = s;
  cancelled_too.when(cancel_execution{"enough"}).is(cancelled);
  CHECK_FALSE(cancelled_too.state.paused_by_switch);
  cancelled_too.when(resume_execution{true}).then({}).is(cancelled);
  s.when(resume_execution{true}).then({"execution_resumed RUNNING"});
}

TEST_CASE("the switch has nothing to pause in a failed execution and holds back one that is retried") {
  auto s = in_status(failed);
  s.when(pause_execution{"fire", true}).then({}).is(failed);
  s.when(queue_execution{}).is(queued);
  s.when(pause_execution{"fire", true}).is(paused);
  s.when(resume_execution{true}).is(queued);
}

TEST_CASE("nothing is escalated while the switch is thrown and what was due is told at its end") {
  auto s = in_status(queued);
  s.after(hours(23)).when(pause_execution{"fire", true});
  s.after(hours(5)).when(escalate_overdue{}).then({});
  CHECK_FALSE(escalation_due(s.state, s.index("A")));
  s.when(resume_execution{true}).when(escalate_overdue{});
  s.then({"task_escalated A 1*"});
}

TEST_CASE("tasks are handed out in QUEUED and RUNNING only") {
  for (const auto status : all_statuses)
    CHECK_EQ(hands_out(in_status(status).state), status == queued || status == running);
}

TEST_CASE("before it is created, an execution takes nothing but its creation") {
  scenario s;
  s.when(queue_execution{}).refused(rejection_code::not_found);
  s.when(resolution("A", review_action::skip)).refused(rejection_code::not_found);
  s.when(complete_task{by("bob", "A"), {}, {}}).refused(rejection_code::not_found);
  CHECK_FALSE(s.state.exists());
}

TEST_CASE("every name reads back, and others do not") {
  for (const auto status : all_statuses) CHECK(execution_status_named(name_of(status)) == status);
  for (const auto order : {sequencing::phased, sequencing::plan, sequencing::dependencies})
    CHECK(sequencing_named(name_of(order)) == order);
  using enum review_action;
  for (const auto action : {approve, reject, retry, skip, complete, unblock, choose, reassign, decompose})
    CHECK(review_action_named(name_of(action)) == action);
  CHECK_FALSE(execution_status_named("running"));
  CHECK_FALSE(execution_status_named(""));
  CHECK_FALSE(sequencing_named("Phased"));
  CHECK_FALSE(review_action_named("nothing"));
  CHECK_EQ(name_of(task_status::complete), "COMPLETE");
  CHECK_EQ(name_of(task_level::subtask), "subtask");
  CHECK_EQ(name_of(review_kind::escalated), "escalated");
}

}  // namespace planexe::tests
