// What a key has opened ends when the key does: sockets, streams, and requests that wait.
#include <doctest/doctest.h>

#include "gateway/auth/caller.hpp"
#include "tests/gateway/http_client.hpp"

using namespace planexe::gateway;
using planexe::test::raw_client;
using planexe::test::test_server;

namespace {

/// A server whose callers all have one key.
struct keyed_server {
  std::shared_ptr<caller> who = std::make_shared<caller>();
  test_server server{options(who)};

  static server_options options(const std::shared_ptr<caller>& who) {
    auto chosen = test_server::quick_options();
    chosen.authenticate = [who](request_head& head, const route&) -> std::optional<problem> {
      head.caller = who;
      return std::nullopt;
    };
    return chosen;
  }
  void revoke() { who->revoked = true; }
};

std::string get(const std::string& target) {
  return "GET " + target + " HTTP/1.1\r\nHost: x\r\n\r\n";
}

}  // namespace

TEST_CASE("a WebSocket of a revoked key is closed with the reason") {
  keyed_server s;
  raw_client client{s.server.port()};
  REQUIRE(client.upgrade("/socket").status == 101);
  REQUIRE(client.send_frame(1, "hello"));
  CHECK(client.receive_frame().payload == "hello");
  s.revoke();
  const auto closed = client.receive_frame();
  CHECK(closed.opcode == 8);
  CHECK(closed.close_code() == close_policy);
  CHECK(s.server.wait_for_ended(1));
}

TEST_CASE("a WebSocket of a revoked key is closed also for a client that does not read") {
  keyed_server s;
  raw_client client{s.server.port()};
  client.set_receive_buffer(4'096);
  REQUIRE(client.upgrade("/both").status == 101);
  const auto peer = s.server.next_peer();
  const auto text = std::make_shared<const std::string>(std::string(1U << 20U, 'x'));
  while (peer->send(text)) continue;
  s.revoke();
  CHECK(s.server.wait_for_ended(1));
}

TEST_CASE("a stream of a revoked key ends") {
  keyed_server s;
  raw_client client{s.server.port()};
  REQUIRE(client.ask(get("/both"), true).status == 200);
  CHECK(client.receive_bytes(13) == "data: first\n\n");
  const auto peer = s.server.next_peer();
  CHECK(peer->send(std::make_shared<const std::string>("data: hello\n\n")));
  CHECK(client.receive_bytes(13) == "data: hello\n\n");
  s.revoke();
  CHECK(client.is_at_end());
  CHECK(s.server.wait_for_ended(1));
  CHECK(!peer->send(std::make_shared<const std::string>("data: more\n\n")));
}

TEST_CASE("a request that waits is answered 401 when its key is revoked, and the late answer changes nothing") {
  keyed_server s;
  raw_client client{s.server.port()};
  REQUIRE(client.send(get("/later")));
  auto kept = s.server.next_kept();
  s.revoke();
  CHECK(client.receive().status == 401);
  kept.send(response{200, "text/plain", "too late", {}});
  CHECK(client.ask(get("/hello")).body == "hello");
}
