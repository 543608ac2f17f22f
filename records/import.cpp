#include "records/import.hpp"

#include <algorithm>

#include "records/load.hpp"

namespace planexe::records {
namespace {

unexpected<error> another_event(std::uint64_t line, const domain::stream_id& stream, std::uint64_t seq) {
  return unexpected{error{errc::conflict, "line " + std::to_string(line) + ": " + display_name(stream) + " seq " +
                                              std::to_string(seq) + " is another event in the data folder"}};
}

/// Where a stream stands in the file and in the log.
struct stream_match {
  eventstore::stream_head there;  ///< in the log
  std::uint64_t read = 0;         ///< seq of the last line
};

/// Follows the file beside the log. Hashes are chained, so two streams with the same hash at one seq agree in all
/// before it, and one comparison a stream is enough.
class comparison {
 public:
  explicit comparison(const eventstore::event_log* log) : log_(log) {}

  /// False where the log has another event there or before.
  result<bool> agrees(const eventstore::stored_event& next) {
    auto [known, is_new] = streams_.try_emplace(next.stream);
    if (is_new && log_ != nullptr) {
      auto head = log_->head_of(next.stream);
      if (!head) return unexpected{head.error()};
      known->second.there = *head;
    }
    known->second.read = next.seq;
    const auto& there = known->second.there;
    return next.seq != there.version || next.hash == there.hash;
  }

  /// The first stream that ends in the file before it does in the log, and otherwise.
  result<std::optional<domain::stream_id>> first_shorter_other(const stream_heads& file) const {
    for (const auto& [stream, match] : streams_) {
      if (match.read >= match.there.version) continue;
      const auto kept = log_->read_stored(stream, match.read - 1, 1);
      if (!kept) return unexpected{kept.error()};
      if (kept->size() != 1 || kept->front().hash != file.at(stream).hash) return std::optional{stream};
    }
    return std::optional<domain::stream_id>{};
  }

  /// A stream that goes on in the file but cannot in the log.
  std::optional<domain::stream_id> first_archived() const {
    for (const auto& [stream, match] : streams_)
      if (match.there.archived && match.read > match.there.version) return stream;
    return std::nullopt;
  }

  import_sum sum(std::uint64_t lines) const {
    import_sum all{.lines = lines, .streams = streams_.size()};
    for (const auto& [stream, match] : streams_) {
      all.new_events += match.read - std::min(match.read, match.there.version);
      all.new_streams += match.there.version == 0 ? 1 : 0;
    }
    return all;
  }

 private:
  const eventstore::event_log* log_;
  std::unordered_map<domain::stream_id, stream_match> streams_;
};

/// Goes through the file once more, for the message alone.
error first_difference(const std::string& path, const domain::stream_id& stream, const eventstore::event_log& log) {
  auto reader = record_reader::open(path);
  if (!reader) return reader.error();
  while (true) {
    const auto next = reader->next();
    if (!next) return next.error();
    if (!*next) return {errc::conflict, display_name(stream) + " has other events in the data folder"};
    const auto& stored = (*next)->stored;
    if (stored.stream != stream) continue;
    const auto kept = log.read_stored(stream, stored.seq - 1, 1);
    if (!kept) return kept.error();
    if (kept->size() != 1 || kept->front().hash != stored.hash)
      return another_event(reader->line(), stream, stored.seq).value;
  }
}

/// What the file has and the log does not.
result<void> append_new(const std::string& path, eventstore::event_log& log, const stream_heads& checked) {
  auto reader = record_reader::open(path);
  if (!reader) return unexpected{reader.error()};
  record_appender appender(log);
  std::unordered_map<domain::stream_id, std::uint64_t> versions;
  while (true) {
    auto next = reader->next();
    if (!next) return unexpected{next.error()};
    if (!*next) break;
    const auto& stored = (*next)->stored;
    const auto [known, is_new] = versions.try_emplace(stored.stream);
    if (is_new) {
      const auto head = log.head_of(stored.stream);
      if (!head) return unexpected{head.error()};
      known->second = head->version;
    }
    if (stored.seq <= known->second) continue;
    if (auto added = appender.add(std::move(**next)); !added) return added;
  }
  if (auto appended = appender.append(); !appended) return appended;
  for (const auto& [stream, head] : checked) {
    const auto found = reader->heads().find(stream);
    if (found == reader->heads().end() || found->second.hash != head.hash)
      return unexpected{error{errc::conflict, "the file " + path + " has changed while it was imported"}};
  }
  return {};
}

result<import_sum> check(const std::string& path, const rendering& shown, const eventstore::event_log* into,
                         stream_heads& heads) {
  auto reader = record_reader::open(path, {.shown = shown, .stands_at = {}});
  if (!reader) return unexpected{reader.error()};
  comparison beside(into);
  std::optional<domain::stream_id> other;
  while (true) {
    const auto next = reader->next();
    if (!next) return unexpected{next.error()};
    if (!*next) break;
    const auto agrees = beside.agrees((*next)->stored);
    if (!agrees) return unexpected{agrees.error()};
    if (!*agrees && !other) other = (*next)->stored.stream;
  }
  if (reader->line() == 0) return unexpected{error{errc::invalid, "it holds no event"}};
  if (!other) {
    auto shorter = beside.first_shorter_other(reader->heads());
    if (!shorter) return unexpected{shorter.error()};
    other = std::move(*shorter);
  }
  if (other) return unexpected{first_difference(path, *other, *into)};
  if (const auto over = beside.first_archived())
    return unexpected{
        error{errc::archived, display_name(*over) + " goes on in the file, and is archived in the data folder"}};
  heads = reader->heads();
  return beside.sum(reader->line());
}

}  // namespace

result<import_sum> check_import(const std::string& path, const rendering& shown, const eventstore::event_log* into) {
  stream_heads heads;
  return check(path, shown, into, heads);
}

result<import_sum> import_file(const std::string& path, const rendering& shown, eventstore::event_log& into) {
  stream_heads heads;
  auto sum = check(path, shown, &into, heads);
  if (!sum) return sum;
  if (sum->new_events == 0) return sum;
  if (auto appended = append_new(path, into, heads); !appended) return unexpected{appended.error()};
  return sum;
}

}  // namespace planexe::records
