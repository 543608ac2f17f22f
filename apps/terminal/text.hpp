// Text that came from a plan or an agent, made safe and of known width for a terminal. Pure, any thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace planexe::terminal {

/// `text` without control characters, escape sequences, bidirectional marks and overrides, and invalid UTF-8.
std::string printable(std::string_view text);

/// Columns that a terminal gives the text: two for most of East Asia and for emoji, none for combining marks.
std::size_t columns_of(std::string_view text);

/// Printable, in at most `width` columns; a cut is shown by an ellipsis.
std::string cut(std::string_view text, std::size_t width);

/// The same, with blanks up to `width`: behind it, or in front of it.
std::string padded(std::string_view text, std::size_t width);
std::string right_aligned(std::string_view text, std::size_t width);

/// `1234567` as `1,234,567`.
std::string grouped(std::uint64_t number);

/// `1 event`, `1,234 events`. Without `many`, that is `one` with an s.
std::string counted(std::uint64_t number, std::string_view one, std::string_view many = {});

/// Printable, broken between words into lines of at most `width` columns. `label` stands before the first one and
/// leaves as many blanks before the others; what is beyond the last line is cut.
std::vector<std::string> wrapped(std::string_view label, std::string_view text, std::size_t width,
                                 std::size_t most_lines);

}  // namespace planexe::terminal
