#include "eventstore/memory_store.hpp"

#include <algorithm>

#include "eventstore/append_plan.hpp"

namespace planexe::eventstore {

void memory_store::append(std::vector<append_request> batch, append_done done) {
  std::shared_ptr<const committed_batch> committed;
  auto outcomes = store(std::move(batch), committed);
  if (committed)
    for (const subscriber& on_commit : subscribers_) on_commit(committed);
  done(std::move(outcomes));
}

result<std::vector<append_outcome>> memory_store::store(std::vector<append_request> batch,
                                                        std::shared_ptr<const committed_batch>& committed) {
  const std::lock_guard lock(mutex_);
  if (failure_) return unexpected{*failure_};
  auto plan = plan_append(std::move(batch), head_, [this](const auto& stream) { return find_head(stream); });
  if (!plan) {
    failure_ = plan.error();
    return unexpected{*failure_};
  }
  for (std::size_t i = 0; i < plan->events.size(); ++i) {
    const domain::event_record& event = plan->events[i];
    auto& positions = streams_[event.stream];
    if (positions.empty()) begun_.push_back(event.stream);
    const auto previous = positions.empty() ? domain::sha256_digest{} : log_[positions.back() - 1].hash;
    positions.push_back(event.position);
    log_.push_back({event.stream, event.seq, previous, event.hash, std::move(plan->bytes[i])});
  }
  head_ = plan->head;
  keep_answers(std::move(plan->answers));
  drop_expired(plan->latest);
  if (!plan->events.empty())
    committed = std::make_shared<const committed_batch>(committed_batch{std::move(plan->events)});
  return std::move(plan->outcomes);
}

void memory_store::keep_answers(std::vector<kept_answer> answers) {
  for (kept_answer& answer : answers) {
    expiries_.emplace(answer.expires_at, answer.key);
    std::string key = answer.key;
    answers_.insert_or_assign(std::move(key), std::move(answer));
  }
}

void memory_store::drop_expired(domain::timestamp now) {
  while (!expiries_.empty() && expiries_.begin()->first <= now) {
    const auto answer = answers_.find(expiries_.begin()->second);
    if (answer != answers_.end() && answer->second.expires_at <= now) answers_.erase(answer);
    expiries_.erase(expiries_.begin());
  }
}

result<void> memory_store::read(std::uint64_t position, std::vector<domain::event_record>& events) const {
  const entry& found = log_[position - 1];
  return restore({found.stream, found.seq, position, found.hash, found.bytes}, found.previous, events);
}

result<std::vector<domain::event_record>> memory_store::read_stream(const domain::stream_id& stream,
                                                                    std::uint64_t after_seq, std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  std::vector<domain::event_record> events;
  const auto found = streams_.find(stream);
  if (found == streams_.end()) return events;
  const auto& positions = found->second;
  if (after_seq < positions.size()) events.reserve(std::min(limit, positions.size() - after_seq));
  for (std::uint64_t seq = after_seq; seq < positions.size() && events.size() < limit; ++seq)
    if (auto done = read(positions[seq], events); !done) return unexpected{done.error()};
  return events;
}

result<std::vector<domain::event_record>> memory_store::read_all(std::uint64_t after_position,
                                                                 std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  std::vector<domain::event_record> events;
  for (std::uint64_t at = after_position; at < log_.size() && events.size() < limit; ++at)
    if (auto done = read(at + 1, events); !done) return unexpected{done.error()};
  return events;
}

result<std::vector<stored_event>> memory_store::read_stored(const domain::stream_id& stream, std::uint64_t after_seq,
                                                            std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  std::vector<stored_event> events;
  const auto found = streams_.find(stream);
  if (found == streams_.end()) return events;
  for (std::uint64_t seq = after_seq; seq < found->second.size() && events.size() < limit; ++seq) {
    const auto position = found->second[seq];
    const entry& kept = log_[position - 1];
    events.push_back({kept.stream, kept.seq, position, kept.hash, kept.bytes});
  }
  return events;
}

result<std::vector<listed_stream>> memory_store::list_streams(std::uint64_t after, std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  std::vector<listed_stream> streams;
  for (std::uint64_t at = after; at < begun_.size() && streams.size() < limit; ++at) {
    const auto head = find_head(begun_[at]);
    if (!head) return unexpected{head.error()};
    streams.push_back({at + 1, begun_[at], *head});
  }
  return streams;
}

result<stream_head> memory_store::find_head(const domain::stream_id& stream) const {
  const auto found = streams_.find(stream);
  if (found == streams_.end()) return stream_head{};
  return stream_head{found->second.size(), log_[found->second.back() - 1].hash};
}

result<stream_head> memory_store::head_of(const domain::stream_id& stream) const {
  const std::lock_guard lock(mutex_);
  return find_head(stream);
}

result<log_head> memory_store::head() const {
  const std::lock_guard lock(mutex_);
  return head_;
}

result<std::optional<kept_answer>> memory_store::find_answer(const std::string& key, domain::timestamp now) const {
  const std::lock_guard lock(mutex_);
  const auto found = answers_.find(key);
  if (found == answers_.end() || found->second.expires_at <= now) return std::optional<kept_answer>{};
  return std::optional{found->second};
}

void memory_store::subscribe(subscriber on_commit) {
  subscribers_.push_back(std::move(on_commit));
}

result<void> memory_store::save_snapshot(const domain::stream_id& stream, const snapshot& taken) {
  const std::lock_guard lock(mutex_);
  snapshots_[stream] = taken;
  return {};
}

result<std::optional<derived_store::snapshot>> memory_store::load_snapshot(const domain::stream_id& stream) const {
  const std::lock_guard lock(mutex_);
  const auto found = snapshots_.find(stream);
  if (found == snapshots_.end()) return std::optional<snapshot>{};
  return std::optional{found->second};
}

result<void> memory_store::write_view(const view_write& write) {
  const std::lock_guard lock(mutex_);
  view_content& view = views_[write.view];
  if (write.reset) view.rows.clear();
  for (const std::string& key : write.deletes) view.rows.erase(key);
  for (const auto& [key, row] : write.puts) view.rows.insert_or_assign(key, row);
  view.checkpoint = write.checkpoint;
  return {};
}

result<derived_store::view_rows> memory_store::load_view(const std::string& view) const {
  const std::lock_guard lock(mutex_);
  view_rows content;
  const auto found = views_.find(view);
  if (found == views_.end()) return content;
  content.checkpoint = found->second.checkpoint;
  content.rows.assign(found->second.rows.begin(), found->second.rows.end());
  return content;
}

}  // namespace planexe::eventstore
