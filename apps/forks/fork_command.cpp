#include "apps/forks/fork_command.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <exception>
#include <random>

#include "apps/named_file.hpp"
#include "apps/server_answers.hpp"
#include "apps/terminal/failure.hpp"
#include "apps/terminal/text.hpp"
#include "domain/ids.hpp"

namespace planexe::forks {
namespace {

using answers::json;
using fields::text_in;

constexpr int exit_done = 0, exit_problem = 1;
constexpr std::chrono::seconds request_timeout{60};

void tell(std::ostream& err, std::string_view message) {
  err << terminal::printable(message) << '\n';
}

result<json> body_of(const fork_order& order) {
  json body{{"at_seq", order.at_seq}};
  if (order.title) body["title"] = *order.title;
  if (order.agent) body["agent_id"] = *order.agent;
  if (order.any_agent) body["agent_id"] = nullptr;
  if (order.priority) body["priority"] = *order.priority;
  if (!order.reason.empty()) body["reason"] = order.reason;
  if (order.options.empty()) return body;
  auto options = json::parse(order.options, nullptr, false);
  if (!options.is_object()) return unexpected{error{errc::invalid, "--options is not a JSON object"}};
  body["options"] = std::move(options);
  return body;
}

/// With a key a request whose answer was lost can be sent again without making two.
std::string drawn_key() {
  std::random_device device;
  return "fork-" + std::to_string(device()) + "-" + std::to_string(device());
}

int tell_refusal(const demo::http_reply& reply, bool as_json, std::ostream& out, std::ostream& err) {
  terminal::put_failure(answers::refusal_of(reply), as_json, out);
  const auto problem = json::parse(reply.body, nullptr, false);
  auto detail = text_in(problem, "detail");
  if (detail.empty()) detail = "the server answers " + std::to_string(reply.status);
  tell(err, detail);
  for (const auto& wrong : fields::list_in(problem, "errors"))
    tell(err, "  " + text_in(wrong, "field") + " " + text_in(wrong, "message"));
  if (reply.status == 401) tell(err, "the key is taken from PLANEXE_API_KEY");
  return exit_problem;
}

int send(const fork_order& order, const demo::endpoint& server, const json& body, std::ostream& out,
         std::ostream& err) {
  demo::http_client client{server, request_timeout};
  const auto reply =
      client.request("POST", "/api/executions/" + order.execution + "/fork",
                     body.dump(-1, ' ', true, json::error_handler_t::replace), {{"Idempotency-Key", drawn_key()}});
  if (!reply) return terminal::fail(reply.error(), order.json, out, err);
  if (!reply->ok()) return tell_refusal(*reply, order.json, out, err);
  const auto made = json::parse(reply->body, nullptr, false);
  const auto id = text_in(made, "execution_id");
  if (id.empty()) return terminal::fail({errc::io, "the server's answer names no execution"}, order.json, out, err);
  if (order.json) {
    out << made.dump(2, ' ', true, json::error_handler_t::replace) << '\n';
    return exit_done;
  }
  tell(err, "'" + text_in(made, "title") + "' as it was at " + std::to_string(order.at_seq) + ", " +
                text_in(made, "status") + " until somebody lets it go on:");
  tell(out, id);
  return exit_done;
}

std::optional<error> wrong_in(const fork_order& order) {
  if (auto none = answers::no_such_file(order.execution)) return none;
  if (answers::looks_like_file(order.execution))
    return error{errc::invalid, "'" + order.execution +
                                    "' is a file; a fork begins from an execution of a server, and import-log takes a "
                                    "file into one's data folder"};
  if (!domain::is_valid_id(order.execution)) return error{errc::invalid, "'" + order.execution + "' is not an id"};
  return std::nullopt;
}

}  // namespace

int run_fork(const fork_order& order, std::ostream& out, std::ostream& err) {
  try {
    const auto wrong = wrong_in(order);
    if (wrong) return terminal::fail(*wrong, order.json, out, err);
    const auto server = answers::server_at(order.url);
    if (!server) return terminal::fail(server.error(), order.json, out, err);
    const auto body = body_of(order);
    if (!body) return terminal::fail(body.error(), order.json, out, err);
    return send(order, *server, *body, out, err);
  } catch (const std::exception& unforeseen) {  // memory
    return terminal::fail({errc::io, unforeseen.what()}, order.json, out, err);
  }
}

}  // namespace planexe::forks
