#include "projections/rebuild.hpp"

#include <algorithm>
#include <cassert>

namespace planexe::projections {

namespace {
constexpr std::size_t chunk = 1'000;  // events read at a time: bounds memory, and how long a stop takes
}

view_rebuild::view_rebuild(const eventstore::event_log& log, eventstore::derived_store& derived,
                           double review_threshold, std::string_view name)
    : log_(log), derived_(derived), views_(log, derived, review_threshold), view_(views_.named(name)) {
  assert(view_ != nullptr);
  needed_ = views_.needed_for(*view_);
}

result<void> view_rebuild::carry_to(std::uint64_t position, const std::stop_token& stop) {
  while (position_ < position && !stop.stop_requested()) {
    const auto wanted = static_cast<std::size_t>(std::min<std::uint64_t>(chunk, position - position_));
    const auto records = log_.read_all(position_, wanted);
    if (!records) return unexpected{records.error()};
    if (records->empty()) return unexpected{error{errc::corrupt, "the log ends before the views do"}};
    for (const auto& record : *records) {
      for (auto* each : needed_)
        if (auto applied = each->apply(record); !applied) return applied;
      position_ = record.position;
    }
  }
  return {};
}

result<void> view_rebuild::gather() {
  eventstore::derived_store::view_write write;
  if (auto gathered = view_->changes(write); !gathered) return gathered;
  for (const auto& key : write.deletes) rows_.erase(key);
  for (auto& [key, bytes] : write.puts) rows_.insert_or_assign(std::move(key), std::move(bytes));
  return {};
}

void view_rebuild::install(projection& live) {
  assert(live.name() == view_->name());
  live.exchange(*view_);
}

result<bool> view_rebuild::compare() {
  const std::string name{view_->name()};
  const auto stored = derived_.load_view(name);
  if (!stored) return unexpected{stored.error()};
  if (stored->checkpoint != position_)
    return unexpected{error{errc::io, "the stored view moved while it was compared"}};
  const bool equal = std::equal(
      stored->rows.begin(), stored->rows.end(), rows_.begin(), rows_.end(),
      [](const auto& one, const auto& other) { return one.first == other.first && one.second == other.second; });
  if (equal) return true;
  eventstore::derived_store::view_write write;
  write.view = name;
  write.checkpoint = position_;
  write.reset = true;
  write.puts.assign(rows_.begin(), rows_.end());
  if (auto mended = derived_.write_view(write); !mended) return unexpected{mended.error()};
  return false;
}

}  // namespace planexe::projections
