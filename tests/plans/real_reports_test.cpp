// The report of executions of real plans: what always holds of one holds of these, from the start to the end.
#include <cstdio>
#include <cstdlib>
#include <filesystem>

#include "plans/plan_reader.hpp"
#include "tests/domain/random_walk.hpp"
#include "tests/domain/report_checks.hpp"
#include "tests/domain/scenario.hpp"

namespace planexe::tests {

using namespace domain;

namespace {

std::vector<std::filesystem::path> some_runs() {
  const std::filesystem::path source{PLANEXE_SOURCE_DIR};
  std::vector<std::filesystem::path> runs{source / "configs" / "demo_plan"};
  const auto real = source / ".." / "shared" / "plans";
  for (const auto* name : {"20250427_555project", "20251019_roundabout_construction", "20260215_nuuk_clay_workshop"})
    if (std::filesystem::is_directory(real / name)) runs.push_back(real / name);
  const char* ci = std::getenv("CI");
  if (runs.size() == 1 && ci != nullptr && std::string_view{ci} == "true") FAIL("the real runs are missing");
  if (runs.size() == 1) std::puts("\nSKIPPED: the real runs are not here");
  return runs;
}

/// A leaf that can be handed out; `no_task` when none can.
task_index ready_leaf(const execution_state& state) {
  for (const auto leaf : state.graph->leaves())
    if (state.tasks[leaf].stage == leaf_stage::ready) return leaf;
  return no_task;
}

/// A few agents take what is ready and end what they hold, now and then in vain, until all is done.
void work_off(scenario& s, dice& roll) {
  constexpr std::size_t agents = 5;
  for (int step = 0; s.state.status != execution_status::completed; ++step) {
    REQUIRE(step < 20'000);
    s.after(hours(roll.below(30)));
    const auto leaf = ready_leaf(s.state);
    if (leaf != no_task && s.state.held.size() < agents && roll.chance(60)) {
      run(s.state, assign_task{leaf, {"ann"}, "t" + std::to_string(step), "free"}, s.now);
    } else if (!s.state.held.empty()) {
      const auto held = *s.state.held.begin();
      const auto report = by("ann", s.state.definition(held).id.value, s.state.tasks[held].lease->token);
      if (roll.chance(5))
        run(s.state, fail_task{report, "odd", "no luck"}, s.now);
      else
        run(s.state, complete_task{report, "{}", {}}, s.now);
    } else {
      for (const auto each : s.state.graph->leaves())
        if (s.state.tasks[each].retry_at) run(s.state, wake_retry{each}, s.now);
    }
    if (roll.chance(4)) check_report(s.state, s.now);
  }
}

}  // namespace

TEST_CASE("reports of real plans hold together from the start to the end") {
  for (const auto& path : some_runs()) {
    INFO(path.filename().string());
    auto read = plans::read_plan_from_path(path);
    REQUIRE(read.has_value());
    const auto plan = std::make_shared<const domain::plan>(*std::move(read));
    dice roll{11};
    scenario s{plan,
               {.review_threshold = 0,
                .timeout = hours(24 * 3000),
                .task_timeout = hours(24 * 300),
                .retry = {.max_attempts = 100}}};
    check_report(s.state, s.now);
    s.when(queue_execution{});
    work_off(s, roll);
    check_report(s.state, s.now);
    const auto report = report_of(s.state, s.now);
    CHECK_EQ(report.totals.tasks_completed, report.totals.tasks_total);
    CHECK_EQ(report.totals.done_effort_days, doctest::Approx(report.totals.planned_effort_days));
    CHECK(report.totals.slip_days);
    for (const auto& task : report.tasks) CHECK(task.slip_days);
  }
}

}  // namespace planexe::tests
