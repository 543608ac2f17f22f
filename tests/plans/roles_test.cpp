// Which role of the team a leaf is for, and how sure that is.
#include "plans/roles.hpp"

#include "tests/plans/reading.hpp"

using namespace planexe;
using namespace planexe::plans;

namespace {

const std::vector<domain::team_role> farm{{"Project Manager", ""},
                                          {"Entomologist / Cricket Husbandry Expert", ""},
                                          {"CEA (Controlled Environment Agriculture) Systems Technician", ""},
                                          {"Marketing & Community Engagement Specialists", ""}};

std::optional<role_match> found(const std::vector<domain::team_role>& team, std::vector<std::string> resources) {
  return role_matcher{team}.find(resources);
}

}  // namespace

TEST_CASE("roles are found by name first, then by likeness") {
  const auto in_farm = [](std::vector<std::string> resources) { return found(farm, std::move(resources)); };
  CHECK(in_farm({"project manager"})->role == 0);
  CHECK(in_farm({"Project Managers"})->fit == role_fit::exact);
  CHECK(in_farm({"Project Managers"})->certainty == certainty_exact);
  CHECK(in_farm({"Entomologist"})->role == 1);
  CHECK(in_farm({"Entomologist"})->fit == role_fit::exact);
  CHECK(in_farm({"Marketing and Community Engagement Specialist"})->fit == role_fit::exact);
  CHECK(in_farm({"Spreadsheet", "Project Manager"})->role == 0);
  CHECK(in_farm({"Community Engagement Team"})->role == 3);
  CHECK(in_farm({"Community Engagement Team"})->fit == role_fit::similar);
  CHECK(in_farm({"Community engagement", "Project manager"})->role == 0);  // a name beats a likeness
  CHECK_FALSE(in_farm({"Project Charter"}).has_value());
  CHECK_FALSE(in_farm({"Quality Manager"}).has_value());
  CHECK_FALSE(in_farm({"Laptop", "", "&"}).has_value());
  CHECK_FALSE(in_farm({}).has_value());
}

TEST_CASE("abbreviations are written out") {
  const std::vector<domain::team_role> team{{"Quality Assurance Lead", ""},
                                            {"Human Resources Manager", ""},
                                            {"Information Technology Specialist", ""},
                                            {"Chief Financial Officer", ""},
                                            {"Research and Development Engineer", ""},
                                            {"Project Manager", ""}};
  CHECK(found(team, {"QA Tester"})->role == 0);
  CHECK(found(team, {"QA Lead"})->fit == role_fit::exact);
  CHECK(found(team, {"HR"})->role == 1);
  CHECK(found(team, {"IT support"})->role == 2);
  CHECK(found(team, {"CFO"})->fit == role_fit::exact);
  CHECK(found(team, {"R&D team"})->role == 4);
  CHECK(found(team, {"PM"})->fit == role_fit::exact);
}

TEST_CASE("initials of the team's own roles name them, unless two share them") {
  const std::vector<domain::team_role> team{
      {"Field Safety Officer", ""}, {"Cooling Center Manager", ""}, {"Community Care Manager", ""}};
  CHECK(found(team, {"FSO"})->role == 0);
  CHECK_FALSE(found(team, {"CCM"}).has_value());
}

TEST_CASE("words for one trade are one") {
  const std::vector<domain::team_role> team{{"Legal Counsel", ""}, {"Financial Analyst", ""}};
  CHECK(found(team, {"Lawyer"})->role == 0);
  CHECK(found(team, {"Accountant"})->role == 1);
}

TEST_CASE("a tool is no role, even where a trade made it") {
  const std::vector<domain::team_role> team{{"Software Developer", ""}, {"Scheduler", ""}};
  CHECK_FALSE(found(team, {"Maintenance schedule software"}).has_value());
  CHECK(found(team, {"Software Engineer"})->role == 0);
}

TEST_CASE("the more alike a name is the surer it is") {
  const std::vector<domain::team_role> team{{"Marketing and Community Engagement Specialist", ""}};
  const auto near = found(team, {"Marketing and Community Specialist"});
  const auto far = found(team, {"Marketing Community Press Assistant"});
  REQUIRE(near.has_value());
  REQUIRE(far.has_value());
  CHECK(near->certainty > far->certainty);
  CHECK(near->certainty <= certainty_similar_most);
  CHECK(far->certainty >= certainty_similar_least);
}

TEST_CASE("the task's words find the role whose name and description speak like it") {
  const role_matcher matcher{{{"Food Safety Manager", "Writes the hygiene plan and prepares for audits."},
                              {"Greenhouse Technician", "Keeps heating, ventilation and sensors running."}}};
  const auto match = matcher.find_by_words("Repair the greenhouse heating", "Sensors show it is cold.");
  REQUIRE(match.has_value());
  CHECK(match->role == 1);
  CHECK(match->fit == role_fit::words);
  CHECK(match->certainty == certainty_words);
  CHECK_FALSE(matcher.find_by_words("Book a room", "").has_value());
  CHECK_FALSE(role_matcher{{}}.find_by_words("Repair the greenhouse heating", "").has_value());
}

TEST_CASE("every leaf of a plan with a team gets a role and a certainty") {
  const auto read =
      testing::read_text(R"({"goal": "g", "team": ["Cook", "Gardener"], "phases": [{"name": "P", "tasks": [
    {"title": "Pick herbs", "subtasks": [{"title": "a", "resources_needed": ["gardeners"]}, {"title": "b"}]},
    {"title": "c", "assignee_role": "Cook"}]}, {"name": "Q", "tasks": [{"title": "d"}]}]})");
  REQUIRE(read.has_value());
  const auto certainty = [&](std::size_t i) { return read->tasks[i].role_certainty; };
  CHECK(read->tasks[2].assignee_role == "Gardener");
  CHECK(certainty(2) == certainty_exact);
  CHECK(read->tasks[3].assignee_role == "Gardener");
  CHECK(certainty(3) == certainty_neighbour);
  CHECK(certainty(4) == 1);
  CHECK(read->tasks[6].assignee_role == "Gardener");
  CHECK(certainty(6) == certainty_plan);
}
