// What must hold of a state or a graph, worked out a second time the slow and plain way.
#pragma once

#include <string>
#include <vector>

#include "domain/execution_state.hpp"

namespace planexe::tests {

/// Names the first field in which two states differ; empty when they are equal in every field. Graphs are compared by
/// what they hold, for each replay builds its own.
std::string difference(const domain::execution_state& a, const domain::execution_state& b);

/// Counts everything again that a state keeps as a counter or a stage; says what is wrong, or nothing.
std::string wrong_counter(const domain::execution_state& state);

/// What the contract says of each status, checked against where the leaves stand; says what is wrong, or nothing.
std::string wrong_status(const domain::execution_state& state);

/// Trust 5: every unfinished leaf says why it waits and what wakes it, or leads to one that does; says which does not.
std::string wrong_wait(const domain::execution_state& state, domain::timestamp now);

/// Whether every prerequisite of `leaf` and of its ancestors is finished.
bool prerequisites_done(const domain::execution_state& state, domain::task_index leaf);

/// `order[a][b]`: leaf a must be finished before leaf b starts. Rows and columns are task indexes.
using leaf_order = std::vector<std::vector<bool>>;

/// By the graph's own lists of prerequisites.
leaf_order order_of(const domain::plan_graph& graph);

/// By writing every edge out over all leaves at its two ends.
leaf_order order_of(const domain::plan_graph& graph,
                    const std::vector<std::pair<domain::task_index, domain::task_index>>& edges);

/// Every pair of siblings (nearest or not) between which `sequencing` implies an order.
std::vector<std::pair<domain::task_index, domain::task_index>> implied_pairs(const domain::plan_graph& graph);

std::vector<std::pair<domain::task_index, domain::task_index>> given_pairs(const domain::plan& plan);

}  // namespace planexe::tests
