// PlanExe runs as bundles and folders: what they become, and the traps of real runs.
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "plans/run_files.hpp"
#include "plans/run_reader.hpp"
#include "tests/plans/reading.hpp"

using namespace planexe;
using namespace planexe::plans;
using namespace planexe::plans::testing;

namespace {

constexpr const char* wbs_file = "023-3-wbs_project_level1_and_level2_and_level3.json";
constexpr const char* edges_file = "021-task_dependencies_raw.json";
constexpr const char* days_file = "022-2-task_durations.json";
constexpr const char* team_file = "011-2-enrich_team_members_environment_info.json";

/// A folder that goes with the test.
class folder {
 public:
  explicit folder(const file_map& files)
      : path_(std::filesystem::temp_directory_path() /
              ("planexe_plans_" + std::to_string(::getpid()) + "_" + std::to_string(count_++))) {
    for (const auto& [name, content] : files) {
      std::filesystem::create_directories((path_ / name).parent_path());
      std::ofstream{path_ / name, std::ios::binary} << content;
    }
  }
  ~folder() { std::filesystem::remove_all(path_); }
  folder(const folder&) = delete;
  folder& operator=(const folder&) = delete;
  const std::filesystem::path& path() const { return path_; }

 private:
  static inline int count_ = 0;
  std::filesystem::path path_;
};

outcome read_files(const file_map& files) {
  return read_plan_from_path(folder{files}.path());
}

/// The small run with one file replaced; an empty text leaves the file out.
outcome read_with(const std::string& name, const std::string& content) {
  file_map files = small_run();
  files.erase(name);
  if (!content.empty()) files[name] = content;
  return read_files(files);
}

domain::plan must_read(const outcome& read) {
  if (!read)
    for (const auto& problem : read.error().problems) MESSAGE(problem.field << ": " << problem.message);
  REQUIRE(read.has_value());
  return *read;
}

}  // namespace

TEST_CASE("a run's folder becomes the domain's plan") {
  const auto plan = must_read(read_files(small_run()));
  CHECK(plan.title == "Bridge");
  CHECK(plan.goal == "Mend a bridge.");
  CHECK(domain::format_rfc3339(*plan.start_date) == "2025-10-19T00:00:00.000Z");
  std::vector<std::string> ids;
  for (const auto& task : plan.tasks) ids.push_back(task.id.value);
  CHECK(ids == std::vector<std::string>{"p1", "t1", "a", "b", "t2", "p2", "t3", "c", "d"});
  CHECK(find_task(plan, "p1")->level == domain::task_level::phase);
  CHECK(find_task(plan, "t2")->level == domain::task_level::task);
  CHECK(find_task(plan, "a")->level == domain::task_level::subtask);
  CHECK(find_task(plan, "a")->description == "Look at it.");
  CHECK(find_task(plan, "a")->resources == std::vector<std::string>{"Boat", "River Expert"});
  REQUIRE(plan.dependencies.size() == 2);
  CHECK(plan.dependencies[0].explanation == "first look");
  CHECK(plan.tasks[plan.dependencies[1].from].id.value == "t2");
  CHECK(plan.tasks[plan.dependencies[1].to].id.value == "t3");
  CHECK(plan.roles == std::vector<domain::team_role>{{"Bridge Builder", "Builds."}, {"River Experts", ""}});
  CHECK(plan.warnings.empty());
}

TEST_CASE("a leaf gets its share of the nearest estimate above it") {
  const auto plan = must_read(read_files(small_run()));
  CHECK(find_task(plan, "a")->estimate == domain::estimate{1, 2, 3});    // t1 over two leaves
  CHECK(find_task(plan, "t2")->estimate == domain::estimate{1, 2, 3});   // a leaf with its own
  CHECK(find_task(plan, "c")->estimate == domain::estimate{5, 10, 15});  // t3 is unknown: p2 over two
  CHECK_FALSE(find_task(plan, "t3")->estimate.has_value());
}

TEST_CASE("names are matched with and without PlanExe's numbers, and with nothing else") {
  CHECK(without_number("plan.txt") == "plan.txt");
  CHECK(without_number("001-plan.txt") == "plan.txt");
  CHECK(without_number("001-2-plan.txt") == "plan.txt");
  CHECK(without_number("023-1-12-wbs_level3_raw.json") == "wbs_level3_raw.json");
  CHECK(without_number("01-plan.txt") == "01-plan.txt");
  CHECK(without_number("0012-plan.txt") == "0012-plan.txt");
  CHECK(without_number("001plan.txt") == "001plan.txt");
  CHECK(is_run_file("run/021-task_dependencies_raw.json"));
  CHECK_FALSE(is_run_file("__MACOSX/run/021-task_dependencies_raw.json"));
  CHECK_FALSE(is_run_file("run/._021-task_dependencies_raw.json"));
  CHECK_FALSE(is_run_file("my-task_dependencies_raw.json"));
  CHECK_FALSE(is_run_file("task_dependencies_raw.json.bak"));

  file_map bare;
  for (const auto& [name, content] : small_run()) bare[std::string{without_number(name)}] = content;
  CHECK(must_read(read_files(bare)) == must_read(read_files(small_run())));
}

TEST_CASE("a bare tree and a bundle are read from JSON") {
  const auto files = small_run();
  const auto bare = must_read(read_text(files.at(wbs_file)));
  CHECK(bare.tasks.size() == 9);
  CHECK(bare.goal == "A bridge");
  CHECK(warnings_with(bare, "no_dependencies") == 1);
  CHECK(warnings_with(bare, "no_durations") == 1);
  CHECK(warnings_with(bare, "no_team") == 1);
  CHECK(find_task(bare, "a")->assignee_role.empty());

  std::string bundle = files.at(wbs_file);
  bundle.erase(bundle.rfind('}'));
  bundle += R"(, "task_dependencies": )" + files.at(edges_file) + R"(, "task_durations": )" + files.at(days_file) +
            R"(, "team": )" + files.at(team_file) + R"(, "plan_text": "Mend a bridge.\nToday's date:\n2025-10-19")" +
            R"(, "horoscope": {}})";
  auto whole = must_read(read_text(bundle));
  CHECK(warnings_with(whole, "unknown_member") == 1);
  whole.warnings.clear();
  CHECK(whole == must_read(read_files(files)));
}

TEST_CASE("dependencies may be the array itself") {
  const auto files = small_run();
  std::string bundle = files.at(wbs_file);
  bundle.erase(bundle.rfind('}'));
  bundle += R"(, "task_dependencies": [{"dependent_task_id": "t3", "depends_on_task_id_list": ["t1"],
              "depends_on_task_explanation_list": ["x"]}]})";
  CHECK(must_read(read_text(bundle)).dependencies.size() == 1);
}

TEST_CASE("members of a bundle with a wrong type are refused by name") {
  const std::string start =
      R"({"wbs_project": {"description": "x", "task_children": [{"id": "a", "description": "b"}]}, )";
  CHECK(problem_at(read_text(start + R"("team": 5})"), "team") == "must be an array");
  CHECK(problem_at(read_text(start + R"("task_durations": "x"})"), "task_durations") == "must be an array");
  CHECK(problem_at(read_text(start + R"("task_dependencies": true})"), "task_dependencies").has_value());
  CHECK(problem_at(read_text(start + R"("goal": []})"), "goal") == "must be a string");
  CHECK(problem_at(read_text(start + R"("risks": [], "identify_risks_raw": []})"), "risks").has_value());
  CHECK(problem_at(read_text(R"({"wbs_project": 1})"), "wbs_project") == "must be an object");
}

TEST_CASE("a broken tree is refused with the place of each fault") {
  const auto read = read_text(R"({"wbs_project": {"description": "x", "task_children": [
    {"id": "a", "description": "A", "task_children": [{"description": "no id"}, {"id": "c"}, 5]},
    {"id": "d", "description": "D", "task_children": 7}]}})");
  CHECK(problem_at(read, "wbs_project.task_children[0].task_children[0].id") == "is required");
  CHECK(problem_at(read, "wbs_project.task_children[0].task_children[1].description").has_value());
  CHECK(problem_at(read, "wbs_project.task_children[0].task_children[2]") == "must be an object");
  CHECK(problem_at(read, "wbs_project.task_children[1].task_children") == "must be an array");
}

TEST_CASE("an id used twice in the tree refuses the plan") {
  const auto read = read_text(R"({"wbs_project": {"description": "x", "task_children": [
    {"id": "a", "description": "A"}, {"id": "a", "description": "B"}]}})");
  CHECK(problem_at(read, "a") == "task id 'a' is used twice");
}

TEST_CASE("an edge that cannot be is a warning, and the others stay") {
  const auto plan = must_read(read_with(edges_file, R"({"task_dependency_details": [
    {"dependent_task_id": "t2", "depends_on_task_id_list": ["ghost", "t1", "t1", "t2", "root", 7],
     "depends_on_task_explanation_list": ["1", "2", "3", "4", "5", "6"]},
    {"dependent_task_id": "ghost", "depends_on_task_id_list": ["t1"], "depends_on_task_explanation_list": ["x"]},
    {"depends_on_task_id_list": ["t1"]}, "nonsense"]})"));
  REQUIRE(plan.dependencies.size() == 1);
  CHECK(plan.dependencies[0].explanation == "2");
  CHECK(warnings_with(plan, "edge_unknown_task") == 2);
  CHECK(warnings_with(plan, "edge_twice") == 1);
  CHECK(warnings_with(plan, "edge_to_itself") == 1);
  CHECK(warnings_with(plan, "edge_to_project") == 1);
  CHECK(warnings_with(plan, "edge_unreadable") == 3);
  CHECK(plan.warnings[0].task.value == "t2");
}

TEST_CASE("one explanation for several edges explains them all") {
  const auto plan = must_read(read_with(edges_file, R"({"task_dependency_details": [
    {"dependent_task_id": "t3", "depends_on_task_id_list": ["t1", "t2"], "depends_on_task_explanation_list": ["both"]}]})"));
  REQUIRE(plan.dependencies.size() == 2);
  CHECK(plan.dependencies[1].explanation == "both");
  CHECK(warnings_with(plan, "explanation_mismatch") == 1);
}

TEST_CASE("an edge that points backwards in the document is an edge like any other") {
  const auto plan = must_read(read_with(edges_file, R"({"task_dependency_details": [
    {"dependent_task_id": "t1", "depends_on_task_id_list": ["t3"], "depends_on_task_explanation_list": ["why not"]}]})"));
  CHECK(plan.dependencies.size() == 1);
  CHECK(plan.warnings.empty());
}

TEST_CASE("odd durations are warnings") {
  const auto plan = must_read(read_with(days_file, R"([
    {"task_id": "t1", "days_min": 6, "days_realistic": 4, "days_max": 2},
    {"task_id": "t1", "days_min": 1, "days_realistic": 1, "days_max": 1},
    {"task_id": "t2", "days_min": -1, "days_realistic": 8, "days_max": -1},
    {"task_id": "p2", "days_min": "two", "days_realistic": 8, "days_max": 9},
    {"task_id": "ghost", "days_min": 1, "days_realistic": 1, "days_max": 1},
    {"task_id": "t3", "days_min": 1, "days_realistic": 1, "days_max": 1e300}])"));
  CHECK(find_task(plan, "t1")->estimate == domain::estimate{2, 4, 6});
  CHECK(find_task(plan, "t2")->estimate == domain::estimate{8, 8, 8});
  CHECK(warnings_with(plan, "duration_unordered") == 1);
  CHECK(warnings_with(plan, "duration_twice") == 1);
  CHECK(warnings_with(plan, "duration_incomplete") == 1);
  CHECK(warnings_with(plan, "duration_unreadable") == 2);
  CHECK(warnings_with(plan, "duration_unknown_task") == 1);
  CHECK(warnings_with(plan, "duration_missing") == 1);  // p1
}

TEST_CASE("what decides the order must be readable and the rest costs a warning") {
  CHECK(problem_at(read_with(edges_file, "{broken"), "task_dependencies_raw.json").has_value());
  CHECK(problem_at(read_with("002-1-redline_gate.json", "{"), "redline_gate.json").has_value());
  CHECK(problem_at(read_with("002-1-redline_gate.json", "{}"), "redline_gate") == "has no verdict");
  CHECK(problem_at(read_with("004-2-pre_project_assessment.json", "[]"), "pre_project_assessment").has_value());
  CHECK(problem_at(read_with(wbs_file, "{\"wbs_project\":"), "wbs_project_level1_and_level2_and_level3.json")
            .has_value());
  CHECK(problem_at(read_with(wbs_file, ""), "wbs_project_level1_and_level2_and_level3.json").has_value());
  CHECK(warnings_with(must_read(read_with(team_file, "[")), "document_unreadable") == 1);
  CHECK(warnings_with(must_read(read_with(days_file, "{}")), "document_unreadable") == 1);
  CHECK(warnings_with(must_read(read_with("001-2-plan.txt", "Plan:\n\xff\xfe")), "document_unreadable") == 1);
  CHECK(warnings_with(must_read(read_with(team_file, "")), "no_team") == 1);
}

TEST_CASE("the same document under two numbers is a warning, and the later one counts") {
  const auto plan = must_read(read_with("099-enrich_team_members_environment_info.json", R"([{"category": "Late"}])"));
  CHECK(warnings_with(plan, "document_twice") == 1);
  CHECK(plan.roles == std::vector<domain::team_role>{{"Late", ""}});
}

TEST_CASE("PlanExe's verdict and assessment come along") {
  using domain::redline_verdict;
  const auto verdict = [](const std::string& text) {
    return must_read(read_with("redline_gate.json", R"({"verdict": ")" + text + "\"}"));
  };
  CHECK(must_read(read_files(small_run())).redline == redline_verdict::none);
  CHECK(verdict("ALLOW").redline == redline_verdict::allow);
  CHECK(verdict("ALLOW_WITH_SAFETY_FRAMING").redline == redline_verdict::allow_with_safety_framing);
  CHECK(verdict("REFUSE").redline == redline_verdict::refuse);
  const auto unknown = verdict("PONDER");
  CHECK(unknown.redline == redline_verdict::none);
  CHECK(warnings_with(unknown, "redline_unknown") == 1);
  CHECK_FALSE(unknown.start_warning.empty());

  const auto advice = [](const std::string& text) {
    return must_read(read_with("004-2-pre_project_assessment.json", R"({"go_no_go_recommendation": ")" + text + "\"}"))
        .start_warning;
  };
  CHECK(advice("Do Not Execute. It cannot work.") == "Do Not Execute. It cannot work.");
  CHECK(advice("DO NOT EXECUTE").size() == 14);
  CHECK(advice("Proceed with Caution. Do not execute blindly.").empty());
  CHECK(advice("Execute Immediately").empty());
}

TEST_CASE("the goal is the refined one, else the prompt, else the deliverable") {
  CHECK(must_read(read_with("project_plan_raw.json", R"({"goal_statement": "Refined"})")).goal == "Refined");
  CHECK(must_read(read_with("001-2-plan.txt", "")).goal == "A bridge");
  const auto long_goal = must_read(read_with("001-2-plan.txt", "Plan:\n" + std::string(5'000, 'x'))).goal;
  CHECK(long_goal.size() < 2'010);
  CHECK(long_goal.ends_with("…"));
}

TEST_CASE("the date in a plan's text") {
  const auto date = [](std::string_view text) {
    const auto found = date_in_plan_text(text);
    return found ? domain::format_rfc3339(*found).substr(0, 10) : std::string{};
  };
  CHECK(date("Today's date:\n2025-Oct-19\n\nProject start ASAP") == "2025-10-19");
  CHECK(date("Today's date:\n2025-feb-09") == "2025-02-09");
  CHECK(date("Today's date: 2026-03-02\n") == "2026-03-02");
  CHECK(date("Today's date:\n2025-Foo-19").empty());
  CHECK(date("Today's date:\n2025-Feb-31").empty());
  CHECK(date("Today's date:").empty());
  CHECK(date("no date").empty());
}

TEST_CASE("the start is what the run's clock said, where it was written down") {
  const auto plan = must_read(read_with("001-1-start_time.json", R"({"server_iso_utc": "2025-10-19T14:32:56Z"})"));
  CHECK(domain::format_rfc3339(*plan.start_date) == "2025-10-19T14:32:56.000Z");
}

TEST_CASE("PlanExe's risks come along in the domain's words") {
  const auto plan = must_read(read_with("003-1-identify_risks_raw.json", R"({"risks": [{"risk_area": "Law",
    "risk_description": "No permit.", "potential_impact": "Delay.", "likelihood": "low", "severity": "high",
    "action": "Ask early."}, {}]})"));
  REQUIRE(plan.risks.size() == 1);
  const domain::plan_risk law{.title = "Law",
                              .description = "No permit. Delay.",
                              .severity = "high",
                              .mitigation = "Ask early.",
                              .id = "R1",
                              .likelihood = "low"};
  CHECK(plan.risks[0] == law);
}

TEST_CASE("paths that hold no plan are refused") {
  CHECK(problem_at(read_plan_from_path("/nonexistent/plan.json"), "path").has_value());
  CHECK_FALSE(read_files({{"readme.md", "hello"}}).has_value());
  const folder one{{{"plan.json", R"({"goal": "g", "phases": [{"name": "P"}]})"}}};
  CHECK(read_plan_from_path(one.path() / "plan.json").has_value());
}

TEST_CASE("a run in the only subfolder is found, and two runs side by side are refused") {
  file_map nested;
  file_map two;
  for (const auto& [name, content] : small_run()) {
    nested["run/" + name] = content;
    two["one/" + name] = content;
    two["two/" + name] = content;
  }
  CHECK(must_read(read_files(nested)) == must_read(read_files(small_run())));
  CHECK(problem_at(read_files(two), "wbs_project_level1_and_level2_and_level3.json").has_value());
}
