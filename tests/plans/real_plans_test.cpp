// Finished PlanExe runs as they were published, and the plan of our own. The numbers below were counted by another
// program from the same files; levels and leaves are counted once more here, from the CSV that PlanExe wrote beside
// the tree. Where the runs are not at hand the cases are skipped, in CI they must be there.
#include <array>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/plans/reading.hpp"

using namespace planexe;
using namespace planexe::plans;
using namespace planexe::plans::testing;
using verdict = domain::redline_verdict;

namespace {

const std::filesystem::path source{PLANEXE_SOURCE_DIR};

/// The folder of the real runs, or nothing after saying so.
std::optional<std::filesystem::path> real_runs() {
  const std::filesystem::path found = source / ".." / "shared" / "plans";
  if (std::filesystem::is_directory(found)) return found;
  const char* ci = std::getenv("CI");
  if (ci != nullptr && std::string_view{ci} == "true") FAIL("the real runs are missing");
  std::puts("\nSKIPPED: the real runs are not here");
  return std::nullopt;
}

struct expected_run {
  std::string_view name;
  std::size_t phases, tasks, leaves, dependencies, roles, risks;
  verdict redline;
};

constexpr std::array<expected_run, 15> runs{{
    {"20250209_puzzle_restaurant", 6, 30, 137, 12, 0, 0, verdict::none},
    {"20250311_rust_os", 5, 22, 101, 15, 8, 9, verdict::none},
    {"20250427_555project", 6, 25, 115, 14, 8, 12, verdict::none},
    {"20250511_insect_farm", 6, 33, 152, 15, 8, 8, verdict::none},
    {"20250517_tea_eshop", 5, 25, 122, 20, 8, 6, verdict::none},
    {"20250714_bloodtest_startup", 6, 24, 101, 17, 8, 10, verdict::none},
    {"20250723_malaria_reduction", 7, 28, 124, 11, 8, 8, verdict::none},
    {"20251016_minecraft_escape", 7, 30, 135, 12, 8, 9, verdict::allow},
    {"20251019_roundabout_construction", 8, 44, 206, 19, 8, 10, verdict::allow},
    {"20251114_paperclip_automation", 6, 29, 132, 16, 8, 10, verdict::allow},
    {"20251220_113753_global_relocation", 7, 35, 163, 10, 8, 12, verdict::allow_with_safety_framing},
    {"20260201_media_rescue", 8, 41, 175, 12, 8, 10, verdict::allow},
    {"20260202_heatwave_resilience", 5, 31, 144, 12, 8, 9, verdict::allow_with_safety_framing},
    {"20260215_nuuk_clay_workshop", 10, 50, 211, 10, 8, 6, verdict::allow},
    {"20260303_crate_recovery_campaign", 6, 25, 89, 15, 8, 7, verdict::allow},
}};

struct counts {
  std::size_t phases = 0, tasks = 0, leaves = 0;
  friend bool operator==(const counts&, const counts&) = default;
};

std::vector<const domain::task_definition*> leaves_of(const domain::plan& plan) {
  std::vector<bool> has_children(plan.tasks.size(), false);
  for (const auto& task : plan.tasks)
    if (task.parent != domain::no_task) has_children[task.parent] = true;
  std::vector<const domain::task_definition*> leaves;
  for (std::size_t i = 0; i < plan.tasks.size(); ++i)
    if (!has_children[i]) leaves.push_back(&plan.tasks[i]);
  return leaves;
}

counts counted(const domain::plan& plan) {
  counts result;
  for (const auto& task : plan.tasks) {
    result.phases += task.level == domain::task_level::phase;
    result.tasks += task.level == domain::task_level::task;
  }
  result.leaves = leaves_of(plan).size();
  return result;
}

/// Rows of `Level 1;Level 2;Level 3;Level 4;Task ID`: the first filled column is the level.
counts counted_in_csv(const std::filesystem::path& run) {
  for (const auto& file : std::filesystem::directory_iterator{run}) {
    if (file.path().string().find("wbs_project_level1_and_level2_and_level3.csv") == std::string::npos) continue;
    counts result;
    std::ifstream in{file.path()};
    std::string line;
    std::getline(in, line);
    while (std::getline(in, line)) {
      const std::size_t level = line.find_first_not_of(';');
      result.phases += level == 1;
      result.tasks += level == 2;
      result.leaves += level == 3;
    }
    return result;
  }
  return {};
}

void check_against(const domain::plan& plan, const expected_run& run) {
  CHECK(counted(plan) == counts{run.phases, run.tasks, run.leaves});
  CHECK(plan.dependencies.size() == run.dependencies);
  CHECK(plan.roles.size() == run.roles);
  CHECK(plan.risks.size() == run.risks);
  CHECK(plan.redline == run.redline);
  CHECK_FALSE(plan.goal.empty());
  CHECK_FALSE(plan.title.empty());
  CHECK(plan.start_date.has_value());
}

}  // namespace

TEST_CASE("fifteen real runs are read with exact counts") {
  const auto folder = real_runs();
  if (!folder) return;
  for (const auto& run : runs) {
    CAPTURE(run.name);
    const auto read = read_plan_from_path(*folder / run.name);
    REQUIRE(read.has_value());
    check_against(*read, run);
    CHECK(counted(*read) == counted_in_csv(*folder / run.name));
  }
}

TEST_CASE("two published zips give the same plans as their folders") {
  const auto folder = real_runs();
  if (!folder) return;
  for (const std::string name : {"20250714_bloodtest_startup", "20251019_roundabout_construction"}) {
    CAPTURE(name);
    const auto zip = read_plan_from_path(*folder / "_zips" / (name + ".zip"));
    const auto plain = read_plan_from_path(*folder / name);
    REQUIRE(zip.has_value());
    REQUIRE(plain.has_value());
    CHECK(*zip == *plain);
  }
}

TEST_CASE("every leaf of a real run has an action, a role where there is a team, and a fair confidence") {
  const auto folder = real_runs();
  if (!folder) return;
  for (const auto& run : runs) {
    CAPTURE(run.name);
    const auto read = read_plan_from_path(*folder / run.name);
    REQUIRE(read.has_value());
    std::size_t below = 0;
    std::size_t without_estimate = 0;
    for (const auto* leaf : leaves_of(*read)) {
      CHECK_FALSE(leaf->action.empty());
      CHECK(leaf->assignee_role.empty() == read->roles.empty());
      without_estimate += !leaf->estimate.has_value();
      CHECK(leaf->agent_executable == (leaf->tier != domain::autonomy_tier::person_led));
      below += leaf->decomposition_confidence < 0.7;
    }
    // This run says of one phase and both its tasks that nobody knows.
    CHECK(without_estimate == (run.name == "20251114_paperclip_automation" ? 9 : 0));
    CHECK(below * 100 >= run.leaves * 3);
    CHECK(below * 100 <= run.leaves * 30);
  }
}

TEST_CASE("the traps in the real runs are warnings with stable codes") {
  const auto folder = real_runs();
  if (!folder) return;
  const auto read = [&](std::string_view name) {
    auto plan = read_plan_from_path(*folder / name);
    REQUIRE(plan.has_value());
    return *std::move(plan);
  };
  const auto relocation = read("20251220_113753_global_relocation");
  CHECK(warnings_with(relocation, "duration_twice") == 1);
  CHECK(warnings_with(relocation, "duration_missing") == 1);
  CHECK(relocation.start_warning.starts_with("Do Not Execute."));
  const auto crates = read("20260303_crate_recovery_campaign");
  CHECK(warnings_with(crates, "edge_unknown_task") == 1);
  CHECK(warnings_with(crates, "explanation_mismatch") == 1);
  CHECK(crates.start_warning.empty());
  CHECK(warnings_with(read("20250714_bloodtest_startup"), "explanation_mismatch") == 7);
  CHECK(warnings_with(read("20250714_bloodtest_startup"), "duration_incomplete") == 1);
  CHECK(warnings_with(read("20250209_puzzle_restaurant"), "no_team") == 1);
  CHECK(read("20251019_roundabout_construction").warnings.empty());
}

TEST_CASE("the demo's plan is read without a warning, and asks a person now and then") {
  const auto read = read_plan_from_path(source / "configs" / "demo_plan");
  REQUIRE(read.has_value());
  check_against(*read, {"demo", 4, 10, 24, 5, 4, 3, verdict::allow});
  CHECK(read->warnings.empty());
  CHECK(read->start_warning.empty());
  std::size_t below = 0;
  for (const auto* leaf : leaves_of(*read)) {
    below += leaf->decomposition_confidence < 0.7;
    CHECK(leaf->estimate.has_value());
    CHECK_FALSE(leaf->assignee_role.empty());
  }
  CHECK(below >= 2);
  CHECK(below <= 4);
}
