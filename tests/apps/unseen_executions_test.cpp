// Verifying through a server that does not show every execution that it lists.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <sstream>

#include "apps/audit/verify_command.hpp"
#include "apps/terminal/text.hpp"
#include "tests/apps/demo_stand_in_server.hpp"

namespace planexe::tests {
namespace {

using nlohmann::json;

stand_in_reply answered(const json& body, unsigned status = 200) {
  return {.status = status, .body = body.dump(), .headers = {}};
}

json row(const std::string& id) {
  return {{"execution_id", id}};
}

/// Lists `e1` and `e2`, and archived ones: `e2`, which left meanwhile, and `e3`. Has no time for `e1`, and `e3` is
/// lost.
stand_in_reply serve(const stand_in_request& request) {
  if (request.path == "/api/executions")
    return answered(request.query.find("archived=true") == std::string::npos ? json{row("e1"), row("e2")}
                                                                             : json{row("e2"), row("e3")});
  if (request.path.ends_with("/e1/audit")) return answered({{"detail", "too many are asked for"}}, 503);
  if (request.path.ends_with("/e3/audit")) return answered({{"detail", "no execution 'e3'"}}, 404);
  return answered({{"execution_id", "e2"}, {"verified", true}, {"events", 1}, {"stands_to", 1}});
}

struct told {
  int code;
  std::string out, err;
};

told verify(const stand_in_server& server, bool as_json) {
  std::ostringstream out, err;
  const int code =
      auditing::run_verify({.url = "http://127.0.0.1:" + std::to_string(server.port()), .json = as_json}, {}, out, err);
  return {code, out.str(), err.str()};
}

}  // namespace

TEST_CASE("what a server lists and does not show is named as not looked at") {
  stand_in_server server(serve);
  const auto text = verify(server, false);
  CHECK(text.code == 1);
  CHECK(text.out.find("e1: NOT LOOKED AT: too many are asked for\n") != std::string::npos);
  CHECK(text.out.find("e3: NOT LOOKED AT: no execution 'e3'\n") != std::string::npos);
  CHECK(text.out.find("3 executions, 1 of them archived, 1 event, 0 damaged, 2 not looked at.") != std::string::npos);
  CHECK(text.err.empty());

  const auto value = verify(server, true);
  CHECK(value.code == 1);
  const auto all = json::parse(value.out);
  REQUIRE(all.size() == 3);
  CHECK(all.at(0).at("verified") == false);
  CHECK(all.at(0).at("not_looked_at") == "too many are asked for");
  CHECK(all.at(1).at("verified") == true);
  CHECK_FALSE(all.at(1).contains("not_looked_at"));
  CHECK(all.at(2).at("archived") == true);
  CHECK(all.at(2).at("not_looked_at") == "no execution 'e3'");
}

TEST_CASE("a number and what it counts agree") {
  CHECK(terminal::counted(0, "event") == "0 events");
  CHECK(terminal::counted(1, "event") == "1 event");
  CHECK(terminal::counted(1'234'567, "event") == "1,234,567 events");
  CHECK(terminal::counted(1, "leaf", "leaves") == "1 leaf");
  CHECK(terminal::counted(2, "leaf", "leaves") == "2 leaves");
}

}  // namespace planexe::tests
