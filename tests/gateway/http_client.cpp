#include "tests/gateway/http_client.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <stdexcept>
#include <thread>

namespace planexe::test {

using namespace gateway;

namespace {

constexpr auto patience = std::chrono::seconds{10};

void note_header(answer& into, std::string_view line) {
  const std::size_t colon = line.find(':');
  REQUIRE(colon != line.npos);
  std::string name{line.substr(0, colon)};
  std::transform(name.begin(), name.end(), name.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  std::string_view value = line.substr(colon + 1);
  while (value.starts_with(' ')) value.remove_prefix(1);
  CHECK_MESSAGE(into.headers.emplace(name, value).second, "the answer repeats ", name);
}

}  // namespace

unsigned frame::close_code() const {
  if (payload.size() < 2) return 0;
  return static_cast<unsigned>(static_cast<unsigned char>(payload[0]) * 256 + static_cast<unsigned char>(payload[1]));
}

raw_client::raw_client(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  REQUIRE(socket_ >= 0);
  timeval wait{};
  wait.tv_sec = patience.count();
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVTIMEO, &wait, sizeof wait);
  const int on = 1;
  ::setsockopt(socket_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  REQUIRE(::connect(socket_, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
}

raw_client::~raw_client() {
  ::close(socket_);
}

bool raw_client::send(std::string_view bytes) const {
  while (!bytes.empty()) {
    const auto sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(sent));
  }
  return true;
}

bool raw_client::fill() {
  std::array<char, 65'536> piece{};
  const auto received = ::recv(socket_, piece.data(), piece.size(), 0);
  if (received <= 0) return false;
  buffered_.append(piece.data(), static_cast<std::size_t>(received));
  return true;
}

answer raw_client::receive(bool to_head) {
  answer got;
  std::size_t end = 0;
  while ((end = buffered_.find("\r\n\r\n")) == buffered_.npos)
    if (!fill()) return got;
  got.head = buffered_.substr(0, end + 2);
  buffered_.erase(0, end + 4);
  std::string_view lines = got.head;
  for (bool first = true; !lines.empty(); first = false) {
    const std::string_view line = lines.substr(0, lines.find("\r\n"));
    lines.remove_prefix(line.size() + 2);
    if (first) {
      REQUIRE(line.starts_with("HTTP/1.1 "));
      got.status = static_cast<unsigned>(std::stoul(std::string{line.substr(9, 3)}));
    } else {
      note_header(got, line);
    }
  }
  const auto length = got.headers.find("content-length");
  if (to_head || length == got.headers.end()) return got;
  got.body = receive_bytes(std::stoul(length->second));
  CHECK(got.body.size() == std::stoul(length->second));
  return got;
}

std::string raw_client::receive_bytes(std::size_t count) {
  while (buffered_.size() < count && fill()) continue;
  const std::string bytes = buffered_.substr(0, count);
  buffered_.erase(0, bytes.size());
  return bytes;
}

bool raw_client::is_at_end() {
  if (!buffered_.empty()) return false;
  std::array<char, 1> piece{};
  const auto received = ::recv(socket_, piece.data(), piece.size(), 0);
  const bool timed_out = received < 0 && (errno == EAGAIN || errno == EWOULDBLOCK);
  return received <= 0 && !timed_out;
}

void raw_client::finish_sending() const {
  ::shutdown(socket_, SHUT_WR);
}

void raw_client::set_receive_buffer(int bytes) const {
  ::setsockopt(socket_, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}

answer raw_client::upgrade(std::string_view target, std::string_view extra) {
  std::string text = "GET ";
  text.append(target).append(" HTTP/1.1\r\nHost: x\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n");
  if (extra.find("Sec-WebSocket-Version") == extra.npos) text += "Sec-WebSocket-Version: 13\r\n";
  if (extra.find("Sec-WebSocket-Key") == extra.npos) text += "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n";
  text.append(extra).append("\r\n");
  return ask(text);
}

bool raw_client::send_frame(unsigned opcode, std::string_view payload, bool masked) const {
  std::string bytes;
  bytes += static_cast<char>(0x80U | opcode);
  const char mask_bit = masked ? static_cast<char>(0x80) : '\0';
  if (payload.size() < 126) {
    bytes += static_cast<char>(mask_bit | static_cast<char>(payload.size()));
  } else {
    const bool is_long = payload.size() > 0xFFFF;
    bytes += static_cast<char>(mask_bit | static_cast<char>(is_long ? 127 : 126));
    for (int shift = is_long ? 56 : 8; shift >= 0; shift -= 8) bytes += static_cast<char>(payload.size() >> shift);
  }
  constexpr std::string_view mask = "\x11\x22\x33\x44";
  if (masked) bytes += mask;
  for (std::size_t index = 0; index < payload.size(); ++index)
    bytes += masked ? static_cast<char>(payload[index] ^ mask[index % 4]) : payload[index];
  return send(bytes);
}

frame raw_client::receive_frame() {
  const std::string head = receive_bytes(2);
  if (head.size() < 2) return {};
  frame got;
  got.opcode = static_cast<unsigned char>(head[0]) & 0x0FU;
  std::size_t size = static_cast<unsigned char>(head[1]) & 0x7FU;
  if (size >= 126) {
    const std::string longer = receive_bytes(size == 126 ? 2 : 8);
    size = 0;
    for (const char c : longer) size = size * 256 + static_cast<unsigned char>(c);
  }
  got.payload = receive_bytes(size);
  return got;
}

server_options test_server::quick_options() {
  server_options options;
  options.limits.sweep_interval = std::chrono::milliseconds{5};
  options.limits.linger_time = std::chrono::milliseconds{100};
  return options;
}

std::vector<route> test_server::table() {
  using enum method;
  constexpr std::size_t mebibyte = 1U << 20U;
  return {
      {"hello", get, "/hello", access::open, 100, false, "says hello"},
      {"echo", post, "/echo", access::open, mebibyte, false, "gives the body back"},
      {"small", post, "/small", access::open, 10, false, "takes ten bytes"},
      {"big", get, "/big/{bytes}", access::open, 0, false, "a long answer"},
      {"item", get, "/items/{item_id}", access::viewer, 0, false, "one item"},
      {"replace_item", put, "/items/{item_id}", access::operator_, 100, false, "another item"},
      {"latest", get, "/items/latest", access::viewer, 0, false, "beats the parameter"},
      {"query", get, "/query", access::open, 0, false, "gives ?q back"},
      {"later", get, "/later", access::open, 0, false, "is answered by the test"},
      {"lost", get, "/lost", access::open, 0, false, "drops its responder"},
      {"broken", get, "/broken", access::open, 0, false, "throws"},
      {"locate", post, "/locate", access::open, 1'000, false, "gives the body as Location"},
      {"socket", get, "/socket", access::open, 0, true, "a WebSocket that echoes"},
      {"both", get, "/both", access::open, 0, true, "a WebSocket and a stream"},
      {"unfinished", get, "/unfinished", access::open, 0, false, "has no handler"},
  };
}

test_server::test_server(server_options options) : router_(table()) {
  bind();
  auto started = gateway::server::start(std::move(options), router_);
  REQUIRE(started.has_value());
  server_ = std::move(*started);
}

test_server::~test_server() {
  server_->drain(std::chrono::milliseconds{0});
  // The responders answer into a server that has ended, as they may.
}

void test_server::bind() {
  const auto on = [this](std::string_view operation, auto call) {
    REQUIRE(router_.bind(operation, [this, call](request asked, responder reply) {
      {
        const std::scoped_lock lock{mutex_};
        ++handled_;
      }
      call(std::move(asked), std::move(reply));
    }));
  };
  const auto text = [](std::string body) { return response{200, "text/plain", std::move(body), {}}; };
  on("hello", [text](const request&, responder reply) { reply.send(text("hello")); });
  on("echo", [text](request asked, responder reply) { reply.send(text(std::move(asked.body))); });
  on("small", [text](request asked, responder reply) { reply.send(text(std::move(asked.body))); });
  on("big", [text](const request& asked, responder reply) {
    reply.send(text(std::string(std::stoul(std::string{asked.param("bytes")}), 'x')));
  });
  on("item", [text](const request& asked, responder reply) { reply.send(text(std::string{asked.param("item_id")})); });
  on("replace_item", [text](request asked, responder reply) { reply.send(text(std::move(asked.body))); });
  on("latest", [text](const request&, responder reply) { reply.send(text("the latest")); });
  on("query", [text](const request& asked, responder reply) {
    reply.send(text(std::string{asked.query("q").value_or("none")}));
  });
  on("lost", [](const request&, const responder&) {});
  on("broken", [](const request&, const responder&) { throw std::runtime_error{"a secret"}; });
  on("locate", [](request asked, responder reply) {
    reply.send(response{201, {}, "made", {{"Location", std::move(asked.body)}}});
  });
  on("later", [this](const request&, responder reply) {
    const std::scoped_lock lock{mutex_};
    kept_.push_back(std::move(reply));
    changed_.notify_all();
  });
  const auto keep = [this](std::shared_ptr<push_peer> peer) {
    peer->on_close([this] {
      const std::scoped_lock lock{mutex_};
      ++ended_;
      changed_.notify_all();
    });
    const std::scoped_lock lock{mutex_};
    peers_.push_back(std::move(peer));
    changed_.notify_all();
  };
  on("both", [keep](const request&, responder reply) {
    keep(reply.stream(response{200, "text/event-stream", "data: first\n\n", {}}));
  });
  const auto echo = [keep](const request&, const std::shared_ptr<websocket_peer>& peer) {
    peer->on_message([weak = std::weak_ptr<websocket_peer>{peer}](std::string_view message) {
      if (const auto self = weak.lock()) self->send(std::make_shared<const std::string>(message));
    });
    keep(peer);
  };
  REQUIRE(router_.bind_websocket("socket", echo));
  REQUIRE(router_.bind_websocket("both", echo));
}

responder test_server::next_kept() {
  std::unique_lock lock{mutex_};
  if (!changed_.wait_for(lock, patience, [this] { return !kept_.empty(); })) return {};
  responder first = std::move(kept_.front());
  kept_.erase(kept_.begin());
  return first;
}

std::shared_ptr<push_peer> test_server::next_peer() {
  std::unique_lock lock{mutex_};
  if (!changed_.wait_for(lock, patience, [this] { return !peers_.empty(); })) return nullptr;
  auto first = std::move(peers_.front());
  peers_.erase(peers_.begin());
  return first;
}

bool test_server::eventually(const std::function<bool(const server_counters&)>& holds) const {
  const auto end = std::chrono::steady_clock::now() + patience;
  while (!holds(server_->counters())) {
    if (std::chrono::steady_clock::now() > end) return false;
    std::this_thread::sleep_for(std::chrono::milliseconds{1});
  }
  return true;
}

std::size_t test_server::handled() const {
  const std::scoped_lock lock{mutex_};
  return handled_;
}

bool test_server::wait_for_ended(std::size_t count) {
  std::unique_lock lock{mutex_};
  return changed_.wait_for(lock, patience, [&] { return ended_ >= count; });
}

}  // namespace planexe::test
