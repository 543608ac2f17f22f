// The program as people use it: `planexe-ax import` against a real server, and plans posted in every format.
#include <doctest/doctest.h>

#include <fstream>

#include "tests/apps/server_harness.hpp"

namespace planexe::tests {
namespace {

const std::string bridge =
    "# Bridge\n## Prepare\n- Survey the piers (2d)\n## Build\n- Build the deck (after: Prepare)\n";

}  // namespace

TEST_CASE("import gives a Markdown plan to a server, which then has it and can start it") {
  const server_under_test server;
  const scratch_folder folder;
  std::ofstream(folder.path() / "bridge.md") << bridge;
  const auto done = run(folder.path(), {"import", "bridge.md", "--url", server.address().url()});
  REQUIRE(done.code == 0);
  REQUIRE(done.said.ends_with("\n"));
  const auto plan_id = done.said.substr(0, done.said.size() - 1);
  api_client api(server.address());
  const auto plan = api.get("/api/plans/" + plan_id);
  CHECK(plan.status == 200);
  CHECK(plan.body.at("title") == "Bridge");
  CHECK(plan.body.at("tasks_total") == 2);
  CHECK(plan.body.at("dependencies") == 1);
  const auto execution = api.post("/api/executions", {{"plan_id", plan_id}, {"start", true}});
  CHECK(execution.status == 201);
}

TEST_CASE("the server reads Markdown and CSV under their own types, and refuses them with their lines") {
  const server_under_test server;
  api_client api(server.address());
  const auto post = [&](const std::string& type, const std::string& text) {
    return api.send("POST", "/api/plans", text, {{"Content-Type", type}});
  };
  CHECK(post("text/markdown", bridge).status == 201);
  CHECK(post("text/markdown; charset=utf-8", bridge).status == 201);
  CHECK(post("text/csv", "Level 1;Level 2;Task ID\nBridge;;\n;Prepare;p\n").status == 201);
  const auto refused = post("text/markdown", "# T\n- a (after: b)\n- c (after: d)\n");
  CHECK(refused.status == 422);
  CHECK(refused.fields_named() == std::vector<std::string>{"line 2", "line 3"});
  const auto circle = post("text/markdown", "# T\n- a (after: b)\n- b (after: a)\n");
  CHECK(circle.status == 422);
  CHECK(circle.fields_named() == std::vector<std::string>{"line 2", "line 3"});
  CHECK(post("text/csv", "a;b\n").status == 422);
  CHECK(post("text/plain", bridge).status == 415);
  CHECK(api.get("/api/plans").body.size() == 3);
}

TEST_CASE("the command tells done, a problem and wrong use apart, and a dry run needs no server") {
  const scratch_folder folder;
  std::ofstream(folder.path() / "bridge.md") << bridge;
  std::ofstream(folder.path() / "bad.md") << "# T\n- a (after: b)\n";
  const auto shown = run(folder.path(), {"import", "bridge.md", "--dry-run"});
  CHECK(shown.code == 0);
  CHECK(shown.said.starts_with("Bridge\n"));
  CHECK(shown.said.find('\x1b') == std::string::npos);
  const auto as_json = run(folder.path(), {"import", "bridge.md", "--dry-run", "--json"});
  CHECK(json::parse(as_json.said).at("counts").at("leaves") == 2);
  const auto refused = run(folder.path(), {"import", "bad.md", "--dry-run"});
  CHECK(refused.code == 1);
  CHECK(refused.said == "line 2: no task has the title or id 'b'\n");
  CHECK(run(folder.path(), {"import", "bridge.md", "--url", "http://127.0.0.1:1"}).code == 1);
  CHECK(run(folder.path(), {"import", "bridge.md", "--url", "nowhere"}).code == 2);
  CHECK(run(folder.path(), {"import", "missing.md"}).code == 2);
  CHECK(run(folder.path(), {"import"}).code == 2);
}

}  // namespace planexe::tests
