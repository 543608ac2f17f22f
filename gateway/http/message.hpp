// HTTP requests and answers as handlers see them: plain values without any trace of the library that reads the socket.
// A request is built by the session on its I/O thread and moved into the handler, which may pass it to any thread.
// What always holds: path, parameters and query are valid UTF-8 without control characters.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace planexe::gateway {

/// `other` is any well-formed method that no route can have.
enum class method : std::uint8_t { get, post, patch, put, delete_, head, options, other };

inline constexpr std::size_t method_count = 7;

/// The method's token, as in "GET". `other` gives "OTHER".
std::string_view to_string(method verb) noexcept;

/// Methods are case-sensitive; an unknown one is `other`.
method method_from(std::string_view token) noexcept;

/// ASCII only, as field names are.
bool equals_ignoring_case(std::string_view left, std::string_view right) noexcept;

struct caller;

/// A request without its body: what authentication sees.
class request_head {
 public:
  method verb = method::get;
  std::string target;          ///< as sent, path and query
  std::string path;            ///< the target up to '?', not decoded
  std::string_view operation;  ///< the matched route's name; lives as long as the route table
  std::vector<std::pair<std::string_view, std::string>> parameters;   ///< of the path, decoded
  std::vector<std::pair<std::string, std::string>> query_parameters;  ///< decoded, in order, repeats kept
  std::string remote_address;                                         ///< without the port
  bool keep_alive = true;
  std::shared_ptr<const gateway::caller> caller;  ///< whom the authentication hook found; null: nobody it knows

  /// The path parameter of that name, or empty when the route has none.
  std::string_view param(std::string_view name) const noexcept;

  /// The first query parameter of that name.
  std::optional<std::string_view> query(std::string_view name) const noexcept;

  /// The first header field of that name in any case. Its value is free of control characters except tab, and may hold
  /// bytes that are not UTF-8.
  std::optional<std::string_view> header(std::string_view name) const noexcept;

  /// Keeps a field. Used by the session, and by tests that build requests.
  void add_header(std::string_view name, std::string_view value);

  /// Makes room for `count` fields of `bytes` in all, so that adding them does not allocate again.
  void reserve_headers(std::size_t count, std::size_t bytes);

 private:
  struct field_place {
    std::uint32_t name_at = 0;
    std::uint32_t value_at = 0;
    std::uint32_t end = 0;
  };
  std::string header_text_;  ///< names and values end to end: one allocation, and places stay right when it moves
  std::vector<field_place> fields_;
};

struct request : request_head {
  std::string body;
};

/// What a handler answers. Content-Length, Connection, Transfer-Encoding, Server and Date belong to the session and are
/// ignored in `headers`. A header that would hold CR, LF, NUL or another control character turns the answer into a 400.
struct response {
  unsigned status = 200;
  std::string content_type;  ///< empty: no Content-Type
  std::string body;
  std::vector<std::pair<std::string, std::string>> headers;
};

}  // namespace planexe::gateway
