// Bounds: sizes, rates, deadlines, connections. Limits are short here; the tests wait for what must happen, not for a
// time.
#include <doctest/doctest.h>

#include <deque>
#include <string>
#include <thread>

#include "tests/gateway/http_client.hpp"

using namespace planexe::gateway;
using planexe::test::raw_client;
using planexe::test::test_server;
using std::chrono::milliseconds;

namespace {

const std::string hello = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";

}  // namespace

TEST_CASE("a body over its route's limit is refused before it is read") {
  test_server server;
  for (const std::string length : {"11", "1073741824", "999999999999999999"}) {
    raw_client client{server.port()};
    // No byte of the body is ever sent.
    const auto got = client.ask("POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: " + length + "\r\n\r\n");
    CHECK(got.status == 413);
    CHECK(got.body.find("payload_too_large") != std::string::npos);
    CHECK(got.headers.at("connection") == "close");
    client.finish_sending();
    CHECK(client.is_at_end());
  }
  raw_client client{server.port()};
  CHECK(client.ask("POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 10\r\n\r\n0123456789").body == "0123456789");
  CHECK(server.handled() == 1);
}

TEST_CASE("a client that sends a refused body anyway still reads why") {
  auto options = test_server::quick_options();
  options.limits.linger_time = std::chrono::seconds{10};
  test_server server{std::move(options)};
  raw_client client{server.port()};
  client.send("POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 4000000\r\n\r\n");
  client.send(std::string(4'000'000, 'x'));
  CHECK(client.receive().status == 413);
}

TEST_CASE("a head of exactly the limit passes, one byte more does not") {
  test_server server;
  constexpr std::size_t limit = 16'384;
  const std::string start = "GET /hello HTTP/1.1\r\nHost: x\r\nX-A: ";
  const auto of_size = [&](std::size_t size) { return start + std::string(size - start.size() - 4, 'a') + "\r\n\r\n"; };
  raw_client client{server.port()};
  CHECK(client.ask(of_size(limit)).status == 200);
  CHECK(client.ask(of_size(limit + 1)).status == 431);
  CHECK(client.is_at_end());
}

TEST_CASE("an idle connection is closed without a word") {
  auto options = test_server::quick_options();
  options.limits.idle_time = milliseconds{30};
  test_server server{std::move(options)};
  raw_client fresh{server.port()};
  CHECK(fresh.is_at_end());
  raw_client used{server.port()};
  CHECK(used.ask(hello).status == 200);
  CHECK(used.is_at_end());
}

TEST_CASE("a head that takes too long is answered 408, however steadily it drips") {
  auto options = test_server::quick_options();
  options.limits.header_time = milliseconds{50};
  test_server server{std::move(options)};
  {
    raw_client stopped{server.port()};
    CHECK(stopped.ask("GET /hello HTTP/1.1\r\nHo").status == 408);
    CHECK(stopped.is_at_end());
  }
  REQUIRE(server.eventually([](const auto& counters) { return counters.connections_open == 0; }));
  const auto passed = server.server().counters().deadlines_passed;
  raw_client dripping{server.port()};
  dripping.send("GET /hello HTTP/1.1\r\nX: ");
  // The deadline is absolute: bytes do not extend it, so the drip must come to an end long before the header's limit.
  int drips = 0;
  while (drips < 10'000 && server.server().counters().deadlines_passed == passed) {
    dripping.send("a");
    ++drips;
    std::this_thread::sleep_for(milliseconds{1});
  }
  CHECK(drips < 10'000);
  CHECK(dripping.receive().status == 408);
}

TEST_CASE("a body below the minimum rate is answered 408") {
  auto options = test_server::quick_options();
  options.limits.body_grace = milliseconds{30};
  test_server server{std::move(options)};
  raw_client client{server.port()};
  const auto got = client.ask("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 100000\r\n\r\nabc");
  CHECK(got.status == 408);
  CHECK(client.is_at_end());
  CHECK(server.handled() == 0);
}

TEST_CASE("a request nobody answers is answered 503 in the end, and a late answer is ignored") {
  auto options = test_server::quick_options();
  options.limits.handler_time = milliseconds{30};
  test_server server{std::move(options)};
  raw_client client{server.port()};
  CHECK(client.ask("GET /later HTTP/1.1\r\nHost: x\r\n\r\n").status == 503);
  auto late = server.next_kept();
  client.send("GET /later HTTP/1.1\r\nHost: x\r\n\r\n");
  auto second = server.next_kept();
  late.send({200, {}, "for the first", {}});
  second.send({200, {}, "for the second", {}});
  CHECK(client.receive().body == "for the second");
}

TEST_CASE("a client that does not read its answer is closed") {
  auto options = test_server::quick_options();
  options.limits.write_grace = milliseconds{30};
  options.limits.body_bytes_per_second = std::size_t{1} << 30U;
  test_server server{std::move(options)};
  raw_client client{server.port()};
  client.set_receive_buffer(4'096);
  client.send("GET /big/50000000 HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(server.eventually([](const auto& counters) { return counters.deadlines_passed == 1; }));
  CHECK(server.eventually([](const auto& counters) { return counters.connections_open == 0; }));
}

TEST_CASE("connections are bounded in all") {
  auto options = test_server::quick_options();
  options.limits.connections = 3;
  test_server server{std::move(options)};
  std::deque<raw_client> open;
  for (int count = 0; count < 3; ++count) {
    open.emplace_back(server.port());
    CHECK(open.back().ask(hello).status == 200);
  }
  {
    raw_client refused{server.port()};
    const auto got = refused.receive();
    CHECK(got.status == 503);
    CHECK(got.headers.at("retry-after") == "1");
    CHECK(refused.is_at_end());
  }
  CHECK(server.server().counters().connections_refused == 1);
  open.pop_front();
  CHECK(server.eventually([](const auto& counters) { return counters.connections_open == 2; }));
  raw_client next{server.port()};
  CHECK(next.ask(hello).status == 200);
}

TEST_CASE("connections are bounded by address") {
  auto options = test_server::quick_options();
  options.limits.connections_per_address = 1;
  test_server server{std::move(options)};
  raw_client first{server.port()};
  CHECK(first.ask(hello).status == 200);
  raw_client second{server.port()};
  CHECK(second.receive().status == 503);
}

TEST_CASE("memory for bodies is bounded over all connections, and given back") {
  auto options = test_server::quick_options();
  options.limits.body_bytes_in_flight = 100'000;
  test_server server{std::move(options)};
  const std::string head = "POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 200000\r\n\r\n";
  raw_client too_much{server.port()};
  too_much.send(head + std::string(200'000, 'x'));
  const auto got = too_much.receive();
  CHECK(got.status == 503);
  CHECK(got.body.find("memory for request bodies") != std::string::npos);
  for (int round = 0; round < 10; ++round) {
    raw_client enough{server.port()};
    const std::string body(90'000, 'y');
    CHECK(enough.ask("POST /echo HTTP/1.1\r\nHost: x\r\nContent-Length: 90000\r\n\r\n" + body).body == body);
  }
}
