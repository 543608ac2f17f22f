// Which leaves an agent may do alone, which a person approves, which a person leads.
#include "plans/tiers.hpp"

#include <set>

#include "plans/words.hpp"
#include "tests/plans/reading.hpp"

using namespace planexe;
using namespace planexe::plans;
using domain::autonomy_tier;

namespace {

tier_choice choice(std::string title, std::string description = {}, std::vector<std::string> resources = {}) {
  domain::task_definition leaf;
  leaf.title = std::move(title);
  leaf.description = std::move(description);
  leaf.resources = std::move(resources);
  return tier_of_leaf(leaf_reading{leaf, text_groups{}});
}
autonomy_tier tier(std::string title, std::string description = {}, std::vector<std::string> resources = {}) {
  return choice(std::move(title), std::move(description), std::move(resources)).tier;
}

}  // namespace

TEST_CASE("what binds, pays, hires or faces an authority is led by a person") {
  CHECK(tier("Sign the lease") == autonomy_tier::person_led);
  CHECK(tier("Finalize supplier contracts") == autonomy_tier::person_led);
  CHECK(tier("Pay all fees") == autonomy_tier::person_led);
  CHECK(tier("Negotiate price") == autonomy_tier::person_led);
  CHECK(tier("Recruit four instructors") == autonomy_tier::person_led);
  CHECK(tier("Submit permit application") == autonomy_tier::person_led);
  CHECK(tier("Prepare purchase orders") == autonomy_tier::person_led);
  CHECK(tier("Engage a cultural consultant") == autonomy_tier::person_led);
}

TEST_CASE("work on things and with people is led by a person") {
  CHECK(tier("Install road signs") == autonomy_tier::person_led);
  CHECK(tier("Train staff") == autonomy_tier::person_led);
  CHECK(tier("Conduct safety workshop") == autonomy_tier::person_led);
  CHECK(tier("Identify hazards in the workshop") == autonomy_tier::person_led);
  CHECK(tier("Evaluate feed", "Send samples to a laboratory and visit the farm.") == autonomy_tier::person_led);
}

TEST_CASE("what reaches others or decides for them needs an approval") {
  CHECK(tier("Send newsletter") == autonomy_tier::agent_with_approval);
  CHECK(tier("Schedule campaigns") == autonomy_tier::agent_with_approval);
  CHECK(tier("Select a platform") == autonomy_tier::agent_with_approval);
  CHECK(tier("Define roles and responsibilities") == autonomy_tier::agent_with_approval);
  CHECK(tier("Obtain quotes") == autonomy_tier::agent_with_approval);
  CHECK(tier("Prepare permit applications") == autonomy_tier::agent_with_approval);
}

TEST_CASE("desk work whose errors are cheap is an agent's alone") {
  CHECK(tier("Research suppliers") == autonomy_tier::agent_alone);
  CHECK(tier("Draft survey questionnaire") == autonomy_tier::agent_alone);
  CHECK(tier("Estimate task durations") == autonomy_tier::agent_alone);
  CHECK(tier("Research health and safety regulations") == autonomy_tier::agent_alone);
  CHECK(tier("Summarize the findings") == autonomy_tier::agent_alone);
}

TEST_CASE("programming is an agent's alone, unless someone handles machines or security is at stake") {
  CHECK(tier("Implement the parser", "", {"Rust compiler", "QEMU"}) == autonomy_tier::agent_alone);
  CHECK(tier("Install the toolchain", "", {"Rust compiler"}) == autonomy_tier::agent_alone);
  CHECK(tier("Implement the controller", "", {"PLC programmer", "Python", "Sensors"}) != autonomy_tier::agent_alone);
  CHECK(tier("Implement security measures", "", {"Python developer", "API"}) != autonomy_tier::agent_alone);
}

TEST_CASE("a joined title gets the most careful tier of its parts") {
  CHECK(tier("Identify locations") == autonomy_tier::agent_alone);
  CHECK(tier("Identify locations and negotiate the lease") == autonomy_tier::person_led);
  CHECK(tier("Identify and contact suppliers") == autonomy_tier::agent_with_approval);
}

TEST_CASE("a title that says nothing needs an approval") {
  CHECK(choice("").rule == "other");
  CHECK(choice("Widgets").rule == "other");
  CHECK(tier("Widgets") == autonomy_tier::agent_with_approval);
}

TEST_CASE("an author who names an action means an agent to do it") {
  CHECK(tier_of_action("sign") == autonomy_tier::person_led);
  CHECK(tier_of_action("send_email") == autonomy_tier::agent_with_approval);
  CHECK(tier_of_action("frobnicate") == autonomy_tier::agent_alone);
}

TEST_CASE("a title alone is judged by its words, and by the action where they tell nothing") {
  CHECK(tier_of_title("Sign the lease", "draft_document") == autonomy_tier::person_led);
  CHECK(tier_of_title("Install road signs", "research") == autonomy_tier::person_led);
  CHECK(tier_of_title("Widgets", "send_email") == autonomy_tier::agent_with_approval);
  CHECK(tier_of_title("Widgets", "research") == autonomy_tier::agent_alone);
}

TEST_CASE("every tier rule has a name of its own and a meaning, and the last takes what is left") {
  std::set<std::string_view> names;
  for (const auto& rule : tier_rules()) {
    CHECK(names.insert(rule.name).second);
    CHECK_FALSE(rule.meaning.empty());
  }
  CHECK(tier_rules().back().name == "other");
}

TEST_CASE("word groups know plurals, stems and nothing else") {
  const auto in = [](const char* word, word_group group) { return (groups_of(word) & bit(group)) != 0; };
  CHECK(in("permits", word_group::authority));
  CHECK(in("agencies", word_group::authority));
  CHECK(in("regulatory", word_group::authority) == in("regulator", word_group::authority));
  CHECK(in("contractual", word_group::deal));
  CHECK_FALSE(in("contra", word_group::deal));
  CHECK(groups_of("") == 0);
  CHECK(groups_of("xy") == 0);
  const text_groups text{{"permit", "permits", "permit"}};
  CHECK(text.count(word_group::authority) == 2);
}
