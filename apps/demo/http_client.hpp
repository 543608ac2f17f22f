// A small blocking HTTP/1.1 client that keeps its connection open.
// One thread uses one client. Every call ends within the timeout it was made with; nothing is thrown.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/result.hpp"

namespace planexe::demo {

struct endpoint {
  std::string host = "127.0.0.1";
  std::uint16_t port = 0;
  std::string key{};  ///< sent with every request, unless it brings one of its own; empty: none

  /// "http://host:port", as shown to people.
  std::string url() const;
};

/// The key that the environment gives to those who ask a server (PLANEXE_API_KEY); empty: none.
std::string key_of_environment();

/// `http://host:port`, with or without a '/' behind it; nothing for anything else. With the environment's key.
std::optional<endpoint> endpoint_at(std::string_view url);

struct http_header {
  std::string name;
  std::string value;
};

struct http_reply {
  unsigned status = 0;
  std::string body;
  std::string content_type;
  std::string link;                                 ///< the Link header, "" if there is none
  std::optional<std::chrono::seconds> retry_after;  ///< only the form in seconds is understood
  std::vector<http_header> headers;                 ///< all of them, as they came

  bool ok() const { return status >= 200 && status < 300; }
};

class http_client {
 public:
  /// `timeout` bounds one whole request, connecting included.
  http_client(endpoint server, std::chrono::milliseconds timeout);
  http_client(http_client&&) noexcept;
  http_client& operator=(http_client&&) noexcept;
  ~http_client();

  /// Sends one request and waits for its whole answer; any status is a success here. Errors are `errc::io`.
  /// Where a kept connection turns out to be closed, the request is sent once more on a new one, but only if doing it
  /// twice is harmless: a GET, or a request with an `Idempotency-Key`.
  /// A body is sent as application/json unless `headers` name another Content-Type.
  result<http_reply> request(const std::string& method, const std::string& path, const std::string& body = {},
                             const std::vector<http_header>& headers = {});

  const endpoint& server() const { return server_; }

 private:
  struct connection;

  endpoint server_;
  std::chrono::milliseconds timeout_;
  std::unique_ptr<connection> connection_;
};

}  // namespace planexe::demo
