#include "tests/apps/demo_stand_in_server.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <algorithm>
#include <cctype>

namespace planexe::tests {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

std::string text(beast::string_view view) {
  return {view.data(), view.size()};
}

// One connection: reads a request, answers it, reads the next.
class session : public std::enable_shared_from_this<session> {
 public:
  session(tcp::socket socket, const stand_in_server::handler& handle) : socket_(std::move(socket)), handle_(handle) {}

  void do_read() {
    request_ = {};
    http::async_read(socket_, buffer_, request_, [self = shared_from_this()](beast::error_code error, std::size_t) {
      if (!error) self->on_read();
    });
  }

 private:
  void on_read() {
    const auto target = text(request_.target());
    const auto question = target.find('?');
    stand_in_request request;
    request.method = text(request_.method_string());
    request.path = target.substr(0, question);
    request.query = question == std::string::npos ? "" : target.substr(question + 1);
    request.body = request_.body();
    request.idempotency_key = text(request_["Idempotency-Key"]);
    request.content_type = text(request_[http::field::content_type]);
    for (const auto& field : request_) {
      auto name = text(field.name_string());
      std::transform(name.begin(), name.end(), name.begin(),
                     [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
      request.headers[name] = text(field.value());
    }
    const auto answer = handle_(request);
    if (answer.never) return do_read();  // the client sends nothing more; this ends when it gives up
    if (!answer.raw.empty()) return do_write_raw(answer.raw);
    reply_ = {static_cast<http::status>(answer.status), 11};
    for (const auto& [name, value] : answer.headers) reply_.set(name, value);
    reply_.body() = answer.body;
    reply_.prepare_payload();
    http::async_write(socket_, reply_,
                      [self = shared_from_this(), close = answer.close_silently](beast::error_code error, std::size_t) {
                        if (!error && !close) self->do_read();
                      });
  }

  void do_write_raw(const std::string& bytes) {
    raw_ = bytes;
    asio::async_write(socket_, asio::buffer(raw_), [self = shared_from_this()](beast::error_code, std::size_t) {
      beast::error_code ignored;
      self->socket_.shutdown(tcp::socket::shutdown_both, ignored);
    });
  }

  std::string raw_;
  tcp::socket socket_;
  const stand_in_server::handler& handle_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response<http::string_body> reply_;
};

}  // namespace

struct stand_in_server::listener {
  handler handle;
  unsigned connections = 0;
  asio::io_context context{1};
  tcp::acceptor acceptor{context, tcp::endpoint(asio::ip::make_address("127.0.0.1"), 0)};

  void do_accept() {
    acceptor.async_accept([this](beast::error_code error, tcp::socket socket) {
      if (error) return;
      ++connections;
      std::make_shared<session>(std::move(socket), handle)->do_read();
      do_accept();
    });
  }
};

stand_in_server::stand_in_server(handler handle) : listener_(std::make_unique<listener>()) {
  listener_->handle = std::move(handle);
  listener_->do_accept();
  thread_ = std::thread([this] { listener_->context.run(); });
}

stand_in_server::~stand_in_server() {
  stop();
}

std::uint16_t stand_in_server::port() const {
  return listener_->acceptor.local_endpoint().port();
}

void stand_in_server::stop() {
  listener_->context.stop();
  if (thread_.joinable()) thread_.join();
  beast::error_code ignored;
  listener_->acceptor.close(ignored);  // who calls now is refused, and need not wait for an answer that never comes
}

unsigned stand_in_server::connections() const {
  return listener_->connections;
}

}  // namespace planexe::tests
