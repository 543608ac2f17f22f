#include "gateway/openapi/document.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <map>
#include <set>
#include <stdexcept>
#include <string>

#include "gateway/http/problem.hpp"

namespace planexe::gateway::openapi {
namespace {

using nlohmann::ordered_json;
using code_set = std::set<problem_code>;

[[noreturn]] void fail(const std::string& what) {
  throw std::runtime_error(what);
}

std::string_view name_of(access required) {
  switch (required) {
    case access::open:
      return "open";
    case access::viewer:
      return "viewer";
    case access::operator_:
      return "operator";
    case access::agent:
      return "agent";
    case access::own_record:
      return "own_record";
    case access::admin:
      break;
  }
  return "admin";
}

std::string lower(std::string_view token) {
  std::string text{token};
  for (auto& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  return text;
}

ordered_json reference(std::string_view kind, std::string_view name) {
  return {{"$ref", "#/components/" + std::string(kind) + "/" + std::string(name)}};
}

std::vector<std::string> parameters_of(std::string_view pattern) {
  std::vector<std::string> names;
  for (auto open = pattern.find('{'); open != std::string_view::npos; open = pattern.find('{', open + 1))
    names.emplace_back(pattern.substr(open + 1, pattern.find('}', open) - open - 1));
  return names;
}

/// Bearer or header; for streams a ticket as well. Nothing for what is open.
ordered_json security_of(const route& route) {
  auto ways = ordered_json::array();
  if (route.required == access::open) return ways;
  std::vector<const char*> schemes{"bearer", "api_key"};
  if (route.websocket) schemes.push_back("ticket");
  for (const auto* scheme : schemes) {
    auto way = ordered_json::object();
    way[scheme] = ordered_json::array();
    ways.push_back(std::move(way));
  }
  return ways;
}

/// What a route can meet by its very shape, and what its operation names beside that.
code_set codes_of(const route& route, const ordered_json& written) {
  using enum problem_code;
  code_set codes;
  if (route.pattern.starts_with("/api/") || route.required != access::open)
    codes.insert({malformed_request, unavailable});
  if (route.required != access::open) codes.insert({unauthenticated, forbidden, rate_limited});
  if (route.pattern.find('{') != std::string_view::npos) codes.insert(not_found);
  if (route.body_limit > 0) codes.insert({payload_too_large, unsupported_media_type, validation_failed});
  if (!written.contains("problems")) return codes;
  for (const auto& name : written["problems"]) {
    const auto code = problem_code_from(name.get<std::string>());
    if (!code) fail("there is no problem '" + name.get<std::string>() + "'");
    codes.insert(*code);
  }
  return codes;
}

/// One answer for each status: the codes that it can have.
void append_problems(ordered_json& responses, const code_set& codes) {
  std::map<unsigned, std::vector<problem_entry>> by_status;
  for (const auto code : codes) by_status[entry_of(code).status].push_back(entry_of(code));
  for (const auto& [status, entries] : by_status) {
    std::string said;
    auto names = ordered_json::array();
    for (const auto& entry : entries) {
      said.append(said.empty() ? "" : ", or ").append(entry.title).append(" (`").append(entry.name).append("`)");
      names.push_back(entry.name);
    }
    auto schema = reference("schemas", "problem");
    schema["properties"] = {{"status", {{"const", status}}}, {"code", {{"enum", names}}}};
    auto answer = ordered_json{{"description", said}};
    if (status == 401) answer["headers"]["WWW-Authenticate"] = reference("headers", "WWW-Authenticate");
    if (status == 429 || status == 503) answer["headers"]["Retry-After"] = reference("headers", "Retry-After");
    answer["content"]["application/problem+json"]["schema"] = std::move(schema);
    responses[std::to_string(status)] = std::move(answer);
  }
  responses["default"] = reference("responses", "problem");
}

/// Puts real bodies beside the schemas that describe them.
void append_examples(ordered_json& operation, const ordered_json& examples, const std::string& name) {
  if (!examples.contains(name)) return;
  const auto& real = examples[name];
  const auto put = [&](ordered_json& content, const ordered_json& value) {
    for (auto& [type, media] : content.items())
      if (type.find("json") != std::string::npos) media["example"] = value;
  };
  if (real.contains("request")) {
    if (!operation.contains("requestBody")) fail(name + " has an example of a body, but takes none");
    put(operation["requestBody"]["content"], real["request"]);
  }
  for (const auto& [status, value] : real.at("answers").items()) {
    if (!operation["responses"].contains(status)) fail(name + " has an example of " + status + ", but no such answer");
    put(operation["responses"][status]["content"], value);
  }
}

ordered_json operation_of(const route& route, const ordered_json& written, const std::string& tag,
                          const ordered_json& examples) {
  auto parameters = ordered_json::array();
  for (const auto& name : parameters_of(route.pattern)) parameters.push_back(reference("parameters", name));
  if (written.contains("parameters"))
    for (const auto& each : written["parameters"]) parameters.push_back(each);

  ordered_json operation{{"operationId", route.operation}, {"summary", route.summary}, {"tags", {tag}}};
  for (const auto& [member, value] : written.items())
    if (member != "parameters" && member != "problems") operation[member] = value;
  if (!parameters.empty()) operation["parameters"] = std::move(parameters);
  if (written.contains("requestBody") != (route.body_limit > 0))
    fail(std::string(route.operation) + ": the route's body limit and its requestBody do not agree");
  if (route.body_limit > 0) operation["x-body-limit"] = route.body_limit;
  append_problems(operation["responses"], codes_of(route, written));
  operation["x-required-role"] = name_of(route.required);
  operation["security"] = security_of(route);
  append_examples(operation, examples, std::string(route.operation));
  return operation;
}

ordered_json problem_codes() {
  std::string said = "| code | status | meaning |\n| --- | --- | --- |\n";
  auto names = ordered_json::array();
  for (const auto& entry : problem_table()) {
    names.push_back(entry.name);
    said.append("| `").append(entry.name).append("` | ").append(std::to_string(entry.status)).append(" | ");
    said.append(entry.title).append(" |\n");
  }
  return {{"type", "string"}, {"description", said}, {"enum", names}};
}

void merge_unique(ordered_json& into, const ordered_json& from, std::string_view what) {
  for (const auto& [name, value] : from.items()) {
    if (into.contains(name)) fail("there are two " + std::string(what) + " called '" + name + "'");
    into[name] = value;
  }
}

}  // namespace

ordered_json document_of(const ordered_json& frame, const std::vector<ordered_json>& subjects,
                         const ordered_json& examples, std::span<const route> routes, std::string_view version) {
  auto document = frame;
  document["info"]["version"] = version;
  document["tags"] = ordered_json::array();
  document["paths"] = ordered_json::object();
  // Apart, since a new member of an ordered object moves the others.
  auto schemas = frame.at("components").at("schemas");
  auto webhooks = ordered_json::object();
  schemas["problem_code"] = problem_codes();
  document["components"]["responses"]["problem"] = {
      {"description", "A problem that any request can meet"},
      {"content", {{"application/problem+json", {{"schema", reference("schemas", "problem")}}}}}};

  std::map<std::string, std::pair<ordered_json, std::string>, std::less<>> written;  // operation → its text, its tag
  for (const auto& subject : subjects) {
    const std::string tag = subject.at("tag");
    document["tags"].push_back({{"name", tag}, {"description", subject.at("description")}});
    merge_unique(schemas, subject.at("schemas"), "schemas");
    if (subject.contains("webhooks")) merge_unique(webhooks, subject["webhooks"], "webhooks");
    for (const auto& [name, operation] : subject.at("operations").items())
      if (!written.try_emplace(name, operation, tag).second) fail("operation '" + name + "' is described twice");
  }
  document["components"]["schemas"] = std::move(schemas);
  for (const auto& route : routes) {
    const auto found = written.find(route.operation);
    if (found == written.end()) fail("the route '" + std::string(route.operation) + "' is not described");
    auto& place = document["paths"][std::string(route.pattern)][lower(to_string(route.verb))];
    place = operation_of(route, found->second.first, found->second.second, examples);
    written.erase(found);
  }
  if (!written.empty()) fail("there is no route '" + written.begin()->first + "'");
  for (const auto& [name, unused] : examples.items()) {
    const auto known = [&name = name](const route& route) { return route.operation == name; };
    if (std::none_of(routes.begin(), routes.end(), known)) fail("an example is for '" + name + "', which is no route");
  }
  document["webhooks"] = std::move(webhooks);
  return document;
}

}  // namespace planexe::gateway::openapi
