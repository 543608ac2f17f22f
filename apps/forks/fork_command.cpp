#include "apps/forks/fork_command.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <exception>
#include <random>

#include "apps/demo/http_client.hpp"
#include "apps/json_fields.hpp"
#include "apps/terminal/text.hpp"
#include "domain/ids.hpp"

namespace planexe::forks {
namespace {

using json = nlohmann::ordered_json;
using fields::text_in;

constexpr int exit_done = 0, exit_problem = 1, exit_usage = 2;
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

void tell_refusal(const demo::http_reply& reply, std::ostream& err) {
  const auto problem = json::parse(reply.body, nullptr, false);
  auto detail = text_in(problem, "detail");
  if (detail.empty()) detail = "the server answers " + std::to_string(reply.status);
  tell(err, detail);
  for (const auto& wrong : fields::list_in(problem, "errors"))
    tell(err, "  " + text_in(wrong, "field") + " " + text_in(wrong, "message"));
  if (reply.status == 401) tell(err, "the key is taken from PLANEXE_API_KEY");
}

int send(const fork_order& order, const demo::endpoint& server, const json& body, std::ostream& out,
         std::ostream& err) {
  demo::http_client client{server, request_timeout};
  const auto reply =
      client.request("POST", "/api/executions/" + order.execution + "/fork",
                     body.dump(-1, ' ', true, json::error_handler_t::replace), {{"Idempotency-Key", drawn_key()}});
  if (!reply) {
    tell(err, reply.error().detail);
    return exit_problem;
  }
  if (!reply->ok()) {
    tell_refusal(*reply, err);
    return exit_problem;
  }
  const auto made = json::parse(reply->body, nullptr, false);
  const auto id = text_in(made, "execution_id");
  if (id.empty()) {
    tell(err, "the server's answer names no execution");
    return exit_problem;
  }
  if (order.json) {
    out << made.dump(2, ' ', true, json::error_handler_t::replace) << '\n';
    return exit_done;
  }
  tell(err, "'" + text_in(made, "title") + "' as it was at " + std::to_string(order.at_seq) + ", " +
                text_in(made, "status") + " until somebody lets it go on:");
  tell(out, id);
  return exit_done;
}

}  // namespace

int run_fork(const fork_order& order, std::ostream& out, std::ostream& err) {
  try {
    if (!domain::is_valid_id(order.execution)) {
      tell(err, "'" + order.execution + "' is not an id");
      return exit_usage;
    }
    const auto server = demo::endpoint_at(order.url);
    if (!server) {
      tell(err, "--url: '" + order.url + "' is not of the form http://host:port");
      return exit_usage;
    }
    const auto body = body_of(order);
    if (!body) {
      tell(err, body.error().detail);
      return exit_usage;
    }
    return send(order, *server, *body, out, err);
  } catch (const std::exception& unforeseen) {  // memory
    tell(err, unforeseen.what());
    return exit_problem;
  }
}

}  // namespace planexe::forks
