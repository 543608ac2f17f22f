#include "eventstore/rocksdb_store.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "eventstore/head_mark.hpp"
#include "eventstore/rocksdb_impl.hpp"
#include "eventstore/rocksdb_vault.hpp"

namespace planexe::eventstore {
namespace {

constexpr std::string_view first_format = "1";
constexpr std::size_t purged_at_once = 256;  // expired answers deleted with one append, so that none takes long
constexpr auto never = domain::timestamp::max();
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
  auto store = open_sound(folder, settings);
  if (!store) return unexpected{with_way_on(store.error())};
  return store;
}

result<std::unique_ptr<rocksdb_store>> rocksdb_store::open_sound(const std::string& folder,
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
    return open_sound(folder, settings);
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
    std::optional<error> refused;
    // Whoever comes to check the log wants to see the damage; but first it must be sure that it is some.
    const bool last = refusals + 1 == most_refusals;
    if (!opened && !whole && last && opened.error().code == errc::corrupt) {
      refused = opened.error();
      opened = open_what_is_left(folder, settings);
    }
    if (!opened && opened.error().code == errc::not_found) return unexpected{opened.error()};
    result<void> sound;
    std::unique_ptr<rocksdb_store> store;
    if (opened) {
      store.reset(new rocksdb_store(std::make_unique<impl>(std::move(*opened), folder, settings)));
      store->impl_->reads_only = true;
      store->impl_->mark_before = mark;
      store->impl_->refused = refused;
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
    if (sound && !refused) return std::unique_ptr<const rocksdb_store>(std::move(store));
    why = refused ? *refused : sound.error();
    if (why.code == errc::newer_version || why.code == errc::not_found) break;
    if (++refusals == most_refusals && legible && !whole) return std::unique_ptr<const rocksdb_store>(std::move(store));
  }
  return unexpected{with_way_on(why)};
}

result<void> rocksdb_store::impl::check_format() {
  const auto found = get(keys::format());
  if (!found) return unexpected{found.error()};
  if (!*found && reads_only && holds_part_of_a_log(folder, *database->GetEnv()))
    return corrupt("the data folder " + folder + " has no format version: part of its log is missing");
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

}  // namespace planexe::eventstore
