#include "plans/structured_risks.hpp"

#include <utility>

#include "plans/attachment.hpp"
#include "plans/run_risks.hpp"
#include "plans/words.hpp"

namespace planexe::plans {
namespace {

class risk_reader {
 public:
  risk_reader(object_reader& top, domain::plan& plan, problem_list& problems)
      : top_(top), plan_(plan), problems_(problems) {}

  std::vector<named_attachment> read() && {
    if (const json_value* list = items("risks", max_plan_risks))
      for (std::size_t i = 0; i < list->size(); ++i) plan_.risks.push_back(read_risk((*list)[i], i));
    if (const json_value* list = items("assumptions", max_plan_assumptions))
      for (std::size_t i = 0; i < list->size(); ++i) plan_.assumptions.push_back(read_assumption((*list)[i], i));
    return std::move(attachments_);
  }

 private:
  const json_value* items(std::string_view name, std::size_t limit) {
    const json_value* list = top_.array(name);
    if (list == nullptr || list->size() <= limit) return list;
    problems_.add(std::string{name}, "holds more than " + std::to_string(limit) + " entries");
    return nullptr;
  }

  /// Cut like those of a run: they go out with every execution.
  std::string text(object_reader& in, std::string_view name, std::size_t max_bytes = max_risk_text_bytes) {
    return clipped(in.text(name), max_bytes);
  }
  std::string line(object_reader& in, std::string_view name) { return text(in, name, max_risk_line_bytes); }

  /// The first of the two that is there: our word for it or PlanExe's.
  std::string either(object_reader& in, std::string_view ours, std::string_view planexe) {
    std::string second = text(in, planexe);
    std::string first = text(in, ours);
    return first.empty() ? second : first;
  }

  std::vector<std::string> lines(object_reader& in, std::string_view name) {
    auto found = in.texts(name);
    if (found.size() > max_risk_lines) {
      problems_.add(in.at(name), "holds more than " + std::to_string(max_risk_lines) + " entries");
      found.clear();
    }
    for (auto& each : found) each = clipped(each, max_risk_line_bytes);
    return found;
  }

  void name_tasks(object_reader& in, bool of_assumption, std::size_t position) {
    const auto ids = in.texts("tasks");
    if (ids.size() > most_attached_tasks)
      return problems_.add(in.at("tasks"), "holds more than " + std::to_string(most_attached_tasks) + " entries");
    for (std::size_t i = 0; i < ids.size(); ++i)
      attachments_.push_back({of_assumption, position, ids[i], in.at("tasks", i)});
  }

  domain::plan_risk read_risk(const json_value& value, std::size_t position) {
    domain::plan_risk risk;
    if (value.is_string()) {
      risk.title = clipped(value.get_ref<const std::string&>(), max_risk_text_bytes);
      return risk;
    }
    object_reader in{value, top_.at("risks", position), problems_};
    risk.title = either(in, "title", "risk_area");
    risk.description = either(in, "description", "risk_description");
    if (const std::string impact = either(in, "impact", "potential_impact"); !impact.empty())
      risk.description += (risk.description.empty() ? "" : " ") + impact;
    risk.severity = line(in, "severity");
    risk.likelihood = line(in, "likelihood");
    risk.mitigation = either(in, "mitigation", "action");
    risk.id = line(in, "id");
    risk.owner = line(in, "owner");
    risk.early_warnings = lines(in, "early_warnings");
    risk.tripwires = lines(in, "tripwires");
    risk.stop_rule = line(in, "stop_rule");
    if (const std::string kind = in.text("kind"); kind == "failure_mode")
      risk.kind = domain::risk_kind::failure_mode;
    else if (!kind.empty() && kind != "risk")
      problems_.add(in.at("kind"), "must be risk or failure_mode");
    name_tasks(in, false, position);
    in.refuse_unknown_members();
    if (in.is_object() && risk.title.empty() && risk.description.empty())
      problems_.add(in.at("title"), "is required where there is no description");
    return risk;
  }

  domain::plan_assumption read_assumption(const json_value& value, std::size_t position) {
    domain::plan_assumption assumption;
    if (value.is_string()) {
      assumption.statement = clipped(trimmed(value.get_ref<const std::string&>()), max_risk_text_bytes);
      if (assumption.statement.empty()) problems_.add(top_.at("assumptions", position), "must not be empty");
      return assumption;
    }
    object_reader in{value, top_.at("assumptions", position), problems_};
    assumption.statement = clipped(in.required_text("statement"), max_risk_text_bytes);
    assumption.id = line(in, "id");
    assumption.test = text(in, "test");
    assumption.falsifier = text(in, "falsifier");
    name_tasks(in, true, position);
    in.refuse_unknown_members();
    return assumption;
  }

  object_reader& top_;
  domain::plan& plan_;
  problem_list& problems_;
  std::vector<named_attachment> attachments_;
};

}  // namespace

std::vector<named_attachment> read_structured_risks(object_reader& top, domain::plan& plan, problem_list& problems) {
  return risk_reader{top, plan, problems}.read();
}

}  // namespace planexe::plans
