// What people read: the server's JSON as text.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <sstream>

#include "apps/terminal/text.hpp"
#include "apps/why/ask.hpp"
#include "apps/why/texts.hpp"
#include "apps/why/times.hpp"

namespace planexe::tests {
namespace {

using nlohmann::json;

domain::timestamp noon() {
  return *domain::parse_rfc3339("2026-01-31T12:00:00Z");
}

json link(const std::string& id, const std::string& kind, const json& extra = json::object()) {
  json made = {{"task_id", id},
               {"title", "Task " + id},
               {"kind", kind},
               {"detail", "waits for the next one"},
               {"since", "2026-01-31T10:00:00.000Z"}};
  made.update(extra);
  return made;
}

json answer_with(const json& chain, const json& roots) {
  return {{"execution_id", "exec-1"},
          {"as_of", "2026-01-31T12:00:00.000Z"},
          {"status", "RUNNING"},
          {"headline", "the execution runs"},
          {"chain", chain},
          {"roots", roots},
          {"roots_total", roots.size()},
          {"counts", {{"review", 1}, {"running", 1}}},
          {"forecast",
           {{"critical_path", {"a", "b", "c"}},
            {"eta", "2026-02-03T12:00:00.000Z"},
            {"earliest", "2026-02-01T12:00:00.000Z"},
            {"latest", "2026-02-10T12:00:00.000Z"},
            {"remaining_days", 3}}},
          {"say", "'Task a' waits for 'Task b', which is held by bob"}};
}

std::string text_of(const json& answer, asking::text_style style = {80, false}) {
  const auto lines = asking::why_text(answer.dump(-1, ' ', false, json::error_handler_t::replace), style);
  REQUIRE_MESSAGE(lines, lines.error().detail);
  std::string text;
  for (const auto& line : *lines) {
    CHECK_MESSAGE(terminal::columns_of(line) <= (style.colours ? 500 : style.width), line);
    text += line + "\n";
  }
  return text;
}

json holder() {
  return {{"agent",
           {{"agent_id", "bob"},
            {"status", "active"},
            {"last_seen_at", "2026-01-31T11:50:00.000Z"},
            {"lease_expires_at", "2026-01-31T12:20:00.000Z"},
            {"attempt", 2},
            {"progress_percent", 40}}},
          {"detail", ""},
          {"wake_at", "2026-02-01T10:00:00.000Z"}};
}

}  // namespace

TEST_CASE("the sentence comes first, then the chain, the roots and the forecast") {
  const auto root = link("b", "running", holder());
  const auto text = text_of(answer_with({link("a", "prerequisites"), root}, {root, link("r", "review")}));
  CHECK(text ==
        "'Task a' waits for 'Task b', which is held by bob.\n"
        "RUNNING  exec-1  as of 2026-01-31 12:00 UTC\n"
        "\n"
        "Task a [a]\n"
        "  waits for the next one\n"
        "└─ Task b [b]  running\n"
        "   since 2026-01-31 10:00 UTC (2 h ago)\n"
        "   times out 2026-02-01 10:00 UTC (in 22 h)\n"
        "   held by bob (active), attempt 2, 40 % done\n"
        "   last heard of 2026-01-31 11:50 UTC (10 min ago)\n"
        "   unless it is heard of again its lease ends 2026-01-31 12:20 UTC (in 20 min)\n"
        "\n"
        "at the root: 2 tasks (1 review, 1 running)\n"
        "  running       2 h        Task b [b]\n"
        "  review        2 h        Task r [r]\n"
        "\n"
        "forecast: done 2026-02-03 12:00 UTC (in 3 days)\n"
        "  between 2026-02-01 12:00 UTC (in 24 h) and 2026-02-10 12:00 UTC (in 10 days)\n"
        "  critical path: 3 tasks, 'Task a' → 'Task b' → c\n");
}

TEST_CASE("a review says what a person may do, and whom it went to") {
  const auto review = link("r", "review",
                           {{"detail", "somebody should look"},
                            {"options", {"approve", "reject"}},
                            {"escalated_to", "ops"},
                            {"escalated_at", "2026-01-31T11:00:00.000Z"}});
  auto answer = answer_with(json::array({review}), json::array({review}));
  answer.erase("forecast");
  CHECK(text_of(answer) ==
        "'Task a' waits for 'Task b', which is held by bob.\n"
        "RUNNING  exec-1  as of 2026-01-31 12:00 UTC\n"
        "\n"
        "Task r [r]  review\n"
        "  somebody should look\n"
        "  since 2026-01-31 10:00 UTC (2 h ago)\n"
        "  escalated to ops 2026-01-31 11:00 UTC (60 min ago)\n"
        "  a person may: approve, reject\n");
}

TEST_CASE("candidates are listed with why they have not taken it") {
  const auto ready =
      link("a", "agent",
           {{"detail", "waits for an agent that can 'work'"},
            {"candidates",
             {{{"agent_id", "ann"}, {"reason", "is paused"}}, {{"agent_id", "bob"}, {"reason", "is retired"}}}},
            {"candidates_total", 5}});
  const auto text = text_of(answer_with(json::array({ready}), json::array({ready})));
  CHECK(text.find("  - ann is paused\n  - bob is retired\n  - and 3 more\n") != std::string::npos);
  const auto nobody =
      link("a", "agent", {{"candidates", json::array()}, {"candidates_total", 0}, {"no_candidate", "nobody can"}});
  CHECK(text_of(answer_with(json::array({nobody}), json::array({nobody}))).find("  nobody can\n") != std::string::npos);
}

TEST_CASE("of a long chain the ends are shown, and the rest is counted") {
  json chain = json::array();
  for (int i = 0; i < 40; ++i) chain.push_back(link("t" + std::to_string(i), i < 39 ? "prerequisites" : "failed"));
  const auto text = text_of(answer_with(chain, json::array({chain.back()})));
  CHECK(text.find("└─ Task t3 [t3]") != std::string::npos);
  CHECK(text.find("└─ … 32 more …") != std::string::npos);
  CHECK(text.find("[t4]") == std::string::npos);
  CHECK(text.find("[t35]") == std::string::npos);
  CHECK(text.find("└─ Task t36 [t36]") != std::string::npos);
  CHECK(text.find("└─ Task t39 [t39]  failed") != std::string::npos);
}

TEST_CASE("every width gets lines that fit, and colours only where they are wanted") {
  const std::string long_title(300, 'x');
  auto root = link(std::string(120, 'i'), "running", holder());
  root["title"] = long_title;
  auto answer = answer_with({link("a", "parent", {{"title", "調査と準備 " + long_title}}), root}, {root, root});
  answer["roots_total"] = 70;
  for (const std::size_t width : {60U, 80U, 120U}) {
    const auto text = text_of(answer, {width, false});
    CHECK(text.find('\x1b') == std::string::npos);
    CHECK(text.find("… and 68 more") != std::string::npos);
  }
  CHECK(text_of(answer, {80, true}).find("\x1b[1m") != std::string::npos);
}

TEST_CASE("what a plan or an agent wrote cannot steer the terminal") {
  auto root = link("b", "running", holder());
  root["title"] =
      "a\x1b]0;owned\x07\xe2\x80\xae"
      "b\r\n";
  root["detail"] =
      "x\x1b[2Jy\xe2\x80\x8f"
      "z";
  root["agent"]["agent_id"] = "bo\x1b[31mb";
  auto answer = answer_with(json::array({root}), {root, root});
  answer["say"] = "ti\x1b[31mtle\xe2\x80\xae";
  answer["status"] = "RUN\x1b[31m";
  const auto text = text_of(answer);
  CHECK(text.find('\x1b') == std::string::npos);
  CHECK(text.find('\x07') == std::string::npos);
  CHECK(text.find('\r') == std::string::npos);
  CHECK(text.find("\xe2\x80\xae") == std::string::npos);
  CHECK(text.find("\xe2\x80\x8f") == std::string::npos);
}

TEST_CASE("answers that are none, or of odd types, are refused or shown as far as they go") {
  CHECK_FALSE(asking::why_text("<html>", {}));
  CHECK_FALSE(asking::why_text("[]", {}));
  CHECK_FALSE(asking::why_text("{}", {}));
  CHECK(asking::why_text(R"({"say": "so", "chain": [7, {"kind": 3}], "roots": 1, "roots_total": "x",
                            "forecast": {"critical_path": [1]}, "as_of": "now", "counts": []})",
                         {}));
  CHECK_FALSE(asking::execution_text("{}", noon(), {}));
  CHECK_FALSE(asking::executions_text("{}", noon(), {}));
  CHECK(asking::executions_text("[1, {}]", noon(), {}));
}

TEST_CASE("times say when and how long from now") {
  CHECK(asking::when("2026-01-31T10:00:00.000Z", noon()) == "2026-01-31 10:00 UTC (2 h ago)");
  CHECK(asking::when("2026-02-03T12:00:01Z", noon()) == "2026-02-03 12:00 UTC (in 3 days)");
  CHECK(asking::when("soon", noon()) == "soon");
  CHECK(asking::days_in_words(2.25) == "2.2 days");
  CHECK(asking::days_in_words(1.5) == "36 h");
  CHECK(asking::days_in_words(0.00001) == "under 1 s");
  CHECK(asking::days_in_words(-1) == "under 1 s");
}

TEST_CASE("an execution shows its progress, its blockers and its forecast") {
  const json body = {
      {"execution_id", "exec-1"},
      {"title", "Build the bridge"},
      {"status", "BLOCKED"},
      {"status_message", "every task waits for a person"},
      {"progress", {{"percent", 25.5}, {"tasks_completed", 50}, {"tasks_skipped", 1}, {"tasks_total", 200}}},
      {"started_at", "2026-01-30T12:00:00Z"},
      {"blockers",
       {{{"task_id", "t1"},
         {"title", "Survey"},
         {"kind", "review"},
         {"since", "2026-01-31T10:00:00Z"},
         {"reason", "somebody should look"}}}},
      {"forecast", {{"critical_path", {"t1"}}, {"remaining_days", 4.5}}}};
  const auto lines = asking::execution_text(body.dump(), noon(), {80, false});
  REQUIRE(lines);
  CHECK(*lines == std::vector<std::string>{
                      "Build the bridge",
                      "BLOCKED  exec-1",
                      "every task waits for a person",
                      "██████░░░░░░░░░░░░░░░░░░ 25.5 %  51 of 200 tasks",
                      "started 2026-01-30 12:00 UTC (24 h ago)",
                      "",
                      "1 blocker",
                      "  Survey [t1]",
                      "    review since 2026-01-31 10:00 UTC (2 h ago): somebody should look",
                      "",
                      "forecast: 4.5 days of work are left",
                      "  critical path: 1 task, 'Survey'",
                  });
}

TEST_CASE("a list has a line for each execution") {
  const json list = {{{"execution_id", "exec-2"},
                      {"title", "Build the bridge"},
                      {"status", "RUNNING"},
                      {"created_at", "2026-01-31T11:00:00Z"},
                      {"progress", {{"percent", 99.9}}}},
                     {{"execution_id", "exec-1"},
                      {"title", "Feed the birds"},
                      {"status", "COMPLETED"},
                      {"created_at", "2026-01-21T11:00:00Z"},
                      {"progress", {{"percent", 100}}}}};
  const auto lines = asking::executions_text(list.dump(), noon(), {80, false});
  REQUIRE(lines);
  CHECK(*lines == std::vector<std::string>{
                      "RUNNING   ███████████░  99 %  60 min    exec-2  Build the bridge",
                      "COMPLETED ████████████ 100 %  10 days   exec-1  Feed the birds",
                  });
  CHECK(*asking::executions_text("[]", noon(), {}) == std::vector<std::string>{"no executions"});
}

TEST_CASE("a question that is none and a server that is away are told apart") {
  std::ostringstream out, err;
  CHECK(asking::run_why({.execution = "a b"}, out, err) == 2);
  CHECK(asking::run_why({.execution = "a", .url = "http://"}, out, err) == 2);
  CHECK(asking::run_why({.execution = "a", .url = "http://127.0.0.1:1"}, out, err) == 1);
  CHECK(asking::run_status({.data_folder = "/nonexistent/folder"}, out, err) == 1);
  CHECK(out.str().empty());
  CHECK(err.str().starts_with("'a b' is not an id\n"));
}

}  // namespace planexe::tests
