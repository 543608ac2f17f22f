#include "plans/confidence.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "plans/words.hpp"

namespace planexe::plans {
namespace {

using domain::autonomy_tier;

constexpr double base = 0.38;
constexpr double written_for_agents = 0.40;
constexpr double known_action = 0.20;
constexpr double well_described = 0.15;
constexpr double described = 0.08;
constexpr double has_resources = 0.10;
constexpr double owner_exact = 0.10;
constexpr double owner_similar = 0.06;
constexpr double owner_neighbour = 0.02;
constexpr double no_team = 0.05;  // half: nothing is known either way
constexpr double short_work = 0.10;
constexpr double middling_work = 0.05;
constexpr double led_by_person = -0.35;
constexpr double vague_title = -0.10;
constexpr double joined_title = -0.05;

constexpr std::size_t well_described_bytes = 120;  // about two sentences
constexpr std::size_t described_bytes = 40;
constexpr double short_days = 10;  // two working weeks: one agent can hold it
constexpr double middling_days = 30;

constexpr std::array<std::string_view, 13> vague_words = {"ensure",  "manage",  "handle",     "ongoing", "various",
                                                          "address", "support", "continuous", "general", "facilitate",
                                                          "etc",     "improve", "maintain"};

// Singular; compared with the title's words one by one. "Sign" is not among them: it may be a road sign, and counts as
// the leading verb or before "off".
constexpr std::array<std::string_view, 23> person_words = {
    "signing",   "signature", "signoff", "contract", "contractual", "pay",     "payment", "hire",
    "hiring",    "recruit",   "lease",   "legal",    "lawyer",      "notary",  "approve", "approval",
    "regulator", "authority", "license", "permit",   "loan",        "dismiss", "fire"};

constexpr std::array<std::string_view, 5> outward_actions = {"send_email", "make_phone_call", "negotiate", "procure",
                                                             "travel"};

template <std::size_t N>
bool holds(const std::array<std::string_view, N>& list, std::string_view word) {
  return std::find(list.begin(), list.end(), word) != list.end();
}

double owner_weight(const leaf_features& leaf) {
  if (!leaf.has_team) return no_team;
  switch (leaf.owner) {
    case role_fit::exact:
      return owner_exact;
    case role_fit::similar:
      return owner_similar;
    case role_fit::neighbour:
      return owner_neighbour;
    case role_fit::none:
      return 0;
  }
  return 0;
}

double description_weight(std::size_t bytes) {
  return bytes >= well_described_bytes ? well_described : bytes >= described_bytes ? described : 0;
}

double size_weight(std::optional<double> days) {
  if (!days) return middling_work;
  return *days <= short_days ? short_work : *days <= middling_days ? middling_work : 0;
}

}  // namespace

std::vector<confidence_part> explain(const leaf_features& leaf) {
  std::vector<confidence_part> parts{{"base", base}};
  const auto add = [&](std::string_view feature, double weight) {
    if (weight != 0) parts.push_back({feature, weight});
  };
  add("written_for_agents", leaf.written_for_agents ? written_for_agents : 0);
  add("known_action", leaf.known_action ? known_action : 0);
  add("description", description_weight(leaf.description_bytes));
  add("resources", leaf.resources > 0 ? has_resources : 0);
  add("owner", owner_weight(leaf));
  add("size", size_weight(leaf.days));
  add("led_by_person", leaf.tier == autonomy_tier::person_led ? led_by_person : 0);
  add("vague_title", leaf.vague ? vague_title : 0);
  add("joined_title", leaf.joined ? joined_title : 0);
  return parts;
}

double confidence(const leaf_features& leaf) {
  double sum = 0;
  for (const auto& part : explain(leaf)) sum += part.weight;
  return std::round(std::clamp(sum, 0.0, 1.0) * 100) / 100;
}

bool is_vague(std::string_view title) {
  for (const auto& word : words(title))
    if (holds(vague_words, word)) return true;
  return false;
}

bool is_joined(std::string_view title) {
  const auto all = words(title);
  return std::find(all.begin(), all.end(), "and") != all.end();
}

autonomy_tier tier_of_action(std::string_view action) {
  if (action == "sign") return autonomy_tier::person_led;
  return holds(outward_actions, action) ? autonomy_tier::agent_with_approval : autonomy_tier::agent_alone;
}

autonomy_tier tier_of_title(std::string_view title, std::string_view action) {
  std::string before;
  for (auto& word : words(title)) {
    if (holds(person_words, singular(word)) || (before == "sign" && word == "off")) return autonomy_tier::person_led;
    before = std::move(word);
  }
  return tier_of_action(action);
}

}  // namespace planexe::plans
