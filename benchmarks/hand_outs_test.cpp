// A measurement that counts hand-outs notices when one is wrong.
#include "benchmarks/hand_outs.hpp"

#include <doctest/doctest.h>

#include "benchmarks/wire.hpp"

namespace planexe::bench {

TEST_CASE("each task of an execution is handed out once") {
  hand_outs outs;
  const auto one = outs.add("one", 2);
  const auto other = outs.add("other", 1);
  CHECK(outs.expected() == 3);
  CHECK(outs.note("one", "a") == one);
  CHECK(outs.note("other", "a") == other);
  CHECK_THROWS_AS(outs.note("one", "a"), bench_failure);
  CHECK(outs.note("one", "b") == one);
  CHECK(outs.total() == 3);
  outs.note_completed(one);
  CHECK(outs[one].completed == 1);
  CHECK(outs.completed() == 1);
}

TEST_CASE("a hand-out that nobody can account for is refused") {
  hand_outs outs;
  outs.add("one", 1);
  CHECK_THROWS_AS(outs.add("one", 1), bench_failure);
  CHECK_THROWS_AS(outs.note("two", "a"), bench_failure);
  outs.note("one", "a");
  CHECK_THROWS_AS(outs.note("one", "b"), bench_failure);
}

}  // namespace planexe::bench
