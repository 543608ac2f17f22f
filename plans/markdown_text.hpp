// What a line of Markdown says without its marks: emphasis, code, links, images, footnotes, HTML tags and entities
// become plain text. Pure; linear in the line's length, for no mark is looked for twice.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <unordered_set>

namespace planexe::plans {

/// Longer lines are data, not prose, and stay as they are.
inline constexpr std::size_t max_marked_line_bytes = 16 * 1024;

/// Labels of link definitions ("[guide]: https://…"), lower case.
using link_labels = std::unordered_set<std::string>;

/// The label a line defines, or empty when the line is no definition.
std::string defined_label(std::string_view line);

/// One line as text, white space and control characters made single spaces. `[text][label]` is a link where the label
/// is one of `labels`; other brackets stay.
std::string plain_text(std::string_view line, const link_labels& labels);

}  // namespace planexe::plans
