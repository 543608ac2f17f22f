#include "plans/roles.hpp"

#include <algorithm>
#include <array>

#include "plans/words.hpp"

namespace planexe::plans {
namespace {

constexpr std::array<std::string_view, 8> filler = {"and", "of", "the", "for", "a", "an", "to", "in"};

/// Words that many roles share; they tell a job from a tool, not one job from another.
constexpr std::array<std::string_view, 26> common = {
    "manager",   "management", "specialist", "team",       "lead",    "leader",  "project",    "coordinator", "officer",
    "engineer",  "expert",     "consultant", "analyst",    "member",  "staff",   "technician", "chief",       "head",
    "assistant", "advisor",    "director",   "supervisor", "liaison", "support", "senior",     "architect"};
constexpr double common_weight = 0.25;

/// Shared weight over all weight of the two names. At a third, "Construction crew" meets "Construction Foreman" and
/// "Project charter" does not meet "Project Manager".
constexpr double similar_enough = 0.33;

// With the limits on roles and resources these bound the search; real names have up to seven words and three parts.
constexpr std::size_t max_name_words = 12;
constexpr std::size_t max_name_parts = 4;

double weight(const std::string& word) {
  return std::find(common.begin(), common.end(), word) == common.end() ? 1.0 : common_weight;
}

/// The words that count, each once.
std::vector<std::string> name_words(std::string_view text) {
  std::vector<std::string> result;
  for (auto& word : words(text)) {
    if (result.size() == max_name_words) break;
    if (std::find(filler.begin(), filler.end(), word) != filler.end()) continue;
    word = singular(std::move(word));
    if (std::find(result.begin(), result.end(), word) == result.end()) result.push_back(std::move(word));
  }
  return result;
}

}  // namespace

role_matcher::role_matcher(const std::vector<domain::team_role>& team) {
  for (std::size_t role = 0; role < team.size() && role < max_team_roles; ++role) {
    add_name(role, team[role].name);
    std::string_view rest = team[role].name;
    for (std::size_t parts = 0; parts < max_name_parts && !rest.empty(); ++parts) {
      const std::size_t end = rest.find_first_of("/()");
      add_name(role, rest.substr(0, end));
      rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    }
  }
}

void role_matcher::add_name(std::size_t role, std::string_view name) {
  const auto all = name_words(name);
  if (all.empty() || !by_name_.emplace(all, role).second) return;
  double total = 0;
  for (const auto& word : all) {
    by_word_[word].push_back(names_.size());
    total += weight(word);
  }
  names_.push_back({role, total});
}

std::optional<std::size_t> role_matcher::similar(const std::vector<std::string>& resource) const {
  double total = 0;
  std::vector<double> shared(names_.size(), 0);  // per name
  for (const auto& word : resource) {
    total += weight(word);
    const auto found = by_word_.find(word);
    if (found == by_word_.end()) continue;
    for (const std::size_t name : found->second) shared[name] += weight(word);
  }
  std::optional<std::size_t> best;
  double best_likeness = similar_enough;
  for (std::size_t i = 0; i < names_.size(); ++i) {
    const double likeness = shared[i] / (total + names_[i].weight - shared[i]);
    if (likeness > best_likeness) {
      best = names_[i].role;
      best_likeness = likeness;
    }
  }
  return best;
}

std::optional<role_match> role_matcher::find(const std::vector<std::string>& resources) const {
  std::vector<std::vector<std::string>> prepared;
  prepared.reserve(resources.size());
  for (const auto& resource : resources) prepared.push_back(name_words(resource));
  for (const auto& resource : prepared)
    if (const auto role = by_name_.find(resource); role != by_name_.end())
      return role_match{role->second, role_fit::exact};
  for (const auto& resource : prepared)
    if (const auto role = similar(resource)) return role_match{*role, role_fit::similar};
  return std::nullopt;
}

}  // namespace planexe::plans
