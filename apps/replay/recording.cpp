#include "apps/replay/recording.hpp"

#include <algorithm>

#include "projections/replay.hpp"

namespace planexe::replaying {

result<recording> recording::open(log_opener opener, domain::execution_id id, agent_names names) {
  recording opened{std::move(opener), std::move(id), std::move(names)};
  if (auto looked = opened.look(); !looked) return unexpected{looked.error()};
  if (opened.last_ == 0) return unexpected{error{errc::not_found, "no execution '" + opened.id_.value + "'"}};
  return opened;
}

result<void> recording::look() {
  auto log = opener_();
  if (!log) return unexpected{log.error()};
  const auto head = (*log)->head_of(projections::stream_of(id_));
  if (!head) return unexpected{head.error()};
  log_ = std::move(*log);
  last_ = head->version;
  return {};
}

result<bool> recording::look_again() {
  const auto before = last_;
  if (auto looked = look(); !looked) return unexpected{looked.error()};
  if (last_ < before) return unexpected{error{errc::corrupt, "events that were there are gone"}};
  return last_ > before;
}

result<std::vector<domain::event_record>> recording::events(std::uint64_t after_seq, std::size_t limit) const {
  return log_->read_stream(projections::stream_of(id_), after_seq, limit);
}

result<std::uint64_t> recording::seq_at(domain::timestamp time) const {
  return projections::seq_at(*log_, id_, time, last_);
}

std::string recording::agent_name(const std::string& agent) const {
  const auto [known, is_new] = names_.try_emplace(agent);
  if (!is_new) return known->second;
  if (const auto state = projections::replay_agent(*log_, {agent})) known->second = state->profile.name;
  if (known->second.empty() && ask_name_) known->second = ask_name_(agent);
  return known->second;
}

result<void> playhead::go(std::uint64_t seq) {
  constexpr std::uint64_t chunk = 1'000;  // events read at a time
  if (seq < state_.version) {
    state_ = {};
    event_ = {};
  }
  while (state_.version < seq) {
    auto events = from_.events(state_.version, static_cast<std::size_t>(std::min(chunk, seq - state_.version)));
    if (!events) return unexpected{events.error()};
    if (events->empty()) return unexpected{error{errc::corrupt, "event " + std::to_string(seq) + " is missing"}};
    for (auto& each : *events) {
      const auto* event = std::get_if<domain::execution_event>(&each.payload);
      if (event == nullptr) return unexpected{error{errc::corrupt, "a stranger's event in the execution"}};
      domain::evolve(state_, *event, {each.seq, each.metadata.recorded_at});
    }
    event_ = std::move(events->back());
  }
  if (!state_.exists()) return unexpected{error{errc::corrupt, "the first event holds no plan"}};
  return {};
}

}  // namespace planexe::replaying
