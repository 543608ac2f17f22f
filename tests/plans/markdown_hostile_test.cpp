// Markdown that nobody writes: huge, deep, broken. It is refused with its line, or read, at once and in bounded memory;
// the sizes are such that anything worse than linear does not come to an end.
#include "tests/plans/reading.hpp"

using namespace planexe;
using namespace planexe::plans;
using namespace planexe::plans::testing;

namespace {

outcome read(std::string_view text) {
  return read_plan(text, plan_format::markdown);
}

constexpr std::size_t large = max_upload_bytes - 64 * 1'024;
constexpr std::size_t many = std::size_t{4} << 20;  // enough for what is not linear to show

std::string repeated(std::string_view part, std::size_t bytes = large) {
  std::string text;
  text.reserve(bytes + part.size());
  while (text.size() < bytes) text += part;
  return text;
}

/// A line of a list item beside a task that is sound.
outcome read_item(std::string_view line) {
  return read("# T\n## P\n- a\n- " + std::string{line} + "\n");
}

}  // namespace

TEST_CASE("a document without tasks is refused with a reason") {
  const std::string reason = "the document has no tasks: they are headings below the title, or list items";
  for (const std::string_view text : {"", "\n\n", "# Title\n", "Only prose.\n", "---\ntitle: T\n---\n", "<!-- -->",
                                      "# T\n## Team\n- Ann\n", "```\n- a\n", "# T\n- \n"}) {
    CAPTURE(text);
    CHECK(problem_at(read(text), "line 1") == reason);
  }
}

TEST_CASE("bytes that are no text are refused with their line") {
  CHECK(problem_at(read(std::string_view{"# T\n- a\0b\n", 10}), "line 2") == "holds a NUL byte");
  CHECK(problem_at(read("# T\n- a\n- \xC3\x28\n"), "line 3") == "is not UTF-8 text");
  CHECK(problem_at(read(std::string_view{"\xFF\xFE#\0 \0", 6}), "line 1") == "the text is UTF-16; save it as UTF-8");
  CHECK(problem_at(read(std::string(large, '\0')), "line 1") == "holds a NUL byte");
}

TEST_CASE("64 MiB of list items are refused at once") {
  CHECK(problem_at(read(repeated("- a\n")), "line 2000001") == "more than 2000000 lines");
  const auto items = read(repeated("- a\n", 7'000'000));
  REQUIRE_FALSE(items.has_value());
  CHECK(items.error().problems.size() == 1);
  CHECK(items.error().problems.front().message == "more than 20000 tasks");
  for (const std::string_view line : {"# a\n", "- [x] a\n", "1. a (after: a)\n", "- owner: b\n- a\n", "a\n===\n"}) {
    CAPTURE(line);
    const auto refused = read(repeated(line));
    REQUIRE_FALSE(refused.has_value());
    CHECK(refused.error().problems.size() <= 201);
  }
  CHECK(read(repeated("- a\n", 4 * 20'000 - 4)).has_value());
  const auto one_more = read(repeated("- a\n", 4 * 20'000));
  CHECK(problem_at(one_more, "line 20000") == "more than 20000 tasks");  // with the phase that was made for them
}

TEST_CASE("64 MiB of lines that are nothing are refused for their number") {
  for (const std::string_view line : {"\n", "-\n", "#\n", "a\n", ">\n", "|\n", "```\n", "<!--\n", "---\n"}) {
    CAPTURE(line);
    CHECK(problem_at(read(repeated(line)), "line 2000001") == "more than 2000000 lines");
  }
}

TEST_CASE("deep nesting is refused, however it is written") {
  std::string steps = "# T\n## P\n";
  for (std::size_t i = 0; steps.size() < large && i < 20'000; ++i) steps += std::string(2 * i, ' ') + "- a\n";
  const auto nested = read(steps);
  REQUIRE_FALSE(nested.has_value());
  CHECK(problem_at(nested, "line 14") == "deeper than 12 levels");
  CHECK(nested.error().problems.size() == 201);
  CHECK(problem_at(nested, "")->ends_with("more problems"));

  const auto one_line = read_item(repeated("- ", 200'000) + "b");  // 100,000 lists in lists, all but one of them empty
  REQUIRE(one_line.has_value());
  CHECK(one_line->tasks.size() == 3);
  CHECK(read_item(repeated("- ")).has_value());
  const auto quoted = read("# T\n- a\n" + repeated("> ", 200'000) + "b\n");
  REQUIRE(quoted.has_value());
  CHECK(quoted->tasks[1].description == "b");

  std::string twelve = "# T\n## P\n";
  for (std::size_t i = 0; i < 11; ++i) twelve += std::string(2 * i, ' ') + "- a\n";
  CHECK(read(twelve).has_value());
}

TEST_CASE("giant lines are read in time that grows with their length") {
  const auto giant = read_item(repeated("x"));
  REQUIRE(giant.has_value());
  CHECK(giant->tasks[2].title.size() < 310);
  CHECK(giant->tasks[2].description.size() == large);
  for (const std::string_view part : {"[", "](", "[a](b", "*a", "_", "`", "(", "(2d) ", "@a ", "owner: ", ":", "<b",
                                      "<!--", "&", "\\", "![", "after: a, ", "| a ", "{[("}) {
    CAPTURE(part);
    CHECK_NOTHROW(static_cast<void>(read_item(repeated(part, many))));
    CHECK_NOTHROW(static_cast<void>(read(repeated(part, many))));
  }
}

TEST_CASE("marks without partners in every line are read in time that grows with the document") {
  for (const std::string_view part : {"[", "](", "[a](b", "*a", "_a ", "`a``", "(", "(2d) ", "@a ",
                                      "owner: ", "e:", "<b", "[a](", "[[](u)", "**a*", "])", "<!--", "(2d,"}) {
    CAPTURE(part);
    const std::string line = "- a " + repeated(part, 2'000) + "\n";
    CHECK_NOTHROW(static_cast<void>(read(repeated(line, many))));
    const std::string wide = "a " + repeated(part, 16'000) + "\n\n";
    CHECK_NOTHROW(static_cast<void>(read("# T\n- a\n\n" + repeated(wide, many))));
  }
}

TEST_CASE("titles that grow line by line and lists that never end are bounded") {
  CHECK(read("# T\n- a\n" + repeated("b\n", 3'000'000)).has_value());
  const auto names = read("# T\n- a\n- b (after: a)\n  after: " + repeated("a,", many) + "\n");
  CHECK(problem_at(names, "line 4") == "more than 100000 dependencies");
  const auto unknown = read("# T\n- a\n  after: " + repeated("x;", many));
  REQUIRE_FALSE(unknown.has_value());
  CHECK(unknown.error().problems.size() <= 202);
  const auto roles = read("# T\n- a\n## Team\n" + repeated("- r\n", 8'000) + repeated("- s", 4'000'000));
  REQUIRE(roles.has_value());
  CHECK(roles->roles.size() == 2);
}

TEST_CASE("fences, comments and front matter that are not closed hide what follows and say so") {
  const auto fence = read("# T\n- a\n```\n" + repeated("- b\n", 1'000'000));
  REQUIRE(fence.has_value());
  CHECK(fence->tasks.size() == 2);
  CHECK(warnings_with(*fence, "code_fence_unclosed") == 1);
  const auto comment = read("# T\n- a\n<!--\n" + repeated("- b\n", 1'000'000));
  REQUIRE(comment.has_value());
  CHECK(comment->tasks.size() == 2);
  CHECK(warnings_with(*comment, "comment_unclosed") == 1);
  const auto front = read("---\n# T\n- a\n");
  REQUIRE(front.has_value());
  CHECK(front->title == "T");
}

TEST_CASE("every prefix of a document is read or refused with a line") {
  const std::string text =
      "---\ntitle: x\n---\n# T\n\nGoal.\n\n## P (owner: A)\n\n- [x] **a** [l](u) `c` (2d; after: b)\n  - id: q\n1) b "
      "@r\n\n"
      "```\ncode\n```\n| a | b |\n|---|---|\n| c | d |\n\n<!-- x -->\n## Team\n- A: b\n## Risks\n- r (severity: "
      "high)\n";
  std::size_t plans = 0;
  for (std::size_t i = 0; i <= text.size(); ++i) {
    const auto plan = read(std::string_view{text}.substr(0, i));
    plans += plan.has_value();
    if (plan) CHECK(domain::validate(*plan).empty());
    if (!plan)
      for (const auto& problem : plan.error().problems) CHECK(problem.field.starts_with("line "));
  }
  CHECK(plans > 50);
  CHECK(plans < text.size());
}
