#include "gateway/http/server.hpp"

#include <atomic>
#include <cassert>
#include <future>
#include <string>
#include <utility>
#include <vector>

#include "gateway/http/answer_text.hpp"
#include "gateway/http/http_session.hpp"
#include "gateway/http/worker.hpp"

namespace planexe::gateway {

namespace {

/// What counts as one client: an IPv4 address, or the 64 bits of an IPv6 address that one customer gets.
std::string client_of(const net::ip::address& address) {
  if (!address.is_v6()) return address.to_string();
  const auto v6 = address.to_v6();
  if (v6.is_v4_mapped()) return net::ip::make_address_v4(net::ip::v4_mapped, v6).to_string();
  auto bytes = v6.to_bytes();
  constexpr std::size_t network_bytes = 8;
  std::fill(bytes.begin() + network_bytes, bytes.end(), std::uint8_t{0});
  return net::ip::address_v6{bytes}.to_string();
}

result<tcp::endpoint> resolve(const server_options& options) {
  error_code failure;
  const auto address = net::ip::make_address(options.host, failure);
  if (!failure) return tcp::endpoint{address, options.port};
  net::io_context context;
  tcp::resolver resolver{context};
  const auto found = resolver.resolve(options.host, std::to_string(options.port), failure);
  if (failure || found.empty())
    return unexpected{error{errc::invalid, "cannot listen on '" + options.host + "': not an address"}};
  return found.begin()->endpoint();
}

}  // namespace

/// Lives as long as its workers' threads. The acceptor belongs to the first worker's thread.
struct server::impl {
  explicit impl(std::shared_ptr<server_shared> given) : shared(std::move(given)) {
    const std::size_t threads = std::max<std::size_t>(1, shared->options.threads);
    for (std::size_t index = 0; index < threads; ++index) workers.push_back(std::make_shared<worker>(shared));
    acceptor.emplace(workers.front()->io().get_executor());
  }

  result<void> listen();
  void accept();
  void on_accept(error_code failure, tcp_socket socket, const std::shared_ptr<worker>& target);
  static void turn_away(tcp_socket& socket);

  std::shared_ptr<server_shared> shared;
  std::vector<std::shared_ptr<worker>> workers;
  std::optional<tcp_acceptor> acceptor;
  std::uint16_t port = 0;
  std::size_t next_worker = 0;
  bool accepting = false;  ///< an accept is under way
  std::atomic<bool> stopped{false};
};

result<void> server::impl::listen() {
  const auto endpoint = resolve(shared->options);
  if (!endpoint) return unexpected{endpoint.error()};
  const std::string place = shared->options.host + ":" + std::to_string(shared->options.port);
  error_code failure;
  acceptor->open(endpoint->protocol(), failure);
  // A restart must not wait for the old connections' TIME_WAIT; on Linux this does not share the port.
  if (!failure) acceptor->set_option(tcp_acceptor::reuse_address{true}, failure);
  if (!failure) acceptor->bind(*endpoint, failure);
  if (!failure) acceptor->listen(tcp_acceptor::max_listen_connections, failure);
  if (failure == net::error::address_in_use)
    return unexpected{error{errc::locked, "cannot listen on " + place + ": the port is in use"}};
  if (failure == net::error::access_denied)
    return unexpected{error{errc::io, "cannot listen on " + place + ": not permitted"}};
  if (failure) return unexpected{error{errc::io, "cannot listen on " + place + ": " + failure.message()}};
  port = acceptor->local_endpoint(failure).port();
  return {};
}

void server::impl::accept() {
  if (accepting || !acceptor->is_open()) return;
  accepting = true;
  const auto& target = workers[next_worker++ % workers.size()];
  acceptor->async_accept(target->io(), [this, target](error_code failure, tcp_socket socket) {
    accepting = false;
    on_accept(failure, std::move(socket), target);
  });
}

void server::impl::on_accept(error_code failure, tcp_socket socket, const std::shared_ptr<worker>& target) {
  if (failure == net::error::operation_aborted) return;
  // Most likely there are no descriptors left: the next sweep tries again, rather than spin here.
  const bool wait_for_sweep = failure && failure != net::error::connection_aborted;
  if (wait_for_sweep) return;
  auto& counters = workers.front()->counters();
  error_code gone;
  const auto peer = failure ? tcp::endpoint{} : socket.remote_endpoint(gone);
  if (!failure && !gone) {
    connection_slot slot{shared, client_of(peer.address())};
    if (slot) {
      counters.accepted.add(1);
      const auto session =
          std::make_shared<http_session>(target, std::move(socket), std::move(slot), peer.address().to_string());
      target->on_thread() ? session->start() : net::post(target->io(), [session] { session->start(); });
    } else {
      counters.refused.add(1);
      turn_away(socket);
    }
  }
  accept();
}

void server::impl::turn_away(tcp_socket& socket) {
  const response content = to_response(unavailable("too many connections are open"));
  std::string answer;
  append_answer_head(answer, content, {false, false, false, {}});
  answer += content.body;
  error_code ignored;
  socket.non_blocking(true, ignored);
  socket.write_some(net::buffer(answer), ignored);
  socket.shutdown(tcp::socket::shutdown_send, ignored);
}

result<std::unique_ptr<server>> server::start(server_options options, const router& routes) {
  auto content = std::make_unique<impl>(std::make_shared<server_shared>(std::move(options), routes));
  if (auto listening = content->listen(); !listening) return unexpected{listening.error()};
  auto* own = content.get();
  content->workers.front()->on_sweep([own] { own->accept(); });
  content->accept();
  for (const auto& each : content->workers) each->start();
  return std::unique_ptr<server>{new server{std::move(content)}};
}

server::server(std::unique_ptr<impl> content) : impl_(std::move(content)) {}

server::~server() {
  stop();
}

std::uint16_t server::port() const noexcept {
  return impl_->port;
}

server_counters server::counters() const {
  server_counters sum;
  for (const auto& each : impl_->workers) {
    const auto& from = each->counters();
    // Ends are read before beginnings, so that no difference can be below zero.
    const auto closed = from.connections_closed.get();
    const auto websockets_closed = from.websockets_closed.get();
    const auto streams_closed = from.streams_closed.get();
    sum.connections_open += from.connections_opened.get() - closed;
    sum.websockets_open += from.websockets_opened.get() - websockets_closed;
    sum.streams_open += from.streams_opened.get() - streams_closed;
    sum.connections_accepted += from.accepted.get();
    sum.connections_refused += from.refused.get();
    sum.requests += from.requests.get();
    sum.answers_2xx += from.answers[0].get();
    sum.answers_3xx += from.answers[1].get();
    sum.answers_4xx += from.answers[2].get();
    sum.answers_5xx += from.answers[3].get();
    sum.heads_refused += from.heads_refused.get();
    sum.deadlines_passed += from.deadlines_passed.get();
    sum.bytes_received += from.bytes_received.get();
    sum.bytes_sent += from.bytes_sent.get();
  }
  return sum;
}

void server::stop_accepting() {
  if (impl_->stopped) return;
  std::promise<void> closed;
  net::post(impl_->workers.front()->io(), [this, &closed] {
    error_code ignored;
    impl_->acceptor->close(ignored);
    closed.set_value();
  });
  closed.get_future().wait();
}

void server::drain(std::chrono::milliseconds limit) {
  assert(!impl_->workers.front()->on_thread() && "a handler cannot wait for its own thread");
  if (impl_->stopped) return;
  stop_accepting();
  impl_->stopped = true;
  for (const auto& each : impl_->workers) each->begin_drain(limit);
  for (const auto& each : impl_->workers) each->join();
}

void server::stop() {
  drain(impl_->shared->options.limits.drain_time);
}

}  // namespace planexe::gateway
