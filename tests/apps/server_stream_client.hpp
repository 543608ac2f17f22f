// A WebSocket that is read message by message, for tests. One thread.
#pragma once

#include <nlohmann/json.hpp>

#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "apps/demo/http_client.hpp"

namespace planexe::tests {

class stream_client {
 public:
  /// Connects and upgrades; a stream that was refused gives no messages.
  stream_client(const demo::endpoint& server, const std::string& target);
  ~stream_client();

  /// The next message; nothing once the stream has ended or nothing came for half a minute.
  std::optional<nlohmann::json> next();
  /// How the server closed the stream; 0 while it has not.
  unsigned close_code() const;

 private:
  struct connection;
  std::unique_ptr<connection> connection_;
};

}  // namespace planexe::tests
