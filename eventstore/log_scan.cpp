#include "eventstore/log_scan.hpp"

#include <algorithm>

#include "eventstore/hash_chain.hpp"
#include "eventstore/numbered_reader.hpp"
#include "eventstore/rocksdb_impl.hpp"

namespace planexe::eventstore {
namespace {

using domain::sha256_digest;

// Long enough that a stream's events of a window mostly lie side by side, short enough for the memory: some 25 MB.
constexpr std::size_t window_events = 65'536;
// Where a window's events are larger than that, those beyond this are read once more, when their turn to be given
// comes.
constexpr std::size_t window_bytes = std::size_t{32} << 20;
constexpr std::size_t bytes_beside = std::size_t{8} << 20;  // of them, and of archived events, given in one window
// A stream whose blocks are all bad is given up after so many attempts to find the next good one.
constexpr std::uint64_t most_bad_reads = 1'000'000;
constexpr std::uint64_t most_names_missing = 100'000;  // in all; some hundred blocks hold as many
constexpr std::size_t archived_at_once = 4'096;        // decoded events given in one window: bounds memory

struct stream_row {
  domain::stream_id id;
  std::uint64_t version = 0;    // as its head says; 0: it has none
  sha256_digest head_hash{};    // the same
  std::uint64_t read = 0;       // how far it has been gone through
  std::uint64_t stands_to = 0;  // how far it is whole
  std::uint64_t wanted = 0;     // how far this window reaches
  sha256_digest hash{};         // of event `read`
  bool named = false;
  bool broken = false;
  bool unreached = false;                 // its archive is
  std::optional<archive_entry> archived;  // its events have left the log
};

// A place of the log: what the index says of it, and what was found for it.
struct place_row {
  std::uint64_t position = 0;
  std::uint64_t stream = 0;  // 0: the index has nothing readable here
  std::uint64_t seq = 0;
  const stream_row* found = nullptr;
  std::size_t offset = 0, size = 0;  // of the bytes in the window's memory
  sha256_digest hash{};
  bool stands = false;
  bool read_later = false;  // the memory has no room for its bytes
};

std::string at_position(std::uint64_t position) {
  return "log position " + std::to_string(position) + ": ";
}

// What a scan reads.
struct scanned_store {
  rocksdb::DB& database;
  const result<std::optional<log_head>>& mark;
  const archive_reader* archive;  // may be null
  archive_sweep::stream_list archived;
  const vault& words;  // opens what is sealed in archived events
};

class scanner {
 public:
  scanner(const scanned_store& store, const scan_sink& sink)
      : database_(store.database), archive_(store.archive), events_(store.database), sink_(sink) {
    if (store.mark)
      found_.mark = *store.mark;
    else
      fault({std::nullopt, 0, 0, store.mark.error().detail, is_unreached(store.mark.error())});
    if (archive_ != nullptr) sweep_.emplace(*archive_, store.words, store.archived);
  }
  scan_result run();

 private:
  // The log as a whole.
  void read_head();
  void name_streams();
  void read_heads();
  void check_head();
  void finish_streams();
  void finish(std::uint64_t number, stream_row& row);
  void finish_archived(stream_row& row);
  void check_behind(std::uint64_t number, const stream_row& row);
  void sum_up();

  // A window.
  bool read_index();
  void next_gap();
  void pass_hole(std::uint64_t to);
  void want(std::uint64_t position);
  void read_events();
  place_row* place_at(std::uint64_t position);

  // What it comes to, in the order of the log.
  bool give_window();
  void begin_window();
  bool give(const place_row& place);
  bool give(const log_gap& gap);
  bool read_again(const place_row& place, std::string& bytes);
  bool flush_when_much();
  bool take_archived(std::uint64_t position, sha256_digest& chain);
  void check_mark(std::uint64_t position, const sha256_digest& chain);
  bool flush();

  // A stream.
  void read_stream(std::uint64_t number, stream_row& row, std::uint64_t to);
  void take(std::uint64_t number, stream_row& row, std::string_view value);
  void put(std::uint64_t number, stream_row& row, const stored_record& record);
  void break_off(std::uint64_t number, stream_row& row, std::uint64_t seq, const std::string& what);

  void fault(log_fault found);
  void fault(std::string what, std::uint64_t position = 0) { fault({std::nullopt, 0, position, std::move(what)}); }
  stream_row& row_of(std::uint64_t number) { return rows_[number - 1]; }

  rocksdb::DB& database_;
  const archive_reader* archive_;
  std::optional<archive_sweep> sweep_;  // until the archive turns out to be damaged
  event_reader events_;
  const scan_sink& sink_;
  scan_result found_;

  // By number, from 1; does not move once the streams have their names, which windows point to for as long as they
  // live.
  std::shared_ptr<std::vector<stream_row>> table_ = std::make_shared<std::vector<stream_row>>();
  std::vector<stream_row>& rows_ = *table_;
  std::uint64_t streams_said_ = 0;
  std::optional<numbered_reader> index_;
  std::uint64_t last_position_ = 0;  // of the index

  std::optional<numbered_reader> gaps_;
  std::optional<log_gap> next_gap_;
  std::unordered_map<domain::stream_id, stream_row*> archived_rows_;

  std::vector<place_row> places_;        // the window's, ascending
  std::vector<log_gap> passed_;          // gaps among them
  std::vector<std::uint64_t> touched_;   // streams that it wants events of
  std::shared_ptr<std::string> memory_;  // of its events
  std::shared_ptr<scan_window> window_;  // that is being given
  std::size_t beside_ = 0;               // bytes that it holds beside the memory

  log_head chained_;  // the chain over the events so far
  bool chain_known_ = true;
};

void scanner::fault(log_fault found) {
  ++found_.faults_found;
  if (found_.faults.size() < most_faults) found_.faults.push_back(std::move(found));
}

scan_result scanner::run() {
  read_head();
  name_streams();
  read_heads();
  index_.emplace(database_, 'p', found_.head.position);
  gaps_.emplace(database_, 'g', found_.head.position);
  next_gap();
  while (!found_.stopped && read_index()) {
    read_events();
    found_.stopped = !give_window();
  }
  places_.clear();
  if (!found_.stopped) {
    finish_streams();
    check_head();
  }
  sum_up();
  return std::move(found_);
}

void scanner::read_head() {
  std::string value;
  const auto status = database_.Get(rocksdb::ReadOptions(), keys::log_head(), &value);
  if (status.IsNotFound()) return;
  const auto place = status.ok() ? parse_place(value) : std::nullopt;
  if (!place) return fault("the log's head cannot be read: " + (status.ok() ? "it is malformed" : status.ToString()));
  found_.head = place->head;
  streams_said_ = place->streams;
}

void scanner::name_streams() {
  numbered_reader names(database_, 'r', streams_said_);
  const char greatest_kind = static_cast<char>(domain::stream_kind::system);
  std::uint64_t missing = 0;
  while (names.next()) {
    const auto number = names.number();
    if (!names.has_number()) {
      fault("behind the name of stream number " + std::to_string(number) + " stands " + names.why());
      continue;
    }
    // Numbers have no gaps; one far from the others would ask for endless memory, as many not so far would.
    missing += number - rows_.size() - (names.readable() ? 1 : 0);
    if (missing > most_names_missing || (number > rows_.size() + 1 && number > streams_said_)) {
      fault("stream number " + std::to_string(number) + " does not follow on number " + std::to_string(rows_.size()));
      break;
    }
    if (number > rows_.size()) rows_.resize(number);
    const auto value = names.readable() ? names.value() : std::string_view{};
    if (value.size() < 2 || value.front() < 1 || value.front() > greatest_kind) {
      fault("the name of stream number " + std::to_string(number) +
            " cannot be read: " + (names.readable() ? "it is malformed" : names.why()));
      row_of(number).broken = true;
      continue;
    }
    row_of(number).id = {static_cast<domain::stream_kind>(value.front()), std::string(value.substr(1))};
    row_of(number).named = true;
  }
  for (std::uint64_t number = 1; number <= rows_.size(); ++number)
    if (!row_of(number).named && !row_of(number).broken)
      fault("stream number " + std::to_string(number) + " has no name");
  if (rows_.size() != streams_said_)
    fault("the log's head speaks of " + std::to_string(streams_said_) + " streams, but " +
          std::to_string(rows_.size()) + " have names");
}

void scanner::read_heads() {
  for (std::uint64_t number = 1; number <= rows_.size(); ++number) {
    stream_row& row = row_of(number);
    if (!row.named) continue;
    std::string value;
    const auto status = database_.Get(rocksdb::ReadOptions(), keys::stream(row.id), &value);
    const auto entry = status.ok() ? parse_stream(value) : std::nullopt;
    if (entry && entry->number == number) {
      row.version = entry->head.version;
      row.head_hash = entry->head.hash;
      if (entry->head.archived) {
        row.archived = entry->archived;
        archived_rows_.emplace(row.id, &row);
      }
      continue;
    }
    const std::string why = status.ok() ? "it is malformed" : status.IsNotFound() ? "it is missing" : status.ToString();
    fault({row.id, 0, 0, display_name(row.id) + ": its head cannot be read: " + why});
  }
}

// A window of the index.

bool scanner::read_index() {
  const auto usual = memory_ ? memory_->size() : 0;
  places_.clear();
  passed_.clear();
  touched_.clear();
  memory_ = std::make_shared<std::string>();
  memory_->reserve(usual);
  while (places_.size() < window_events) {
    if (!index_->next()) {
      // What came last may have been archived.
      if (next_gap_) pass_hole(next_gap_->last + 1);
      break;
    }
    const auto position = index_->number();
    if (!index_->readable()) fault(at_position(position) + "the index cannot be read: " + index_->why(), position);
    if (position <= last_position_) continue;
    pass_hole(position);
    last_position_ = position;
    want(position);
  }
  return !places_.empty() || !passed_.empty();
}

void scanner::next_gap() {
  next_gap_.reset();
  while (gaps_->next()) {
    if (gaps_->readable()) next_gap_ = parse_gap(gaps_->number(), gaps_->value());
    if (next_gap_) return;
    fault(at_position(gaps_->number()) + "the gap of archived events there is malformed or cannot be read",
          gaps_->number());
  }
}

// The index has nothing up to `to`: events that were archived, or a hole.
void scanner::pass_hole(std::uint64_t to) {
  while (next_gap_ && next_gap_->first < to) {
    const log_gap gap = *next_gap_;
    next_gap();
    if (gap.first <= last_position_ || gap.last >= to) {
      fault(at_position(gap.first) + "a gap of archived events, where events are", gap.first);
      continue;
    }
    if (gap.first > last_position_ + 1)
      fault(at_position(last_position_ + 1) + "missing, as is all before position " + std::to_string(gap.first),
            last_position_ + 1);
    passed_.push_back(gap);
    last_position_ = gap.last;
  }
  if (to > last_position_ + 1)
    fault(at_position(last_position_ + 1) + "missing, as is all before position " + std::to_string(to),
          last_position_ + 1);
}

void scanner::want(std::uint64_t position) {
  place_row& place = places_.emplace_back();
  place.position = position;
  if (!index_->readable()) return;
  const auto said = parse_index(index_->value());
  if (!said || said->stream > rows_.size())
    return fault(at_position(position) + "the index names no stream here", position);
  place.stream = said->stream;
  place.seq = said->seq;
  stream_row& row = row_of(said->stream);
  // Every event has a position of its own: a stream cannot be longer than the log.
  if (said->seq > position) return fault(at_position(position) + "the index names no event here", position);
  if (row.wanted <= row.read) touched_.push_back(said->stream);
  row.wanted = std::max(row.wanted, said->seq);
}

place_row* scanner::place_at(std::uint64_t position) {
  if (places_.empty() || position < places_.front().position) return nullptr;
  const auto guess = position - places_.front().position;
  if (guess < places_.size() && places_[guess].position == position) return &places_[guess];
  const auto found = std::lower_bound(places_.begin(), places_.end(), position,
                                      [](const place_row& place, std::uint64_t at) { return place.position < at; });
  return found != places_.end() && found->position == position ? &*found : nullptr;
}

void scanner::read_events() {
  std::sort(touched_.begin(), touched_.end());
  touched_.erase(std::unique(touched_.begin(), touched_.end()), touched_.end());
  for (const auto number : touched_) read_stream(number, row_of(number), row_of(number).wanted);
}

// In the order of the log.

bool scanner::give_window() {
  begin_window();
  window_->events.reserve(places_.size());
  auto gap = passed_.begin();
  for (const place_row& place : places_) {
    for (; gap != passed_.end() && gap->first < place.position; ++gap)
      if (!give(*gap)) return false;
    if (!give(place)) return false;
  }
  for (; gap != passed_.end(); ++gap)
    if (!give(*gap)) return false;
  return flush();
}

void scanner::begin_window() {
  window_ = std::make_shared<scan_window>();
  window_->memory = memory_;
  window_->names = table_;
  beside_ = 0;
}

bool scanner::flush() {
  const std::shared_ptr<const scan_window> given = window_;
  begin_window();
  return sink_(given, {chained_.position, found_.head.position});
}

bool scanner::flush_when_much() {
  return (window_->archived.size() < archived_at_once && beside_ < bytes_beside) || flush();
}

bool scanner::give(const place_row& place) {
  if (place.position != chained_.position + 1 || place.found == nullptr) chain_known_ = false;
  if (place.found == nullptr && place.stream != 0)
    fault(at_position(place.position) + "its event is not where the index says", place.position);
  chained_.position = place.position;
  if (place.found == nullptr) return true;
  if (chain_known_) {
    chained_.hash = link_log(chained_.hash, place.position, place.hash);
    check_mark(place.position, chained_.hash);
  }
  auto bytes = std::string_view(*memory_).substr(place.offset, place.size);
  if (place.read_later) {
    std::string again;
    if (!read_again(place, again)) {
      fault({place.found->id, place.seq, place.position,
             display_name(place.found->id) + " seq " + std::to_string(place.seq) + ": cannot be read a second time"});
      return true;
    }
    beside_ += again.size();
    bytes = window_->large.emplace_back(std::move(again));
  }
  window_->events.push_back({&place.found->id, place.seq, place.position, place.hash, bytes, nullptr, place.stands});
  return flush_when_much();
}

bool scanner::read_again(const place_row& place, std::string& bytes) {
  std::string value;
  const auto status = database_.Get(rocksdb::ReadOptions(), event_key(place.stream, place.seq).slice(), &value);
  const auto record = status.ok() ? parse_record(value) : std::nullopt;
  if (!record || record->position != place.position || record->hash != place.hash) return false;
  bytes = record->bytes;
  return true;
}

// The gap brings the chain over what has left, whether or not that can be read.
bool scanner::give(const log_gap& gap) {
  if (gap.first != chained_.position + 1) chain_known_ = false;
  if (chain_known_ && gap.before != chained_.hash) {
    fault(at_position(gap.first) + "the log's chain does not lead into the gap of archived events", gap.first);
    chain_known_ = false;
  }
  sha256_digest chain = gap.before;
  for (auto position = gap.first; sweep_ && position <= gap.last; ++position) {
    if (!take_archived(position, chain)) break;
    chained_.position = position;
    if (!flush_when_much()) return false;
  }
  if (sweep_ && chain != gap.after) {
    fault(at_position(gap.last) + "the archived events do not lead to the chain behind their gap", gap.last);
    chain_known_ = false;
  }
  chained_ = {gap.last, gap.after};
  return true;
}

bool scanner::take_archived(std::uint64_t position, sha256_digest& chain) {
  std::vector<domain::event_record> found;
  const auto read = sweep_->at(position, found);
  if (!read || found.size() != 1) {
    fault({std::nullopt, 0, position, at_position(position) + "archived: " + (read ? "not there" : read.error().detail),
           !read && is_unreached(read.error())});
    sweep_.reset();
    return false;
  }
  const auto& kept = window_->archived.emplace_back(std::move(found.front()));
  beside_ += *read;
  chain = link_log(chain, position, kept.hash);
  if (chain_known_) check_mark(position, chain);
  const auto row = archived_rows_.find(kept.stream);
  const bool stands = row != archived_rows_.end() && kept.seq == row->second->stands_to + 1;
  if (stands) row->second->stands_to = kept.seq;
  window_->events.push_back({&kept.stream, kept.seq, kept.position, kept.hash, {}, &kept, stands});
  return true;
}

void scanner::check_mark(std::uint64_t position, const sha256_digest& chain) {
  const auto& mark = found_.mark;
  if (mark && mark->position == position && mark->hash != chain)
    fault(at_position(position) + "not the log that the mark beside it was set for", position);
}

// A stream.

void scanner::read_stream(std::uint64_t number, stream_row& row, std::uint64_t to) {
  std::uint64_t bad_reads = 0;
  while (row.read < to) {
    const std::uint64_t seq = row.read + 1;
    const auto found = events_.move_to(number, seq);
    if (found == event_reader::found::it) {
      take(number, row, events_.value());
      row.read = seq;
      events_.advance();
      continue;
    }
    const bool unreadable = found == event_reader::found::unreadable;
    break_off(number, row, seq, unreadable ? "cannot be read: " + events_.why() : "missing");
    row.read = seq;
    if (unreadable && ++bad_reads < most_bad_reads) continue;
    // Nothing of this stream stands before the place where the reader now is.
    const auto next = found == event_reader::found::later ? events_.place() : std::nullopt;
    row.read = next && next->first == number ? std::min(to, next->second - 1) : to;
  }
}

void scanner::take(std::uint64_t number, stream_row& row, std::string_view value) {
  const std::uint64_t seq = row.read + 1;
  const auto record = parse_record(value);
  if (!record) return break_off(number, row, seq, "malformed");
  // Behind a break the events are still compared with what they should hang on, as far as that is there.
  const auto previous = std::exchange(row.hash, record->hash);
  if (link(previous, record->bytes) != record->hash) break_off(number, row, seq, "the hash chain is broken");
  if (row.version != 0 && seq > row.version) break_off(number, row, seq, "stands behind the stream's last event");
  if (seq == row.version && record->hash != row.head_hash)
    break_off(number, row, seq, "not the hash that the stream's head has");
  if (!row.broken) {
    row.stands_to = seq;
    found_.bytes += record->bytes.size();
  }
  put(number, row, *record);
}

void scanner::put(std::uint64_t number, stream_row& row, const stored_record& record) {
  const std::uint64_t seq = row.read + 1;
  place_row* const place = place_at(record.position);
  if (place == nullptr || place->stream != number || place->seq != seq)
    return fault({row.id, seq, record.position,
                  display_name(row.id) + " seq " + std::to_string(seq) + ": the index has it nowhere or elsewhere"});
  place->found = &row;
  place->hash = record.hash;
  place->stands = !row.broken;
  place->read_later = memory_->size() + record.bytes.size() > window_bytes;
  if (place->read_later) return;
  place->offset = memory_->size();
  place->size = record.bytes.size();
  *memory_ += record.bytes;
}

// Only the first break of a stream tells something: nothing behind it can be relied on.
void scanner::break_off(std::uint64_t number, stream_row& row, std::uint64_t seq, const std::string& what) {
  if (std::exchange(row.broken, true)) return;
  const auto place = std::find_if(places_.begin(), places_.end(),
                                  [&](const place_row& each) { return each.stream == number && each.seq == seq; });
  fault({row.id, seq, place == places_.end() ? 0 : place->position,
         display_name(row.id) + " seq " + std::to_string(seq) + ": " + what});
}

// The end.

void scanner::finish_streams() {
  for (std::uint64_t number = 1; number <= rows_.size(); ++number) finish(number, row_of(number));
  if (rows_.empty() && events_.move_to(0, 0) != event_reader::found::end) fault("events of streams without a name");
}

void scanner::finish(std::uint64_t number, stream_row& row) {
  if (row.archived) finish_archived(row);
  if (row.archived) return check_behind(number, row);
  if (row.read < row.version) read_stream(number, row, row.version);
  check_behind(number, row);
}

// One that the sweep has not seen to its end, because the archive is damaged somewhere: it may stand by itself.
void scanner::finish_archived(stream_row& row) {
  if (archive_ == nullptr || row.stands_to == row.version) return;
  const archived_stream left{row.id, {row.version, row.head_hash, true}, *row.archived};
  row.stands_to = 0;
  // Where a step fails, smaller ones find the event that it failed at.
  for (std::uint64_t step = row.version; row.stands_to < row.version;) {
    std::uint64_t reached = row.stands_to;
    const auto walked =
        walk_archived(archive_, left, row.stands_to, {static_cast<std::size_t>(step), SIZE_MAX},
                      [&](const event_at_rest& event, const auto& previous) {
                        if (link(previous, event.bytes) != event.hash)
                          return result<void>{corrupt(display_name(row.id) + " seq " + std::to_string(event.seq) +
                                                      ": in its archive its hash is wrong")};
                        reached = event.seq;
                        return result<void>{};
                      });
    if (walked) {
      row.stands_to = reached;
    } else if (step == 1) {
      row.broken = true;
      row.unreached = is_unreached(walked.error());
      return fault({row.id, row.stands_to + 1, row.archived->first_position, walked.error().detail, row.unreached});
    } else {
      step = std::max<std::uint64_t>(1, step / 8);
    }
  }
}

// No event of this stream may stand behind its last one, and none of a stream that has no name.
void scanner::check_behind(std::uint64_t number, const stream_row& row) {
  const auto last = row.archived ? 0 : std::max(row.read, row.version);
  const auto found = events_.move_to(number, last + 1);
  if (found == event_reader::found::end) return;
  const std::string name = row.named ? display_name(row.id) : "stream number " + std::to_string(number);
  if (found == event_reader::found::unreadable)
    return fault(name + ": what stands behind its last event cannot be read: " + events_.why());
  const auto next = events_.place();
  const bool is_own = next && next->first == number;
  const bool is_strange = !next || (number == rows_.size() && next->first > number);
  if (is_own) fault(name + " seq " + std::to_string(next->second) + ": stands behind the stream's last event");
  if (is_strange) fault("events of a stream without a name stand behind those of " + name);
}

void scanner::check_head() {
  const log_head& head = found_.head;
  for (; next_gap_; next_gap())
    fault(at_position(next_gap_->first) + "a gap of archived events behind the log's end", next_gap_->first);
  if (last_position_ != head.position)
    fault("the log ends at position " + std::to_string(last_position_) + ", its head says " +
              std::to_string(head.position),
          std::min(last_position_, head.position) + 1);
  if (found_.mark && found_.mark->position > head.position)
    fault("the log ends at position " + std::to_string(head.position) + ", but had reached position " +
              std::to_string(found_.mark->position) + ": its end was cut off",
          head.position + 1);
  found_.chain_holds = chain_known_ && chained_.position == head.position && chained_.hash == head.hash;
  if (chain_known_ && chained_.position == head.position && !found_.chain_holds)
    fault("the chain over all events does not end in the hash that the log's head has", head.position);
}

void scanner::sum_up() {
  for (const stream_row& row : rows_) {
    if (!row.named) continue;
    const bool whole = !row.broken && row.version != 0 && row.stands_to == row.version;
    if (whole && row.archived) ++found_.archived;
    if (whole)
      ++found_.streams[static_cast<std::size_t>(row.id.kind)];
    else if (row.archived && archive_ == nullptr)
      ++found_.archived_unread;
    else if (!found_.stopped)
      found_.damaged.push_back({row.id, row.stands_to, std::max(row.version, row.read), row.unreached});
    found_.events += row.stands_to;
  }
}

}  // namespace

result<scan_result> scan_log(const rocksdb_store& store, const scan_sink& sink) {
  const auto& content = *store.impl_;
  const auto archived = [&content](std::uint64_t after, std::size_t limit) {
    return content.archived_after(after, limit);
  };
  scanner reading({*content.database, content.mark_before, content.archive.get(), archived, store.sealing_keys()},
                  sink);
  return reading.run();
}

}  // namespace planexe::eventstore
