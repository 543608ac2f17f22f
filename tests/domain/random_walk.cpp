#include "tests/domain/random_walk.hpp"

#include <cstdlib>

namespace planexe::tests {

using namespace domain;

namespace {

const std::vector<std::string> agents{"ann", "bob", "cy"};

}  // namespace

std::uint64_t walks(std::uint64_t usual) {
  const char* factor = std::getenv("PLANEXE_TEST_WALKS");
  return factor ? usual * std::strtoull(factor, nullptr, 10) : usual;
}

std::shared_ptr<plan> random_tree(dice& roll, std::size_t most_tasks) {
  auto made = std::make_shared<plan>();
  made->id = {"plan"};
  made->title = "random";
  const auto count = 1 + roll.below(most_tasks);
  constexpr std::size_t deepest = 5;
  std::vector<task_index> open;
  for (task_index i = 0; i < count; ++i) {
    open.resize(roll.below(std::min(open.size(), deepest - 1) + 1));
    task_definition task;
    task.id = {"t" + std::to_string(i)};
    task.title = task.id.value;
    task.parent = open.empty() ? no_task : open.back();
    task.level = static_cast<task_level>(std::min<std::size_t>(open.size(), 2));
    task.decomposition_confidence = roll.chance(80) ? 0.9 : 0.5;
    if (roll.chance(30)) task.estimate = estimate{0.5, 1.0 + roll.below(8), 20};
    if (roll.chance(20)) task.retry = retry_policy{1 + roll.below(3), seconds(roll.below(100))};
    if (roll.chance(20)) task.timeout = hours(1 + roll.below(10));
    open.push_back(i);
    made->tasks.push_back(std::move(task));
  }
  const auto edges = roll.below(count + 1);
  for (std::uint32_t k = 0; k < edges && count > 1; ++k) {
    auto from = roll.below(count), to = roll.below(count);
    if (from == to) continue;
    if (from > to && roll.chance(70)) std::swap(from, to);
    made->dependencies.push_back({from, to, {}});
  }
  return made;
}

std::shared_ptr<const plan> random_plan(dice& roll, std::size_t most_tasks) {
  auto made = random_tree(roll, most_tasks);
  while (!plan_graph::build(made, sequencing::dependencies))
    made->dependencies.erase(made->dependencies.begin() + roll.below(made->dependencies.size()));
  return made;
}

execution_options random_options(dice& roll) {
  execution_options options;
  options.sequencing = static_cast<sequencing>(roll.below(3));
  options.review_threshold = roll.chance(50) ? 0.7 : 0.0;
  options.max_parallel = roll.chance(30) ? 1 + roll.below(3) : 0;
  options.task_timeout = hours(1 + roll.below(24));
  options.retry = {1 + roll.below(4), seconds(roll.below(600))};
  if (roll.chance(30)) options.external_wait = hours(1 + roll.below(60));
  if (roll.chance(30)) options.escalation = hours(1 + roll.below(40));
  if (roll.chance(30))
    for (auto rungs = 1 + roll.below(3); rungs > 0; --rungs)
      options.ladder.push_back({hours(1 + roll.below(30)), "rung" + std::to_string(rungs)});
  if (roll.chance(20)) options.retry.final_errors = {"kind"};
  return options;
}

task_index command_source::leaf_in(const execution_state& state, leaf_stage stage) {
  std::vector<task_index> found;
  for (const auto leaf : state.graph->leaves())
    if (state.tasks[leaf].stage == stage) found.push_back(leaf);
  return found.empty() || roll_.chance(3) ? roll_.below(state.tasks.size()) : roll_.one_of(found);
}

report_header command_source::header(const execution_state& state) {
  const auto leaf = leaf_in(state, leaf_stage::held);
  const auto& task = state.tasks[leaf];
  report_header report{{roll_.one_of(agents)}, state.definition(leaf).id, {}};
  if (task.lease && roll_.chance(80)) {
    report.agent = task.lease->agent;
    if (roll_.chance(70)) report.lease_token = task.lease->token;
  } else if (!task.ends.empty() && roll_.chance(60)) {
    const auto& end = roll_.one_of(task.ends);
    report.agent = end.agent;
    report.lease_token = end.token;
  } else if (!tokens_.empty() && roll_.chance(50)) {
    report.lease_token = roll_.one_of(tokens_);
  }
  if (roll_.chance(1)) report.task = {"nowhere"};
  return report;
}

execution_command command_source::draw_report(const execution_state& state) {
  const std::vector<std::string> words{"", "x", "y"};
  const auto report = header(state);
  switch (roll_.below(13)) {
    case 12:
      return propose_subtasks{report, draw_parts(state, report.task)};
    case 0:
      return start_task{report, "begun"};
    case 1:
      return report_progress{report, static_cast<double>(roll_.below(101)), {}};
    case 2:
      return heartbeat{report, roll_.chance(50) ? std::optional<double>{roll_.below(101)} : std::nullopt, {}};
    case 3:
    case 4:
      return fail_task{report, "kind", roll_.one_of(words), roll_.chance(80), roll_.chance(15)};
    case 5:
    case 6:
      return block_task{report, roll_.one_of(words), hours(roll_.below(50)), roll_.chance(30)};
    case 7: {
      const auto blocked = leaf_in(state, leaf_stage::external);
      const auto& ends = state.tasks[blocked].ends;
      const auto agent = !ends.empty() && roll_.chance(80) ? ends.back().agent : agent_id{roll_.one_of(agents)};
      return unblock_task{{agent, state.definition(blocked).id, {}}, "it came"};
    }
    default:
      return complete_task{report, roll_.one_of(words), "done"};
  }
}

execution_command command_source::draw_timer(const execution_state& state) {
  const auto held = leaf_in(state, leaf_stage::held);
  auto token = state.tasks[held].lease ? state.tasks[held].lease->token : std::string{};
  if (!tokens_.empty() && roll_.chance(10)) token = roll_.one_of(tokens_);
  switch (roll_.below(9)) {
    case 0:
      return release_task{held, token, "silent"};
    case 1:
      return time_out_attempt{held, token};
    case 2:
    case 3:
      return escalate_wait{leaf_in(state, leaf_stage::external)};
    case 4:
      return escalate_overdue{};
    case 5:
      return note_staffing{roll_.chance(40), "nobody can"};
    case 6:
      return time_out_execution{};
    default:
      return wake_retry{leaf_in(state, leaf_stage::retrying)};
  }
}

execution_command command_source::draw_steering(const execution_state& state) {
  switch (roll_.below(20)) {
    case 0:
      return cancel_execution{"enough"};
    case 1:
      return create_execution{.source = state.graph->shared_plan()};
    case 2:
    case 3:
      return steer_execution{{}, static_cast<std::int32_t>(roll_.below(3))};
    case 4:
    case 5:
    case 6:
      return pause_execution{"a pause", roll_.chance(30)};
    case 7:
    case 8:
    case 9:
    case 10:
    case 11:
      return queue_execution{};
    default:
      return resume_execution{roll_.chance(20)};
  }
}

execution_command command_source::draw_resolution(const execution_state& state) {
  auto target = roll_.chance(70)   ? leaf_in(state, leaf_stage::reviewing)
                : roll_.chance(50) ? leaf_in(state, leaf_stage::external)
                                   : roll_.below(state.tasks.size());
  if (roll_.chance(15) && state.graph->parent(target) != no_task) target = state.graph->parent(target);
  resolve_review c;
  c.task = state.definition(target).id;
  c.action = static_cast<review_action>(roll_.below(9));
  if (c.action == review_action::reject && roll_.chance(50)) c.action = review_action::approve;
  c.note = roll_.chance(50) ? "a note" : "";
  c.output_json = "{}";
  c.option = "left";
  if (roll_.chance(50)) c.agent = {roll_.one_of(agents)};
  if (roll_.chance(50)) c.role = "Cook";
  if (c.action == review_action::decompose) c.parts = draw_parts(state, c.task);
  return c;
}

/// One to three parts; now and then with an id that is taken, in a cycle, or after any task of the plan.
std::shared_ptr<const decomposition> command_source::draw_parts(const execution_state& state, const task_id& whole) {
  auto parts = std::make_shared<decomposition>();
  const auto count = 1 + roll_.below(3);
  for (std::uint32_t k = 0; k < count; ++k) {
    new_subtask part;
    part.definition.id = {whole.value + "." + std::to_string(roll_.chance(2) ? 0 : k)};
    part.definition.title = "Part " + std::to_string(k);
    part.definition.decomposition_confidence = roll_.chance(80) ? 0.9 : 0.5;
    if (k > 0 && roll_.chance(40)) part.depends_on.push_back(parts->subtasks[roll_.below(k)].definition.id);
    if (roll_.chance(3)) part.depends_on.push_back({whole.value + ".2"});
    if (roll_.chance(5)) part.depends_on.push_back(state.definition(roll_.below(state.tasks.size())).id);
    parts->subtasks.push_back(std::move(part));
  }
  return parts;
}

execution_command command_source::draw_assignment(const execution_state& state) {
  tokens_.push_back("token-" + std::to_string(tokens_.size()));
  return assign_task{leaf_in(state, leaf_stage::ready), {roll_.one_of(agents)}, tokens_.back(), "free"};
}

execution_command command_source::draw(const execution_state& state) {
  const auto kind = roll_.below(100);
  if (kind < 35) return draw_assignment(state);
  if (kind < 65) return draw_report(state);
  if (kind < 78) return draw_timer(state);
  if (kind < 92) return draw_resolution(state);
  return draw_steering(state);
}

}  // namespace planexe::tests
