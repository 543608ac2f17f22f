// What is told to many: framed once, whole on every connection, and bounded on each of them.
#include <doctest/doctest.h>

#include "gateway/http/framing.hpp"
#include "gateway/http/outbox.hpp"
#include "tests/gateway/http_client.hpp"

using namespace planexe::gateway;
using planexe::test::raw_client;
using planexe::test::test_server;
using std::chrono::milliseconds;

namespace {

constexpr unsigned text_frame = 1;
constexpr unsigned ping_frame = 9;
constexpr unsigned pong_frame = 10;

auto shared(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

std::string event_of(std::string_view text, std::optional<std::uint64_t> id = std::nullopt) {
  std::string out;
  append_server_sent_event(out, text, id);
  return out;
}

}  // namespace

TEST_CASE("several messages framed once reach every client whole and in order") {
  test_server server;
  std::string framed;
  const std::vector<std::size_t> sizes{0, 1, 125, 126, 65'535, 65'536, 300'000};
  for (const auto size : sizes) append_websocket_text(framed, std::string(size, 'x'));
  const auto bytes = shared(framed);
  for (int i = 0; i < 3; ++i) {
    raw_client client{server.port()};
    REQUIRE(client.upgrade("/socket").status == 101);
    const auto peer = server.next_peer();
    REQUIRE(peer->framed_as() == framing::websocket);
    CHECK(peer->send_framed(bytes));
    CHECK(peer->send(shared("last")));
    for (const auto size : sizes) {
      const auto got = client.receive_frame();
      CHECK(got.opcode == text_frame);
      CHECK(got.payload == std::string(size, 'x'));
    }
    CHECK(client.receive_frame().payload == "last");
  }
}

TEST_CASE("an answer to a ping stands between texts and never inside one") {
  test_server server;
  raw_client client{server.port()};
  client.set_receive_buffer(65'536);
  REQUIRE(client.upgrade("/socket").status == 101);
  const auto peer = server.next_peer();
  constexpr int texts = 100, pings = 10;
  const std::string text(30'000, 'x');
  int told = 0, answered = 0;
  for (int i = 0; i < pings; ++i) {
    for (int k = 0; k < texts / pings; ++k) CHECK(peer->send(shared(text)));
    REQUIRE(client.send_frame(ping_frame, std::to_string(i)));
  }
  while (told < texts || answered < pings) {
    const auto got = client.receive_frame();
    if (got.opcode == pong_frame) {
      CHECK(got.payload == std::to_string(answered++));
    } else {
      REQUIRE(got.opcode == text_frame);
      REQUIRE(got.payload == text);
      ++told;
    }
  }
}

TEST_CASE("a peer that takes nothing any more is closed") {
  auto options = test_server::quick_options();
  options.limits.peer_stall_time = milliseconds{60};
  for (const char* target : {"/socket", "/both"}) {
    CAPTURE(std::string(target));
    test_server server{options};
    raw_client client{server.port()};
    client.set_receive_buffer(4'096);
    if (std::string_view(target) == "/socket")
      REQUIRE(client.upgrade(target).status == 101);
    else
      client.send("GET /both HTTP/1.1\r\nHost: x\r\n\r\n");
    const auto peer = server.next_peer();
    REQUIRE(peer);
    const auto text = shared(std::string(1'000'000, 'x'));
    while (peer->send(text)) {
    }
    CHECK(server.wait_for_ended(1));
    CHECK(server.server().counters().deadlines_passed == 1);
    CHECK(peer->queued_bytes() <= options.limits.peer_queue_bytes);
  }
}

TEST_CASE("a long text passes an empty queue and takes no room from what follows it") {
  outbox queue{1'000, 100};
  CHECK(queue.push(shared(std::string(5'000, 'x'))) == outbox::verdict::wake);
  for (int i = 0; i < 10; ++i) CHECK(queue.push(shared(std::string(100, 'x'))) == outbox::verdict::queued);
  CHECK(queue.push(shared("one more")) == outbox::verdict::refused);
  std::vector<std::shared_ptr<const std::string>> batch;
  REQUIRE(queue.take(batch));
  for (const auto& text : batch) queue.sent(text->size());
  CHECK(queue.bytes() == 0);
  CHECK(queue.push(shared(std::string(400, 'x'))) == outbox::verdict::queued);
  CHECK(queue.push(shared(std::string(700, 'x'))) == outbox::verdict::refused);
}

TEST_CASE("a server-sent event carries any JSON text as it is") {
  CHECK(event_of("{}", 7) == "id: 7\ndata: {}\n\n");
  CHECK(event_of("") == "data: \n\n");
  CHECK(event_of("[1,\n2]") == "data: [1,\ndata: 2]\n\n");
  CHECK(event_of("[1,\r\n2,\r3]\n") == "data: [1,\ndata: 2,\ndata: 3]\ndata: \n\n");
}
