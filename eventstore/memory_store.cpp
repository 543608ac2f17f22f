#include "eventstore/memory_store.hpp"

#include <algorithm>

#include "eventstore/archive_walk.hpp"
#include "eventstore/gaps.hpp"
#include "eventstore/hash_chain.hpp"

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
  auto plan = plan_append(
      std::move(batch), head_, [this](const auto& stream) { return find_head(stream); }, vault_);
  static_cast<void>(vault_.take_changes());  // nothing outlives this store
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
  if (plan->retired)
    if (auto gone = retire(*plan->retired); !gone) {
      failure_ = gone.error();
      return unexpected{*failure_};
    }
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

result<void> memory_store::retire(const retirement& gone) {
  std::vector<log_gap> known;
  for (const auto& [first, gap] : gaps_) known.push_back(gap);
  const auto change = merge_gaps(known, gone.gaps);
  if (!change) return unexpected{change.error()};
  for (const auto first : change->removed) gaps_.erase(first);
  for (const auto& gap : change->put) gaps_.insert_or_assign(gap.first, gap);
  for (const auto position : streams_.at(gone.stream)) log_[position - 1].bytes = {};
  archived_[gone.stream] = gone.entry;
  snapshots_.erase(gone.stream);
  return {};
}

result<void> memory_store::read(std::uint64_t position, std::vector<domain::event_record>& events) const {
  const entry& found = log_[position - 1];
  return restore({found.stream, found.seq, position, found.hash, found.bytes}, found.previous, *reads_with_, events);
}

result<void> memory_store::walk(
    const domain::stream_id& stream, std::uint64_t after_seq, read_limit limit,
    const std::function<result<void>(const event_at_rest&, const domain::sha256_digest&)>& take) const {
  const auto found = streams_.find(stream);
  if (found == streams_.end()) return {};
  if (const auto gone = archived_.find(stream); gone != archived_.end()) {
    const auto head = find_head(stream);
    if (!head) return unexpected{head.error()};
    return walk_archived(archive_.get(), {stream, *head, gone->second}, after_seq, limit, take);
  }
  read_budget budget(limit);
  for (std::uint64_t seq = after_seq; seq < found->second.size() && !budget.spent(); ++seq) {
    const auto position = found->second[seq];
    const entry& kept = log_[position - 1];
    if (auto taken = take({kept.stream, kept.seq, position, kept.hash, kept.bytes}, kept.previous); !taken)
      return taken;
    budget.take(kept.bytes.size());
  }
  return {};
}

result<std::vector<domain::event_record>> memory_store::read_stream(const domain::stream_id& stream,
                                                                    std::uint64_t after_seq, read_limit limit) const {
  const std::lock_guard lock(mutex_);
  std::vector<domain::event_record> events;
  auto walked = walk(stream, after_seq, limit, [&](const event_at_rest& stored, const auto& previous) {
    return restore(stored, previous, *reads_with_, events);
  });
  if (!walked) return unexpected{walked.error()};
  return events;
}

result<std::vector<domain::event_record>> memory_store::read_all(std::uint64_t after_position, read_limit limit) const {
  const std::lock_guard lock(mutex_);
  std::vector<domain::event_record> events;
  read_budget budget(limit);
  for (std::uint64_t at = after_position; at < log_.size() && !budget.spent(); ++at) {
    const entry& here = log_[at];
    if (!archived_.contains(here.stream)) {
      if (auto done = read(at + 1, events); !done) return unexpected{done.error()};
      budget.take(here.bytes.size());
    } else if (archive_) {
      auto walked = walk(here.stream, here.seq - 1, 1, [&](const event_at_rest& stored, const auto& previous) {
        budget.take(stored.bytes.size());
        return restore(stored, previous, *reads_with_, events);
      });
      if (!walked) return unexpected{walked.error()};
    }
  }
  return events;
}

result<std::vector<stored_event>> memory_store::read_stored(const domain::stream_id& stream, std::uint64_t after_seq,
                                                            read_limit limit) const {
  const std::lock_guard lock(mutex_);
  std::vector<stored_event> events;
  auto walked = walk(stream, after_seq, limit, [&](const event_at_rest& stored, const auto& previous) {
    if (link(previous, stored.bytes) != stored.hash)
      return result<void>{unexpected{error{
          errc::corrupt, display_name(stream) + " seq " + std::to_string(stored.seq) + ": the hash chain is broken"}}};
    events.push_back({stream, stored.seq, stored.position, stored.hash, std::string(stored.bytes)});
    return result<void>{};
  });
  if (!walked) return unexpected{walked.error()};
  return events;
}

result<std::vector<listed_stream>> memory_store::list_streams(std::uint64_t after, std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  std::vector<listed_stream> streams;
  for (std::uint64_t at = after; at < begun_.size() && streams.size() < limit; ++at) {
    const auto head = find_head(begun_[at]);
    if (!head) return unexpected{head.error()};
    std::optional<archive_entry> archived;
    if (const auto gone = archived_.find(begun_[at]); gone != archived_.end()) archived = gone->second;
    streams.push_back({at + 1, begun_[at], *head, archived});
  }
  return streams;
}

result<stream_head> memory_store::find_head(const domain::stream_id& stream) const {
  const auto found = streams_.find(stream);
  if (found == streams_.end()) return stream_head{};
  return stream_head{found->second.size(), log_[found->second.back() - 1].hash, archived_.contains(stream)};
}

result<std::vector<log_gap>> memory_store::read_gaps(std::uint64_t after_position, std::size_t limit) const {
  const std::lock_guard lock(mutex_);
  std::vector<log_gap> gaps;
  for (auto at = gaps_.upper_bound(after_position); at != gaps_.end() && gaps.size() < limit; ++at)
    gaps.push_back(at->second);
  return gaps;
}

result<retirement> memory_store::plan_retirement(const domain::stream_id& stream,
                                                 const domain::sha256_digest& file_digest) const {
  const std::lock_guard lock(mutex_);
  const auto head = find_head(stream);
  if (!head) return unexpected{head.error()};
  if (head->version == 0) return unexpected{error{errc::not_found, "no " + display_name(stream)}};
  if (head->archived) return unexpected{error{errc::archived, display_name(stream) + " is archived already"}};
  const auto& positions = streams_.at(stream);
  retirement planned{stream, *head, {positions.front(), positions.back(), file_digest}, {}};
  domain::sha256_digest chain{};
  for (std::uint64_t position = 1; position <= positions.back(); ++position) {
    const entry& here = log_[position - 1];
    const auto after = link_log(chain, position, here.hash);
    if (here.stream == stream) {
      if (planned.gaps.empty() || planned.gaps.back().last + 1 != position)
        planned.gaps.push_back({position, position, chain, after});
      planned.gaps.back().last = position;
      planned.gaps.back().after = after;
    }
    chain = after;
  }
  return planned;
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
  if (!archived_.contains(stream)) snapshots_[stream] = taken;
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
