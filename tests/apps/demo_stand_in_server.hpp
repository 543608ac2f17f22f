// A small HTTP server for tests of HTTP clients: one thread, a handler, and an account of what came in.
// The handler runs on the server's thread; read its results after `stop`.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>

namespace planexe::tests {

struct stand_in_request {
  std::string method;
  std::string path;  ///< without the query
  std::string query;
  std::string body;
  std::string idempotency_key;
  std::string content_type;
  std::map<std::string, std::string> headers;  ///< names in lower case
};

struct stand_in_reply {
  unsigned status = 200;
  std::string body;
  std::map<std::string, std::string> headers;
  bool close_silently = false;  ///< closes after the answer without having said so
  bool never = false;           ///< keeps the connection and says nothing
  std::string raw{};            ///< not empty: these bytes instead of an HTTP answer, and the end
};

class stand_in_server {
 public:
  using handler = std::function<stand_in_reply(const stand_in_request&)>;

  /// Listens on a free port of 127.0.0.1 and serves until `stop`.
  explicit stand_in_server(handler handle);
  ~stand_in_server();

  std::uint16_t port() const;
  void stop();
  /// Connections accepted so far; after `stop`.
  unsigned connections() const;

 private:
  struct listener;
  std::unique_ptr<listener> listener_;
  std::thread thread_;
};

}  // namespace planexe::tests
