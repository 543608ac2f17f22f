// Why something is not done, as clients see it: links with what concerns them, and the sentence.
#include <doctest/doctest.h>

#include "gateway/json/render_why.hpp"
#include "tests/gateway/json_fixtures.hpp"

namespace planexe::gateway {
namespace {

using tests::json;
using tests::live_execution;
using tests::rendered;

live_execution started(domain::plan plan = tests::small_plan(), domain::execution_options options = {}) {
  live_execution live(std::move(plan), std::move(options));
  live.run(domain::queue_execution{});
  return live;
}

/// Two hours after the last step, so that there is something to wait for.
domain::timestamp later(const live_execution& live) {
  return live.now() + domain::hours(2);
}

json why(const live_execution& live, const char* task, const std::vector<agent_facts>* agents = nullptr) {
  const auto index = *task == 0 ? domain::no_task : live.find(task);
  return rendered([&](std::string& out) { render_why(out, live.id, live.state, index, later(live), agents); });
}

agent_facts agent(const live_execution& live, const char* id, std::string_view status,
                  domain::milliseconds silent = domain::seconds(5)) {
  agent_facts facts{.id = {id}, .status = status, .last_seen_at = later(live) - silent};
  facts.profile.capabilities = {{"write", ""}};
  facts.profile.roles = {"cook"};
  return facts;
}

std::string reason_of(const live_execution& live, const agent_facts& one) {
  const std::vector<agent_facts> agents{one};
  const auto root = why(live, "t1.a", &agents)["chain"].back();
  REQUIRE(root["candidates"].size() == 1);
  CHECK(root["candidates"][0]["agent_id"] == one.id.value);
  return root["candidates"][0]["reason"];
}

json kinds_of(const json& links) {
  json kinds = json::array();
  for (const auto& link : links) kinds.push_back(std::string(link["task_id"]) + " " + std::string(link["kind"]));
  return kinds;
}

}  // namespace

TEST_CASE("the chain names a review at its root with what a person may do") {
  auto live = started();
  const auto body = why(live, "t3");
  CHECK(body["execution_id"] == "e1");
  CHECK(body["status"] == "QUEUED");
  CHECK(body["task_id"] == "t3");
  CHECK(body["title"] == "Pour");
  CHECK(body["as_of"] == domain::format_rfc3339(later(live)));
  CHECK(body["forecast"]["critical_path"] == json{"t1.a", "t1.b", "t3"});
  CHECK(kinds_of(body["chain"]) == json{"t3 prerequisites", "t1.b prerequisites", "t1.a agent"});
  CHECK(kinds_of(body["roots"]) == json{"t1.a agent", "t2 review"});
  CHECK(body["roots_total"] == 2);
  CHECK(body["counts"] == json{{"agent", 1}, {"review", 1}});
  const auto review = body["roots"][1];
  CHECK(review["review_kind"] == "approval");
  CHECK(review["options"] == json{"approve", "reject", "skip", "complete", "choose", "reassign", "decompose"});
  CHECK(review["since"] == "2026-01-31T09:05:09.250Z");
  CHECK(review["wake_at"] == "2026-02-01T09:05:09.250Z");
  CHECK(!review.contains("candidates"));
  CHECK(!review.contains("escalated_to"));

  CHECK(why(live, "t2")["say"] ==
        "'Choose' waits for a person for 2 h (since 2026-01-31 09:05 UTC): a person should look at it before an agent "
        "does: confidence 40 % is under the threshold of 70 %; it is escalated in 22 h (2026-02-01 09:05 UTC)");
}

TEST_CASE("an escalated review says whom it went to") {
  domain::execution_options options;
  options.ladder = {{domain::seconds(1), "ops"}};
  auto live = started(tests::small_plan(), options);
  live.run(domain::escalate_overdue{});
  const auto review = why(live, "t2")["chain"][0];
  CHECK(review["escalated_to"] == "ops");
  CHECK(review["escalation_level"] == 1);
  CHECK(review.contains("escalated_at"));
  const std::string say = why(live, "t2")["say"];
  CHECK(say.ends_with("; escalated to ops"));
}

TEST_CASE("a task that an agent holds names it, when it was heard of and when its lease ends") {
  auto live = started();
  live.assign("t1.a");
  live.run(domain::report_progress{{{"a1"}, {"t1.a"}, {}}, 40, ""});
  auto holder = agent(live, "a1", "active", domain::seconds(600));
  holder.lease_expires_at = later(live) + domain::seconds(1200);
  const std::vector<agent_facts> agents{holder};
  const auto body = why(live, "t1", &agents);
  CHECK(kinds_of(body["chain"]) == json{"t1.b prerequisites", "t1.a running"});
  CHECK(body["chain"][1]["agent"] == json{{"agent_id", "a1"},
                                          {"status", "active"},
                                          {"last_seen_at", domain::format_rfc3339(*holder.last_seen_at)},
                                          {"lease_expires_at", domain::format_rfc3339(*holder.lease_expires_at)},
                                          {"attempt", 1},
                                          {"progress_percent", 40}});
  CHECK(
      body["say"] ==
      "'Boil' ends with 'Heat', which waits for 'Fill', which is held by a1 for 2 h (since 2026-01-31 09:05 UTC), 40 % "
      "done, last heard of 10 min ago");
  // Without agents, as of a past state, only what the events tell.
  CHECK(why(live, "t1")["chain"][1]["agent"] == json{{"agent_id", "a1"}, {"attempt", 1}, {"progress_percent", 40}});
}

TEST_CASE("of a task that is ready, each agent that could take it says why it has not") {
  const auto live = started();
  CHECK(reason_of(live, agent(live, "a", "unreachable", domain::hours(1))) ==
        "is out of reach, last heard of 60 min ago");
  CHECK(reason_of(live, agent(live, "a", "paused")) == "is paused");
  CHECK(reason_of(live, agent(live, "a", "retired")) == "is retired");
  CHECK(reason_of(live, agent(live, "a", "idle", domain::hours(4))) ==
        "has not asked for work since the task became ready, last heard of 4 h ago");
  CHECK(reason_of(live, agent(live, "a", "idle")) == "is free and within reach, but has not asked for such work");
  auto busy = agent(live, "a", "active");
  busy.holds = 1;
  CHECK(reason_of(live, busy) == "is busy and holds 1 of 1");
  auto unknown = agent(live, "a", "");
  unknown.last_seen_at.reset();
  CHECK(reason_of(live, unknown) == "holds 0 of 1; whether it asks for work is not in the log");
}

TEST_CASE("candidates are those who can, nearest first, and all are counted") {
  const auto live = started();
  std::vector<agent_facts> agents{agent(live, "far", "unreachable"), agent(live, "near", "idle")};
  agents.push_back(agent(live, "painter", "idle"));
  agents.back().profile.roles = {"painter"};
  agents.push_back(agent(live, "reader", "idle"));
  agents.back().profile.capabilities = {{"read", ""}};
  for (char c = 'a'; c < 'a' + 20; ++c) agents.push_back(agent(live, std::string(1, c).c_str(), "paused"));
  const auto root = why(live, "t1.a", &agents)["chain"][0];
  CHECK(root["candidates_total"] == 22);
  REQUIRE(root["candidates"].size() == most_candidates);
  CHECK(root["candidates"][0]["agent_id"] == "near");
  CHECK(root["candidates"][1]["agent_id"] == "far");
  CHECK(root["candidates"][2]["agent_id"] == "a");
  CHECK(root["candidates"][0]["max_concurrent_tasks"] == 1);
  CHECK(why(live, "t1.a", &agents)["say"] ==
        "'Fill' is ready and waits for an agent for 2 h (since 2026-01-31 09:05 UTC): near could take it: it is free "
        "and within reach, but has not asked for such work (and so could 21 more); it is "
        "escalated in 22 h (2026-02-01 09:05 UTC)");
}

TEST_CASE("work that nobody can do says what is lacking") {
  auto live = started();
  const std::vector<agent_facts> nobody;
  auto root = why(live, "t1.a", &nobody)["chain"][0];
  CHECK(root["candidates"] == json::array());
  CHECK(root["no_candidate"] == "no registered agent can 'write' as cook");
  live.run(domain::resolve_review{.task = {"t1.a"}, .action = domain::review_action::reassign, .agent = {"zoe"}});
  const std::vector<agent_facts> others{agent(live, "bob", "idle")};
  root = why(live, "t1.a", &others)["chain"][0];
  CHECK(root["no_candidate"] == "no agent 'zoe' is registered, and no other may take it");
}

TEST_CASE("work for people alone has no other candidates") {
  domain::execution_options options;
  options.human_from_tier = 1;
  const auto live = started(tests::small_plan(), options);
  std::vector<agent_facts> agents{agent(live, "bot", "idle"), agent(live, "ann", "idle")};
  agents[1].profile.kind = domain::agent_kind::human;
  const auto root = why(live, "t1.a", &agents)["chain"][0];
  REQUIRE(root["candidates"].size() == 1);
  CHECK(root["candidates"][0]["agent_id"] == "ann");
}

TEST_CASE("where as many work as may, nobody is a candidate") {
  domain::execution_options options;
  options.max_parallel = 1;
  auto plan = tests::small_plan();
  plan.tasks[4].decomposition_confidence = 1;
  auto live = started(plan, options);
  live.assign("t1.a");
  const std::vector<agent_facts> agents{agent(live, "a1", "active")};
  const auto root = why(live, "t2", &agents)["chain"][0];
  CHECK(root["kind"] == "agent");
  CHECK(!root.contains("candidates"));
  CHECK(std::string(root["detail"]).starts_with("1 task is at work"));
}

TEST_CASE("what is done, tried again, failed or waits outside says so in a sentence") {
  auto live = started();
  live.assign("t1.a");
  live.run(domain::fail_task{{{"a1"}, {"t1.a"}, {}}, "net", "no route", true, false});
  std::string say = why(live, "t1.a")["say"];
  CHECK(say == "'Fill' has failed and is tried again now (2026-01-31 09:10 UTC): no route");
  live.run(domain::resolve_review{.task = {"t1.a"}, .action = domain::review_action::complete});
  CHECK(why(live, "t1.a")["say"] == "'Fill' is complete");
  CHECK(why(live, "t1.a")["chain"] == json::array());
  live.assign("t1.b");
  live.run(domain::block_task{{{"a1"}, {"t1.b"}, {}}, "the gas is off", domain::hours(5), false});
  say = why(live, "t1.b")["say"];
  CHECK(
      say.starts_with("'Heat' waits for something outside for 2 h (since 2026-01-31 09:05 UTC): the gas is off; it is "
                      "escalated in 3 h ("));
  CHECK(why(live, "t1.b")["chain"][0].contains("options"));
  live.run(domain::resolve_review{.task = {"t2"}, .action = domain::review_action::reject, .note = "no"});
  CHECK(why(live, "t2")["say"] == "'Choose' has failed for good: no");
}

TEST_CASE("the whole execution says what comes last, and a final one what it is") {
  auto live = started();
  std::string say = why(live, "")["say"];
  CHECK(
      say.starts_with("the execution has been started and waits for a first agent; it ends with 'Pour', which waits "
                      "for 'Heat', which waits for 'Fill', which is ready and waits for an agent"));
  live.run(domain::cancel_execution{"no money"});
  const auto body = why(live, "");
  CHECK(body["status"] == "CANCELLED");
  CHECK(body["headline"] == "the execution was cancelled: no money");
  CHECK(!body.contains("forecast"));
}

TEST_CASE("a long chain names its beginning and its end") {
  domain::plan plan = tests::small_plan();
  plan.tasks = {{.id = {"p"}, .title = "All"}};
  plan.dependencies.clear();
  for (domain::task_index i = 1; i <= 9; ++i) {
    plan.tasks.push_back({.id = {"n" + std::to_string(i)},
                          .parent = 0,
                          .level = domain::task_level::task,
                          .title = "Step " + std::to_string(i),
                          .action = "write"});
    if (i > 1) plan.dependencies.push_back({i - 1, i, ""});
  }
  plan.risks.clear();
  const auto live = started(plan);
  const auto body = why(live, "n9");
  CHECK(body["chain"].size() == 9);
  const std::string say = body["say"];
  CHECK(say.starts_with("'Step 9' waits for 'Step 8', which waits through 6 more for 'Step 1', which is ready"));
}

TEST_CASE("titles and reasons stay data: on one line, cut, and valid JSON") {
  auto plan = tests::small_plan();
  plan.tasks[2].title = "Fill\n\"\x1b[31m" + std::string(200, 'x') + "\xff";
  const auto live = started(plan);
  const auto body = why(live, "t1.a");
  const std::string say = body["say"];
  CHECK(say.find('\n') == std::string::npos);
  CHECK(say.find('\x1b') == std::string::npos);
  CHECK(say.starts_with("'Fill \" [31mxxx"));
  CHECK(say.find("…' is ready") != std::string::npos);
}

}  // namespace planexe::gateway
