#include "apps/keys/keys_command.hpp"

#include <chrono>
#include <exception>
#include <functional>

#include "actors/id_source.hpp"
#include "apps/keys/key_folder.hpp"
#include "apps/server_answers.hpp"
#include "apps/terminal/failure.hpp"
#include "apps/terminal/text.hpp"
#include "gateway/auth/key_text.hpp"
#include "gateway/http/utf8.hpp"
#include "gateway/json/parse_key.hpp"

namespace planexe::keys {
namespace {

using answers::body_of;
using answers::json;
using answers::next_page;
using fields::text_in;

constexpr int exit_done = 0;
constexpr std::chrono::seconds request_timeout{60};
constexpr double hours_a_day = 24;
constexpr double longest_life_days = 3'660;  // as the server: ten years

domain::timestamp wall_clock() {
  return std::chrono::floor<domain::milliseconds>(std::chrono::system_clock::now());
}

void tell(std::ostream& err, std::string_view message) {
  err << terminal::printable(message) << '\n';
}

json as_json(const domain::api_key& key, domain::timestamp now, std::string_view text = {}) {
  std::string body;
  gateway::render_key(body, key, now, {}, text);
  return json::parse(body);
}

result<json> create_in_folder(const keys_order& order) {
  const auto now = wall_clock();
  const auto role = domain::key_role_named(order.role);
  if (!role) return unexpected{error{errc::invalid, "--role is admin, operator, viewer or agent"}};
  const auto text = gateway::draw_key();
  domain::create_key wanted{.id = actors::id_source{}.next_id("key", now),
                            .name = order.name,
                            .role = *role,
                            .agent = {order.agent},
                            .digest = gateway::secret_digest(text),
                            .expires_at = {}};
  if (order.expires_days) wanted.expires_at = now + domain::hours(*order.expires_days * hours_a_day);
  const auto key = change_key_folder(order.data_folder, wanted, order.actor, now);
  if (!key) return unexpected{key.error()};
  return as_json(*key, now, text);
}

result<json> run_in_folder(const keys_order& order) {
  const auto now = wall_clock();
  switch (order.what) {
    case keys_order::verb::create:
      return create_in_folder(order);
    case keys_order::verb::revoke: {
      const auto key = change_key_folder(order.data_folder, domain::revoke_key{order.key_id}, order.actor, now);
      if (!key) return unexpected{key.error()};
      return as_json(*key, now);
    }
    case keys_order::verb::list:
      break;
  }
  const auto ring = read_key_folder(order.data_folder);
  if (!ring) return unexpected{ring.error()};
  auto list = json::array();
  for (auto at = ring->keys.rbegin(); at != ring->keys.rend(); ++at) list.push_back(as_json(at->second, now));
  return list;
}

result<json> list_at(demo::http_client& client) {
  auto list = json::array();
  for (std::string path = "/api/keys?limit=1000"; !path.empty();) {
    const auto reply = client.request("GET", path);
    auto page = body_of(reply);
    if (!page) return page;
    for (auto& each : *page) list.push_back(std::move(each));
    path = next_page(reply->link);
  }
  return list;
}

result<json> run_at_server(const keys_order& order) {
  const auto server = answers::server_at(order.url);
  if (!server) return unexpected{server.error()};
  demo::http_client client{*server, request_timeout};
  switch (order.what) {
    case keys_order::verb::create: {
      json wanted{{"role", order.role}};
      if (!order.name.empty()) wanted["name"] = order.name;
      if (!order.agent.empty()) wanted["agent_id"] = order.agent;
      if (order.expires_days) wanted["expires_in_days"] = *order.expires_days;
      return body_of(client.request("POST", "/api/keys", wanted.dump(-1, ' ', true, json::error_handler_t::replace)));
    }
    case keys_order::verb::revoke:
      return body_of(client.request("DELETE", "/api/keys/" + order.key_id));
    case keys_order::verb::list:
      break;
  }
  return list_at(client);
}

void show_list(const json& list, std::ostream& out) {
  constexpr std::size_t id_width = 31, role_width = 9, status_width = 8, name_width = 24;
  for (const auto& key : list) {
    out << terminal::padded(text_in(key, "key_id"), id_width) << terminal::padded(text_in(key, "role"), role_width)
        << terminal::padded(text_in(key, "status"), status_width) << terminal::padded(text_in(key, "name"), name_width);
    if (const auto agent = text_in(key, "agent_id"); !agent.empty()) out << " agent " << terminal::printable(agent);
    if (const auto end = text_in(key, "expires_at"); !end.empty()) out << " until " << terminal::printable(end);
    out << '\n';
  }
}

void show(const keys_order& order, const json& answer, std::ostream& out, std::ostream& err) {
  if (order.json) {
    out << answer.dump(2, ' ', true, json::error_handler_t::replace) << '\n';
    return;
  }
  switch (order.what) {
    case keys_order::verb::list:
      return show_list(answer, out);
    case keys_order::verb::revoke:
      return tell(out, "revoked " + text_in(answer, "key_id"));
    case keys_order::verb::create:
      break;
  }
  tell(err, text_in(answer, "key_id") + ", a key of the role " + text_in(answer, "role") + " for '" +
                text_in(answer, "name") + "'; it is shown this once:");
  tell(out, text_in(answer, "key"));
}

std::optional<std::string> wrong_in(const keys_order& order) {
  if (order.what == keys_order::verb::revoke && !domain::is_valid_id(order.key_id))
    return "'" + order.key_id + "' is not the id of a key";
  if (!gateway::is_utf8(order.name)) return "--name is not UTF-8";
  if (order.expires_days && !(*order.expires_days > 0 && *order.expires_days <= longest_life_days))
    return "--expires-days is a number over 0 and up to 3660";
  return std::nullopt;
}

}  // namespace

int run_keys(const keys_order& order, std::ostream& out, std::ostream& err) {
  try {
    if (const auto wrong = wrong_in(order)) return terminal::fail({errc::invalid, *wrong}, order.json, out, err);
    const auto answer = order.data_folder.empty() ? run_at_server(order) : run_in_folder(order);
    if (!answer) return terminal::fail(answer.error(), order.json, out, err);
    show(order, *answer, out, err);
    return exit_done;
  } catch (const std::exception& unforeseen) {  // memory
    return terminal::fail({errc::io, unforeseen.what()}, order.json, out, err);
  }
}

}  // namespace planexe::keys
