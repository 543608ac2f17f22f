#include "benchmarks/subscriptions.hpp"

#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <cstring>

namespace planexe::bench {
namespace {

constexpr std::size_t read_bytes = std::size_t{256} << 10U;
constexpr std::size_t most_opening = 64;  // connections on their way at once: a listener's queue is short
constexpr std::chrono::seconds stuck_after{60};
constexpr std::size_t per_source = 10'000;  // connections; a server limits those of one address

std::uint64_t number_after(std::string_view text, std::string_view name) {
  const auto at = text.find(name);
  if (at == text.npos) throw bench_failure("a message without " + std::string(name));
  std::uint64_t number = 0;
  std::from_chars(text.data() + at + name.size(), text.data() + text.size(), number);
  return number;
}

}  // namespace

subscriptions::subscriptions(std::uint16_t port) : port_(port), poll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (poll_ < 0) throw bench_failure("epoll_create1 failed");
  buffer_.resize(read_bytes);
}

subscriptions::~subscriptions() {
  close(poll_);
}

void subscriptions::connect(const std::string& target, reader& one, int receive_buffer) {
  const auto source = static_cast<std::uint8_t>(1 + readers_.size() / per_source);
  one.socket = tcp_socket(port_, false, source);
  const int descriptor = one.socket.descriptor();
  if (receive_buffer > 0) setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &receive_buffer, sizeof receive_buffer);
  const std::string request = "GET " + target +
                              " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
                              "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n";
  if (send(descriptor, request.data(), request.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(request.size()))
    throw bench_failure("a request for a stream could not be sent");
}

void subscriptions::open(const std::string& target, std::size_t count) {
  readers_.reserve(readers_.size() + count);
  const auto begun = readers_.size();
  auto moved = clock::now();
  while (caught_up_ < begun + count) {
    const auto before = caught_up_;
    while (readers_.size() < begun + count && readers_.size() - caught_up_ < most_opening) {
      connect(target, readers_.emplace_back(), 0);
      epoll_event wanted{.events = EPOLLIN, .data = {.u64 = readers_.size() - 1}};
      epoll_ctl(poll_, EPOLL_CTL_ADD, readers_.back().socket.descriptor(), &wanted);
    }
    turn(std::chrono::milliseconds(100));
    if (caught_up_ != before) moved = clock::now();
    if (clock::now() - moved > stuck_after)
      throw bench_failure("only " + std::to_string(caught_up_) + " subscribers have caught up");
  }
}

void subscriptions::open_stalled(const std::string& target) {
  constexpr int small_buffer = 4'096;
  connect(target, stalled_.emplace_back(), small_buffer);
}

void subscriptions::turn(std::chrono::milliseconds longest) {
  std::array<epoll_event, 256> ready{};
  const int count = epoll_wait(poll_, ready.data(), static_cast<int>(ready.size()), static_cast<int>(longest.count()));
  for (int i = 0; i < count; ++i) read(readers_[ready[static_cast<std::size_t>(i)].data.u64]);
}

void subscriptions::read(reader& one) {
  const auto kept = one.partial.size();
  if (kept + read_bytes / 2 > buffer_.size()) buffer_.resize(kept + read_bytes);
  std::memcpy(buffer_.data(), one.partial.data(), kept);
  const auto got = recv(one.socket.descriptor(), buffer_.data() + kept, buffer_.size() - kept, 0);
  if (got < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (got <= 0) throw bench_failure("the server ended a subscriber's connection");
  now_ = clock::now();
  bytes_ += static_cast<std::uint64_t>(got);
  const std::string_view text{buffer_.data(), kept + static_cast<std::size_t>(got)};
  const auto taken = take(one, text);
  one.partial.assign(text.substr(taken));
  if (one.partial.empty()) one.partial.shrink_to_fit();
}

std::size_t subscriptions::take(reader& one, std::string_view text) {
  std::size_t at = 0;
  if (!one.upgraded) {
    const auto end = text.find("\r\n\r\n");
    if (end == text.npos) return 0;
    if (!text.starts_with("HTTP/1.1 101")) throw bench_failure("no WebSocket: " + std::string(text.substr(0, 200)));
    one.upgraded = true;
    at = end + 4;
  }
  constexpr unsigned ping = 9, close_frame = 8;
  while (text.size() - at >= 2) {
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[at + i]); };
    const unsigned opcode = byte(0) & 0x0FU;
    std::uint64_t length = byte(1) & 0x7FU;
    std::size_t head = 2;
    const std::size_t length_bytes = length == 126 ? 2 : length == 127 ? 8 : 0;
    if (text.size() - at < head + length_bytes) break;
    if (length_bytes > 0) {
      length = 0;
      for (std::size_t i = 0; i < length_bytes; ++i) length = length << 8U | byte(head + i);
      head += length_bytes;
    }
    if (text.size() - at < head + length) break;
    const auto payload = text.substr(at + head, length);
    at += head + length;
    if (opcode == ping)
      answer_ping(one, payload);
    else if (opcode == close_frame)
      throw bench_failure("the server closed a stream: " +
                          std::string(payload.substr(std::min<std::size_t>(2, length))));
    else
      take_message(one, payload);
  }
  return at;
}

void subscriptions::take_message(reader& one, std::string_view json) {
  ++messages_;
  if (json.starts_with(R"({"type":"event")")) {
    const auto seq = number_after(json, R"("seq":)");
    if (one.last_seq != 0 && seq != one.last_seq + 1)
      throw bench_failure("a subscriber was told event " + std::to_string(seq) + " after " +
                          std::to_string(one.last_seq));
    one.last_seq = seq;
    if (keeps_arrivals) arrivals_.push_back({seq, now_});
  } else if (json.starts_with(R"({"type":"caught_up")")) {
    if (one.last_seq == 0) ++caught_up_;
    one.last_seq = number_after(json, R"("seq":)");
  } else if (json.starts_with(R"({"type":"resync")")) {
    ++resyncs_;
    one.last_seq = 0;
  }
}

void subscriptions::answer_ping(const reader& one, std::string_view payload) {
  // Masked with zeros, which leaves it as it is.
  std::string frame{'\x8A', static_cast<char>(0x80U | payload.size()), '\0', '\0', '\0', '\0'};
  frame += payload;
  (void)send(one.socket.descriptor(), frame.data(), frame.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace planexe::bench
