// What a state is made of stands in the log: neither replay nor a decision asks the clock, chance or the environment.
#include "tests/projections/trap.hpp"

#include <doctest/doctest.h>

#include <chrono>
#include <cstdlib>
#include <ctime>

#include "domain/fork.hpp"
#include "eventstore/codec.hpp"
#include "projections/replay.hpp"
#include "projections/view_set.hpp"
#include "tests/projections/chronicle.hpp"

namespace planexe::tests {

using namespace domain;
using namespace projections;

TEST_CASE("the trap catches whoever asks the clock, chance or the environment") {
  const trap set;
  // Neither answer matters; that they were asked for does.
  const auto seen = std::chrono::system_clock::now().time_since_epoch().count() +
                    std::chrono::steady_clock::now().time_since_epoch().count() + std::time(nullptr) + std::rand();
  const bool known = std::getenv("PLANEXE_NOBODY_SETS_THIS") == nullptr;
  const auto caught = set.caught();
  CHECK(caught == std::vector<std::string>{"clock_gettime", "clock_gettime", "time", "rand", "getenv"});
  CHECK(known);
  CHECK(seen != 0);
}

TEST_CASE("replay, views, decisions and forks ask nothing that is not in the log or in the command") {
  for (std::uint64_t seed = 1; seed <= walks(20); ++seed) {
    INFO("seed ", seed);
    dice roll{seed};
    chronicle c;
    c.play_randomly(roll, 60);
    command_source commands{roll};
    eventstore::memory_store nothing;
    const trap set;
    view_set views{c.log, nothing, 0.7};
    const auto all = c.log.read_all(0, SIZE_MAX);
    REQUIRE(all);
    for (const auto& record : *all)
      for (auto* view : views.in_order()) REQUIRE(view->apply(record));
    for (const auto& [id, last] : c.states()) {
      const auto replayed = replay_execution(c.log, nothing, execution_id{id});
      REQUIRE(replayed);
      const auto again = decide(replayed->state, commands.draw(replayed->state), last.updated_at);
      const auto events = c.log.read_stream(stream_of(execution_id{id}), 0, SIZE_MAX);
      REQUIRE(events);
      const auto forked = decide_fork(replayed->state, {{id}, &events->back(), {}}, {}, last.updated_at);
      REQUIRE_EQ(eventstore::encode_snapshot(replayed->state), eventstore::encode_snapshot(last));
    }
    REQUIRE_EQ(set.caught(), std::vector<std::string>{});
  }
}

}  // namespace planexe::tests
