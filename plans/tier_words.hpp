// The words that the tier rules and the confidence look for, in named groups. A group is a bit, so that a text is
// looked through once and then asked about any of them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace planexe::plans {

enum class word_group : std::uint8_t {
  deal,       ///< what binds: contract, lease, partnership
  asset,      ///< what money or a permit gets: land, funds, equipment
  quote,      ///< what one may ask for without binding oneself
  binding,    ///< verbs and nouns of binding and paying
  authority,  ///< who or what the law sets up: permit, agency, inspector
  spread,     ///< sharing with others
  bidder,     ///< who wants to be chosen: supplier, vendor, candidate
  tuition,    ///< training, course
  docs,       ///< what can be read at a desk: report, data, requirement
  framework,  ///< rules for many: framework, plan, policy
  inside,     ///< one's own house: management, sponsor, scope
  adviser,    ///< who is paid for advice
  lawyer,
  people,         ///< being with people: workshop, session, interview
  taught,         ///< "train", the verb
  outsider,       ///< supplier, customer, community
  asked,          ///< asking others: survey, interview, quote
  paper,          ///< what is on paper and cheap to mend: checklist, report, timeline
  outward_paper,  ///< paper that goes out: proposal, application
  rule,           ///< paper that others must follow: policy, role, budget
  publicity,      ///< paper for the public: campaign, brochure
  talk,           ///< communication, marketing
  hazard,         ///< safety, fire, patient
  science,        ///< what an expert must answer for: environmental, structural
  field,          ///< having to be there: visit, household, sample
  physical,       ///< things that are done something to
  crew,           ///< in resources: who works with their hands, and what with
  stand,          ///< what a check vouches for: site, quality, readiness
  place,          ///< what is prepared by hand: site, foundation
  layout,         ///< what has to be looked at: layout, facility
  code,           ///< programming
  compiler,       ///< tools that say that it is programming
  software,       ///< systems and data
  data,
  strategy,    ///< plan, strategy
  unending,    ///< ongoing, daily, regularly
  regulation,  ///< texts of law and norms
  order,
  vague,    ///< no end to reach: ensure, support, improve
  broad,    ///< many at once: all, various, multiple, global
  several,  ///< words of kinds of things in the plural: activities, systems, measures
  outcome,  ///< an end one can see: deliverable, report, list, signed
  count_,   ///< how many there are; not a group
};

/// A set of groups.
using group_set = std::uint64_t;

constexpr group_set bit(word_group group) {
  return group_set{1} << static_cast<unsigned>(group);
}
static_assert(static_cast<unsigned>(word_group::count_) <= 64);

/// The groups that a word in lower case is in, as it stands, in the singular, or by its stem.
group_set groups_of(const std::string& word);

/// A text's words and their groups.
class text_groups {
 public:
  text_groups() = default;
  explicit text_groups(const std::vector<std::string>& words);

  bool any(group_set groups) const { return (all_ & groups) != 0; }
  bool any(word_group group) const { return any(bit(group)); }
  /// Different words of a group.
  std::size_t count(word_group group) const;

 private:
  group_set all_ = 0;
  std::vector<group_set> each_;  ///< of each different word that is in a group
};

}  // namespace planexe::plans
