// What a fork takes over, what it leaves behind, and that whatever life it is cut from, it can go on.
#include "domain/fork.hpp"

#include <doctest/doctest.h>

#include "domain/comparison.hpp"
#include "tests/domain/oracle.hpp"
#include "tests/domain/random_walk.hpp"
#include "tests/domain/scenario.hpp"

namespace planexe::tests {

using namespace domain;

namespace {

/// An execution's events as the log has them, and the state that they add up to.
struct life {
  execution_state state;
  std::vector<event_record> records;

  void add(const execution_event& event, timestamp at, const std::string& cause) {
    event_record record;
    record.stream = {stream_kind::execution, "e"};
    record.seq = records.size() + 1;
    record.metadata.recorded_at = at;
    record.metadata.causation_id = cause;
    record.payload = event;
    record.hash.fill(static_cast<std::uint8_t>(record.seq));
    evolve(state, event, {record.seq, at});
    records.push_back(std::move(record));
  }
  /// Decides, and keeps what came of it as one step.
  outcome play(const execution_command& command, timestamp at) {
    auto tried = state;
    auto out = run(tried, command, at);
    const auto cause = "command-" + std::to_string(++commands_);
    for (const auto& event : out.events) add(event, at, cause);
    return out;
  }
  /// The first `seq` events.
  life prefix(std::uint64_t seq) const {
    life made;
    for (std::uint64_t i = 0; i < seq; ++i)
      made.add(std::get<execution_event>(records[i].payload), records[i].metadata.recorded_at,
               records[i].metadata.causation_id);
    return made;
  }

 private:
  std::uint64_t commands_ = 0;
};

struct forked {
  life before;  ///< as it was taken over
  life after;   ///< with the fork's own events
  std::vector<execution_event> events;
  std::optional<rejection> refused;
};

forked fork_at(const life& origin, std::uint64_t seq, timestamp now, const fork_execution& wanted = {}) {
  forked made{.before = origin.prefix(seq), .after = origin.prefix(seq)};
  std::vector<event_record> beyond;
  for (auto next = seq; next < origin.records.size(); ++next) {
    if (!is_same_step(origin.records[next - 1], origin.records[next])) break;
    beyond.push_back(origin.records[next]);
  }
  auto decided = decide_fork(made.before.state, {{"e"}, &origin.records[seq - 1], beyond}, wanted, now);
  if (!decided) {
    made.refused = decided.error();
    return made;
  }
  for (auto& each : *decided) made.events.push_back(std::move(each.event));
  for (const auto& event : made.events) made.after.add(event, now, "fork");
  return made;
}

std::string lines_of(const std::vector<execution_event>& events) {
  std::string text;
  for (const auto& event : events) text += to_string(event) + "\n";
  return text;
}

task_index leaf(const life& of, const char* id) {
  return of.state.graph->find({id});
}
const task_state& task(const life& of, const char* id) {
  return of.state.tasks[leaf(of, id)];
}

/// Started at `epoch`, both ready; A is handed out a minute later, as token t1.
life with_a_held(execution_options options = {}) {
  life made;
  made.play(
      create_execution{
          .source = plan_builder{}.phase("P").task("A").task("B"), .options = std::move(options), .start = true},
      epoch);
  made.play(assign_task{leaf(made, "A"), {"ann"}, "t1", "free"}, epoch + seconds(60));
  return made;
}

constexpr auto day = hours(24);

}  // namespace

TEST_CASE("a fork is paused, nobody holds anything in it, and it can be resumed") {
  auto origin = with_a_held();
  origin.play(report_progress{by("ann", "A", "t1"), 40, {}}, epoch + seconds(70));
  const auto seq = origin.state.version;
  auto made = fork_at(origin, seq, epoch + day);
  REQUIRE(!made.refused);
  CHECK_EQ(lines_of(made.events), "execution_forked e@" + std::to_string(seq) + "\n");
  const auto& state = made.after.state;
  CHECK(state.status == execution_status::paused);
  CHECK(state.status_since == epoch + day);
  CHECK_EQ(state.status_message, "begun from 'e' as it was at " + std::to_string(seq));
  CHECK(state.held.empty());
  CHECK(task(made.after, "A").stage == leaf_stage::ready);
  CHECK_EQ(task(made.after, "A").attempt, 1);
  CHECK_EQ(task(made.after, "A").progress_percent, 0);
  CHECK_EQ(task(made.after, "A").charged, 0);
  CHECK(state.created_at == epoch + day);
  CHECK(state.started_at == epoch + seconds(60));
  REQUIRE(state.origin);
  CHECK_EQ(state.origin->execution.value, "e");
  CHECK_EQ(state.origin->seq, seq);
  CHECK_EQ(state.origin->attempts, 1);

  auto& fork = made.after;
  CHECK_FALSE(fork.play(resume_execution{}, epoch + day).rejection);
  CHECK(fork.state.status == execution_status::running);
  fork.play(assign_task{leaf(fork, "A"), {"bob"}, "t2", "free"}, epoch + day);
  CHECK_EQ(task(fork, "A").attempt, 2);
  // The holder of the origin's lease holds nothing here.
  CHECK(fork.play(complete_task{by("ann", "A", "t1"), "{}", {}}, epoch + day).rejection->code ==
        rejection_code::lease_lost);
  CHECK(origin.state.held.size() == 1);
}

TEST_CASE("a fork has as much of its timeout left as there was, or all of another one") {
  execution_options options;
  options.timeout = hours(10);
  const auto origin = with_a_held(options);
  const auto now = epoch + day;
  CHECK(*origin.state.deadline_at == epoch + hours(10));
  CHECK(*fork_at(origin, origin.state.version, now).after.state.deadline_at == now + hours(10) - seconds(60));
  options.timeout = hours(3);
  const auto other = fork_at(origin, origin.state.version, now, {.options = options});
  CHECK(*other.after.state.deadline_at == now + hours(3));
  CHECK(other.after.state.options.timeout == hours(3));
  CHECK(origin.state.options.timeout == hours(10));
}

TEST_CASE("whoever is waited for is waited for anew, and what has an end of its own has as much time left") {
  execution_options options;
  options.retry = {3, seconds(600)};
  options.escalation = hours(1);
  life origin;
  plan_builder plan;
  plan.phase("P").task("A").task("B").task("C").confidence(0.1).task("D");
  origin.play(create_execution{.source = plan, .options = options, .start = true}, epoch);
  origin.play(escalate_overdue{}, epoch + hours(2));
  origin.play(assign_task{leaf(origin, "A"), {"ann"}, "t1", "free"}, epoch + hours(3));
  origin.play(assign_task{leaf(origin, "B"), {"ann"}, "t2", "free"}, epoch + hours(3));
  origin.play(fail_task{by("ann", "A", "t1"), "io", "broke"}, epoch + hours(4));
  origin.play(block_task{by("ann", "B", "t2"), "rain", hours(5)}, epoch + hours(4) + seconds(100));
  CHECK_GT(origin.state.escalated, 0);
  REQUIRE(task(origin, "A").retry_at);
  const auto moment = epoch + hours(4) + seconds(100), now = epoch + 3 * day;
  const auto made = fork_at(origin, origin.state.version, now);
  CHECK(*task(made.after, "A").retry_at - now == *task(origin, "A").retry_at - moment);
  CHECK(task(made.after, "B").external->until == now + hours(5));
  CHECK(task(made.after, "C").review->since == now);
  CHECK(task(made.after, "D").since == now);
  CHECK_EQ(made.after.state.escalated, 0);
  CHECK_EQ(wrong_wait(made.after.state, now), "");
  auto fork = made.after;
  fork.play(resume_execution{}, now);
  CHECK(*escalation_due(fork.state, leaf(fork, "C")) == now + hours(1));
}

TEST_CASE("what was not begun stays so, what has failed can be retried, and what is over cannot be forked") {
  life origin;
  execution_options options;
  options.retry = {1, seconds(0)};
  options.review_threshold = 0;
  origin.play(create_execution{.source = plan_builder{}.phase("P").task("A"), .options = options}, epoch);
  const auto unborn = fork_at(origin, 1, epoch + day);
  CHECK(unborn.after.state.status == execution_status::created);
  CHECK_FALSE(unborn.after.state.deadline_at);

  origin.play(queue_execution{}, epoch);
  origin.play(assign_task{leaf(origin, "A"), {"ann"}, "t1", "free"}, epoch);
  origin.play(time_out_execution{}, epoch + 30 * day);
  REQUIRE(origin.state.status == execution_status::failed);
  auto failed = fork_at(origin, origin.state.version, epoch + 40 * day).after;
  CHECK(failed.state.status == execution_status::failed);
  CHECK_FALSE(failed.play(queue_execution{}, epoch + 41 * day).rejection);
  CHECK(failed.state.status == execution_status::queued);
  CHECK(*failed.state.deadline_at == epoch + 41 * day + options.timeout);

  origin.play(queue_execution{}, epoch + 31 * day);
  origin.play(assign_task{leaf(origin, "A"), {"ann"}, "t2", "free"}, epoch + 31 * day);
  origin.play(complete_task{by("ann", "A", "t2"), "{}", {}}, epoch + 31 * day);
  REQUIRE(origin.state.status == execution_status::completed);
  const auto over = fork_at(origin, origin.state.version, epoch + 40 * day);
  REQUIRE(over.refused);
  CHECK(over.refused->code == rejection_code::invalid_transition);
  CHECK(over.events.empty());
  auto nearly = fork_at(origin, origin.state.version - 1, epoch + 40 * day).after;
  CHECK(nearly.state.status == execution_status::paused);
  nearly.play(resume_execution{}, epoch + 40 * day);
  CHECK(nearly.state.status == execution_status::completed);
}

TEST_CASE("a moment within a step is no way around a person") {
  life origin;
  plan_builder plan;
  plan.phase("P").task("A").confidence(0.1).task("B").confidence(0.2).task("C");
  origin.play(create_execution{.source = plan, .start = true}, epoch);  // created, queued, two questions, blocked
  REQUIRE(std::holds_alternative<execution_queued>(std::get<execution_event>(origin.records[1].payload)));
  const auto made = fork_at(origin, 2, epoch + day);
  CHECK(task(made.before, "A").stage == leaf_stage::ready);
  CHECK(task(made.after, "A").stage == leaf_stage::reviewing);
  CHECK(task(made.after, "B").stage == leaf_stage::reviewing);
  CHECK(task(made.after, "C").stage == leaf_stage::ready);
  const auto one_asked = fork_at(origin, 3, epoch + day);
  CHECK(task(one_asked.after, "A").stage == leaf_stage::reviewing);
  CHECK(task(one_asked.after, "B").stage == leaf_stage::reviewing);
  CHECK_EQ(one_asked.events.size(), 2);

  origin.play(resolution("A", review_action::reject, "no"), epoch + hours(1));
  const auto decided = origin.state.version - 1;
  REQUIRE(std::holds_alternative<review_resolved>(std::get<execution_event>(origin.records[decided - 1].payload)));
  // In their words, as theirs.
  origin.records[decided].metadata.actor = "olga";
  const auto steps = decide_fork(origin.prefix(decided).state,
                                 {{"e"}, &origin.records[decided - 1], std::span(origin.records).subspan(decided, 1)},
                                 {}, epoch + day);
  REQUIRE_EQ(steps->size(), 2);
  CHECK_EQ(steps->front().said_by, "");
  CHECK_EQ(steps->back().said_by, "olga");
  origin.records[decided].metadata.actor.clear();
  const auto rejected = fork_at(origin, decided, epoch + day);
  CHECK(task(rejected.before, "A").stage == leaf_stage::ready);
  CHECK(task(rejected.after, "A").stage == leaf_stage::failed);
}

TEST_CASE("other options ask what they would have asked, and answer what they would not") {
  life origin;
  execution_options options;
  options.review_threshold = 0.5;
  plan_builder plan;
  plan.phase("P").task("A").confidence(0.4).task("B").confidence(0.8).task("C").confidence(0.8);
  origin.play(create_execution{.source = plan, .options = options, .start = true}, epoch);
  origin.play(assign_task{leaf(origin, "C"), {"ann"}, "t1", "free"}, epoch);
  auto strict = options, easy = options;
  strict.review_threshold = 0.9;
  easy.review_threshold = 0;
  const auto asked = fork_at(origin, origin.state.version, epoch + day, {.options = strict});
  CHECK(task(asked.after, "A").stage == leaf_stage::reviewing);
  CHECK(task(asked.after, "B").stage == leaf_stage::reviewing);
  CHECK(task(asked.after, "C").stage == leaf_stage::ready);  // it was handed out already
  const auto answered = fork_at(origin, origin.state.version, epoch + day, {.options = easy});
  CHECK(task(answered.after, "A").stage == leaf_stage::ready);
  // Within the step of the start they do not ask in the first place.
  const auto early = fork_at(origin, 2, epoch + day, {.options = easy});
  CHECK_EQ(early.events.size(), 1);

  auto other_order = options;
  other_order.sequencing = sequencing::dependencies;
  CHECK(fork_at(origin, 2, epoch, {.options = other_order}).refused->code == rejection_code::validation_failed);
  auto wrong = options;
  wrong.review_threshold = 7;
  CHECK_EQ(fork_at(origin, 2, epoch, {.options = wrong}).refused->errors.front().field, "options.review_threshold");
}

TEST_CASE("a fork has another agent, title, priority and reason where it is given them") {
  const auto origin = with_a_held();
  const fork_execution wanted{
      .title = "Again, with bob", .agent = agent_id{"bob"}, .priority = 7, .options = {}, .reason = "ann is slow"};
  const auto made = fork_at(origin, origin.state.version, epoch + day, wanted);
  const auto& state = made.after.state;
  CHECK_EQ(state.title, "Again, with bob");
  CHECK_EQ(state.agent.value, "bob");
  CHECK_EQ(state.priority, 7);
  CHECK_EQ(state.status_message, "ann is slow");
  CHECK_EQ(fork_at(origin, origin.state.version, epoch).after.state.title, origin.state.title);
  const auto freed = fork_at(made.after, made.after.records.size(), epoch + day, {.agent = agent_id{}});
  CHECK(freed.after.state.agent.empty());
}

TEST_CASE("nobody worked between the moment and the fork, and no figure says so") {
  execution_options options;
  auto origin = with_a_held(options);
  origin.play(complete_task{by("ann", "A", "t1"), "1", {}}, epoch + seconds(60) + hours(2));
  origin.play(assign_task{leaf(origin, "B"), {"ann"}, "t2", "free"}, epoch + seconds(60) + hours(2));
  const auto moment = epoch + seconds(60) + hours(2), now = epoch + 30 * day;
  auto fork = fork_at(origin, origin.state.version, now).after;
  CHECK(lived_between(fork.state, moment - hours(1), now + hours(1)) == hours(2));
  CHECK(lived_between(fork.state, moment + hours(5), now + hours(1)) == hours(1));
  CHECK(after_living(fork.state, moment - hours(1), hours(2)) == now + hours(1));
  CHECK(after_living(fork.state, now, hours(2)) == now + hours(2));
  fork.play(resume_execution{}, now);
  fork.play(assign_task{leaf(fork, "B"), {"bob"}, "t3", "free"}, now + hours(1));
  fork.play(complete_task{by("bob", "B", "t3"), "2", {}}, now + hours(3));
  REQUIRE(fork.state.status == execution_status::completed);
  const auto report = report_of(fork.state, now + 2 * day);
  CHECK(report.totals.elapsed_days * 24 == doctest::Approx(5));
  CHECK(*report.tasks[fork.state.graph->place(leaf(fork, "A"))].actual_days * 24 == doctest::Approx(2));
  CHECK(*report.tasks[fork.state.graph->place(leaf(fork, "B"))].actual_days * 24 == doctest::Approx(3));
  CHECK(is_inherited(fork.state, leaf(fork, "A")));
  CHECK_FALSE(is_inherited(fork.state, leaf(fork, "B")));
  CHECK_FALSE(is_inherited(origin.state, leaf(origin, "A")));
  CHECK_EQ(fork.state.origin->leaves_complete, 1);
}

TEST_CASE("two executions are held against each other task by task") {
  auto origin = with_a_held();
  const auto seq = origin.state.version;
  origin.play(complete_task{by("ann", "A", "t1"), R"({"n":1})", {}}, epoch + hours(1));
  auto fork = fork_at(origin, seq, epoch + day).after;
  fork.play(resume_execution{}, epoch + day);
  fork.play(assign_task{leaf(fork, "A"), {"bob"}, "t2", "free"}, epoch + day);
  fork.play(complete_task{by("bob", "A", "t2"), R"({"n":2})", {}}, epoch + day + hours(1));
  auto parts = std::make_shared<decomposition>();
  parts->subtasks.push_back({.definition = {.id = {"B.1"}, .title = "half"}});
  resolve_review apart{.task = {"B"}, .action = review_action::decompose};
  apart.parts = parts;
  CHECK_FALSE(fork.play(apart, epoch + day + hours(1)).rejection);

  const auto made = compare(origin.state, epoch + day, fork.state, epoch + 2 * day);
  REQUIRE_EQ(made.tasks.size(), 3);
  const auto& a = made.tasks[0];
  CHECK_EQ(a.id.value, "A");
  CHECK_FALSE(a.status_differs);
  CHECK(a.agent_differs);
  CHECK(a.attempts_differ);
  CHECK(a.output_differs);
  CHECK_EQ(a.here->agent.value, "ann");
  CHECK_EQ(a.there->agent.value, "bob");
  CHECK_EQ(made.tasks[1].id.value, "B");
  CHECK(made.tasks[1].is_same());
  CHECK_EQ(made.tasks[2].id.value, "B.1");
  CHECK_FALSE(made.tasks[2].here);
  CHECK_EQ(made.same, 1);
  CHECK_EQ(made.here.attempts, 1);
  CHECK_EQ(made.there.attempts, 2);
  CHECK_EQ(shared_events({"e"}, origin.state, {"f"}, fork.state), seq);
  CHECK_EQ(shared_events({"f"}, fork.state, {"e"}, origin.state), seq);
  CHECK_EQ(shared_events({"f"}, fork.state, {"g"}, fork.state), seq);
  CHECK_EQ(shared_events({"x"}, origin.state, {"y"}, origin.state), 0);
  CHECK_EQ(compare(origin.state, epoch, origin.state, epoch).same, 2);
}

TEST_CASE("whatever life a fork is cut from and wherever, its invariants hold, it replays, and it can go on") {
  std::array<std::size_t, execution_status_count> begun_as{};
  std::size_t refused = 0, released = 0, asked = 0;
  for (std::uint64_t seed = 1; seed <= walks(600); ++seed) {
    INFO("seed ", seed);
    dice roll{seed};
    command_source source{roll};
    life origin;
    auto now = epoch;
    const auto pass_time = [&] { now += roll.chance(5) ? hours(30) : seconds(roll.below(400)); };
    const auto walk = [&](life& of, int steps) {
      for (int i = 0; i < steps; ++i) {
        pass_time();
        of.play(source.draw(of.state), now);
        REQUIRE_EQ(wrong_counter(of.state), "");
        REQUIRE_EQ(wrong_status(of.state), "");
        REQUIRE_EQ(wrong_wait(of.state, now), "");
      }
    };
    origin.play(
        create_execution{.source = random_plan(roll, 12), .options = random_options(roll), .start = roll.chance(90)},
        now);
    walk(origin, 60);
    if (roll.chance(70)) now += hours(roll.below(200));
    fork_execution wanted;
    if (roll.chance(30)) wanted.agent = agent_id{roll.chance(50) ? "ann" : ""};
    if (roll.chance(30)) wanted.priority = static_cast<std::int32_t>(roll.below(4));
    if (roll.chance(30)) {
      wanted.options = random_options(roll);
      wanted.options->sequencing = origin.state.options.sequencing;
    }
    auto made = fork_at(origin, 1 + roll.below(origin.records.size()), now, wanted);
    if (made.refused) {
      REQUIRE(is_final(made.before.state.status));
      ++refused;
      continue;
    }
    auto& fork = made.after;
    const auto &was = made.before.state, &is = fork.state;
    ++begun_as[static_cast<std::size_t>(is.status)];
    released += was.held.size();
    asked += made.events.size() - 1;
    REQUIRE(is.held.empty());
    REQUIRE_EQ(is.escalated, 0);
    REQUIRE_EQ(wrong_counter(is), "");
    REQUIRE_EQ(wrong_status(is), "");
    REQUIRE_EQ(wrong_wait(is, now), "");
    REQUIRE_EQ(is.in(leaf_stage::done), was.in(leaf_stage::done));
    REQUIRE_EQ(difference(fork.prefix(fork.records.size()).state, is), "");
    REQUIRE_EQ(difference(fork.prefix(made.before.records.size()).state, was), "");
    for (const auto each : is.graph->leaves())
      if (const auto due = deadline_of(is, each); due && is.tasks[each].stage != leaf_stage::reviewing)
        REQUIRE(*due - now >= *deadline_of(was, each) - was.updated_at);
    const auto resumed = fork.play(queue_execution{.confirm_warnings = true}, now);
    REQUIRE_MESSAGE(!resumed.rejection, resumed.rejection->detail);
    REQUIRE(is.status != execution_status::paused);
    walk(fork, 60);
    REQUIRE_EQ(difference(fork.prefix(fork.records.size()).state, is), "");
    // A fork can be forked.
    const auto again = fork_at(fork, 1 + roll.below(fork.records.size()), now + hours(1));
    if (!again.refused) REQUIRE_EQ(wrong_wait(again.after.state, now + hours(1)), "");
  }
  // Lives that all ended alike would prove little.
  CHECK_GT(begun_as[static_cast<std::size_t>(execution_status::paused)], 100);
  CHECK_GT(begun_as[static_cast<std::size_t>(execution_status::created)], 5);
  CHECK_GT(begun_as[static_cast<std::size_t>(execution_status::failed)], 2);
  CHECK_GT(refused, 5);
  CHECK_GT(released, 100);
  CHECK_GT(asked, 50);
}

}  // namespace planexe::tests
