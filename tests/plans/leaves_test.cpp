// The rules by which a leaf gets its action, role, tier and confidence.
#include "plans/leaves.hpp"

#include "plans/actions.hpp"
#include "plans/confidence.hpp"
#include "plans/roles.hpp"
#include "plans/words.hpp"

using namespace planexe;
using namespace planexe::plans;

TEST_CASE("the leading verb tells the action") {
  CHECK(action_of_title("Research local regulations") == "research");
  CHECK(action_of_title("Draft contract") == "draft_document");
  CHECK(action_of_title("SEND invitations") == "send_email");
  CHECK(action_of_title("Call the landlord") == "make_phone_call");
  CHECK(action_of_title("Schedule a meeting") == "schedule_calendar_event");
  CHECK(action_of_title("Analyze results") == "analyze");
  CHECK(action_of_title("Verify the numbers") == "review");
  CHECK(action_of_title("Negotiate price") == "negotiate");
  CHECK(action_of_title("Purchase tools") == "procure");
  CHECK(action_of_title("Install sensors") == "build");
  CHECK(action_of_title("Pre-test questionnaires") == "test");
  CHECK(action_of_title("Visit the site") == "travel");
  CHECK(action_of_title("Sign the lease") == "sign");
  CHECK(action_of_title("Train staff") == "execute");
  CHECK(action_of_title("") == "execute");
  CHECK(action_of_title("…") == "execute");
}

TEST_CASE("conduct and its like take the action of what is conducted") {
  CHECK(action_of_title("Conduct site survey") == "research");
  CHECK(action_of_title("Perform statistical analysis") == "analyze");
  CHECK(action_of_title("Run acceptance tests") == "test");
  CHECK(action_of_title("Perform bi-weekly audits") == "review");
  CHECK(action_of_title("Conduct training") == "execute");
}

TEST_CASE("roles are found by name first, then by likeness") {
  const role_matcher matcher{{{"Project Manager", ""},
                              {"Entomologist / Cricket Husbandry Expert", ""},
                              {"CEA (Controlled Environment Agriculture) Systems Technician", ""},
                              {"Marketing & Community Engagement Specialists", ""}}};
  const auto found = [&](std::vector<std::string> resources) { return matcher.find(resources); };
  CHECK(found({"project manager"})->role == 0);
  CHECK(found({"Project Managers"})->fit == role_fit::exact);
  CHECK(found({"Entomologist"})->role == 1);
  CHECK(found({"Entomologist"})->fit == role_fit::exact);
  CHECK(found({"Marketing and Community Engagement Specialist"})->fit == role_fit::exact);
  CHECK(found({"Spreadsheet", "Project Manager"})->role == 0);
  CHECK(found({"Community Engagement Team"})->role == 3);
  CHECK(found({"Community Engagement Team"})->fit == role_fit::similar);
  CHECK(found({"Community engagement", "Project manager"})->role == 0);  // a name beats a likeness
  CHECK_FALSE(found({"Project Charter"}).has_value());
  CHECK_FALSE(found({"Quality Manager"}).has_value());
  CHECK_FALSE(found({"Laptop", "", "&"}).has_value());
  CHECK_FALSE(found({}).has_value());
}

TEST_CASE("what binds, pays or hires is led by a person") {
  using domain::autonomy_tier;
  const auto tier = [](std::string_view title) { return tier_of_title(title, action_of_title(title)); };
  CHECK(tier("Sign the lease") == autonomy_tier::person_led);
  CHECK(tier("Finalize supplier contracts") == autonomy_tier::person_led);
  CHECK(tier("Pay all fees") == autonomy_tier::person_led);
  CHECK(tier("Obtain sign-off from stakeholders") == autonomy_tier::person_led);
  CHECK(tier("Obtain legal approval") == autonomy_tier::person_led);
  CHECK(tier("Install road signs") == autonomy_tier::agent_alone);
  CHECK(tier("Negotiate price") == autonomy_tier::agent_with_approval);
  CHECK(tier("Send newsletter") == autonomy_tier::agent_with_approval);
  CHECK(tier("Research suppliers") == autonomy_tier::agent_alone);
  CHECK(tier_of_action("sign") == autonomy_tier::person_led);
  CHECK(tier_of_action("frobnicate") == autonomy_tier::agent_alone);
}

TEST_CASE("confidence is the sum of what explain lists, within 0 and 1") {
  leaf_features best;
  best.known_action = true;
  best.description_bytes = 300;
  best.resources = 2;
  best.has_team = true;
  best.owner = role_fit::exact;
  best.days = 2;
  CHECK(confidence(best) == 1.0);

  leaf_features worst;
  worst.has_team = true;
  worst.days = 400;
  worst.tier = domain::autonomy_tier::person_led;
  worst.vague = true;
  worst.joined = true;
  CHECK(confidence(worst) == 0.0);

  double sum = 0;
  leaf_features middle = best;
  middle.vague = true;
  middle.days = 20;
  for (const auto& part : explain(middle)) sum += part.weight;
  CHECK(confidence(middle) == doctest::Approx(sum));
  CHECK(explain(middle).front().feature == "base");
}

TEST_CASE("work that a person leads always falls below the default threshold") {
  leaf_features leaf;
  leaf.known_action = true;
  leaf.description_bytes = 1'000;
  leaf.resources = 3;
  leaf.has_team = true;
  leaf.owner = role_fit::exact;
  leaf.days = 1;
  leaf.tier = domain::autonomy_tier::person_led;
  CHECK(confidence(leaf) < 0.7);
}

TEST_CASE("words and plurals") {
  CHECK(words("Set-Up, the R&D") == std::vector<std::string>{"set", "up", "the", "r", "d"});
  CHECK(words("caf\xc3\xa9") == std::vector<std::string>{"caf\xc3\xa9"});
  CHECK(words("").empty());
  CHECK(singular("permits") == "permit");
  CHECK(singular("agencies") == "agency");
  CHECK(singular("analysis") == "analysis");
  CHECK(singular("process") == "process");
  CHECK(singular("gas") == "gas");
}

TEST_CASE("UTF-8 is told from what only looks like it") {
  CHECK(is_utf8(""));
  CHECK(is_utf8("plain"));
  CHECK(is_utf8("caf\xc3\xa9 \xe2\x82\xac \xf0\x9f\x94\xa7 \xf4\x8f\xbf\xbf"));
  CHECK_FALSE(is_utf8("\x80"));
  CHECK_FALSE(is_utf8("\xc3"));
  CHECK_FALSE(is_utf8("\xc0\xaf"));
  CHECK_FALSE(is_utf8("\xe0\x80\xaf"));
  CHECK_FALSE(is_utf8("\xed\xa0\x80"));
  CHECK_FALSE(is_utf8("\xf4\x90\x80\x80"));
  CHECK_FALSE(is_utf8("\xf8\x88\x80\x80\x80"));
  CHECK_FALSE(is_utf8("\xe2\x82"));
}

TEST_CASE("clipping never cuts a character") {
  CHECK(clipped("short", 10) == "short");
  CHECK(clipped("caf\xc3\xa9s", 4) == "caf…");
  CHECK(is_utf8(clipped("\xf0\x9f\x94\xa7\xf0\x9f\x94\xa7", 6)));
}

namespace {

domain::new_subtask part_of(std::string title) {
  domain::new_subtask part;
  part.definition.title = std::move(title);
  return part;
}

}  // namespace

TEST_CASE("the parts of a task get what they leave open from their words and from the task") {
  domain::task_definition parent;
  parent.assignee_role = "Buyer";
  parent.role_certainty = 0.75;
  parent.priority = 4;
  parent.estimate = domain::estimate{2, 4, 8};
  std::vector<domain::new_subtask> parts{part_of("Research suppliers"), part_of("Sign the contract")};
  complete_subtasks(parent, parts);
  const auto& first = parts[0].definition;
  CHECK(first.action == "research");
  CHECK(first.required_capabilities == std::vector<std::string>{"research"});
  CHECK(first.tier == domain::autonomy_tier::agent_alone);
  CHECK(first.agent_executable);
  CHECK(first.assignee_role == "Buyer");
  CHECK(first.role_certainty == 0.75);
  CHECK(first.priority == 4);
  CHECK(first.estimate == domain::estimate{1, 2, 4});
  CHECK_FALSE(first.why.empty());
  const auto& second = parts[1].definition;
  CHECK(second.tier == domain::autonomy_tier::person_led);
  CHECK_FALSE(second.agent_executable);
}

TEST_CASE("what a part of a task says of itself is kept") {
  domain::task_definition parent;
  parent.assignee_role = "Buyer";
  parent.priority = 4;
  auto part = part_of("Pay the invoice");
  part.definition.action = "pay";
  part.definition.assignee_role = "Clerk";
  part.definition.priority = 9;
  part.definition.estimate = domain::estimate{1, 1, 1};
  part.definition.tier = domain::autonomy_tier::agent_with_approval;
  part.definition.decomposition_confidence = 0.4;
  part.definition.required_capabilities = {"pay", "review"};
  const auto before = part.definition;
  std::vector<domain::new_subtask> parts{part};
  complete_subtasks(parent, parts);
  auto after = parts[0].definition;
  CHECK(after.role_certainty == 1);
  after.role_certainty = before.role_certainty;
  CHECK(after == before);
}
