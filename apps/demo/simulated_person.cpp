#include "apps/demo/simulated_person.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace planexe::demo {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds between_looks{500};
constexpr std::array preferred_actions = {"approve", "retry", "complete", "unblock", "skip"};
// These end by themselves, or when an agent comes; nobody has to decide anything.
constexpr std::array kinds_without_decision = {"prerequisites", "agent", "retry", "paused", "parent", "external"};

template <class List>
bool contains(const List& list, const std::string& name) {
  return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

/// What waits for a decision: the execution's blockers, and leaves that wait for a review without blocking it.
std::vector<blocker> open_questions(execution_client& client, const std::string& execution_id, activity_board& board) {
  std::map<std::string, blocker> questions;
  if (const auto view = client.execution(execution_id)) {
    for (const auto& item : view->blockers) questions.emplace(item.task_id, item);
  } else {
    board.note_problem(view.error().detail);
  }
  if (const auto leaves = client.leaves(execution_id)) {
    for (const auto& leaf : *leaves) {
      if (leaf.waiting_kind == "review") questions.emplace(leaf.task_id, blocker{leaf.task_id, "review", {}});
    }
  } else {
    board.note_problem(leaves.error().detail);
  }
  std::vector<blocker> open;
  for (auto& [task_id, question] : questions) {
    if (!task_id.empty() && !actions_for(question).empty()) open.push_back(std::move(question));
  }
  return open;
}

void answer(execution_client& client, const std::string& execution_id, const blocker& question, activity_board& board) {
  std::string refusal;
  for (const auto& action : actions_for(question)) {
    const auto done = client.resolve(execution_id, question.task_id, action, "Looks good to me");
    if (done) {
      board.answer_review();
      return;
    }
    refusal = done.error().detail;
    // Refused as not fitting: another action may fit. Anything else will not get better by asking differently.
    if (done.error().code != errc::conflict && done.error().code != errc::invalid) break;
  }
  board.note_problem(refusal);
}

void look_and_answer(const person_options& options, activity_board& board, const std::stop_token& stop) {
  execution_client client(options.server, options.api_key, stop);
  const milliseconds thinking(static_cast<long>(options.seconds_per_answer * 1000.0));
  while (!stop.stop_requested()) {
    for (const auto& question : open_questions(client, options.execution_id, board)) {
      if (!sleep_unless_stopped(stop, thinking)) return;
      answer(client, options.execution_id, question, board);
    }
    sleep_unless_stopped(stop, between_looks);
  }
}

}  // namespace

std::vector<std::string> actions_for(const blocker& blocker) {
  std::vector<std::string> actions;
  if (blocker.options.empty() && contains(kinds_without_decision, blocker.kind)) return actions;
  for (const std::string action : preferred_actions) {
    if (blocker.options.empty() || contains(blocker.options, action)) actions.push_back(action);
  }
  return actions;
}

simulated_person::simulated_person(person_options options, activity_board& board)
    : thread_([options = std::move(options), &board](std::stop_token stop) { look_and_answer(options, board, stop); }) {
}

}  // namespace planexe::demo
