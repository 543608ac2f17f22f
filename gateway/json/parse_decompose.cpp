#include "gateway/json/parse_decompose.hpp"

#include <algorithm>

#include "gateway/json/body_fields.hpp"

namespace planexe::gateway {
namespace {

constexpr std::size_t max_title_bytes = 1'024;
constexpr std::size_t max_goal_bytes = 64 * 1024;  // plans open with whole briefs
constexpr std::size_t max_params_bytes = 64 * 1024;
constexpr std::size_t most_siblings = 64;  // more tell nobody anything
constexpr double hours_a_day = 8;          // of work, as plans count it
constexpr real_range days_range{0, 1e6};

void read_estimate(body_fields& fields, domain::task_definition& task) {
  if (const auto object = fields.object("estimate")) {
    body_fields days(*object, fields.path_of("estimate."), fields.errors());
    for (const auto* name : {"days_min", "days_realistic", "days_max"}) days.require(name);
    const domain::estimate estimate{days.number("days_min", days_range).value_or(0),
                                    days.number("days_realistic", days_range).value_or(0),
                                    days.number("days_max", days_range).value_or(0)};
    if (estimate.days_min > estimate.days_realistic || estimate.days_realistic > estimate.days_max)
      fields.wrong("estimate", "must not decrease from days_min over days_realistic to days_max");
    task.estimate = estimate;
  } else if (const auto hours = fields.number("estimated_hours", {0, 1e6})) {
    const double days = *hours / hours_a_day;
    task.estimate = domain::estimate{days, days, days};
  }
}

void read_task(body_fields& fields, decompose_request& request) {
  auto& task = request.task;
  fields.require("task_id");
  task.id = fields.id<domain::task_id>("task_id");
  task.title = fields.text("title", max_title_bytes);
  request.execution = fields.id<domain::execution_id>("execution_id");
  const bool described = task.title.find_first_not_of(" \t\r\n") != std::string::npos;
  if (!described && (fields.has("title") || request.execution.empty()))
    fields.wrong("title", fields.has("title") ? "must not be empty" : "is required, unless execution_id is given");
  task.description = fields.text("description", max_message_bytes);
  task.action = fields.text("action", max_name_bytes);
  task.params_json = fields.json_object("params", max_params_bytes);
  task.assignee_role = fields.text("assignee_role", max_name_bytes);
  task.resources = fields.texts("resources", max_name_bytes);
  task.success_criteria = fields.text("success_criteria", max_message_bytes);
  if (const auto tier = fields.whole("autonomy_tier", {1, 3})) task.tier = static_cast<domain::autonomy_tier>(*tier);
  read_estimate(fields, task);
}

/// Titles: texts, or objects with a `title`.
void read_siblings(body_fields& fields, std::string_view name, std::vector<std::string>& siblings) {
  const auto list = fields.array(name);
  if (!list) return;
  list->each_element([&](json_document::value element) {
    const auto title = element.is(json_kind::object) ? element.member("title") : std::optional{element};
    if (!title || !title->is(json_kind::text)) return fields.wrong(name, "must hold titles, or objects with one");
    if (siblings.size() < most_siblings && !title->text().empty())
      siblings.emplace_back(title->text().substr(0, max_title_bytes));
  });
}

void read_context(body_fields& fields, decompose_request& request) {
  for (const auto* name : {"plan_goal", "goal"})
    if (auto goal = fields.text(name, max_goal_bytes); !goal.empty()) request.plan_goal = std::move(goal);
  if (auto phase = fields.text("phase", max_title_bytes); !phase.empty()) request.phase = std::move(phase);
  for (const auto* name : {"siblings", "tasks", "previous_tasks", "upcoming_tasks"})
    read_siblings(fields, name, request.siblings);
}

/// An object, or a text that is the goal.
void read_plan_context(body_fields& fields, decompose_request& request) {
  const auto given = fields.find("plan_context");
  if (!given) return;
  if (given->is(json_kind::text)) {
    request.plan_goal = fields.text("plan_context", max_goal_bytes);
  } else if (given->is(json_kind::object)) {
    body_fields context(*given, "plan_context.", fields.errors());
    read_context(context, request);
  } else {
    fields.wrong("plan_context", "must be an object or a string");
  }
}

/// Actions: texts, or capabilities as an agent registers them.
void read_capabilities(body_fields& fields, std::vector<std::string>& actions) {
  const auto list = fields.array("agent_capabilities");
  if (!list) return;
  if (list->size() > max_list_items)
    return fields.wrong("agent_capabilities", "must have at most " + std::to_string(max_list_items) + " items");
  list->each_element([&](json_document::value element) {
    const auto action = element.is(json_kind::object) ? element.member("action") : std::optional{element};
    if (!action || !action->is(json_kind::text) || action->text().empty() || action->text().size() > max_name_bytes)
      return fields.wrong("agent_capabilities", "must hold actions, or objects with an action");
    actions.emplace_back(action->text());
  });
}

}  // namespace

expected<decompose_request, problem> parse_decompose(std::string_view body) {
  const auto document = parse_object(body);
  if (!document) return unexpected{document.error()};
  field_errors errors;
  body_fields fields(document->root(), "", errors);
  decompose_request request;
  fields.require("task");
  if (const auto task = fields.object("task")) {
    body_fields members(*task, "task.", errors);
    read_task(members, request);
    if (const auto context = members.object("context")) {
      body_fields inner(*context, "task.context.", errors);
      read_context(inner, request);
    }
  }
  read_plan_context(fields, request);
  read_capabilities(fields, request.agent_capabilities);
  fields.refuse_unknown();
  if (!errors.empty()) return unexpected{std::move(errors).to_problem()};
  return request;
}

}  // namespace planexe::gateway
