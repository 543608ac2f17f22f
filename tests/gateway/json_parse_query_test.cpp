// What queries and polls ask for.
#include <doctest/doctest.h>

#include <chrono>
#include <random>

#include "gateway/http/target.hpp"
#include "gateway/json/parse_agent.hpp"
#include "gateway/json/parse_query.hpp"
#include "tests/gateway/json_fixtures.hpp"

namespace planexe::gateway {
namespace {

using names = std::set<std::string>;
using std::chrono::milliseconds;

request asked(std::string_view query, method verb = method::get, std::string body = {}) {
  request request;
  request.verb = verb;
  request.path = "/api/things";
  auto parameters = parse_query(query);
  REQUIRE(parameters);
  request.query_parameters = std::move(*parameters);
  request.body = std::move(body);
  return request;
}

/// The 400 that reading leaves behind names these.
template <class Read>
names wrong_in(std::string_view query, Read&& read) {
  const auto request = asked(query);
  query_reader reader(request);
  read(reader);
  const auto failure = reader.failure();
  if (!failure) return {};
  CHECK(failure->code == problem_code::malformed_request);
  return tests::fields_of(*failure);
}

}  // namespace

TEST_CASE("a query says how many, how long, in which order and from where") {
  const auto request = asked(
      "limit=7&wait=0.25&order=asc&flat=true&after_seq=12&at=2026-01-31T09:05:07.25Z&status=RUNNING"
      "&agent_id=a1&supported_actions=a,,b&request_id=r&cursor=" +
      encode_cursor("place/7"));
  query_reader query(request);
  CHECK(query.limit() == 7);
  CHECK(query.wait() == milliseconds(250));
  CHECK(query.order(sort_order::descending) == sort_order::ascending);
  CHECK(query.flag("flat"));
  CHECK(query.number("after_seq") == 12);
  CHECK(query.time("at") == tests::first_moment());
  CHECK(query.status("status") == domain::execution_status::running);
  CHECK(query.id<domain::agent_id>("agent_id").value == "a1");
  CHECK(query.list("supported_actions") == std::vector<std::string>{"a", "b"});
  CHECK(query.text("request_id", 10) == "r");
  CHECK(query.cursor() == "place/7");
  CHECK(!query.failure());
}

TEST_CASE("an empty query means the defaults") {
  const auto request = asked("");
  query_reader query(request);
  CHECK(query.limit() == 100);
  CHECK(query.limit(1) == 1);
  CHECK(query.wait() == milliseconds(0));
  CHECK(query.order(sort_order::descending) == sort_order::descending);
  CHECK(!query.flag("flat"));
  CHECK(!query.number("after_seq"));
  CHECK(!query.time("at"));
  CHECK(!query.status("status"));
  CHECK(query.id<domain::agent_id>("agent_id").empty());
  CHECK(query.list("supported_actions").empty());
  CHECK(!query.cursor());
  CHECK(!query.failure());
}

TEST_CASE("each wrong value of a query is named") {
  const auto limit = [](query_reader& q) { (void)q.limit(); };
  for (const auto* text : {"0", "1001", "-1", "1.5", "1e2", "", "x", "99999999999999999999", "+5"})
    CHECK_MESSAGE(wrong_in(std::string("limit=") + text, limit) == names{"limit"}, text);
  CHECK(wrong_in("limit=1000", limit).empty());
  const auto wait = [](query_reader& q) { (void)q.wait(); };
  for (const auto* text : {"-0.1", "60.1", "nan", "inf", "", "5s"})
    CHECK_MESSAGE(wrong_in(std::string("wait=") + text, wait) == names{"wait"}, text);
  CHECK(wrong_in("wait=60", wait).empty());
  const auto number = [](query_reader& q) { (void)q.number("after_seq"); };
  for (const auto* text : {"-1", "1.0", "", "9223372036854775807", "18446744073709551616"})
    CHECK_MESSAGE(wrong_in(std::string("after_seq=") + text, number) == names{"after_seq"}, text);
  CHECK(wrong_in("flat=maybe", [](query_reader& q) { (void)q.flag("flat"); }) == names{"flat"});
  CHECK(wrong_in("order=up", [](query_reader& q) { (void)q.order(sort_order::ascending); }) == names{"order"});
  CHECK(wrong_in("at=now", [](query_reader& q) { (void)q.time("at"); }) == names{"at"});
  CHECK(wrong_in("status=running", [](query_reader& q) { (void)q.status("status"); }) == names{"status"});
  CHECK(wrong_in("plan_id=a%20b", [](query_reader& q) { (void)q.id<domain::plan_id>("plan_id"); }) == names{"plan_id"});
  CHECK(wrong_in("request_id=abcdef", [](query_reader& q) { (void)q.text("request_id", 5); }) == names{"request_id"});
  CHECK(wrong_in("a=" + std::string(600, ','), [](query_reader& q) { (void)q.list("a"); }).empty());
  std::string many = "a=x";
  for (int i = 0; i < 256; ++i) many += ",x";
  CHECK(wrong_in(many, [](query_reader& q) { (void)q.list("a"); }) == names{"a"});
  CHECK(wrong_in("limit=0&wait=x", [](query_reader& q) { (void)q.limit(), (void)q.wait(); }) == names{"limit", "wait"});
}

TEST_CASE("a cursor gives back its place, and no other word does") {
  std::mt19937 random(7);
  for (std::size_t length = 0; length < 40; ++length) {
    std::string place;
    while (place.size() < length) place += static_cast<char>(random() % 256);
    const auto word = encode_cursor(place);
    CHECK(word.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_") ==
          std::string::npos);
    CHECK(decode_cursor(word) == place);
  }
  CHECK(encode_cursor("f") == "Zg");
  CHECK(encode_cursor("foob") == "Zm9vYg");
  for (const auto* word : {"Z", "Zh", "Zm9vYh", "Zg==", "Z+", "a b", "AAAAA"})
    CHECK_MESSAGE(!decode_cursor(word), word);
  const auto cursor = [](query_reader& q) { (void)q.cursor(); };
  CHECK(wrong_in("cursor=%21", cursor) == names{"cursor"});
  CHECK(wrong_in("cursor=" + std::string(max_cursor_bytes + 4, 'A'), cursor) == names{"cursor"});
}

TEST_CASE("the link to the next page asks the same from another place") {
  const auto request = asked("status=RUNNING&cursor=AAAA&q=a%26b%20%3E");
  CHECK(next_page_link(request, "f") == "</api/things?status=RUNNING&q=a%26b%20%3E&cursor=Zg>; rel=\"next\"");
  CHECK(next_page_link(asked(""), "f") == "</api/things?cursor=Zg>; rel=\"next\"");
}

TEST_CASE("a poll is asked by query or by body") {
  const auto by_query = parse_work_request(asked("wait=2.5&limit=3&supported_actions=a,b&request_id=r"));
  REQUIRE(by_query);
  CHECK(by_query->wait == milliseconds(2500));
  CHECK(by_query->limit == 3);
  CHECK(by_query->supported_actions == std::vector<std::string>{"a", "b"});
  CHECK(by_query->request_id == "r");
  const auto by_body = parse_work_request(
      asked("limit=9", method::post, R"({"wait":2.5,"limit":3,"supported_actions":["a","b"],"request_id":"r"})"));
  REQUIRE(by_body);
  CHECK(by_body->wait == by_query->wait);
  CHECK(by_body->limit == by_query->limit);
  CHECK(by_body->supported_actions == by_query->supported_actions);
  CHECK(by_body->request_id == by_query->request_id);
  const auto bare = parse_work_request(asked("", method::post));
  REQUIRE(bare);
  CHECK(bare->wait == milliseconds(0));
  CHECK(bare->limit == 1);
}

TEST_CASE("a preference to wait is met as far as it can be, and a query beats it") {
  const auto preferred = [](std::string_view preference, std::string_view query = "") {
    auto request = asked(query);
    request.add_header("Prefer", preference);
    const auto work = parse_work_request(request);
    REQUIRE(work);
    return work->wait;
  };
  CHECK(preferred("wait=10") == std::chrono::seconds(10));
  CHECK(preferred("respond-async, WAIT=1.5; x=y") == milliseconds(1500));
  CHECK(preferred("wait=1000") == std::chrono::seconds(60));
  CHECK(preferred("wait=-3") == milliseconds(0));
  CHECK(preferred("wait=soon") == milliseconds(0));
  CHECK(preferred("wait=nan") == milliseconds(0));
  CHECK(preferred("return=minimal") == milliseconds(0));
  CHECK(preferred("wait=10", "wait=1") == std::chrono::seconds(1));
}

TEST_CASE("a wrong poll is told why") {
  const auto query = parse_work_request(asked("limit=0"));
  REQUIRE(!query);
  CHECK(query.error().code == problem_code::malformed_request);
  const auto body = parse_work_request(asked("", method::post, R"({"wait":61,"limit":1.5,"nap":1})"));
  REQUIRE(!body);
  CHECK(body.error().code == problem_code::validation_failed);
  CHECK(tests::fields_of(body.error()) == names{"wait", "limit", "nap"});
  const auto text = parse_work_request(asked("", method::post, "{"));
  REQUIRE(!text);
  CHECK(text.error().code == problem_code::malformed_request);
}

}  // namespace planexe::gateway
