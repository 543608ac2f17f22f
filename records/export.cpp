#include "records/export.hpp"

#include <algorithm>
#include <unordered_map>

namespace planexe::records {
namespace {

constexpr std::size_t chunk = 256;  // events read at a time, and no more of them than the log gives at once

/// The stored forms of events that follow each other in the log: of each stream they are a run without a gap.
class stored_forms {
 public:
  static result<stored_forms> of(const eventstore::event_log& log, const std::vector<domain::event_record>& events) {
    stored_forms forms;
    for (const auto& event : events) {
      const auto [known, is_new] = forms.runs_.try_emplace(event.stream);
      if (is_new) known->second.first = event.seq;
      ++known->second.count;
    }
    for (auto& [stream, kept] : forms.runs_) {
      // All of what has been handed over once.
      auto stored = log.read_stored(stream, kept.first - 1, {kept.count, SIZE_MAX});
      if (!stored) return unexpected{stored.error()};
      kept.events = std::move(*stored);
    }
    return forms;
  }

  /// Nothing where the log says otherwise than it did.
  const eventstore::stored_event* find(const domain::event_record& event) const {
    const auto& kept = runs_.at(event.stream);
    const auto place = event.seq - kept.first;
    if (place >= kept.events.size()) return nullptr;
    const auto& found = kept.events[place];
    return found.seq == event.seq && found.position == event.position && found.hash == event.hash ? &found : nullptr;
  }

 private:
  struct stretch {
    std::uint64_t first = 0;
    std::size_t count = 0;
    std::vector<eventstore::stored_event> events;
  };
  std::unordered_map<domain::stream_id, stretch> runs_;
};

/// A log that knows no archive passes over what is there; a copy must not.
unexpected<error> left_the_log(std::uint64_t position) {
  return unexpected{error{errc::archived, "log position " + std::to_string(position) +
                                              ": its event is archived, and its archive is not known"}};
}

}  // namespace

result<std::uint64_t> each_of_stream(const eventstore::event_log& log, const domain::stream_id& stream,
                                     std::uint64_t after_seq, std::uint64_t last_seq, const event_taker& take) {
  std::uint64_t count = 0;
  while (after_seq < last_seq) {
    const auto events = log.read_stored(stream, after_seq, std::min<std::uint64_t>(chunk, last_seq - after_seq));
    if (!events) return unexpected{events.error()};
    if (events->empty()) break;
    for (const auto& event : *events)
      if (auto taken = take(event); !taken) return unexpected{taken.error()};
    after_seq += events->size();
    count += events->size();
  }
  return count;
}

result<std::uint64_t> each_of_log(const eventstore::event_log& log, const event_taker& take) {
  const auto head = log.head();
  if (!head) return unexpected{head.error()};
  std::uint64_t position = 0, count = 0;
  while (position < head->position) {
    const auto events = log.read_all(position, std::min<std::uint64_t>(chunk, head->position - position));
    if (!events) return unexpected{events.error()};
    if (events->empty()) break;
    const auto forms = stored_forms::of(log, *events);
    if (!forms) return unexpected{forms.error()};
    for (const auto& event : *events) {
      if (event.position != ++position) return left_the_log(position);
      const auto* stored = forms->find(event);
      if (stored == nullptr)
        return unexpected{error{errc::corrupt, "log position " + std::to_string(event.position) +
                                                   ": its event is not the one that its stream has there"}};
      if (auto taken = take(*stored); !taken) return unexpected{taken.error()};
    }
    count += events->size();
  }
  if (position < head->position) return left_the_log(position + 1);
  return count;
}

}  // namespace planexe::records
