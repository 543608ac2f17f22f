// Runs the simulation. PLANEXE_SIMULATION_SEEDS says how many seeds, PLANEXE_SIMULATION_SEED runs a single one again.
#include "tests/actors/simulation.hpp"

#include <doctest/doctest.h>
#include <spdlog/spdlog.h>

#include <cstdlib>

namespace planexe::tests {

namespace {

constexpr std::uint64_t usual_seeds = 2'000;  // about ten seconds

std::optional<std::uint64_t> number_in(const char* variable) {
  const char* text = std::getenv(variable);
  if (text == nullptr) return std::nullopt;
  return std::strtoull(text, nullptr, 10);
}

}  // namespace

TEST_CASE("whatever agents, people, time, crashes and disks do, the invariants hold and every execution ends") {
  const auto one = number_in("PLANEXE_SIMULATION_SEED");
  const auto first = one.value_or(1);
  const auto last = one ? first : number_in("PLANEXE_SIMULATION_SEEDS").value_or(usual_seeds);
  if (!one) spdlog::set_level(spdlog::level::off);  // failing disks are part of it
  simulation_counts counts;
  for (auto seed = first; seed <= last; ++seed) {
    const auto result = simulate(seed);
    if (!result.problem.empty())
      FAIL_CHECK("seed " << seed << ": " << result.problem << " (run it again: PLANEXE_SIMULATION_SEED=" << seed
                         << ")");
    counts.add(result.counts);
  }
  MESSAGE("seeds " << first << " to " << last << ": " << counts.executions << " executions, " << counts.crashes
                   << " crashes, " << counts.disk_failures << " failing disks, " << counts.reports << " commands, "
                   << counts.accepted << " accepted, " << counts.stale << " stale, " << counts.duplicates
                   << " duplicates, " << counts.lost_answers << " answers lost, " << counts.polls_served
                   << " polls served, " << counts.sendings << " notifications sent, " << counts.wake_ups
                   << " wake-ups looked for, " << counts.forks << " forks");
  CHECK_GE(counts.forks, (last - first) / 2);
  if (!one) CHECK_GT(counts.events["execution_archived"], (last - first) / 4);
  CHECK_GT(counts.wake_ups, last - first);  // else the rule about them proves nothing
  std::string types;
  for (const auto& [type, count] : counts.events)
    types += (types.empty() ? "" : ", ") + type + " " + std::to_string(count);
  MESSAGE(types);
  spdlog::set_level(spdlog::level::info);
}

TEST_CASE("the same seed gives the same run") {
  spdlog::set_level(spdlog::level::off);
  const auto once = simulate(7), again = simulate(7);
  CHECK_EQ(once.counts.events, again.counts.events);
  CHECK_EQ(once.counts.reports, again.counts.reports);
  CHECK_EQ(once.counts.lost_answers, again.counts.lost_answers);
  spdlog::set_level(spdlog::level::info);
}

}  // namespace planexe::tests
