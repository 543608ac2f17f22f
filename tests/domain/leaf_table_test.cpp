// What every report, timer and decision of a person comes to, for a leaf in every stage in which it can stand.
#include <doctest/doctest.h>

#include <array>
#include <iterator>
#include <set>
#include <sstream>

#include "tests/domain/oracle.hpp"
#include "tests/domain/scenario.hpp"

namespace planexe::tests {

using namespace domain;

namespace {

/// Where A stands. Y is held by zoe all the time, so that the execution runs whatever becomes of A.
constexpr std::array places{"waiting",   "ready",    "held", "retrying", "approval", "failure",   "requested",
                            "escalated", "external", "done", "skipped",  "failed",   "cancelled", "apart"};
constexpr std::array stage_names{"wait", "ready", "held", "retry", "review", "extern", "done", "failed", "cancel"};
static_assert(stage_names.size() == leaf_stage_count);

std::shared_ptr<const decomposition> one_part() {
  auto parts = std::make_shared<decomposition>();
  parts->subtasks.emplace_back();
  parts->subtasks.back().definition.id = {"A.1"};
  parts->subtasks.back().definition.title = "A.1";
  return parts;
}

void bring_to(scenario& s, const std::string& place) {
  const auto bob = by("bob", "A", "t1");
  s.hand_out("Y", "zoe", "t0");
  if (place == "waiting" || place == "ready" || place == "approval") return;
  if (place == "failed") {
    s.when(resolution("A", review_action::reject, "no"));
    return;
  }
  s.hand_out("A", "bob", "t1");
  if (place == "retrying") s.when(fail_task{bob, "io", "broke"});
  if (place == "failure") s.when(fail_task{bob, "io", "broke", false});
  if (place == "requested") s.when(fail_task{bob, "io", "broke", true, true});
  if (place == "external" || place == "escalated") s.when(block_task{bob, "rain", hours(1), false});
  if (place == "escalated") s.after(hours(1)).when(escalate_wait{s.index("A")});
  if (place == "done") s.when(complete_task{bob, "{}", {}});
  if (place == "skipped") s.when(resolution("A", review_action::skip));
  if (place == "cancelled") s.when(cancel_execution{"enough"});
  if (place == "apart") s.when(propose_subtasks{bob, one_part()});
}

scenario in_place(const std::string& place) {
  plan_builder plan;
  plan.phase("P").task("Y").task("A");
  if (place == "approval" || place == "failed") plan.confidence(0.5);
  if (place == "waiting") plan.after("A", "Y");
  auto s = scenario::started(plan);
  bring_to(s, place);
  REQUIRE_FALSE(s.last.rejection);
  return s;
}

const char* stage_of(const scenario& s) {
  return s.state.graph->is_leaf(s.index("A")) ? stage_names[static_cast<std::size_t>(s.task("A").stage)] : "parts";
}

struct row {
  const char* name;
  std::function<execution_command(const scenario&)> command;
  /// A cell for each of `places`:
  ///   .  accepted, nothing is recorded      D  known already: the first answer again
  ///   !  invalid_transition   H  task_not_held   L  lease_lost, the stale report is on the record
  ///   else recorded, and the stage in which A stands afterwards; `parts`: it has been taken apart
  const char* cells;
};

std::vector<std::string> words_of(const char* cells) {
  std::istringstream text{cells};
  return {std::istream_iterator<std::string>{text}, {}};
}

template <class Command>
auto always(Command command) {
  return [command](const scenario&) -> execution_command { return command; };
}

template <class Command>
auto on_leaf() {
  return [](const scenario& s) -> execution_command { return Command{s.index("A")}; };
}

// clang-format off
std::vector<row> report_rows() {
  const auto bob = by("bob", "A", "t1");
  return {
      // wait   ready  held   retry  appr.  lost   req.  escal. extern done   skip   failed cancel apart
      {"start", always(start_task{bob, {}}),
       "L      L      held   L      L      L      L      L      L      L      L      L      L      L"},
      {"progress", always(report_progress{bob, 50, {}}),
       "L      L      held   L      L      L      L      L      L      L      L      L      L      L"},
      {"heartbeat", always(heartbeat{bob, 50, {}}),
       "L      L      held   L      L      L      L      L      L      L      L      L      L      L"},
      {"silent heartbeat", always(heartbeat{bob, {}, {}}),
       "L      L      .      L      L      L      L      L      L      L      L      L      L      L"},
      {"complete", always(complete_task{bob, "{}", {}}),
       "L      L      done   L      L      L      L      L      L      D      L      L      L      L"},
      {"complete otherwise", always(complete_task{bob, "[]", {}}),
       "L      L      done   L      L      L      L      L      L      L      L      L      L      L"},
      {"fail", always(fail_task{bob, "io", "broke"}),
       "L      L      retry  D      L      D      D      L      L      L      L      L      L      L"},
      {"fail otherwise", always(fail_task{bob, "io", "burnt"}),
       "L      L      retry  L      L      L      L      L      L      L      L      L      L      L"},
      {"fail for good", always(fail_task{bob, "io", "lost", false}),
       "L      L      review L      L      L      L      L      L      L      L      L      L      L"},
      {"fail and ask", always(fail_task{bob, "io", "lost", true, true}),
       "L      L      review L      L      L      L      L      L      L      L      L      L      L"},
      {"fail to decompose", always(fail_task{bob, "decomposition_failed", "too large"}),
       "L      L      review L      L      L      L      L      L      L      L      L      L      L"},
      {"block", always(block_task{bob, "rain", hours(1), false}),
       "L      L      extern L      L      L      L      D      D      L      L      L      L      L"},
      {"unblock", always(unblock_task{bob, "dry"}),
       "H      H      H      H      H      H      H      ready  ready  H      H      H      H      H"},
      {"propose subtasks", always(propose_subtasks{bob, one_part()}),
       "L      L      parts  L      L      L      L      L      L      L      L      L      L      D"},
  };
}

std::vector<row> timer_rows() {
  return {
      // wait   ready  held   retry  appr.  lost   req.  escal. extern done   skip   failed cancel apart
      {"assign", [](const scenario& s) -> execution_command { return s.assignment("A", "ann", "t9"); },
       "H      held   H      H      H      H      H      H      H      H      H      H      !      H"},
      {"release", [](const scenario& s) -> execution_command { return release_task{s.index("A"), "t1", "silent"}; },
       ".      .      ready  .      .      .      .      .      .      .      .      .      .      ."},
      {"attempt timeout", [](const scenario& s) -> execution_command { return time_out_attempt{s.index("A"), "t1"}; },
       ".      .      retry  .      .      .      .      .      .      .      .      .      .      ."},
      {"retry", on_leaf<wake_retry>(),
       ".      .      .      ready  .      .      .      .      .      .      .      .      .      ."},
      {"escalate wait", on_leaf<escalate_wait>(),
       ".      .      .      .      .      .      .      .      review .      .      .      .      ."},
      {"escalate overdue", always(escalate_overdue{}),
       ".      ready  .      .      review review review review .      .      .      .      .      parts"},
  };
}

std::vector<row> resolution_rows() {
  using enum review_action;
  auto in_one = resolution("A", decompose);
  in_one.parts = one_part();
  return {
      // wait   ready  held   retry  appr.  lost   req.  escal. extern done   skip   failed cancel apart
      {"approve", always(resolution("A", approve)),
       "!      !      !      !      ready  !      ready  ready  !      !      !      !      !      !"},
      {"reject", always(resolution("A", reject)),
       "!      !      !      !      failed failed failed failed !      !      !      !      !      !"},
      {"retry", always(resolution("A", retry)),
       "!      !      !      !      !      ready  ready  ready  !      !      !      ready  !      !"},
      {"skip", always(resolution("A", skip)),
       "done   done   done   done   done   done   done   done   done   !      !      done   !      !"},
      {"complete", always(resolution("A", complete)),
       "done   done   done   done   done   done   done   done   done   !      !      done   !      !"},
      {"unblock", always(resolution("A", unblock)),
       "!      !      !      !      !      !      !      ready  ready  !      !      !      !      !"},
      {"choose", always(resolution("A", choose)),
       "!      !      !      !      ready  !      ready  ready  !      !      !      !      !      !"},
      {"reassign", always(resolution("A", reassign)),
       "wait   ready  ready  retry  review ready  ready  ready  extern !      !      failed !      !"},
      {"decompose", always(in_one),
       "parts  parts  parts  parts  parts  parts  parts  parts  parts  !      !      parts  !      !"},
  };
}
// clang-format on

/// What became of the last command, in the words of a cell.
std::string cell_of(const scenario& s) {
  if (s.last.duplicate_of) return "D";
  if (!s.last.rejection) return s.last.events.empty() ? "." : stage_of(s);
  switch (s.last.rejection->code) {
    case rejection_code::invalid_transition:
      return "!";
    case rejection_code::task_not_held:
      return "H";
    case rejection_code::lease_lost:
      return s.last.events.size() == 1 && std::holds_alternative<report_rejected_stale>(s.last.events[0]) ? "L" : "l";
    default:
      return "another rejection: " + s.last.rejection->detail;
  }
}

void check_refused(const scenario& s, execution_state before, const std::string& cell) {
  if (cell != "L") {
    CHECK_EQ(difference(before, s.state), "");
    return;
  }
  before.version = s.state.version;
  before.updated_at = s.state.updated_at;
  before.tasks[s.index("A")].stale_token = s.task("A").stale_token;
  CHECK_EQ(difference(before, s.state), "");
}

void check_rows(const std::vector<row>& rows) {
  for (const auto& [name, command, cells] : rows) {
    const auto expected = words_of(cells);
    CAPTURE(name);
    REQUIRE_EQ(expected.size(), places.size());
    for (std::size_t i = 0; i < places.size(); ++i) {
      CAPTURE(places[i]);
      auto s = in_place(places[i]);
      s.after(hours(100));  // every timer of a leaf is due
      const auto before = s.state;
      s.when(command(s));
      CHECK_EQ(cell_of(s), expected[i]);
      if (s.last.rejection) check_refused(s, before, expected[i]);
      if (s.last.duplicate_of) CHECK_EQ(difference(before, s.state), "");
      CHECK_EQ(wrong_counter(s.state), "");
      CHECK_EQ(wrong_status(s.state), "");
    }
  }
}

}  // namespace

TEST_CASE("the places of the table are all stages and all kinds of reviews") {
  std::set<leaf_stage> stages;
  std::set<review_kind> reviews;
  for (const auto* place : places) {
    const auto s = in_place(place);
    CAPTURE(place);
    if (!s.state.graph->is_leaf(s.index("A"))) continue;
    stages.insert(s.task("A").stage);
    if (s.task("A").review) reviews.insert(s.task("A").review->kind);
  }
  CHECK_EQ(stages.size(), leaf_stage_count);
  CHECK_EQ(reviews.size(), 4);
}

TEST_CASE("every report about a leaf in every stage") {
  check_rows(report_rows());
}

TEST_CASE("every timer of a leaf in every stage") {
  check_rows(timer_rows());
}

TEST_CASE("every decision of a person about a leaf in every stage") {
  check_rows(resolution_rows());
}

}  // namespace planexe::tests
