// The one table of states: which change of an execution is allowed, and the names of all states.
#pragma once

#include <span>
#include <string_view>

#include "domain/execution_events.hpp"

namespace planexe::domain {

inline constexpr std::size_t execution_status_count = 8;

/// Whether the table lets an execution go from one state to another one.
bool can_change(execution_status from, execution_status to);

/// The states that can follow `from`, in the table's order.
std::span<const execution_status> successors_of(execution_status from);

std::string_view name_of(execution_status status);
std::string_view name_of(task_status status);
std::string_view name_of(sequencing order);
std::string_view name_of(review_kind kind);
std::string_view name_of(review_action action);
std::string_view name_of(task_level level);
std::string_view name_of(decomposition_source source);
/// Empty where there is no verdict.
std::string_view name_of(redline_verdict verdict);
std::optional<execution_status> execution_status_named(std::string_view name);
std::optional<sequencing> sequencing_named(std::string_view name);
std::optional<review_action> review_action_named(std::string_view name);

}  // namespace planexe::domain
