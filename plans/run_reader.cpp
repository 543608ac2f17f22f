#include "plans/run_reader.hpp"

#include <array>
#include <chrono>
#include <cmath>
#include <set>
#include <unordered_map>
#include <utility>

#include "plans/attachment.hpp"
#include "plans/json_members.hpp"
#include "plans/leaves.hpp"
#include "plans/roles.hpp"
#include "plans/run_risks.hpp"
#include "plans/words.hpp"

namespace planexe::plans {
namespace {

using domain::no_task;
using domain::task_index;

/// A plan's text can be pages long, and the goal goes out with every piece of work.
constexpr std::size_t max_goal_bytes = 2'000;
constexpr double max_days = 1e6;  // as domain::validate

class run_builder {
 public:
  run_builder(run_documents documents, problem_list& problems)
      : documents_(std::move(documents)), problems_(problems) {}

  domain::plan build() && {
    read_tree();
    read_team();
    read_dependencies();
    read_durations();
    read_what_may_go_wrong();
    read_redline();
    read_assessment();
    read_goal();
    read_start_date();
    attach_to_tasks(plan_);
    plan_.warnings = warnings().take();
    complete_leaves(plan_, std::vector<given_fields>(plan_.tasks.size()), false);
    return std::move(plan_);
  }

 private:
  warning_list& warnings() { return documents_.warnings; }
  const json_value* find(document kind) const {
    const auto found = documents_.found.find(kind);
    return found == documents_.found.end() ? nullptr : &found->second;
  }
  std::optional<task_index> task_of(const std::string& id) const {
    const auto found = index_.find(id);
    return found == index_.end() ? std::nullopt : std::optional{found->second};
  }

  void read_tree();
  void read_node(const json_value& node, const std::string& path, task_index parent, std::size_t depth);
  void read_children(const json_value& node, const std::string& path, task_index parent, std::size_t depth);
  void read_team();
  void read_dependencies();
  void read_edges_into(const json_value& detail);
  void add_edge(const std::string& from, const std::string& to, std::string explanation);
  void read_durations();
  void read_duration(const json_value& entry, std::set<task_index>& seen);
  void read_what_may_go_wrong();
  void read_redline();
  void read_assessment();
  void read_goal();
  void read_start_date();

  run_documents documents_;
  problem_list& problems_;
  domain::plan plan_;
  std::string project_id_;
  std::unordered_map<std::string, task_index> index_;
  std::vector<std::size_t> depth_;
  std::set<std::pair<task_index, task_index>> edges_;
};

void run_builder::read_tree() {
  const json_value* wbs = find(document::wbs);
  const auto root = wbs != nullptr && wbs->is_object() ? wbs->find("wbs_project") : json_value::const_iterator{};
  if (wbs == nullptr || !wbs->is_object() || root == wbs->end() || !root->is_object()) {
    problems_.add("wbs_project", "must be an object");
    return;
  }
  project_id_ = text_of(*root, "id");
  plan_.title = documents_.title.empty() ? text_of(*root, "description") : documents_.title;
  if (plan_.title.empty()) problems_.add("wbs_project.description", "is required: it is the project's title");
  read_children(*root, "wbs_project", no_task, 0);
}

void run_builder::read_children(const json_value& node, const std::string& path, task_index parent, std::size_t depth) {
  const auto children = node.find("task_children");
  if (children == node.end() || children->is_null()) return;
  if (!children->is_array()) {
    problems_.add(path + ".task_children", "must be an array");
    return;
  }
  for (std::size_t i = 0; i < children->size(); ++i) {
    if (plan_.tasks.size() > domain::max_plan_tasks) return;  // validate names the limit
    read_node((*children)[i], path + ".task_children[" + std::to_string(i) + "]", parent, depth);
  }
}

void run_builder::read_node(const json_value& node, const std::string& path, task_index parent, std::size_t depth) {
  if (plan_.tasks.size() > domain::max_plan_tasks) return;  // validate names the limit
  if (!node.is_object()) {
    problems_.add(path, "must be an object");
    return;
  }
  domain::task_definition task;
  task.id.value = text_of(node, "id");
  task.parent = parent;
  task.level = depth == 0   ? domain::task_level::phase
               : depth == 1 ? domain::task_level::task
                            : domain::task_level::subtask;
  task.title = text_of(node, "description");
  if (task.id.empty()) problems_.add(path + ".id", "is required");
  if (task.title.empty()) problems_.add(path + ".description", "is required: it is the task's title");
  if (const auto extra = node.find("extra_fields"); extra != node.end()) {
    task.description = text_of(*extra, "detailed_description");
    if (const auto list = extra->is_object() ? extra->find("resources_needed") : extra->end();
        extra->is_object() && list != extra->end() && list->is_array())
      for (const json_value& resource : *list)
        if (resource.is_string() && task.resources.size() < max_leaf_resources)
          task.resources.push_back(clipped(trimmed(resource.get_ref<const std::string&>()), max_role_bytes));
  }
  const auto index = static_cast<task_index>(plan_.tasks.size());
  index_.emplace(task.id.value, index);
  plan_.tasks.push_back(std::move(task));
  depth_.push_back(depth);
  read_children(node, path, index, depth + 1);
}

void run_builder::read_team() {
  const json_value* team = find(document::team);
  if (team == nullptr) return warnings().add("no_team", "the run has no team; any agent may take any task");
  if (!team->is_array()) return warnings().add("document_unreadable", "the team is not a list");
  std::set<std::string> names;
  for (const json_value& member : *team) {
    if (plan_.roles.size() == max_team_roles) {
      warnings().add("team_too_large", "only the first " + std::to_string(max_team_roles) + " roles are used");
      break;
    }
    std::string name = text_of(member, "category");
    if (name.empty()) name = text_of(member, "name");
    if (name.empty() && member.is_string()) name = trimmed(member.get_ref<const std::string&>());
    name = clipped(name, max_role_bytes);
    if (name.empty()) continue;
    if (!names.insert(name).second) {
      warnings().add("role_twice", "the team names '" + name + "' twice");
      continue;
    }
    std::string description = text_of(member, "explanation");
    if (description.empty()) description = text_of(member, "description");
    plan_.roles.push_back({std::move(name), std::move(description)});
  }
}

void run_builder::read_dependencies() {
  const json_value* document = find(document::dependencies);
  if (document == nullptr)
    return warnings().add("no_dependencies", "the run names no dependencies; only the order of the phases holds");
  const json_value* details = list_in(*document, "task_dependency_details");
  if (details == nullptr) return problems_.add("task_dependencies", "must hold the array task_dependency_details");
  for (const json_value& detail : *details) read_edges_into(detail);
}

/// One entry: what a task depends on, with explanations that real runs often give once for all.
void run_builder::read_edges_into(const json_value& detail) {
  const std::string to = text_of(detail, "dependent_task_id");
  const auto ids = detail.is_object() ? detail.find("depends_on_task_id_list") : detail.end();
  if (to.empty() || !detail.is_object() || ids == detail.end() || !ids->is_array())
    return warnings().add("edge_unreadable", "an entry of the dependencies has no ids",
                          task_of(to) ? to : std::string{});
  const auto given = detail.find("depends_on_task_explanation_list");
  const json_value none = json_value::array();
  const json_value& explanations = given != detail.end() && given->is_array() ? *given : none;
  if (explanations.size() != ids->size())
    warnings().add(
        "explanation_mismatch",
        std::to_string(ids->size()) + " dependencies, " + std::to_string(explanations.size()) + " explanations",
        task_of(to) ? to : std::string{});
  for (std::size_t i = 0; i < ids->size(); ++i) {
    if (!(*ids)[i].is_string()) {
      warnings().add("edge_unreadable", "a dependency's id is not a string", task_of(to) ? to : std::string{});
      continue;
    }
    const std::size_t which = explanations.size() == 1 ? 0 : i;
    std::string explanation;
    if (which < explanations.size() && explanations[which].is_string()) explanation = explanations[which];
    add_edge(std::string{trimmed((*ids)[i].get_ref<const std::string&>())}, to, std::move(explanation));
  }
}

void run_builder::add_edge(const std::string& from, const std::string& to, std::string explanation) {
  const auto start = task_of(from);
  const auto end = task_of(to);
  const std::string known = end ? to : start ? from : std::string{};
  if (!start || !end) {
    const std::string& other = start ? to : from;
    if (!project_id_.empty() && other == project_id_)
      return warnings().add("edge_to_project", "a dependency names the project itself", known);
    return warnings().add("edge_unknown_task",
                          "a dependency names '" + clipped(other, 128) + "', which is no task of this plan", known);
  }
  if (*start == *end) return warnings().add("edge_to_itself", "a dependency of a task on itself", to);
  if (plan_.dependencies.size() > domain::max_plan_dependencies) return;  // validate names the limit
  if (!edges_.emplace(*start, *end).second)
    return warnings().add("edge_twice", "the dependency on '" + from + "' is given twice", to);
  plan_.dependencies.push_back({*start, *end, std::move(explanation)});
}

void run_builder::read_durations() {
  const json_value* document = find(document::durations);
  if (document == nullptr) return warnings().add("no_durations", "the run has no estimates");
  const json_value* entries = list_in(*document, "task_durations");
  if (entries == nullptr) return warnings().add("document_unreadable", "the durations are not a list");
  std::set<task_index> seen;
  for (const json_value& entry : *entries) read_duration(entry, seen);
  for (task_index i = 0; i < plan_.tasks.size(); ++i)
    if (depth_[i] < 2 && !seen.contains(i))  // PlanExe estimates its levels 1 and 2
      warnings().add("duration_missing", "no estimate for '" + plan_.tasks[i].title + "'", plan_.tasks[i].id.value);
}

/// Negative days mean that PlanExe did not know them.
void run_builder::read_duration(const json_value& entry, std::set<task_index>& seen) {
  const std::string id = text_of(entry, "task_id");
  const auto task = task_of(id);
  if (!task) {
    if (id.empty() || id != project_id_)
      warnings().add("duration_unknown_task",
                     "an estimate for '" + clipped(id, 128) + "', which is no task of this plan");
    return;
  }
  if (!seen.insert(*task).second) return warnings().add("duration_twice", "a second estimate is left out", id);
  std::array<double, 3> days{};
  constexpr std::array<std::string_view, 3> names = {"days_min", "days_realistic", "days_max"};
  for (std::size_t i = 0; i < names.size(); ++i) {
    const auto found = entry.find(names[i]);
    if (found == entry.end() || !found->is_number() || !(std::abs(found->get<double>()) <= max_days))
      return warnings().add("duration_unreadable", std::string{names[i]} + " is not a number of days", id);
    days[i] = found->get<double>();
  }
  if (days[0] < 0 && days[1] < 0 && days[2] < 0) return;
  if (days[0] < 0 || days[1] < 0 || days[2] < 0) {
    warnings().add("duration_incomplete", "the estimate has unknown parts", id);
    if (days[1] < 0) return;
    for (double& part : days)
      if (part < 0) part = days[1];
  }
  if (!std::is_sorted(days.begin(), days.end())) {
    warnings().add("duration_unordered", "the estimate's parts are not in order", id);
    std::sort(days.begin(), days.end());
  }
  plan_.tasks[*task].estimate = domain::estimate{days[0], days[1], days[2]};
}

/// A premortem comes after the risks and sharpens them; the assumptions it wants killed come before the plan's own.
void run_builder::read_what_may_go_wrong() {
  if (const json_value* risks = find(document::risks); risks != nullptr) read_risks(*risks, plan_, warnings());
  if (const json_value* premortem = find(document::premortem); premortem != nullptr)
    read_premortem(*premortem, plan_, warnings());
  const json_value* assumptions = find(document::assumptions);
  if (assumptions == nullptr) assumptions = find(document::distilled_assumptions);
  if (assumptions != nullptr) read_assumptions(*assumptions, plan_, warnings());
}

void run_builder::read_redline() {
  const json_value* document = find(document::redline);
  if (document == nullptr) return;
  const std::string verdict = document->is_string() ? document->get<std::string>() : text_of(*document, "verdict");
  if (verdict.empty()) return problems_.add("redline_gate", "has no verdict");
  if (const auto known = redline_from(verdict)) {
    plan_.redline = *known;
    return;
  }
  // A verdict of a later PlanExe may be a refusal: a person decides.
  const std::string detail = "the redline gate says '" + clipped(verdict, 100) + "', which this release does not know";
  warnings().add("redline_unknown", detail);
  plan_.start_warning = detail;
}

void run_builder::read_assessment() {
  const json_value* document = find(document::assessment);
  if (document == nullptr) return;
  if (!document->is_object()) return problems_.add("pre_project_assessment", "must be an object");
  constexpr std::size_t max_warning_bytes = 4'000;
  const std::string advice = text_of(*document, "go_no_go_recommendation");
  if (!begins_with(advice, "do not execute")) return;
  if (!plan_.start_warning.empty()) plan_.start_warning += "\n";
  plan_.start_warning += clipped(advice, max_warning_bytes);
}

/// The best of what the run says: the refined goal, else the prompt it was made from, else what the root delivers.
void run_builder::read_goal() {
  plan_.goal = documents_.goal;
  if (const json_value* refined = find(document::project_plan); plan_.goal.empty() && refined != nullptr)
    plan_.goal = clipped(text_of(*refined, "goal_statement"), max_goal_bytes);
  if (const json_value* text = find(document::plan_text); plan_.goal.empty() && text != nullptr && text->is_string()) {
    std::string_view prompt = trimmed(text->get_ref<const std::string&>());
    if (begins_with(prompt, "plan:")) prompt = trimmed(prompt.substr(5));
    plan_.goal = clipped(trimmed(prompt.substr(0, prompt.find("Today's date:"))), max_goal_bytes);
  }
  if (!plan_.goal.empty()) return;
  if (const json_value* wbs = find(document::wbs); wbs != nullptr && wbs->is_object())
    if (const auto root = wbs->find("wbs_project"); root != wbs->end() && root->is_object())
      if (const auto extra = root->find("extra_fields"); extra != root->end())
        plan_.goal = text_of(*extra, "final_deliverable");
  if (plan_.goal.empty()) plan_.goal = plan_.title;
}

void run_builder::read_start_date() {
  if (const json_value* start = find(document::start_time); start != nullptr)
    plan_.start_date = domain::parse_rfc3339(text_of(*start, "server_iso_utc"));
  if (const json_value* text = find(document::plan_text); !plan_.start_date && text != nullptr && text->is_string())
    plan_.start_date = date_in_plan_text(text->get_ref<const std::string&>());
}

}  // namespace

bool is_essential(document kind) {
  return kind == document::wbs || kind == document::dependencies || kind == document::redline ||
         kind == document::assessment;
}

domain::plan read_run(run_documents documents, problem_list& problems) {
  return run_builder{std::move(documents), problems}.build();
}

std::optional<domain::redline_verdict> redline_from(std::string_view text) {
  if (text == "ALLOW") return domain::redline_verdict::allow;
  if (text == "ALLOW_WITH_SAFETY_FRAMING") return domain::redline_verdict::allow_with_safety_framing;
  if (text == "REFUSE") return domain::redline_verdict::refuse;
  return std::nullopt;
}

std::optional<domain::timestamp> date_in_plan_text(std::string_view text) {
  constexpr std::string_view mark = "Today's date:";
  constexpr std::array<std::string_view, 12> months = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                       "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::size_t at = text.rfind(mark);
  if (at == std::string_view::npos) return std::nullopt;
  std::string date{trimmed(text.substr(at + mark.size())).substr(0, 11)};
  for (std::size_t i = 0; i < months.size() && date.size() == 11; ++i)
    if (begins_with(std::string_view{date}.substr(5, 3), months[i])) {
      const std::string number = std::to_string(i + 1);
      date.replace(5, 3, number.size() == 1 ? "0" + number : number);
      break;
    }
  return domain::parse_rfc3339(date.substr(0, 10) + "T00:00:00Z");
}

}  // namespace planexe::plans
