// Risks and assumptions written by hand in the structured form.
#include "plans/run_risks.hpp"
#include "tests/plans/reading.hpp"

using namespace planexe;
using namespace planexe::plans;
using namespace planexe::plans::testing;

namespace {

outcome read_with(const std::string& members) {
  return read_text(R"({"goal": "g", "phases": [{"phase_id": "p", "name": "Prepare", "tasks": [
    {"task_id": "order", "title": "Order oak planks"}, {"title": "Hire a brass band"}]}], )" +
                   members + "}");
}

std::string repeated(const std::string& item, std::size_t count) {
  std::string list = "[" + item;
  for (std::size_t i = 1; i < count; ++i) list += "," + item;
  return list + "]";
}

}  // namespace

TEST_CASE("a risk may say all that a premortem does") {
  const auto whole = read_with(R"("risks": [{"id": "r", "kind": "failure_mode", "title": "Fire", "description": "d",
    "impact": "All is lost.", "severity": "high", "likelihood": "low", "mitigation": "water", "owner": "Ann",
    "early_warnings": ["smoke"], "tripwires": ["60 degrees", "alarm"], "stop_rule": "No house.",
    "tasks": ["p1.t2", "order", "order"]}])");
  REQUIRE(whole.has_value());
  domain::plan_risk fire{"Fire", "d All is lost.", "high", "water"};
  fire.id = "r";
  fire.kind = domain::risk_kind::failure_mode;
  fire.likelihood = "low";
  fire.owner = "Ann";
  fire.early_warnings = {"smoke"};
  fire.tripwires = {"60 degrees", "alarm"};
  fire.stop_rule = "No house.";
  fire.tasks = {1, 2};
  CHECK(whole->risks == std::vector{fire});
}

TEST_CASE("assumptions are texts or say how they are tested") {
  const auto read = read_with(R"("assumptions": ["Wood is dry.", {"id": "A1", "statement": "The band is free.",
    "test": "Call them.", "falsifier": "They play elsewhere.", "tasks": ["p1.t2"]}])");
  REQUIRE(read.has_value());
  CHECK(read->assumptions ==
        std::vector<domain::plan_assumption>{{"", "Wood is dry.", "", "", {}},
                                             {"A1", "The band is free.", "Call them.", "They play elsewhere.", {2}}});
}

TEST_CASE("where no tasks are named the words decide") {
  const auto read = read_with(R"("risks": ["The oak planks are late"], "assumptions": ["A brass band can be found."])");
  REQUIRE(read.has_value());
  CHECK(read->risks[0].tasks == std::vector<domain::task_index>{1});
  CHECK(read->assumptions[0].tasks == std::vector<domain::task_index>{2});
}

TEST_CASE("wrong risks and assumptions are refused by their place") {
  CHECK(problem_at(read_with(R"("risks": [{"title": "x", "tasks": ["order", "q"]}])"), "risks[0].tasks[1]") ==
        "no task, phase or subtask has the id 'q'");
  CHECK(problem_at(read_with(R"("risks": [{"title": "x", "kind": "worry"}])"), "risks[0].kind") ==
        "must be risk or failure_mode");
  CHECK(problem_at(read_with(R"("risks": [{"owner": "x"}])"), "risks[0].title").has_value());
  CHECK(problem_at(read_with(R"("risks": [{"title": "x", "tripwire": []}])"), "risks[0].tripwire").has_value());
  CHECK(problem_at(read_with(R"("risks": [{"title": "x", "tripwires": "y"}])"), "risks[0].tripwires") ==
        "must be an array");
  CHECK(problem_at(read_with(R"("risks": [{"title": "x", "early_warnings": )" + repeated("\"y\"", 17) + "}]"),
                   "risks[0].early_warnings") == "holds more than 16 entries");
  CHECK(problem_at(read_with(R"("risks": [{"title": "x", "tasks": )" + repeated("\"p\"", 7) + "}]"),
                   "risks[0].tasks") == "holds more than 6 entries");
  CHECK(problem_at(read_with(R"("risks": [7])"), "risks[0]") == "must be an object");
  CHECK(problem_at(read_with(R"("risks": )" + repeated("\"y\"", max_plan_risks + 1)), "risks") ==
        "holds more than 1000 entries");
  CHECK(problem_at(read_with(R"("assumptions": [" "])"), "assumptions[0]") == "must not be empty");
  CHECK(problem_at(read_with(R"("assumptions": [{"test": "x"}])"), "assumptions[0].statement") == "is required");
  CHECK(problem_at(read_with(R"("assumptions": [{"statement": "x", "tasks": ["y"]}])"), "assumptions[0].tasks[0]")
            .has_value());
  CHECK(problem_at(read_with(R"("assumptions": )" + repeated("\"y\"", max_plan_assumptions + 1)), "assumptions") ==
        "holds more than 1000 entries");
}
