#include "benchmarks/wire.hpp"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <unistd.h>

#include <array>
#include <cctype>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <utility>

namespace planexe::bench {
namespace {

// Setting up asks for big things (a plan of 20,000 tasks); a server that needs longer than this is stuck.
constexpr time_t setup_timeout_seconds = 120;

[[noreturn]] void fail(const std::string& what) {
  throw bench_failure(what + ": " + std::strerror(errno));
}

sockaddr_in loopback(std::uint16_t port, std::uint8_t last_part = 1) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK - 1 + last_part);
  return address;
}

const sockaddr* generic(const sockaddr_in& address) {
  return reinterpret_cast<const sockaddr*>(&address);
}

char lower(char c) {
  return static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
}

bool starts_with_name(std::string_view line, std::string_view name) {
  if (line.size() < name.size()) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (lower(line[i]) != name[i]) return false;
  }
  return true;
}

std::string_view trimmed(std::string_view text) {
  while (!text.empty() && text.front() == ' ') text.remove_prefix(1);
  return text;
}

std::size_t number(std::string_view text) {
  std::size_t value = 0;
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
  if (parsed.ec != std::errc{}) throw bench_failure("an answer with a strange length");
  return value;
}

/// The end of a JSON string whose opening quote stands at `at`: the place after its closing quote.
std::size_t string_end(std::string_view json, std::size_t at) {
  for (++at; at < json.size(); ++at) {
    if (json[at] == '\\') {
      ++at;
    } else if (json[at] == '"') {
      return at + 1;
    }
  }
  return json.size();
}

}  // namespace

bool frame_reply(std::string_view received, framed_reply& reply) {
  const auto head_end = received.find("\r\n\r\n");
  if (head_end == std::string_view::npos) return false;
  auto head = received.substr(0, head_end);
  if (!head.starts_with("HTTP/1.1 ") || head.size() < 12) throw bench_failure("an answer that is not HTTP/1.1");
  reply.status = static_cast<unsigned>(number(head.substr(9, 3)));
  reply.closes = false;
  bool has_length = reply.status == 204 || reply.status == 304;
  std::size_t length = 0;
  for (auto line_end = head.find("\r\n"); line_end != std::string_view::npos; line_end = head.find("\r\n")) {
    head.remove_prefix(line_end + 2);
    const auto line = head.substr(0, head.find("\r\n"));
    if (starts_with_name(line, "content-length:")) {
      length = number(trimmed(line.substr(15)));
      has_length = true;
    } else if (starts_with_name(line, "connection:")) {
      reply.closes = starts_with_name(trimmed(line.substr(11)), "close");
    }
  }
  if (!has_length) throw bench_failure("an answer without Content-Length");
  const auto total = head_end + 4 + length;
  if (received.size() < total) return false;
  reply.body = received.substr(head_end + 4, length);
  reply.bytes = total;
  return true;
}

std::string_view string_at(std::string_view json, std::string_view object, std::string_view key) {
  const int wanted_depth = object.empty() ? 1 : 2;
  int depth = 0;
  bool inside = false;  // within `object`
  bool expects_key = false;
  std::string_view pending;  // the key whose value comes next
  for (std::size_t at = 0; at < json.size();) {
    const char c = json[at];
    if (c == '"') {
      const auto end = string_end(json, at);
      const auto text = json.substr(at + 1, end - at - 2);
      if (expects_key) {
        pending = text;
        expects_key = false;
      } else {
        if (depth == wanted_depth && (inside || depth == 1) && pending == key) return text;
        pending = {};
      }
      at = end;
      continue;
    }
    if (c == '{') {
      ++depth;
      if (depth == 2) inside = pending == object;
      expects_key = true;
      pending = {};
    } else if (c == '[') {
      ++depth;
      if (depth == 2) inside = false;
      expects_key = false;
      pending = {};
    } else if (c == '}' || c == ']') {
      --depth;
      if (depth < 2) inside = false;
      expects_key = false;
    } else if (c == ',') {
      // In a list the next string is a value; it is taken for a key, which harms nothing as lists are never asked
      // about.
      expects_key = true;
    }
    ++at;
  }
  return {};
}

tcp_socket::tcp_socket(std::uint16_t port, bool blocking, std::uint8_t source)
    : descriptor_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  if (descriptor_ < 0) fail("socket");
  const auto address = loopback(port);
  const auto own = loopback(0, source);
  const timeval limit{setup_timeout_seconds, 0};
  setsockopt(descriptor_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
  const int on = 1;
  // The port is drawn at the connect, so that it need be free for this server only.
  setsockopt(descriptor_, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on, sizeof on);
  if (bind(descriptor_, generic(own), sizeof own) != 0 || connect(descriptor_, generic(address), sizeof address) != 0) {
    const int error = errno;
    close(std::exchange(descriptor_, -1));
    errno = error;
    fail("connect to 127.0.0.1:" + std::to_string(port));
  }
  setsockopt(descriptor_, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
  if (!blocking) fcntl(descriptor_, F_SETFL, O_NONBLOCK);
}

tcp_socket::tcp_socket(tcp_socket&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

tcp_socket& tcp_socket::operator=(tcp_socket&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

tcp_socket::~tcp_socket() {
  if (descriptor_ >= 0) close(descriptor_);
}

std::string request_text(std::string_view method, std::string_view path, std::string_view body) {
  std::string text;
  text.append(method).append(" ").append(path).append(" HTTP/1.1\r\nHost: 127.0.0.1\r\n");
  if (!body.empty()) {
    text.append("Content-Type: application/json\r\nContent-Length: ")
        .append(std::to_string(body.size()))
        .append("\r\n");
  }
  return text.append("\r\n").append(body);
}

setup_reply request_once(std::uint16_t port, std::string_view method, std::string_view path, std::string_view body) {
  const tcp_socket socket(port, true);
  const auto request = request_text(method, path, body);
  for (std::size_t sent = 0; sent < request.size();) {
    const auto count = send(socket.descriptor(), request.data() + sent, request.size() - sent, MSG_NOSIGNAL);
    if (count <= 0) fail("send");
    sent += static_cast<std::size_t>(count);
  }
  std::string received;
  std::array<char, 65536> chunk{};
  framed_reply reply;
  while (!frame_reply(received, reply)) {
    const auto count = recv(socket.descriptor(), chunk.data(), chunk.size(), 0);
    if (count == 0) throw bench_failure("the server closed the connection: " + std::string(path));
    if (count < 0) fail("receive");
    received.append(chunk.data(), static_cast<std::size_t>(count));
  }
  return {reply.status, std::string(reply.body)};
}

std::uint16_t free_port() {
  const int descriptor = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (descriptor < 0) fail("socket");
  auto address = loopback(0);
  socklen_t size = sizeof address;
  const bool found = bind(descriptor, generic(address), sizeof address) == 0 &&
                     getsockname(descriptor, reinterpret_cast<sockaddr*>(&address), &size) == 0;
  close(descriptor);
  if (!found) fail("bind");
  return ntohs(address.sin_port);
}

}  // namespace planexe::bench
