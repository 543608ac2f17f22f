#include "benchmarks/connection_loop.hpp"

#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace planexe::bench {
namespace {

constexpr std::size_t epoll_batch = 128;
// A server may allow one address less than half of the connections that are measured with.
constexpr std::size_t connections_an_address = 1'000;

}  // namespace

connection_loop::connection_loop(std::uint16_t port, handlers calls)
    : port_(port), handlers_(std::move(calls)), epoll_(epoll_create1(EPOLL_CLOEXEC)) {
  if (epoll_ < 0) throw bench_failure("epoll is not available");
}

connection_loop::~connection_loop() {
  close(epoll_);
}

connection_loop::number connection_loop::open() {
  const auto self = connections_.size();
  connections_.emplace_back().self = self;
  reopen(self);
  return self;
}

void connection_loop::reopen(number which) {
  auto& one = connections_[which];
  one.socket = tcp_socket(port_, false, static_cast<std::uint8_t>(1 + which / connections_an_address));
  one.received.clear();
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.ptr = &one;
  if (epoll_ctl(epoll_, EPOLL_CTL_ADD, one.socket.descriptor(), &event) != 0) throw bench_failure("epoll_ctl failed");
}

void connection_loop::send(number which, const std::string& request) {
  const auto count = ::send(connections_[which].socket.descriptor(), request.data(), request.size(), MSG_NOSIGNAL);
  if (count != static_cast<ssize_t>(request.size())) broken_.push_back(which);
}

void connection_loop::turn(std::chrono::microseconds longest) {
  std::array<epoll_event, epoll_batch> events{};
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(longest);
  const timespec limit{seconds.count(), std::chrono::nanoseconds(longest - seconds).count()};
  const int count = epoll_pwait2(epoll_, events.data(), static_cast<int>(events.size()), &limit, nullptr);
  for (int i = 0; i < count; ++i) receive(*static_cast<connection*>(events[static_cast<std::size_t>(i)].data.ptr));
  report_broken();
}

void connection_loop::receive(connection& from) {
  std::array<char, 16384> chunk;
  const auto count = recv(from.socket.descriptor(), chunk.data(), chunk.size(), 0);
  if (count < 0 && (errno == EAGAIN || errno == EINTR)) return;
  if (count <= 0) {
    broken_.push_back(from.self);
    return;
  }
  from.received.append(chunk.data(), static_cast<std::size_t>(count));
  framed_reply reply;
  if (!frame_reply(from.received, reply)) return;
  // One request at a time: there is nothing behind its answer.
  handlers_.answered(from.self, reply);
  from.received.clear();
}

void connection_loop::report_broken() {
  while (!broken_.empty()) {
    const auto lost = broken_.back();
    broken_.pop_back();
    if (!handlers_.broken) throw bench_failure("the server closed connection " + std::to_string(lost));
    handlers_.broken(lost);
  }
}

void raise_descriptor_limit(std::size_t needed) {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) throw bench_failure("the limit of descriptors cannot be read");
  if (limit.rlim_max < needed) {
    throw bench_failure(std::to_string(needed) + " descriptors are needed, the system allows " +
                        std::to_string(limit.rlim_max));
  }
  limit.rlim_cur = limit.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &limit) != 0) throw bench_failure("the limit of descriptors cannot be raised");
}

}  // namespace planexe::bench
