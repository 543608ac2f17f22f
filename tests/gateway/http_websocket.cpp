// WebSockets as a browser and as an attacker would speak to them, frame by frame.
#include <doctest/doctest.h>

#include <string>

#include "tests/gateway/http_client.hpp"

using namespace planexe::gateway;
using planexe::test::raw_client;
using planexe::test::test_server;
using std::chrono::milliseconds;

namespace {

constexpr unsigned text_frame = 1;
constexpr unsigned close_frame = 8;
constexpr unsigned ping_frame = 9;
constexpr unsigned pong_frame = 10;

auto shared(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

}  // namespace

TEST_CASE("a WebSocket opens, echoes and closes") {
  auto options = test_server::quick_options();
  options.limits.linger_time = milliseconds{30};  // this client says goodbye and does not hang up
  test_server server{std::move(options)};
  raw_client client{server.port()};
  const auto opened = client.upgrade("/socket");
  CHECK(opened.status == 101);
  CHECK(opened.headers.at("sec-websocket-accept") == "s3pPLMBiTxaQ9kYGzzhZRbK+xOo=");
  CHECK(opened.headers.count("sec-websocket-extensions") == 0);
  for (const std::size_t size : std::vector<std::size_t>{0, 5, 125, 126, 65'535, 65'536}) {
    CAPTURE(size);
    CHECK(client.send_frame(text_frame, std::string(size, 'x')));
    const auto got = client.receive_frame();
    CHECK(got.opcode == text_frame);
    CHECK(got.payload.size() == size);
  }
  CHECK(client.send_frame(ping_frame, "are you there"));
  const auto pong = client.receive_frame();
  CHECK(pong.opcode == pong_frame);
  CHECK(pong.payload == "are you there");
  CHECK(client.send_frame(close_frame, "\x03\xe8"));
  CHECK(client.receive_frame().close_code() == close_normal);
  CHECK(client.is_at_end());
  CHECK(server.wait_for_ended(1));
  CHECK(server.eventually([](const auto& counters) { return counters.websockets_open == 0; }));
}

TEST_CASE("messages keep their order, from any thread, and a close comes after them") {
  test_server server;
  raw_client client{server.port()};
  REQUIRE(client.upgrade("/socket").status == 101);
  const auto peer = server.next_peer();
  REQUIRE(peer);
  for (int index = 0; index < 1'000; ++index) CHECK(peer->send(shared(std::to_string(index))));
  peer->close(close_policy, "enough");
  CHECK(!peer->send(shared("late")));
  for (int index = 0; index < 1'000; ++index) CHECK(client.receive_frame().payload == std::to_string(index));
  const auto last = client.receive_frame();
  CHECK(last.opcode == close_frame);
  CHECK(last.close_code() == close_policy);
  CHECK(last.payload.substr(2) == "enough");
  client.send_frame(close_frame, last.payload);
  CHECK(client.is_at_end());
  CHECK(server.wait_for_ended(1));
}

TEST_CASE("what is not a good upgrade is refused") {
  struct expectation {
    std::string target;
    std::string extra;
    unsigned status;
  };
  const std::vector<expectation> table{
      {"/socket", "Sec-WebSocket-Version: 8\r\n", 426},
      {"/socket", "Sec-WebSocket-Key: short\r\n", 400},
      {"/socket", "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZ!==\r\n", 400},
      {"/nothing", "", 404},
      {"/socket", "Origin: http://evil.example\r\n", 403},
      {"/socket", "Origin: null\r\n", 403},
      {"/socket", "Origin: http://x.evil.example\r\n", 403},
      {"/socket", "Origin: http://x\r\n", 101},
      {"/socket", "Origin: https://dash.example\r\n", 101},
      {"/hello", "", 200},  // an upgrade that the route does not offer is an ordinary request
  };
  auto options = test_server::quick_options();
  options.allowed_origins = {"https://dash.example"};
  test_server server{std::move(options)};
  for (const auto& each : table) {
    CAPTURE(each.target);
    CAPTURE(each.extra);
    raw_client client{server.port()};
    CHECK(client.upgrade(each.target, each.extra).status == each.status);
  }
}

TEST_CASE("a WebSocket route without an upgrade is 426, or its ordinary handler") {
  test_server server;
  raw_client client{server.port()};
  const auto got = client.ask("GET /socket HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(got.status == 426);
  CHECK(got.headers.at("upgrade") == "websocket");
  const std::string upgrade = "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n";
  const std::string key = "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  CHECK(client.ask("HEAD /socket HTTP/1.1\r\nHost: x\r\n" + upgrade + key + "\r\n", true).status == 426);
  CHECK(client.ask("GET /both HTTP/1.1\r\nHost: x\r\n\r\n").status == 200);
}

TEST_CASE("frames sent before the handshake is answered are refused") {
  test_server server;
  raw_client client{server.port()};
  client.send(
      "GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\nGET /hello HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(client.receive().status == 400);
  CHECK(client.is_at_end());
}

TEST_CASE("what breaks the protocol ends the WebSocket") {
  struct expectation {
    std::string why;
    unsigned opcode;
    std::string payload;
    bool masked;
    unsigned code;
  };
  const std::vector<expectation> table{
      {"a message over the limit", text_frame, std::string(65'537, 'x'), true, 1009},
      {"an unmasked frame", text_frame, "hello", false, 1002},
      {"a text that is not UTF-8", text_frame, "\xff\xfe", true, 1007},
      {"a reserved opcode", 5, "", true, 1002},
      {"a long ping", ping_frame, std::string(126, 'x'), true, 1002},
      {"a continuation of nothing", 0, "x", true, 1002},
  };
  test_server server;
  std::size_t ended = 0;
  for (const auto& each : table) {
    CAPTURE(each.why);
    raw_client client{server.port()};
    REQUIRE(client.upgrade("/socket").status == 101);
    client.send_frame(each.opcode, each.payload, each.masked);
    const auto got = client.receive_frame();
    CHECK(got.opcode == close_frame);
    CHECK(got.close_code() == each.code);
    client.finish_sending();
    CHECK(server.wait_for_ended(++ended));
  }
}

TEST_CASE("a slow reader's queue is bounded in bytes, and costs no other anything") {
  auto options = test_server::quick_options();
  options.limits.peer_queue_bytes = 1'000'000;
  test_server server{std::move(options)};
  raw_client slow{server.port()};
  REQUIRE(slow.upgrade("/socket").status == 101);
  const auto peer = server.next_peer();
  REQUIRE(peer);
  const auto text = shared(std::string(10'000, 'x'));
  // The kernel's buffers take a few megabytes at most; then the queue fills and says no.
  std::size_t taken = 0;
  while (taken < 100'000 && peer->send(text)) ++taken;
  CHECK(taken < 100'000);
  CHECK(peer->queued_bytes() <= 1'000'000);
  raw_client quick{server.port()};
  REQUIRE(quick.upgrade("/socket").status == 101);
  quick.send_frame(text_frame, "still here");
  CHECK(quick.receive_frame().payload == "still here");
  // What was taken arrives, all of it.
  for (std::size_t index = 0; index < taken; ++index) REQUIRE(slow.receive_frame().payload.size() == 10'000);
}

TEST_CASE("a slow reader's queue is bounded in messages") {
  auto options = test_server::quick_options();
  options.limits.peer_queue_messages = 10;
  test_server server{std::move(options)};
  raw_client slow{server.port()};
  slow.set_receive_buffer(4'096);
  REQUIRE(slow.upgrade("/socket").status == 101);
  const auto peer = server.next_peer();
  const auto text = shared(std::string(100'000, 'x'));
  std::size_t taken = 0;
  while (taken < 10'000 && peer->send(text)) ++taken;
  CHECK(taken < 10'000);
}

TEST_CASE("a live peer is pinged, a silent one is closed") {
  auto options = test_server::quick_options();
  options.limits.ping_interval = milliseconds{40};
  test_server server{std::move(options)};
  raw_client silent{server.port()};
  REQUIRE(silent.upgrade("/socket").status == 101);
  CHECK(silent.receive_frame().opcode == ping_frame);
  // It never answers.
  CHECK(server.wait_for_ended(1));
  CHECK(server.server().counters().deadlines_passed == 1);
}

TEST_CASE("a client that vanishes is noticed") {
  test_server server;
  {
    raw_client client{server.port()};
    REQUIRE(client.upgrade("/socket").status == 101);
  }
  CHECK(server.wait_for_ended(1));
  const auto peer = server.next_peer();
  CHECK(!peer->send(shared("nobody hears")));
  CHECK(server.eventually([](const auto& counters) { return counters.connections_open == 0; }));
}
