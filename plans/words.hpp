// The little this room knows about text: words, plurals, UTF-8. ASCII rules; other letters are kept as they are.
#pragma once

#include <algorithm>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace planexe::plans {

/// Runs of letters and digits, lower case: "Set-Up, the R&D" gives set, up, the, r, d.
std::vector<std::string> words(std::string_view text);

/// Whether `list`, words with one space between them, holds `word`.
bool holds_word(std::string_view list, std::string_view word);

/// Calls `visit` with each word of a list as above.
template <typename visitor>
void for_each_word(std::string_view list, visitor&& visit) {
  for (std::size_t at = 0; at < list.size();) {
    const std::size_t end = std::min(list.find(' ', at), list.size());
    visit(list.substr(at, end - at));
    at = end + 1;
  }
}

/// A word without its plural ending: permits → permit, agencies → agency, but analysis and process stay.
std::string singular(std::string word);

/// Without white space at either end.
std::string_view trimmed(std::string_view text);

/// At most `max_bytes` of the text, cut between two characters, with "…" where something was cut.
std::string clipped(std::string_view text, std::size_t max_bytes);

/// Whether the bytes are UTF-8 as RFC 3629 has it (no surrogates, no overlong forms).
bool is_utf8(std::string_view bytes);

/// Whether `text` begins with `prefix`, ASCII case aside.
bool begins_with(std::string_view text, std::string_view prefix);

}  // namespace planexe::plans
