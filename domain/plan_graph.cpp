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

  /// Whether `to` can be reached from `from` without leaving the nodes of `within`'s component `own`. Takes what it
  /// looked at off `steps`, and stops when that is used up.
  bool reaches(node from, node to, const std::vector<std::uint32_t>& within, std::uint32_t own, std::int64_t& steps) {
    seen_.resize(next_.size(), 0);
    ++round_;
    std::vector<node> pending{from};
    while (!pending.empty() && steps > 0) {
      const node at = pending.back();
      pending.pop_back();
      if (at == to) return true;
      if (seen_[at] == round_ || within[at] != own) continue;
      seen_[at] = round_;
      steps -= static_cast<std::int64_t>(next_[at].size()) + 1;
      pending.insert(pending.end(), next_[at].begin(), next_[at].end());
    }
    return false;
  }

 private:
  std::vector<std::vector<node>> next_;
  std::vector<std::uint32_t> seen_;  ///< the round of `reaches` that came by last
  std::uint32_t round_ = 0;
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

/// Tasks in the order of the document, each of which comes after those before it unless that contradicts what is given.
using ordered_list = std::vector<task_index>;

std::vector<edge> chain_of(const std::vector<ordered_list>& lists) {
  std::vector<edge> edges;
  for (const auto& list : lists)
    for (std::size_t k = 1; k < list.size(); ++k) edges.emplace_back(list[k - 1], list[k]);
  return edges;
}

/// Takes the implied orders that go together with the given ones and with those taken before.
class order_keeper {
 public:
  order_keeper(const plan& plan, const std::vector<edge>& given, const std::vector<ordered_list>& implied)
      : accepted_(plan) {
    start_end_graph everything{plan};
    for (const auto& dependency : given) {
      everything.add(dependency);
      accepted_.add(dependency);
    }
    for (const auto& dependency : chain_of(implied)) everything.add(dependency);
    component_ = everything.components();
  }

  /// False when the lists contradict what is given in more places than can be looked into.
  bool keep(const ordered_list& list) {
    // For each, the earlier ones that it does not follow. Whoever follows one follows all that this one follows, so
    // only where an order was dropped are others than the nearest looked at.
    std::vector<std::vector<std::size_t>> unordered(list.size());
    for (std::size_t k = 1; k < list.size() && steps_ > 0; ++k) {
      std::size_t nearest = k;
      while (nearest-- > 0 && steps_ > 0 && !take({list[nearest], list[k]})) unordered[k].push_back(nearest);
      if (nearest >= k) continue;  // it follows none of them
      for (const auto earlier : unordered[nearest])
        if (steps_ > 0 && !take({list[earlier], list[k]})) unordered[k].push_back(earlier);
    }
    return steps_ > 0;
  }

  const std::vector<edge>& kept() const { return kept_; }
  const std::vector<edge>& dropped() const { return dropped_; }

 private:
  bool take(const edge& dependency) {
    constexpr std::int64_t steps_a_try = 64;  // what a try costs at least, in memory if not in time
    if (closes_cycle(dependency, component_)) {
      steps_ -= steps_a_try;
      const auto own = component_[end_of(dependency.first)];
      if (accepted_.reaches(start_of(dependency.second), end_of(dependency.first), component_, own, steps_)) {
        dropped_.push_back(dependency);
        return false;
      }
    }
    accepted_.add(dependency);
    kept_.push_back(dependency);
    return true;
  }

  start_end_graph accepted_;
  std::vector<std::uint32_t> component_;
  std::vector<edge> kept_, dropped_;
  std::int64_t steps_ = 100'000'000;  // under a second: what a hostile plan may cost
};

/// One warning for each task that does not follow all that stand before it.
std::vector<plan_warning> warnings_of(const plan& plan, std::vector<edge> dropped) {
  std::stable_sort(dropped.begin(), dropped.end(), [](const edge& a, const edge& b) { return a.second < b.second; });
  std::vector<plan_warning> warnings;
  for (std::size_t i = 0, next = 0; i < dropped.size(); i = next) {
    while (next < dropped.size() && dropped[next].second == dropped[i].second) ++next;
    const auto& to = plan.tasks[dropped[i].second];
    const auto more = next - i - 1;
    warnings.push_back({"implied_order_dropped",
                        "'" + plan.tasks[dropped[i].first].title + "'" +
                            (more > 0 ? " and " + std::to_string(more) + " more" : "") + " before '" + to.title +
                            "' would contradict the plan's own dependencies",
                        to.id});
  }
  return warnings;
}

std::vector<ordered_list> implied_lists(const plan_graph& graph) {
  std::vector<ordered_list> lists;
  if (graph.sequencing() == sequencing::dependencies) return lists;
  ordered_list phases;
  for (task_index i = 0; i < graph.size(); ++i) {
    if (graph.parent(i) == no_task) phases.push_back(i);
    const bool in_order = graph.sequencing() == sequencing::plan || graph.task(i).level != task_level::phase;
    if (in_order && graph.children(i).size() > 1)
      lists.emplace_back(graph.children(i).begin(), graph.children(i).end());
  }
  lists.push_back(std::move(phases));
  return lists;
}

}  // namespace

expected<std::shared_ptr<const plan_graph>, std::vector<plan_problem>> plan_graph::build(
    std::shared_ptr<const domain::plan> plan, domain::sequencing sequencing) {
  if (auto problems = validate(*plan); !problems.empty()) return unexpected{std::move(problems)};
  std::shared_ptr<plan_graph> graph{new plan_graph{std::move(plan), sequencing}};
  graph->link_tree();

  std::vector<edge> given;
  bool all_forward = true;
  for (const auto& dependency : graph->plan_->dependencies) {
    given.emplace_back(dependency.from, dependency.to);
    all_forward = all_forward &&
                  graph->place(dependency.from) + graph->subtree(dependency.from).size() <= graph->place(dependency.to);
  }
  const auto implied = implied_lists(*graph);
  std::vector<edge> edges = given;
  if (all_forward) {
    // Implied orders follow the document. Where the given ones do too, there is no cycle to look for.
    const auto chain = chain_of(implied);
    edges.insert(edges.end(), chain.begin(), chain.end());
  } else {
    if (auto cycles = name_cycles(*graph->plan_, given); !cycles.empty()) return unexpected{std::move(cycles)};
    order_keeper keeper{*graph->plan_, given, implied};
    for (const auto& list : implied)
      if (!keeper.keep(list))
        return unexpected{std::vector<plan_problem>{
            {"dependencies",
             "they contradict the order of the plan in too many places to find the order that is meant; "
             "with sequencing 'dependencies' they alone count"}}};
    edges.insert(edges.end(), keeper.kept().begin(), keeper.kept().end());
    graph->dropped_ = warnings_of(*graph->plan_, keeper.dropped());
  }
  graph->link_edges(edges);
  graph->weigh();
  return std::shared_ptr<const plan_graph>{std::move(graph)};
}

void plan_graph::link_tree() {
  const auto& tasks = plan_->tasks;
  std::vector<edge> edges;
  for (task_index i = 0; i < tasks.size(); ++i) {
    by_id_.emplace(tasks[i].id.value, i);
    if (tasks[i].parent != no_task) edges.emplace_back(tasks[i].parent, i);
  }
  child_offsets_ = fill_slices(tasks.size(), edges, children_);
  sizes_.assign(tasks.size(), 1);
  leaf_counts_.assign(tasks.size(), 0);
  for (task_index i = size(); i-- > 0;) {  // parents come before their children
    if (is_leaf(i)) leaf_counts_[i] = 1;
    if (const auto up = tasks[i].parent; up != no_task) {
      sizes_[up] += sizes_[i];
      leaf_counts_[up] += leaf_counts_[i];
    }
  }
  lay_out_document();
  for (const auto i : order_)
    if (is_leaf(i)) leaves_.push_back(i);
}

/// What was added below a task stands at the end of the plan, but has its place in the document after its parent.
void plan_graph::lay_out_document() {
  places_.resize(size());
  order_.resize(size());
  std::uint32_t next_phase = 0;
  for (task_index i = 0; i < size(); ++i) {
    if (parent(i) == no_task) {
      places_[i] = next_phase;
      next_phase += sizes_[i];
    }
    std::uint32_t next = places_[i] + 1;  // its own place is known: parents come before their children
    for (const auto child : children(i)) {
      places_[child] = next;
      next += sizes_[child];
    }
    order_[places_[i]] = i;
  }
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
