#include "tests/apps/server_stream_client.hpp"

#include <boost/asio/connect.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/websocket.hpp>

namespace planexe::tests {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace websocket = boost::beast::websocket;
using tcp = asio::ip::tcp;

// Everything a test waits for has come long before.
constexpr std::chrono::seconds patience{30};
constexpr std::size_t largest_message = 64U << 20U;

}  // namespace

// Asynchronous calls alone honour a timeout; running the context until the one call is done makes them blocking.
struct stream_client::connection {
  asio::io_context context{1};
  websocket::stream<beast::tcp_stream> stream{context};
  beast::flat_buffer buffer;
  beast::error_code failure;

  template <class Start>
  bool wait_for(Start start) {
    bool done = false;
    start([&](beast::error_code error, auto&&...) {
      failure = error;
      done = true;
    });
    context.restart();
    while (!done) context.run_one();  // not run(): the timers of the connection itself go on
    return !failure;
  }
};

stream_client::stream_client(const demo::endpoint& server, const std::string& target)
    : connection_(std::make_unique<connection>()) {
  auto& [context, stream, buffer, failure] = *connection_;
  const tcp::endpoint place{asio::ip::make_address(server.host), server.port};
  beast::get_lowest_layer(stream).expires_after(patience);
  if (!connection_->wait_for([&](auto done) { stream.next_layer().async_connect(place, done); })) return;
  beast::get_lowest_layer(stream).expires_never();
  stream.set_option(websocket::stream_base::timeout{patience, patience, false});
  stream.read_message_max(largest_message);
  connection_->wait_for([&](auto done) { stream.async_handshake("127.0.0.1", target, done); });
}

stream_client::~stream_client() = default;

std::optional<nlohmann::json> stream_client::next() {
  auto& [context, stream, buffer, failure] = *connection_;
  if (failure) return std::nullopt;
  buffer.clear();
  if (!connection_->wait_for([&](auto done) { stream.async_read(buffer, done); })) return std::nullopt;
  return nlohmann::json::parse(beast::buffers_to_string(buffer.data()));
}

unsigned stream_client::close_code() const {
  return connection_->stream.reason().code;
}

}  // namespace planexe::tests
