// What titles ask for: deeds, actions, and titles with several of them.
#include "plans/actions.hpp"

#include "tests/plans/reading.hpp"

using namespace planexe;
using namespace planexe::plans;

namespace {

std::vector<std::string> actions(std::string_view title, std::string_view description = {}) {
  return actions_of_leaf(parts_of_title(title), description);
}
using names = std::vector<std::string>;

}  // namespace

TEST_CASE("a joined title has an action for each of its verbs") {
  CHECK(actions("Research and procure test kits") == names{"research", "procure"});
  CHECK(actions("Draft, review and send the letter") == names{"draft_document", "send_email"});
  CHECK(actions("Obtain quotes and evaluate proposals") == names{"procure", "analyze"});
  CHECK(actions("Research and analyze data and draft a report") == names{"research", "analyze", "draft_document"});
}

TEST_CASE("nouns joined by and are one thing") {
  CHECK(actions("Draft terms and conditions") == names{"draft_document"});
  CHECK(parts_of_title("Draft terms and conditions").size() == 1);
}

TEST_CASE("there are never more than three actions and never none") {
  CHECK(actions("Research and analyze and draft and send and sign it") ==
        names{"research", "analyze", "draft_document"});
  CHECK(actions("") == names{"execute"});
  CHECK(actions("…") == names{"execute"});
  CHECK(actions("Frobnicate the widgets") == names{"execute"});
}

TEST_CASE("a call or a visit in the description is one more action") {
  CHECK(actions("Research suppliers", "Ask each by phone for its prices.") == names{"research", "make_phone_call"});
  CHECK(actions("Assess locations", "Visit the three best.") == names{"analyze", "travel"});
  CHECK(actions("Call the landlord", "By phone.") == names{"make_phone_call"});
}

TEST_CASE("a title without a leading verb says its deed at the end") {
  CHECK(action_of_title("Troubleshooting guide creation") == "draft_document");
  CHECK(action_of_title("Console Driver Testing") == "test");
  CHECK(action_of_title("Geotechnical survey of the site") == "research");
  CHECK(parts_of_title("Troubleshooting guide creation").front().object == names{"troubleshooting", "guide"});
}

TEST_CASE("a bare verb before and has the object that follows") {
  const auto parts = parts_of_title("Purchase and install sensors");
  REQUIRE(parts.size() == 2);
  CHECK(parts[0].kind == act::bind);
  CHECK(parts[0].object.back() == "sensors");
  CHECK(parts[1].kind == act::hands);
}

TEST_CASE("deeds are counted by kind") {
  CHECK(count_deeds({}) == 0);
  CHECK(count_deeds({"the", "kettle"}) == 0);
  CHECK(count_deeds({"identify", "research", "and", "analyze"}) == 2);
}

TEST_CASE("every leaf of a plan gets its actions and an author's action stands alone") {
  const auto read = testing::read_text(R"({"goal": "g", "phases": [{"name": "P", "tasks": [
    {"title": "Research and procure kits"}, {"title": "Research and procure kits", "action": "shop"}]}]})");
  REQUIRE(read.has_value());
  CHECK(read->tasks[1].action == "research");
  CHECK(read->tasks[1].required_capabilities == names{"research", "procure"});
  CHECK(read->tasks[2].required_capabilities == names{"shop"});
}
