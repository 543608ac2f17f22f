// How the log is read. See rocksdb_store.hpp.
#include <algorithm>

#include "eventstore/hash_chain.hpp"
#include "eventstore/rocksdb_impl.hpp"

namespace planexe::eventstore {
namespace {

constexpr std::size_t most_expected = 1'024;  // events that room is made for; a damaged head may promise any number

}  // namespace

result<std::optional<std::string>> rocksdb_store::impl::get(const std::string& key,
                                                            const rocksdb::ReadOptions& at) const {
  std::string value;
  const auto status = database->Get(at, key, &value);
  if (status.ok()) return std::optional{std::move(value)};
  if (status.IsNotFound()) return std::optional<std::string>{};
  return unexpected{storage_error("cannot read the data folder " + folder, status)};
}

// `end` must live as long as the iterator; empty: to the last key.
std::unique_ptr<rocksdb::Iterator> rocksdb_store::impl::iterate(rocksdb::ReadOptions& options,
                                                                const rocksdb::Slice& end) const {
  if (!end.empty()) options.iterate_upper_bound = &end;
  return std::unique_ptr<rocksdb::Iterator>(database->NewIterator(options));
}

result<void> rocksdb_store::impl::check(const rocksdb::Iterator& iterator) const {
  if (iterator.status().ok()) return {};
  return unexpected{storage_error("cannot read the data folder " + folder, iterator.status())};
}

result<log_place> rocksdb_store::impl::read_place(const rocksdb::ReadOptions& at) const {
  auto value = get(keys::log_head(), at);
  if (!value) return unexpected{value.error()};
  if (!*value) return log_place{};
  const auto stored = parse_place(**value);
  if (!stored) return corrupt("the log's head in " + folder + " is malformed");
  return *stored;
}

result<stream_entry> rocksdb_store::impl::stored_stream(const domain::stream_id& stream,
                                                        const rocksdb::ReadOptions& at) const {
  auto value = get(keys::stream(stream), at);
  if (!value) return unexpected{value.error()};
  if (!*value) return stream_entry{};
  const auto entry = parse_stream(**value);
  if (!entry) return corrupt(display_name(stream) + ": its head is malformed");
  return *entry;
}

result<domain::stream_id> rocksdb_store::impl::name_of(std::uint64_t number) const {
  auto value = get(keys::stream_name(number));
  if (!value) return unexpected{value.error()};
  const char greatest_kind = static_cast<char>(domain::stream_kind::system);
  if (!*value || (*value)->empty() || (*value)->front() < 1 || (*value)->front() > greatest_kind)
    return corrupt("stream number " + std::to_string(number) + " has no name");
  return domain::stream_id{static_cast<domain::stream_kind>((*value)->front()), (*value)->substr(1)};
}

// Zeros before a stream's first event.
result<domain::sha256_digest> rocksdb_store::impl::hash_at(const domain::stream_id& stream, std::uint64_t number,
                                                           std::uint64_t seq, const rocksdb::ReadOptions& at) const {
  if (seq == 0) return domain::sha256_digest{};
  auto value = get(keys::event(number, seq), at);
  if (!value) return unexpected{value.error()};
  const auto record = *value ? parse_record(**value) : std::nullopt;
  if (!record) return corrupt(display_name(stream) + " seq " + std::to_string(seq) + ": missing or malformed");
  return record->hash;
}

// `take(event, previous)` is given each event, unchecked, with the hash that it must hang on; `expect(count)` is told
// before how many there will be at most.
template <class Take, class Expect>
result<void> rocksdb_store::impl::walk(const domain::stream_id& stream, std::uint64_t after_seq, read_limit limit,
                                       Take take, Expect expect) const {
  const moment now(*database, reads_only);
  auto entry = stored_stream(stream, now.options());
  if (!entry) return unexpected{entry.error()};
  if (after_seq >= entry->head.version || limit.events == 0) return {};
  if (entry->head.archived)
    return walk_archived(archive.get(), {stream, entry->head, entry->archived}, after_seq, limit, take);
  auto previous = hash_at(stream, entry->number, after_seq, now.options());
  if (!previous) return unexpected{previous.error()};

  auto options = now.options();
  const std::string end = keys::after(keys::numbered('e', entry->number));
  const rocksdb::Slice end_slice(end);
  const auto at = iterate(options, end_slice);
  const std::uint64_t last = after_seq + std::min<std::uint64_t>(limit.events, entry->head.version - after_seq);
  expect(static_cast<std::size_t>(last - after_seq));
  read_budget budget(limit);
  std::uint64_t seq = after_seq;
  for (at->Seek(keys::event(entry->number, after_seq + 1)); at->Valid() && seq < last && !budget.spent(); at->Next()) {
    ++seq;
    const auto record = parse_record(at->value().ToStringView());
    if (!record || !keys::is_event(at->key().ToStringView(), entry->number, seq))
      return corrupt(display_name(stream) + " seq " + std::to_string(seq) + ": missing or malformed");
    if (auto taken = take({stream, seq, record->position, record->hash, record->bytes}, *previous); !taken)
      return taken;
    budget.take(record->bytes.size());
    *previous = record->hash;
    if (seq == entry->head.version && record->hash != entry->head.hash)
      return corrupt(display_name(stream) + " seq " + std::to_string(seq) + ": not the hash that its head has");
  }
  if (auto read = check(*at); !read) return read;
  if (seq < last && !budget.spent())
    return corrupt(display_name(stream) + " seq " + std::to_string(seq + 1) + ": missing");
  return {};
}

result<std::vector<domain::event_record>> rocksdb_store::read_stream(const domain::stream_id& stream,
                                                                     std::uint64_t after_seq, read_limit limit) const {
  std::vector<domain::event_record> events;
  auto walked = impl_->walk(
      stream, after_seq, limit,
      [&](const event_at_rest& stored, const auto& previous) {
        return restore(stored, previous, impl_->sealing, events);
      },
      [&](std::size_t count) { events.reserve(std::min(count, most_expected)); });
  if (!walked) return unexpected{walked.error()};
  return events;
}

result<std::vector<stored_event>> rocksdb_store::read_stored(const domain::stream_id& stream, std::uint64_t after_seq,
                                                             read_limit limit) const {
  std::vector<stored_event> events;
  auto walked = impl_->walk(
      stream, after_seq, limit,
      [&](const event_at_rest& stored, const auto& previous) {
        if (link(previous, stored.bytes) != stored.hash)
          return result<void>{
              corrupt(display_name(stream) + " seq " + std::to_string(stored.seq) + ": the hash chain is broken")};
        events.push_back({stream, stored.seq, stored.position, stored.hash, std::string(stored.bytes)});
        return result<void>{};
      },
      [&](std::size_t count) { events.reserve(std::min(count, most_expected)); });
  if (!walked) return unexpected{walked.error()};
  return events;
}

result<std::vector<listed_stream>> rocksdb_store::list_streams(std::uint64_t after, std::size_t limit) const {
  std::vector<listed_stream> streams;
  rocksdb::ReadOptions options;
  const std::string end = keys::after("r");
  const rocksdb::Slice end_slice(end);
  const auto at = impl_->iterate(options, end_slice);
  std::uint64_t number = after;
  for (at->Seek(keys::stream_name(after + 1)); at->Valid() && streams.size() < limit; at->Next()) {
    ++number;
    if (at->key() != keys::stream_name(number))
      return corrupt("stream number " + std::to_string(number) + " has no name");
    auto name = impl_->name_of(number);
    if (!name) return unexpected{name.error()};
    auto entry = impl_->stored_stream(*name);
    if (!entry) return unexpected{entry.error()};
    if (entry->number != number) return corrupt(display_name(*name) + ": its head is malformed");
    std::optional<archive_entry> archived;
    if (entry->head.archived) archived = entry->archived;
    streams.push_back({number, std::move(*name), entry->head, archived});
  }
  if (auto read = impl_->check(*at); !read) return unexpected{read.error()};
  return streams;
}

// Gives the size of what is stored.
result<std::size_t> rocksdb_store::impl::read_at(std::uint64_t position, const stored_place& index,
                                                 passed_streams& passed, const rocksdb::ReadOptions& at,
                                                 std::vector<domain::event_record>& events) const {
  auto [known, is_new] = passed.try_emplace(index.stream);
  passed_stream& stream = known->second;
  if (is_new) {
    auto name = name_of(index.stream);
    if (!name) return unexpected{name.error()};
    auto previous = hash_at(*name, index.stream, index.seq - 1, at);
    if (!previous) return unexpected{previous.error()};
    stream = {*name, index.seq - 1, *previous};
  }
  if (index.seq != stream.seq + 1) return damaged(position, "its event is not the next of its stream");
  auto value = get(keys::event(index.stream, index.seq), at);
  if (!value) return unexpected{value.error()};
  const auto record = *value ? parse_record(**value) : std::nullopt;
  if (!record || record->position != position) return damaged(position, "its event is missing or stands elsewhere");
  auto restored =
      restore({stream.stream, index.seq, position, record->hash, record->bytes}, stream.hash, sealing, events);
  if (!restored) return unexpected{restored.error()};
  stream.seq = index.seq;
  stream.hash = record->hash;
  return record->bytes.size();
}

result<std::vector<domain::event_record>> rocksdb_store::read_all(std::uint64_t after_position,
                                                                  read_limit limit) const {
  const moment now(*impl_->database, impl_->reads_only);
  passed_streams passed;
  std::vector<domain::event_record> events;
  auto place = impl_->read_place(now.options());
  if (!place) return unexpected{place.error()};
  const auto end_position = place->head.position;

  auto options = now.options();
  const std::string end = keys::after("p");
  const rocksdb::Slice end_slice(end);
  const auto at = impl_->iterate(options, end_slice);
  std::unique_ptr<archive_sweep> sweep;
  read_budget budget(limit);
  std::uint64_t position = after_position;
  at->Seek(keys::position(after_position + 1));
  while (position < end_position && !budget.spent()) {
    if (at->Valid() && at->key() == keys::position(position + 1)) {
      ++position;
      const auto index = parse_index(at->value().ToStringView());
      if (!index) return damaged(position, "missing or malformed");
      const auto bytes = impl_->read_at(position, *index, passed, now.options(), events);
      if (!bytes) return unexpected{bytes.error()};
      budget.take(*bytes);
      at->Next();
      continue;
    }
    if (auto read = impl_->check(*at); !read) return unexpected{read.error()};
    auto gap = impl_->gap_at(position + 1, now.options());
    if (!gap) return unexpected{gap.error()};
    if (!*gap) return damaged(position + 1, at->Valid() ? "missing or malformed" : "missing");
    if (!impl_->archive) {
      position = (*gap)->last;
      continue;
    }
    if (!sweep) {
      auto taken = impl_->take_sweep(position, now.options());
      if (!taken) return unexpected{taken.error()};
      sweep = std::move(*taken);
    }
    for (const auto last = (*gap)->last; position < last && !budget.spent(); ++position) {
      const auto bytes = sweep->at(position + 1, events);
      if (!bytes) return unexpected{bytes.error()};
      budget.take(*bytes);
    }
  }
  if (sweep) impl_->keep_sweep(std::move(sweep), now.options());
  return events;
}

result<stream_head> rocksdb_store::head_of(const domain::stream_id& stream) const {
  auto entry = impl_->stored_stream(stream);
  if (!entry) return unexpected{entry.error()};
  return entry->head;
}

result<log_head> rocksdb_store::head() const {
  auto place = impl_->read_place();
  if (!place) return unexpected{place.error()};
  return place->head;
}

result<std::optional<kept_answer>> rocksdb_store::find_answer(const std::string& key, domain::timestamp now) const {
  auto value = impl_->get(keys::answer(key));
  if (!value) return unexpected{value.error()};
  if (!*value) return std::optional<kept_answer>{};
  auto answer = parse_answer(**value);
  if (!answer) return corrupt("the kept answer to " + key + " is malformed");
  if (answer->expires_at <= now) answer.reset();
  return answer;
}

}  // namespace planexe::eventstore
