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

TEST_CASE("no text follows a close frame, however many wait") {
  struct ending {
    std::string why;
    unsigned opcode;
    std::string payload;
    unsigned code;
  };
  constexpr unsigned close_frame = 8, reserved_frame = 5;
  for (const auto& each : {ending{"the client says goodbye", close_frame, "\x03\xe8", close_normal},
                           ending{"the client breaks the protocol", reserved_frame, "", 1002}}) {
    CAPTURE(each.why);
    auto options = test_server::quick_options();
    options.limits.linger_time = milliseconds{10'000};  // what waits in the system's buffers is read first
    test_server server{options};
    raw_client client{server.port()};
    client.set_receive_buffer(65'536);
    REQUIRE(client.upgrade("/socket").status == 101);
    const auto peer = server.next_peer();
    const auto text = shared(std::string(30'000, 'x'));
    while (peer->send(text)) {
    }
    REQUIRE(client.send_frame(each.opcode, each.payload));
    auto got = client.receive_frame();
    for (; got.opcode == text_frame; got = client.receive_frame()) REQUIRE(got.payload == *text);
    CHECK(got.opcode == close_frame);
    CHECK(got.close_code() == each.code);
    CHECK(client.is_at_end());
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

TEST_CASE("a long text that has left makes no room for more than the limit") {
  outbox queue{1'000, 100};
  std::vector<std::shared_ptr<const std::string>> batch;
  CHECK(queue.push(shared(std::string(5'000, 'x'))) == outbox::verdict::wake);
  CHECK(queue.push(shared(std::string(900, 'x'))) == outbox::verdict::queued);
  REQUIRE(queue.take(batch));
  queue.sent(5'000);
  CHECK(queue.bytes() == 900);
  CHECK(queue.push(shared(std::string(200, 'x'))) == outbox::verdict::refused);
  CHECK(queue.push(shared(std::string(100, 'x'))) == outbox::verdict::queued);
}

TEST_CASE("a server-sent event carries any JSON text as it is") {
  CHECK(event_of("{}", 7) == "id: 7\ndata: {}\n\n");
  CHECK(event_of("") == "data: \n\n");
  CHECK(event_of("[1,\n2]") == "data: [1,\ndata: 2]\n\n");
  CHECK(event_of("[1,\r\n2,\r3]\n") == "data: [1,\ndata: 2,\ndata: 3]\ndata: \n\n");
}
