#include "plans/run_risks.hpp"

#include <array>
#include <cmath>
#include <utility>

#include "plans/json_members.hpp"
#include "plans/words.hpp"

namespace planexe::plans {
namespace {

/// The text of a score from 1 to 5; nothing for any other value.
std::string score_in_words(const json_value& object, std::string_view name) {
  constexpr std::array<std::string_view, 5> scale = {"very low", "low", "medium", "high", "very high"};
  const auto found = object.find(name);
  if (found == object.end()) return {};
  if (found->is_string()) return clipped(trimmed(found->get_ref<const std::string&>()), max_risk_line_bytes);
  if (!found->is_number()) return {};
  const double score = std::round(found->get<double>());
  if (!(score >= 1 && score <= 5)) return {};
  return std::string{scale[static_cast<std::size_t>(score) - 1]};
}

std::string sentence_pair(std::string first, const std::string& second, std::string_view between) {
  if (!first.empty() && !second.empty()) first += between;
  return first + second;
}

/// Whether there is room for one more; says so once where there is not.
template <class Item>
bool has_room(const std::vector<Item>& kept, std::size_t limit, std::string_view what, warning_list& warnings) {
  if (kept.size() < limit) return true;
  warnings.add("risks_left_out", "only the first " + std::to_string(limit) + " " + std::string{what} + " are kept");
  return false;
}

domain::plan_risk failure_mode(const json_value& mode, std::size_t position) {
  domain::plan_risk read;
  read.kind = domain::risk_kind::failure_mode;
  read.id = "FM" + std::to_string(position);
  read.title = text_of(mode, "failure_mode_title", max_risk_line_bytes);
  read.description = text_of(mode, "risk_analysis", max_risk_text_bytes);
  if (const std::string cause = text_of(mode, "root_cause_assumption_id", max_risk_line_bytes); !cause.empty())
    read.description = sentence_pair(std::move(read.description), "Root cause: assumption " + cause + ".", "\n");
  read.severity = score_in_words(mode, "impact_5");
  read.likelihood = score_in_words(mode, "likelihood_5");
  read.owner = text_of(mode, "owner", max_risk_line_bytes);
  read.early_warnings = texts_of(mode, "early_warning_signs", max_risk_lines, max_risk_line_bytes);
  read.tripwires = texts_of(mode, "tripwires", max_risk_lines, max_risk_line_bytes);
  for (const auto& step : texts_of(mode, "playbook", max_risk_lines, max_risk_line_bytes))
    read.mitigation = sentence_pair(std::move(read.mitigation), step, "\n");
  read.stop_rule = text_of(mode, "stop_rule", max_risk_line_bytes);
  return read;
}

/// "Assumption: The budget is …" says the word once too often.
std::string_view without_label(std::string_view statement) {
  constexpr std::string_view label = "assumption:";
  return begins_with(statement, label) ? trimmed(statement.substr(label.size())) : statement;
}

domain::plan_assumption assumption(const json_value& item, std::string generated_id) {
  domain::plan_assumption read;
  if (item.is_string()) {
    read.statement = trimmed(item.get_ref<const std::string&>());
  } else {
    for (const std::string_view name : {"statement", "assumptions", "assumption"})
      if (read.statement.empty()) read.statement = text_of(item, name);
    read.id = text_of(item, "assumption_id", max_risk_line_bytes);
    if (read.id.empty()) read.id = text_of(item, "id", max_risk_line_bytes);
    read.test = text_of(item, "test_now", max_risk_text_bytes);
    if (read.test.empty()) read.test = text_of(item, "test", max_risk_text_bytes);
    read.falsifier = text_of(item, "falsifier", max_risk_text_bytes);
  }
  read.statement = clipped(without_label(read.statement), max_risk_text_bytes);
  if (read.id.empty()) read.id = std::move(generated_id);
  return read;
}

void add_assumptions(const json_value& list, std::string_view prefix, domain::plan& plan, warning_list& warnings) {
  for (std::size_t i = 0; i < list.size(); ++i) {
    auto read = assumption(list[i], std::string{prefix} + std::to_string(i + 1));
    if (read.statement.empty()) continue;
    if (!has_room(plan.assumptions, max_plan_assumptions, "assumptions", warnings)) return;
    plan.assumptions.push_back(std::move(read));
  }
}

}  // namespace

void read_risks(const json_value& document, domain::plan& plan, warning_list& warnings) {
  const json_value* risks = list_in(document, "risks");
  if (risks == nullptr) return warnings.add("document_unreadable", "the risks are not a list");
  for (std::size_t i = 0; i < risks->size(); ++i) {
    const json_value& risk = (*risks)[i];
    domain::plan_risk read;
    read.id = "R" + std::to_string(i + 1);
    read.title = text_of(risk, "risk_area", max_risk_line_bytes);
    read.description = sentence_pair(text_of(risk, "risk_description", max_risk_text_bytes),
                                     text_of(risk, "potential_impact", max_risk_text_bytes), " ");
    read.severity = text_of(risk, "severity", max_risk_line_bytes);
    read.likelihood = text_of(risk, "likelihood", max_risk_line_bytes);
    read.mitigation = text_of(risk, "action", max_risk_text_bytes);
    if (read.title.empty() && read.description.empty()) continue;
    if (!has_room(plan.risks, max_plan_risks, "risks", warnings)) return;
    plan.risks.push_back(std::move(read));
  }
}

void read_premortem(const json_value& document, domain::plan& plan, warning_list& warnings) {
  const json_value* assumptions = list_in(document, "assumptions_to_kill");
  const json_value* modes = list_in(document, "failure_modes");
  if (!document.is_object() || (assumptions == nullptr && modes == nullptr))
    return warnings.add("document_unreadable", "the premortem has neither assumptions nor failure modes");
  if (assumptions != nullptr) add_assumptions(*assumptions, "A", plan, warnings);
  if (modes == nullptr) return;
  for (std::size_t i = 0; i < modes->size(); ++i) {
    if (!(*modes)[i].is_object()) continue;
    auto read = failure_mode((*modes)[i], i + 1);
    if (read.title.empty() && read.description.empty()) continue;
    if (!has_room(plan.risks, max_plan_risks, "risks", warnings)) return;
    plan.risks.push_back(std::move(read));
  }
}

void read_assumptions(const json_value& document, domain::plan& plan, warning_list& warnings) {
  const json_value* list = list_in(document, "assumption_list");
  if (list == nullptr) return warnings.add("document_unreadable", "the assumptions are not a list");
  add_assumptions(*list, "P", plan, warnings);
}

}  // namespace planexe::plans
