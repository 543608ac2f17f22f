#include "eventstore/salvage.hpp"

#include <fcntl.h>
#include <rocksdb/write_batch.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <tuple>

#include "eventstore/archive_walk.hpp"
#include "eventstore/codec.hpp"
#include "eventstore/file_sums.hpp"
#include "eventstore/folder_in_part.hpp"
#include "eventstore/hash_chain.hpp"
#include "eventstore/head_mark.hpp"
#include "eventstore/log_scan.hpp"
#include "eventstore/numbered_reader.hpp"
#include "eventstore/rocksdb_open.hpp"
#include "eventstore/stored_values.hpp"

namespace planexe::eventstore {
namespace {

namespace fs = std::filesystem;
using domain::sha256_digest;

constexpr std::string_view salvage_ending = ".planexe-salvage";  // of what is not whole yet
constexpr std::size_t batch_bytes = 4u << 20;                    // written at once
constexpr std::size_t progress_steps = 16'384;                   // events between two words about them

unexpected<error> fail(errc code, std::string why) {
  return unexpected{error{code, std::move(why)}};
}

/// A database that is being filled, without a write-ahead log of its own: it is whole when it is flushed, or thrown
/// away.
class filling {
 public:
  static result<filling> begin(const std::string& folder) {
    auto opened = open_database(folder, {});
    if (!opened) return unexpected{opened.error()};
    return filling(std::move(*opened));
  }

  void put(std::string_view key, std::string_view value) {
    batch_.Put(rocksdb::Slice(key.data(), key.size()), rocksdb::Slice(value.data(), value.size()));
    if (batch_.GetDataSize() >= batch_bytes) write();
  }
  result<void> end() {
    write();
    if (failed_.ok()) failed_ = opened_.database->Flush(rocksdb::FlushOptions());
    if (failed_.ok()) return {};
    return unexpected{error{errc::io, storage_error("cannot write the new folder", failed_).detail}};
  }
  rocksdb::DB& database() const { return *opened_.database; }

 private:
  explicit filling(opened_database opened) : opened_(std::move(opened)) {}
  void write() {
    rocksdb::WriteOptions options;
    options.disableWAL = true;
    if (failed_.ok()) failed_ = opened_.database->Write(options, &batch_);
    batch_.Clear();
  }

  opened_database opened_;
  rocksdb::WriteBatch batch_;
  rocksdb::Status failed_;
};

/// What the damaged folder tells of a stream.
struct found_stream {
  std::optional<domain::stream_id> name;
  std::uint64_t known = 0;  // events that it had
  std::uint64_t kept = 0;
  domain::stream_kind kind{};  // by its first event
  std::uint64_t number = 0;    // in the new folder
  sha256_digest hash{};        // of the last event kept
  std::string why;
  std::optional<archived_stream> archived;  // its events have left the log
  std::optional<error> lost_in_archive;     // why not all of them were found there
};

/// An event that is kept: where it stood and where its bytes are.
struct kept_event {
  std::uint64_t position = 0, stream = 0, seq = 0;
  sha256_digest hash{};
};

class salvaging {
 public:
  salvaging(std::string from, const std::string& to, const archive_reader* archive, const salvage_progress& progress,
            const salvage_check& check)
      : from_(std::move(from)),
        part_(*rocksdb::Env::Default(), to, salvage_ending),
        scratch_(part_.path() + "/scratch"),
        archive_(archive),
        progress_(progress),
        check_(check) {}

  result<salvage_result> run() {
    if (auto usable = check_folders(); !usable) return unexpected{usable.error()};
    if (auto begun = part_.begin(); !begun) return unexpected{begun.error()};
    if (auto done = work(); !done) return unexpected{done.error()};
    if (auto finished = finish(); !finished) return unexpected{finished.error()};
    return std::move(result_);
  }

 private:
  result<void> check_folders();
  result<void> work();
  result<void> gather();
  void read_file(const fs::path& file, filling& scratch);
  void look_at(std::string_view key, std::string_view value);
  void look_at_key(std::string key, std::string value);
  void take_back(filling& scratch);
  result<void> check_format(rocksdb::DB& scratch);
  void check_streams(rocksdb::DB& scratch);
  void note_erasure(const decoded_event& event);
  void check_stream(event_reader& events, std::uint64_t number, found_stream& stream);
  void sum_up();
  void write_vault(filling& out) const;
  result<void> write(rocksdb::DB& scratch);
  result<void> finish();
  void tell(const char* what, std::uint64_t done, std::uint64_t of) {
    if (progress_) progress_({what, done, of});
  }

  std::string from_;
  folder_in_part part_;  // of the new log
  std::string scratch_;  // in it, until it is filled
  const archive_reader* archive_;
  const salvage_progress& progress_;
  const salvage_check& check_;
  salvage_result result_;
  std::map<std::uint64_t, found_stream> streams_;  // by number
  std::vector<kept_event> events_;
  std::map<std::string, std::string> vault_rows_;  // of the keys that words are sealed under
  std::string vault_format_;                       // empty: none was found
  std::vector<std::string> erased_;                // as the events that are kept say
};

// A server holds a lock on this file. Asking for it changes nothing.
bool is_locked(const std::string& folder) {
  const int file = ::open((folder + "/LOCK").c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return false;
  struct flock wanted {};
  wanted.l_type = F_WRLCK;
  wanted.l_whence = SEEK_SET;
  const bool held = ::fcntl(file, F_GETLK, &wanted) == 0 && wanted.l_type != F_UNLCK;
  ::close(file);
  return held;
}

bool holds_data(const fs::path& file) {
  const auto kind = file.extension();
  return kind == ".sst" || kind == ".log";
}

result<void> salvaging::check_folders() {
  std::error_code ignored;
  bool any = false;
  for (const auto& file : fs::directory_iterator(from_, ignored)) any = any || holds_data(file.path());
  if (!any) return fail(errc::not_found, "no data in the folder " + from_);
  if (is_locked(from_)) return fail(errc::locked, "a server has the data folder " + from_ + " open: stop it first");
  if (part_.is_taken())
    return fail(errc::conflict, part_.target() + " is there already: salvage writes to a new folder only");
  if (lies_in(part_.target(), from_)) return fail(errc::invalid, "the new folder must not lie in the damaged one");
  return {};
}

result<void> salvaging::work() {
  if (auto gathered = gather(); !gathered) return gathered;
  auto scratch = filling::begin(scratch_);
  if (!scratch) return unexpected{scratch.error()};
  if (auto known = check_format(scratch->database()); !known) return known;
  check_streams(scratch->database());
  sum_up();
  return write(scratch->database());
}

// Everything that any file has, into one database. An event is written once and never changed, so that it does not
// matter which file has it; of the rest only numbers that grow are looked at.
result<void> salvaging::gather() {
  auto scratch = filling::begin(scratch_);
  if (!scratch) return unexpected{scratch.error()};
  std::vector<fs::path> files;
  std::error_code failed;
  for (const auto& file : fs::directory_iterator(from_, failed))
    if (holds_data(file.path())) files.push_back(file.path());
  if (failed) return fail(errc::io, "cannot read the folder " + from_);
  std::sort(files.begin(), files.end());
  for (std::size_t i = 0; i < files.size(); ++i) {
    tell("files read", i, files.size());
    read_file(files[i], *scratch);
  }
  take_back(*scratch);
  const auto mark = read_head_mark(*rocksdb::Env::Default(), from_);
  if (mark && *mark) result_.last_position = std::max(result_.last_position, (*mark)->position);
  return scratch->end();
}

// Their positions in the archive are those that they had in the log, so that they find their places again.
void salvaging::take_back(filling& scratch) {
  for (auto& [number, stream] : streams_) {
    if (!stream.archived || archive_ == nullptr) continue;
    const auto walked = walk_archived(archive_, *stream.archived, 0,
                                      {static_cast<std::size_t>(stream.archived->head.version), SIZE_MAX},
                                      [&](const event_at_rest& event, const sha256_digest&) {
                                        const stored_record record{event.position, event.hash, event.bytes};
                                        scratch.put(keys::event(number, event.seq), stored_form(record));
                                        return result<void>{};
                                      });
    if (!walked) stream.lost_in_archive = walked.error();
  }
}

void salvaging::read_file(const fs::path& file, filling& scratch) {
  const take_record take = [&](std::string_view key, std::string_view value) {
    look_at(key, value);
    constexpr std::string_view kept_whole = "emr";
    if (!key.empty() && kept_whole.find(key.front()) != std::string_view::npos) scratch.put(key, value);
  };
  auto reading =
      file.extension() == ".sst" ? read_table(file.string(), take) : read_write_ahead_log(file.string(), take);
  if (!reading.damage.empty()) result_.damaged_files.push_back(std::move(reading));
}

void salvaging::look_at(std::string_view key, std::string_view value) {
  if (key.empty()) return;
  std::string_view rest = key.substr(1);
  switch (key.front()) {
    case 'h':
      if (const auto place = parse_place(value))
        result_.last_position = std::max(result_.last_position, place->head.position);
      return;
    case 's':
      if (const auto entry = parse_stream(value); entry && rest.size() > 1) {
        auto& stream = streams_[entry->number];
        stream.known = std::max(stream.known, entry->head.version);
        stream.name = domain::stream_id{static_cast<domain::stream_kind>(rest.front()), std::string(rest.substr(1))};
        if (entry->head.archived) stream.archived = archived_stream{*stream.name, entry->head, entry->archived};
      }
      return;
    case 'p':
      if (const auto position = keys::take_number(rest); position && rest.empty()) {
        result_.last_position = std::max(result_.last_position, *position);
        if (const auto place = parse_index(value))
          streams_[place->stream].known = std::max(streams_[place->stream].known, place->seq);
      }
      return;
    case 'e':
      if (const auto number = keys::take_number(rest))
        if (const auto seq = keys::take_number(rest); seq && rest.empty())
          streams_[*number].known = std::max(streams_[*number].known, *seq);
      return;
    case 'r':
      if (const auto number = keys::take_number(rest); number && rest.empty() && value.size() > 1)
        streams_[*number].name =
            domain::stream_id{static_cast<domain::stream_kind>(value.front()), std::string(value.substr(1))};
      return;
    case 'k':
      return look_at_key(std::string(key), std::string(value));
    case 'w':
      vault_rows_.emplace(key, value);
      return;
    case 'q':
      if (key == keys::vault_format()) vault_format_ = value;
      return;
    default:
      return;
  }
}

// A file may be older than the erasure of a key that it holds: who was erased stays so, and so does who is about to be.
void salvaging::look_at_key(std::string key, std::string value) {
  constexpr std::string_view states = "nqusrdx";  // of a key, the later ones behind
  const auto rank = [&](const std::string& row) { return row.empty() ? std::string_view::npos : states.find(row[0]); };
  if (rank(value) == std::string_view::npos) return;
  const auto [known, is_new] = vault_rows_.emplace(std::move(key), value);
  if (!is_new && rank(value) > rank(known->second)) known->second = std::move(value);
}

void salvaging::write_vault(filling& out) const {
  vault words;
  std::set<std::string> gone;
  for (const auto& [key, value] : vault_rows_)
    if (key.front() == 'k') {
      if (value.front() == 'x') gone.insert(key.substr(1));
      words.restore(key, value);
    }
  constexpr std::size_t id_size = std::tuple_size_v<sealing_id>;
  for (const auto& [key, value] : vault_rows_)
    if (key.front() == 'w' && !gone.contains(key.substr(1, id_size))) words.restore(key, value);
  for (const auto& subject : erased_) words.erase(subject);
  words.finish_erasures();
  for (const auto& row : words.rows()) out.put(row.key, *row.value);
  if (!vault_format_.empty()) out.put(keys::vault_format(), vault_format_);
}

result<void> salvaging::check_format(rocksdb::DB& scratch) {
  std::string format;
  const auto status = scratch.Get(rocksdb::ReadOptions(), keys::format(), &format);
  if (!status.ok()) return {};  // it is lost; what this release cannot read will show in the events
  if (format.size() < folder_format.size() || (format.size() == folder_format.size() && format <= folder_format))
    return {};
  return fail(errc::newer_version, "the data folder " + from_ + " has format " + format +
                                       ", written by a newer release; this one reads up to " +
                                       std::string(folder_format));
}

void salvaging::check_streams(rocksdb::DB& scratch) {
  event_reader events(scratch);
  std::uint64_t done = 0;
  for (auto& [number, stream] : streams_) {
    tell("streams checked", done++, streams_.size());
    check_stream(events, number, stream);
  }
}

// By the id of the key, which no other key ever has. A human agent is named otherwise, and may have got a new key
// since.
void salvaging::note_erasure(const decoded_event& event) {
  const auto* of_system = std::get_if<domain::system_event>(&event.payload);
  const auto* erased = of_system == nullptr ? nullptr : std::get_if<domain::subject_erased>(of_system);
  if (erased != nullptr && erased->subject.starts_with("erased:")) erased_.push_back(erased->subject);
}

void salvaging::check_stream(event_reader& events, std::uint64_t number, found_stream& stream) {
  std::uint64_t position = 0;
  while (true) {
    const auto seq = stream.kept + 1;
    if (events.move_to(number, seq) != event_reader::found::it) {
      if (stream.kept < stream.known)
        stream.why = stream.lost_in_archive ? stream.lost_in_archive->detail : "it is not in any file that can be read";
      return;
    }
    const auto record = parse_record(events.value());
    const auto decoded = record ? decode(record->bytes) : result<decoded_event>{unexpected{error{}}};
    if (!record)
      stream.why = "it is malformed";
    else if (link(stream.hash, record->bytes) != record->hash)
      stream.why = "its hash is wrong";
    else if (record->position <= position)
      stream.why = "it stands before its predecessor in the log";
    else if (!decoded)
      stream.why = "it cannot be read: " + decoded.error().detail;
    if (!stream.why.empty()) return;
    note_erasure(*decoded);
    if (seq == 1) stream.kind = static_cast<domain::stream_kind>(decoded->payload.index() + 1);
    stream.kept = seq;
    stream.hash = record->hash;
    position = record->position;
    events_.push_back({position, number, seq, record->hash});
    events.advance();
  }
}

void salvaging::sum_up() {
  std::set<domain::stream_id> taken;
  for (auto& [number, stream] : streams_) {
    const bool named = stream.name && (stream.kept == 0 || stream.name->kind == stream.kind);
    const bool renamed = stream.kept > 0 && (!named || taken.contains(*stream.name));
    if (renamed) stream.name = domain::stream_id{stream.kind, "salvaged-" + std::to_string(number)};
    if (stream.name) taken.insert(*stream.name);
    result_.events += stream.kept;
    if (stream.kept > 0) ++result_.streams;
    if (stream.kept == stream.known && !renamed) continue;
    const auto name = stream.name.value_or(domain::stream_id{{}, "number " + std::to_string(number)});
    result_.shortened.push_back({name, stream.kept, stream.known, stream.why, renamed,
                                 stream.lost_in_archive && is_unreached(*stream.lost_in_archive)});
  }
}

// Positions are given anew, in the old order and without the gaps of what is lost; the hashes of the streams stay what
// they were, for they do not depend on positions.
result<void> salvaging::write(rocksdb::DB& scratch) {
  std::vector<std::size_t> order(events_.size());
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = i;
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    return std::tie(events_[a].position, events_[a].stream) < std::tie(events_[b].position, events_[b].stream);
  });
  log_place place;
  for (const auto index : order) {
    auto& event = events_[index];
    auto& stream = streams_.at(event.stream);
    if (stream.number == 0) stream.number = ++place.streams;
    event.position = ++place.head.position;
    place.head.hash = link_log(place.head.hash, event.position, event.hash);
  }

  auto out = filling::begin(part_.path());
  if (!out) return unexpected{out.error()};
  event_reader events(scratch);
  for (std::size_t i = 0; i < events_.size(); ++i) {
    const auto& event = events_[i];
    if (i % progress_steps == 0) tell("events written", i, events_.size());
    const auto number = streams_.at(event.stream).number;
    const auto record = events.move_to(event.stream, event.seq) == event_reader::found::it
                            ? parse_record(events.value())
                            : std::nullopt;
    if (!record) return fail(errc::io, "the scratch folder " + scratch_ + " changed while it was read");
    out->put(keys::event(number, event.seq), stored_form(stored_record{event.position, event.hash, record->bytes}));
    out->put(keys::position(event.position), stored_form(stored_place{number, event.seq}));
    events.advance();
  }
  for (const auto& [number, stream] : streams_) {
    if (stream.kept == 0) continue;
    out->put(keys::stream_name(stream.number), keys::stream(*stream.name).substr(1));
    out->put(keys::stream(*stream.name), stored_form(stream_entry{stream.number, {stream.kept, stream.hash}, {}}));
  }
  write_vault(*out);
  if (place.streams > 0) out->put(keys::log_head(), stored_form(place));
  out->put(keys::format(), folder_format);
  return out->end();
}

result<void> salvaging::finish() {
  if (auto removed = remove_folder(*rocksdb::Env::Default(), scratch_); !removed) return removed;
  {
    // The store's own look at what was written; it also sets the mark of the log's head.
    const auto store = rocksdb_store::open(part_.path());
    if (!store) return unexpected{store.error()};
  }
  if (check_)
    if (auto right = check_(part_.path()); !right) return right;
  return part_.keep();
}

}  // namespace

std::uint64_t salvage_result::events_lost() const {
  std::uint64_t lost = 0;
  for (const auto& each : shortened) lost += each.known - std::min(each.known, each.kept);
  return lost;
}

std::uint64_t salvage_result::events_unknown() const {
  const auto accounted = events + events_lost();
  return last_position > accounted ? last_position - accounted : 0;
}

result<salvage_result> salvage(const std::string& from, const std::string& to, const archive_reader* archive,
                               const salvage_progress& progress, const salvage_check& check) {
  return salvaging(from, to, archive, progress, check).run();
}

}  // namespace planexe::eventstore
