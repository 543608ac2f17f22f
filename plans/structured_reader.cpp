#include "plans/structured_reader.hpp"

#include <array>
#include <limits>
#include <set>
#include <unordered_map>
#include <utility>

#include "plans/actions.hpp"
#include "plans/attachment.hpp"
#include "plans/leaves.hpp"
#include "plans/object_reader.hpp"
#include "plans/roles.hpp"
#include "plans/structured_risks.hpp"
#include "plans/words.hpp"

namespace planexe::plans {
namespace {

using domain::no_task;
using domain::task_index;

constexpr double hours_a_day = 8;  // of work, as the estimates count it
constexpr double max_estimated_hours = 1e6;
constexpr double max_timeout_hours = 10 * 366 * 24;    // ten years: longer is a mistake
constexpr double min_timeout_hours = 1.0 / 3'600'000;  // a millisecond, the clock's step
constexpr double max_backoff_seconds = 30 * 24 * 3600;
constexpr std::int64_t max_attempts = 1'000;
constexpr std::size_t max_title_bytes = 80;  // of a title taken from the goal

/// How the three levels of the form name their members.
struct level_names {
  domain::task_level level;
  std::string_view id;
  std::string_view title;
  std::string_view children;
  char letter;  ///< in generated ids
};
constexpr std::array<level_names, 3> levels{{
    {domain::task_level::phase, "phase_id", "name", "tasks", 'p'},
    {domain::task_level::task, "task_id", "title", "subtasks", 't'},
    {domain::task_level::subtask, "subtask_id", "title", "subtasks", 's'},
}};

/// A prerequisite or dependency whose ids are looked up once all tasks are known.
struct named_edge {
  std::string from;
  std::string from_field;
  std::string to;  ///< empty: the task at `to_index`
  std::string to_field;
  task_index to_index = no_task;
  std::string explanation;
};

class structured_builder {
 public:
  structured_builder(const json_value& document, problem_list& problems)
      : problems_(problems), top_(document, "", problems) {}

  domain::plan build() && {
    plan_.goal = top_.required_text("goal");
    plan_.title = top_.text("title");
    if (plan_.title.empty()) plan_.title = clipped(plan_.goal, max_title_bytes);
    read_team();
    read_phases();
    read_dependencies();
    attachments_ = read_structured_risks(top_, plan_, problems_);
    top_.refuse_unknown_members();
    generate_ids();
    resolve_edges();
    resolve_attachments();
    if (plan_.roles.empty()) roles_from_tasks();
    complete_leaves(plan_, given_, true);
    return std::move(plan_);
  }

 private:
  void read_phases();
  void read_children(const json_value& list, const std::string& path, task_index parent, std::size_t depth);
  void read_task(const json_value& value, std::string path, const std::string& position, task_index parent,
                 std::size_t depth);
  void read_execution(object_reader& in, domain::task_definition& task, given_fields& given, task_index parent);
  void read_retry_policy(object_reader& in, domain::task_definition& task);
  void read_tier(object_reader& in, domain::task_definition& task, given_fields& given);
  void read_capabilities(object_reader& in, domain::task_definition& task, given_fields& given);
  void read_prerequisites(object_reader& in, task_index task);
  void read_id(object_reader& in, std::string_view name, domain::task_definition& task);
  void read_dependencies();
  void resolve_attachments();
  void read_team();
  void roles_from_tasks();
  void generate_ids();
  void resolve_edges();
  std::optional<task_index> task_of(const std::string& id, const std::string& field);

  problem_list& problems_;
  object_reader top_;
  domain::plan plan_;
  std::vector<given_fields> given_;
  std::vector<std::string> positions_;  ///< parallel to the tasks: p1.t2
  std::vector<named_edge> edges_;
  std::vector<named_attachment> attachments_;
  std::unordered_map<std::string, task_index> index_;
};

void structured_builder::read_phases() {
  const bool present = top_.any("phases") != nullptr;
  const json_value* phases = top_.array("phases");
  if (top_.is_object() && (!present || (phases != nullptr && phases->empty())))
    problems_.add("phases", present ? "must not be empty" : "is required");
  if (phases != nullptr) read_children(*phases, "phases", no_task, 0);
}

void structured_builder::read_children(const json_value& list, const std::string& path, task_index parent,
                                       std::size_t depth) {
  const char letter = levels[std::min(depth, levels.size() - 1)].letter;
  const std::string above = parent == no_task ? "" : positions_[parent] + ".";
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (plan_.tasks.size() > domain::max_plan_tasks) return;  // validate names the limit
    read_task(list[i], path + "[" + std::to_string(i) + "]", above + letter + std::to_string(i + 1), parent, depth);
  }
}

void structured_builder::read_task(const json_value& value, std::string path, const std::string& position,
                                   task_index parent, std::size_t depth) {
  const level_names& names = levels[std::min(depth, levels.size() - 1)];
  object_reader in{value, path, problems_};
  const auto index = static_cast<task_index>(plan_.tasks.size());
  domain::task_definition task;
  given_fields given;
  task.parent = parent;
  task.level = names.level;
  read_id(in, names.id, task);
  task.title = names.level == domain::task_level::subtask ? in.text("title") : in.required_text(names.title);
  task.description = in.text("description");
  if (names.level != domain::task_level::phase) read_execution(in, task, given, parent);
  if (task.title.empty() && names.level == domain::task_level::subtask && in.is_object()) {
    task.title = task.action;  // a subtask may be named by what it does
    if (task.title.empty()) problems_.add(in.at("title"), "is required where there is no action");
  }
  plan_.tasks.push_back(std::move(task));
  given_.push_back(given);
  positions_.push_back(position);
  read_prerequisites(in, index);
  if (const json_value* children = in.array(names.children))
    read_children(*children, in.at(names.children), index, depth + 1);
  in.refuse_unknown_members();
}

void structured_builder::read_id(object_reader& in, std::string_view name, domain::task_definition& task) {
  task.id.value = in.text(name);
  if (task.id.empty()) {
    if (const json_value* value = in.any(name); value != nullptr && value->is_string())
      problems_.add(in.at(name), "must not be empty");
    return;
  }
  if (!domain::is_valid_id(task.id.value)) {
    problems_.add(in.at(name), "is not a valid id");
  } else if (!index_.emplace(task.id.value, static_cast<task_index>(plan_.tasks.size())).second) {
    problems_.add(in.at(name), "'" + task.id.value + "' is used twice");
  }
}

/// What tasks and subtasks share. Role and priority hold for what is below as well, unless it says otherwise.
void structured_builder::read_execution(object_reader& in, domain::task_definition& task, given_fields& given,
                                        task_index parent) {
  task.action = in.text("action");
  given.action = !task.action.empty();
  if (const json_value* params = in.object("params")) task.params_json = params->dump();
  task.assignee_role = in.text("assignee_role");
  if (task.assignee_role.size() > max_role_bytes)
    problems_.add(in.at("assignee_role"), "is longer than " + std::to_string(max_role_bytes) + " bytes");
  if (task.assignee_role.empty()) task.assignee_role = plan_.tasks[parent].assignee_role;
  given.role = !task.assignee_role.empty();
  task.resources = in.texts("resources_needed");
  if (task.resources.size() > max_leaf_resources) {
    problems_.add(in.at("resources_needed"), "holds more than " + std::to_string(max_leaf_resources) + " entries");
    task.resources.clear();
  }
  for (auto& resource : task.resources) resource = clipped(resource, max_role_bytes);
  if (const auto hours = in.number("estimated_hours", 0, max_estimated_hours)) {
    const double days = *hours / hours_a_day;
    task.estimate = domain::estimate{days, days, days};
  }
  if (const auto hours = in.number("timeout_hours", min_timeout_hours, max_timeout_hours))
    task.timeout = std::max(domain::hours(*hours), domain::milliseconds{1});
  const auto priority =
      in.integer("priority", std::numeric_limits<std::int32_t>::min(), std::numeric_limits<std::int32_t>::max());
  task.priority = priority ? static_cast<std::int32_t>(*priority) : plan_.tasks[parent].priority;
  read_retry_policy(in, task);
  read_tier(in, task, given);
  task.success_criteria = in.text("success_criteria");
  read_capabilities(in, task, given);
  if (const auto value = in.number("decomposition_confidence", 0, 1)) {
    task.decomposition_confidence = *value;
    given.confidence = true;
  }
}

void structured_builder::read_retry_policy(object_reader& in, domain::task_definition& task) {
  const json_value* value = in.object("retry_policy");
  if (value == nullptr) return;
  object_reader policy{*value, in.at("retry_policy"), problems_};
  domain::retry_policy read;
  if (const auto attempts = policy.integer("max_attempts", 1, max_attempts))
    read.max_attempts = static_cast<std::uint32_t>(*attempts);
  if (const auto seconds = policy.number("backoff_seconds", 0, max_backoff_seconds))
    read.backoff = domain::seconds(*seconds);
  if (const auto factor = policy.number("multiplier", 1, 100)) read.multiplier = *factor;
  if (const auto seconds = policy.number("max_backoff_seconds", 0.001, max_backoff_seconds))
    read.max_backoff = domain::seconds(*seconds);
  read.final_errors = policy.texts("non_retryable_errors");
  policy.refuse_unknown_members();
  task.retry = std::move(read);
}

void structured_builder::read_tier(object_reader& in, domain::task_definition& task, given_fields& given) {
  if (const auto tier = in.integer("autonomy_tier", 1, 3)) {
    task.tier = static_cast<domain::autonomy_tier>(*tier);
    given.tier = true;
  }
  if (const auto executable = in.boolean("agent_executable")) {
    task.agent_executable = *executable;
    given.executable = true;
  }
}

/// The action is the first of them; where none is named, the first of them is the action.
void structured_builder::read_capabilities(object_reader& in, domain::task_definition& task, given_fields& given) {
  auto named = in.texts("required_capabilities");
  if (named.empty()) return;
  if (task.action.empty()) task.action = named.front();
  given.action = true;
  std::erase(named, task.action);
  named.insert(named.begin(), task.action);
  if (named.size() > max_required_capabilities)
    problems_.add(in.at("required_capabilities"),
                  "holds more than " + std::to_string(max_required_capabilities) + " with the action");
  task.required_capabilities = std::move(named);
}

void structured_builder::read_prerequisites(object_reader& in, task_index task) {
  const json_value* list = in.array("prerequisites");
  if (list == nullptr) return;
  for (std::size_t i = 0; i < list->size(); ++i) {
    const std::string field = in.at("prerequisites", i);
    if ((*list)[i].is_string())
      edges_.push_back({(*list)[i].get<std::string>(), field, "", field, task, ""});
    else
      problems_.add(field, "must be a string");
  }
}

void structured_builder::read_dependencies() {
  const json_value* list = top_.array("dependencies");
  if (list == nullptr) return;
  for (std::size_t i = 0; i < list->size(); ++i) {
    object_reader in{(*list)[i], top_.at("dependencies", i), problems_};
    named_edge edge;
    edge.from = in.required_text("from");
    edge.from_field = in.at("from");
    edge.to = in.required_text("to");
    edge.to_field = in.at("to");
    edge.explanation = in.text("explanation");
    const std::string type = in.text("type");
    if (!type.empty() && type != "finish_to_start" && type != "FS")
      problems_.add(in.at("type"), "only finish_to_start (FS) is supported");
    in.refuse_unknown_members();
    if (!edge.from.empty() && !edge.to.empty()) edges_.push_back(std::move(edge));
  }
}

void structured_builder::read_team() {
  const json_value* list = top_.array("team");
  if (list == nullptr) return;
  std::set<std::string> names;
  for (std::size_t i = 0; i < list->size(); ++i) {
    domain::team_role role;
    const std::string path = top_.at("team", i);
    if (const json_value& value = (*list)[i]; value.is_string()) {
      role.name = trimmed(value.get_ref<const std::string&>());
      if (role.name.empty()) problems_.add(path, "must not be empty");
    } else {
      object_reader in{value, path, problems_};
      role.name = in.required_text("name");
      role.description = in.text("description");
      in.refuse_unknown_members();
    }
    if (role.name.empty()) continue;
    if (role.name.size() > max_role_bytes) problems_.add(path, "has a name that is too long");
    if (!names.insert(role.name).second) problems_.add(path, "'" + clipped(role.name, 64) + "' is named twice");
    plan_.roles.push_back(std::move(role));
  }
  if (plan_.roles.size() > max_team_roles) {
    problems_.add("team", "holds more than " + std::to_string(max_team_roles) + " roles");
    plan_.roles.clear();
  }
}

/// Without a team the roles that the tasks ask for are it; a leaf that asks for none stays open to any.
void structured_builder::roles_from_tasks() {
  std::set<std::string> names;
  std::vector<domain::team_role> roles;
  for (std::size_t i = 0; i < plan_.tasks.size(); ++i) {
    given_[i].role = plan_.tasks[i].level != domain::task_level::phase;
    if (const std::string& name = plan_.tasks[i].assignee_role; !name.empty() && names.insert(name).second)
      roles.push_back({name, ""});
  }
  plan_.roles = std::move(roles);
}

void structured_builder::generate_ids() {
  for (task_index i = 0; i < plan_.tasks.size(); ++i) {
    std::string& id = plan_.tasks[i].id.value;
    if (!id.empty()) continue;
    id = positions_[i];
    while (!index_.emplace(id, i).second) id += "_";  // somebody chose this id by hand
  }
}

std::optional<task_index> structured_builder::task_of(const std::string& id, const std::string& field) {
  const auto found = index_.find(id);
  if (found != index_.end()) return found->second;
  problems_.add(field, "no task, phase or subtask has the id '" + clipped(id, 128) + "'");
  return std::nullopt;
}

void structured_builder::resolve_edges() {
  std::set<std::pair<task_index, task_index>> seen;
  for (auto& edge : edges_) {
    const auto from = task_of(edge.from, edge.from_field);
    const auto to = edge.to.empty() ? std::optional{edge.to_index} : task_of(edge.to, edge.to_field);
    if (!from || !to) continue;
    if (*from == *to)
      problems_.add(edge.to_field, "a task cannot depend on itself");
    else if (seen.emplace(*from, *to).second)
      plan_.dependencies.push_back({*from, *to, std::move(edge.explanation)});
  }
}

void structured_builder::resolve_attachments() {
  for (const auto& attachment : attachments_) {
    const auto task = task_of(attachment.task, attachment.field);
    if (!task) continue;
    auto& tasks = attachment.of_assumption ? plan_.assumptions[attachment.position].tasks
                                           : plan_.risks[attachment.position].tasks;
    const auto place = std::lower_bound(tasks.begin(), tasks.end(), *task);
    if (place == tasks.end() || *place != *task) tasks.insert(place, *task);
  }
  attach_to_tasks(plan_);
}

}  // namespace

domain::plan read_structured(const json_value& document, problem_list& problems) {
  return structured_builder{document, problems}.build();
}

}  // namespace planexe::plans
