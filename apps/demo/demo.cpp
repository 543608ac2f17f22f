#include "apps/demo/demo.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iostream>

#include "apps/demo/execution_client.hpp"
#include "apps/demo/progress_display.hpp"
#include "apps/demo/simulated_agents.hpp"
#include "apps/demo/simulated_person.hpp"
#include "apps/terminal/terminal.hpp"
#include "apps/terminal/text.hpp"

namespace planexe::demo {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds between_pictures{250};
// The list of all leaves is the dearest answer the display asks for.
constexpr milliseconds between_leaf_counts{1000};
constexpr unsigned fewest_agents = 3;
constexpr unsigned most_agents = 6;
// A server that answers nothing for so many pictures in a row is gone.
constexpr int failures_until_given_up = 40;

unsigned agents_for(const demo_options& options, const plan_summary& plan) {
  if (options.agents > 0) return options.agents;
  return std::clamp(static_cast<unsigned>(plan.roles.size()), fewest_agents, most_agents);
}

progress_display make_display(bool plain) {
  constexpr std::size_t usual_width = 80;
  const auto shown = terminal::of_standard_output(usual_width);
  const bool redraws = !plain && shown.moves;
  return {std::cout, redraws ? display_mode::terminal : display_mode::plain, shown.width, redraws && shown.colours};
}

/// Watches the execution until it ends, and draws what it sees.
class watcher {
 public:
  watcher(const demo_options& options, std::string execution_id, activity_board& board)
      : stop_(options.stop),
        execution_id_(std::move(execution_id)),
        client_(options.server, options.api_key, options.stop),
        board_(board),
        display_(make_display(options.plain)) {
    view_.address = options.address.empty() ? options.server.url() + "/" : options.address;
  }

  void watch_until_end() {
    int failures = 0;
    while (failures < failures_until_given_up) {
      failures = look() ? 0 : failures + 1;
      if (ended_) return;
      display_.show(view_);
      if (!sleep_unless_stopped(stop_, between_pictures)) return;
    }
    view_.status_message = "the server does not answer any more";
  }

  /// After agents and person have stopped, so that their counts are final. Returns whether it is COMPLETED.
  bool conclude() {
    count_leaves();
    view_.crew = board_.snapshot();
    demo_summary summary{view_, version_, 0};
    if (const auto retries = client_.count_events(execution_id_, "task_retry_scheduled")) summary.retries = *retries;
    display_.finish(summary);
    return view_.status == "COMPLETED";
  }

 private:
  bool look() {
    const auto execution = client_.execution(execution_id_);
    view_.elapsed = std::chrono::duration_cast<milliseconds>(steady_clock::now() - started_);
    view_.crew = board_.snapshot();
    if (!execution) {
      board_.note_problem(execution.error().detail);
      return false;
    }
    view_.title = execution->title;
    view_.status = execution->status;
    view_.status_message = execution->status_message;
    view_.tasks_total = execution->tasks_total;
    view_.done = execution->tasks_completed + execution->tasks_skipped;
    version_ = execution->version;
    ended_ = execution->ended();
    if (view_.elapsed >= next_leaf_count_) {
      next_leaf_count_ = view_.elapsed + between_leaf_counts;
      count_leaves();
    }
    return true;
  }

  void count_leaves() {
    const auto leaves = client_.leaves(execution_id_);
    if (!leaves) return;
    view_.running = view_.blocked = view_.errors = view_.reviews = 0;
    for (const auto& leaf : *leaves) {
      if (leaf.waiting_kind == "review") {
        ++view_.reviews;
      } else if (leaf.status == "RUNNING") {
        ++view_.running;
      } else if (leaf.status == "BLOCKED") {
        ++view_.blocked;
      } else if (leaf.status == "ERROR") {
        ++view_.errors;
      }
    }
  }

  std::stop_token stop_;
  std::string execution_id_;
  execution_client client_;
  activity_board& board_;
  progress_display display_;
  progress_view view_;
  std::uint64_t version_ = 0;
  bool ended_ = false;
  steady_clock::time_point started_ = steady_clock::now();
  milliseconds next_leaf_count_{0};
};

bool carry_out(const demo_options& options, const plan_summary& plan, const std::string& execution_id) {
  activity_board board;
  watcher watch(options, execution_id, board);
  {
    const simulated_crew crew({options.server, options.api_key, plan.roles, agents_for(options, plan), options.seed,
                               options.mean_task_seconds, options.failure_rate},
                              board);
    const simulated_person person(
        {options.server, options.api_key, execution_id, std::min(0.3, options.mean_task_seconds / 4)}, board);
    watch.watch_until_end();
  }
  return watch.conclude();
}

}  // namespace

int run_demo(const demo_options& options) {
  execution_client client(options.server, options.api_key, options.stop);
  const auto plan = client.upload_plan(options.plan);
  if (!plan) {
    std::cerr << "demo: " << terminal::cut(plan.error().detail, 2000) << '\n';
    return 1;
  }
  using terminal::counted;
  std::cout << fmt::format("{}: {}, {}, {}\n", terminal::cut(plan->title, 200), counted(plan->tasks_total, "task"),
                           counted(plan->roles.size(), "role"), counted(plan->warnings, "warning"))
            << "look at it: " << (options.address.empty() ? options.server.url() + "/" : options.address) << "\n\n"
            << std::flush;
  const auto execution_id = client.start_execution(plan->plan_id);
  if (!execution_id) {
    std::cerr << "demo: " << terminal::cut(execution_id.error().detail, 2000) << '\n';
    return 1;
  }
  return carry_out(options, *plan, *execution_id) ? 0 : 1;
}

}  // namespace planexe::demo
