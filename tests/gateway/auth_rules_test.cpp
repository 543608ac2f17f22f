// Who may do what: every route with every role, and an agent's key with its own affairs and another's.
#include <doctest/doctest.h>

#include <algorithm>
#include <set>
#include <string>

#include "domain/keys.hpp"
#include "gateway/auth/access_rules.hpp"
#include "gateway/route_table.hpp"

namespace planexe::gateway {
namespace {

using domain::key_role;

std::shared_ptr<caller> someone(key_role role, const std::string& agent = {}) {
  auto who = std::make_shared<caller>();
  who->name = "someone";
  who->role = role;
  who->agent = {agent};
  return who;
}

/// A request to `asked` with every path parameter set to `value`.
request_head head_for(const route& asked, const std::string& value) {
  request_head head;
  head.path = asked.pattern;
  for (std::size_t open = 0; (open = asked.pattern.find('{', open)) != std::string_view::npos; ++open) {
    const auto close = asked.pattern.find('}', open);
    head.parameters.emplace_back(asked.pattern.substr(open + 1, close - open - 1), value);
  }
  return head;
}

/// What a role may use of the whole table.
std::set<std::string_view> allowed(key_role role) {
  std::set<std::string_view> operations;
  for (const auto& route : route_table())
    if (!refuse_access(*someone(role, "bob"), head_for(route, "bob"), route)) operations.insert(route.operation);
  return operations;
}

bool contains_all(const std::set<std::string_view>& whole, const std::set<std::string_view>& part) {
  return std::includes(whole.begin(), whole.end(), part.begin(), part.end());
}

}  // namespace

TEST_CASE("an agent may use what is its own work and nothing else of the whole table") {
  const std::set<std::string_view> own = {
      "get_execution_status",   "report_event", "register_agent", "register_agent_alias", "get_agent",
      "get_agent_capabilities", "get_inbox",    "poll_work",      "poll_work_alias",      "report_agent_events",
      "decompose_task"};
  for (const auto& route : route_table()) {
    CAPTURE(route.operation);
    const auto refused = refuse_access(*someone(key_role::agent, "bob"), head_for(route, "bob"), route);
    CHECK(!refused == (own.contains(route.operation) || route.required == access::open));
    if (refused) CHECK(refused->code == problem_code::forbidden);
  }
}

TEST_CASE("a viewer reads, and changes nothing but its own tickets") {
  for (const auto& route : route_table()) {
    CAPTURE(route.operation);
    const bool reads = route.verb == method::get && route.required != access::admin && route.required != access::agent;
    const bool is_allowed = reads || route.operation == "create_ticket";
    const auto refused = refuse_access(*someone(key_role::viewer), head_for(route, "bob"), route);
    CHECK(!refused == is_allowed);
    if (refused) CHECK(refused->code == problem_code::forbidden);
  }
}

TEST_CASE("an admin may do everything, an operator all but the admin's part, and each more than the one below") {
  const auto admin = allowed(key_role::admin);
  const auto operators = allowed(key_role::operator_);
  CHECK(admin.size() == route_table().size());
  for (const auto& route : route_table()) {
    CAPTURE(route.operation);
    CHECK(operators.contains(route.operation) == (route.required != access::admin));
  }
  CHECK(contains_all(admin, operators));
  CHECK(contains_all(operators, allowed(key_role::viewer)));
  CHECK(contains_all(operators, allowed(key_role::agent)));
}

TEST_CASE("keys, the switch for everything and what else only an admin does are the admin's") {
  const auto operators = allowed(key_role::operator_);
  for (const auto* operation : {"list_keys", "create_key", "revoke_key", "pause_everything", "resume_everything"})
    CHECK_MESSAGE(!operators.contains(operation), operation);
}

TEST_CASE("to an agent's key another agent is one that does not exist") {
  for (const auto& route : route_table()) {
    const auto head = head_for(route, "eve");
    const bool names_agent = route.pattern.find("{agent_id}") != std::string_view::npos;
    if (!names_agent || !may_use(key_role::agent, route.required)) continue;
    CAPTURE(route.operation);
    const auto refused = refuse_access(*someone(key_role::agent, "bob"), head, route);
    REQUIRE(refused);
    CHECK(refused->code == problem_code::not_found);
    CHECK(!refuse_access(*someone(key_role::operator_), head, route));
  }
}

TEST_CASE("whoever speaks for an agent is that agent or no agent at all") {
  const auto bob = someone(key_role::agent, "bob");
  CHECK(!refuse_agent(bob, {"bob"}));
  REQUIRE(refuse_agent(bob, {"eve"}));
  CHECK(refuse_agent(bob, {"eve"})->code == problem_code::not_found);
  CHECK(!refuse_agent(someone(key_role::operator_), {"eve"}));
  CHECK(!refuse_agent(nullptr, {"eve"}));
}

}  // namespace planexe::gateway
