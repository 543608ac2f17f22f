// What a server answers to the commands, read: its JSON, or, where it refuses, why. Any thread; throws for want of
// memory alone.
#pragma once

#include <nlohmann/json.hpp>

#include <string>

#include "apps/demo/http_client.hpp"
#include "apps/json_fields.hpp"

namespace planexe::answers {

using json = nlohmann::ordered_json;

/// The problem's own words, in one line.
inline std::string refusal_in(const demo::http_reply& reply, const json& body) {
  auto detail = fields::text_in(body, "detail");
  if (detail.empty()) detail = "the server answers " + std::to_string(reply.status);
  for (const auto& wrong : fields::list_in(body, "errors"))
    detail += "; " + fields::text_in(wrong, "field") + " " + fields::text_in(wrong, "message");
  if (reply.status == 401) detail += " (the key is taken from PLANEXE_API_KEY)";
  return detail;
}

inline result<json> body_of(const result<demo::http_reply>& reply) {
  if (!reply) return unexpected{reply.error()};
  auto body = json::parse(reply->body, nullptr, false);
  if (reply->ok() && !body.is_discarded()) return body;
  return unexpected{error{errc::io, refusal_in(*reply, body)}};
}

/// Where the next page of a list is, as a Link header says; empty: nowhere.
inline std::string next_page(const std::string& link) {
  const auto begin = link.find('<'), end = link.find('>');
  return begin == std::string::npos || end == std::string::npos ? "" : link.substr(begin + 1, end - begin - 1);
}

}  // namespace planexe::answers
