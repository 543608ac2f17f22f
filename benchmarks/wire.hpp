// HTTP/1.1 as far as a load generator needs it: sockets, answers framed by Content-Length, and reading one value out of
// a JSON text without parsing all of it. Cheap on purpose: what the client spends, the server on the same machine
// lacks. One thread.
#pragma once

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <string_view>

namespace planexe::bench {

/// The measurement cannot go on; what() is one line for a person.
struct bench_failure : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// A whole answer at the front of a buffer. Views end with the buffer's next change.
struct framed_reply {
  unsigned status = 0;
  std::string_view body;
  std::size_t bytes = 0;  ///< head and body together
  bool closes = false;
};

/// Whether `received` starts with a whole answer; throws `bench_failure` when it is not HTTP or has no length.
bool frame_reply(std::string_view received, framed_reply& reply);

/// The string value of `key` in the object that the top level calls `object`, or in the top level itself where `object`
/// is empty. Empty when it is not there or no string. Escapes are not undone: ids have none.
std::string_view string_at(std::string_view json, std::string_view object, std::string_view key);

/// A connected TCP socket with Nagle off, blocking or not. Throws `bench_failure`.
class tcp_socket {
 public:
  tcp_socket() = default;
  /// `source` is the last part of the address it comes from, 127.0.0.`source`: servers limit connections by address.
  tcp_socket(std::uint16_t port, bool blocking, std::uint8_t source = 1);
  tcp_socket(tcp_socket&& other) noexcept;
  tcp_socket& operator=(tcp_socket&& other) noexcept;
  ~tcp_socket();

  int descriptor() const { return descriptor_; }

 private:
  int descriptor_ = -1;
};

struct setup_reply {
  unsigned status = 0;
  std::string body;
};

/// One blocking request on a connection of its own, for setting up.
setup_reply request_once(std::uint16_t port, std::string_view method, std::string_view path, std::string_view body);

/// The text of a request that keeps its connection open.
std::string request_text(std::string_view method, std::string_view path, std::string_view body);

/// A port of 127.0.0.1 that nobody listens on at this moment.
std::uint16_t free_port();

}  // namespace planexe::bench
