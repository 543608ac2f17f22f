// A plan as a person's text gives it: titles at depths, with what stood beside them, each with its line. CSV and
// Markdown become outlines; what follows from one (ids, levels, dependencies, roles) is the same for both.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/plan.hpp"
#include "plans/hints.hpp"
#include "plans/problem_list.hpp"

namespace planexe::plans {

/// Longer titles are cut, and stand whole in the description: a title goes into every list and message.
inline constexpr std::size_t max_outline_title_bytes = 300;
/// Lines of a text; with 20,000 tasks there are a hundred to each.
inline constexpr std::size_t max_outline_lines = 2'000'000;
/// A goal goes out with every piece of work.
inline constexpr std::size_t max_outline_goal_bytes = 2'000;

/// What a task waits for, in its author's words: a title, an id or "#3".
struct outline_wait {
  std::string on;
  std::size_t line = 0;
};

struct outline_item {
  std::size_t line = 0;
  std::size_t depth = 0;  ///< 0: a phase; at most one more than the item before
  std::string title;
  std::string description;
  std::string id;  ///< empty: made from the titles of the item and of those above it
  std::string role;
  std::string action;
  std::vector<std::string> resources;
  std::optional<domain::estimate> estimate;
  std::optional<std::int32_t> priority;
  std::vector<outline_wait> waits_for;
  std::size_t number = 0;  ///< as its author counted it among its siblings; 0: not at all
  bool done = false;
};

struct outline {
  std::string title;
  std::string goal;
  std::optional<domain::timestamp> start_date;
  std::vector<outline_item> items;  ///< document order
  std::vector<domain::team_role> team;
  std::vector<domain::plan_risk> risks;  ///< `tasks` are positions in `items`
  std::vector<domain::plan_assumption> assumptions;
  warning_list warnings;
};

/// "line 12", as problems name it.
std::string at_line(std::size_t line);

/// The text without a byte order mark; nothing, and a problem, where it is not UTF-8, holds a NUL or has too many
/// lines.
std::optional<std::string_view> readable_text(std::string_view bytes, problem_list& problems);

/// Adds what a hint says. What decides the order (an id, a dependency) must be right or is a problem; of the rest, what
/// cannot be read costs a warning: estimate_unreadable, priority_unreadable, action_unreadable, hint_twice.
void apply_hint(outline_item& item, hint given, std::size_t line, warning_list& warnings);

/// The plan, without id; sound only when `problems` stayed empty. Each problem's field is its line. Cycles among the
/// dependencies are problems too. Warnings it adds: already_done, role_not_in_team, title_cut.
domain::plan plan_of(outline outline, problem_list& problems);

}  // namespace planexe::plans
