// The order that follows from a plan: containment, the dependencies its author gave, and those that the sequencing
// implies. Shared, immutable, by everything that holds an execution's state; a task that is taken apart makes a new
// one, in which every task that was there keeps its index.
#pragma once

#include <memory>
#include <span>
#include <unordered_map>

#include "domain/plan.hpp"
#include "domain/result.hpp"

namespace planexe::domain {

/// Which order is implied where the plan gives none.
enum class sequencing : std::uint8_t {
  phased,        ///< phases in order; a phase's tasks side by side; the subtasks of a task in order
  plan,          ///< PlanExe's own schedule: siblings in order at every level
  dependencies,  ///< only what the plan gives
};

class plan_graph {
 public:
  /// Checks the plan (`validate`) and links it. Fails with every reason when the plan is unsound or when the given
  /// dependencies form a cycle. An implied order that would close a cycle with given ones is left out and named in
  /// `dropped()`: a given dependency beats an implied order.
  static expected<std::shared_ptr<const plan_graph>, std::vector<plan_problem>> build(
      std::shared_ptr<const domain::plan> plan, domain::sequencing sequencing);

  const domain::plan& plan() const { return *plan_; }
  const std::shared_ptr<const domain::plan>& shared_plan() const { return plan_; }
  domain::sequencing sequencing() const { return sequencing_; }

  task_index size() const { return static_cast<task_index>(plan_->tasks.size()); }
  const task_definition& task(task_index i) const { return plan_->tasks[i]; }
  task_index parent(task_index i) const { return plan_->tasks[i].parent; }
  bool is_leaf(task_index i) const { return children(i).empty(); }
  /// Every task in the order of the document: each before its children, these before the next one.
  std::span<const task_index> document() const { return order_; }
  /// Where `i` stands in `document()`.
  std::uint32_t place(task_index i) const { return places_[i]; }
  /// `i` and all that is below it, in the order of the document.
  std::span<const task_index> subtree(task_index i) const { return {order_.data() + places_[i], sizes_[i]}; }
  /// `no_task` when there is none of that id.
  task_index find(const task_id& id) const;
  /// The phase that `i` belongs to (itself, when it is one).
  task_index phase_of(task_index i) const;

  std::span<const task_index> children(task_index i) const { return slice(children_, child_offsets_, i); }
  /// Tasks that wait for `i`, given and implied.
  std::span<const task_index> successors(task_index i) const { return slice(successors_, successor_offsets_, i); }
  /// Tasks that `i` itself waits for, given and implied; those of its ancestors hold for it too.
  std::span<const task_index> prerequisites(task_index i) const {
    return slice(prerequisites_, prerequisite_offsets_, i);
  }

  /// In the order of the document.
  std::span<const task_index> leaves() const { return leaves_; }
  /// Leaves below `i`; 1 for a leaf.
  std::uint32_t leaf_count(task_index i) const { return leaf_counts_[i]; }
  /// Effort in days by which progress is weighed: the realistic estimate, or the mean of those that are given.
  double effort(task_index leaf) const { return efforts_[leaf]; }
  double total_effort() const { return total_effort_; }

  /// Implied orders that were left out, as warnings to show beside the plan's own.
  const std::vector<plan_warning>& dropped() const { return dropped_; }

 private:
  explicit plan_graph(std::shared_ptr<const domain::plan> plan, domain::sequencing sequencing)
      : plan_(std::move(plan)), sequencing_(sequencing) {}

  static std::span<const task_index> slice(const std::vector<task_index>& all,
                                           const std::vector<std::uint32_t>& offsets, task_index i) {
    return {all.data() + offsets[i], offsets[i + 1] - offsets[i]};
  }
  void link_tree();
  void lay_out_document();
  void link_edges(const std::vector<std::pair<task_index, task_index>>& edges);
  void weigh();

  std::shared_ptr<const domain::plan> plan_;
  domain::sequencing sequencing_;
  std::unordered_map<std::string_view, task_index> by_id_;
  std::vector<task_index> children_, successors_, prerequisites_, leaves_, order_;
  std::vector<std::uint32_t> child_offsets_, successor_offsets_, prerequisite_offsets_, leaf_counts_, places_, sizes_;
  std::vector<double> efforts_;
  double total_effort_ = 0;
  std::vector<plan_warning> dropped_;
};

}  // namespace planexe::domain
