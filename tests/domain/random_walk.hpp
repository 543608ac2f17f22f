// Seeded chance for property tests: random plans, options and commands, sensible and senseless ones.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "domain/execution_commands.hpp"

namespace planexe::tests {

/// The same seed gives the same rolls on every machine (no std distributions, whose results are nobody's promise).
class dice {
 public:
  explicit dice(std::uint64_t seed) : engine_(seed) {}

  /// 0 to n - 1; 0 when n is 0.
  std::uint32_t below(std::size_t n) { return n == 0 ? 0 : static_cast<std::uint32_t>(engine_() % n); }
  bool chance(std::uint32_t percent) { return below(100) < percent; }
  template <class T>
  const T& one_of(const std::vector<T>& values) {
    return values[below(values.size())];
  }

 private:
  std::mt19937_64 engine_;
};

/// How many walks a property test takes; PLANEXE_TEST_WALKS multiplies it.
std::uint64_t walks(std::uint64_t usual);

/// A sound tree of 1 to `most_tasks` tasks with random dependencies, which may form a cycle.
std::shared_ptr<domain::plan> random_tree(dice& roll, std::size_t most_tasks);
/// The same without a cycle.
std::shared_ptr<const domain::plan> random_plan(dice& roll, std::size_t most_tasks);
domain::execution_options random_options(dice& roll);

/// Draws commands for an execution and remembers tokens, so that old ones come back.
class command_source {
 public:
  explicit command_source(dice& roll) : roll_(roll) {}
  domain::execution_command draw(const domain::execution_state& state);

 private:
  domain::execution_command draw_report(const domain::execution_state& state);
  domain::execution_command draw_timer(const domain::execution_state& state);
  domain::execution_command draw_steering(const domain::execution_state& state);
  domain::execution_command draw_resolution(const domain::execution_state& state);
  domain::execution_command draw_assignment(const domain::execution_state& state);
  std::shared_ptr<const domain::decomposition> draw_parts(const domain::execution_state& state,
                                                          const domain::task_id& whole);
  domain::report_header header(const domain::execution_state& state);
  /// A leaf in that stage, if there is one, else any task.
  domain::task_index leaf_in(const domain::execution_state& state, domain::leaf_stage stage);

  dice& roll_;
  std::vector<std::string> tokens_;
};

}  // namespace planexe::tests
