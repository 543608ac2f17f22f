// The small rules of the house: every file keeps them, and the check sees those that do not.
#include <doctest/doctest.h>

#include "tests/architecture/rules.hpp"

namespace planexe::tests {
namespace {

std::vector<std::string> breaches(const char* path, const std::string& text) {
  return tidy_breaches(parse_source(path, text));
}

}  // namespace

TEST_CASE("every file keeps the small rules") {
  for (const auto& file : load_sources(PLANEXE_SOURCE_DIR)) {
    for (const auto& breach : tidy_breaches(file)) FAIL_CHECK(breach);
  }
}

TEST_CASE("a tab, a note to self, a missing head and a missing guard are found") {
  CHECK(breaches("domain/a.cpp", "// What it is.\n\tint x;\n").size() == 1);
  CHECK(breaches("domain/a.cpp", std::string("// What it is.\n// TO") + "DO later\n").size() == 1);
  CHECK(breaches("domain/a.cpp", "int x;\n").size() == 1);
  CHECK(breaches("domain/a.hpp", "// What it is.\nint x;\n").size() == 1);
  CHECK(breaches("domain/a.hpp", "#pragma once\n").size() == 1);
  CHECK(breaches("domain/a.hpp", "// What it is.\n#pragma once\n").empty());
  CHECK(breaches("domain/a.cpp", "#include \"domain/b.hpp\"\n").size() == 1);
  CHECK(breaches("domain/a.cpp", "#include \"domain/a.hpp\"\n").empty());
}

TEST_CASE("a test name that would run nothing under CTest is found") {
  const std::string head = "// What it is.\n";
  CHECK(breaches("tests/a.cpp", head + "TEST_CASE(\"one; two\") {\n").size() == 1);
  CHECK(breaches("tests/a.cpp", head + "TEST_CASE(\"a list [1] of one\") {\n").size() == 1);
  CHECK(breaches("tests/a.cpp", head + "TEST_CASE(\"one, two: three\") {\n").empty());
}

TEST_CASE("a file grown too long is found") {
  std::string text = "// What it is.\n";
  for (int line = 0; line < 699; ++line) text += "\n";
  CHECK(breaches("domain/a.cpp", text).empty());
  CHECK(breaches("domain/a.cpp", text + "\n").size() == 1);
}

}  // namespace planexe::tests
