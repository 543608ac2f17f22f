// bare_server: the yardstick. Beast on one thread, answering every request with the same 200 bytes of JSON; what it
// reaches on this machine is what HTTP alone costs here. Prints nothing; ends by a signal.
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core.hpp>
#include <boost/beast/http.hpp>

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>

namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = boost::beast::http;
using tcp = asio::ip::tcp;

constexpr std::size_t answer_bytes = 200;

std::string answer_json() {
  const std::string shell = R"({"text":""})";
  return R"({"text":")" + std::string(answer_bytes - shell.size(), 'x') + "\"}";
}

class session : public std::enable_shared_from_this<session> {
 public:
  explicit session(tcp::socket socket) : socket_(std::move(socket)) {}

  void do_read() {
    request_ = {};
    http::async_read(socket_, buffer_, request_, [self = shared_from_this()](beast::error_code error, std::size_t) {
      if (!error) self->do_write();
    });
  }

 private:
  void do_write() {
    answer_ = {http::status::ok, 11};
    answer_.set(http::field::content_type, "application/json");
    answer_.body() = answer_json();
    answer_.prepare_payload();
    http::async_write(socket_, answer_, [self = shared_from_this()](beast::error_code error, std::size_t) {
      if (!error) self->do_read();
    });
  }

  tcp::socket socket_;
  beast::flat_buffer buffer_;
  http::request<http::string_body> request_;
  http::response<http::string_body> answer_;
};

void do_accept(tcp::acceptor& acceptor) {
  acceptor.async_accept([&acceptor](beast::error_code error, tcp::socket socket) {
    if (!error) {
      socket.set_option(tcp::no_delay(true), error);
      std::make_shared<session>(std::move(socket))->do_read();
    }
    do_accept(acceptor);
  });
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    std::fprintf(stderr, "usage: bare_server PORT\n");
    return 2;
  }
  try {
    asio::io_context context{1};
    const auto port = static_cast<unsigned short>(std::atoi(argv[1]));
    tcp::acceptor acceptor(context, tcp::endpoint(asio::ip::make_address("127.0.0.1"), port));
    do_accept(acceptor);
    context.run();
  } catch (const std::exception& failure) {
    std::fprintf(stderr, "bare_server: %s\n", failure.what());
    return 1;
  }
}
