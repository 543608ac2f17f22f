#include "gateway/json/resolution_options.hpp"

#include "domain/execution_commands.hpp"
#include "domain/execution_status.hpp"
#include "gateway/json/writer.hpp"

namespace planexe::gateway {

const std::vector<std::string_view>& resolution_options::of(domain::task_index leaf) {
  const auto& task = state_.tasks[leaf];
  const auto review = task.review ? static_cast<int>(task.review->kind) : -1;
  const auto [place, fresh] =
      known_.try_emplace({static_cast<int>(task.stage), review, task.external.has_value(), task.failed_for_good});
  if (fresh) place->second = ask(leaf);
  return place->second;
}

void resolution_options::append(json_writer& writer, domain::task_index leaf) {
  writer.begin_array();
  for (const auto action : of(leaf)) writer.text(action);
  writer.end_array();
}

std::vector<std::string_view> resolution_options::ask(domain::task_index leaf) const {
  using enum domain::review_action;
  std::vector<std::string_view> allowed;
  for (const auto action : {approve, reject, retry, skip, complete, unblock, choose, reassign, decompose}) {
    const domain::resolve_review command{.task = state_.definition(leaf).id, .action = action};
    const auto refused = domain::decide(state_, command, state_.updated_at).rejection;
    // What only lacks its details, as subtasks, can be chosen.
    if (!refused || refused->code == domain::rejection_code::validation_failed)
      allowed.push_back(domain::name_of(action));
  }
  return allowed;
}

std::string escalated_to(const domain::execution_state& state, domain::task_index leaf) {
  const auto& to = domain::escalation_target(state.options, state.tasks[leaf].escalation.level);
  return to.empty() ? "owner" : to;
}

void append_escalation(json_writer& writer, const domain::execution_state& state, domain::task_index leaf) {
  const auto& escalation = state.tasks[leaf].escalation;
  if (escalation.level == 0) return;
  writer.member("escalated_at", escalation.at);
  writer.member("escalation_level", escalation.level);
  writer.member("escalated_to", escalated_to(state, leaf));
}

}  // namespace planexe::gateway
