// People's plans: headings, lists, hints, sections; and the example that the documentation shows.
#include <filesystem>
#include <fstream>
#include <sstream>

#include "tests/plans/reading.hpp"

using namespace planexe;
using namespace planexe::plans;
using namespace planexe::plans::testing;
using domain::no_task;

namespace {

outcome read(std::string_view text) {
  return read_plan(text, plan_format::markdown);
}

domain::plan plan_of(std::string_view text) {
  auto plan = read(text);
  if (!plan) FAIL(plan.error().problems.front().field << ": " << plan.error().problems.front().message);
  return *std::move(plan);
}

/// Every title, indented by its depth.
std::vector<std::string> tree_of(const domain::plan& plan) {
  std::vector<std::size_t> depth;
  std::vector<std::string> rows;
  for (const auto& task : plan.tasks) {
    depth.push_back(task.parent == no_task ? 0 : depth[task.parent] + 1);
    rows.push_back(std::string(depth.back() * 2, ' ') + task.title);
  }
  return rows;
}

using rows = std::vector<std::string>;

const domain::task_definition& titled(const domain::plan& plan, std::string_view title) {
  for (const auto& task : plan.tasks)
    if (task.title == title) return task;
  FAIL("no task is called " << title);
  return plan.tasks.front();
}

/// "Look -> Write" for each dependency.
rows edges_of(const domain::plan& plan) {
  rows found;
  for (const auto& edge : plan.dependencies)
    found.push_back(plan.tasks[edge.from].title + " -> " + plan.tasks[edge.to].title);
  return found;
}

/// The one leaf of a plan that has one line in its list.
domain::task_definition leaf_of(const std::string& line) {
  return plan_of("# T\n## P\n- " + line + "\n").tasks.at(1);
}

rows warning_codes(const domain::plan& plan) {
  rows codes;
  for (const auto& warning : plan.warnings) codes.push_back(warning.code);
  return codes;
}

}  // namespace

TEST_CASE("headings are phases and tasks, list items what is done, nested lists their parts") {
  const auto plan = plan_of(
      "# Bridge\n\nPeople cross again.\nBefore school starts.\n\n## Prepare\n\n- Look\n  - at the piers\n  - at the "
      "deck\n"
      "- Write\n\n## Build\n### Deck\n1. Order\n2. Lay\n#### Rails\n* Weld\n");
  CHECK(plan.title == "Bridge");
  CHECK(plan.goal == "People cross again.\nBefore school starts.");
  CHECK(tree_of(plan) == rows{"Prepare", "  Look", "    at the piers", "    at the deck", "  Write", "Build", "  Deck",
                              "    Order", "    Lay", "    Rails", "      Weld"});
  CHECK(plan.tasks[0].level == domain::task_level::phase);
  CHECK(plan.tasks[1].level == domain::task_level::task);
  CHECK(plan.tasks[2].level == domain::task_level::subtask);
  CHECK(plan.tasks[2].id.value == "prepare.look.at-the-piers");
  CHECK(domain::validate(plan).empty());
  CHECK(plan.warnings.empty());
}

TEST_CASE("without lists the deepest headings are what is done") {
  const auto plan =
      plan_of("Bridge\n======\n\nGoal: cross.\n\nPrepare\n-------\n\nSome words.\n\n### Look\nWell.\n\nBuild\n---\n");
  CHECK(plan.title == "Bridge");
  CHECK(plan.goal == "cross.");
  CHECK(tree_of(plan) == rows{"Prepare", "  Look"});
  CHECK(warning_codes(plan) == rows{"section_without_tasks"});
  CHECK(plan.tasks[0].description == "Some words.");
  CHECK(tree_of(plan_of("# T\n## A\n## B\n")) == rows{"A", "B"});
}

TEST_CASE("front matter gives title, goal and start") {
  const auto plan = plan_of(
      "---\ntitle: \"Bridge: the old one\"\ngoal: >\n  Cross\n  again.\nstart: 2026-03-02\ntags: [a]\n---\n# Other\n## "
      "P\n- a\n");
  CHECK(plan.title == "Bridge: the old one");
  CHECK(plan.goal == "Cross again.");
  CHECK(plan.start_date == domain::parse_rfc3339("2026-03-02T00:00:00Z"));
  CHECK(tree_of(plan) == rows{"P", "  a"});
  CHECK(warning_codes(plan) == rows{"front_matter_unused"});
  const auto phases = plan_of("---\ntitle: T\nstart: soon\n---\n# A\n- a\n# B\n## b\n");
  CHECK(tree_of(phases) == rows{"A", "  a", "B", "  b"});
  CHECK(warning_codes(phases) == rows{"start_unreadable"});
  CHECK_FALSE(phases.start_date.has_value());
}

TEST_CASE("items under no heading get a phase, and a plan without a title is told so") {
  const auto plan = plan_of("- [ ] a\n- [ ] b\n");
  CHECK(tree_of(plan) == rows{"Tasks", "  a", "  b"});
  CHECK(plan.title == "Untitled plan");
  CHECK(warning_codes(plan) == rows{"phase_added", "no_title"});
  const auto mixed = plan_of("# T\n- a\n## P\n- b\n## About\nProse.\n");
  CHECK(tree_of(mixed) == rows{"Tasks", "  a", "P", "  b"});
  CHECK(warning_codes(mixed) == rows{"phase_added", "section_without_tasks"});
  CHECK(mixed.warnings[1].detail == "line 5: 'About' has no tasks and is taken for prose");
  CHECK(tree_of(plan_of("# T\n## P\n- b\n## Alone\nowner: Ann\n")) == rows{"P", "  b", "Alone"});
}

TEST_CASE("an estimate is understood in every form, in days of eight hours") {
  const auto days = [](const std::string& line) {
    const auto leaf = leaf_of(line);
    CHECK(leaf.title == "Dig");
    REQUIRE(leaf.estimate.has_value());
    return *leaf.estimate;
  };
  using e = domain::estimate;
  CHECK(days("Dig estimate: 2d") == e{2, 2, 2});
  CHECK(days("Dig (2-5 days)") == e{2, 3.5, 5});
  CHECK(days("Dig [2 – 5 days]") == e{2, 3.5, 5});
  CHECK(days("Dig {4h}") == e{0.5, 0.5, 0.5});
  CHECK(days("Dig - estimate: 1w") == e{5, 5, 5});
  CHECK(days("Dig (1-2-4 days)") == e{1, 2, 4});
  CHECK(days("Dig (estimate: 4h-1d-2d)") == e{0.5, 1, 2});
  CHECK(days("Dig (about 1.5 days)") == e{1.5, 1.5, 1.5});
  CHECK(days("Dig (2 to 3 weeks)") == e{10, 12.5, 15});
  CHECK(days("Dig\n  estimate: 1 month") == e{20, 20, 20});
  CHECK(days("Dig\n  - effort: 30 min") == e{0.0625, 0.0625, 0.0625});
  CHECK(days("Dig\n  - 3 days") == e{3, 3, 3});
}

TEST_CASE("an estimate, priority or action that cannot be read costs a warning with its line") {
  const auto plan = plan_of(
      "# T\n## P\n- Dig\n  estimate: soon\n  priority: odd\n  action: dig the hole\n- Fill (estimate: 5-2 days)\n");
  CHECK(warning_codes(plan) ==
        rows{"estimate_unreadable", "priority_unreadable", "action_unreadable", "estimate_unreadable"});
  CHECK(plan.warnings[0].detail == "line 4: 'soon' is no estimate that is understood");
  CHECK_FALSE(plan.tasks[1].estimate.has_value());
}

TEST_CASE("an owner is told by a word or by a mark, and holds for what is below") {
  CHECK(leaf_of("Dig owner: Site Foreman").assignee_role == "Site Foreman");
  CHECK(leaf_of("Dig (owner: Ann, 2d)").assignee_role == "Ann");
  CHECK(leaf_of("Dig @site_foreman").assignee_role == "site foreman");
  CHECK(leaf_of("Dig (2d) @ann").estimate.has_value());
  CHECK(leaf_of("Dig (@ann)").title == "Dig");
  CHECK(leaf_of("Dig\n  Role: Ann").assignee_role == "Ann");
  CHECK(leaf_of("Dig\n  - **Owner:** Ann").assignee_role == "Ann");
  CHECK(leaf_of("Write to ann@example.org").title == "Write to ann@example.org");
  const auto shared = leaf_of("Dig owner: Ann, Bob");
  CHECK(shared.assignee_role == "Ann");
  CHECK(shared.resources == rows{"Bob"});
  CHECK(shared.role_certainty == 1);
  const auto plan = plan_of("# T\n## P (owner: Ann, priority: high)\n- a\n- b owner: Bob priority: -3\n## Q\n- c\n");
  CHECK(titled(plan, "a").assignee_role == "Ann");
  CHECK(titled(plan, "a").priority == 10);
  CHECK(titled(plan, "b").assignee_role == "Bob");
  CHECK(titled(plan, "b").priority == -3);
  CHECK(titled(plan, "c").assignee_role.empty());
  CHECK(plan.roles == std::vector<domain::team_role>{{"Ann", ""}, {"Bob", ""}});
}

TEST_CASE("with a team every leaf gets one of it, and owners are called as the team calls them") {
  const auto plan = plan_of(
      "# T\n## Team\n- **Site Foreman** - leads\n- Permit Officers: speak\n  with the town\n\n## P\n- Dig "
      "@site-foreman\n"
      "- Ask (owner: permit officer)\n- Rest\n- Fly owner: Pilot\n");
  CHECK(plan.roles == std::vector<domain::team_role>{
                          {"Site Foreman", "leads"}, {"Permit Officers", "speak\nwith the town"}, {"Pilot", ""}});
  CHECK(titled(plan, "Dig").assignee_role == "Site Foreman");
  CHECK(titled(plan, "Ask").assignee_role == "Permit Officers");
  CHECK_FALSE(titled(plan, "Rest").assignee_role.empty());
  CHECK(titled(plan, "Rest").role_certainty < 1);
  CHECK(warning_codes(plan) == rows{"role_not_in_team"});
}

TEST_CASE("action, priority, id and resources are taken as they are given") {
  const auto leaf = leaf_of("Call the town (action: send email; id: call_1; priority: 7)\n  resources: phone, list");
  CHECK(leaf.title == "Call the town");
  CHECK(leaf.action == "send_email");
  CHECK(leaf.id.value == "call_1");
  CHECK(leaf.priority == 7);
  CHECK(leaf.resources == rows{"phone", "list"});
}

TEST_CASE("dependencies name titles, ids or siblings") {
  const auto edges = [](const std::string& hint) {
    return edges_of(
        plan_of("# T\n## Prepare\n- Look (id: x1)\n- Ask, then wait\n- Write " + hint + "\n## Build\n- Dig\n"));
  };
  CHECK(edges("(depends on: Look)") == rows{"Look -> Write"});
  CHECK(edges("after: look") == rows{"Look -> Write"});
  CHECK(edges("depends on: x1") == rows{"Look -> Write"});
  CHECK(edges("depends on: #1, #2") == rows{"Look -> Write", "Ask, then wait -> Write"});
  CHECK(edges("(after: Ask, then wait)") == rows{"Ask, then wait -> Write"});
  CHECK(edges("depends on: \"Ask, then wait\"; Look.") == rows{"Ask, then wait -> Write", "Look -> Write"});
  CHECK(edges("\n  - blocked by: build.dig") == rows{"Dig -> Write"});
  CHECK(edges("\n  - after: [Look](#look)") == rows{"Look -> Write"});
  CHECK(edges("after: Look\n  after: Look") == rows{"Look -> Write"});
  CHECK(edges("depends on: none") == rows{});
  CHECK(edges_of(plan_of("# T\n## Build\nAfter: Prepare\n- Dig\n## Prepare\n- Look\n")) == rows{"Prepare -> Build"});
  CHECK(edges_of(plan_of("# T\n## P\n3. a\n4. b (after: #3)\n")) == rows{"a -> b"});
}

TEST_CASE("a dependency that means nothing, or too much, is refused with its line") {
  const auto at = [](std::string_view text, std::string_view line) { return problem_at(read(text), line); };
  CHECK(at("# T\n## P\n- a\n- b (after: c)\n", "line 4") == "no task has the title or id 'c'");
  CHECK(at("# T\n## P\n- a\n- b\n  depends on: a, c\n", "line 5") == "no task has the title or id 'c'");
  CHECK(at("# T\n## P\n- a\n## Q\n- a\n- b (after: a)\n", "line 6") ==
        "'a' is the title of more than one task; give one an id");
  CHECK(at("# T\n## P\n- A\n- a\n- b (after: a)\n", "line 5") == std::nullopt);
  CHECK(at("# T\n## P\n- Aa\n- aA\n- b (after: AA)\n", "line 5") ==
        "'AA' is the title of more than one task; give one an id");
  CHECK(at("# T\n## P\n- a (after: a)\n", "line 3") == "the task depends on itself");
  CHECK(at("# T\n## P\n- a (after: #9)\n", "line 3") == "no task has the title or id '#9'");
}

TEST_CASE("dependencies in a circle are refused with the lines that close it") {
  const auto circle = read("# T\n## P\n- a (after: c)\n- b (after: a)\n- c (after: b)\n");
  REQUIRE_FALSE(circle.has_value());
  CHECK(circle.error().problems.size() == 3);
  CHECK(problem_at(circle, "line 3") == "'a' depends on 'p.c', which closes a cycle");
  const auto above = read("# T\n## P\n- a (after: P)\n");
  CHECK(problem_at(above, "line 3") == "'a' depends on 'p', which closes a cycle");
}

TEST_CASE("ids are legal, unique and the same each time") {
  const auto plan = plan_of("# T\n## 1. Prüfen & Planen!\n- a\n- a\n- (a)\n## 桥\n- 河\n- 山\n");
  rows ids;
  for (const auto& task : plan.tasks) ids.push_back(task.id.value);
  CHECK(ids == rows{"prufen-planen", "prufen-planen.a", "prufen-planen.a-2", "prufen-planen.a-3", "2", "2.1", "2.2"});
  const std::string long_title(200, 'x');
  const auto deep = plan_of("# T\n## " + long_title + "\n### " + long_title + "\n#### " + long_title + "\n- a\n- b\n");
  for (const auto& task : deep.tasks) CHECK(domain::is_valid_id(task.id.value));
  CHECK(domain::validate(deep).empty());
  CHECK(problem_at(read("# T\n## P\n- a (id: x)\n- b (id: x)\n"), "line 4") == "the id 'x' is used on line 3 already");
  CHECK(problem_at(read("# T\n## P\n- a (id: -x)\n"), "line 3") == "'-x' is not a valid id");
}

TEST_CASE("a ticked box stays a task and costs a warning each") {
  const auto plan = plan_of("# T\n## P\n- [x] a\n- [ ] b\n- [X] c (2d)\n- [y] d\n");
  CHECK(tree_of(plan) == rows{"P", "  a", "  b", "  c", "  [y] d"});
  CHECK(warning_codes(plan) == rows{"already_done", "already_done"});
  CHECK(plan.warnings[1].task.value == "p.c");
  CHECK(plan.warnings[1].detail.starts_with("line 5: 'c' is ticked"));
}

TEST_CASE("risks and assumptions are read from lists, headings and tables") {
  const auto plan = plan_of(
      "# T\n## P\n- a\n### Risks\n- It rains (severity: high, likelihood: low)\n  - mitigation: take a coat, a hat\n  "
      "- owner: Ann\n"
      "  More words.\n## ASSUMPTIONS:\n1. The piers are sound (test: drill)\n2. Money: there is enough\n"
      "## Risk register\n| ID | Risk | Severity | Mitigation |\n|---|---|:-:|---|\n| 1 | Flood | High | Wait |\n"
      "### The town says no\nIt may.\n\n## Goal\nCross.\n");
  CHECK(tree_of(plan) == rows{"P", "  a"});
  REQUIRE(plan.risks.size() == 3);
  CHECK(plan.risks[0].title == "It rains");
  CHECK(plan.risks[0].severity == "high");
  CHECK(plan.risks[0].likelihood == "low");
  CHECK(plan.risks[0].mitigation == "take a coat, a hat");
  CHECK(plan.risks[0].owner == "Ann");
  CHECK(plan.risks[0].description == "More words.");
  CHECK(plan.risks[0].tasks == std::vector<domain::task_index>{0});
  CHECK(plan.risks[1].title == "Flood");
  CHECK(plan.risks[1].severity == "High");
  CHECK(plan.risks[1].mitigation == "Wait");
  CHECK(plan.risks[2].title == "The town says no");
  CHECK(plan.risks[2].description == "It may.");
  REQUIRE(plan.assumptions.size() == 2);
  CHECK(plan.assumptions[0].statement == "The piers are sound");
  CHECK(plan.assumptions[0].test == "drill");
  CHECK(plan.assumptions[1].statement == "Money: there is enough");
  CHECK(plan.assumptions[1].id == "A2");
  CHECK(plan.goal == "Cross.");
  CHECK(plan.roles.empty());
}

TEST_CASE("a table with a column of tasks is tasks, a row each") {
  const auto plan = plan_of(
      "# T\n## P\n| # | Task | Owner | Days | Depends on | Status |\n|--:|---|---|---|---|---|\n"
      "| 5 | **Look** | Ann | 3 | - | open |\n| 6 | Write (4h) | Bob | | #5 | |\n| 7 | | | | | |\n\n- more\n");
  CHECK(tree_of(plan) == rows{"P", "  Look", "  Write", "  more"});
  CHECK(titled(plan, "Look").assignee_role == "Ann");
  CHECK(titled(plan, "Look").estimate == domain::estimate{3, 3, 3});
  CHECK(titled(plan, "Look").description == "Status: open");
  CHECK(titled(plan, "Write").estimate == domain::estimate{0.5, 0.5, 0.5});
  CHECK(edges_of(plan) == rows{"Look -> Write"});
  CHECK(plan.warnings.empty());
}

TEST_CASE("sections that are prose by their name hold no tasks, and say so where they have lists") {
  const auto plan =
      plan_of("# T\n## Background\n- It is slow\n## P\n- a\n### Notes\nWell.\n## 7. Open questions:\n- Why?\n");
  CHECK(tree_of(plan) == rows{"P", "  a"});
  CHECK(warning_codes(plan) == rows{"section_left_out", "section_left_out"});
  CHECK(plan.warnings[1].detail == "line 8: the lists below 'Open questions:' are not read as tasks");
}

TEST_CASE("code, comments, quotations and tables make no tasks") {
  const auto plan = plan_of(
      "# T\n## P\n- a\n  ```sh\n  - not a task\n  ## nor this\n  ```\n<!-- - nor\n- that -->\n> - nor a quotation\n\n"
      "| x | y |\n|---|---|\n| - 1 | 2 |\n\n- b <!-- hidden --> (2d)\n\n***\n\n~~~\n- open\n");
  CHECK(tree_of(plan) == rows{"P", "  a", "  b"});
  CHECK(titled(plan, "a").description == "- not a task\n## nor this\n- nor a quotation");
  CHECK(titled(plan, "b").estimate.has_value());
  CHECK(warning_codes(plan) == rows{"table_not_read", "code_fence_unclosed"});
  CHECK(plan.warnings[1].detail.starts_with("line 20: "));
  CHECK(warning_codes(plan_of("# T\n## P\n- a\n<!-- open\n- b\n")) == rows{"comment_unclosed"});
}

TEST_CASE("emphasis, links, images, code, tags, entities and footnotes become plain text") {
  const auto title = [](const std::string& line) { return leaf_of(line).title; };
  CHECK(title("**Dig** the *old* _hole_ ~~now~~") == "Dig the old hole now");
  CHECK(title("Read [the guide](https://example.org/a_(b)) `x_y`") == "Read the guide x_y");
  CHECK(title("See ![a map](m.png) and <https://example.org>") == "See a map and https://example.org");
  CHECK(title("a_b_c 2 * 3 * 4 \\*x\\*") == "a_b_c 2 * 3 * 4 *x*");
  CHECK(title("R&amp;D <b>now</b> a < b[^1]") == "R&D now a < b");
  CHECK(title("[Guide][g] and [g]\n\n[g]: https://example.org") == "Guide and g");
  CHECK(title("Fix [the] thing") == "Fix [the] thing");
  CHECK(title("Weigh (about 3 kg)") == "Weigh (about 3 kg)");
}

TEST_CASE("text below an item describes it, and a wrapped title goes on") {
  const auto plan = plan_of(
      "# T\n## P\n- Look at the river and\n  write down what is seen\n  Both banks.\n\n  At low water.\n- Ask (2d)\n  "
      "the town\n\nAfter all.\n");
  CHECK(tree_of(plan) == rows{"P", "  Look at the river and write down what is seen", "  Ask"});
  CHECK(plan.tasks[1].description == "Both banks.\nAt low water.");
  CHECK(plan.tasks[2].description == "the town");
  CHECK(plan.tasks[0].description == "After all.");
  const std::string long_line(400, 'x');
  const auto cut = plan_of("# T\n## P\n- " + long_line + "\n  More.\n");
  CHECK(cut.tasks[1].title.size() < 310);
  CHECK(cut.tasks[1].description == long_line + "\nMore.");
  CHECK(warning_codes(cut) == rows{"title_cut"});
}

TEST_CASE("line ends of every kind, tabs and a byte order mark are read") {
  const auto plan = plan_of("\xEF\xBB\xBF# T\r\n## P\r\n- a\r\n\t- b\r- c\n    * d\n");
  CHECK(tree_of(plan) == rows{"P", "  a", "    b", "  c", "    d"});
}

TEST_CASE("the example in the documentation is read as it says") {
  std::ifstream in{std::filesystem::path{PLANEXE_SOURCE_DIR} / "docs" / "plan-formats.md"};
  std::stringstream page;
  page << in.rdbuf();
  const std::string text = page.str();
  const std::string mark = "```markdown\n";
  const std::size_t start = text.find(mark);
  REQUIRE(start != std::string::npos);
  const auto plan = plan_of(text.substr(start + mark.size(), text.find("\n```\n", start) + 1 - start - mark.size()));
  CHECK(plan.title == "Mend the footbridge");
  CHECK(plan.goal == "People cross the river again before the school year starts.");
  CHECK(plan.start_date == domain::parse_rfc3339("2026-03-02T00:00:00Z"));
  CHECK(tree_of(plan) == rows{"Prepare", "  Survey the piers", "  Apply for the river permit",
                              "  Find the old drawings", "Build", "  Deck", "    Order the timber", "    Lay the deck",
                              "  Railing", "    Weld the railing"});
  CHECK(edges_of(plan) == rows{"Survey the piers -> Apply for the river permit", "Apply for the river permit -> Deck",
                               "Order the timber -> Lay the deck", "Deck -> Weld the railing"});
  CHECK(titled(plan, "Survey the piers").id.value == "survey");
  CHECK(titled(plan, "Survey the piers").description == "Both banks, at low water.");
  CHECK(titled(plan, "Apply for the river permit").assignee_role == "Permit Officer");
  CHECK(titled(plan, "Apply for the river permit").estimate == domain::estimate{10, 10, 10});
  CHECK(titled(plan, "Find the old drawings").assignee_role == "Site Foreman");
  CHECK(titled(plan, "Order the timber").action == "procure");
  CHECK(titled(plan, "Lay the deck").estimate == domain::estimate{0.5, 1, 2});
  CHECK(plan.roles.size() == 2);
  CHECK(plan.risks.size() == 1);
  CHECK(plan.risks[0].mitigation == "work from May to August");
  CHECK(plan.assumptions.size() == 1);
  CHECK(warning_codes(plan) == rows{"already_done"});
}
