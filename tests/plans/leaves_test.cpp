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
