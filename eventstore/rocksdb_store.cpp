#include "eventstore/rocksdb_store.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "eventstore/hash_chain.hpp"
#include "eventstore/head_mark.hpp"
#include "eventstore/layout.hpp"
#include "eventstore/rocksdb_impl.hpp"
#include "eventstore/rocksdb_vault.hpp"

namespace planexe::eventstore {
namespace {

constexpr std::string_view first_format = "1";
constexpr std::size_t purged_at_once = 256;  // expired answers deleted with one append, so that none takes long
constexpr auto never = domain::timestamp::max();
constexpr std::size_t most_expected = 1'024;  // events that room is made for; a damaged head may promise any number
// A reader that comes just when tables are moved looks again; a busy writer does so a few times a minute.
constexpr int looks_beside_a_writer = 200;
constexpr std::chrono::milliseconds between_looks{2};
// What is wrong although no table moved may be the mark that the writer sets beside the log; more often it is true.
constexpr int most_refusals = 5;

}  // namespace

rocksdb_store::rocksdb_store(std::unique_ptr<impl> content) : impl_(std::move(content)) {}
rocksdb_store::~rocksdb_store() = default;

// A store that closes in good order leaves its data in tables, every block of them under a checksum, and marks its
// head. Where that fails, or the process just ends, the next opening recovers as much from the write-ahead log.
rocksdb_store::impl::~impl() {
  if (!sound || failed() || !database->Flush(rocksdb::FlushOptions()).ok()) return;
  const auto marked = write_head_mark(*database->GetEnv(), folder, place.head);
  static_cast<void>(marked);  // the older mark holds as well
}

// Opening.

result<std::unique_ptr<rocksdb_store>> rocksdb_store::open(const std::string& folder,
                                                           const rocksdb_settings& settings) {
  auto opened = open_database(folder, settings);
  if (!opened) return unexpected{opened.error()};
  std::unique_ptr<rocksdb_store> store(new rocksdb_store(std::make_unique<impl>(std::move(*opened), folder, settings)));
  if (auto format = store->impl_->check_format(); !format) return unexpected{format.error()};
  auto& database = *store->impl_->database;
  if (auto loaded = load_vault(database, folder, store->impl_->sealing); !loaded) return unexpected{loaded.error()};
  const auto finished = finish_erasure(database, folder, store->impl_->sealing);
  if (!finished) return unexpected{finished.error()};
  if (*finished) {
    store.reset();
    return open(folder, settings);
  }
  if (auto tail = store->impl_->check_tail(*store); !tail) return unexpected{tail.error()};
  if (auto mark = store->impl_->check_mark(); !mark) return unexpected{mark.error()};
  if (auto known = enroll_everybody(database, folder, *store, store->impl_->sealing); !known)
    return unexpected{known.error()};
  // What recovery found has been written out as tables by now, so the mark may move up to it.
  const auto& content = *store->impl_;
  if (auto marked = write_head_mark(*content.database->GetEnv(), folder, content.place.head); !marked)
    return unexpected{marked.error()};
  store->impl_->sound = true;
  return store;
}

result<std::unique_ptr<const rocksdb_store>> rocksdb_store::open_to_read(const std::string& folder,
                                                                         const rocksdb_settings& settings) {
  return look_into(folder, settings, true);
}

result<std::unique_ptr<const rocksdb_store>> rocksdb_store::open_to_check(const std::string& folder,
                                                                          const rocksdb_settings& settings) {
  return look_into(folder, settings, false);
}

result<std::unique_ptr<const rocksdb_store>> rocksdb_store::look_into(const std::string& folder,
                                                                      const rocksdb_settings& settings, bool whole) {
  error why;
  int refusals = 0;
  for (int look = 0; look < looks_beside_a_writer && refusals < most_refusals; ++look) {
    if (look > 0) std::this_thread::sleep_for(between_looks);
    const auto mark = read_head_mark(environment_of(settings), folder);  // before the log, which only grows
    const auto layout = layout_of(folder);
    auto opened = open_database_to_read(folder, settings);
    if (!opened && opened.error().code == errc::not_found) return unexpected{opened.error()};
    result<void> sound;
    std::unique_ptr<rocksdb_store> store;
    if (opened) {
      store.reset(new rocksdb_store(std::make_unique<impl>(std::move(*opened), folder, settings)));
      store->impl_->reads_only = true;
      store->impl_->mark_before = mark;
      sound = catch_up(*store->impl_->database, folder);
    } else {
      sound = unexpected{opened.error()};
    }
    if (layout_of(folder) != layout) {
      why = {errc::io, "the data folder " + folder + " is written too busily to be read"};
      continue;
    }
    if (sound) sound = store->impl_->check_format();
    if (sound) sound = load_vault(*store->impl_->database, folder, store->impl_->sealing);
    const bool legible = sound.has_value();
    if (sound) sound = store->impl_->check_tail(*store);
    if (sound) sound = store->impl_->check_mark();
    if (sound) return std::unique_ptr<const rocksdb_store>(std::move(store));
    why = sound.error();
    if (why.code == errc::newer_version || why.code == errc::not_found) break;
    // Whoever comes to check the log wants to see the damage; but first it must be sure that it is some.
    if (++refusals == most_refusals && legible && !whole) return std::unique_ptr<const rocksdb_store>(std::move(store));
  }
  return unexpected{why};
}

result<void> rocksdb_store::impl::check_format() {
  const auto found = get(keys::format());
  if (!found) return unexpected{found.error()};
  if (!*found && reads_only) return unexpected{error{errc::not_found, "no data in the folder " + folder}};
  if (!*found) {
    rocksdb::ReadOptions options;
    const auto any = iterate(options, {});
    any->SeekToFirst();
    if (auto read = check(*any); !read) return read;
    if (any->Valid()) return corrupt("the data folder " + folder + " has data but no format version");
    return mark_format();
  }
  const std::string& format = **found;
  if (format == folder_format || (format == first_format && reads_only)) return {};
  if (format == first_format) return mark_format();
  const bool is_number = !format.empty() && format.size() < 10 && format.front() != '0' &&
                         format.find_first_not_of("0123456789") == std::string::npos;
  if (!is_number) return corrupt("the data folder " + folder + " has no readable format version");
  return unexpected{error{errc::newer_version, "the data folder " + folder + " has format " + format +
                                                   ", written by a newer release; this one reads up to " +
                                                   std::string(folder_format)}};
}

result<void> rocksdb_store::impl::mark_format() {
  rocksdb::WriteBatch writes;
  writes.Put(keys::format(), rocksdb::Slice(folder_format.data(), folder_format.size()));
  return write(writes, true);
}

// Cheap, whatever the log's length: the last entry of the index is the head's, and its event is the last of its stream
// and hangs on the one before.
result<void> rocksdb_store::impl::check_tail(const rocksdb_store& store) {
  const auto damaged = [this](const std::string& what) {
    return corrupt("the log in " + folder + " does not end where its head says: " + what);
  };
  auto stored = read_place();
  if (!stored) return unexpected{stored.error()};
  place = *stored;

  rocksdb::ReadOptions options;
  const std::string end = keys::after("p");
  const rocksdb::Slice end_slice(end);
  const auto last = iterate(options, end_slice);
  last->SeekForPrev(end);
  if (auto read = check(*last); !read) return read;
  std::uint64_t last_position = 0;
  if (last->Valid() && last->key().starts_with("p")) {
    std::string_view key(last->key().data() + 1, last->key().size() - 1);
    last_position = keys::take_number(key).value_or(0);
  }
  if (last_position < place.head.position) {
    // What came last may have left; the gap then ends as the log does.
    const auto gap = gap_at(place.head.position, {});
    if (!gap) return unexpected{gap.error()};
    if (*gap && (*gap)->first == last_position + 1 && (*gap)->last == place.head.position &&
        (*gap)->after == place.head.hash)
      return {};
  }
  if (last_position != place.head.position)
    return damaged("head " + std::to_string(place.head.position) + ", last event " + std::to_string(last_position));
  if (last_position == 0) return {};

  auto tail = store.read_all(last_position - 1, 1);
  if (!tail) return unexpected{tail.error()};
  const domain::event_record& event = tail->front();
  auto head = store.head_of(event.stream);
  if (!head) return unexpected{head.error()};
  if (head->version != event.seq || head->hash != event.hash)
    return damaged(display_name(event.stream) + " goes on after its last event");
  return {};
}

// The log only grows.
result<void> rocksdb_store::impl::check_mark() const {
  const auto mark = read_head_mark(*database->GetEnv(), folder);
  if (!mark) return unexpected{mark.error()};
  if (*mark && ((*mark)->position > place.head.position ||
                ((*mark)->position == place.head.position && (*mark)->hash != place.head.hash)))
    return corrupt("the log in " + folder + " ends at position " + std::to_string(place.head.position) +
                   ", but had reached position " + std::to_string((*mark)->position));
  return {};
}

// Reading.

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
// before how many there will be.
template <class Take, class Expect>
result<void> rocksdb_store::impl::walk(const domain::stream_id& stream, std::uint64_t after_seq, std::size_t limit,
                                       Take take, Expect expect) const {
  const moment now(*database, reads_only);
  auto entry = stored_stream(stream, now.options());
  if (!entry) return unexpected{entry.error()};
  if (after_seq >= entry->head.version || limit == 0) return {};
  if (entry->head.archived)
    return walk_archived(archive.get(), {stream, entry->head, entry->archived}, after_seq, limit, take);
  auto previous = hash_at(stream, entry->number, after_seq, now.options());
  if (!previous) return unexpected{previous.error()};

  auto options = now.options();
  const std::string end = keys::after(keys::numbered('e', entry->number));
  const rocksdb::Slice end_slice(end);
  const auto at = iterate(options, end_slice);
  const std::uint64_t last = after_seq + std::min<std::uint64_t>(limit, entry->head.version - after_seq);
  expect(static_cast<std::size_t>(last - after_seq));
  std::uint64_t seq = after_seq;
  for (at->Seek(keys::event(entry->number, after_seq + 1)); at->Valid() && seq < last; at->Next()) {
    ++seq;
    const auto record = parse_record(at->value().ToStringView());
    if (!record || !keys::is_event(at->key().ToStringView(), entry->number, seq))
      return corrupt(display_name(stream) + " seq " + std::to_string(seq) + ": missing or malformed");
    if (auto taken = take({stream, seq, record->position, record->hash, record->bytes}, *previous); !taken)
      return taken;
    *previous = record->hash;
    if (seq == entry->head.version && record->hash != entry->head.hash)
      return corrupt(display_name(stream) + " seq " + std::to_string(seq) + ": not the hash that its head has");
  }
  if (auto read = check(*at); !read) return read;
  if (seq < last) return corrupt(display_name(stream) + " seq " + std::to_string(seq + 1) + ": missing");
  return {};
}

result<std::vector<domain::event_record>> rocksdb_store::read_stream(const domain::stream_id& stream,
                                                                     std::uint64_t after_seq, std::size_t limit) const {
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
                                                             std::size_t limit) const {
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

result<void> rocksdb_store::impl::read_at(std::uint64_t position, const stored_place& index, passed_streams& passed,
                                          const rocksdb::ReadOptions& at,
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
  if (!restored) return restored;
  stream.seq = index.seq;
  stream.hash = record->hash;
  return {};
}

result<std::vector<domain::event_record>> rocksdb_store::read_all(std::uint64_t after_position,
                                                                  std::size_t limit) const {
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
  std::uint64_t position = after_position;
  at->Seek(keys::position(after_position + 1));
  while (position < end_position && events.size() < limit) {
    if (at->Valid() && at->key() == keys::position(position + 1)) {
      ++position;
      const auto index = parse_index(at->value().ToStringView());
      if (!index) return damaged(position, "missing or malformed");
      if (auto done = impl_->read_at(position, *index, passed, now.options(), events); !done)
        return unexpected{done.error()};
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
    for (const auto last = (*gap)->last; position < last && events.size() < limit; ++position) {
      if (auto done = sweep->at(position + 1, events); !done) return unexpected{done.error()};
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

// Writing.

std::optional<error> rocksdb_store::impl::failed() const {
  const std::lock_guard lock(failure_mutex);
  return failure;
}

// Keeps the first failure and answers it ever after.
error rocksdb_store::impl::fail(error why) {
  const std::lock_guard lock(failure_mutex);
  if (!failure) failure = std::move(why);
  return *failure;
}

result<void> rocksdb_store::impl::write(rocksdb::WriteBatch& writes, bool sync) {
  if (auto before = failed()) return unexpected{*before};
  rocksdb::WriteOptions options;
  options.sync = sync;
  const auto status = database->Write(options, &writes);
  if (status.ok()) return {};
  return unexpected{fail({errc::io, storage_error("cannot write to the data folder " + folder, status).detail})};
}

void rocksdb_store::append(std::vector<append_request> batch, append_done done) {
  std::shared_ptr<const committed_batch> committed;
  auto outcomes = impl_->store(std::move(batch), committed);
  if (committed)
    for (const subscriber& on_commit : impl_->subscribers) on_commit(committed);
  done(std::move(outcomes));
}

result<std::vector<append_outcome>> rocksdb_store::impl::store(std::vector<append_request> batch,
                                                               std::shared_ptr<const committed_batch>& committed) {
  if (auto before = failed()) return unexpected{*before};
  std::unordered_map<domain::stream_id, stream_entry> touched;
  const auto head_of = [&](const domain::stream_id& stream) -> result<stream_head> {
    if (const stream_entry* recent = streams.find(stream)) return touched.emplace(stream, *recent).first->second.head;
    auto entry = stored_stream(stream);
    if (!entry) return unexpected{entry.error()};
    return touched.emplace(stream, *entry).first->second.head;
  };
  auto plan = plan_append(std::move(batch), place.head, head_of, sealing);
  if (!plan) return unexpected{fail(plan.error())};
  if (plan->events.empty() && plan->answers.empty() && !plan->retired) return std::move(plan->outcomes);

  // Deletions stand first: an answer that takes an expired one's key is to stay.
  rocksdb::WriteBatch writes;
  if (auto deleted = delete_expired(writes, plan->latest); !deleted) return unexpected{fail(deleted.error())};
  put_vault(sealing, writes);
  put_events(writes, *plan, touched);
  put_answers(writes, *plan);
  if (plan->retired)
    if (auto put = put_retirement(writes, *plan->retired, touched.at(plan->retired->stream)); !put)
      return unexpected{fail(put.error())};
  if (auto written = write(writes, true); !written) return unexpected{written.error()};

  for (const auto& [stream, head] : plan->heads) streams.remember(stream, touched.at(stream));
  if (plan->retired) streams.remember(plan->retired->stream, touched.at(plan->retired->stream));
  if (!plan->events.empty())
    committed = std::make_shared<const committed_batch>(committed_batch{std::move(plan->events)});
  return std::move(plan->outcomes);
}

void rocksdb_store::impl::put_events(rocksdb::WriteBatch& writes, const append_plan& plan,
                                     std::unordered_map<domain::stream_id, stream_entry>& touched) {
  for (std::size_t i = 0; i < plan.events.size(); ++i) {
    const domain::event_record& event = plan.events[i];
    stream_entry& stream = touched.at(event.stream);
    if (stream.number == 0) {
      stream.number = ++place.streams;
      writes.Put(keys::stream_name(stream.number), keys::stream(event.stream).substr(1));
    }
    writes.Put(keys::event(stream.number, event.seq),
               stored_form(stored_record{event.position, event.hash, plan.bytes[i]}));
    writes.Put(keys::position(event.position), stored_form(stored_place{stream.number, event.seq}));
  }
  for (const auto& [stream, head] : plan.heads) {
    stream_entry& entry = touched.at(stream);
    entry.head = head;
    writes.Put(keys::stream(stream), stored_form(entry));
  }
  place.head = plan.head;
  if (!plan.events.empty()) writes.Put(keys::log_head(), stored_form(place));
}

void rocksdb_store::impl::put_answers(rocksdb::WriteBatch& writes, const append_plan& plan) {
  for (const kept_answer& answer : plan.answers) {
    const std::string expiry = keys::expiry(answer.expires_at, answer.key);
    writes.Put(keys::answer(answer.key), stored_form(answer));
    writes.Put(expiry, {});
    next_expiry = std::min(next_expiry, answer.expires_at);
    expiries_from = std::min(expiries_from, expiry);
  }
}

// The time comes from the events, as all time does. The index is gone through from where the last deletions ended, for
// deleted keys stay in the way until a compaction.
result<void> rocksdb_store::impl::delete_expired(rocksdb::WriteBatch& writes, domain::timestamp now) {
  if (now < next_expiry) return {};
  rocksdb::ReadOptions options;
  const std::string end = keys::after("x");
  const rocksdb::Slice end_slice(end);
  const auto at = iterate(options, end_slice);
  next_expiry = never;
  std::size_t count = 0;
  for (at->Seek(expiries_from); at->Valid(); at->Next()) {
    std::string_view index = at->key().ToStringView().substr(1);
    const auto expires = keys::take_number(index);
    if (!expires) return corrupt("the expiry index in " + folder + " is malformed");
    const domain::timestamp expires_at{domain::milliseconds{static_cast<std::int64_t>(*expires)}};
    if (expires_at > now || count == purged_at_once) {
      next_expiry = expires_at;
      break;
    }
    ++count;
    writes.Delete(at->key());
    auto kept = get(keys::answer(index));
    if (!kept) return unexpected{kept.error()};
    const auto answer = *kept ? parse_answer(**kept) : std::nullopt;
    if (answer && answer->expires_at <= now) writes.Delete(keys::answer(index));
    expiries_from = at->key().ToString();
  }
  return check(*at);
}

const vault& rocksdb_store::sealing_keys() const {
  return impl_->sealing;
}

result<void> rocksdb_store::adopt_sealing_keys(const vault& others) {
  rocksdb::WriteBatch writes;
  for (const auto& row : others.rows()) {
    impl_->sealing.restore(row.key, *row.value);
    writes.Put(row.key, *row.value);
  }
  return impl_->write(writes, true);
}

void rocksdb_store::subscribe(subscriber on_commit) {
  impl_->subscribers.push_back(std::move(on_commit));
}

// Derived data.

result<void> rocksdb_store::save_snapshot(const domain::stream_id& stream, const snapshot& taken) {
  const auto entry = impl_->stored_stream(stream);
  if (!entry) return unexpected{entry.error()};
  if (entry->head.archived) return {};  // it came too late
  std::string value;
  keys::put_number(value, taken.seq);
  value += taken.bytes;
  rocksdb::WriteBatch writes;
  writes.Put(keys::snapshot(stream), value);
  return impl_->write(writes, false);
}

result<std::optional<derived_store::snapshot>> rocksdb_store::load_snapshot(const domain::stream_id& stream) const {
  auto value = impl_->get(keys::snapshot(stream));
  if (!value) return unexpected{value.error()};
  if (!*value) return std::optional<snapshot>{};
  std::string_view bytes = **value;
  const auto seq = keys::take_number(bytes);
  if (!seq) return corrupt(display_name(stream) + ": its snapshot is malformed");
  return std::optional{snapshot{*seq, std::string(bytes)}};
}

result<void> rocksdb_store::write_view(const view_write& write) {
  const std::string prefix = keys::view_prefix(write.view);
  rocksdb::WriteBatch writes;
  if (write.reset) writes.DeleteRange(prefix, keys::after(prefix));
  for (const std::string& key : write.deletes) writes.Delete(prefix + key);
  for (const auto& [key, row] : write.puts) writes.Put(prefix + key, row);
  std::string checkpoint;
  keys::put_number(checkpoint, write.checkpoint);
  writes.Put(keys::checkpoint(write.view), checkpoint);
  return impl_->write(writes, false);
}

result<derived_store::view_rows> rocksdb_store::load_view(const std::string& view) const {
  view_rows content;
  const std::string prefix = keys::view_prefix(view);
  const std::string end = keys::after(prefix);
  const rocksdb::Slice end_slice(end);
  rocksdb::ReadOptions options;
  // One moment for checkpoint and rows, whoever writes meanwhile. A reader's database stands still as it is.
  std::optional<rocksdb::ManagedSnapshot> moment;
  if (!impl_->reads_only) options.snapshot = moment.emplace(impl_->database.get()).snapshot();
  std::string checkpoint;
  const auto found = impl_->database->Get(options, keys::checkpoint(view), &checkpoint);
  if (found.IsNotFound()) return content;
  if (!found.ok()) return unexpected{storage_error("cannot read the view " + view, found)};
  std::string_view number = checkpoint;
  const auto position = keys::take_number(number);
  if (!position) return corrupt("the checkpoint of the view " + view + " is malformed");
  content.checkpoint = *position;

  const auto at = impl_->iterate(options, end_slice);
  for (at->Seek(prefix); at->Valid(); at->Next())
    content.rows.emplace_back(at->key().ToString().substr(prefix.size()), at->value().ToString());
  if (auto read = impl_->check(*at); !read) return unexpected{read.error()};
  return content;
}

}  // namespace planexe::eventstore
