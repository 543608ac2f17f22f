// The one-shot answer to one request. A handler keeps it as long as it needs, on any thread; whoever lets it go without
// an answer has answered 503, so that no client ever waits for something that was lost.
#pragma once

#include <cstdint>
#include <memory>

#include "gateway/http/message.hpp"
#include "gateway/http/problem.hpp"
#include "gateway/http/push_peer.hpp"

namespace planexe::gateway {

/// Where answers go: the session, or a recorder in a test. Called from any thread.
class response_sink {
 public:
  virtual ~response_sink() = default;

  /// Answers request `ticket` of this connection. An answer that comes too late, or twice, changes nothing.
  virtual void deliver(std::uint64_t ticket, response answer) = 0;

  /// Answers request `ticket` with `head` and a body without an end. See responder::stream.
  virtual std::shared_ptr<push_peer> deliver_stream(std::uint64_t ticket, response head) = 0;
};

/// Move-only; each of send, fail and stream may be called once, and then the responder is spent.
class responder {
 public:
  responder() = default;
  responder(std::shared_ptr<response_sink> sink, std::uint64_t ticket) noexcept;
  responder(responder&&) noexcept = default;
  responder& operator=(responder&& other) noexcept;
  responder(const responder&) = delete;
  responder& operator=(const responder&) = delete;
  ~responder();

  void send(response answer);
  void fail(const problem& what) { send(to_response(what)); }

  /// Answers with `head` (its body is sent first) and keeps the answer open: what the peer is given is appended to the
  /// body, as server-sent events are. The body ends when the peer is closed. Never null; a peer whose client has gone
  /// is closed already.
  std::shared_ptr<push_peer> stream(response head);

  /// False once answered or moved away.
  explicit operator bool() const noexcept { return sink_ != nullptr; }

 private:
  std::shared_ptr<response_sink> sink_;
  std::uint64_t ticket_ = 0;
};

}  // namespace planexe::gateway
