// A replay depends on the log alone: what it passes through does not even name a clock, chance or the environment.
#include <doctest/doctest.h>

#include "tests/architecture/rules.hpp"

namespace planexe::tests {
namespace {

std::vector<std::string> breaches(const char* path, const std::string& text) {
  return determinism_breaches(parse_source(path, text));
}

}  // namespace

TEST_CASE("nothing that a replay passes through asks what is not in the log") {
  std::size_t looked_at = 0;
  for (const auto& file : load_sources(PLANEXE_SOURCE_DIR)) {
    for (const auto& breach : determinism_breaches(file)) FAIL_CHECK(breach);
    looked_at += file.path == "domain/execution_evolve.cpp" || file.path == "domain/execution_decide.cpp" ||
                         file.path == "projections/replay.cpp" || file.path == "eventstore/codec.cpp"
                     ? 1U
                     : 0U;
  }
  CHECK_EQ(looked_at, 4);
}

TEST_CASE("whoever asks a clock, chance or the environment is found") {
  for (const char* line :
       {"auto now = std::chrono::system_clock::now();", "using clock = std::chrono::steady_clock;", "time(nullptr);",
        "auto t = std::time(&x);", "auto ticks = clock();", "::clock_gettime(0, &t);", "std::random_device chance;",
        "#include <random>", "auto n = rand();", "getrandom(p, 8, 0);", "std::getenv(\"HOME\");", "#include <fstream>",
        "#include <thread>", "std::mt19937_64 dice{1};"}) {
    INFO(line);
    CHECK_FALSE(breaches("domain/a.cpp", line).empty());
    CHECK_FALSE(breaches("projections/a.hpp", line).empty());
    CHECK_FALSE(breaches("eventstore/codec.cpp", line).empty());
    CHECK(breaches("actors/a.cpp", line).empty());
    CHECK(breaches("gateway/http/a.cpp", line).empty());
  }
}

TEST_CASE("what only sounds like it is let alone") {
  for (const char* line :
       {"// asks no system_clock", "execution_failed{\"the execution's own timeout (time(0)) has passed\"}",
        "std::optional<timestamp> time(std::string_view name);", "const auto at = record.metadata.recorded_at;",
        "value.time(name);", "run_time(now_);", "#include <chrono>", "operand(x);"}) {
    INFO(line);
    CHECK(breaches("domain/a.cpp", line).empty());
  }
}

}  // namespace planexe::tests
