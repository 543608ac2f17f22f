#include "actors/decomposing.hpp"

#include "plans/decomposition/subtasks.hpp"
#include "plans/leaves.hpp"

namespace planexe::actors {
namespace {

using namespace domain;

std::shared_ptr<const decomposition> completed(const execution_state& state, task_index whole,
                                               const decomposition& parts) {
  auto full = std::make_shared<decomposition>(parts);
  const auto taken = [&](std::string_view id) {
    const auto found = state.graph->find({std::string(id)});
    // A proposal that comes again finds its own parts there.
    return found != no_task && state.graph->parent(found) != whole;
  };
  plans::name_subtasks(state.definition(whole).id, full->subtasks, taken);
  auto parent = state.definition(whole);
  parent.assignee_role = role_of(state, whole);
  // What a person writes down needs no second look by one.
  const bool by_person = full->source == decomposition_source::person;
  plans::complete_subtasks(parent, full->subtasks,
                           std::vector<plans::given_fields>(full->subtasks.size(), {.confidence = by_person}));
  return full;
}

}  // namespace

void complete_parts(const execution_state& state, execution_command& command) {
  if (!state.exists()) return;
  const auto complete = [&](const task_id& task, std::shared_ptr<const decomposition>& parts) {
    const auto whole = state.graph->find(task);
    if (parts && whole != no_task) parts = completed(state, whole, *parts);
  };
  if (auto* proposal = std::get_if<propose_subtasks>(&command)) complete(proposal->report.task, proposal->parts);
  if (auto* decision = std::get_if<resolve_review>(&command)) complete(decision->task, decision->parts);
}

}  // namespace planexe::actors
