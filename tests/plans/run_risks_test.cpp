// What may go wrong, as runs tell it: risks, premortems, assumptions of every era, and how much of each is kept.
#include "plans/run_risks.hpp"

#include "tests/plans/zip_builder.hpp"

using namespace planexe;
using namespace planexe::plans;
using namespace planexe::plans::testing;

namespace {

/// A plan of one task with these members beside its tree.
outcome bundle_with(const std::string& members) {
  return read_text(R"({"wbs_project": {"description": "x", "task_children": [{"id": "a", "description": "b"}]}, )" +
                   members + "}");
}

domain::plan plan_with(const std::string& members) {
  const auto read = bundle_with(members);
  REQUIRE(read.has_value());
  return *read;
}

constexpr const char* premortem = R"({
  "assumptions_to_kill": [
    {"assumption_id": "A1", "statement": "The ice holds.", "test_now": "Drill it.", "falsifier": "Less than 10 cm."},
    {"statement": "It is cold."}, {"assumption_id": "A3"}, 7],
  "failure_modes": [
    {"failure_mode_index": 1, "root_cause_assumption_id": "A1", "failure_mode_archetype": "Technical",
     "failure_mode_title": "The Thin Ice", "risk_analysis": "* It breaks.", "early_warning_signs": ["cracks", 5, " "],
     "owner": "Skipper", "likelihood_5": 4, "impact_5": 5, "tripwires": ["less than 10 cm"],
     "playbook": ["Contain: stop.", "Respond: walk back."], "stop_rule": "Water on the ice."},
    {"failure_mode_title": "Odd", "likelihood_5": 9, "impact_5": "severe", "playbook": "Wait."},
    {}, "nonsense"],
  "markdown": "..."})";

std::string repeated(const std::string& item, std::size_t count) {
  std::string list = "[" + item;
  for (std::size_t i = 1; i < count; ++i) list += "," + item;
  return list + "]";
}

}  // namespace

TEST_CASE("a premortem's failure modes become risks of their own kind") {
  const auto plan = plan_with(std::string{R"("premortem": )"} + premortem);
  REQUIRE(plan.risks.size() == 2);
  domain::plan_risk ice;
  ice.title = "The Thin Ice";
  ice.description = "* It breaks.\nRoot cause: assumption A1.";
  ice.severity = "very high";
  ice.mitigation = "Contain: stop.\nRespond: walk back.";
  ice.id = "FM1";
  ice.kind = domain::risk_kind::failure_mode;
  ice.likelihood = "high";
  ice.owner = "Skipper";
  ice.early_warnings = {"cracks"};
  ice.tripwires = {"less than 10 cm"};
  ice.stop_rule = "Water on the ice.";
  CHECK(plan.risks[0] == ice);
  CHECK(plan.risks[1].id == "FM2");
  CHECK(plan.risks[1].likelihood.empty());  // 9 of 5 says nothing
  CHECK(plan.risks[1].severity == "severe");
  CHECK(plan.risks[1].mitigation == "Wait.");
  CHECK(warnings_with(plan, "document_unreadable") == 0);
}

TEST_CASE("what a premortem wants killed are assumptions with a test and a falsifier") {
  const auto plan = plan_with(std::string{R"("premortem_raw": )"} + premortem);
  CHECK(plan.assumptions ==
        std::vector<domain::plan_assumption>{{"A1", "The ice holds.", "Drill it.", "Less than 10 cm.", {}},
                                             {"A2", "It is cold.", "", "", {}}});
}

TEST_CASE("assumptions are read in the forms of every year") {
  using list = std::vector<domain::plan_assumption>;
  const list three{{"P1", "It is cold.", "", "", {}}, {"P2", "Ice floats.", "", "", {}}};
  CHECK(plan_with(R"("make_assumptions": [
    {"question": "How warm?", "assumptions": "Assumption: It is cold.", "assessments": "Title: Weather"},
    {"question": "Does it?", "assumptions": "Ice floats."}, {"question": "?", "assumptions": " "}])")
            .assumptions == three);
  CHECK(plan_with(R"("distill_assumptions_raw": {"assumption_list": ["It is cold.", "Ice floats."]})").assumptions ==
        three);
  CHECK(plan_with(R"("assumption_list": ["It is cold.", "Ice floats."])").assumptions == three);
  CHECK(plan_with(R"("assumptions": ["It is cold.", {"id": "P2", "statement": "Ice floats."}])").assumptions == three);
}

TEST_CASE("assumptions with their reasons are preferred to their short form") {
  const auto plan = plan_with(R"("distill_assumptions": ["Cold."], "make_assumptions": [{"assumptions": "Long."}])");
  REQUIRE(plan.assumptions.size() == 1);
  CHECK(plan.assumptions[0].statement == "Long.");
}

TEST_CASE("a run gives its premortem and its assumptions") {
  file_map files = small_run();
  files["028-1-premortem_raw.json"] = premortem;
  files["003-4-make_assumptions.json"] = R"([{"question": "?", "assumptions": "Assumption: The deck is of oak."}])";
  files["003-6-distill_assumptions_raw.json"] = R"({"assumption_list": ["Oak."]})";
  const auto plan = read_zip_bytes(zip_of(files));
  REQUIRE(plan.has_value());
  CHECK(plan->risks.size() == 2);
  std::vector<std::string> statements;
  for (const auto& assumption : plan->assumptions) statements.push_back(assumption.statement);
  CHECK(statements == std::vector<std::string>{"The ice holds.", "It is cold.", "The deck is of oak."});
}

TEST_CASE("a premortem or assumptions that cannot be read cost a warning") {
  CHECK(warnings_with(plan_with(R"("premortem": {"markdown": "x"})"), "document_unreadable") == 1);
  CHECK(warnings_with(plan_with(R"("assumptions": {"list": []})"), "document_unreadable") == 1);
  CHECK(warnings_with(plan_with(R"("risks": {"list": []})"), "document_unreadable") == 1);
  CHECK(problem_at(bundle_with(R"("premortem": [])"), "premortem") == "must be an object");
  CHECK(problem_at(bundle_with(R"("assumptions": 5)"), "assumptions") == "must be an object or an array");
  CHECK(problem_at(bundle_with(R"("premortem": {}, "premortem_raw": {})"), "premortem_raw") ==
        "is given under two names");
}

TEST_CASE("more than anybody reads is left out with a warning") {
  const auto risks =
      plan_with(R"("risks": )" + repeated(R"({"risk_area": "r"})", max_plan_risks + 5) +
                R"(, "premortem": {"failure_modes": )" + repeated(R"({"failure_mode_title": "f"})", 5) + "}");
  CHECK(risks.risks.size() == max_plan_risks);
  CHECK(warnings_with(risks, "risks_left_out") == 2);
  const auto assumptions = plan_with(R"("assumptions": )" + repeated("\"so\"", max_plan_assumptions + 5));
  CHECK(assumptions.assumptions.size() == max_plan_assumptions);
  CHECK(warnings_with(assumptions, "risks_left_out") == 1);
}

TEST_CASE("texts and lists of a risk are cut to what is shown") {
  const std::string text(100'000, 'x');
  const auto plan =
      plan_with(R"("premortem": {"failure_modes": [{"failure_mode_title": ")" + text + R"(", "risk_analysis": ")" +
                text + R"(", "owner": ")" + text + R"(", "tripwires": )" + repeated("\"" + text + "\"", 20) +
                R"(, "playbook": )" + repeated("\"" + text + "\"", 20) + "}]}");
  REQUIRE(plan.risks.size() == 1);
  const auto& risk = plan.risks[0];
  const std::size_t ellipsis = 3;
  CHECK(risk.title.size() <= max_risk_line_bytes + ellipsis);
  CHECK(risk.description.size() <= max_risk_text_bytes + ellipsis);
  CHECK(risk.owner.size() <= max_risk_line_bytes + ellipsis);
  CHECK(risk.tripwires.size() == max_risk_lines);
  CHECK(risk.tripwires[0].size() <= max_risk_line_bytes + ellipsis);
  CHECK(risk.mitigation.size() <= max_risk_lines * (max_risk_line_bytes + ellipsis + 1));
}
