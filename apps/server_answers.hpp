// What a server answers to the commands, read: its JSON, or, where it refuses, why. Any thread; throws for want of
// memory alone.
#pragma once

#include <nlohmann/json.hpp>

#include <string>

#include "apps/demo/http_client.hpp"
#include "apps/json_fields.hpp"
#include "apps/usual_server.hpp"

namespace planexe::answers {

using json = nlohmann::ordered_json;

/// The server that `--url` names.
inline result<demo::endpoint> server_at(const std::string& url) {
  const auto server = demo::endpoint_at(url);
  if (server) return *server;
  return unexpected{error{errc::invalid, "--url: '" + url + "' is not of the form http://host:port"}};
}

/// A problem's own words, in one line.
inline std::string refusal_in(const demo::http_reply& reply, const json& body) {
  auto detail = fields::text_in(body, "detail");
  if (detail.empty()) detail = "the server answers " + std::to_string(reply.status);
  for (const auto& wrong : fields::list_in(body, "errors"))
    detail += "; " + fields::text_in(wrong, "field") + " " + fields::text_in(wrong, "message");
  if (reply.status == 401) detail += " (the key is taken from PLANEXE_API_KEY)";
  return detail;
}

/// Why a server did not do what it was asked.
inline error refusal_of(const demo::http_reply& reply) {
  const auto code = reply.status == 404   ? errc::not_found
                    : reply.status == 409 ? errc::conflict
                    : reply.status == 413 ? errc::too_large
                                          : errc::io;
  return {code, refusal_in(reply, json::parse(reply.body, nullptr, false))};
}

inline result<json> body_of(const result<demo::http_reply>& reply) {
  if (!reply) return unexpected{reply.error()};
  if (!reply->ok()) return unexpected{refusal_of(*reply)};
  auto body = json::parse(reply->body, nullptr, false);
  if (body.is_discarded()) return unexpected{error{errc::corrupt, "what the server answers is not JSON"}};
  return body;
}

/// Where the next page of a list is, as a Link header says: a path on the same server; empty: nowhere.
inline std::string next_page(const std::string& link) {
  const auto open = link.find('<'), close = link.find('>', open == std::string::npos ? 0 : open);
  if (open == std::string::npos || close == std::string::npos || link.find("rel=\"next\"") == std::string::npos)
    return "";
  auto target = link.substr(open + 1, close - open - 1);
  if (const auto scheme = target.find("://"); scheme != std::string::npos) {
    const auto slash = target.find('/', scheme + 3);
    target = slash == std::string::npos ? "" : target.substr(slash);
  }
  return target;
}

}  // namespace planexe::answers
