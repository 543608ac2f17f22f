#include "gateway/http/responder.hpp"

#include <cassert>
#include <utility>

namespace planexe::gateway {

namespace {

void answer_for_the_lost(const std::shared_ptr<response_sink>& sink, std::uint64_t ticket) {
  if (sink) sink->deliver(ticket, to_response(unavailable("the request was dropped before it was answered")));
}

}  // namespace

responder::responder(std::shared_ptr<response_sink> sink, std::uint64_t ticket) noexcept
    : sink_(std::move(sink)), ticket_(ticket) {}

responder& responder::operator=(responder&& other) noexcept {
  if (this == &other) return *this;
  const auto lost = std::exchange(sink_, std::move(other.sink_));
  answer_for_the_lost(lost, std::exchange(ticket_, other.ticket_));
  return *this;
}

responder::~responder() {
  answer_for_the_lost(sink_, ticket_);
}

void responder::send(response answer) {
  assert(sink_ && "a responder answers once");
  const auto sink = std::move(sink_);
  if (sink) sink->deliver(ticket_, std::move(answer));
}

std::shared_ptr<push_peer> responder::stream(response head) {
  assert(sink_ && "a responder answers once");
  const auto sink = std::move(sink_);
  return sink->deliver_stream(ticket_, std::move(head));
}

}  // namespace planexe::gateway
