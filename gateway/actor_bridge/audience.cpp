#include "gateway/actor_bridge/audience.hpp"

#include <algorithm>

#include "gateway/http/framing.hpp"

namespace planexe::gateway {

const shared_text& told_messages::framed(framing form) {
  auto& text = framed_[static_cast<std::size_t>(form)];
  if (text) return text;
  auto made = std::make_shared<std::string>();
  constexpr std::size_t most_framing = 40;  // the id's line and the ends of lines are longer than any frame's head
  made->reserve(bytes_ + parts_.size() * most_framing);
  for (const auto& each : parts_) append_framed(*made, form, each.json, each.id);
  text = std::move(made);
  return text;
}

listener_number audience::add(std::shared_ptr<push_peer> peer) {
  const auto form = peer->framed_as();
  listeners_.push_back({++last_number_, std::move(peer), form, standing::starting});
  return last_number_;
}

std::optional<framing> audience::framing_of(listener_number number) {
  const auto* whom = find(number);
  return whom == nullptr ? std::nullopt : std::optional{whom->form};
}

audience::listener* audience::find(listener_number number) {
  const auto found = std::ranges::find(listeners_, number, &listener::number);
  return found == listeners_.end() ? nullptr : &*found;
}

void audience::move(listener& whom, standing to) {
  behind_ = behind_ + (to == standing::behind ? 1U : 0U) - (whom.stands == standing::behind ? 1U : 0U);
  whom.stands = to;
}

void audience::set(listener_number number, standing to) {
  if (auto* whom = find(number)) move(*whom, to);
}

void audience::remove(listener_number number) {
  auto* whom = find(number);
  if (whom == nullptr) return;
  if (whom->stands == standing::behind) --behind_;
  *whom = std::move(listeners_.back());
  listeners_.pop_back();
}

void audience::tell(told_messages& messages) {
  for (auto& each : listeners_)
    if (each.stands == standing::live && !each.peer->send_framed(messages.framed(each.form)))
      move(each, standing::behind);
}

bool audience::tell(listener_number number, told_messages& messages) {
  auto* whom = find(number);
  if (whom == nullptr || whom->stands == standing::behind) return false;
  if (whom->peer->send_framed(messages.framed(whom->form))) return true;
  move(*whom, standing::behind);
  return false;
}

std::vector<listener_number> audience::take_caught_up() {
  std::vector<listener_number> ready;
  if (behind_ == 0) return ready;
  for (auto& each : listeners_) {
    if (each.stands != standing::behind || each.peer->queued_bytes() > 0) continue;
    move(each, standing::starting);
    ready.push_back(each.number);
  }
  return ready;
}

void audience::close(listener_number number, std::uint16_t code, const std::string& reason) {
  if (auto* whom = find(number)) whom->peer->close(code, reason);
}

}  // namespace planexe::gateway
