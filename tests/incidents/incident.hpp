// Replays the record file of an incident and compares it, event by event, with the states that were true then. What
// `planexe-ax export --as-test` makes stands on this.
#pragma once

#include <doctest/doctest.h>

#include <cstdint>
#include <span>

namespace planexe::tests {

/// A task as it was.
struct task_row {
  const char* id = "";
  const char* status = "";
  std::uint32_t attempt = 0;
  const char* holder = "";
  const char* why = "";  ///< why it is not done; empty: it is
};

/// The execution after one event, and the task that the event was about.
struct moment {
  std::uint64_t seq = 0;
  const char* status = "";
  task_row task{};  ///< without an id: none
};

/// `record_file` stands beside `test_file`. Checks every moment, and every task at the end.
void replay_incident(const char* test_file, const char* record_file, const char* execution,
                     std::span<const moment> moments, std::span<const task_row> tasks);

}  // namespace planexe::tests
