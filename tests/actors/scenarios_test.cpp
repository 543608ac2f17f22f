// The contract's four error scenarios at their real lengths, on a clock that a test moves: what is recorded, what each
// task waits for and what wakes it, who is told, and that a crash in the middle of any wait changes nothing of it.
#include <doctest/doctest.h>

#include "domain/execution_status.hpp"
#include "domain/explain.hpp"
#include "eventstore/codec.hpp"
#include "projections/replay.hpp"
#include "tests/actors/auditor.hpp"
#include "tests/domain/plan_builder.hpp"

namespace planexe::tests {

using namespace domain;

namespace {

const auto patience = actors::runtime_settings{}.agent_timeout;
constexpr milliseconds little{1'000};  // until something that may be a moment late has happened

/// An event in a few words: its type, its task, and what matters to somebody who waits.
struct in_words {
  std::string operator()(const task_assigned& e) const {
    return " " + e.task.value + " to " + e.agent.value + " #" + std::to_string(e.attempt);
  }
  std::string operator()(const task_error& e) const { return " " + e.task.value + " " + e.error_type; }
  std::string operator()(const review_requested& e) const {
    return " " + e.task.value + " " + std::string(name_of(e.kind));
  }
  std::string operator()(const task_escalated& e) const {
    return " " + e.task.value + " " + std::to_string(e.level) + " to " + (e.to.empty() ? "the owner" : e.to);
  }
  template <class Event>
  std::string operator()(const Event& e) const {
    if constexpr (requires { e.task; })
      return " " + e.task.value;
    else
      return {};
  }
};

struct story {
  explicit story(std::shared_ptr<const plan> plan, execution_options options = {}) {
    p->ask_agent("ann", able_to({"*"}));
    p->ask("e", create_execution{.source = std::move(plan), .options = std::move(options), .start = true});
    p->run();
    check();
  }

  /// The process dies with whatever it had in memory, and the next one finds the log. Nothing may come of that by
  /// itself.
  void crash() {
    p.reset();
    p = std::make_unique<process>(m, process_options{.settings = {}, .seed = ++lives});
    p->recover();
    p->run();
    REQUIRE(p->recovered());
    check();
  }
  /// Nobody is heard of for so long.
  void silence(milliseconds span) {
    p->wait(span);
    check();
  }
  /// So much time passes, in which ann is there and says so.
  void ann_is_there(milliseconds span) {
    constexpr milliseconds breath{1'200'000};
    for (; span > milliseconds{0}; span -= std::min(span, breath)) {
      p->env().presence.renew({"ann"}, m.clock.now());
      p->wait(std::min(span, breath));
    }
    check();
  }
  work_item take() {
    const auto polled = p->poll("ann");
    p->run();
    check();
    return polled->task();
  }
  void report(execution_command command) {
    const auto told = p->ask("e", std::move(command), {.actor = "agent:ann"});
    p->run();
    CHECK(told->accepted());
    check();
  }
  void decide(resolve_review decision) {
    const auto told = p->ask("e", std::move(decision));
    p->run();
    CHECK(told->accepted());
    check();
  }

  /// Exactly these were recorded since the last look.
  void recorded(const std::vector<std::string>& expected) {
    std::string words, lines;
    for (const auto& line : expected) lines += line + "\n";
    const auto events = events_of(m, {stream_kind::execution, "e"});
    for (std::size_t i = seen; i < events.size(); ++i)
      words += std::string(eventstore::type_name(events[i].payload)) +
               std::visit(in_words{}, std::get<execution_event>(events[i].payload)) + "\n";
    seen = events.size();
    CHECK_EQ(words, lines);
  }
  /// The task waits for this, and so long from now it is looked at again, give or take what retries are spread by.
  void waits(const std::string& task, cause_kind kind, milliseconds wakes_in, milliseconds spread = {}) {
    const auto state = now_is();
    const auto chain = explain(state, state.graph->find({task}), m.clock.now()).chain;
    REQUIRE_EQ(chain.size(), 1);
    CHECK_EQ(name_of(chain[0].kind), name_of(kind));
    CHECK_FALSE(chain[0].detail.empty());
    REQUIRE(chain[0].wake_at);
    CHECK_GE((*chain[0].wake_at - m.clock.now()).count(), wakes_in.count());
    CHECK_LE((*chain[0].wake_at - m.clock.now()).count(), (wakes_in + spread).count());
  }
  execution_state now_is() const {
    const auto replayed = projections::replay_execution(m.disk, eventstore::memory_store{}, {"e"});
    REQUIRE(replayed);
    return replayed->state;
  }
  void is(execution_status status) { CHECK_EQ(name_of(now_is().status), name_of(status)); }

  void check() {
    audit.catch_up();
    audit.check_wake_ups(*p);
    audit.check_nothing_overdue(*p);
    CHECK_EQ(audit.problem(), "");
  }

  machine m;
  auditor audit{m};
  std::uint64_t lives = 1;
  std::unique_ptr<process> p = std::make_unique<process>(m);
  std::size_t seen = 0;
};

resolve_review decision(const std::string& task, review_action action) {
  return {.task = {task}, .action = action};
}

std::shared_ptr<const plan> one_task(double confidence = 1) {
  return plan_builder{}.phase("A").action("dig").confidence(confidence).build();
}

std::shared_ptr<const decomposition> in_two() {
  auto parts = std::make_shared<decomposition>();
  for (const char* id : {"A.1", "A.2"}) {
    new_subtask part;
    part.definition.id = {id};
    part.definition.title = id;
    part.definition.action = "dig";
    if (!parts->subtasks.empty()) part.depends_on.push_back(parts->subtasks.back().definition.id);
    parts->subtasks.push_back(std::move(part));
  }
  return parts;
}

}  // namespace

TEST_CASE("scenario 1: an agent falls silent for 1800 s and the execution goes on when it is back after days") {
  story s{one_task()};
  s.take();
  s.recorded({"execution_created", "execution_queued", "task_assigned A to ann #1", "execution_started"});

  s.silence(patience / 2);
  s.crash();  // of the silence before it nothing is known: ann gets her whole time again
  s.silence(patience - little);
  s.recorded({});
  s.silence(little);
  s.silence(2 * little);  // agents' ends of patience are looked at together
  s.recorded({"lease_expired A", "execution_unstaffed", "execution_blocked"});
  s.is(execution_status::blocked);
  CHECK_EQ(s.now_is().tasks[0].charged, 0);
  s.waits("A", cause_kind::agent, hours(24) - 3 * little, 3 * little);

  s.silence(hours(12));
  s.recorded({});
  s.crash();
  s.recorded({"execution_staffed", "execution_unblocked"});  // ann may be there again
  s.silence(patience + 2 * little);
  s.recorded({"execution_unstaffed", "execution_blocked"});
  s.silence(hours(24) - 3 * little);
  s.recorded({});
  s.silence(3 * little);
  s.recorded({"task_escalated A 1 to the owner"});
  s.waits("A", cause_kind::agent, hours(48) - 3 * little, 3 * little);  // told, and told again

  s.silence(hours(24));
  const auto a = s.take();
  s.recorded({"execution_staffed", "execution_unblocked", "task_assigned A to ann #2"});
  s.report(complete_task{report_on(a, "ann"), "{}", {}});
  s.recorded({"task_complete A", "execution_completed"});
}

TEST_CASE("scenario 2: an agent cannot take its task apart and a person does it by hand") {
  story s{one_task()};
  const auto a = s.take();
  s.seen = 4;
  s.report(fail_task{report_on(a, "ann"), "decomposition_failed", "too vague"});
  s.recorded({"task_error A decomposition_failed", "review_requested A requested", "execution_blocked"});
  s.waits("A", cause_kind::review, hours(24));

  s.ann_is_there(hours(12));
  s.crash();
  s.waits("A", cause_kind::review, hours(12));
  s.ann_is_there(hours(12) - little);
  s.recorded({});
  s.ann_is_there(little);
  s.recorded({"task_escalated A 1 to the owner"});
  s.waits("A", cause_kind::review, hours(48));

  s.ann_is_there(hours(3));
  auto by_hand = decision("A", review_action::decompose);
  by_hand.parts = in_two();
  s.decide(by_hand);
  s.recorded({"review_resolved A", "subtasks_added A", "execution_unblocked"});
  s.crash();
  for (const char* part : {"A.1", "A.2"}) {
    const auto work = s.take();
    CHECK_EQ(work.graph->task(work.task).id.value, part);
    s.report(complete_task{report_on(work, "ann"), "{}", {}});
  }
  s.recorded({"task_assigned A.1 to ann #1", "task_complete A.1", "task_assigned A.2 to ann #1", "task_complete A.2",
              "execution_completed"});
}

TEST_CASE("scenario 2: a leaf of too little confidence waits for approval and then goes on") {
  story s{one_task(0.69), {.ladder = {{hours(24), "lead"}, {hours(24), "sponsor"}}}};
  s.recorded({"execution_created", "execution_queued", "review_requested A approval", "execution_blocked"});
  s.waits("A", cause_kind::review, hours(24));
  s.silence(hours(23));
  s.crash();
  s.waits("A", cause_kind::review, hours(1));
  CHECK(s.p->poll("ann")->tasks().empty());
  s.silence(hours(1));
  s.recorded({"task_escalated A 1 to lead"});
  s.silence(hours(23));
  s.crash();
  s.silence(hours(1));
  s.recorded({"task_escalated A 2 to sponsor"});
  s.waits("A", cause_kind::review, hours(48));
  s.crash();
  s.decide(decision("A", review_action::approve));
  s.recorded({"review_resolved A", "execution_unblocked"});
  const auto a = s.take();
  s.report(complete_task{report_on(a, "ann"), "{}", {}});
  s.recorded({"task_assigned A to ann #1", "execution_started", "task_complete A", "execution_completed"});
}

TEST_CASE("scenario 3: three attempts of 24 h time out with 300 s and 600 s between them and then a person is asked") {
  story s{one_task()};
  s.take();
  s.seen = 4;
  constexpr auto day = hours(24);
  for (const milliseconds backoff : {seconds(300), seconds(600)}) {
    s.ann_is_there(day / 2);
    s.crash();  // its hours are not forgotten
    s.ann_is_there(day / 2 - little);
    s.recorded({});
    s.ann_is_there(little);
    s.recorded({"task_error A timeout", "task_retry_scheduled A"});
    s.waits("A", cause_kind::retry, backoff, backoff / 10);

    s.ann_is_there(backoff / 2);
    s.crash();
    s.waits("A", cause_kind::retry, backoff / 2, backoff / 10);
    s.ann_is_there(backoff / 2 - little);
    s.recorded({});
    s.ann_is_there(little + backoff / 10);
    s.recorded({"task_retry_due A"});
    s.waits("A", cause_kind::agent, hours(24) - backoff / 10 - little, backoff / 10 + little);
    const auto attempt = s.take().attempt;
    s.recorded({"task_assigned A to ann #" + std::to_string(attempt)});
    CHECK_EQ(s.now_is().tasks[0].charged, attempt - 1);
  }
  s.ann_is_there(day);
  s.recorded(
      {"task_error A timeout", "review_requested A failure", "task_escalated A 1 to the owner", "execution_blocked"});
  s.waits("A", cause_kind::review, hours(48));  // told at once, and again

  s.ann_is_there(day);
  s.crash();
  s.waits("A", cause_kind::review, hours(24));
  s.decide(decision("A", review_action::retry));
  s.recorded({"review_resolved A", "execution_unblocked"});
  const auto a = s.take();
  CHECK_EQ(a.attempt, 4);
  s.report(complete_task{report_on(a, "ann"), "{}", {}});
  s.recorded({"task_assigned A to ann #4", "task_complete A", "execution_completed"});
}

TEST_CASE("scenario 4: what waits for something outside is escalated after 48 h while other branches go on") {
  plan_builder plan;
  plan.phase("P").task("A").action("dig").task("B").action("dig").task("C").action("dig").after("C", "A");
  story s{plan.build()};
  const auto a = s.take();
  s.seen = 4;
  s.report(block_task{report_on(a, "ann"), "the permit", {}, false});
  s.recorded({"task_blocked A"});
  s.is(execution_status::running);
  s.waits("A", cause_kind::external, hours(48));
  CHECK_EQ(explain(s.now_is(), s.now_is().graph->find({"C"}), s.m.clock.now()).chain.back().detail, "the permit");

  const auto b = s.take();
  s.report(complete_task{report_on(b, "ann"), "{}", {}});
  s.recorded({"task_assigned B to ann #1", "task_complete B", "execution_blocked"});
  s.silence(hours(24));
  s.crash();
  s.waits("A", cause_kind::external, hours(24));
  s.silence(hours(24) - little);
  s.recorded({});
  s.silence(little);
  s.recorded({"review_requested A escalated", "task_escalated A 1 to the owner"});
  s.waits("A", cause_kind::review, hours(48));
  s.silence(hours(47));
  s.crash();
  s.silence(hours(1));
  s.recorded({"task_escalated A 2 to the owner"});

  s.crash();
  s.decide(decision("A", review_action::unblock));
  s.recorded({"task_unblocked A", "review_resolved A", "execution_unblocked"});
  const auto again = s.take();
  CHECK_EQ(again.attempt, 2);
  s.report(complete_task{report_on(again, "ann"), "{}", {}});
  const auto c = s.take();
  s.report(complete_task{report_on(c, "ann"), "{}", {}});
  s.recorded({"task_assigned A to ann #2", "task_complete A", "task_assigned C to ann #1", "task_complete C",
              "execution_completed"});
}

TEST_CASE("scenario 4: what was waited for comes in time and nobody is told") {
  story s{one_task()};
  const auto a = s.take();
  s.seen = 4;
  s.report(block_task{report_on(a, "ann"), "the permit", hours(6), false});
  s.recorded({"task_blocked A", "execution_blocked"});
  s.waits("A", cause_kind::external, hours(6));
  s.silence(hours(5));
  s.crash();
  s.report(unblock_task{report_on(a, "ann"), "it came"});
  s.recorded({"task_unblocked A", "execution_unblocked"});
  s.silence(hours(1));                                       // when it would have been escalated
  s.recorded({"execution_unstaffed", "execution_blocked"});  // but by now ann has said nothing for too long
  const auto again = s.take();
  s.report(complete_task{report_on(again, "ann"), "{}", {}});
  s.recorded({"execution_staffed", "execution_unblocked", "task_assigned A to ann #2", "task_complete A",
              "execution_completed"});
}

}  // namespace planexe::tests
