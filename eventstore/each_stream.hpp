// Goes through the streams of a log, some at a time. Any thread that may read the log.
#pragma once

#include <functional>

#include "eventstore/event_log.hpp"

namespace planexe::eventstore {

/// Gives every stream, in the order in which they began, until one is refused; that, or what the log answers where it
/// cannot be listed, is the error.
inline result<void> each_stream(const event_log& log, const std::function<result<void>(const listed_stream&)>& take) {
  constexpr std::size_t chunk = 1'000;  // bounds what is in memory of a long list
  std::uint64_t number = 0;
  while (true) {
    const auto streams = log.list_streams(number, chunk);
    if (!streams) return unexpected{streams.error()};
    for (const auto& each : *streams) {
      number = each.number;
      if (auto taken = take(each); !taken) return taken;
    }
    if (streams->size() < chunk) return {};
  }
}

}  // namespace planexe::eventstore
