// The score of a leaf and what it is the sum of.
#include "plans/confidence.hpp"

#include <cmath>
#include <filesystem>
#include <fstream>
#include <set>

#include "plans/words.hpp"
#include "tests/plans/reading.hpp"

using namespace planexe;
using namespace planexe::plans;

namespace {

std::vector<std::string> features_of(const char* title, const char* description = "", leaf_facts facts = {}) {
  domain::task_definition leaf;
  leaf.title = title;
  leaf.description = description;
  std::vector<std::string> names;
  for (const auto& factor : explain(leaf_reading{leaf, text_groups{}}, facts)) names.push_back(factor.feature);
  return names;
}

bool has(const std::vector<std::string>& names, std::string_view feature) {
  return std::find(names.begin(), names.end(), feature) != names.end();
}

}  // namespace

TEST_CASE("the score is the sum of the factors, held within 0 and 1, in hundredths") {
  CHECK(score_of({}) == 0);
  CHECK(score_of({{"a", 0.84}, {"b", -0.13}}) == 0.71);
  CHECK(score_of({{"a", 0.84}, {"b", 0.4}}) == 1);
  CHECK(score_of({{"a", 0.2}, {"b", -0.4}}) == 0);
}

TEST_CASE("features are told by the leaf's words") {
  CHECK(features_of("Draft letter") == std::vector<std::string>{"base", "agent_alone"});
  CHECK(has(features_of("Negotiate lease"), "binding_work"));
  CHECK(has(features_of("Train staff"), "lead_people"));
  CHECK(has(features_of("Monitor sensors"), "continuous_title"));
  CHECK(has(features_of("Test it", "Do so daily."), "continuous_description"));
  CHECK(has(features_of("Ensure quality"), "vague_title"));
  CHECK(has(features_of("List all permits"), "broad_title"));
  CHECK(has(features_of("Deploy systems"), "several_things"));
  CHECK(has(features_of("Do it", "Research, analyze, draft, send and install it."), "many_deeds"));
  CHECK(has(features_of("Draft a letter to the mayor today"), "long_title"));
}

TEST_CASE("features are told by what is known beside the words") {
  leaf_facts facts;
  facts.tier = domain::autonomy_tier::person_led;
  facts.resources = 4;
  facts.estimate = domain::estimate{8, 11, 20};
  facts.written_for_agents = true;
  const auto names = features_of("Sing", "", facts);
  CHECK(has(names, "person_led"));
  CHECK_FALSE(has(names, "agent_alone"));
  CHECK(has(names, "many_resources"));
  CHECK(has(names, "long_work"));
  CHECK(has(names, "written_for_agents"));
  facts.estimate = domain::estimate{8, 10, 20};
  CHECK_FALSE(has(features_of("Sing", "", facts), "long_work"));
}

TEST_CASE("every feature has a name of its own and a weight in hundredths") {
  std::set<std::string_view> names;
  for (const auto& feature : confidence_features()) {
    CHECK(names.insert(feature.name).second);
    CHECK(feature.weight != 0);
    CHECK(feature.weight * 100 == doctest::Approx(std::round(feature.weight * 100)));
  }
  CHECK(confidence_features().front().name == "base");
}

TEST_CASE("vague work without an end falls below the default threshold and plain work does not") {
  const auto read = testing::read_text(R"({"goal": "g", "phases": [{"name": "P", "tasks": [{"title": "x"}]}]})");
  REQUIRE(read.has_value());
  const auto score = [](const char* title, const char* description) {
    domain::task_definition leaf;
    leaf.title = title;
    leaf.description = description;
    const leaf_reading reading{leaf, text_groups{}};
    leaf_facts facts;
    facts.tier = tier_of_leaf(reading).tier;
    return score_of(explain(reading, facts));
  };
  CHECK(score("Provide ongoing support", "Continuously.") < 0.3);
  CHECK(score("Negotiate partnership agreements", "") < 0.5);
  CHECK(score("Draft site selection criteria", "List what matters.") > 0.9);
  CHECK(score("Install the oven", "Connect it.") >= 0.7);
}

TEST_CASE("the documentation lists the features with the code's weights and the rules with the code's tiers") {
  std::ifstream in{std::filesystem::path{PLANEXE_SOURCE_DIR} / "docs" / "confidence.md"};
  REQUIRE(in.good());
  const std::string text{std::istreambuf_iterator<char>{in}, {}};
  for (const auto& feature : confidence_features()) {
    char row[256];
    std::snprintf(row, sizeof row, "| `%s` | %+.2f | %s |\n", std::string{feature.name}.c_str(), feature.weight,
                  std::string{feature.meaning}.c_str());
    CAPTURE(row);
    CHECK(text.find(row) != std::string::npos);
  }
  std::size_t at = 0;
  for (const auto& rule : tier_rules()) {
    const std::string row = "| `" + std::string{rule.name} + "` | " + std::to_string(static_cast<int>(rule.tier)) +
                            " | " + std::string{rule.meaning} + " |\n";
    CAPTURE(row);
    at = text.find(row, at);
    REQUIRE(at != std::string::npos);  // in the order in which they are tried
  }
}
