// Routes and the router. One table of routes is shared by the router, the authorisation and the OpenAPI check; handlers
// are bound to it by the operation's name. Built and bound before the server starts, then only read, by all I/O
// threads.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/message.hpp"
#include "gateway/http/push_peer.hpp"
#include "gateway/http/responder.hpp"

namespace planexe::gateway {

/// What a key must be allowed to do; `open` needs none. `agent` is an agent's own work, which operators may do for any;
/// `own_record` is a viewer's to read, and the agent's own.
enum class access : std::uint8_t { open, viewer, operator_, agent, own_record, admin };

/// One line of the table. The texts must outlive the router and every request: literals.
struct route {
  std::string_view operation;
  method verb = method::get;
  std::string_view pattern;  ///< "/api/executions/{execution_id}/status"; a parameter is a whole segment
  access required = access::open;
  std::size_t body_limit = 0;  ///< bytes; a longer body is 413 before it is read
  bool websocket = false;      ///< also answers a WebSocket upgrade; only with method::get
  std::string_view summary;
  bool hands_out = false;  ///< GET changes what others get, so that HEAD, whose answer nobody sees, is no method of it
};

/// Runs on an I/O thread and must not block. The responder may be kept and answered from any thread.
using handler = std::function<void(request, responder)>;

/// Runs on an I/O thread after a successful handshake.
using websocket_handler = std::function<void(request, std::shared_ptr<websocket_peer>)>;

struct bound_route {
  gateway::route route;
  gateway::handler handler;
  gateway::websocket_handler websocket;
  std::vector<std::string_view> parameter_names;
};

/// More segments than any route has; a longer path is not found.
inline constexpr std::size_t max_path_segments = 16;

struct route_match {
  enum class outcome : std::uint8_t { found, not_found, wrong_method, options, malformed };
  outcome what = outcome::not_found;
  const bound_route* target = nullptr;  ///< when found
  std::string_view allow;               ///< the path's methods, for 405 and OPTIONS
};

class router {
 public:
  /// Two routes with the same method and path shape, or a pattern that is not one, are a bug and assert.
  explicit router(std::span<const route> routes);
  router(router&&) = default;
  router& operator=(router&&) = default;

  /// False when there is no such operation.
  bool bind(std::string_view operation, handler call);
  bool bind_websocket(std::string_view operation, websocket_handler call);

  /// Operations without the handler they need. A WebSocket route needs its WebSocket handler; the ordinary one is
  /// extra.
  std::vector<std::string_view> unbound() const;

  /// The route of `verb` and `path`; literal segments beat parameters. HEAD finds a GET that hands nothing out. Decoded
  /// path parameters are appended to `parameters`. A trailing or doubled slash is another path.
  route_match match(method verb, std::string_view path,
                    std::vector<std::pair<std::string_view, std::string>>& parameters) const;

 private:
  static constexpr std::uint32_t none = 0xFFFFFFFFU;
  struct node {
    std::vector<std::pair<std::string_view, std::uint32_t>> literals;  ///< few: a linear look-up is the fastest
    std::uint32_t parameter = none;
    std::array<std::uint32_t, method_count> routes;
    std::string allow;
    node() { routes.fill(none); }
    bool ends_here() const noexcept { return !allow.empty(); }
  };
  struct walk;

  bound_route* find_operation(std::string_view operation);
  std::uint32_t add_segment(std::uint32_t at, std::string_view segment, bound_route& entry);
  void describe_methods(node& at) const;
  /// What answers the method at a place: HEAD is GET's.
  std::uint32_t index_of(const node& at, method verb) const;
  const node* descend(const node& at, std::size_t depth, walk& path) const;

  std::vector<bound_route> routes_;
  std::vector<node> nodes_;
};

}  // namespace planexe::gateway
