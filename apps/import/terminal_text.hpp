// Text that came from a plan, made safe and of known width for a terminal.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace planexe::importing {

/// Columns that a terminal gives the text: two for most of East Asia and for emoji, none for combining marks.
std::size_t columns_of(std::string_view text);

/// Without control characters, escape sequences, bidirectional overrides and invalid UTF-8, in at most `width` columns;
/// a cut is shown by an ellipsis.
std::string cut(std::string_view text, std::size_t width);

/// The same, with blanks up to `width`: behind it, or in front of it.
std::string padded(std::string_view text, std::size_t width);
std::string right_aligned(std::string_view text, std::size_t width);

}  // namespace planexe::importing
