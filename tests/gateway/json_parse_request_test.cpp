// What people and agents ask for in bodies: good requests, each member missing, of a wrong type, out of range, unknown.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <chrono>

#include "gateway/json/body_fields.hpp"
#include "gateway/json/parse_agent.hpp"
#include "gateway/json/parse_execution.hpp"
#include "tests/gateway/json_fixtures.hpp"

namespace planexe::gateway {
namespace {

using nlohmann::json;
using tests::fields_of;
using names = std::set<std::string>;

struct wrong_case {
  json more;     ///< put over a good body; null erases nothing but counts as absent
  names fields;  ///< what must be named
};

/// Every case must be refused with exactly its fields.
template <class Parse>
void refuses(const json& good, const std::vector<wrong_case>& cases, Parse&& parse) {
  for (const auto& each : cases) {
    auto body = good;
    body.merge_patch(each.more);
    const auto result = parse(body.dump());
    REQUIRE_MESSAGE(!result, body.dump());
    CHECK(result.error().code == problem_code::validation_failed);
    CHECK_MESSAGE(fields_of(result.error()) == each.fields, body.dump());
  }
}

/// What no parser of bodies takes.
template <class Parse>
void refuses_what_is_no_object(Parse&& parse) {
  for (const auto* text : {"", " ", "{", "{\"a\":1}}"}) {
    const auto result = parse(std::string(text));
    REQUIRE(!result);
    CHECK(result.error().code == problem_code::malformed_request);
  }
  for (const auto* text : {"[]", "7", "null", "\"x\""}) {
    const auto result = parse(std::string(text));
    REQUIRE(!result);
    CHECK(result.error().code == problem_code::validation_failed);
    CHECK(fields_of(result.error()) == names{"body"});
  }
}

const auto create = [](const std::string& body) { return parse_create_execution(body, {}); };
const auto patch_it = [](const std::string& body) { return parse_patch_execution(body); };
const auto resolve = [](const std::string& body) { return parse_resolution(body, {"t1"}); };
const auto register_it = [](const std::string& body) { return parse_register_agent(body); };
const auto patch_agent = [](const std::string& body) { return parse_patch_agent(body); };

}  // namespace

TEST_CASE("an execution is created with all it can be told") {
  const json body{{"plan_id", "plan-1"},
                  {"agent_id", "a1"},
                  {"title", "Mine"},
                  {"start", true},
                  {"confirm_warnings", true},
                  {"priority", -3},
                  {"options",
                   {{"sequencing", "dependencies"},
                    {"review_threshold", 0},
                    {"max_parallel", 4},
                    {"timeout_hours", 0.5},
                    {"retry_policy", {{"max_attempts", 5}, {"backoff_seconds", 0.25}}}}}};
  const auto request = parse_create_execution(body.dump(), {});
  REQUIRE(request);
  CHECK(request->plan.value == "plan-1");
  CHECK(request->plan_json.empty());
  const auto& command = request->command;
  CHECK(command.agent.value == "a1");
  CHECK(command.title == "Mine");
  CHECK(command.start);
  CHECK(command.confirm_warnings);
  CHECK(command.priority == -3);
  CHECK(command.options.sequencing == domain::sequencing::dependencies);
  CHECK(command.options.review_threshold == 0);
  CHECK(command.options.max_parallel == 4);
  CHECK(command.options.timeout == std::chrono::minutes(30));
  CHECK(command.options.retry == domain::retry_policy{5, domain::milliseconds(250)});
}

TEST_CASE("what an execution is not told keeps the server's defaults") {
  domain::execution_options defaults;
  defaults.review_threshold = 0.25;
  defaults.retry = {9, domain::seconds(7)};
  const auto request =
      parse_create_execution(R"({"plan_id":"p","options":{"retry_policy":{"max_attempts":2}}})", defaults);
  REQUIRE(request);
  CHECK(!request->command.start);
  CHECK(!request->command.confirm_warnings);
  CHECK(request->command.priority == 0);
  defaults.retry.max_attempts = 2;
  CHECK(request->command.options == defaults);
}

TEST_CASE("a plan may come along inline") {
  const auto request = parse_create_execution(R"({"plan": {"goal": "x", "phases": []}})", {});
  REQUIRE(request);
  CHECK(request->plan.empty());
  CHECK(request->plan_json == R"({"goal":"x","phases":[]})");
}

TEST_CASE("each wrong member of a new execution is named") {
  const json good{{"plan_id", "p"}};
  const auto option = [](const char* name, const json& value) { return json{{"options", {{name, value}}}}; };
  const auto policy = [&](const char* name, const json& value) { return option("retry_policy", {{name, value}}); };
  refuses(good,
          {{{{"plan_id", nullptr}}, {"plan_id"}},
           {{{"plan_id", 1}}, {"plan_id"}},
           {{{"plan_id", "a b"}}, {"plan_id"}},
           {{{"plan", json::object()}}, {"plan"}},
           {{{"plan_id", nullptr}, {"plan", "text"}}, {"plan"}},
           {{{"agent_id", "?"}}, {"agent_id"}},
           {{{"title", 5}}, {"title"}},
           {{{"title", std::string(257, 'x')}}, {"title"}},
           {{{"start", "true"}}, {"start"}},
           {{{"confirm_warnings", 1}}, {"confirm_warnings"}},
           {{{"priority", 1.5}}, {"priority"}},
           {{{"priority", 2147483648}}, {"priority"}},
           {{{"priority", -2147483649}}, {"priority"}},
           {{{"priority", "1"}}, {"priority"}},
           {{{"options", 1}}, {"options"}},
           {{{"colour", "red"}}, {"colour"}},
           {option("sequencing", "random"), {"options.sequencing"}},
           {option("review_threshold", 1.01), {"options.review_threshold"}},
           {option("review_threshold", -0.1), {"options.review_threshold"}},
           {option("max_parallel", -1), {"options.max_parallel"}},
           {option("max_parallel", 100'001), {"options.max_parallel"}},
           {option("max_parallel", 18446744073709551615U), {"options.max_parallel"}},
           {option("timeout_hours", 0), {"options.timeout_hours"}},
           {option("timeout_hours", 1e300), {"options.timeout_hours"}},
           {option("speed", 1), {"options.speed"}},
           {option("retry_policy", 1), {"options.retry_policy"}},
           {policy("max_attempts", 0), {"options.retry_policy.max_attempts"}},
           {policy("max_attempts", 101), {"options.retry_policy.max_attempts"}},
           {policy("max_attempts", 2.5), {"options.retry_policy.max_attempts"}},
           {policy("backoff_seconds", -1), {"options.retry_policy.backoff_seconds"}},
           {policy("backoff_seconds", 604'801), {"options.retry_policy.backoff_seconds"}},
           {policy("jitter", true), {"options.retry_policy.jitter"}},
           {{{"title", 1}, {"x", 2}, {"options", {{"max_parallel", "3"}, {"retry_policy", {{"max_attempts", 0}}}}}},
            {"title", "x", "options.max_parallel", "options.retry_policy.max_attempts"}}},
          create);
  refuses_what_is_no_object(create);
}

TEST_CASE("a whole number written with an exponent is refused, and one beyond 2^64 does not wrap") {
  for (const auto* number : {"1e3", "1.0", "18446744073709551617", "4294967297"}) {
    const auto request = parse_create_execution(R"({"plan_id":"p","priority":)" + std::string(number) + "}", {});
    REQUIRE_MESSAGE(!request, number);
    CHECK(fields_of(request.error()) == names{"priority"});
  }
}

TEST_CASE("an execution is steered by the status asked for") {
  const auto change = [](const json& body) {
    const auto request = parse_patch_execution(body.dump());
    REQUIRE(request);
    REQUIRE(request->change);
    return *request->change;
  };
  CHECK(!std::get<domain::queue_execution>(change({{"status", "QUEUED"}})).confirm_warnings);
  CHECK(std::get<domain::queue_execution>(change({{"status", "QUEUED"}, {"confirm_warnings", true}})).confirm_warnings);
  CHECK(std::get<domain::pause_execution>(change({{"status", "PAUSED"}, {"reason", "r"}})).reason == "r");
  CHECK(std::holds_alternative<domain::resume_execution>(change({{"status", "RUNNING"}})));
  CHECK(std::get<domain::cancel_execution>(change({{"status", "CANCELLED"}, {"reason", "r"}})).reason == "r");
  const auto priority = parse_patch_execution(R"({"priority":7})");
  REQUIRE(priority);
  CHECK(priority->priority == 7);
  CHECK(!priority->change);
}

TEST_CASE("each wrong member of a change to an execution is named") {
  refuses(json{{"status", "PAUSED"}},
          {{{{"status", nullptr}}, {"status"}},
           {{{"status", "COMPLETED"}}, {"status"}},
           {{{"status", "paused"}}, {"status"}},
           {{{"status", 1}}, {"status"}},
           {{{"reason", 1}}, {"reason"}},
           {{{"priority", 1.5}}, {"priority"}},
           {{{"confirm_warnings", "yes"}}, {"confirm_warnings"}},
           {{{"title", "x"}}, {"title"}}},
          patch_it);
  refuses_what_is_no_object(patch_it);
}

TEST_CASE("a person's decision says what its action needs") {
  const auto decision = [](const json& body) {
    const auto command = parse_resolution(body.dump(), {"t1"});
    REQUIRE_MESSAGE(command, body.dump());
    CHECK(command->task.value == "t1");
    return *command;
  };
  using enum domain::review_action;
  const std::vector<std::pair<const char*, domain::review_action>> plain{{"approve", approve},   {"reject", reject},
                                                                         {"retry", retry},       {"skip", skip},
                                                                         {"complete", complete}, {"unblock", unblock}};
  for (const auto& [word, action] : plain) {
    const auto command = decision({{"action", word}, {"note", "n"}});
    CHECK(command.action == action);
    CHECK(command.note == "n");
  }
  CHECK(decision({{"action", "complete"}, {"output_data", {{"k", 1}}}}).output_json == R"({"k":1})");
  CHECK(decision({{"action", "choose"}, {"option", "B"}}).option == "B");
  CHECK(decision({{"action", "reassign"}, {"agent_id", "a2"}}).agent.value == "a2");
  CHECK(decision({{"action", "reassign"}, {"assignee_role", "cook"}}).role == "cook");
  CHECK(decision({{"action", "decompose"}}).parts == nullptr);
  const auto apart = decision({{"action", "decompose"}, {"note", "n"}, {"subtasks", {{{"title", "A"}}}}}).parts;
  REQUIRE(apart);
  CHECK(apart->subtasks.at(0).definition.title == "A");
  CHECK(apart->source == domain::decomposition_source::person);
  CHECK(apart->notes == "n");
}

TEST_CASE("each wrong member of a decision is named") {
  refuses(json{{"action", "approve"}},
          {{{{"action", nullptr}}, {"action"}},
           {{{"action", "bless"}}, {"action"}},
           {{{"action", 1}}, {"action"}},
           {{{"action", "decompose"}, {"subtasks", json::array()}}, {"subtasks"}},
           {{{"action", "decompose"}, {"subtasks", {{{"title", "A"}, {"colour", "red"}}}}}, {"subtasks[0].colour"}},
           {{{"subtasks", {{{"title", "A"}}}}}, {"subtasks"}},
           {{{"note", 1}}, {"note"}},
           {{{"output_data", 1}}, {"output_data"}},
           {{{"option", "A"}}, {"option"}},
           {{{"agent_id", "a1"}}, {"agent_id"}},
           {{{"assignee_role", "cook"}}, {"assignee_role"}},
           {{{"action", "choose"}}, {"option"}},
           {{{"action", "choose"}, {"option", 1}}, {"option"}},
           {{{"action", "reassign"}}, {"agent_id"}},
           {{{"action", "reassign"}, {"agent_id", "!"}}, {"agent_id"}},
           {{{"why", "x"}}, {"why"}}},
          resolve);
  refuses_what_is_no_object(resolve);
}

TEST_CASE("an agent registers with all it can say") {
  const json body{{"agent_id", "a1"},
                  {"name", "Ann"},
                  {"kind", "human"},
                  {"roles", {"cook", "baker"}},
                  {"capabilities", {{{"action", "*"}}, {{"action", "write"}, {"params", {{"lang", "en"}}}}}},
                  {"max_concurrent_tasks", 1000},
                  {"webhook_url", "https://example.org/hook"}};
  const auto request = parse_register_agent(body.dump());
  REQUIRE(request);
  CHECK(request->agent.value == "a1");
  CHECK(request->profile.name == "Ann");
  CHECK(request->profile.kind == domain::agent_kind::human);
  CHECK(request->profile.roles == std::vector<std::string>{"cook", "baker"});
  CHECK(request->profile.capabilities == std::vector<domain::capability>{{"*", ""}, {"write", R"({"lang":"en"})"}});
  CHECK(request->profile.max_concurrent_tasks == 1000);
  CHECK(request->profile.webhook_url == "https://example.org/hook");
}

TEST_CASE("an agent registers with the least it must say") {
  const auto request = parse_register_agent(R"({"name":"Bot","role":"cook","capabilities":[{"action":"write"}]})");
  REQUIRE(request);
  CHECK(request->agent.empty());
  CHECK(request->profile.kind == domain::agent_kind::ai);
  CHECK(request->profile.roles == std::vector<std::string>{"cook"});
  CHECK(request->profile.max_concurrent_tasks == 1);
}

TEST_CASE("each wrong member of a registration is named") {
  const json good{{"name", "Bot"}, {"roles", {"cook"}}, {"capabilities", {{{"action", "write"}}}}};
  const auto capability = [](const json& value) { return json{{"capabilities", json::array({value})}}; };
  refuses(good,
          {{{{"agent_id", "a b"}}, {"agent_id"}},
           {{{"agent_id", std::string(129, 'a')}}, {"agent_id"}},
           {{{"name", nullptr}}, {"name"}},
           {{{"name", ""}}, {"name"}},
           {{{"name", 1}}, {"name"}},
           {{{"kind", "robot"}}, {"kind"}},
           {{{"roles", nullptr}}, {"roles"}},
           {{{"roles", "cook"}}, {"roles"}},
           {{{"roles", {"cook", 1, ""}}}, {"roles[1]", "roles[2]"}},
           {{{"roles", std::vector<std::string>(257, "x")}}, {"roles"}},
           {{{"role", "cook"}}, {"role"}},
           {{{"roles", nullptr}, {"role", 1}}, {"role"}},
           {{{"capabilities", nullptr}}, {"capabilities"}},
           {{{"capabilities", json::array()}}, {"capabilities"}},
           {{{"capabilities", "write"}}, {"capabilities"}},
           {capability("write"), {"capabilities[0]"}},
           {capability(json::object()), {"capabilities[0].action"}},
           {capability({{"action", ""}}), {"capabilities[0].action"}},
           {capability({{"action", "write"}, {"params", 1}}), {"capabilities[0].params"}},
           {capability({{"action", "write"}, {"skill", 1}}), {"capabilities[0].skill"}},
           {{{"max_concurrent_tasks", 0}}, {"max_concurrent_tasks"}},
           {{{"max_concurrent_tasks", 1001}}, {"max_concurrent_tasks"}},
           {{{"max_concurrent_tasks", 1.0}}, {"max_concurrent_tasks"}},
           {{{"webhook_url", "ftp://example.org"}}, {"webhook_url"}},
           {{{"webhook_url", "https://"}}, {"webhook_url"}},
           {{{"webhook_url", 1}}, {"webhook_url"}},
           {{{"secret", 1}}, {"secret"}}},
          register_it);
  refuses_what_is_no_object(register_it);
}

TEST_CASE("an agent is changed in what is given alone") {
  const auto all = parse_patch_agent(
      R"({"status":"retired","roles":["a"],"capabilities":[{"action":"x"}],"max_concurrent_tasks":3})");
  REQUIRE(all);
  CHECK(all->standing == domain::agent_standing::retired);
  CHECK(all->roles == std::vector<std::string>{"a"});
  CHECK(all->capabilities == std::vector<domain::capability>{{"x", ""}});
  CHECK(all->max_concurrent_tasks == 3U);
  const auto paused = parse_patch_agent(R"({"status":"paused"})");
  REQUIRE(paused);
  CHECK(paused->standing == domain::agent_standing::paused);
  CHECK(!paused->roles);
  CHECK(!paused->capabilities);
  CHECK(!paused->max_concurrent_tasks);
  const auto roles = parse_patch_agent(R"({"roles":[]})");
  REQUIRE(roles);
  CHECK(!roles->standing);
  CHECK(roles->roles == std::vector<std::string>{});
  CHECK(!roles->webhook_url);
  CHECK(parse_patch_agent(R"({"webhook_url":"https://example.org"})")->webhook_url == "https://example.org");
  CHECK(parse_patch_agent(R"({"webhook_url":""})")->webhook_url == "");
}

TEST_CASE("each wrong member of a change to an agent is named") {
  refuses(json{{"status", "active"}},
          {{{{"status", nullptr}}, {"status"}},
           {{{"status", "idle"}}, {"status"}},
           {{{"webhook_url", "ftp://x"}}, {"webhook_url"}},
           {{{"status", 1}}, {"status"}},
           {{{"roles", 1}}, {"roles"}},
           {{{"capabilities", json::array()}}, {"capabilities"}},
           {{{"max_concurrent_tasks", 0}}, {"max_concurrent_tasks"}},
           {{{"name", "x"}}, {"name"}}},
          patch_agent);
  refuses_what_is_no_object(patch_agent);
}

TEST_CASE("a request with very many mistakes is told the first ones") {
  json body{{"plan_id", "p"}};
  for (int i = 0; i < 1000; ++i) body["x" + std::to_string(i)] = i;
  const auto request = parse_create_execution(body.dump(), {});
  REQUIRE(!request);
  CHECK(request.error().errors.size() == max_field_errors);
}

TEST_CASE("a fork says from where, and what is to be different") {
  domain::execution_options before;
  before.sequencing = domain::sequencing::plan;
  before.max_parallel = 7;
  const auto parse = [&](const std::string& body) { return parse_fork(body, before); };
  const auto plain = parse(R"({"at_seq": 17})");
  REQUIRE(plain);
  CHECK(plain->at_seq == 17);
  CHECK(!plain->wanted.title);
  CHECK(!plain->wanted.agent);
  CHECK(!plain->wanted.priority);
  CHECK(!plain->wanted.options);
  const json all{{"at_seq", 3},    {"title", "Again"}, {"agent_id", "bob"},
                 {"priority", -2}, {"reason", "why"},  {"options", {{"review_threshold", 0.25}}}};
  const auto full = parse(all.dump());
  REQUIRE(full);
  CHECK(full->wanted.title == "Again");
  CHECK(full->wanted.agent->value == "bob");
  CHECK(full->wanted.priority == -2);
  CHECK(full->wanted.reason == "why");
  CHECK(full->wanted.options->review_threshold == 0.25);
  CHECK(full->wanted.options->max_parallel == 7);
  CHECK(full->wanted.options->sequencing == domain::sequencing::plan);
  CHECK(parse(R"({"at_seq": 1, "agent_id": null})")->wanted.agent->empty());
  refuses(all,
          {{{{"at_seq", nullptr}}, {"at_seq"}},
           {{{"at_seq", 0}}, {"at_seq"}},
           {{{"at_seq", 1.5}}, {"at_seq"}},
           {{{"at_seq", "1"}}, {"at_seq"}},
           {{{"title", 1}}, {"title"}},
           {{{"agent_id", "-"}}, {"agent_id"}},
           {{{"priority", "high"}}, {"priority"}},
           {{{"start", true}}, {"start"}},
           {{{"options", {{"sequencing", "plan"}}}}, {"options.sequencing"}},
           {{{"options", {{"max_parallel", -1}, {"x", 1}}}}, {"options.max_parallel", "options.x"}}},
          parse);
  refuses_what_is_no_object(parse);
}

}  // namespace planexe::gateway
