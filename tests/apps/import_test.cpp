// What `planexe-ax import` shows before anything is stored, and what it sends and says when it stores.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "apps/import/import_plan.hpp"
#include "apps/import/plan_preview.hpp"
#include "apps/terminal/text.hpp"
#include "tests/apps/demo_stand_in_server.hpp"

namespace planexe::tests {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

/// A file of its own, gone with the test.
class plan_file {
 public:
  plan_file(const std::string& name, const std::string& text) {
    auto pattern = (fs::temp_directory_path() / "planexe-import-XXXXXX").string();
    folder_ = mkdtemp(pattern.data());
    std::ofstream(folder_ / name, std::ios::binary) << text;
    path_ = (folder_ / name).string();
  }
  ~plan_file() { fs::remove_all(folder_); }
  plan_file(const plan_file&) = delete;
  plan_file& operator=(const plan_file&) = delete;
  const std::string& path() const { return path_; }

 private:
  fs::path folder_;
  std::string path_;
};

struct said {
  int code = 0;
  std::string out;
  std::string err;
};

said import(importing::import_options options) {
  std::ostringstream out, err;
  const int code = importing::run_import(options, out, err);
  return {code, out.str(), err.str()};
}

said dry_run(const plan_file& plan, bool as_json = false, std::size_t width = 100, bool colours = false) {
  importing::import_options options;
  options.plan = plan.path();
  options.dry_run = true;
  options.json = as_json;
  options.width = width;
  options.colours = colours;
  return import(options);
}

const std::string bridge =
    "# Bridge\n\nCross the river.\n\n## Prepare\n- Survey the piers (owner: Foreman, 2-4 days)\n- Sign the contract "
    "(5d)\n"
    "- [x] Stuff\n\n## Build\n- Build the deck (10d)\n- Test the deck (1d, after: Build the deck)\n"
    "## Team\n- Foreman\n- Lawyer\n## Risks\n- Flood\n";

bool holds(const std::string& text, std::string_view part) {
  return text.find(part) != std::string::npos;
}

std::string line_with(const std::string& text, std::string_view part) {
  std::istringstream lines(text);
  for (std::string line; std::getline(lines, line);)
    if (holds(line, part)) return line;
  return {};
}

}  // namespace

TEST_CASE("a dry run shows counts, the tree with its leaves, the critical path and the warnings") {
  const plan_file plan("bridge.md", bridge);
  const auto shown = dry_run(plan);
  CHECK(shown.code == 0);
  CHECK(shown.err.empty());
  CHECK(shown.out.starts_with("Bridge\ngoal: Cross the river.\n"));
  CHECK(holds(shown.out, "\n2 phases, 5 tasks, 5 leaves, 1 dependency, 2 roles, 1 risk, 0 assumptions\n"));
  const auto survey = line_with(shown.out, "Survey");
  CHECK(holds(survey, "Foreman"));
  CHECK(holds(survey, "100 %"));
  CHECK(holds(survey, "research"));
  CHECK(survey.ends_with("3 d (2-4)"));
  const auto plan_as_json = json::parse(dry_run(plan, true).out);
  for (const auto& phase : plan_as_json.at("tasks"))
    for (const auto& leaf : phase.at("children"))
      CHECK(line_with(shown.out, leaf.at("title").get<std::string>()).starts_with("!") == leaf.at("needs_review"));
  CHECK(holds(shown.out, "critical path: 16 days, 3 leaves\n"));
  CHECK(holds(shown.out, "day 5     10 d  Build the deck"));
  CHECK(holds(shown.out, "1 warning\n  already_done: line 8: "));
  CHECK_FALSE(holds(shown.out, "\x1b"));
}

TEST_CASE("a leaf without an estimate is on the critical path with the mean of the others and marked as assumed") {
  const plan_file plan("assumed.md", "# T\n## P\n- First (2d)\n- Second (4d)\n## Q\n- Third\n");
  const auto shown = dry_run(plan);
  CHECK(holds(shown.out, "critical path: 7 days, 2 leaves\n1 of them has no estimate (~)"));
  CHECK(holds(shown.out, "day 4     ~3 d  Third"));
  const auto path = json::parse(dry_run(plan, true).out).at("critical_path");
  CHECK(path.at("days") == 7.0);
  CHECK(path.at("steps").at(0).at("assumed") == false);
  CHECK(path.at("steps").at(1).at("assumed") == true);
  CHECK(path.at("steps").at(1).at("days") == 3.0);
}

TEST_CASE("no line is wider than the terminal, whatever the titles are") {
  const plan_file plan(
      "wide.md", "# " + std::string(200, 'W') +
                     "\n## 調査と準備のための非常に長い見出しです調査と準備のための非常に長い見出しです\n- 調査" +
                     std::string(150, 'x') + "\n- e\u0301e\u0301 combining\n  - a\n    - b\n      - c\n        - d\n");
  for (const std::size_t width : {60U, 80U, 100U, 133U}) {
    std::istringstream lines(dry_run(plan, false, width).out);
    for (std::string line; std::getline(lines, line);) {
      CAPTURE(line);
      CHECK(terminal::columns_of(line) <= width);
    }
  }
}

TEST_CASE("columns count what a terminal shows") {
  CHECK(terminal::columns_of("abc") == 3);
  CHECK(terminal::columns_of("調査") == 4);
  CHECK(terminal::columns_of("e\u0301") == 1);
  CHECK(terminal::cut("調査と準備", 6) == "調査…");
  CHECK(terminal::cut("abcdef", 6) == "abcdef");
  CHECK(terminal::cut("abcdefg", 6) == "abcde…");
  CHECK(terminal::cut("abc", 0).empty());
  CHECK(terminal::padded("調", 4) == "調  ");
  CHECK(terminal::right_aligned("調", 4) == "  調");
}

TEST_CASE("control characters of a plan do not reach the terminal") {
  const plan_file plan("plan.json",
                       R"({"goal": "\u001b]0;title\u0007x", "phases": [{"name": "\u001b[31mP\u202e", "tasks": [)"
                       R"({"title": "a\u009b2J\r\n", "assignee_role": "\u001bR"}]}]})");
  const auto shown = dry_run(plan);
  CHECK(shown.code == 0);
  for (const char c : shown.out) CHECK((c == '\n' || static_cast<unsigned char>(c) >= 0x20));
  CHECK_FALSE(holds(shown.out, "\u009b"));
  CHECK_FALSE(holds(shown.out, "\u202e"));
  for (const char c : dry_run(plan, true).out) CHECK((c == '\n' || (c >= 0x20 && c < 0x7f)));
  const plan_file broken("plan.md", "# T\n- a (after: \x1b[31mb)\n");
  CHECK(dry_run(broken).err == "line 2: no task has the title or id '[31mb'\n");
}

TEST_CASE("colours are there only when they are asked for") {
  const plan_file plan("bridge.md", bridge);
  CHECK(holds(dry_run(plan, false, 100, true).out, "\x1b[1mBridge\x1b[0m"));
  CHECK_FALSE(holds(dry_run(plan, true, 100, true).out, "\x1b"));
}

TEST_CASE("a dry run as JSON says the same") {
  const plan_file plan("bridge.md", bridge);
  const auto shown = dry_run(plan, true);
  CHECK(shown.code == 0);
  const auto said = json::parse(shown.out);
  CHECK(said.at("title") == "Bridge");
  CHECK(said.at("goal") == "Cross the river.");
  CHECK(said.at("counts") == json({{"phases", 2},
                                   {"tasks", 5},
                                   {"subtasks", 0},
                                   {"leaves", 5},
                                   {"dependencies", 1},
                                   {"roles", 2},
                                   {"risks", 1},
                                   {"assumptions", 0}}));
  const auto& leaf = said.at("tasks").at(0).at("children").at(0);
  CHECK(leaf.at("task_id") == "prepare.survey-the-piers");
  CHECK(leaf.at("assignee_role") == "Foreman");
  CHECK(leaf.at("role_certainty") == 1.0);
  CHECK(leaf.at("autonomy_tier") == 2);
  CHECK(leaf.at("action") == "research");
  CHECK(leaf.at("estimate").at("days_realistic") == 3.0);
  CHECK(leaf.at("why").at(0).at("feature") == "base");
  CHECK(said.at("tasks").at(1).at("prerequisites") == json::array({"prepare"}));
  CHECK(said.at("critical_path").at("days") == 16.0);
  CHECK(said.at("critical_path").at("steps").at(1).at("task_id") == "build.build-the-deck");
  CHECK(said.at("warnings").at(0).at("code") == "already_done");
  CHECK(said.at("warnings").at(0).at("task_id") == "prepare.stuff");
}

TEST_CASE("a plan that is refused gives every reason, one a line") {
  const plan_file plan("bad.md", "# T\n- a (after: x)\n- b (id: y)\n- c (id: y)\n");
  for (const bool as_json : {false, true}) {
    const auto shown = dry_run(plan, as_json);
    CHECK(shown.code == 1);
    CHECK(shown.out.empty() == !as_json);
    if (as_json)
      CHECK(json::parse(shown.out).at("error").at("detail") ==
            "line 4: the id 'y' is used on line 3 already; line 2: no task has the title or id 'x'");
    CHECK(shown.err == "line 4: the id 'y' is used on line 3 already\nline 2: no task has the title or id 'x'\n");
  }
  const plan_file circle("circle.json", R"({"goal": "g", "phases": [{"name": "p", "tasks": [
      {"task_id": "a", "title": "a", "prerequisites": ["b"]}, {"task_id": "b", "title": "b", "prerequisites": ["a"]}]}]})");
  const auto shown = dry_run(circle);
  CHECK(shown.code == 1);
  CHECK(holds(shown.err, "a: depends on 'b', which closes a cycle\n"));
}

TEST_CASE("the demo's plan can be looked at") {
  importing::import_options options;
  options.plan = PLANEXE_SOURCE_DIR "/configs/demo_plan";
  options.dry_run = true;
  options.json = true;
  const auto shown = import(options);
  CHECK(shown.code == 0);
  const auto said = json::parse(shown.out);
  CHECK(said.at("counts").at("leaves") == 24);
  CHECK(said.at("redline") == "ALLOW");
  CHECK_FALSE(said.at("critical_path").at("steps").empty());
}

TEST_CASE("a plan is posted under its own type, and its id is what is said") {
  stand_in_request seen;
  stand_in_server server([&](const stand_in_request& request) {
    seen = request;
    return stand_in_reply{201, R"({"plan_id": "plan-7", "title": "T"})", {}, false};
  });
  importing::import_options options;
  options.url = "http://127.0.0.1:" + std::to_string(server.port()) + "/";
  const plan_file plan("bridge.md", bridge);
  options.plan = plan.path();
  const auto first = import(options);
  CHECK(first.code == 0);
  CHECK(first.out == "plan-7\n");
  const plan_file table("WBS.CSV", "Level 1;Level 2\nA;\n;B\n");
  options.plan = table.path();
  options.json = true;
  const auto second = import(options);
  CHECK(json::parse(second.out).at("title") == "T");
  server.stop();
  CHECK(seen.method == "POST");
  CHECK(seen.path == "/api/plans");
  CHECK(seen.content_type == "text/csv");
  CHECK_FALSE(seen.idempotency_key.empty());
  CHECK(seen.body == "Level 1;Level 2\nA;\n;B\n");
}

TEST_CASE("what the server refuses is told, one reason a line") {
  stand_in_reply answer{422,
                        R"({"title": "t", "detail": "the plan cannot be read", "errors": [
      {"field": "line 3", "message": "is not \u001b[1mUTF-8 text"}, {"field": "", "message": "more"}]})",
                        {},
                        false};
  stand_in_server server([&](const stand_in_request&) { return answer; });
  importing::import_options options;
  options.url = "http://127.0.0.1:" + std::to_string(server.port());
  const plan_file plan("bridge.md", bridge);
  options.plan = plan.path();
  const auto refused = import(options);
  CHECK(refused.code == 1);
  CHECK(refused.out.empty());
  CHECK(refused.err == "line 3: is not  [1mUTF-8 text\nmore\n");
  answer = {503, R"({"title": "Unavailable", "detail": "starting"})", {}, false};
  CHECK(import(options).err == "the server answers 503: starting\n");
  answer = {200, "<html>", {}, false};
  CHECK(import(options).err == "the server's answer names no plan\n");
  CHECK(import(options).code == 1);
  server.stop();
  const auto gone = import(options);
  CHECK(gone.code == 1);
  CHECK(holds(gone.err, "/api/plans"));
}

TEST_CASE("an address that is none is wrong use") {
  const plan_file plan("bridge.md", bridge);
  for (const std::string url : {"", "127.0.0.1:8090", "https://127.0.0.1:1", "http://", "http://host:port",
                                "http://host:0", "http://host:70000", "http://host/path", "http://a@b:1"}) {
    CAPTURE(url);
    importing::import_options options;
    options.plan = plan.path();
    options.url = url;
    CHECK(import(options).code == 2);
  }
}

}  // namespace planexe::tests
