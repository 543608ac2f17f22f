// How streams leave the log for the archive, and what the log keeps of them.
#include <rocksdb/convenience.h>

#include <algorithm>

#include "eventstore/gaps.hpp"
#include "eventstore/hash_chain.hpp"
#include "eventstore/rocksdb_impl.hpp"

namespace planexe::eventstore {
namespace {

/// The number behind a key's first byte; nothing for another kind of key.
std::optional<std::uint64_t> number_in(const rocksdb::Slice& key, char kind) {
  if (key.size() != 9 || key[0] != kind) return std::nullopt;
  std::string_view digits(key.data() + 1, key.size() - 1);
  return keys::take_number(digits);
}

std::optional<log_gap> gap_in(const rocksdb::Iterator& at) {
  const auto first = number_in(at.key(), 'g');
  return first ? parse_gap(*first, at.value().ToStringView()) : std::nullopt;
}

}  // namespace

// Reading.

result<std::optional<log_gap>> rocksdb_store::impl::gap_at(std::uint64_t position,
                                                           const rocksdb::ReadOptions& when) const {
  auto options = when;
  const std::string end = keys::after("g");
  const rocksdb::Slice end_slice(end);
  const auto at = iterate(options, end_slice);
  at->SeekForPrev(keys::gap(position));
  if (auto read = check(*at); !read) return unexpected{read.error()};
  if (!at->Valid() || !at->key().starts_with("g")) return std::optional<log_gap>{};
  const auto gap = gap_in(*at);
  if (!gap) return damaged(position, "a gap of archived events before it is malformed");
  if (gap->last < position) return std::optional<log_gap>{};
  return gap;
}

result<std::vector<log_gap>> rocksdb_store::impl::gaps_after(std::uint64_t position, std::size_t limit,
                                                             const rocksdb::ReadOptions& when) const {
  std::vector<log_gap> gaps;
  auto options = when;
  const std::string end = keys::after("g");
  const rocksdb::Slice end_slice(end);
  const auto at = iterate(options, end_slice);
  for (at->Seek(keys::gap(position + 1)); at->Valid() && gaps.size() < limit; at->Next()) {
    const auto gap = gap_in(*at);
    if (!gap || (!gaps.empty() && gap->first <= gaps.back().last + 1))
      return damaged(gaps.empty() ? position : gaps.back().last, "a gap of archived events after it is malformed");
    gaps.push_back(*gap);
  }
  if (auto read = check(*at); !read) return unexpected{read.error()};
  return gaps;
}

result<std::vector<log_gap>> rocksdb_store::read_gaps(std::uint64_t after_position, std::size_t limit) const {
  return impl_->gaps_after(after_position, limit, {});
}

result<std::vector<archived_stream>> rocksdb_store::impl::archived_after(std::uint64_t first_position,
                                                                         std::size_t limit) const {
  std::vector<archived_stream> found;
  rocksdb::ReadOptions options;
  const std::string end = keys::after("a");
  const rocksdb::Slice end_slice(end);
  const auto at = iterate(options, end_slice);
  for (at->Seek(keys::archived(first_position + 1)); at->Valid() && found.size() < limit; at->Next()) {
    const auto first = number_in(at->key(), 'a');
    const auto known = first ? parse_index(at->value().ToStringView()) : std::nullopt;
    if (!known) return corrupt("the index of archived streams in " + folder + " is malformed");
    auto name = name_of(known->stream);
    if (!name) return unexpected{name.error()};
    auto entry = stored_stream(*name);
    if (!entry) return unexpected{entry.error()};
    if (!entry->head.archived || entry->archived.first_position != *first)
      return corrupt(display_name(*name) + ": the index of archived streams is not what its head says");
    found.push_back({std::move(*name), entry->head, entry->archived});
  }
  if (auto read = check(*at); !read) return unexpected{read.error()};
  return found;
}

result<std::uint64_t> rocksdb_store::impl::archived_count(const rocksdb::ReadOptions& when) const {
  const auto value = get(keys::archived_count(), when);
  if (!value) return unexpected{value.error()};
  if (!*value) return std::uint64_t{0};
  std::string_view bytes = **value;
  const auto count = keys::take_number(bytes);
  if (!count || !bytes.empty()) return corrupt("the number of archived streams in " + folder + " is malformed");
  return *count;
}

// A sweep lists archived streams as it goes, so it knows of all that were there when it began. Where more have left
// since, they may have stood before the place that it has reached.
result<std::unique_ptr<archive_sweep>> rocksdb_store::impl::take_sweep(std::uint64_t after_position,
                                                                       const rocksdb::ReadOptions& when) const {
  const auto count = archived_count(when);
  if (!count) return unexpected{count.error()};
  std::unique_ptr<archive_sweep> sweep;
  {
    const std::lock_guard lock(sweep_mutex);
    if (resting_sweep && sweep_count == *count && resting_sweep->reached() <= after_position)
      sweep = std::move(resting_sweep);
  }
  if (!sweep)
    sweep = std::make_unique<archive_sweep>(
        *archive, sealing, [this](std::uint64_t after, std::size_t limit) { return archived_after(after, limit); });
  return sweep;
}

void rocksdb_store::impl::keep_sweep(std::unique_ptr<archive_sweep> sweep, const rocksdb::ReadOptions& when) const {
  const auto count = archived_count(when);
  const std::lock_guard lock(sweep_mutex);
  if (!count) return;
  resting_sweep = std::move(sweep);
  sweep_count = *count;
}

// Leaving.

result<retirement> rocksdb_store::plan_retirement(const domain::stream_id& stream,
                                                  const domain::sha256_digest& file_digest) const {
  const moment now(*impl_->database, impl_->reads_only);
  const auto entry = impl_->stored_stream(stream, now.options());
  if (!entry) return unexpected{entry.error()};
  if (entry->number == 0) return unexpected{error{errc::not_found, "no " + display_name(stream)}};
  if (entry->head.archived) return unexpected{error{errc::archived, display_name(stream) + " is archived already"}};
  retirement planned{.stream = stream, .head = entry->head, .entry = {.file_digest = file_digest}, .gaps = {}};

  const auto position_of = [&](std::uint64_t seq) -> result<std::uint64_t> {
    const auto value = impl_->get(keys::event(entry->number, seq), now.options());
    if (!value) return unexpected{value.error()};
    const auto record = *value ? parse_record(**value) : std::nullopt;
    if (!record) return corrupt(display_name(stream) + " seq " + std::to_string(seq) + ": missing or malformed");
    return record->position;
  };
  const auto first = position_of(1), last = position_of(entry->head.version);
  if (!first) return unexpected{first.error()};
  if (!last) return unexpected{last.error()};
  planned.entry.first_position = *first;
  planned.entry.last_position = *last;
  if (auto followed = impl_->follow_chain(planned, entry->number, now.options()); !followed)
    return unexpected{followed.error()};
  return planned;
}

// Goes along the log's chain from the last place before the stream's first event where it is known.
result<void> rocksdb_store::impl::follow_chain(retirement& planned, std::uint64_t number,
                                               const rocksdb::ReadOptions& when) const {
  const auto last = planned.entry.last_position;
  log_head chain;
  {
    auto options = when;
    const std::string end = keys::after("g");
    const rocksdb::Slice end_slice(end);
    const auto before = iterate(options, end_slice);
    before->SeekForPrev(keys::gap(planned.entry.first_position));
    if (before->Valid() && before->key().starts_with("g")) {
      const auto gap = gap_in(*before);
      if (!gap) return damaged(planned.entry.first_position, "a gap of archived events before it is malformed");
      chain = {gap->last, gap->after};
    }
    if (auto read = check(*before); !read) return read;
  }
  auto options = when;
  const std::string end = keys::after("p");
  const rocksdb::Slice end_slice(end);
  const auto at = iterate(options, end_slice);
  std::uint64_t own = 0;
  for (at->Seek(keys::position(chain.position + 1)); chain.position < last; at->Next()) {
    if (auto read = check(*at); !read) return read;
    const auto here = at->Valid() ? number_in(at->key(), 'p') : std::nullopt;
    while (here && chain.position + 1 < *here) {
      const auto gap = gap_at(chain.position + 1, when);
      if (!gap) return unexpected{gap.error()};
      if (!*gap || (*gap)->before != chain.hash || (*gap)->last >= *here)
        return damaged(chain.position + 1, "the log's chain does not lead over the gap");
      chain = {(*gap)->last, (*gap)->after};
    }
    const auto index = here && *here == chain.position + 1 ? parse_index(at->value().ToStringView()) : std::nullopt;
    if (!index) return damaged(chain.position + 1, "missing or malformed");
    const auto value = get(keys::event(index->stream, index->seq), when);
    if (!value) return unexpected{value.error()};
    const auto record = *value ? parse_record(**value) : std::nullopt;
    if (!record || record->position != *here) return damaged(*here, "its event is missing or stands elsewhere");
    const auto after = link_log(chain.hash, *here, record->hash);
    if (index->stream == number) {
      if (index->seq != ++own) return damaged(*here, "its event is not the next of its stream");
      if (planned.gaps.empty() || planned.gaps.back().last != chain.position)
        planned.gaps.push_back({*here, *here, chain.hash, after});
      planned.gaps.back().last = *here;
      planned.gaps.back().after = after;
    }
    chain = {*here, after};
  }
  if (auto read = check(*at); !read) return read;
  if (own != planned.head.version)
    return corrupt(display_name(planned.stream) + ": not all of its events are in the log");
  return {};
}

result<void> rocksdb_store::impl::put_retirement(rocksdb::WriteBatch& writes, const retirement& gone,
                                                 stream_entry& entry) {
  const auto count = archived_count({});
  if (!count) return unexpected{count.error()};
  const auto before = gap_at(gone.entry.first_position - 1, {});
  if (!before) return unexpected{before.error()};
  std::vector<log_gap> known;
  if (*before) known.push_back(**before);
  {
    rocksdb::ReadOptions options;
    const std::string end = keys::gap(gone.entry.last_position + 2);
    const rocksdb::Slice end_slice(end);
    const auto at = iterate(options, end_slice);
    for (at->Seek(keys::gap(gone.entry.first_position)); at->Valid(); at->Next()) {
      const auto gap = gap_in(*at);
      if (!gap) return damaged(gone.entry.first_position, "a gap of archived events after it is malformed");
      known.push_back(*gap);
    }
    if (auto read = check(*at); !read) return read;
  }
  const auto change = merge_gaps(known, gone.gaps);
  if (!change) return unexpected{change.error()};
  for (const auto first : change->removed) writes.Delete(keys::gap(first));
  for (const auto& gap : change->put) writes.Put(keys::gap(gap.first), stored_form(gap));

  for (const auto& gap : gone.gaps)
    for (std::uint64_t position = gap.first; position <= gap.last; ++position) writes.Delete(keys::position(position));
  // One by one: where the disk fails, this engine does not survive a deleted range that it has not written out.
  for (std::uint64_t seq = 1; seq <= gone.head.version; ++seq) writes.Delete(keys::event(entry.number, seq));
  writes.Delete(keys::snapshot(gone.stream));

  entry.head.archived = true;
  entry.archived = gone.entry;
  std::string total;
  keys::put_number(total, *count + 1);
  writes.Put(keys::stream(gone.stream), stored_form(entry));
  writes.Put(keys::archived(gone.entry.first_position),
             stored_form(stored_place{entry.number, gone.entry.last_position}));
  writes.Put(keys::archived_count(), total);
  writes.Put(keys::unreclaimed(entry.number),
             stored_form(stored_place{gone.entry.first_position, gone.entry.last_position}));
  return {};
}

std::array<rocksdb_store::impl::key_range, 2> rocksdb_store::impl::ranges_of(std::span<const unreclaimed> gone) {
  std::uint64_t first = UINT64_MAX, last = 0;
  for (const auto& each : gone) {
    first = std::min(first, each.first_position);
    last = std::max(last, each.last_position);
  }
  return {key_range{keys::numbered('e', gone.front().stream_number),
                    keys::after(keys::numbered('e', gone.back().stream_number))},
          key_range{keys::position(first), keys::after(keys::position(last))}};
}

result<bool> rocksdb_store::impl::write_anew(const std::string& from, const std::string& to) {
  rocksdb::CompactRangeOptions options;
  options.exclusive_manual_compaction = false;
  options.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForceOptimized;
  options.canceled = &reclaiming_ends;
  const rocksdb::Slice begin(from), end(to);
  const auto status = database->CompactRange(options, &begin, &end);
  if (status.ok()) return true;
  if (reclaiming_ends && status.IsIncomplete()) return false;
  return unexpected{storage_error("cannot give the space of archived events back in " + folder, status)};
}

void rocksdb_store::stop_reclaiming() {
  impl_->reclaiming_ends = true;
}

result<std::vector<rocksdb_store::impl::unreclaimed>> rocksdb_store::impl::list_unreclaimed() const {
  std::vector<unreclaimed> waiting;
  rocksdb::ReadOptions options;
  const std::string end = keys::after("z");
  const rocksdb::Slice end_slice(end);
  const auto at = iterate(options, end_slice);
  for (at->Seek("z"); at->Valid(); at->Next()) {
    const auto number = number_in(at->key(), 'z');
    const auto positions = number ? parse_index(at->value().ToStringView()) : std::nullopt;
    if (!positions) return corrupt("the list of what has left the log in " + folder + " is malformed");
    waiting.push_back({*number, positions->stream, positions->seq});
  }
  if (auto read = check(*at); !read) return unexpected{read.error()};
  return waiting;
}

// The old tables go when the new ones are there. A disk that the new ones fill up would be this store's failure.
result<std::size_t> rocksdb_store::impl::fitting(std::span<const unreclaimed> waiting) const {
  constexpr std::uint64_t megabyte = std::uint64_t{1} << 20;
  constexpr std::uint64_t spare_bytes = 64 * megabyte;  // for what is recorded meanwhile
  std::uint64_t available = 0;
  if (!database->GetEnv()->GetFreeSpace(folder, &available).ok()) return waiting.size();
  std::vector<rocksdb::LiveFileMetaData> tables;
  database->GetLiveFilesMetaData(&tables);
  const auto needed_for = [&](std::size_t count) {
    const auto ranges = ranges_of(waiting.first(count));
    std::uint64_t needed = spare_bytes;
    for (const auto& table : tables)
      if (std::any_of(ranges.begin(), ranges.end(), [&](const auto& range) {
            return table.smallestkey <= range.second && table.largestkey >= range.first;
          }))
        needed += table.size;
    return needed;
  };
  std::size_t fits = 0;
  for (std::size_t too_many = waiting.size() + 1; fits + 1 < too_many;) {
    const auto count = fits + (too_many - fits) / 2;
    (needed_for(count) <= available ? fits : too_many) = count;
  }
  if (fits > 0) return fits;
  return unexpected{error{errc::too_large, "the space of archived events comes back later: to write a part of " +
                                               folder + " anew takes " + std::to_string(needed_for(1) / megabyte) +
                                               " MB for a while, and its disk has " +
                                               std::to_string(available / megabyte) + " MB left"}};
}

// What is deleted goes on taking its space until tables are written anew. Which streams have left since the last time
// is in the log itself, so that nothing is forgotten when the process ends in between. As many at a time as there is
// room for: what the first ones give back is room for the others.
result<void> rocksdb_store::reclaim() {
  const auto listed = impl_->list_unreclaimed();
  if (!listed) return unexpected{listed.error()};
  std::optional<error> refused;
  for (std::span<const impl::unreclaimed> waiting = *listed; !waiting.empty();) {
    const auto count = impl_->fitting(waiting);
    if (!count) {
      if (!refused) refused = count.error();
      waiting = waiting.subspan(1);
      continue;
    }
    const auto now = waiting.first(*count);
    for (const auto& [from, to] : impl::ranges_of(now)) {
      const auto whole = impl_->write_anew(from, to);
      if (!whole) return unexpected{whole.error()};
      if (!*whole) return {};
    }
    rocksdb::WriteBatch writes;
    for (const auto& gone : now) writes.Delete(keys::unreclaimed(gone.stream_number));
    if (auto written = impl_->write(writes, false); !written) return written;
    waiting = waiting.subspan(*count);
  }
  if (refused) return unexpected{*refused};
  return {};
}

}  // namespace planexe::eventstore
