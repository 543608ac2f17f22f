// Agents and the matcher: who asks gets what there is, is told what changed, and loses nothing to a lost answer.
#include <doctest/doctest.h>

#include "tests/actors/process.hpp"
#include "tests/domain/plan_builder.hpp"

namespace planexe::tests {

using namespace domain;

namespace {

/// One phase of tasks side by side, all of the action `do`.
std::shared_ptr<const plan> tasks(const std::vector<std::string>& ids) {
  plan_builder builder;
  builder.phase("P");
  for (const auto& id : ids) builder.task(id).action("do");
  return builder.build();
}

/// A process with an execution `e` of those tasks.
struct office {
  office() = default;
  explicit office(std::shared_ptr<const plan> plan, execution_options options = {}) { start("e", plan, options); }

  void start(const std::string& id, std::shared_ptr<const plan> plan, execution_options options = {},
             std::int32_t priority = 0) {
    p.ask(id, create_execution{.source = std::move(plan), .priority = priority, .options = options, .start = true});
    p.run();
  }
  void hire(const std::string& agent, std::uint32_t max_concurrent = 1, std::vector<std::string> actions = {"*"}) {
    const auto told = p.ask_agent(agent, able_to(std::move(actions), max_concurrent));
    p.run();
    REQUIRE(told->accepted());
  }
  std::shared_ptr<polled> poll(const std::string& agent, poll_options options = {}) {
    auto polled = p.poll(agent, std::move(options));
    p.run();
    // Without a wait, what is not there is answered at the next look at the deadlines.
    p.wait(milliseconds{0});
    return polled;
  }
  /// What so many polls in a row bring.
  std::string one_by_one(const std::string& agent, int polls) {
    std::string text;
    for (int i = 0; i < polls; ++i) text += (i > 0 ? " " : "") + poll(agent)->tasks();
    return text;
  }
  told_of_execution report(const std::string& execution, execution_command command, const std::string& agent) {
    auto told = p.ask(execution, std::move(command), {.actor = "agent:" + agent});
    p.run();
    return told;
  }
  void complete(const work_item& work, const std::string& agent) {
    CHECK(report(work.execution.value, complete_task{report_on(work, agent), "{}", {}}, agent)->accepted());
  }
  void change(const std::string& agent, change_agent change) {
    const auto told = p.ask_agent(agent, std::move(change));
    p.run();
    REQUIRE(told->accepted());
  }

  machine m;
  process p{m};
};

const poll_options patient{.wait = seconds(60)};

}  // namespace

TEST_CASE("a poll that finds nothing is answered empty at once, or waits as long as it may") {
  office o;
  o.hire("ann");
  CHECK(o.poll("ann")->is_empty());
  const auto waits = o.poll("ann", patient);
  o.p.wait(seconds(59));
  CHECK_FALSE(waits->answer);
  o.p.wait(seconds(1));
  CHECK(waits->is_empty());
}

TEST_CASE("a poll that waits is served as soon as there is work") {
  office o;
  o.hire("ann");
  const auto waits = o.poll("ann", patient);
  o.start("later", tasks({"A"}));
  CHECK_EQ(waits->tasks(), "A#1");
}

TEST_CASE("an answer with work is given only when the assignment is durable") {
  office o{tasks({"A"})};
  o.hire("ann");
  const auto polled = o.p.poll("ann");
  o.p.run_without_commits();
  CHECK_FALSE(polled->answer);
  o.p.run();
  CHECK_EQ(polled->tasks(), "A#1");
}

TEST_CASE("an unknown agent's poll is refused, and nothing of it stays") {
  office o{tasks({"A"})};
  const auto polled = o.poll("nobody");
  REQUIRE(polled->answer);
  REQUIRE_FALSE(*polled->answer);
  CHECK_EQ(polled->answer->error().code, rejection_code::not_found);
}

TEST_CASE("an agent that holds all it may gets the same again, with the same token") {
  office o{tasks({"A", "B", "C"})};
  o.hire("ann", 2);
  const auto first = o.poll("ann", {.limit = 5});
  CHECK_EQ(first->tasks(), "A#1 B#1");
  const auto again = o.poll("ann", {.limit = 1});
  CHECK_EQ(again->tasks(), "A#1 B#1");
  CHECK_EQ(again->task().lease_token, first->task().lease_token);
  o.complete(first->task(0), "ann");
  CHECK_EQ(o.poll("ann")->tasks(), "C#1");
}

TEST_CASE("the same request id gets the same answer while the task is held") {
  office o{tasks({"A", "B", "C"})};
  o.hire("ann", 3);
  const auto first = o.poll("ann", {.request_id = "r1"});
  CHECK_EQ(o.poll("ann", {.request_id = "r1"})->tasks(), "A#1");
  CHECK_EQ(o.poll("ann", {.request_id = "r2"})->tasks(), "B#1");
  CHECK_EQ(o.poll("ann", {.request_id = "r1"})->tasks(), "A#1");
  o.complete(first->task(), "ann");
  CHECK_EQ(o.poll("ann", {.request_id = "r1"})->tasks(), "C#1");
}

TEST_CASE("polls beyond what an agent may hold wait for room") {
  office o;
  o.hire("ann");
  const auto first = o.poll("ann", patient), second = o.poll("ann", patient);
  o.start("later", tasks({"A", "B"}));
  CHECK_EQ(first->tasks(), "A#1");
  CHECK_EQ(second->tasks(), "A#1");
}

TEST_CASE("an agent is told at once of what is taken from it") {
  office o{tasks({"A"})};
  o.hire("ann", 2);
  o.poll("ann");
  const auto waits = o.poll("ann", patient);
  CHECK_FALSE(waits->answer);
  o.report("e", cancel_execution{"enough"}, "");
  REQUIRE(waits->answer);
  REQUIRE_EQ((*waits->answer)->revoked.size(), 1);
  CHECK_EQ((*waits->answer)->revoked.front().task.value, "A");
  CHECK_EQ((*waits->answer)->revoked.front().reason, "enough");
  CHECK((*waits->answer)->force_cancel);
  CHECK(o.poll("ann")->is_empty());
}

TEST_CASE("an agent's own report ends its hold without a revocation") {
  office o{tasks({"A"})};
  o.hire("ann");
  o.complete(o.poll("ann")->task(), "ann");
  CHECK(o.poll("ann")->is_empty());
}

TEST_CASE("holders are told of a pause until it ends") {
  office o{tasks({"A"})};
  o.hire("ann");
  o.poll("ann");
  o.report("e", pause_execution{}, "");
  const auto paused = o.poll("ann");
  CHECK_EQ(paused->tasks(), "A#1");
  CHECK((*paused->answer)->force_pause);
  o.report("e", resume_execution{}, "");
  CHECK_FALSE((*o.poll("ann")->answer)->force_pause);
}

TEST_CASE("a silent agent loses its leases uncharged, and another one gets the work") {
  office o{tasks({"A"})};
  o.p.env().settings.agent_timeout = seconds(1800);
  o.hire("ann");
  o.hire("bob");
  const auto lost = o.poll("ann");
  o.p.wait(seconds(1000));
  o.p.env().presence.seen({"ann"}, o.m.clock.now());
  o.p.wait(seconds(1000));
  const auto waits = o.poll("bob", {.wait = hours(1)});
  CHECK_FALSE(waits->answer);
  o.p.wait(seconds(800));
  CHECK_EQ(waits->tasks(), "A#2");
  CHECK_EQ(events_after(o.m, "e", 4), "lease_expired task_assigned");
  const auto late = o.report("e", complete_task{report_on(lost->task(), "ann"), "{}", {}}, "ann");
  CHECK(late->refused(rejection_code::lease_lost));
  const auto told = o.poll("ann");
  REQUIRE(told->answer);
  CHECK_EQ((*told->answer)->revoked.size(), 1);
}

TEST_CASE("a retired agent gives back what it holds and gets nothing more") {
  office o{tasks({"A", "B"})};
  o.hire("ann", 2);
  o.poll("ann");
  o.change("ann", {.standing = agent_standing::retired});
  CHECK_EQ(events_after(o.m, "e", 4), "lease_expired execution_unstaffed execution_blocked");
  const auto refused = o.poll("ann");
  REQUIRE(refused->answer);
  CHECK_FALSE(*refused->answer);
}

TEST_CASE("a poll that waits is not served once its agent is retired or paused") {
  office o;
  o.hire("ann");
  o.hire("bob");
  const auto retired = o.poll("ann", patient), paused = o.poll("bob", patient);
  o.change("ann", {.standing = agent_standing::retired});
  o.change("bob", {.standing = agent_standing::paused});
  REQUIRE(retired->answer);
  CHECK_FALSE(*retired->answer);
  REQUIRE(paused->answer);
  CHECK((*paused->answer)->force_pause);
  o.start("later", tasks({"A"}));
  CHECK_EQ(events_after(o.m, "later", 2), "");
}

TEST_CASE("a poll that waits goes by what its agent can do now") {
  office o;
  o.hire("ann", 1, {"cook"});
  const auto waits = o.poll("ann", patient);
  o.change("ann", {.capabilities = std::vector<capability>{{"do", {}}}});
  o.start("later", tasks({"A"}));
  CHECK_EQ(waits->tasks(), "A#1");
}

TEST_CASE("work that was on its way to an agent when it retired comes back") {
  office o{tasks({"A"})};
  o.hire("ann");
  o.hire("bob");
  const auto polled = o.p.poll("ann");
  o.p.run_without_commits();
  o.p.ask_agent("ann", change_agent{.standing = agent_standing::retired});
  o.p.run();
  REQUIRE(polled->answer);
  CHECK_FALSE(*polled->answer);
  CHECK_EQ(events_after(o.m, "e", 2), "task_assigned execution_started lease_expired");
  CHECK_EQ(o.poll("bob")->tasks(), "A#2");
}

TEST_CASE("work that comes too late for its poll is given to the next one, however much its agent may hold") {
  office o;
  o.hire("ann", 5);
  const auto waits = o.poll("ann", patient);
  o.p.ask("later", create_execution{.source = tasks({"A", "B"}), .start = true});
  o.p.run_without_commits();
  o.p.pass(seconds(60));
  o.p.run_without_commits();
  o.p.run();
  CHECK_EQ(events_after(o.m, "later", 2), "task_assigned execution_started");
  const auto served = waits->tasks().empty() ? o.poll("ann") : waits;
  CHECK_EQ(served->tasks(), "A#1");
  CHECK_EQ(o.poll("ann")->tasks(), "B#1");
}

TEST_CASE("an offer that is withdrawn after it was claimed keeps its task for the next poll") {
  office o;
  o.hire("ann", 5);
  const auto waits = o.poll("ann", patient);
  // Time passes for the agent before it hears that the matcher has found something.
  o.p.pass(seconds(60));
  o.p.ask("later", create_execution{.source = tasks({"A", "B"}), .start = true});
  o.p.run_only("timers");
  o.p.run_only("execution");
  o.p.run_only("matcher");
  o.p.run();
  CHECK(waits->is_empty());
  CHECK_EQ(o.poll("ann")->tasks(), "A#1");
  CHECK_EQ(o.poll("ann")->tasks(), "B#1");
}

TEST_CASE("after a restart an agent is told once of what it holds, for the answer may have been lost") {
  machine m;
  auto p = std::make_unique<process>(m);
  p->ask("e", create_execution{.source = tasks({"A", "B"}), .start = true});
  p->ask_agent("ann", able_to({"*"}, 5));
  p->run();
  p->poll("ann");
  p->run();
  p.reset();
  p = std::make_unique<process>(m, process_options{.settings = {}, .seed = 2});
  p->recover();
  p->run();
  const auto first = p->poll("ann"), second = p->poll("ann");
  p->run();
  CHECK_EQ(first->tasks(), "A#1");
  CHECK_EQ(second->tasks(), "B#1");
}

TEST_CASE("a claim that comes to nothing leads to another try") {
  office o{tasks({"A", "B"})};
  o.hire("ann");
  // Claimed, but gone when the claim reaches its execution: a person was quicker.
  const auto polled = o.p.poll("ann");
  o.p.ask("e", resolve_review{.task = {"A"}, .action = review_action::skip});
  o.p.run();
  CHECK_EQ(polled->tasks(), "B#1");
}

TEST_CASE("work that is given to somebody else while it is claimed waits for that one") {
  office o{tasks({"A"})};
  o.hire("ann");
  o.hire("bob");
  const auto claims = o.p.poll("ann", patient);
  o.p.ask("e", resolve_review{.task = {"A"}, .action = review_action::reassign, .agent = {"bob"}});
  o.p.run();
  CHECK_FALSE(claims->answer);
  CHECK_EQ(o.poll("bob")->tasks(), "A#1");
}

TEST_CASE("a poll says which actions it takes now") {
  office o{plan_builder{}.phase("P").task("A").action("cook").task("B").action("bake")};
  o.hire("ann");
  CHECK_EQ(o.poll("ann", {.supported_actions = {"bake"}})->tasks(), "B#1");
}

TEST_CASE("no more than max_parallel tasks are out, and the next one follows at once") {
  execution_options options;
  options.max_parallel = 2;
  office o{tasks({"A", "B", "C"}), options};
  o.hire("ann", 5);
  o.hire("bob", 5);
  const auto first = o.poll("ann", {.limit = 5});
  CHECK_EQ(first->tasks(), "A#1 B#1");
  const auto waits = o.poll("bob", patient);
  CHECK_FALSE(waits->answer);
  o.complete(first->task(0), "ann");
  CHECK_EQ(waits->tasks(), "C#1");
}

TEST_CASE("under max_parallel a task that nobody can do does not hold up the others, and priority counts") {
  execution_options options;
  options.max_parallel = 1;
  auto plan = plan_builder{}.phase("P").task("A").action("fly").task("B").action("do").task("C").action("do");
  plan.raw().tasks.back().priority = 5;
  office o{plan.build(), options};
  o.hire("ann", 5, {"do"});
  const auto first = o.poll("ann");
  CHECK_EQ(first->tasks(), "C#1");
  CHECK(o.poll("ann")->is_empty());
  o.complete(first->task(), "ann");
  CHECK_EQ(o.poll("ann")->tasks(), "B#1");
}

TEST_CASE("executions of equal priority take turns, and a higher one goes first") {
  office o{tasks({"A", "B"})};
  o.start("f", tasks({"C", "D"}));
  o.start("g", tasks({"E"}), {}, 3);
  o.hire("ann", 9);
  CHECK_EQ(o.one_by_one("ann", 5), "E#1 A#1 C#1 B#1 D#1");
}

TEST_CASE("raising an execution's priority moves its open work ahead") {
  office o{tasks({"A"})};
  o.start("f", tasks({"B"}));
  o.report("f", steer_execution{{}, 7}, "");
  o.hire("ann", 9);
  CHECK_EQ(o.one_by_one("ann", 2), "B#1 A#1");
}

TEST_CASE("open work that is given to somebody else goes to that one and to nobody else") {
  office o{tasks({"A"})};
  o.hire("ann");
  o.hire("bob");
  o.report("e", resolve_review{.task = {"A"}, .action = review_action::reassign, .agent = {"bob"}}, "");
  CHECK(o.poll("ann")->is_empty());
  CHECK_EQ(o.poll("bob")->tasks(), "A#1");
}

TEST_CASE("a paused execution's work is not handed out, a resumed one's is") {
  office o{tasks({"A"})};
  o.hire("ann");
  o.report("e", pause_execution{}, "");
  CHECK(o.poll("ann")->is_empty());
  const auto waits = o.poll("ann", patient);
  o.report("e", resume_execution{}, "");
  CHECK_EQ(waits->tasks(), "A#1");
}

TEST_CASE("registering again with the same content changes nothing, with other content it is refused") {
  office o;
  o.hire("ann");
  o.hire("ann");
  const auto other = o.p.ask_agent("ann", able_to({"cook"}));
  const auto unknown = o.p.ask_agent("bob", change_agent{.standing = agent_standing::paused});
  o.p.run();
  CHECK(other->refused(rejection_code::already_exists));
  CHECK(unknown->refused(rejection_code::not_found));
  CHECK_EQ(events_of(o.m, {stream_kind::agent, "ann"}).size(), 1);
}

}  // namespace planexe::tests
