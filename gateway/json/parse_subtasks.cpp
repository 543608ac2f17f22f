#include "gateway/json/parse_subtasks.hpp"

#include <algorithm>
#include <limits>

#include "gateway/json/parse_execution.hpp"
#include "gateway/json/parse_policy.hpp"

namespace planexe::gateway {
namespace {

constexpr std::size_t max_title_bytes = 1'024;            // PlanExe's longest are under 300
constexpr std::size_t max_description_bytes = 16 * 1024;  // 64 of them stay within a body
constexpr std::size_t max_criteria_bytes = 4 * 1024;
constexpr std::size_t max_params_bytes = 64 * 1024;  // as a capability's
constexpr double hours_a_day = 8;                    // of work, as plans count it
constexpr double max_estimated_hours = 1e6;          // as plans
constexpr whole_range priority_range{std::numeric_limits<std::int32_t>::min(),
                                     std::numeric_limits<std::int32_t>::max()};

void read_depends_on(body_fields& fields, std::vector<domain::task_id>& depends_on) {
  const auto list = fields.array("depends_on");
  if (!list) return;
  if (list->size() > max_list_items)
    return fields.wrong("depends_on", "must have at most " + std::to_string(max_list_items) + " items");
  std::size_t place = 0;
  list->each_element([&](json_document::value element) {
    if (element.is(json_kind::text) && domain::is_valid_id(element.text()))
      depends_on.push_back({std::string(element.text())});
    else
      fields.wrong("depends_on[" + std::to_string(place) + "]", "must be the id of a task");
    ++place;
  });
}

/// One text, or a list of them.
std::string read_criteria(body_fields& fields) {
  const auto given = fields.find("success_criteria");
  if (!given || !given->is(json_kind::array)) return fields.text("success_criteria", max_criteria_bytes);
  std::string joined;
  for (const auto& each : fields.texts("success_criteria", max_criteria_bytes))
    joined.append(joined.empty() ? "" : "; ").append(each);
  if (joined.size() <= max_criteria_bytes) return joined;
  fields.wrong("success_criteria", "must be at most " + std::to_string(max_criteria_bytes) + " bytes long in all");
  return {};
}

void read_title(body_fields& fields, std::string& title) {
  const auto given = fields.find("title");
  title = fields.text("title", max_title_bytes);
  const bool blank =
      given && given->is(json_kind::text) && given->text().find_first_not_of(" \t\r\n") == std::string::npos;
  if (!given || blank) fields.wrong("title", given ? "must not be empty" : "is required");
}

domain::new_subtask read_subtask(body_fields& fields, unknown_members unknown) {
  domain::new_subtask subtask;
  auto& task = subtask.definition;
  task.level = domain::task_level::subtask;
  task.id = fields.id<domain::task_id>("subtask_id");
  read_title(fields, task.title);
  task.description = fields.text("description", max_description_bytes);
  task.action = fields.text("action", max_name_bytes);
  task.params_json = fields.json_object("params", max_params_bytes);
  read_depends_on(fields, subtask.depends_on);
  task.success_criteria = read_criteria(fields);
  if (const auto hours = fields.number("estimated_hours", {0, max_estimated_hours})) {
    const double days = *hours / hours_a_day;
    task.estimate = domain::estimate{days, days, days};
  }
  if (const auto hours = fields.number("timeout_hours", {0, max_timeout_hours, true}))
    task.timeout = std::max(domain::hours(*hours), domain::milliseconds{1});
  task.assignee_role = fields.text("assignee_role", max_name_bytes);
  if (const auto priority = fields.whole("priority", priority_range))
    task.priority = static_cast<std::int32_t>(*priority);
  task.retry = read_retry_policy(fields, {}, unknown);
  if (unknown == unknown_members::refused) fields.refuse_unknown();
  return subtask;
}

}  // namespace

std::vector<domain::new_subtask> parse_subtasks(body_fields& fields, std::string_view name, unknown_members unknown) {
  std::vector<domain::new_subtask> subtasks;
  const auto list = fields.array(name);
  if (!list) return subtasks;
  if (const auto count = list->size(); count == 0 || count > domain::max_subtasks) {
    fields.wrong(name, "must have 1 to " + std::to_string(domain::max_subtasks) + " items");
    return subtasks;
  }
  std::size_t place = 0;
  list->each_element([&](json_document::value element) {
    const auto path = fields.path_of(std::string(name) + "[" + std::to_string(place++) + "]");
    if (!element.is(json_kind::object)) return fields.errors().add(path, "must be an object");
    body_fields item(element, path + ".", fields.errors());
    subtasks.push_back(read_subtask(item, unknown));
  });
  return subtasks;
}

expected<std::vector<domain::new_subtask>, problem> parse_subtasks(std::string_view json) {
  const bool bare =
      json.find_first_not_of(" \t\r\n") != std::string_view::npos && json[json.find_first_not_of(" \t\r\n")] == '[';
  const auto wrapped = bare ? R"({"subtasks":)" + std::string(json) + '}' : std::string(json);
  const auto document = parse_object(wrapped);
  if (!document) return unexpected{document.error()};
  field_errors errors;
  body_fields fields(document->root(), "", errors);
  fields.require("subtasks");
  auto subtasks = parse_subtasks(fields, "subtasks", unknown_members::ignored);
  if (!errors.empty()) return unexpected{std::move(errors).to_problem()};
  return subtasks;
}

}  // namespace planexe::gateway
