#include "plans/confidence.hpp"

#include <algorithm>
#include <array>
#include <cmath>

namespace planexe::plans {
namespace {

using domain::autonomy_tier;
using enum word_group;

constexpr std::size_t many_resources = 4;
constexpr std::size_t many_title_words = 6;
constexpr std::size_t many_deeds = 4;
constexpr double long_days = 10;  // two working weeks: more is a project of its own

/// What the features ask.
struct leaf_view {
  const leaf_reading& leaf;
  const leaf_facts& facts;
  bool has_part(std::initializer_list<act> kinds) const {
    return std::any_of(leaf.parts.begin(), leaf.parts.end(), [&](const title_part& part) {
      return std::find(kinds.begin(), kinds.end(), part.kind) != kinds.end();
    });
  }
  std::size_t title_words() const {
    std::size_t count = 0;
    for (const auto& part : leaf.parts) count += part.words.size();
    return count;
  }
};

struct feature_row {
  confidence_feature feature;
  bool (*holds)(const leaf_view&);
};

// Fitted (docs/confidence.md), but for `written_for_agents`, which no labelled leaf has: it keeps an ordinary task that
// someone wrote for this server above the threshold.
constexpr std::array<feature_row, 15> features{{
    {{"base", 0.84, "every leaf"}, [](const leaf_view&) { return true; }},
    {{"written_for_agents", 0.40, "from the structured form, or a part of a decomposed task"},
     [](const leaf_view& v) { return v.facts.written_for_agents; }},
    {{"agent_alone", 0.14, "tier 1"}, [](const leaf_view& v) { return v.facts.tier == autonomy_tier::agent_alone; }},
    {{"person_led", -0.09, "tier 3"}, [](const leaf_view& v) { return v.facts.tier == autonomy_tier::person_led; }},
    {{"binding_work", -0.32, "a verb of binding or spending: negotiate, secure, procure, hire"},
     [](const leaf_view& v) { return v.has_part({act::bind}); }},
    {{"lead_people", -0.04, "a verb of being with people: train, host, pilot"},
     [](const leaf_view& v) { return v.has_part({act::lead}); }},
    {{"continuous_title", -0.28, "a verb or word without an end: monitor, maintain, coordinate, ongoing"},
     [](const leaf_view& v) { return v.leaf.title.any(unending) || v.has_part({act::tend}); }},
    {{"continuous_description", -0.37, "the description says regularly, daily, ongoing, continuously"},
     [](const leaf_view& v) { return v.leaf.description.any(unending); }},
    {{"vague_title", -0.17, "a word that says little: ensure, support, improve, various"},
     [](const leaf_view& v) { return v.leaf.title.any(vague); }},
    {{"broad_title", -0.03, "a word for very many: all, multiple, global"},
     [](const leaf_view& v) { return v.leaf.title.any(broad); }},
    {{"several_things", -0.13, "a word for something large or many: systems, measures, infrastructure, agreements"},
     [](const leaf_view& v) { return v.leaf.title.any(several); }},
    {{"many_deeds", -0.04, "the description has verbs of four kinds of deeds or more"},
     [](const leaf_view& v) { return count_deeds(v.leaf.description_words) >= many_deeds; }},
    {{"many_resources", -0.02, "four resources or more"},
     [](const leaf_view& v) { return v.facts.resources >= many_resources; }},
    {{"long_work", -0.29, "more than ten days by the realistic estimate"},
     [](const leaf_view& v) { return v.facts.estimate && v.facts.estimate->days_realistic > long_days; }},
    {{"long_title", 0.15, "a title of six words or more: it says what exactly"},
     [](const leaf_view& v) { return v.title_words() >= many_title_words; }},
}};

}  // namespace

std::span<const confidence_feature> confidence_features() {
  static const auto all = [] {
    std::vector<confidence_feature> list;
    for (const auto& row : features) list.push_back(row.feature);
    return list;
  }();
  return all;
}

std::vector<domain::confidence_factor> explain(const leaf_reading& leaf, const leaf_facts& facts) {
  std::vector<domain::confidence_factor> why;
  const leaf_view view{leaf, facts};
  for (const auto& row : features)
    if (row.holds(view)) why.push_back({std::string{row.feature.name}, row.feature.weight});
  return why;
}

double score_of(const std::vector<domain::confidence_factor>& why) {
  double sum = 0;
  for (const auto& factor : why) sum += factor.weight;
  return std::round(std::clamp(sum, 0.0, 1.0) * 100) / 100;
}

}  // namespace planexe::plans
