// Which words of a plan's text say what it is about. Rough English stems, because a risk says "permits delayed" where
// the task says "obtain permitting"; and the words that every plan is full of, which tell nothing.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace planexe::plans {

/// The stems of a text's words in order, repeated as often as they come; without numbers, single letters and words
/// such as "the" and "which".
std::vector<std::string> theme_words(std::string_view text);

/// Whether a stem belongs to the language of plans itself ("develop", "stakeholder", "delay"): it says less than any
/// other word, and never enough alone.
bool is_plan_language(std::string_view stem);

}  // namespace planexe::plans
