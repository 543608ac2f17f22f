#include "gateway/json/parse_agent.hpp"

#include <array>

#include "gateway/json/body_fields.hpp"
#include "gateway/json/parse_query.hpp"

namespace planexe::gateway {
namespace {

constexpr std::size_t max_params_bytes = 64 * 1024;  // what an agent can do is said in a page
constexpr std::size_t max_url_bytes = 2048;          // what proxies and browsers agree on

std::vector<domain::capability> read_capabilities(body_fields& fields) {
  std::vector<domain::capability> capabilities;
  const auto list = fields.array("capabilities");
  if (!list) return capabilities;
  if (const auto count = list->size(); count == 0 || count > max_list_items) {
    fields.wrong("capabilities", "must have 1 to " + std::to_string(max_list_items) + " items");
    return capabilities;
  }
  std::size_t place = 0;
  list->each_element([&](json_document::value element) {
    const auto path = fields.path_of("capabilities[" + std::to_string(place++) + "]");
    if (!element.is(json_kind::object)) return fields.errors().add(path, "must be an object");
    body_fields item(element, path + ".", fields.errors());
    item.require("action");
    domain::capability capability{item.text("action", max_name_bytes), item.json_object("params", max_params_bytes)};
    if (capability.action.empty() && item.has("action")) item.wrong("action", "must be a string that is not empty");
    item.refuse_unknown();
    capabilities.push_back(std::move(capability));
  });
  return capabilities;
}

std::optional<std::uint32_t> read_concurrency(body_fields& fields) {
  const auto count = fields.whole("max_concurrent_tasks", {1, max_concurrent_tasks_limit});
  return count ? std::optional{static_cast<std::uint32_t>(*count)} : std::nullopt;
}

/// `role` and `roles` are two ways to say the same.
std::vector<std::string> read_roles(body_fields& fields) {
  auto roles = fields.texts("roles", max_name_bytes);
  auto role = fields.text("role", max_name_bytes);
  if (fields.has("role") && fields.has("roles"))
    fields.wrong("role", "cannot be given together with roles");
  else if (!fields.has("role") && !fields.has("roles"))
    fields.wrong("roles", "is required, unless role is given");
  if (!role.empty()) roles.push_back(std::move(role));
  return roles;
}

std::string read_webhook(body_fields& fields) {
  auto url = fields.text("webhook_url", max_url_bytes);
  const auto starts = [&url](std::string_view scheme) { return url.size() > scheme.size() && url.starts_with(scheme); };
  if (!url.empty() && !starts("https://") && !starts("http://"))
    fields.wrong("webhook_url", "must begin with https:// or http://");
  return url;
}

}  // namespace

expected<register_agent_request, problem> parse_register_agent(std::string_view body) {
  static constexpr std::array<std::string_view, 3> kinds{"ai", "human", "service"};
  const auto document = parse_object(body);
  if (!document) return unexpected{document.error()};
  field_errors errors;
  body_fields fields(document->root(), "", errors);
  register_agent_request request;
  request.agent = fields.id<domain::agent_id>("agent_id");
  auto& profile = request.profile;
  fields.require("name");
  profile.name = fields.text("name", max_name_bytes);
  if (const auto name = fields.find("name"); name && name->is(json_kind::text) && name->text().empty())
    fields.wrong("name", "must not be empty");
  profile.kind = static_cast<domain::agent_kind>(fields.word("kind", kinds).value_or(0));
  profile.roles = read_roles(fields);
  fields.require("capabilities");
  profile.capabilities = read_capabilities(fields);
  profile.max_concurrent_tasks = read_concurrency(fields).value_or(1);
  profile.webhook_url = read_webhook(fields);
  request.issue_key = fields.boolean("issue_key").value_or(false);
  fields.refuse_unknown();
  if (!errors.empty()) return unexpected{std::move(errors).to_problem()};
  return request;
}

expected<domain::change_agent, problem> parse_patch_agent(std::string_view body) {
  static constexpr std::array<std::string_view, 3> standings{"active", "paused", "retired"};
  const auto document = parse_object(body);
  if (!document) return unexpected{document.error()};
  field_errors errors;
  body_fields fields(document->root(), "", errors);
  domain::change_agent request;
  if (const auto word = fields.word("status", standings)) request.standing = static_cast<domain::agent_standing>(*word);
  if (fields.has("roles")) request.roles = fields.texts("roles", max_name_bytes);
  if (fields.has("capabilities")) request.capabilities = read_capabilities(fields);
  request.max_concurrent_tasks = read_concurrency(fields);
  if (fields.has("webhook_url")) request.webhook_url = read_webhook(fields);
  const bool nothing = !fields.has("status") && !request.roles && !request.capabilities &&
                       !fields.has("max_concurrent_tasks") && !request.webhook_url;
  if (nothing) fields.wrong("status", "is required, unless something else is changed");
  fields.refuse_unknown();
  if (!errors.empty()) return unexpected{std::move(errors).to_problem()};
  return request;
}

namespace {

expected<work_request, problem> read_work_body(std::string_view body, work_request request) {
  const auto document = parse_object(body);
  if (!document) return unexpected{document.error()};
  field_errors errors;
  body_fields fields(document->root(), "", errors);
  if (const auto seconds = fields.number("wait", {0, longest_wait_seconds})) request.wait = domain::seconds(*seconds);
  if (const auto limit = fields.whole("limit", {1, max_page})) request.limit = static_cast<std::uint32_t>(*limit);
  if (fields.has("supported_actions")) request.supported_actions = fields.texts("supported_actions", max_name_bytes);
  if (fields.has("request_id")) request.request_id = fields.text("request_id", max_name_bytes);
  fields.refuse_unknown();
  if (!errors.empty()) return unexpected{std::move(errors).to_problem()};
  return request;
}

}  // namespace

expected<work_request, problem> parse_work_request(const request& request) {
  query_reader query(request);
  work_request work;
  work.wait = query.wait();
  work.limit = query.limit(1);
  work.supported_actions = query.list("supported_actions");
  work.request_id = query.text("request_id", max_name_bytes);
  if (auto wrong = query.failure()) return unexpected{std::move(*wrong)};
  if (request.verb != method::post || request.body.empty()) return work;
  return read_work_body(request.body, std::move(work));
}

}  // namespace planexe::gateway
