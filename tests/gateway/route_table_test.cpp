// The one table of routes.
#include "gateway/route_table.hpp"

#include <doctest/doctest.h>

#include <set>
#include <string>

namespace planexe::gateway {

TEST_CASE("the table fits the router, and every operation is there once") {
  const router router(route_table());
  std::set<std::string_view> operations;
  for (const auto& route : route_table()) {
    CHECK_MESSAGE(operations.insert(route.operation).second, route.operation);
    CHECK(!route.summary.empty());
    std::vector<std::pair<std::string_view, std::string>> parameters;
    const auto match = router.match(route.verb, route.pattern, parameters);
    CHECK(match.what != route_match::outcome::not_found);
  }
  CHECK(router.unbound().size() == operations.size());
}

TEST_CASE("a literal segment beats a parameter") {
  const router router(route_table());
  std::vector<std::pair<std::string_view, std::string>> parameters;
  const auto match = router.match(method::post, "/api/agents/register", parameters);
  REQUIRE(match.what == route_match::outcome::found);
  CHECK(match.target->route.operation == "register_agent_alias");
  const auto agent = router.match(method::get, "/api/agents/a1", parameters);
  REQUIRE(agent.what == route_match::outcome::found);
  CHECK(agent.target->route.operation == "get_agent");
}

TEST_CASE("only what tells nothing is open, and only methods with a body take one") {
  for (const auto& route : route_table()) {
    const bool outside = !route.pattern.starts_with("/api/") && route.pattern != "/metrics";
    const bool tells_nothing = outside || route.operation == "get_me" || route.operation == "openapi";
    CHECK_MESSAGE((route.required == access::open) == tells_nothing, route.operation);
    const bool has_body = route.verb == method::post || route.verb == method::patch;
    CHECK_MESSAGE((route.body_limit > 0) == has_body, route.operation);
    const bool reports = route.operation.starts_with("report_");
    if (reports) CHECK(route.required == access::agent);
  }
}

}  // namespace planexe::gateway
