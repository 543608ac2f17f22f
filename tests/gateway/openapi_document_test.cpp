// The OpenAPI document is put together from the route table and what is written by hand; what does not fit ends the
// build.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <stdexcept>

#include "gateway/http/problem.hpp"
#include "gateway/openapi/document.hpp"
#include "gateway/route_table.hpp"

namespace planexe::gateway {
namespace {

using json = nlohmann::ordered_json;

const json frame = {{"info", {{"title", "API"}}}, {"components", {{"schemas", json::object()}}}};

json subject(const json& operations) {
  return {{"tag", "Things"}, {"description", "All of them"}, {"operations", operations}, {"schemas", json::object()}};
}

json good_answer(const char* status = "200") {
  return {{"responses", {{status, {{"description", "It"}, {"content", {{"application/json", json::object()}}}}}}}};
}

constexpr route get_thing{"get_thing", method::get, "/api/things/{thing_id}", access::viewer,
                          0,           false,       "Look at a thing"};
constexpr route make_thing{"make_thing", method::post, "/api/things", access::operator_, 1024, false, "Make a thing"};

json with_body(json operation) {
  operation["requestBody"] = {{"content", {{"application/json", json::object()}}}};
  return operation;
}

json document(const std::vector<route>& routes, const json& operations, const json& examples = json::object()) {
  return openapi::document_of(frame, {subject(operations)}, examples, routes, "1.2.3");
}

std::string refusal(const std::vector<route>& routes, const json& operations, const json& examples = json::object()) {
  try {
    (void)document(routes, operations, examples);
  } catch (const std::runtime_error& wrong) {
    return wrong.what();
  }
  return {};
}

}  // namespace

TEST_CASE("what the route table knows is taken from it") {
  const auto made =
      document({get_thing, make_thing}, {{"make_thing", with_body(good_answer("201"))}, {"get_thing", good_answer()}});
  CHECK(made["info"]["version"] == "1.2.3");
  const auto& look = made["paths"]["/api/things/{thing_id}"]["get"];
  CHECK(look["operationId"] == "get_thing");
  CHECK(look["summary"] == "Look at a thing");
  CHECK(look["x-required-role"] == "viewer");
  CHECK(look["security"].size() == 2);
  CHECK(look["parameters"][0]["$ref"] == "#/components/parameters/thing_id");
  CHECK(made["paths"]["/api/things"]["post"]["x-body-limit"] == 1024);
}

TEST_CASE("an answer for each status names the problems that the route can meet") {
  auto written = with_body(good_answer("201"));
  written["problems"] = {"already_exists", "lease_lost"};
  const auto made = document({make_thing}, {{"make_thing", written}});
  const auto& answers = made["paths"]["/api/things"]["post"]["responses"];
  const auto codes = [&](const char* status) {
    return answers[status]["content"]["application/problem+json"]["schema"]["properties"]["code"]["enum"];
  };
  CHECK(codes("409") == json({"lease_lost", "already_exists"}));
  CHECK(codes("413") == json({"payload_too_large"}));
  CHECK(answers["503"]["headers"].contains("Retry-After"));
  CHECK_FALSE(answers.contains("404"));
  CHECK(answers.contains("default"));
  CHECK(made["components"]["schemas"]["problem_code"]["enum"].size() == problem_table().size());
}

TEST_CASE("a route that is not described and an operation without a route end the build") {
  CHECK(refusal({get_thing}, json::object()) == "the route 'get_thing' is not described");
  CHECK(refusal({}, {{"get_thing", good_answer()}}) == "there is no route 'get_thing'");
  CHECK(refusal({get_thing}, {{"get_thing", good_answer()}}).empty());
}

TEST_CASE("what contradicts the tables ends the build") {
  CHECK_FALSE(refusal({get_thing}, {{"get_thing", with_body(good_answer())}}).empty());
  CHECK_FALSE(refusal({make_thing}, {{"make_thing", good_answer()}}).empty());
  auto unknown = good_answer();
  unknown["problems"] = {"bad_luck"};
  CHECK(refusal({get_thing}, {{"get_thing", unknown}}) == "there is no problem 'bad_luck'");
  CHECK_FALSE(refusal({get_thing}, {{"get_thing", good_answer()}}, {{"no_thing", {{"answers", {}}}}}).empty());
  CHECK_FALSE(
      refusal({get_thing}, {{"get_thing", good_answer()}}, {{"get_thing", {{"answers", {{"201", 1}}}}}}).empty());
}

TEST_CASE("examples stand beside the schemas of JSON") {
  const json examples = {{"get_thing", {{"answers", {{"200", {{"name", "x"}}}}}}}};
  const auto made = document({get_thing}, {{"get_thing", good_answer()}}, examples);
  const auto& media = made["paths"]["/api/things/{thing_id}"]["get"]["responses"]["200"]["content"]["application/json"];
  CHECK(media["example"]["name"] == "x");
}

}  // namespace planexe::gateway
