// The templates, filled with a task's own words.
#include <algorithm>
#include <array>
#include <cctype>

#include "plans/actions.hpp"
#include "plans/confidence.hpp"
#include "plans/decomposition/decomposer.hpp"
#include "plans/decomposition/templates.hpp"
#include "plans/leaves.hpp"
#include "plans/words.hpp"

namespace planexe::plans {
namespace {

constexpr std::size_t longest_subject = 160;  // of a title; what follows stands in the task itself
constexpr std::size_t most_named_resources = 6;
// A template knows how such work goes, not this piece of it; and what has no template of its own, still less.
constexpr double most_with_template = 0.8;
constexpr double most_without_template = 0.5;

bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

/// The first word of `text`, and `text` goes on after it.
std::string_view take_word(std::string_view& text) {
  std::size_t end = 0;
  while (end < text.size() && !is_space(text[end])) ++end;
  const auto word = text.substr(0, end);
  while (end < text.size() && is_space(text[end])) ++end;
  text.remove_prefix(end);
  return word;
}

bool is_verb(std::string_view word) {
  constexpr std::array<std::string_view, 7> carriers{"conduct", "perform", "run", "carry", "undertake", "do", "hold"};
  std::string lower(word);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return std::find(carriers.begin(), carriers.end(), lower) != carriers.end() ||
         action_of_title(lower) != unknown_action;
}

/// What a title speaks of: "Select and purchase the kiln" → "the kiln". The whole title where nothing would be left.
std::string subject_of(std::string_view title) {
  const auto whole = trimmed(title);
  auto rest = whole;
  if (is_verb(take_word(rest))) {
    auto after = rest;
    if (take_word(after) == "and" && is_verb(take_word(after)) && !after.empty()) rest = after;
  } else {
    rest = whole;
  }
  return clipped(rest.empty() ? whole : rest, longest_subject);
}

/// Where a title names two deeds, the last one is what it comes to: to select and purchase is to procure.
std::string_view deed_of(std::string_view title) {
  auto rest = trimmed(title);
  if (!is_verb(take_word(rest)) || take_word(rest) != "and") return unknown_action;
  return action_of_title(take_word(rest));
}

std::string resources_of(const domain::task_definition& task) {
  if (task.resources.empty()) return {};
  std::string text = " At hand for it: ";
  const auto count = std::min(task.resources.size(), most_named_resources);
  for (std::size_t i = 0; i < count; ++i) text.append(i == 0 ? "" : ", ").append(task.resources[i]);
  return text + (count < task.resources.size() ? " and more." : ".");
}

/// The task's own words, for the places of a template.
struct own_words {
  std::string subject, title, resources;

  std::string fill(std::string_view text) const {
    std::string filled;
    while (!text.empty()) {
      const auto open = text.find('{');
      filled += text.substr(0, open);
      if (open == std::string_view::npos) break;
      const auto close = text.find('}', open);
      const auto name = text.substr(open + 1, close - open - 1);
      filled += name == "subject" ? subject : name == "title" ? title : resources;
      text.remove_prefix(close + 1);
    }
    return filled;
  }
};

void inherit(domain::task_definition& step, const domain::task_definition& task) {
  if (!task.action.empty()) step.action = task.action;
  step.params_json = task.params_json;
  step.resources = task.resources;
  step.tier = std::max(step.tier, task.tier);
  if (!task.description.empty()) step.description += "\n" + task.description;
}

domain::new_subtask make_step(const template_step& step, const domain::task_definition& task, const own_words& words) {
  domain::new_subtask made;
  auto& part = made.definition;
  part.level = domain::task_level::subtask;
  part.title = words.fill(step.title);
  part.action = step.action;
  part.description = words.fill(step.description);
  part.success_criteria = step.criteria;
  part.assignee_role = task.assignee_role;
  part.role_certainty = task.role_certainty;
  part.priority = task.priority;
  part.tier = std::max(step.tier, tier_of_action(step.action));
  if (step.core) inherit(part, task);
  if (task.estimate)
    part.estimate = domain::estimate{task.estimate->days_min * step.share, task.estimate->days_realistic * step.share,
                                     task.estimate->days_max * step.share};
  return made;
}

class rules_decomposer final : public decomposer {
 public:
  expected<decomposition_outcome, decomposition_failure> decompose(const decomposition_request& request) override {
    auto task = request.task;
    if (const auto told = action_of_title(task.title); task.action.empty() || task.action == told) {
      const auto deed = deed_of(task.title);
      task.action = deed == unknown_action ? told : deed;
    }
    const auto& chosen = template_for(task.action);
    const own_words words{subject_of(task.title), clipped(trimmed(task.title), longest_subject), resources_of(task)};
    decomposition_outcome outcome;
    auto& parts = outcome.decomposition.subtasks;
    for (const auto& step : chosen.steps) parts.push_back(make_step(step, task, words));
    if (!task.success_criteria.empty()) parts.back().definition.success_criteria += "; " + task.success_criteria;
    name_subtasks(task.id, parts, request.taken);
    for (std::size_t i = 0; i < parts.size(); ++i)
      for (const char digit : chosen.steps[i].after)
        parts[i].depends_on.push_back(parts[static_cast<std::size_t>(digit - '1')].definition.id);
    complete_subtasks(task, parts,
                      std::vector<given_fields>(parts.size(), {.action = true, .role = false, .tier = true}));
    const bool fits = chosen.action != unknown_action;
    outcome.decomposition.source = domain::decomposition_source::rules;
    outcome.decomposition.notes =
        "steps of a template for '" + std::string(chosen.action) + "': " + std::string(chosen.notes);
    outcome.confidence = std::min(mean_confidence(parts), fits ? most_with_template : most_without_template);
    if (!fits)
      outcome.warnings.push_back(
          {"no_template", "there is no template for '" + task.action + "'; the general one was used", task.id});
    for (auto& warning : missing_capabilities(parts, request.agent_capabilities))
      outcome.warnings.push_back(std::move(warning));
    return outcome;
  }
};

}  // namespace

std::unique_ptr<decomposer> make_rules_decomposer() {
  return std::make_unique<rules_decomposer>();
}

}  // namespace planexe::plans
