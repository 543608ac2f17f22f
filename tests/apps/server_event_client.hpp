// A stream of server-sent events that is read event by event, as a browser's EventSource does, for tests. One thread.
#pragma once

#include <nlohmann/json.hpp>

#include <map>
#include <optional>
#include <string>

#include "apps/demo/http_client.hpp"

namespace planexe::tests {

class event_client {
 public:
  /// Asks for `target`; `last_id` not empty: as a browser that comes back.
  event_client(const demo::endpoint& server, const std::string& target, const std::string& last_id = {});
  event_client(const event_client&) = delete;
  event_client& operator=(const event_client&) = delete;
  ~event_client();

  unsigned status() const { return status_; }
  /// Of the answer's head; names in lower case.
  std::string header(const std::string& name) const;
  /// The next message; nothing once the stream has ended or nothing came for half a minute.
  std::optional<nlohmann::json> next();
  /// The id that a browser would name when it comes back.
  const std::string& last_id() const { return last_id_; }
  /// What `retry` said, in milliseconds.
  const std::string& retry() const { return retry_; }

 private:
  bool fill();
  std::optional<std::string> line();

  int socket_ = -1;
  unsigned status_ = 0;
  std::map<std::string, std::string> fields_;
  std::string buffered_, last_id_, retry_;
};

}  // namespace planexe::tests
