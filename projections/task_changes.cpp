#include "projections/task_changes.hpp"

#include <algorithm>

namespace planexe::projections {
namespace {

using domain::execution_state;
using domain::execution_status;
using domain::leaf_stage;
using domain::no_task;
using domain::task_index;

/// Tasks that are to be named, gathered in any order.
class marked_tasks {
 public:
  explicit marked_tasks(const execution_state& state) : state_(state), marks_(state.tasks.size(), untouched) {}

  void add(task_index task) { marks_[task] = std::max(marks_[task], dynamic); }
  void add_whole(task_index task) { marks_[task] = whole; }
  void add_with_ancestors(task_index task) {
    for (; task != no_task; task = state_.graph->parent(task)) add(task);
  }
  void add_leaves_below(task_index task) {
    for (const auto below : state_.graph->subtree(task))
      if (state_.graph->is_leaf(below)) add(below);
  }
  void add_all() {
    for (task_index task = 0; task < marks_.size(); ++task) add(task);
  }
  void add_unfinished() {
    for (task_index task = 0; task < marks_.size(); ++task)
      if (state_.tasks[task].open_leaves > 0) add(task);
  }
  void add_ready() {
    if (state_.in(leaf_stage::ready) == 0) return;
    for (const auto leaf : state_.graph->leaves())
      if (state_.tasks[leaf].stage == leaf_stage::ready) add(leaf);
  }
  /// `task` is done: whoever waits for it names it no more.
  void add_released_by(task_index task) {
    for (; task != no_task && state_.tasks[task].open_leaves == 0; task = state_.graph->parent(task))
      for (const auto next : state_.graph->successors(task)) add_leaves_below(next);
  }

  std::vector<task_changes::change> in_document_order() const {
    std::vector<task_changes::change> named;
    for (const auto task : state_.graph->document())
      if (marks_[task] != untouched) named.push_back({task, marks_[task] == whole});
    return named;
  }

 private:
  enum mark : std::uint8_t { untouched, dynamic, whole };

  const execution_state& state_;
  std::vector<mark> marks_;
};

/// Marks what one event names, and what follows from that.
struct event_marker {
  const execution_state& state;
  marked_tasks& marks;
  bool structure = false;

  template <class Event>
  void operator()(const Event& e) {
    if constexpr (requires { e.task; }) {
      const auto task = state.graph->find(e.task);
      if (task != no_task) name(e, task);
    }
  }
  void operator()(const domain::execution_created&) { marks.add_unfinished(); }
  // A retry takes up whatever had failed; the other two end everything that was not done.
  void operator()(const domain::execution_queued&) { marks.add_unfinished(); }
  void operator()(const domain::execution_failed&) { marks.add_unfinished(); }
  void operator()(const domain::execution_cancelled&) { marks.add_unfinished(); }
  void operator()(const domain::report_rejected_stale&) {}

 private:
  template <class Event>
  void name(const Event&, task_index task) {
    marks.add_with_ancestors(task);
    marks.add_released_by(task);
    if constexpr (std::is_same_v<Event, domain::subtasks_added>) structure = true;
  }
};

/// Marks what a changed graph makes different: new tasks and their parents as a whole, and whoever now waits for
/// others.
void mark_growth(const domain::plan_graph& before, const execution_state& state, marked_tasks& marks) {
  const auto& graph = *state.graph;
  for (task_index task = 0; task < before.size(); ++task) {
    if (std::ranges::equal(before.prerequisites(task), graph.prerequisites(task))) continue;
    marks.add_leaves_below(task);
    marks.add_whole(task);
  }
  for (task_index task = before.size(); task < graph.size(); ++task) {
    marks.add_whole(task);
    if (graph.parent(task) != no_task) marks.add_whole(graph.parent(task));
  }
}

}  // namespace

change_tracker::common_causes change_tracker::common_of(const execution_state& state) {
  common_causes causes;
  causes.status_class = state.status;
  causes.unstaffed = state.unstaffed;
  causes.full = state.options.max_parallel != 0 && state.held.size() >= state.options.max_parallel;
  switch (state.status) {
    case execution_status::queued:  // leaves say the same of both
    case execution_status::running:
      causes.status_class = execution_status::running;
      break;
    case execution_status::blocked:
      causes.since = state.status_since;
      causes.block = domain::block_of(state);
      // What is blocked as a whole says so in the same words for every leaf that could go on.
      for (const auto leaf : state.graph->leaves())
        if (state.tasks[leaf].stage == leaf_stage::ready) {
          if (const auto wait = domain::waiting_of(state, leaf); wait && wait->kind == domain::wait_kind::external)
            causes.block_ends = wait->wake_at;
          break;
        }
      break;
    default:
      causes.since = state.status_since;
  }
  return causes;
}

task_changes change_tracker::after(std::span<const domain::event_record* const> events, const execution_state& state) {
  marked_tasks marks(state);
  event_marker marker{state, marks};
  for (const auto* record : events)
    if (const auto* event = std::get_if<domain::execution_event>(&record->payload)) std::visit(marker, *event);

  auto causes = common_of(state);
  const auto goes_on = [](execution_status status) {
    return status == execution_status::running || status == execution_status::blocked;
  };
  const bool went_on = goes_on(causes.status_class) && goes_on(common_.status_class);
  if (causes.status_class != common_.status_class && common_.status_class == execution_status::created)
    marks.add_all();  // before the start all are said to need what a person has to look at
  else if (causes.status_class != common_.status_class && !went_on)
    marks.add_unfinished();  // a pause or a failure is the reason of other waits too, and so is their end
  else if (causes != common_)
    marks.add_ready();
  common_ = std::move(causes);

  if (marker.structure) mark_growth(*graph_, state, marks);
  graph_ = state.graph;
  return {marks.in_document_order(), marker.structure};
}

task_changes every_task(const execution_state& state) {
  marked_tasks marks(state);
  // What has grown may have other tasks wait for each other: which of them is not known here.
  const bool grown = !state.grafts.empty();
  for (task_index task = 0; task < state.graph->size(); ++task) grown ? marks.add_whole(task) : marks.add(task);
  return {marks.in_document_order(), grown};
}

}  // namespace planexe::projections
