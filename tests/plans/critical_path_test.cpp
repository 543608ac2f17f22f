// The longest way through a plan, told from plans small enough to see it.
#include "plans/critical_path.hpp"

#include <memory>

#include "tests/plans/reading.hpp"

using namespace planexe;
using namespace planexe::plans;
using namespace planexe::plans::testing;

namespace {

std::shared_ptr<const domain::plan_graph> graph_of(std::string_view text,
                                                   domain::sequencing order = domain::sequencing::phased) {
  auto plan = read_plan(text, plan_format::markdown);
  REQUIRE(plan.has_value());
  auto graph = domain::plan_graph::build(std::make_shared<const domain::plan>(*std::move(plan)), order);
  REQUIRE(graph.has_value());
  return *graph;
}

std::vector<std::string> titles_of(const domain::plan_graph& graph, const critical_path& path) {
  std::vector<std::string> titles;
  for (const auto& step : path.steps) titles.push_back(graph.task(step.leaf).title);
  return titles;
}

using rows = std::vector<std::string>;

}  // namespace

TEST_CASE("phases follow each other and the longest task of each decides") {
  const auto graph = graph_of("# T\n## P\n- a (2d)\n- b (5d)\n## Q\n- c (1d)\n- d (3d)\n");
  const auto path = find_critical_path(*graph);
  CHECK(titles_of(*graph, path) == rows{"b", "d"});
  CHECK(path.days == 8);
  CHECK(path.steps[0].start_day == 0);
  CHECK(path.steps[1].start_day == 5);
  CHECK(path.steps[1].days == 3);
}

TEST_CASE("a chain of short tasks can be longer than one long task") {
  const auto graph = graph_of("# T\n## P\n- a (2d)\n- b (2d, after: a)\n- c (2d, after: b)\n- long (5d)\n");
  const auto path = find_critical_path(*graph);
  CHECK(titles_of(*graph, path) == rows{"a", "b", "c"});
  CHECK(path.days == 6);
}

TEST_CASE("what a parent waits for all of its leaves wait for, and who waits for it waits for all of them") {
  const auto graph =
      graph_of("# T\n## P\n### A\n- a (1d)\n- b (4d)\n### B\nafter: A\n- c (1d)\n### C\n- d (1d, after: B)\n",
               domain::sequencing::dependencies);
  const auto path = find_critical_path(*graph);
  CHECK(titles_of(*graph, path) == rows{"b", "c", "d"});
  CHECK(path.days == 6);
}

TEST_CASE("the parts of a task follow each other where the sequencing says so") {
  const std::string_view text = "# T\n## P\n- A\n  - a (1d)\n  - b (1d)\n- B (1.5d)\n";
  const auto phased = graph_of(text);
  CHECK(titles_of(*phased, find_critical_path(*phased)) == rows{"a", "b"});
  const auto given = graph_of(text, domain::sequencing::dependencies);
  CHECK(titles_of(*given, find_critical_path(*given)) == rows{"B"});
}

TEST_CASE("a leaf without an estimate counts as the mean of the others, and says that it is assumed") {
  const auto graph = graph_of("# T\n## P\n- a (2d)\n- b (4d)\n## Q\n- c\n");
  const auto path = find_critical_path(*graph);
  CHECK(path.days == 7);
  REQUIRE(path.steps.size() == 2);
  CHECK_FALSE(path.steps[0].assumed);
  CHECK(path.steps[1].assumed);
  CHECK(path.steps[1].days == 3);
  const auto none = graph_of("# T\n## P\n- a\n## Q\n- b\n- c\n");
  CHECK(find_critical_path(*none).days == 2);
  CHECK(titles_of(*none, find_critical_path(*none)) == rows{"a", "b"});
}

TEST_CASE("of two equally long ways the first of the document is taken") {
  const auto graph = graph_of("# T\n## P\n- a (1d)\n- b (1d)\n## Q\n- c (1d)\n- d (1d)\n");
  CHECK(titles_of(*graph, find_critical_path(*graph)) == rows{"a", "c"});
}

TEST_CASE("a plan as large as plans may be has a critical path at once") {
  std::string text = "# T\n## P\n";
  for (std::size_t i = 0; i < 19'000; ++i)
    text += "- t" + std::to_string(i) + " (1d" + (i == 0 ? ")" : ", after: t" + std::to_string(i - 1) + ")") + "\n";
  const auto graph = graph_of(text);
  const auto path = find_critical_path(*graph);
  CHECK(path.steps.size() == 19'000);
  CHECK(path.days == 19'000);
}
