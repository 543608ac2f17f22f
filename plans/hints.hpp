// What people write beside a task: "owner: Ann", "(2-5 days, after: Survey)", "@ann". Pure functions of the text that
// is given, linear in its length.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/plan.hpp"

namespace planexe::plans {

/// What a word before a colon stands for. Those from `severity` on belong to risks and assumptions.
enum class hint_kind : std::uint8_t {
  owner,
  estimate,
  waits_for,
  action,
  priority,
  id,
  resources,
  description,
  severity,
  likelihood,
  mitigation,
  impact,
  test,
};

struct hint {
  hint_kind kind = hint_kind::owner;
  std::string value;
  friend bool operator==(const hint&, const hint&) = default;
};

struct hint_word {
  std::string_view word;  ///< lower case
  hint_kind kind;
  bool within = false;  ///< also understood in the middle of a line, where any word may be the author's own
};

/// The words of a task's hints.
std::span<const hint_word> task_hint_words();
/// The words of a risk's or an assumption's.
std::span<const hint_word> risk_hint_words();

/// What the word stands for, alone: of a column of a table; nothing when it is none of ours.
std::optional<hint_kind> hint_of_word(std::string_view word, std::span<const hint_word> words);

/// A whole line "word: value", or "@ann", or an estimate alone; nothing when the line is something else.
std::optional<hint> hint_line(std::string_view line, std::span<const hint_word> words);

/// Takes the hints off the end of a line and leaves its title: groups in (), [] or {} that hold nothing but hints,
/// then "@ann", then everything from the first known word with a colon behind it.
std::vector<hint> take_hints(std::string& title, std::span<const hint_word> words);

/// Days of 8 hours, weeks of 5 days, months of 20: "2d", "4 h", "1w", "2-5 days" (the middle is realistic),
/// "1-2-4 days". Nothing when it is no such thing, or not in order.
std::optional<domain::estimate> estimate_from(std::string_view text);

/// A whole number, or a word: critical 20, high 10, medium or normal 0, low -10.
std::optional<std::int32_t> priority_from(std::string_view text);

/// One word of letters, digits, '_', '.', '-'; or one of the published actions written with spaces ("send email").
std::optional<std::string> action_from(std::string_view text);

/// Lower case and single spaces, ASCII letters only: how titles are compared where their case is not.
std::string folded(std::string_view text);

}  // namespace planexe::plans
