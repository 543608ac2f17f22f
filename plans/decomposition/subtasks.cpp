#include "plans/decomposition/subtasks.hpp"

#include <cmath>
#include <cstdint>
#include <unordered_map>
#include <unordered_set>

namespace planexe::plans {
namespace {

constexpr std::size_t longest_id = 128;     // domain::is_valid_id
constexpr std::size_t room_for_number = 8;  // ".64" and a good deal more where numbers are taken

/// FNV-1a: names only, nothing rests on nobody finding a second one.
std::string hash_of(std::string_view text) {
  std::uint64_t hash = 0xCBF2'9CE4'8422'2325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100'0000'01B3U;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string shown;
  for (unsigned shift = 64; shift > 0; shift -= 4) shown += digits[(hash >> (shift - 4)) & 0xFU];
  return shown;
}

std::string stem_of(const domain::task_id& parent) {
  constexpr std::size_t longest = longest_id - room_for_number;
  if (parent.value.size() <= longest) return parent.value;
  const auto hash = hash_of(parent.value);
  return parent.value.substr(0, longest - hash.size() - 1) + "-" + hash;
}

/// Hands out `STEM.1`, `STEM.2`, …, each once.
class id_row {
 public:
  id_row(const domain::task_id& parent, const taken_id& taken) : stem_(stem_of(parent)), taken_(taken) {}
  void reserve(std::string id) { used_.insert(std::move(id)); }
  std::string next() {
    while (true) {
      auto id = stem_ + "." + std::to_string(++last_);
      if ((!taken_ || !taken_(id)) && used_.insert(id).second) return id;
    }
  }

 private:
  std::string stem_;
  const taken_id& taken_;
  std::unordered_set<std::string> used_;
  std::size_t last_ = 0;
};

using places = std::unordered_map<std::string_view, std::size_t>;

places places_of(const std::vector<domain::new_subtask>& subtasks) {
  places found;
  for (std::size_t i = 0; i < subtasks.size(); ++i) found.emplace(subtasks[i].definition.id.value, i);
  return found;
}

std::string field_of(std::size_t place, std::string_view member) {
  return "subtasks[" + std::to_string(place) + "]." + std::string(member);
}

}  // namespace

void name_subtasks(const domain::task_id& parent, std::vector<domain::new_subtask>& subtasks, const taken_id& taken) {
  id_row ids{parent, taken};
  for (const auto& each : subtasks) ids.reserve(each.definition.id.value);
  for (auto& each : subtasks)
    if (each.definition.id.empty()) each.definition.id.value = ids.next();
}

void rename_subtasks(const domain::task_id& parent, std::vector<domain::new_subtask>& subtasks, const taken_id& taken) {
  id_row ids{parent, taken};
  std::unordered_map<std::string, std::string> renamed;
  for (auto& each : subtasks) {
    auto id = ids.next();
    if (!each.definition.id.empty()) renamed.emplace(each.definition.id.value, id);
    each.definition.id.value = std::move(id);
  }
  for (auto& each : subtasks)
    for (auto& before : each.depends_on)
      if (const auto found = renamed.find(before.value); found != renamed.end()) before.value = found->second;
}

std::vector<domain::plan_problem> check_subtasks(const std::vector<domain::new_subtask>& subtasks, bool closed) {
  std::vector<domain::plan_problem> problems;
  if (subtasks.empty() || subtasks.size() > domain::max_subtasks)
    problems.push_back({"subtasks", "must have 1 to " + std::to_string(domain::max_subtasks) + " items"});
  const auto known = places_of(subtasks);
  for (std::size_t i = 0; i < subtasks.size(); ++i) {
    const auto& id = subtasks[i].definition.id;
    if (!domain::is_valid_id(id.value))
      problems.push_back({field_of(i, "subtask_id"), "'" + id.value + "' is not an id"});
    else if (known.at(id.value) != i)
      problems.push_back({field_of(i, "subtask_id"), "'" + id.value + "' is given twice"});
    for (const auto& before : subtasks[i].depends_on) {
      if (before == id)
        problems.push_back({field_of(i, "depends_on"), "'" + id.value + "' cannot depend on itself"});
      else if (closed && !known.contains(before.value))
        problems.push_back({field_of(i, "depends_on"), "'" + before.value + "' is none of the subtasks"});
    }
  }
  if (!problems.empty()) return problems;
  const auto order = execution_sequence(subtasks);
  if (order.size() == subtasks.size()) return problems;
  std::unordered_set<std::string_view> ordered;
  for (const auto& id : order) ordered.insert(id.value);
  std::string circle;
  for (const auto& each : subtasks)
    if (!ordered.contains(each.definition.id.value))
      circle.append(circle.empty() ? "" : ", ").append(each.definition.id.value);
  problems.push_back({"subtasks", "these wait for each other in a circle, or for one: " + circle});
  return problems;
}

std::vector<domain::plan_warning> missing_capabilities(const std::vector<domain::new_subtask>& subtasks,
                                                       const std::vector<std::string>& capabilities) {
  std::vector<domain::plan_warning> warnings;
  std::unordered_set<std::string_view> covered(capabilities.begin(), capabilities.end());
  if (covered.empty() || covered.contains("*")) return warnings;
  for (const auto& each : subtasks) {
    const auto& task = each.definition;
    if (covered.insert(task.action).second)
      warnings.push_back(
          {"capability_missing", "the agent cannot '" + task.action + "', which is needed here", task.id});
  }
  return warnings;
}

double mean_confidence(const std::vector<domain::new_subtask>& subtasks) {
  double sum = 0;
  for (const auto& each : subtasks) sum += each.definition.decomposition_confidence;
  const double mean = subtasks.empty() ? 0 : sum / static_cast<double>(subtasks.size());
  return std::round(mean * 100) / 100;
}

std::vector<domain::task_id> execution_sequence(const std::vector<domain::new_subtask>& subtasks) {
  const auto known = places_of(subtasks);
  std::vector<bool> done(subtasks.size(), false);
  std::vector<domain::task_id> order;
  const auto is_ready = [&](const domain::new_subtask& subtask) {
    for (const auto& before : subtask.depends_on)
      if (const auto found = known.find(before.value); found != known.end() && !done[found->second]) return false;
    return true;
  };
  // At most 64 parts: looking for the first that is ready, again and again, is quick enough.
  for (bool found = true; found;) {
    found = false;
    for (std::size_t i = 0; i < subtasks.size() && !found; ++i) {
      if (done[i] || !is_ready(subtasks[i])) continue;
      done[i] = found = true;
      order.push_back(subtasks[i].definition.id);
    }
  }
  return order;
}

}  // namespace planexe::plans
