#include "plans/tiers.hpp"

#include <array>

#include "plans/words.hpp"

namespace planexe::plans {
namespace {

using domain::autonomy_tier;
using enum word_group;

constexpr auto alone = autonomy_tier::agent_alone;
constexpr auto approved = autonomy_tier::agent_with_approval;
constexpr auto person = autonomy_tier::person_led;

template <typename... groups>
constexpr group_set any_of(groups... several) {
  return (bit(several) | ...);
}

/// What the rules ask about one part of a title.
struct part_reading {
  const leaf_reading& leaf;
  const title_part& part;
  text_groups title;
  group_set head = 0;      ///< of the last word of the part's object
  std::string_view verb;   ///< the first word
  std::size_t code = 0;    ///< signs of programming
  std::size_t things = 0;  ///< signs of work on things

  part_reading(const leaf_reading& whole, const title_part& one) : leaf(whole), part(one), title(one.words) {
    verb = part.words.front();
    head = groups_of(part.object.back());
    code = 2 * whole.resources.count(word_group::code) + title.count(word_group::code) +
           whole.description.count(word_group::code) + whole.parent.count(word_group::code);
    things = crew() + whole.description.count(physical) + 2 * title.count(physical) + whole.parent.count(physical);
  }

  bool is(act kind) const { return part.kind == kind; }
  bool begins(std::string_view verbs) const { return holds_word(verbs, verb); }
  bool says(std::string_view list) const {
    for (const auto& word : part.words)
      if (holds_word(list, word)) return true;
    return false;
  }
  bool ends_with(group_set groups) const { return (head & groups) != 0; }
  std::size_t crew() const { return leaf.resources.count(word_group::crew); }
};

struct tier_rule {
  std::string_view name;
  autonomy_tier tier;
  std::string_view meaning;
  bool (*holds)(const part_reading&);
};

bool is_programming(const part_reading& r) {
  const bool shown = r.code >= 4 || (r.code >= 2 && r.leaf.resources.any(compiler));
  const bool other = r.is(act::bind) || r.is(act::obtain) || r.is(act::lead) || r.is(act::reach) || r.is(act::arrange);
  return shown && !other && r.crew() == 0 && !r.title.any(hazard) && !r.says("security");
}

bool is_meeting(const part_reading& r) {
  const bool kind = r.is(act::hands) || r.is(act::check) || r.is(act::tend) || r.is(act::configure) ||
                    r.is(act::none) || r.begins("conduct perform run hold co execute initial final");
  return kind && r.title.any(people) && !r.says("feedback effectiveness logistics");
}

bool is_about_law(const part_reading& r) {
  return r.title.any(any_of(deal, hazard)) || r.says("compliance legal building permit") ||
         r.leaf.resources.any(lawyer) || (r.title.any(inside) && r.says("with"));
}

bool is_check_of_things(const part_reading& r) {
  return r.things >= 2 || (r.things == 1 && !r.title.any(any_of(software, rule, framework, strategy, outsider)));
}

bool asks_others(const part_reading& r) {
  if (r.title.any(asked) || (r.title.any(outsider) && r.says("from"))) return true;
  return r.leaf.description.count(asked) >= (r.is(act::think) ? 1U : 2U);
}

// Rules for one kind of act stand together, from the careful to the light.
constexpr std::array<tier_rule, 62> rules{{
    {"programming", alone, "code, with a compiler or other tools of programming and nobody who handles things",
     is_programming},
    {"secure_other", approved, "secure or source something that is neither a deal nor bought",
     [](const part_reading& r) {
       return r.is(act::bind) && r.begins("secure source fund staff") && !r.title.any(any_of(deal, asset));
     }},
    {"bind", person, "negotiate, sign, hire, buy, lease", [](const part_reading& r) { return r.is(act::bind); }},
    {"engage_adviser", person, "engage someone who is paid",
     [](const part_reading& r) { return r.begins("engage") && r.title.any(adviser); }},
    {"settle_deal", person, "finalize or execute a contract or its like",
     [](const part_reading& r) {
       return (r.title.any(deal) && r.begins("finalize finalise execute")) ||
              (r.ends_with(bit(deal)) && (r.is(act::settle) || r.begins("establish form complete")));
     }},
    {"place_order", person, "write out an order",
     [](const part_reading& r) { return r.title.any(order) && r.begins("prepare create issue submit"); }},
    {"obtain_quote", approved, "ask for quotes, proposals, feedback",
     [](const part_reading& r) { return r.is(act::obtain) && r.title.any(quote); }},
    {"obtain_inside", approved, "ask one's own house for leave",
     [](const part_reading& r) { return r.is(act::obtain) && r.begins("obtain") && r.title.any(inside); }},
    {"obtain", person, "submit, apply, register, obtain: an authority or another decides",
     [](const part_reading& r) { return r.is(act::obtain); }},
    {"lead", person, "train, host, visit, interview, launch, present",
     [](const part_reading& r) { return r.is(act::lead); }},
    {"meet", person, "hold a workshop, session, meeting, exercise", is_meeting},
    {"data_work", alone, "clean or check data",
     [](const part_reading& r) {
       return (r.is(act::hands) || r.is(act::check)) && r.ends_with(bit(data)) && r.crew() == 0;
     }},
    {"install_own_software", alone, "install tools of programming",
     [](const part_reading& r) { return r.is(act::hands) && r.title.any(software) && r.code >= 2; }},
    {"install_software", approved, "install or build software",
     [](const part_reading& r) { return r.is(act::hands) && r.title.any(software); }},
    {"hands", person, "install, build, transport, clean: work on things",
     [](const part_reading& r) { return r.is(act::hands); }},
    {"hand_out", person, "give out things",
     [](const part_reading& r) { return r.is(act::reach) && r.title.any(physical); }},
    {"reach_authority", person, "speak to an authority",
     [](const part_reading& r) { return r.is(act::reach) && r.title.any(authority); }},
    {"reach", approved, "contact, send, publish, consult", [](const part_reading& r) { return r.is(act::reach); }},
    {"arrange", approved, "schedule, book", [](const part_reading& r) { return r.is(act::arrange); }},
    {"settle_and_buy", person, "choose what the description then buys or hires",
     [](const part_reading& r) {
       return r.is(act::settle) && r.leaf.description.any(binding) && !r.begins("finalize finalise");
     }},
    {"settle", approved, "select, finalize, assign, approve", [](const part_reading& r) { return r.is(act::settle); }},
    {"watch_things", person, "monitor things, people or hazards",
     [](const part_reading& r) {
       return r.is(act::tend) && r.begins("monitor") &&
              (r.title.any(any_of(physical, people, word_group::crew, hazard)) || r.crew() > 0);
     }},
    {"watch", approved, "monitor figures or messages",
     [](const part_reading& r) { return r.is(act::tend) && r.begins("monitor"); }},
    {"tend_data", approved, "keep data or software going",
     [](const part_reading& r) { return r.is(act::tend) && r.title.any(any_of(data, software)) && r.crew() < 2; }},
    {"tend_things", person, "manage, coordinate, provide, maintain: neither paper nor talk",
     [](const part_reading& r) {
       return r.is(act::tend) && r.begins("coordinate manage provide maintain oversee ensure support operate") &&
              !r.title.any(any_of(docs, talk, publicity, rule, outsider, people));
     }},
    {"tend_authority", person, "answer an authority",
     [](const part_reading& r) {
       return r.is(act::tend) && r.begins("address") && (r.title.any(authority) || r.leaf.parent.any(authority));
     }},
    {"tend_long", person, "keep going what has no end, or things",
     [](const part_reading& r) {
       return r.is(act::tend) && (r.things >= 2 || r.title.any(unending) || r.leaf.description.any(unending));
     }},
    {"tend", approved, "manage, address, scale", [](const part_reading& r) { return r.is(act::tend); }},
    {"configure_things", person, "integrate, implement or deploy what is not software alone",
     [](const part_reading& r) {
       return r.is(act::configure) && r.things >= 2 && (r.crew() > 0 || !r.title.any(software));
     }},
    {"configure", approved, "configure, integrate, implement",
     [](const part_reading& r) { return r.is(act::configure); }},
    {"read_law", approved, "review what binds, or with others",
     [](const part_reading& r) { return r.is(act::read) && is_about_law(r); }},
    {"read", alone, "review, proofread", [](const part_reading& r) { return r.is(act::read); }},
    {"check_compliance", approved, "check papers for compliance",
     [](const part_reading& r) {
       return r.is(act::check) && r.says("compliance") && r.title.any(docs) && r.crew() == 0;
     }},
    {"check_papers", alone, "check papers",
     [](const part_reading& r) {
       return r.is(act::check) && (r.ends_with(bit(docs)) || (r.title.any(docs) && r.crew() == 0));
     }},
    {"check_vouch", person, "vouch for quality, safety, readiness, a site",
     [](const part_reading& r) { return r.is(act::check) && r.title.any(stand) && !r.title.any(regulation); }},
    {"check_things", person, "test or inspect things",
     [](const part_reading& r) { return r.is(act::check) && is_check_of_things(r); }},
    {"check", approved, "test, verify, audit", [](const part_reading& r) { return r.is(act::check); }},
    {"write_and_teach", person, "write and then train people, or write together with them",
     [](const part_reading& r) {
       const bool paper_work = r.is(act::write) || r.is(act::record) || r.is(act::none);
       return paper_work && !r.begins("define") &&
              (r.leaf.description.any(taught) || (r.begins("co") && r.leaf.description.any(people)));
     }},
    {"record_safety", person, "document what keeps people safe",
     [](const part_reading& r) { return r.is(act::record) && r.title.any(hazard); }},
    {"record_rule", approved, "document what others must follow",
     [](const part_reading& r) { return r.is(act::record) && r.title.any(any_of(rule, framework)); }},
    {"record_spread", approved, "report to others",
     [](const part_reading& r) { return r.is(act::record) && r.begins("report") && r.leaf.description.any(spread); }},
    {"record", alone, "document, summarize, translate", [](const part_reading& r) { return r.is(act::record); }},
    {"tuition", person, "set up or give a training",
     [](const part_reading& r) {
       return r.title.any(tuition) && r.begins("establish implement provide deliver conduct");
     }},
    {"write_safety", person, "plan what keeps people safe, near things",
     [](const part_reading& r) { return r.is(act::write) && r.title.any(hazard) && r.things >= 2; }},
    {"prepare_place", person, "prepare a site, a room, samples",
     [](const part_reading& r) { return r.begins("prepare") && r.title.any(place); }},
    {"write_paper_law", approved, "a paper with a lawyer among its resources",
     [](const part_reading& r) {
       return r.is(act::write) && r.ends_with(bit(paper)) && !r.title.any(outward_paper) &&
              r.leaf.resources.any(lawyer);
     }},
    {"write_paper", alone, "a checklist, report, timeline, list, questionnaire",
     [](const part_reading& r) { return r.is(act::write) && r.ends_with(bit(paper)) && !r.title.any(outward_paper); }},
    {"write_rule", approved, "a policy, budget, proposal, role, scope, requirement",
     [](const part_reading& r) { return r.is(act::write) && r.title.any(rule); }},
    {"write_publicity", approved, "what the public will see",
     [](const part_reading& r) { return r.is(act::write) && r.title.any(publicity); }},
    {"write_talk_plan", alone, "a plan for communication or marketing",
     [](const part_reading& r) { return r.is(act::write) && r.title.any(talk) && r.ends_with(bit(strategy)); }},
    {"make_things", person, "establish, prepare or produce things",
     [](const part_reading& r) {
       return r.is(act::write) && r.begins("establish set prepare produce create make") &&
              (r.title.any(physical) || r.things >= 4);
     }},
    {"write_words", alone, "define, outline, describe",
     [](const part_reading& r) {
       return r.is(act::write) && r.begins("define outline incorporate describe write compose");
     }},
    {"write_data", alone, "design what works on code or data",
     [](const part_reading& r) { return r.is(act::write) && r.title.any(any_of(word_group::code, data)); }},
    {"write", approved, "develop, design, plan, establish", [](const part_reading& r) { return r.is(act::write); }},
    {"expert", person, "find or judge hazards, the environment, structures",
     [](const part_reading& r) {
       return (r.is(act::find) || r.is(act::think)) && r.title.any(science) && !r.title.any(regulation) &&
              !r.says("feedback scan");
     }},
    {"field", person, "find or judge on the spot, or from samples",
     [](const part_reading& r) { return (r.is(act::find) || r.is(act::think)) && r.leaf.description.any(field); }},
    {"measure_things", person, "measure or simulate things, judge a layout",
     [](const part_reading& r) {
       return r.is(act::think) && r.things >= 2 && (r.begins("measure simulate") || r.title.any(layout));
     }},
    {"weigh_bidders", approved, "judge suppliers, vendors, proposals",
     [](const part_reading& r) { return r.is(act::think) && r.title.any(bidder) && !r.begins("prioritize"); }},
    {"ask", approved, "find or judge by asking others",
     [](const part_reading& r) {
       const bool gathers_papers = r.begins("gather") && r.ends_with(bit(paper)) && !r.title.any(asked);
       return (r.is(act::find) || r.is(act::think)) && asks_others(r) && !gathers_papers;
     }},
    {"think_near_things", approved, "judge with things around",
     [](const part_reading& r) { return r.is(act::think) && r.things >= 3; }},
    {"desk", alone, "research, list, analyze, estimate",
     [](const part_reading& r) { return r.is(act::find) || r.is(act::think); }},
    {"other", approved, "nothing known", [](const part_reading&) { return true; }},
}};

}  // namespace

leaf_reading::leaf_reading(const domain::task_definition& leaf, const text_groups& parent_title)
    : parts(parts_of_title(leaf.title)),
      description_words(words(leaf.description)),
      title(words(leaf.title)),
      description(description_words),
      parent(parent_title) {
  std::vector<std::string> all;
  for (const auto& resource : leaf.resources)
    for (auto& word : words(resource)) all.push_back(std::move(word));
  resources = text_groups{all};
}

tier_choice tier_of_leaf(const leaf_reading& leaf) {
  tier_choice most{alone, {}};
  for (const auto& part : leaf.parts) {
    const part_reading reading{leaf, part};
    for (const auto& rule : rules) {
      if (!rule.holds(reading)) continue;
      if (most.rule.empty() || rule.tier > most.tier) most = {rule.tier, rule.name};
      break;
    }
  }
  return most.rule.empty() ? tier_choice{approved, rules.back().name} : most;
}

autonomy_tier tier_of_title(std::string_view title, std::string_view action) {
  domain::task_definition leaf;
  leaf.title = title;
  const auto choice = tier_of_leaf(leaf_reading{leaf, text_groups{}});
  return choice.rule == rules.back().name ? tier_of_action(action) : choice.tier;
}

autonomy_tier tier_of_action(std::string_view action) {
  if (action == "sign") return person;
  return holds_word("send_email make_phone_call negotiate procure travel", action) ? approved : alone;
}

std::vector<tier_rule_text> tier_rules() {
  std::vector<tier_rule_text> texts;
  for (const auto& rule : rules) texts.push_back({rule.name, rule.tier, rule.meaning});
  return texts;
}

}  // namespace planexe::plans
