#include "domain/matching_fit.hpp"

#include <algorithm>
#include <cctype>
#include <iterator>

namespace planexe::domain {
namespace {

const std::string star = "*";

bool contains(const std::vector<std::string>& values, std::string_view value) {
  return std::find(values.begin(), values.end(), value) != values.end();
}

bool supports_all(const std::vector<std::string>& supported_actions) {
  return supported_actions.empty() || contains(supported_actions, star);
}

void sort_each_once(std::vector<std::string>& values) {
  std::sort(values.begin(), values.end());
  values.erase(std::unique(values.begin(), values.end()), values.end());
}

/// The role that the agent has and that suits best: the one asked for, else the first that agrees.
const std::string* best_role(const std::vector<std::string>& roles, std::string_view asked) {
  const auto key = role_key(asked);
  for (const auto& role : roles)
    if (role_key(role) == key) return &role;
  for (const auto& role : roles)
    if (role != star && roles_agree(role, asked)) return &role;
  return nullptr;
}

}  // namespace

std::string role_key(std::string_view role) {
  std::string key{role};
  for (auto& c : key) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return key;
}

std::vector<std::string> role_words(std::string_view role) {
  std::vector<std::string> words(1);
  for (const char c : role) {
    const auto byte = static_cast<unsigned char>(c);
    if (std::isalnum(byte) != 0 || byte >= 0x80)
      words.back() += static_cast<char>(std::tolower(byte));
    else if (!words.back().empty())
      words.emplace_back();
  }
  if (words.back().empty() && words.size() > 1) words.pop_back();
  constexpr std::size_t shortest_plural = 4;
  for (auto& word : words)
    if (word.size() >= shortest_plural && word.back() == 's' && word[word.size() - 2] != 's') word.pop_back();
  std::sort(words.begin(), words.end());
  return words;
}

bool roles_agree(std::string_view one, std::string_view other) {
  const auto a = role_words(one), b = role_words(other);
  return std::includes(a.begin(), a.end(), b.begin(), b.end()) || std::includes(b.begin(), b.end(), a.begin(), a.end());
}

std::optional<fit> fit_of(const requirement& need, const agent_id& agent, const agent_profile& profile,
                          const std::vector<std::string>& supported_actions) {
  if (!supports_all(supported_actions) && !contains(supported_actions, need.action)) return std::nullopt;
  if (!need.pinned.empty()) {
    if (need.pinned != agent) return std::nullopt;
    return fit{true, false, "the task is this agent's by decision"};
  }
  if (need.human && profile.kind != agent_kind::human) return std::nullopt;
  const auto capable = [&](std::string_view action) {
    return std::any_of(profile.capabilities.begin(), profile.capabilities.end(),
                       [&](const capability& c) { return c.action == action; });
  };
  const auto* role = need.role.empty() ? nullptr : best_role(profile.roles, need.role);
  fit found{role != nullptr && role_key(*role) == role_key(need.role), false, {}};
  if (capable(star)) {
    found.generalist = true;
    found.reason = "takes any action" + (found.exact ? " as " + *role : std::string{});
  } else if (!capable(need.action)) {
    return std::nullopt;
  } else {
    found.reason = "can '" + need.action + "'";
    if (role != nullptr) {
      found.reason += " as " + *role;
      if (!found.exact) found.reason += ", which agrees with " + need.role;
    } else if (!need.role.empty()) {
      if (!contains(profile.roles, star)) return std::nullopt;
      found.generalist = true;
      found.reason += " in any role";
    }
  }
  if (need.human) found.reason += ", is a person";
  return found;
}

std::optional<std::string> reason_to_take(const requirement& need, const agent_id& agent, const agent_profile& profile,
                                          const std::vector<std::string>& supported_actions) {
  auto found = fit_of(need, agent, profile, supported_actions);
  if (!found) return std::nullopt;
  return std::move(found->reason);
}

bool role_index::includes(const std::vector<std::string>& more, const std::vector<std::string>& less) {
  return std::includes(more.begin(), more.end(), less.begin(), less.end());
}

const role_index::postings* role_index::rarest_of(const std::vector<std::string>& words) const {
  const postings* rarest = nullptr;
  for (const auto& word : words) {
    const auto found = by_word_.find(word);
    if (found == by_word_.end()) return nullptr;
    if (rarest == nullptr || found->second.size() < rarest->size()) rarest = &found->second;
  }
  return rarest;
}

void role_index::add(const std::string& key) {
  const auto [known, fresh] = roles_.try_emplace(key);
  auto& role = known->second;
  ++role.users;
  if (!fresh) return;
  role.key = key;
  role.words = role_words(key);
  std::size_t fewest = 0;
  for (const auto& word : role.words) {
    auto& with_it = by_word_[word];
    if (role.anchor.empty() || with_it.size() < fewest) {
      role.anchor = word;
      fewest = with_it.size();
    }
    with_it.insert(&role);
  }
  by_anchor_[role.anchor].insert(&role);
}

void role_index::remove(const std::string& key) {
  const auto known = roles_.find(key);
  if (known == roles_.end() || --known->second.users > 0) return;
  const auto drop = [&](std::unordered_map<std::string, postings>& lists, const std::string& word) {
    const auto list = lists.find(word);
    if (list == lists.end()) return;
    list->second.erase(&known->second);
    if (list->second.empty()) lists.erase(list);
  };
  for (const auto& word : known->second.words) drop(by_word_, word);
  drop(by_anchor_, known->second.anchor);
  roles_.erase(known);
}

skill_set skills_of(const agent_profile& profile) {
  skill_set skills;
  skills.person = profile.kind == agent_kind::human;
  for (const auto& each : profile.capabilities) {
    if (each.action == star) skills.generalist = true;
    skills.actions.push_back(each.action);
  }
  sort_each_once(skills.actions);
  for (const auto& role : profile.roles) {
    auto key = role_key(role);
    const auto known = std::any_of(skills.roles.begin(), skills.roles.end(),
                                   [&](const skill_set::role& other) { return other.key == key; });
    if (role == star)
      skills.any_role = true;
    else if (!known)
      skills.roles.push_back({std::move(key), role_words(role)});
  }
  return skills;
}

work_search search_for(std::shared_ptr<const skill_set> skills, const std::vector<std::string>& supported_actions) {
  work_search search;
  search.skills = std::move(skills);
  const auto& able = search.skills->actions;
  search.pinned.any = supports_all(supported_actions);
  if (!search.pinned.any) {
    search.pinned.list = supported_actions;
    sort_each_once(search.pinned.list);
  }
  if (search.skills->generalist)
    search.open = search.pinned;
  else if (search.pinned.any)
    search.open.list = able;
  else
    std::set_intersection(able.begin(), able.end(), search.pinned.list.begin(), search.pinned.list.end(),
                          std::back_inserter(search.open.list));
  return search;
}

std::size_t lane_hash::operator()(const lane_view& name) const noexcept {
  constexpr std::size_t odd = 0x9e3779b97f4a7c15;  // 2^64 over the golden ratio: spreads neighbours
  const std::hash<std::string_view> hash;
  return (hash(name.action) * odd ^ hash(name.role)) * odd + name.marks;
}

}  // namespace planexe::domain
