// Cycles are looked for in a graph with two nodes a task, its start and its end: a parent starts before its children
// and ends after them, a dependency leads from one task's end to another one's start. That treats an edge to a phase
// as an edge to each of its leaves without writing those out.
#include "domain/plan_graph.hpp"

#include <algorithm>

namespace planexe::domain {
namespace {

using edge = std::pair<task_index, task_index>;
using node = std::uint32_t;

constexpr node start_of(task_index i) {
  return 2 * i;
}
constexpr node end_of(task_index i) {
  return 2 * i + 1;
}

std::vector<std::uint32_t> fill_slices(std::size_t count, const std::vector<edge>& edges,
                                       std::vector<task_index>& values) {
  std::vector<std::uint32_t> offsets(count + 1, 0);
  for (const auto& [key, value] : edges) ++offsets[key + 1];
  for (std::size_t i = 0; i < count; ++i) offsets[i + 1] += offsets[i];
  values.resize(edges.size());
  auto next = offsets;
  for (const auto& [key, value] : edges) values[next[key]++] = value;
  return offsets;
}

class start_end_graph {
 public:
  explicit start_end_graph(const plan& plan) : next_(plan.tasks.size() * 2) {
    std::vector<bool> has_children(plan.tasks.size(), false);
    for (task_index i = 0; i < plan.tasks.size(); ++i) {
      if (const auto parent = plan.tasks[i].parent; parent != no_task) {
        next_[start_of(parent)].push_back(start_of(i));
        next_[end_of(i)].push_back(end_of(parent));
        has_children[parent] = true;
      }
    }
    for (task_index i = 0; i < plan.tasks.size(); ++i)
      if (!has_children[i]) next_[start_of(i)].push_back(end_of(i));
  }

  void add(const edge& dependency) { next_[end_of(dependency.first)].push_back(start_of(dependency.second)); }

  /// Component of each node (Tarjan's algorithm with its own stack, for plans are deep only by mistake or malice).
  std::vector<std::uint32_t> components() const {
    constexpr std::uint32_t none = no_task;
    struct frame {
      node at;
      std::size_t edge;
    };
    std::vector<std::uint32_t> index(next_.size(), none), low(next_.size(), 0), component(next_.size(), none);
    std::vector<node> open;
    std::vector<frame> path;
    std::uint32_t next_index = 0, next_component = 0;
    for (node root = 0; root < next_.size(); ++root) {
      if (index[root] != none) continue;
      path.push_back({root, 0});
      while (!path.empty()) {
        const auto [at, edge_number] = path.back();
        if (edge_number == 0) {
          index[at] = low[at] = next_index++;
          open.push_back(at);
        }
        if (edge_number < next_[at].size()) {
          const node to = next_[at][path.back().edge++];
          if (index[to] == none)
            path.push_back({to, 0});
          else if (component[to] == none)
            low[at] = std::min(low[at], index[to]);
          continue;
        }
        path.pop_back();
        if (!path.empty()) low[path.back().at] = std::min(low[path.back().at], low[at]);
        if (low[at] != index[at]) continue;
        for (node member = none; member != at;) {
          member = open.back();
          open.pop_back();
          component[member] = next_component;
        }
        ++next_component;
      }
    }
    return component;
  }

  /// Whether `to` can be reached from `from` without leaving the nodes of `within`'s component `own`.
  bool reaches(node from, node to, const std::vector<std::uint32_t>& within, std::uint32_t own) {
    seen_.assign(next_.size(), false);
    std::vector<node> pending{from};
    while (!pending.empty()) {
      const node at = pending.back();
      pending.pop_back();
      if (at == to) return true;
      if (seen_[at] || within[at] != own) continue;
      seen_[at] = true;
      pending.insert(pending.end(), next_[at].begin(), next_[at].end());
    }
    return false;
  }

 private:
  std::vector<std::vector<node>> next_;
  std::vector<bool> seen_;
};

bool closes_cycle(const edge& dependency, const std::vector<std::uint32_t>& component) {
  return component[end_of(dependency.first)] == component[start_of(dependency.second)];
}

std::vector<plan_problem> name_cycles(const plan& plan, const std::vector<edge>& given) {
  start_end_graph graph{plan};
  for (const auto& dependency : given) graph.add(dependency);
  const auto component = graph.components();
  std::vector<plan_problem> problems;
  for (const auto& dependency : given)
    if (closes_cycle(dependency, component))
      problems.push_back({plan.tasks[dependency.second].id.value,
                          "depends on '" + plan.tasks[dependency.first].id.value + "', which closes a cycle"});
  return problems;
}

/// Moves the implied edges that go together with the given ones into `kept`; the others come back.
std::vector<edge> drop_conflicting(const plan& plan, const std::vector<edge>& given, const std::vector<edge>& implied,
                                   std::vector<edge>& kept) {
  start_end_graph everything{plan}, accepted{plan};
  for (const auto& dependency : given) {
    everything.add(dependency);
    accepted.add(dependency);
  }
  for (const auto& dependency : implied) everything.add(dependency);
  const auto component = everything.components();
  std::vector<edge> dropped;
  for (const auto& dependency : implied) {
    const auto own = component[end_of(dependency.first)];
    if (closes_cycle(dependency, component) &&
        accepted.reaches(start_of(dependency.second), end_of(dependency.first), component, own)) {
      dropped.push_back(dependency);
      continue;
    }
    accepted.add(dependency);
    kept.push_back(dependency);
  }
  return dropped;
}

}  // namespace

expected<std::shared_ptr<const plan_graph>, std::vector<plan_problem>> plan_graph::build(
    std::shared_ptr<const domain::plan> plan, domain::sequencing sequencing) {
  if (auto problems = validate(*plan); !problems.empty()) return unexpected{std::move(problems)};
  std::shared_ptr<plan_graph> graph{new plan_graph{std::move(plan), sequencing}};
  if (auto problems = graph->link_tree(); !problems.empty()) return unexpected{std::move(problems)};

  const auto& tasks = graph->plan_->tasks;
  std::vector<edge> given, implied;
  bool all_forward = true;
  for (const auto& dependency : graph->plan_->dependencies) {
    given.emplace_back(dependency.from, dependency.to);
    all_forward = all_forward && graph->subtree_end_[dependency.from] <= dependency.to;
  }
  const auto chain = [&](std::span<const task_index> siblings) {
    for (std::size_t k = 1; k < siblings.size(); ++k) implied.emplace_back(siblings[k - 1], siblings[k]);
  };
  if (sequencing != sequencing::dependencies) {
    std::vector<task_index> phases;
    for (task_index i = 0; i < tasks.size(); ++i) {
      if (tasks[i].parent == no_task) phases.push_back(i);
      if (sequencing == sequencing::plan || tasks[i].level != task_level::phase) chain(graph->children(i));
    }
    chain(phases);
  }
  // Implied orders follow the document. Where the given ones do too, there is no cycle to look for.
  std::vector<edge> edges = given;
  if (all_forward) {
    edges.insert(edges.end(), implied.begin(), implied.end());
  } else {
    if (auto cycles = name_cycles(*graph->plan_, given); !cycles.empty()) return unexpected{std::move(cycles)};
    for (const auto& [from, to] : drop_conflicting(*graph->plan_, given, implied, edges))
      graph->dropped_.push_back(
          {"implied_order_dropped",
           "'" + tasks[from].title + "' before '" + tasks[to].title + "' would contradict the plan's own dependencies",
           tasks[to].id});
  }
  graph->link_edges(edges);
  graph->weigh();
  return std::shared_ptr<const plan_graph>{std::move(graph)};
}

std::vector<plan_problem> plan_graph::link_tree() {
  const auto& tasks = plan_->tasks;
  std::vector<edge> edges;
  std::vector<plan_problem> problems;
  std::vector<task_index> path;  // the ancestors that are still open while walking the document
  for (task_index i = 0; i < tasks.size(); ++i) {
    by_id_.emplace(tasks[i].id.value, i);
    while (!path.empty() && path.back() != tasks[i].parent) path.pop_back();
    if (path.empty() && tasks[i].parent != no_task)
      problems.push_back({tasks[i].id.value, "a task must stand in its parent's part of the document"});
    path.push_back(i);
    if (tasks[i].parent != no_task) edges.emplace_back(tasks[i].parent, i);
  }
  if (!problems.empty()) return problems;
  child_offsets_ = fill_slices(tasks.size(), edges, children_);
  subtree_end_.resize(tasks.size());
  leaf_counts_.assign(tasks.size(), 0);
  for (task_index i = size(); i-- > 0;) {
    subtree_end_[i] = std::max(subtree_end_[i], i + 1);
    if (is_leaf(i)) leaf_counts_[i] = 1;
    if (const auto up = tasks[i].parent; up != no_task) {
      subtree_end_[up] = std::max(subtree_end_[up], subtree_end_[i]);
      leaf_counts_[up] += leaf_counts_[i];
    }
  }
  for (task_index i = 0; i < tasks.size(); ++i)
    if (is_leaf(i)) leaves_.push_back(i);
  return problems;
}

void plan_graph::link_edges(const std::vector<edge>& edges) {
  auto forward = edges;
  std::sort(forward.begin(), forward.end());
  forward.erase(std::unique(forward.begin(), forward.end()), forward.end());
  successor_offsets_ = fill_slices(plan_->tasks.size(), forward, successors_);
  std::vector<edge> backward;
  backward.reserve(forward.size());
  for (const auto& [from, to] : forward) backward.emplace_back(to, from);
  std::sort(backward.begin(), backward.end());
  prerequisite_offsets_ = fill_slices(plan_->tasks.size(), backward, prerequisites_);
}

void plan_graph::weigh() {
  double sum = 0;
  std::uint32_t known = 0;
  for (const auto leaf : leaves_)
    if (const auto& estimate = plan_->tasks[leaf].estimate; estimate && estimate->days_realistic > 0) {
      sum += estimate->days_realistic;
      ++known;
    }
  const double usual = known == 0 ? 1.0 : sum / known;
  efforts_.assign(plan_->tasks.size(), 0);
  for (const auto leaf : leaves_) {
    const auto& estimate = plan_->tasks[leaf].estimate;
    efforts_[leaf] = estimate && estimate->days_realistic > 0 ? estimate->days_realistic : usual;
    total_effort_ += efforts_[leaf];
  }
}

task_index plan_graph::find(const task_id& id) const {
  const auto found = by_id_.find(id.value);
  return found == by_id_.end() ? no_task : found->second;
}

task_index plan_graph::phase_of(task_index i) const {
  while (parent(i) != no_task) i = parent(i);
  return i;
}

}  // namespace planexe::domain
