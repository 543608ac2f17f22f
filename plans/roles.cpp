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

double weight(const std::string& word) {
  return std::find(common.begin(), common.end(), word) == common.end() ? 1.0 : common_weight;
}

std::vector<std::string> name_words(std::string_view text) {
  std::vector<std::string> result;
  for (auto& word : words(text))
    if (std::find(filler.begin(), filler.end(), word) == filler.end()) result.push_back(singular(std::move(word)));
  return result;
}

double likeness(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  double shared = 0;
  double all = 0;
  for (const auto& word : a) {
    all += weight(word);
    if (std::find(b.begin(), b.end(), word) != b.end()) shared += weight(word);
  }
  for (const auto& word : b)
    if (std::find(a.begin(), a.end(), word) == a.end()) all += weight(word);
  return all > 0 ? shared / all : 0;
}

}  // namespace

role_matcher::role_matcher(const std::vector<domain::team_role>& team) {
  for (const auto& role : team) {
    prepared_role prepared;
    prepared.names.push_back(name_words(role.name));
    std::string_view rest = role.name;
    while (!rest.empty()) {
      const std::size_t end = rest.find_first_of("/()");
      if (auto part = name_words(rest.substr(0, end)); !part.empty() && end != 0) prepared.names.push_back(part);
      rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
    }
    team_.push_back(std::move(prepared));
  }
}

std::optional<std::size_t> role_matcher::exact(const std::vector<std::string>& resource) const {
  if (resource.empty()) return std::nullopt;
  for (std::size_t i = 0; i < team_.size(); ++i)
    if (std::find(team_[i].names.begin(), team_[i].names.end(), resource) != team_[i].names.end()) return i;
  return std::nullopt;
}

std::optional<std::size_t> role_matcher::similar(const std::vector<std::string>& resource) const {
  std::optional<std::size_t> best;
  double best_likeness = similar_enough;
  for (std::size_t i = 0; i < team_.size(); ++i) {
    for (const auto& name : team_[i].names) {
      if (const double found = likeness(resource, name); found > best_likeness) {
        best = i;
        best_likeness = found;
      }
    }
  }
  return best;
}

std::optional<role_match> role_matcher::find(const std::vector<std::string>& resources) const {
  std::vector<std::vector<std::string>> prepared;
  prepared.reserve(resources.size());
  for (const auto& resource : resources) prepared.push_back(name_words(resource));
  for (const auto& resource : prepared)
    if (const auto role = exact(resource)) return role_match{*role, role_fit::exact};
  for (const auto& resource : prepared)
    if (const auto role = similar(resource)) return role_match{*role, role_fit::similar};
  return std::nullopt;
}

}  // namespace planexe::plans
