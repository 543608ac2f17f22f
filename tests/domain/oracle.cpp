#include "tests/domain/oracle.hpp"

#include <algorithm>
#include <cmath>

#include "domain/execution_status.hpp"
#include "domain/explain.hpp"

namespace planexe::tests {

using namespace domain;

namespace {

bool same(std::span<const task_index> a, std::span<const task_index> b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end());
}

std::string graph_difference(const plan_graph& a, const plan_graph& b) {
  if (!(a.plan() == b.plan())) return "plan";
  if (a.sequencing() != b.sequencing()) return "sequencing";
  for (task_index i = 0; i < a.size(); ++i)
    if (!same(a.children(i), b.children(i)) || !same(a.successors(i), b.successors(i)) ||
        !same(a.prerequisites(i), b.prerequisites(i)))
      return "links of " + a.task(i).id.value;
  return a.dropped() == b.dropped() ? "" : "dropped";
}

bool done(const task_state& task) {
  return task.status == task_status::complete || task.status == task_status::skipped;
}

std::uint32_t open_leaves(const execution_state& s, task_index i) {
  std::uint32_t open = 0;
  for (const auto below : s.graph->subtree(i))
    if (s.graph->is_leaf(below) && !done(s.tasks[below])) ++open;
  return open;
}

std::uint32_t unmet(const execution_state& s, task_index i) {
  std::uint32_t count = 0;
  for (const auto before : s.graph->prerequisites(i)) count += open_leaves(s, before) > 0 ? 1U : 0U;
  return count;
}

leaf_stage expected_stage(const execution_state& s, task_index leaf) {
  const auto& t = s.tasks[leaf];
  if (done(t)) return leaf_stage::done;
  if (t.status == task_status::cancelled) return leaf_stage::cancelled;
  if (t.failed_for_good) return leaf_stage::failed;
  if (t.lease) return leaf_stage::held;
  if (t.review) return leaf_stage::reviewing;
  if (t.external) return leaf_stage::external;
  if (t.retry_at) return leaf_stage::retrying;
  return prerequisites_done(s, leaf) ? leaf_stage::ready : leaf_stage::waiting;
}

std::string wrong_task(const execution_state& s, task_index i) {
  const auto& t = s.tasks[i];
  const auto& name = s.definition(i).id.value;
  if (t.open_leaves != open_leaves(s, i)) return "open_leaves of " + name;
  if (t.unmet != unmet(s, i)) return "unmet of " + name;
  std::uint32_t gates = 0;
  for (auto up = i; up != no_task; up = s.graph->parent(up)) gates += unmet(s, up) > 0 ? 1U : 0U;
  if (t.gates != gates) return "gates of " + name;
  if (s.graph->is_leaf(i) && t.stage != expected_stage(s, i)) return "stage of " + name;
  if ((t.stage == leaf_stage::held) != s.held.contains(i)) return "held has or lacks " + name;
  return {};
}

}  // namespace

std::string difference(const execution_state& a, const execution_state& b) {
  if (a.exists() != b.exists()) return "exists";
  if (a.exists())
    if (auto what = graph_difference(*a.graph, *b.graph); !what.empty()) return "graph: " + what;
  if (a.status != b.status) return "status";
  if (a.status_since != b.status_since) return "status_since";
  if (a.status_message != b.status_message) return "status_message";
  if (a.version != b.version) return "version";
  if (a.title != b.title) return "title";
  if (a.agent != b.agent) return "agent";
  if (a.priority != b.priority) return "priority";
  if (!(a.options == b.options)) return "options";
  if (a.begun != b.begun) return "begun";
  if (a.paused_by_switch != b.paused_by_switch) return "paused_by_switch";
  if (a.created_at != b.created_at) return "created_at";
  if (a.updated_at != b.updated_at) return "updated_at";
  if (a.started_at != b.started_at) return "started_at";
  if (a.completed_at != b.completed_at) return "completed_at";
  if (a.deadline_at != b.deadline_at) return "deadline_at";
  if (a.tasks.size() != b.tasks.size()) return "tasks";
  for (std::size_t i = 0; i < a.tasks.size(); ++i)
    if (!(a.tasks[i] == b.tasks[i])) return "task " + a.definition(static_cast<task_index>(i)).id.value;
  if (a.stages != b.stages) return "stages";
  if (a.leaves_complete != b.leaves_complete) return "leaves_complete";
  if (a.leaves_skipped != b.leaves_skipped) return "leaves_skipped";
  if (a.blocking != b.blocking) return "blocking";
  if (a.escalated != b.escalated) return "escalated";
  if (a.paused_by_switch != b.paused_by_switch) return "paused_by_switch";
  if (!(a.kinds == b.kinds)) return "kinds";
  if (!(a.unstaffed == b.unstaffed)) return "unstaffed";
  if (a.origin != b.origin) return "origin";
  if (a.standstills != b.standstills) return "standstills";
  if (a.grafts.size() != b.grafts.size()) return "grafts";
  if (a.effort_done != b.effort_done) return "effort_done";
  return a.held == b.held ? "" : "held";
}

std::string wrong_counter(const execution_state& s) {
  std::array<std::uint32_t, leaf_stage_count> stages{};
  std::uint32_t complete = 0, skipped = 0, blocking = 0, escalated = 0;
  double effort = 0;
  for (task_index i = 0; i < s.graph->size(); ++i) {
    if (auto wrong = wrong_task(s, i); !wrong.empty()) return wrong;
    if (!s.graph->is_leaf(i)) continue;
    const auto& t = s.tasks[i];
    ++stages[static_cast<std::size_t>(t.stage)];
    complete += t.status == task_status::complete ? 1U : 0U;
    skipped += t.status == task_status::skipped ? 1U : 0U;
    blocking += t.external && t.external->blocking ? 1U : 0U;
    escalated += t.escalation.level > 0 ? 1U : 0U;
    if (done(t)) effort += s.graph->effort(i);
  }
  if (stages != s.stages) return "stages";
  if (complete != s.leaves_complete) return "leaves_complete";
  if (skipped != s.leaves_skipped) return "leaves_skipped";
  if (blocking != s.blocking) return "blocking";
  if (escalated != s.escalated) return "escalated";
  return std::abs(effort - s.effort_done) < 1e-6 ? "" : "effort_done";
}

std::string wrong_status(const execution_state& s) {
  std::uint32_t unfinished = 0, can_go_on = 0, held = 0, asks = 0;
  for (const auto leaf : s.graph->leaves()) {
    const auto& t = s.tasks[leaf];
    unfinished += done(t) ? 0U : 1U;
    held += t.lease ? 1U : 0U;
    const bool nobody_there = t.stage == leaf_stage::ready && s.unstaffed;
    can_go_on += (t.stage == leaf_stage::ready && !nobody_there) || t.stage == leaf_stage::retrying ? 1U : 0U;
    asks += t.stage == leaf_stage::reviewing || t.stage == leaf_stage::external || nobody_there ? 1U : 0U;
  }
  switch (s.status) {
    case execution_status::created:
      return held > 0 ? "CREATED, but a task is held" : "";
    case execution_status::queued:
      return s.begun ? "QUEUED, but work has begun" : can_go_on == 0 ? "QUEUED with nothing to hand out" : "";
    case execution_status::running:
      if (!s.begun) return "RUNNING before anything was handed out";
      return held + can_go_on == 0 ? "RUNNING, but nothing can go on" : "";
    case execution_status::blocked:
      if (s.blocking == 0 && held + can_go_on > 0) return "BLOCKED, but work can go on";
      return asks == 0 ? "BLOCKED, but nothing outside is waited for" : "";
    case execution_status::completed:
      return unfinished > 0 ? "COMPLETED with unfinished leaves" : "";
    case execution_status::failed:
    case execution_status::cancelled:
      return held > 0 ? "over, but a task is held" : "";
    case execution_status::paused:
      break;
  }
  return {};
}

namespace {

bool is_order(wait_kind kind) {
  return kind == wait_kind::prerequisites || kind == wait_kind::parent;
}

/// Of a leaf that waits for others: the chain of causes must end at one that waits for something else.
std::string wrong_order(const execution_state& s, task_index leaf, timestamp now) {
  if (s.tasks[leaf].stage != leaf_stage::waiting) return " waits for an order although its turn has come";
  if (prerequisites_done(s, leaf)) return " waits for nothing";
  const auto chain = explain(s, leaf, now).chain;
  if (chain.size() < 2 || chain.front().task != leaf) return " has no chain of causes";
  const auto& root = s.tasks[chain.back().task];
  if (root.stage == leaf_stage::waiting || root.stage == leaf_stage::done) return " waits for what waits for nobody";
  const auto kind = chain.back().kind;
  const bool over = s.status == execution_status::failed && kind == cause_kind::parent;
  if ((kind == cause_kind::prerequisites || kind == cause_kind::parent) && !over) return " waits for a mere order";
  return {};
}

/// Of a leaf that waits: what wakes it must be among the deadlines of the execution.
std::string wrong_wake(const execution_state& s, const waiting_for& why, task_index leaf, timestamp now) {
  using enum execution_status;
  const bool stands_still = s.status == created || s.status == paused || s.status == failed;
  if (s.status == failed) return is_order(why.kind) && !why.wake_at ? "" : " waits although the execution has failed";
  if (s.tasks[leaf].stage == leaf_stage::waiting || is_order(why.kind)) return wrong_order(s, leaf, now);
  const bool goes_on = why.kind == wait_kind::retry || s.tasks[leaf].stage == leaf_stage::external;
  if (stands_still && !goes_on) return why.wake_at ? " is woken although everything stands still" : "";
  if (why.kind == wait_kind::paused) return " is paused, but the execution is not";
  const auto next = next_deadline(s);
  if (!why.wake_at || !next) return " has nothing that wakes it";
  return *next <= *why.wake_at ? "" : " says that it is woken before anything happens";
}

}  // namespace

std::string wrong_wait(const execution_state& s, timestamp now) {
  if (is_final(s.status)) return {};
  for (const auto leaf : s.graph->leaves()) {
    const auto& t = s.tasks[leaf];
    const auto& name = s.definition(leaf).id.value;
    const auto why = waiting_of(s, leaf);
    if (t.stage == leaf_stage::held || t.stage == leaf_stage::done || t.stage == leaf_stage::failed) {
      if (why) return name + " waits although it does not";
      if (t.stage == leaf_stage::failed && !t.failure) return name + " has failed without a reason";
      const auto next = next_deadline(s);
      if (t.lease && (!next || *next > t.lease->timeout_at)) return name + " is held without an end";
      continue;
    }
    if (!why || why->detail.empty()) return name + " waits without a reason";
    if (why->since > now) return name + " waits since the future";
    if (const auto wrong = wrong_wake(s, *why, leaf, now); !wrong.empty()) return name + wrong;
  }
  return {};
}

bool prerequisites_done(const execution_state& s, task_index leaf) {
  for (auto up = leaf; up != no_task; up = s.graph->parent(up))
    if (unmet(s, up) > 0) return false;
  return true;
}

namespace {

void write_out(const plan_graph& graph, task_index from, task_index to, leaf_order& order) {
  for (const auto a : graph.subtree(from))
    for (const auto b : graph.subtree(to))
      if (graph.is_leaf(a) && graph.is_leaf(b)) order[a][b] = true;
}

void close(leaf_order& order) {
  const auto n = order.size();
  for (std::size_t via = 0; via < n; ++via)
    for (std::size_t a = 0; a < n; ++a) {
      if (!order[a][via]) continue;
      for (std::size_t b = 0; b < n; ++b)
        if (order[via][b]) order[a][b] = true;
    }
}

}  // namespace

leaf_order order_of(const plan_graph& graph) {
  leaf_order order(graph.size(), std::vector<bool>(graph.size(), false));
  for (task_index i = 0; i < graph.size(); ++i)
    for (const auto before : graph.prerequisites(i)) write_out(graph, before, i, order);
  close(order);
  return order;
}

leaf_order order_of(const plan_graph& graph, const std::vector<std::pair<task_index, task_index>>& edges) {
  leaf_order order(graph.size(), std::vector<bool>(graph.size(), false));
  for (const auto& [from, to] : edges) write_out(graph, from, to, order);
  close(order);
  return order;
}

std::vector<std::pair<task_index, task_index>> implied_pairs(const plan_graph& graph) {
  std::vector<std::pair<task_index, task_index>> pairs;
  if (graph.sequencing() == sequencing::dependencies) return pairs;
  for (task_index a = 0; a < graph.size(); ++a)
    for (task_index b = a + 1; b < graph.size(); ++b) {
      if (graph.parent(a) != graph.parent(b)) continue;
      const auto up = graph.parent(a);
      const bool side_by_side =
          graph.sequencing() == sequencing::phased && up != no_task && graph.task(up).level == task_level::phase;
      if (!side_by_side) pairs.emplace_back(a, b);
    }
  return pairs;
}

std::vector<std::pair<task_index, task_index>> given_pairs(const plan& plan) {
  std::vector<std::pair<task_index, task_index>> pairs;
  for (const auto& edge : plan.dependencies) pairs.emplace_back(edge.from, edge.to);
  return pairs;
}

}  // namespace planexe::tests
