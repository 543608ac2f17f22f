// UTF-8 as RFC 3629 allows it: no overlong forms, no surrogates, nothing past U+10FFFF. Pure, any thread.
#pragma once

#include <cstddef>
#include <string_view>

namespace planexe::gateway {

/// Length of the valid UTF-8 sequence at the start of `text`; 0 when there is none.
std::size_t utf8_sequence_length(std::string_view text) noexcept;

bool is_utf8(std::string_view text) noexcept;

}  // namespace planexe::gateway
