#include "domain/execution_status.hpp"

#include <array>

namespace planexe::domain {
namespace {

using enum execution_status;

// The contract's table of transitions, row for row.
constexpr std::array from_created{queued, cancelled};
constexpr std::array from_queued{running, blocked, paused, cancelled};
constexpr std::array from_running{blocked, paused, completed, failed, cancelled};
constexpr std::array from_blocked{queued, running, paused, completed, failed, cancelled};
constexpr std::array from_paused{queued, running, cancelled};
constexpr std::array from_failed{queued, cancelled};

template <class Enum>
struct named {
  Enum value;
  std::string_view name;
};

constexpr std::array execution_statuses{
    named{created, "CREATED"}, named{queued, "QUEUED"},       named{running, "RUNNING"}, named{blocked, "BLOCKED"},
    named{paused, "PAUSED"},   named{completed, "COMPLETED"}, named{failed, "FAILED"},   named{cancelled, "CANCELLED"}};
constexpr std::array task_statuses{named{task_status::queued, "QUEUED"},      named{task_status::running, "RUNNING"},
                                   named{task_status::blocked, "BLOCKED"},    named{task_status::complete, "COMPLETE"},
                                   named{task_status::error, "ERROR"},        named{task_status::skipped, "SKIPPED"},
                                   named{task_status::cancelled, "CANCELLED"}};
constexpr std::array sequencings{named{sequencing::phased, "phased"}, named{sequencing::plan, "plan"},
                                 named{sequencing::dependencies, "dependencies"}};
constexpr std::array review_kinds{named{review_kind::approval, "approval"}, named{review_kind::failure, "failure"},
                                  named{review_kind::requested, "requested"},
                                  named{review_kind::escalated, "escalated"}};
constexpr std::array review_actions{
    named{review_action::approve, "approve"},    named{review_action::reject, "reject"},
    named{review_action::retry, "retry"},        named{review_action::skip, "skip"},
    named{review_action::complete, "complete"},  named{review_action::unblock, "unblock"},
    named{review_action::choose, "choose"},      named{review_action::reassign, "reassign"},
    named{review_action::decompose, "decompose"}};
constexpr std::array task_levels{named{task_level::phase, "phase"}, named{task_level::task, "task"},
                                 named{task_level::subtask, "subtask"}};
constexpr std::array redline_verdicts{named{redline_verdict::none, ""}, named{redline_verdict::allow, "ALLOW"},
                                      named{redline_verdict::allow_with_safety_framing, "ALLOW_WITH_SAFETY_FRAMING"},
                                      named{redline_verdict::refuse, "REFUSE"}};
constexpr std::array decomposition_sources{
    named{decomposition_source::person, "person"}, named{decomposition_source::agent, "agent"},
    named{decomposition_source::rules, "rules"}, named{decomposition_source::model, "model"}};

template <class Table, class Enum>
constexpr std::string_view name_in(const Table& table, Enum value) {
  for (const auto& entry : table)
    if (entry.value == value) return entry.name;
  return "UNKNOWN";
}

template <class Enum, std::size_t N>
constexpr std::optional<Enum> value_in(const std::array<named<Enum>, N>& table, std::string_view name) {
  for (const auto& entry : table)
    if (entry.name == name) return entry.value;
  return std::nullopt;
}

}  // namespace

std::span<const execution_status> successors_of(execution_status from) {
  switch (from) {
    case created:
      return from_created;
    case queued:
      return from_queued;
    case running:
      return from_running;
    case blocked:
      return from_blocked;
    case paused:
      return from_paused;
    case failed:
      return from_failed;
    case completed:
    case cancelled:
      break;
  }
  return {};
}

bool can_change(execution_status from, execution_status to) {
  for (const auto next : successors_of(from))
    if (next == to) return true;
  return false;
}

bool is_final(execution_status status) {
  return successors_of(status).empty();
}

std::string_view name_of(execution_status status) {
  return name_in(execution_statuses, status);
}
std::string_view name_of(task_status status) {
  return name_in(task_statuses, status);
}
std::string_view name_of(sequencing order) {
  return name_in(sequencings, order);
}
std::string_view name_of(review_kind kind) {
  return name_in(review_kinds, kind);
}
std::string_view name_of(review_action action) {
  return name_in(review_actions, action);
}
std::string_view name_of(task_level level) {
  return name_in(task_levels, level);
}
std::string_view name_of(decomposition_source source) {
  return name_in(decomposition_sources, source);
}
std::string_view name_of(redline_verdict verdict) {
  return name_in(redline_verdicts, verdict);
}
std::optional<execution_status> execution_status_named(std::string_view name) {
  return value_in(execution_statuses, name);
}
std::optional<sequencing> sequencing_named(std::string_view name) {
  return value_in(sequencings, name);
}
std::optional<review_action> review_action_named(std::string_view name) {
  return value_in(review_actions, name);
}

}  // namespace planexe::domain
