// The plan against reality, what happened lately, and plans that are only tried, as clients see them.
#include <doctest/doctest.h>

#include "gateway/json/render_activity.hpp"
#include "gateway/json/render_plan.hpp"
#include "gateway/json/render_preview.hpp"
#include "gateway/json/render_report.hpp"
#include "tests/gateway/json_fixtures.hpp"

namespace planexe::tests {

using namespace gateway;

namespace {

json report_of(const live_execution& live, const std::vector<role_agents>* agents = nullptr) {
  return rendered([&](std::string& text) {
    render_report(text, live.id, live.state, domain::report_of(live.state, live.now()), agents);
  });
}

const json& row(const json& report, const char* task) {
  for (const auto& each : report.at("tasks"))
    if (each.at("task_id") == task) return each;
  FAIL("no row of " << task);
  return report;
}

}  // namespace

TEST_CASE("a report holds the plan's own times before the start, and nothing that is not known") {
  const live_execution live;
  const auto report = report_of(live);
  CHECK(report.at("execution_id") == "e1");
  CHECK(report.at("status") == "CREATED");
  CHECK(!report.contains("started_at"));
  CHECK(report.at("pace") == json{{"days_per_day", 1.0}, {"leaves", 0}});
  CHECK(report.at("tasks").size() == 7);
  CHECK(row(report, "p1").at("level") == "phase");
  CHECK(!row(report, "p1").contains("parent_id"));
  CHECK(row(report, "t1.b").at("parent_id") == "t1");
  CHECK(row(report, "t1.b").at("planned_start_days") == row(report, "t1.a").at("planned_end_days"));
  CHECK(row(report, "t3").at("planned_start_days") == row(report, "p1").at("planned_end_days"));
  for (const auto* absent : {"planned_start", "actual_start", "actual_end", "actual_days", "expected_end", "slip_days"})
    CHECK(!row(report, "t3").contains(absent));
  CHECK(report.at("roles").at(0).at("role") == "cook");
  CHECK(!report.at("roles").at(0).contains("agents"));
}

TEST_CASE("a report of what runs holds actual and expected times, and who there is") {
  live_execution live(small_plan(), {.review_threshold = 0});
  live.run(domain::queue_execution{});
  live.assign("t1.a");
  live.run(domain::complete_task{{{"a1"}, {"t1.a"}, "token-1"}, "{}", {}});
  live.assign("t1.b");
  const std::vector<role_agents> agents{{3, 1}, {5, 2}};
  const auto report = report_of(live, &agents);
  CHECK(report.at("roles").at(0).at("agents") == 3);
  CHECK(report.at("roles").at(0).at("agents_active") == 1);
  CHECK(report.at("roles").at(1).at("role") == "");
  CHECK(row(report, "t1.a").at("actual_start") == report.at("started_at"));
  CHECK(row(report, "t1.a").at("actual_days").get<double>() == doctest::Approx(1.0 / 86'400));
  CHECK(row(report, "t1").at("status") == "RUNNING");
  CHECK(row(report, "t1").contains("expected_end"));
  CHECK(!row(report, "t1").contains("actual_end"));
  CHECK(row(report, "p2").at("expected_end") == report.at("forecast").at("eta"));
  CHECK(report.at("totals").at("slip_days") == row(report, "p2").at("slip_days"));
  CHECK(report.at("totals").at("attempts") == 2);
}

TEST_CASE("an entry of the activity has what it knows, and no more") {
  projections::activity_row entry;
  entry.position = 7;
  entry.seq = 1;
  entry.event_type = "agent_registered";
  entry.agent.value = "ann";
  entry.actor = "agent:ann";
  entry.at = first_moment();
  const auto body = rendered([&](std::string& text) { render_activity(text, std::vector{entry}); });
  CHECK(body == json::array({{{"position", 7},
                              {"seq", 1},
                              {"event_type", "agent_registered"},
                              {"agent_id", "ann"},
                              {"actor", "agent:ann"},
                              {"timestamp", "2026-01-31T09:05:07.250Z"}}}));
}

TEST_CASE("a preview counts who does what, phase by phase, and finds the longest way") {
  auto plan = small_plan();
  plan.tasks[6].tier = domain::autonomy_tier::person_led;
  const auto shared = std::make_shared<const domain::plan>(plan);
  auto summary = projections::make_plan_row(plan, 0.7, {});
  summary.id = {};
  const auto body = rendered([&](std::string& text) { render_plan_preview(text, summary, shared); });
  CHECK(!body.contains("plan_id"));
  CHECK(body.at("tasks_total") == 4);
  const auto& preview = body.at("preview");
  CHECK(preview.at("roles").at(0).at("role") == "cook");
  CHECK(preview.at("roles").at(0).at("leaves") == 1);
  CHECK(preview.at("roles").at(1).at("agent_with_approval") == 1);
  CHECK(preview.at("roles").at(1).at("person_led") == 1);
  CHECK(preview.at("roles").at(1).at("agent_alone") == 1);
  REQUIRE(preview.at("phases").size() == 2);
  CHECK(preview.at("phases").at(0).at("tasks") == 2);
  CHECK(preview.at("phases").at(0).at("leaves") == 3);
  CHECK(preview.at("phases").at(0).at("end_days") == preview.at("phases").at(1).at("start_days"));
  CHECK(preview.at("phases").at(1).at("end_days") == preview.at("days"));
  double critical = 0;
  for (const auto& phase : preview.at("phases")) critical += phase.at("critical_days").get<double>();
  CHECK(critical == doctest::Approx(preview.at("days").get<double>()));
  CHECK(preview.at("critical_path").back().at("task_id") == "t3");
  CHECK(preview.at("tasks") == rendered([&](std::string& text) { render_plan_tasks(text, plan); }));
}

}  // namespace planexe::tests
