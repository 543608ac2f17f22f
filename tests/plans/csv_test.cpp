// A work breakdown as a table: PlanExe's own, those that spreadsheets write, and broken ones.
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/plans/reading.hpp"
#include "tests/plans/zip_builder.hpp"

using namespace planexe;
using namespace planexe::plans;
using namespace planexe::plans::testing;

namespace {

const std::filesystem::path source{PLANEXE_SOURCE_DIR};

outcome read(std::string_view text) {
  return read_plan(text, plan_format::csv);
}

const std::string head = "Level 1;Level 2;Level 3;Level 4;Task ID\n";

/// "id|parent's id|title|level" of every task.
std::vector<std::string> tree_of(const domain::plan& plan) {
  std::vector<std::string> rows;
  for (const auto& task : plan.tasks)
    rows.push_back(task.id.value + "|" + (task.parent == domain::no_task ? "" : plan.tasks[task.parent].id.value) +
                   "|" + task.title + "|" + std::to_string(static_cast<int>(task.level)));
  return rows;
}

std::filesystem::path csv_in(const std::filesystem::path& run) {
  for (const auto& file : std::filesystem::directory_iterator{run})
    if (file.path().string().ends_with("wbs_project_level1_and_level2_and_level3.csv")) return file.path();
  return {};
}

}  // namespace

TEST_CASE("the CSV of every real run gives the same tree as its JSON") {
  const auto folder = source / ".." / "shared" / "plans";
  if (!std::filesystem::is_directory(folder)) {
    const char* ci = std::getenv("CI");
    if (ci != nullptr && std::string_view{ci} == "true") FAIL("the real runs are missing");
    std::puts("\nSKIPPED: the real runs are not here");
    return;
  }
  std::size_t runs = 0;
  for (const auto& run : std::filesystem::directory_iterator{folder}) {
    if (!run.path().filename().string().starts_with("2")) continue;
    CAPTURE(run.path().filename().string());
    const auto json = read_plan_from_path(run.path());
    const auto csv = read_plan_from_path(csv_in(run.path()));
    REQUIRE(json.has_value());
    REQUIRE(csv.has_value());
    CHECK(csv->title == json->title);
    CHECK(tree_of(*csv) == tree_of(*json));
    CHECK(csv->warnings.empty());
    ++runs;
  }
  CHECK(runs == 15);
}

TEST_CASE("the deepest filled level says where a row stands") {
  const auto plan = read(head + "Bridge;;;;root\n;Prepare;;;p\n;;Survey;;t\n;;;Look;a\n;;;Measure;b\n;Build;;;q\n");
  REQUIRE(plan.has_value());
  CHECK(plan->title == "Bridge");
  CHECK(plan->goal == "Bridge");
  CHECK(tree_of(*plan) ==
        std::vector<std::string>{"p||Prepare|0", "t|p|Survey|1", "a|t|Look|2", "b|t|Measure|2", "q||Build|0"});
}

TEST_CASE("quotes, doubled quotes, line breaks in a field, CRLF, a byte order mark and commas are read") {
  const auto plan = read(
      "\xEF\xBB\xBFLevel 1,Level 2,Level 3,Task ID,Description\r\n"
      "\"Bridge, the old one\",,,,\r\n"
      ",\"Prepare \"\"well\"\"\",,p1,\r\n"
      ",,\"Look\r\nand see\",t1,\"Two lines,\r\nas they are\"\r\n"
      "\r\n"
      ",,Walk; then rest,t2");
  REQUIRE(plan.has_value());
  CHECK(plan->title == "Bridge, the old one");
  REQUIRE(plan->tasks.size() == 3);
  CHECK(plan->tasks[0].title == "Prepare \"well\"");
  CHECK(plan->tasks[1].title == "Look and see");
  CHECK(plan->tasks[1].description == "Two lines,\r\nas they are");
  CHECK(plan->tasks[2].title == "Walk; then rest");
}

TEST_CASE("a row without an id gets one that is the same each time") {
  const std::string text = head + "Bridge;;;;\n;Prepare it;;;\n;;Look;;\n;;Look;;\n;;Étude;;\n;;桥;;\n";
  const auto plan = read(text);
  REQUIRE(plan.has_value());
  CHECK(plan->tasks[0].id.value == "prepare-it");
  CHECK(plan->tasks[1].id.value == "prepare-it.look");
  CHECK(plan->tasks[2].id.value == "prepare-it.look-2");
  CHECK(plan->tasks[3].id.value == "prepare-it.etude");
  CHECK(plan->tasks[4].id.value == "prepare-it.4");
  CHECK(*plan == *read(text));
}

TEST_CASE("other columns say who, how long and after what") {
  const auto plan = read(
      "Level 1,Level 2,Level 3,ID,Owner,Estimate,Depends on,Action,Priority,Resources,Colour\n"
      "Bridge,,,,,,,,,,\n"
      ",Prepare,,p,Foreman,,,,,,\n"
      ",,Look,a,,2-4 days,,,high,boat;rope,red\n"
      ",,Write,b,Clerk,4h,Look,draft_document,,,\n");
  REQUIRE(plan.has_value());
  const auto* look = find_task(*plan, "a");
  const auto* write = find_task(*plan, "b");
  REQUIRE(look != nullptr);
  REQUIRE(write != nullptr);
  CHECK(look->assignee_role == "Foreman");
  CHECK(look->estimate == domain::estimate{2, 3, 4});
  CHECK(look->priority == 10);
  CHECK(look->resources == std::vector<std::string>{"boat", "rope"});
  CHECK(write->assignee_role == "Clerk");
  CHECK(write->role_certainty == 1);
  CHECK(write->action == "draft_document");
  CHECK(write->estimate == domain::estimate{0.5, 0.5, 0.5});
  CHECK(plan->dependencies == std::vector<domain::dependency>{{1, 2, ""}});
  CHECK(warnings_with(*plan, "column_unknown") == 1);
}

TEST_CASE("the levels above may be repeated in every row") {
  const auto plan = read("Level 1;Level 2;Level 3\nBridge;;\nBridge;Prepare;\nBridge;Prepare;Look\nBridge;Build;\n");
  REQUIRE(plan.has_value());
  CHECK(plan->tasks.size() == 3);
  const auto other = read("Level 1;Level 2;Level 3\nBridge;;\nBridge;Prepare;\nBridge;Build;Look\n");
  CHECK(problem_at(other, "line 4") == "'Build' is not the level 2 that this row stands below");
}

TEST_CASE("a broken table is refused with the line of every reason") {
  const auto problem = [&](const std::string& text, std::string_view line) {
    const auto plan = read(text);
    REQUIRE_FALSE(plan.has_value());
    const auto found = problem_at(plan, line);
    return found ? *found : "at " + plan.error().problems.front().field + ": " + plan.error().problems.front().message;
  };
  CHECK(problem("", "line 1") == "the header must name the columns 'Level 1', 'Level 2', …");
  CHECK(problem("a;b\n1;2\n", "line 1") == "the header must name the columns 'Level 1', 'Level 2', …");
  CHECK(problem("Level 1;Level 3\n", "line 1") == "the header must name the columns 'Level 1', 'Level 2', …");
  CHECK(problem(head, "line 1") == "the table has no tasks below the project");
  CHECK(problem(head + "Bridge;;;;r\n", "line 1") == "the table has no tasks below the project");
  CHECK(problem(head + ";Prepare;;;p\n", "line 2") == "the first row must be the project, in the column Level 1");
  CHECK(problem(head + "A;;;;\nB;;;;\n", "line 3") == "a second project; the first row is the only one of Level 1");
  CHECK(problem(head + "A;;;;\n;;Look;;a\n", "line 3") == "stands on level 3, but nothing above it on level 2");
  CHECK(problem(head + "A;;;;\n;P;;;p\n;;;;x\n", "line 4") == "no level is filled");
  CHECK(problem(head + "A;;;;\n;P;;;p;more\n", "line 3") ==
        "has 6 fields, the header 5; quote those that hold a separator");
  CHECK(problem(head + "A;;;;\n;P;;;p\n;Q;;;p\n", "line 4") == "the id 'p' is used on line 3 already");
  CHECK(problem(head + "A;;;;\n;P;;;no id\n", "line 3") == "'no id' is not a valid id");
  CHECK(problem(head + "A;;;;\n;\"P;;;p\n", "line 3") == "a quoted field is not closed");
  CHECK(problem(head + "A;;;;\n;\"P\"x;;;p\n", "line 3") == "text behind the closing quote of a field");
  CHECK(problem(head + "A;;;;\n;P\xFF;;;p\n", "line 3") == "is not UTF-8 text");
  CHECK(problem(head + std::string("A;;;;\n;P\0;;;p\n", 14), "line 3") == "holds a NUL byte");
  CHECK(problem("\xFF\xFEL\0", "line 1") == "the text is UTF-16; save it as UTF-8");
  const auto both = read(head + "A;;;;\n;P;;;p\n;P;;;p\n;;;X;;\n");
  REQUIRE_FALSE(both.has_value());
  CHECK(both.error().problems.size() >= 1);
}

TEST_CASE("tables as large as an upload may be are refused at once and in bounded memory") {
  std::string rows = head + "A;;;;\n";
  while (rows.size() < max_upload_bytes - 16) rows += ";P;;;\n";
  CHECK(problem_at(read(rows), "line 2000001") == "more than 2000000 lines");
  const auto many = read(std::string_view{rows}.substr(0, 10'000'000));
  REQUIRE_FALSE(many.has_value());
  CHECK(many.error().problems.size() == 1);
  CHECK(many.error().problems.front().message == "more than 20000 tasks");
  CHECK(many.error().problems.front().field == "line 20003");
  const auto wide = read(head + "A;;;;\n" + std::string(max_upload_bytes - 256, ';'));
  CHECK(problem_at(wide, "line 3") == "more than 256 columns");
  const auto lines = read(head + std::string(max_upload_bytes - 256, '\n'));
  CHECK(problem_at(lines, "line 2000001") == "more than 2000000 lines");
  const auto open = read(head + "A;;;;\n;\"" + std::string(max_upload_bytes - 256, 'x'));
  CHECK(problem_at(open, "line 3") == "a quoted field is not closed");
}

TEST_CASE("twelve levels are read and a thirteenth is not") {
  const auto deep = [](std::size_t levels) {
    std::string text;
    for (std::size_t i = 1; i <= levels; ++i) text += (i > 1 ? ";Level " : "Level ") + std::to_string(i);
    for (std::size_t i = 0; i < levels; ++i) text += "\n" + std::string(i, ';') + "t" + std::to_string(i);
    return read(text);
  };
  REQUIRE(deep(13).has_value());
  CHECK(deep(13)->tasks.size() == 12);
  CHECK(problem_at(deep(14), "line 1") == "'Level 14': levels are 1 to 13");
}

TEST_CASE("a run without its JSON tree is read from its CSV, with a warning") {
  auto files = small_run();
  files.erase("023-3-wbs_project_level1_and_level2_and_level3.json");
  files["023-4-wbs_project_level1_and_level2_and_level3.csv"] =
      head + "Bridge;;;;root\n;Prepare;;;p1\n;;Survey;;t1\n;;;Look;a\n;;Sign the contract;;t2\n;Do;;;p2\n;;Build;;t3\n";
  const auto plan = read_zip_bytes(zip_of(files, "run/"));
  REQUIRE(plan.has_value());
  CHECK(plan->tasks.size() == 6);
  CHECK(plan->dependencies.size() == 2);
  CHECK(plan->goal == "Mend a bridge.");
  CHECK(warnings_with(*plan, "tree_from_csv") == 1);
  files["023-4-wbs_project_level1_and_level2_and_level3.csv"] = head + "Bridge;;;;root\n;\"Prepare;;;p1\n";
  const auto refused = read_zip_bytes(zip_of(files));
  CHECK(problem_at(refused, "line 3") == "a quoted field is not closed");
}
