// Lists in pages. Private to gateway/actor_bridge.
#pragma once

#include <cstdint>

#include "gateway/actor_bridge/core.hpp"
#include "gateway/json/parse_query.hpp"

namespace planexe::gateway {

/// Sorts as the newest does first: later times give smaller texts. The id makes it unique.
inline std::string newest_first(domain::timestamp at, const std::string& id) {
  const auto backwards =
      static_cast<std::uint64_t>(INT64_MAX) - static_cast<std::uint64_t>(at.time_since_epoch().count());
  auto digits = std::to_string(backwards);
  std::string inverted_id = id;
  for (auto& c : inverted_id) c = static_cast<char>(~static_cast<unsigned char>(c));
  return std::string(20 - digits.size(), '0') + digits + inverted_id;
}

inline response page_response(const request_head& head, std::string text, const std::string& next) {
  auto answer = json_response(200, std::move(text));
  if (!next.empty()) answer.headers.emplace_back("Link", next_page_link(head, next));
  return answer;
}

}  // namespace planexe::gateway
