// A plan as read: an immutable tree of tasks in document order with the dependencies its author gave.
// What order follows from it is the plan graph's business (domain/plan_graph.hpp).
#pragma once

#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "domain/ids.hpp"
#include "domain/time.hpp"

namespace planexe::domain {

/// Position of a task in `plan::tasks`.
using task_index = std::uint32_t;
inline constexpr task_index no_task = std::numeric_limits<task_index>::max();

/// Limits of a plan. They bound what one upload can cost in memory and time.
inline constexpr std::size_t max_plan_tasks = 20'000;
inline constexpr std::size_t max_plan_depth = 12;
inline constexpr std::size_t max_plan_dependencies = 100'000;

enum class task_level : std::uint8_t { phase, task, subtask };

/// Three-point estimate in days; `min <= realistic <= max`.
struct estimate {
  double days_min = 0;
  double days_realistic = 0;
  double days_max = 0;
  friend bool operator==(const estimate&, const estimate&) = default;
};

/// `max_attempts` counts the first one. Waits `backoff`, then `multiplier` times that, and so on up to `max_backoff`.
struct retry_policy {
  std::uint32_t max_attempts = 3;
  milliseconds backoff{300'000};
  double multiplier = 2;
  milliseconds max_backoff{7 * 24 * 3'600'000};  ///< a week: a longer wait is a person's business
  std::vector<std::string> final_errors{};       ///< types of errors that another attempt would not mend
  friend bool operator==(const retry_policy&, const retry_policy&) = default;
};

/// How much of a task an agent may do without a person.
enum class autonomy_tier : std::uint8_t {
  agent_alone = 1,
  agent_with_approval = 2,
  person_led = 3,
};

/// One thing that counts for or against handing a leaf out as it stands; `weight` is what it adds to the score.
struct confidence_factor {
  std::string feature;  ///< a stable name: known_action, vague_title, …
  double weight = 0;
  friend bool operator==(const confidence_factor&, const confidence_factor&) = default;
};

/// One node of the work breakdown. Only leaves are handed to agents.
struct task_definition {
  task_id id;
  task_index parent = no_task;  ///< smaller than the task's own index: parents come first
  task_level level = task_level::phase;
  std::string title;
  std::string description;
  std::string action;         ///< what an agent must be able to do; matched against its capabilities
  std::string params_json;    ///< a JSON object as text, or empty; opaque to the domain
  std::string assignee_role;  ///< empty: any role
  std::vector<std::string> resources;
  std::optional<domain::estimate> estimate;
  std::optional<milliseconds> timeout;        ///< of one attempt; nothing: the server's default
  std::optional<domain::retry_policy> retry;  ///< nothing: the execution's
  std::int32_t priority = 0;                  ///< higher goes first
  bool agent_executable = true;
  double decomposition_confidence = 1.0;  ///< 0 to 1
  autonomy_tier tier = autonomy_tier::agent_alone;
  std::vector<std::string> required_capabilities;  ///< published actions, `action` first
  double role_certainty = 0;                       ///< 0 to 1: how sure `assignee_role` is; 1 where the author said it
  std::vector<confidence_factor> why;              ///< what `decomposition_confidence` is the sum of; empty where given
  std::string success_criteria;                    ///< how its doer knows that it is done
  friend bool operator==(const task_definition&, const task_definition&) = default;
};

/// `to` cannot start before `from` is complete. Either end may be a task with children: all of its leaves.
struct dependency {
  task_index from = no_task;
  task_index to = no_task;
  std::string explanation;
  friend bool operator==(const dependency&, const dependency&) = default;
};

struct team_role {
  std::string name;
  std::string description;
  friend bool operator==(const team_role&, const team_role&) = default;
};

enum class risk_kind : std::uint8_t {
  risk,          ///< something that may happen
  failure_mode,  ///< of a premortem: the plan is imagined to have failed, and this is how
};

/// `tasks` are the phases, tasks and leaves that it speaks of, in document order, as far as its words tell.
struct plan_risk {
  std::string title;
  std::string description;
  std::string severity;
  std::string mitigation;
  std::string id{};
  risk_kind kind = risk_kind::risk;
  std::string likelihood{};
  std::string owner{};                        ///< who watches it
  std::vector<std::string> early_warnings{};  ///< signs that it has begun
  std::vector<std::string> tripwires{};       ///< measurable lines; once crossed, the mitigation starts
  std::string stop_rule{};                    ///< when to give the plan up
  std::vector<task_index> tasks{};
  friend bool operator==(const plan_risk&, const plan_risk&) = default;
};

/// What the plan takes for granted.
struct plan_assumption {
  std::string id;
  std::string statement;
  std::string test;               ///< how to find out whether it holds
  std::string falsifier;          ///< what would show that it does not
  std::vector<task_index> tasks;  ///< as of a risk
  friend bool operator==(const plan_assumption&, const plan_assumption&) = default;
};

/// Something the reader noticed and went on from; `code` is stable, `detail` is for people.
struct plan_warning {
  std::string code;
  std::string detail;
  task_id task;  ///< empty: the plan as a whole
  friend bool operator==(const plan_warning&, const plan_warning&) = default;
};

/// PlanExe's own verdict on the plan (`redline_gate.json`).
enum class redline_verdict : std::uint8_t { none, allow, allow_with_safety_framing, refuse };

struct plan {
  plan_id id;
  std::string title;
  std::string goal;
  std::vector<task_definition> tasks;  ///< document order, parents before children
  std::vector<dependency> dependencies;
  std::vector<team_role> roles;
  std::vector<plan_risk> risks;
  std::vector<plan_warning> warnings;
  redline_verdict redline = redline_verdict::none;
  std::string start_warning;  ///< not empty: whoever starts it must confirm this
  std::optional<timestamp> start_date;
  std::vector<plan_assumption> assumptions;
  friend bool operator==(const plan&, const plan&) = default;
};

/// One reason why a plan cannot be accepted; `field` is a task id or the name of a member, for the caller's error list.
struct plan_problem {
  std::string field;
  std::string message;
  friend bool operator==(const plan_problem&, const plan_problem&) = default;
};

/// Every reason why `plan` breaks its own rules (ids, parents, levels, limits, dangling dependencies); empty when it is
/// sound. Cycles are found by the plan graph.
std::vector<plan_problem> validate(const plan& plan);

}  // namespace planexe::domain
