#include "apps/demo/http_client.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <charconv>
#include <cstdlib>

namespace planexe::demo {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;
using request_message = http::request<http::string_body>;
using reply_parser = http::response_parser<http::string_body>;

// The largest answer the demo reads is the flat list of an execution's tasks, a few megabytes for a big plan.
constexpr std::uint64_t largest_reply_bytes = 64ULL << 20;

bool same_name(const std::string& a, const char* b) {
  return beast::iequals(a, b);
}

bool has_header(const std::vector<http_header>& headers, const char* name) {
  return std::any_of(headers.begin(), headers.end(), [&](const auto& header) { return same_name(header.name, name); });
}

std::optional<std::chrono::seconds> parse_seconds(std::string_view text) {
  unsigned seconds = 0;
  const auto* end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, seconds);
  if (text.empty() || parsed.ec != std::errc{} || parsed.ptr != end) return std::nullopt;
  return std::chrono::seconds(seconds);
}

std::string_view text_of(beast::string_view text) {
  return {text.data(), text.size()};
}

http_reply reply_of(reply_parser& parser) {
  auto& message = parser.get();
  http_reply reply;
  reply.status = message.result_int();
  reply.content_type = std::string(text_of(message[http::field::content_type]));
  reply.link = std::string(text_of(message[http::field::link]));
  reply.retry_after = parse_seconds(text_of(message[http::field::retry_after]));
  for (const auto& field : message)
    reply.headers.push_back({std::string(text_of(field.name_string())), std::string(text_of(field.value()))});
  reply.body = std::move(message.body());
  return reply;
}

}  // namespace

std::string endpoint::url() const {
  return "http://" + host + ":" + std::to_string(port);
}

std::string key_of_environment() {
  const char* key = std::getenv("PLANEXE_API_KEY");
  return key == nullptr ? std::string{} : std::string{key};
}

std::optional<endpoint> endpoint_at(std::string_view url) {
  constexpr std::string_view scheme = "http://";
  if (!url.starts_with(scheme)) return std::nullopt;
  url.remove_prefix(scheme.size());
  if (url.ends_with('/')) url.remove_suffix(1);
  const std::size_t colon = url.find(':');
  const std::string_view host = url.substr(0, colon);
  const std::string_view port = colon == std::string_view::npos ? std::string_view{"80"} : url.substr(colon + 1);
  endpoint server{std::string{host}, 0, key_of_environment()};
  const auto read = std::from_chars(port.data(), port.data() + port.size(), server.port);
  if (host.empty() || host.find_first_of("/[]@ ") != std::string_view::npos || read.ec != std::errc{} ||
      read.ptr != port.data() + port.size() || server.port == 0)
    return std::nullopt;
  return server;
}

// A socket with its own io_context: asynchronous calls are the only ones of Beast that honour a timeout, and running
// the context until the one call is done makes them blocking.
struct http_client::connection {
  asio::io_context context{1};
  beast::tcp_stream stream{context};
  beast::flat_buffer buffer;
  bool used = false;  // an answer came over it before

  template <class Start>
  beast::error_code wait_for(Start start) {
    beast::error_code outcome = asio::error::operation_aborted;
    start([&outcome](beast::error_code error, auto&&...) { outcome = error; });
    context.restart();
    context.run();
    return outcome;
  }

  beast::error_code connect(const endpoint& server, std::chrono::milliseconds timeout) {
    beast::error_code error;
    tcp::resolver resolver(context);
    const auto addresses = resolver.resolve(server.host, std::to_string(server.port), error);
    if (error) return error;
    stream.expires_after(timeout);
    error = wait_for([&](auto done) { stream.async_connect(addresses, done); });
    if (error) return error;
    stream.socket().set_option(tcp::no_delay(true), error);
    return error;
  }

  // `answered` tells whether any byte of an answer came, after which the request must not be sent again.
  beast::error_code exchange(const request_message& message, reply_parser& parser, std::chrono::milliseconds timeout,
                             bool& answered) {
    stream.expires_after(timeout);
    auto error = wait_for([&](auto done) { http::async_write(stream, message, done); });
    if (error) return error;
    error = wait_for([&](auto done) { http::async_read(stream, buffer, parser, done); });
    answered = parser.got_some();
    return error;
  }
};

http_client::http_client(endpoint server, std::chrono::milliseconds timeout)
    : server_(std::move(server)), timeout_(timeout) {}
http_client::http_client(http_client&&) noexcept = default;
http_client& http_client::operator=(http_client&&) noexcept = default;
http_client::~http_client() = default;

result<http_reply> http_client::request(const std::string& method, const std::string& path, const std::string& body,
                                        const std::vector<http_header>& headers) {
  request_message message;
  message.version(11);
  message.method_string(method);
  message.target(path);
  message.set(http::field::host, server_.host + ":" + std::to_string(server_.port));
  message.keep_alive(true);
  if (!body.empty() && !has_header(headers, "Content-Type")) message.set(http::field::content_type, "application/json");
  const bool brings_key = has_header(headers, "Authorization") || has_header(headers, "X-API-Key");
  if (!server_.key.empty() && !brings_key) message.set(http::field::authorization, "Bearer " + server_.key);
  for (const auto& header : headers) message.set(header.name, header.value);
  message.body() = body;
  if (!body.empty() || method != "GET") message.prepare_payload();

  const bool repeatable = method == "GET" || has_header(headers, "Idempotency-Key");
  beast::error_code error;
  for (int attempt = 0; attempt < 2; ++attempt) {
    if (!connection_) {
      connection_ = std::make_unique<connection>();
      error = connection_->connect(server_, timeout_);
      if (error) break;
    }
    reply_parser parser;
    parser.body_limit(largest_reply_bytes);
    parser.skip(method == "HEAD");
    bool answered = false;
    const bool reused = connection_->used;
    error = connection_->exchange(message, parser, timeout_, answered);
    if (!error) {
      connection_->used = true;
      if (!parser.get().keep_alive()) connection_.reset();
      return reply_of(parser);
    }
    connection_.reset();
    if (!reused || answered || !repeatable || error == beast::error::timeout) break;
  }
  connection_.reset();
  return unexpected{planexe::error{errc::io, method + " " + server_.url() + path + ": " + error.message()}};
}

}  // namespace planexe::demo
