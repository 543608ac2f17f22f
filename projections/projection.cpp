#include "projections/projection.hpp"

#include <algorithm>

namespace planexe::projections {

namespace {
constexpr std::size_t catch_up_chunk = 1'000;  // events read at a time
}

projection_runner::projection_runner(const eventstore::event_log& log, eventstore::derived_store& views)
    : log_(log), views_(views) {}

void projection_runner::add(projection& projection) {
  entries_.push_back({&projection});
}

result<void> projection_runner::restore(runner_entry& entry) {
  entry.target->reset();
  entry.checkpoint = 0;
  const auto rows = views_.load_view(std::string(entry.target->name()));
  if (!rows) return unexpected{rows.error()};
  const auto head = log_.head();
  if (!head) return unexpected{head.error()};
  // A view ahead of the log was written for a log that lost its tail; what it says may not be true any more.
  if (rows->checkpoint <= head->position && entry.target->restore(*rows))
    entry.checkpoint = rows->checkpoint;
  else
    entry.target->reset();
  entry.rebuilt = entry.checkpoint == 0;
  return {};
}

result<void> projection_runner::start() {
  std::uint64_t from = UINT64_MAX;
  for (auto& entry : entries_) {
    if (auto restored = restore(entry); !restored) return restored;
    from = std::min(from, entry.checkpoint);
  }
  position_ = entries_.empty() ? 0 : from;
  while (true) {
    const auto chunk = log_.read_all(position_, catch_up_chunk);
    if (!chunk) return unexpected{chunk.error()};
    for (const auto& record : *chunk)
      if (auto applied = apply(record); !applied) return applied;
    if (chunk->empty()) return {};
  }
}

result<void> projection_runner::apply(const domain::event_record& record) {
  for (auto& entry : entries_) {
    if (record.position <= entry.checkpoint) continue;
    if (auto applied = entry.target->apply(record); !applied) return applied;
  }
  position_ = record.position;
  ++unstored_;
  return {};
}

result<void> projection_runner::apply(const eventstore::committed_batch& batch) {
  for (const auto& record : batch.events) {
    if (record.position <= position_) continue;
    if (auto applied = apply(record); !applied) return applied;
  }
  return {};
}

std::vector<view_standing> projection_runner::standings() const {
  std::vector<view_standing> all;
  for (const auto& entry : entries_)
    all.push_back({entry.target->name(), entry.checkpoint, position_, entry.target->size()});
  return all;
}

result<void> projection_runner::store() {
  if (stores_held_) return {};
  for (auto& entry : entries_) {
    // A projection that was restored from further ahead than another one keeps its own checkpoint until passed.
    entry.checkpoint = std::max(entry.checkpoint, position_);
    eventstore::derived_store::view_write write;
    write.view = std::string(entry.target->name());
    write.checkpoint = entry.checkpoint;
    write.reset = std::exchange(entry.rebuilt, false);
    if (auto gathered = entry.target->changes(write); !gathered) return gathered;
    if (auto written = views_.write_view(write); !written) return written;
  }
  unstored_ = 0;
  return {};
}

}  // namespace planexe::projections
