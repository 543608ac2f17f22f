// Moments of an execution as text for people. What came from plans and agents is made safe for a terminal; no line is
// wider than `width` columns where that is at least 40. Pure, any thread.
#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <vector>

#include "apps/replay/changes.hpp"
#include "apps/replay/recording.hpp"
#include "domain/event_record.hpp"

namespace planexe::replaying {

struct text_style {
  std::size_t width = 100;  ///< columns
  bool colours = false;
  bool all_tasks = false;      ///< also what is done as a whole, or has not begun
  std::size_t most_lines = 0;  ///< of a moment; 0: no limit. What is left out is counted
  agent_names names;           ///< may be empty
};

/// One line: seq, time, type, task, who, and the words of it. Tasks are called by their titles in `graph`.
std::string event_text(const domain::event_record& event, const domain::plan_graph& graph, const text_style& style);

/// What the execution is after an event: head, progress, the event, and the tree of its tasks. Where that is too long
/// the part around the first of the `marked` tasks is shown.
std::vector<std::string> moment_text(const domain::execution_id& id, const domain::execution_state& state,
                                     const domain::event_record& event, std::uint64_t last_seq,
                                     const std::set<domain::task_index>& marked, const text_style& style);

/// What is different between two moments; a line that says so where nothing is.
std::vector<std::string> changes_text(const state_changes& changes, const text_style& style);
/// The same without the heading, and nothing where nothing is: what one event has brought about.
std::vector<std::string> step_text(const state_changes& changes, const text_style& style);

}  // namespace planexe::replaying
