// Matching paths to routes, without a server.
#include <doctest/doctest.h>

#include <string>
#include <vector>

#include "gateway/http/routes.hpp"

using namespace planexe::gateway;

namespace {

using outcome = route_match::outcome;

const std::vector<route> table{
    {"root", method::get, "/"},
    {"agents", method::get, "/api/agents"},
    {"new_agent", method::post, "/api/agents"},
    {"agent", method::get, "/api/agents/{agent_id}"},
    {"change_agent", method::patch, "/api/agents/{agent_id}"},
    {"register", method::post, "/api/agents/register"},
    {"work", method::get, "/api/agents/{agent_id}/work"},
    {"resolution", method::post, "/api/executions/{execution_id}/tasks/{task_id}/resolution"},
    {"stream", method::get, "/api/stream", access::viewer, 0, true},
};

struct found {
  outcome what;
  std::string operation;
  std::string allow;
  std::vector<std::pair<std::string_view, std::string>> parameters;
};

found look_up(const router& routes, method verb, std::string_view path) {
  found result;
  const auto match = routes.match(verb, path, result.parameters);
  result.what = match.what;
  result.allow = match.allow;
  if (match.target != nullptr) result.operation = match.target->route.operation;
  return result;
}

}  // namespace

TEST_CASE("a path finds its route, and literal segments beat parameters") {
  const router routes{table};
  CHECK(look_up(routes, method::get, "/").operation == "root");
  CHECK(look_up(routes, method::get, "/api/agents").operation == "agents");
  CHECK(look_up(routes, method::post, "/api/agents/register").operation == "register");
  const auto agent = look_up(routes, method::get, "/api/agents/a%20b");
  CHECK(agent.operation == "agent");
  CHECK(agent.parameters == std::vector<std::pair<std::string_view, std::string>>{{"agent_id", "a b"}});
  const auto resolution = look_up(routes, method::post, "/api/executions/e1/tasks/t%2F1/resolution");
  CHECK(resolution.operation == "resolution");
  REQUIRE(resolution.parameters.size() == 2);
  CHECK(resolution.parameters[1].second == "t/1");
  // A literal that leads nowhere gives way to the parameter.
  CHECK(look_up(routes, method::get, "/api/agents/register/work").operation == "work");
}

TEST_CASE("a path that is nearly one is not found") {
  const router routes{table};
  std::string deep;
  for (std::size_t depth = 0; depth <= max_path_segments; ++depth) deep += "/a";
  for (const std::string& path : {std::string{}, std::string{"api"}, std::string{"/api"}, std::string{"/api/agents/"},
                                  std::string{"//api/agents"}, std::string{"/api//agents"}, std::string{"/API/agents"},
                                  std::string{"/api/agents/x/y"}, std::string{"//"}, deep})
    CHECK_MESSAGE(look_up(routes, method::get, path).what == outcome::not_found, path);
}

TEST_CASE("a path that means something to whoever resolves it is malformed") {
  const router routes{table};
  for (const auto* path : {"/api/agents/..", "/api/agents/.", "/api/agents/%2e%2e", "/api/agents/.%2E", "/api/agents/%",
                           "/api/agents/%00", "/api/agents/a%0d%0ab", "/api/agents/%ff"})
    CHECK_MESSAGE(look_up(routes, method::get, path).what == outcome::malformed, path);
}

TEST_CASE("a known path with another method names its methods") {
  const router routes{table};
  const auto wrong = look_up(routes, method::delete_, "/api/agents/x");
  CHECK(wrong.what == outcome::wrong_method);
  CHECK(wrong.allow == "GET, PATCH, HEAD, OPTIONS");
  CHECK(look_up(routes, method::other, "/api/agents").what == outcome::wrong_method);
  CHECK(look_up(routes, method::options, "/api/agents").what == outcome::options);
  CHECK(look_up(routes, method::head, "/api/agents").operation == "agents");
  CHECK(look_up(routes, method::head, "/api/agents/register").what == outcome::wrong_method);
  // Refusals leave no parameters behind.
  CHECK(wrong.parameters.empty());
}

TEST_CASE("what a GET hands out is no HEAD's, and no list of methods says that it is") {
  const std::array routes_of_work{
      route{"work", method::get, "/work", access::agent, 0, false, "hands out", true},
      route{"work_alias", method::post, "/work", access::agent, 100, false, "the same"},
      route{"list", method::get, "/list", access::viewer, 0, false, "tells"},
  };
  const router routes{routes_of_work};
  const auto head = look_up(routes, method::head, "/work");
  CHECK(head.what == outcome::wrong_method);
  CHECK(head.allow == "GET, POST, OPTIONS");
  CHECK(look_up(routes, method::options, "/work").allow == "GET, POST, OPTIONS");
  CHECK(look_up(routes, method::head, "/list").operation == "list");
}

TEST_CASE("a router knows what has no handler yet") {
  router routes{table};
  CHECK(routes.unbound().size() == table.size());
  CHECK(!routes.bind("nothing", [](request, responder) {}));
  for (const auto& each : table) CHECK(routes.bind(each.operation, [](request, responder) {}));
  // The stream still needs its WebSocket.
  CHECK(routes.unbound() == std::vector<std::string_view>{"stream"});
  CHECK(!routes.bind_websocket("agents", [](request, const std::shared_ptr<websocket_peer>&) {}));
  CHECK(routes.bind_websocket("stream", [](request, const std::shared_ptr<websocket_peer>&) {}));
  CHECK(routes.unbound().empty());
}

TEST_CASE("header fields are found in any case") {
  request_head head;
  head.add_header("If-Match", "7");
  head.add_header("X-Empty", "");
  const request_head moved = std::move(head);
  CHECK(moved.header("if-match") == "7");
  CHECK(moved.header("X-EMPTY") == "");
  CHECK(!moved.header("if-matc"));
}
