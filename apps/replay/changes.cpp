#include "apps/replay/changes.hpp"

#include "domain/execution_status.hpp"
#include "gateway/json/render_execution.hpp"
#include "gateway/json/render_task.hpp"
#include "gateway/json/writer.hpp"

namespace planexe::replaying {
namespace {

json blockers_of(const domain::execution_state& state) {
  json blockers = json::array();
  for (const auto leaf : state.graph->leaves())
    if (domain::is_blocker(state, leaf)) blockers.push_back(state.definition(leaf).id.value);
  return blockers;
}

json execution_members(const domain::execution_state& state) {
  std::string progress;
  gateway::json_writer writer(progress);
  gateway::append_progress(writer, state);
  json agents = json::array();
  for (const auto& agent : gateway::holders_of(state)) agents.push_back(agent.value);
  json members{{"status", domain::name_of(state.status)},
               {"status_message", domain::message_of(state)},
               {"title", state.title},
               {"priority", state.priority},
               {"progress", json::parse(progress, nullptr, false)},
               {"agents", std::move(agents)},
               {"blockers", blockers_of(state)}};
  if (!state.agent.empty()) members["agent_id"] = state.agent.value;
  const auto time = [&](const char* name, const std::optional<domain::timestamp>& at) {
    if (at) members[name] = domain::format_rfc3339(*at);
  };
  time("started_at", state.started_at);
  time("completed_at", state.completed_at);
  time("deadline_at", state.deadline_at);
  return members;
}

/// The moving members, as live views are told them, and the result, which those leave out.
std::string task_members(const domain::execution_state& state, domain::task_index task) {
  std::string text;
  gateway::json_writer writer(text);
  writer.begin_object();
  writer.key("row");
  gateway::append_task_rows(writer, state, {.tasks = {{task, false}}}, {});
  writer.raw_member("result", state.tasks[task].output_json);
  writer.end_object();
  return text;
}

json parsed_members(const std::string& text) {
  auto body = json::parse(text, nullptr, false);
  if (!body.is_object()) return json::object();
  json members = body["row"].is_array() && !body["row"].empty() ? body["row"][0] : json::object();
  members.erase("task_id");
  members.erase("has_result");
  if (body.contains("result")) members["result"] = std::move(body["result"]);
  return members;
}

std::vector<member_change> compare(const json& before, const json& after) {
  std::vector<member_change> changes;
  for (const auto& [name, from] : before.items()) {
    const auto to = after.find(name);
    if (to == after.end())
      changes.push_back({name, from, nullptr});
    else if (*to != from)
      changes.push_back({name, from, *to});
  }
  for (const auto& [name, to] : after.items())
    if (!before.contains(name)) changes.push_back({name, nullptr, to});
  return changes;
}

json to_json(const std::vector<member_change>& members) {
  json changes = json::object();
  for (const auto& each : members) changes[each.name] = {{"from", each.from}, {"to", each.to}};
  return changes;
}

}  // namespace

visible_state::visible_state(const domain::execution_state& state)
    : seq_(state.version), at_(state.updated_at), graph_(state.graph), execution_(execution_members(state)) {
  tasks_.reserve(state.tasks.size());
  for (domain::task_index task = 0; task < state.tasks.size(); ++task) tasks_.push_back(task_members(state, task));
}

class comparison {
 public:
  static state_changes between(const visible_state& before, const visible_state& after) {
    // A task keeps its index for ever; the later graph has those that the earlier one has, and perhaps more.
    const bool grown_back = before.tasks_.size() > after.tasks_.size();
    const auto& graph = grown_back ? before.graph_ : after.graph_;
    state_changes changes{before.seq_, after.seq_, before.at_, after.at_, compare(before.execution_, after.execution_),
                          {},          graph};
    for (const auto task : graph->document()) {
      const auto* from = task < before.tasks_.size() ? &before.tasks_[task] : nullptr;
      const auto* to = task < after.tasks_.size() ? &after.tasks_[task] : nullptr;
      if (from != nullptr && to != nullptr && *from == *to) continue;
      const auto& definition = graph->task(task);
      task_change change{task, definition.id.value, definition.title, graph->is_leaf(task), from == nullptr, {}};
      change.members = compare(from == nullptr ? json::object() : parsed_members(*from),
                               to == nullptr ? json::object() : parsed_members(*to));
      if (!change.members.empty()) changes.tasks.push_back(std::move(change));
    }
    return changes;
  }
};

state_changes changes_between(const visible_state& before, const visible_state& after) {
  return comparison::between(before, after);
}

json to_json(const state_changes& changes) {
  json tasks = json::array();
  for (const auto& each : changes.tasks) {
    json task{{"task_id", each.id}, {"title", each.title}};
    if (each.added) task["added"] = true;
    task["changes"] = to_json(each.members);
    tasks.push_back(std::move(task));
  }
  return {{"execution", to_json(changes.execution)}, {"tasks", std::move(tasks)}};
}

}  // namespace planexe::replaying
