// What stands behind rocksdb_store.hpp: what its parts share. rocksdb_store.cpp opens and writes the log,
// rocksdb_read.cpp reads it, rocksdb_derived.cpp has snapshots and views; rocksdb_archive.cpp takes archived streams
// out of the log and finds them again. Private to the room.
#pragma once

#include <rocksdb/db.h>
#include <rocksdb/snapshot.h>
#include <rocksdb/write_batch.h>

#include <array>
#include <atomic>
#include <list>
#include <mutex>
#include <span>
#include <unordered_map>

#include "eventstore/append_plan.hpp"
#include "eventstore/archive_walk.hpp"
#include "eventstore/rocksdb_open.hpp"
#include "eventstore/rocksdb_store.hpp"
#include "eventstore/stored_values.hpp"
#include "eventstore/vault.hpp"

namespace planexe::eventstore {

// The streams appended to last, the newest in front. Appending thread only.
class recent_streams {
 public:
  explicit recent_streams(std::size_t capacity) : capacity_(capacity) {}

  const stream_entry* find(const domain::stream_id& stream) {
    const auto found = places_.find(stream);
    if (found == places_.end()) return nullptr;
    order_.splice(order_.begin(), order_, found->second);
    return &found->second->second;
  }
  void remember(const domain::stream_id& stream, const stream_entry& entry) {
    const auto [place, is_new] = places_.try_emplace(stream);
    if (!is_new) {
      place->second->second = entry;
      return;
    }
    order_.emplace_front(stream, entry);
    place->second = order_.begin();
    if (places_.size() <= capacity_) return;
    places_.erase(order_.back().first);
    order_.pop_back();
  }

 private:
  using entries = std::list<std::pair<domain::stream_id, stream_entry>>;
  std::size_t capacity_;
  entries order_;
  std::unordered_map<domain::stream_id, entries::iterator> places_;
};

/// One moment for several looks, whoever writes meanwhile. A reader's database stands still as it is.
class moment {
 public:
  moment(rocksdb::DB& database, bool stands_still) {
    if (!stands_still) options_.snapshot = held_.emplace(&database).snapshot();
  }
  const rocksdb::ReadOptions& options() const { return options_; }

 private:
  std::optional<rocksdb::ManagedSnapshot> held_;
  rocksdb::ReadOptions options_;
};

inline unexpected<error> corrupt(std::string detail) {
  return unexpected{error{errc::corrupt, std::move(detail)}};
}

inline unexpected<error> damaged(std::uint64_t position, const char* what) {
  return corrupt("log position " + std::to_string(position) + ": " + what);
}

// Where a walk along the log stands in one of the streams it meets.
struct passed_stream {
  domain::stream_id stream;
  std::uint64_t seq = 0;
  domain::sha256_digest hash{};
};
using passed_streams = std::unordered_map<std::uint64_t, passed_stream>;  // by number

struct rocksdb_store::impl {
  impl(opened_database opened, std::string where, const rocksdb_settings& settings)
      : environment(std::move(opened.environment)),
        database(std::move(opened.database)),
        folder(std::move(where)),
        archive(settings.archive),
        streams(settings.remembered_heads) {}

  impl(const impl&) = delete;
  impl& operator=(const impl&) = delete;
  ~impl();

  // Reading.
  result<std::optional<std::string>> get(const std::string& key, const rocksdb::ReadOptions& at = {}) const;
  std::unique_ptr<rocksdb::Iterator> iterate(rocksdb::ReadOptions& options, const rocksdb::Slice& end) const;
  result<void> check(const rocksdb::Iterator& iterator) const;
  result<log_place> read_place(const rocksdb::ReadOptions& at = {}) const;
  result<stream_entry> stored_stream(const domain::stream_id& stream, const rocksdb::ReadOptions& at = {}) const;
  result<domain::stream_id> name_of(std::uint64_t number) const;
  result<domain::sha256_digest> hash_at(const domain::stream_id& stream, std::uint64_t number, std::uint64_t seq,
                                        const rocksdb::ReadOptions& at) const;

  result<std::size_t> read_at(std::uint64_t position, const stored_place& index, passed_streams& passed,
                              const rocksdb::ReadOptions& at, std::vector<domain::event_record>& events) const;

  template <class Take, class Expect>
  result<void> walk(const domain::stream_id& stream, std::uint64_t after_seq, read_limit limit, Take take,
                    Expect expect) const;

  // What is archived.
  /// The gap that holds a position; nothing where none does.
  result<std::optional<log_gap>> gap_at(std::uint64_t position, const rocksdb::ReadOptions& at) const;
  /// At most `limit` gaps that begin after the position.
  result<std::vector<log_gap>> gaps_after(std::uint64_t position, std::size_t limit,
                                          const rocksdb::ReadOptions& at) const;
  result<std::vector<archived_stream>> archived_after(std::uint64_t first_position, std::size_t limit) const;
  result<std::uint64_t> archived_count(const rocksdb::ReadOptions& at) const;
  result<void> follow_chain(retirement& planned, std::uint64_t number, const rocksdb::ReadOptions& at) const;
  /// Writes the tables anew that hold keys between the two, ends included. False where it was ended before.
  result<bool> write_anew(const std::string& from, const std::string& to);
  /// A stream that has left, and whose events' space has not been given back.
  struct unreclaimed {
    std::uint64_t stream_number = 0;
    std::uint64_t first_position = 0, last_position = 0;
  };
  using key_range = std::pair<std::string, std::string>;
  result<std::vector<unreclaimed>> list_unreclaimed() const;
  /// Where rows of these, and of what stands between them, are: at least one, by number.
  static std::array<key_range, 2> ranges_of(std::span<const unreclaimed> gone);
  /// How many of them, from the first on, the disk has room to write the tables anew of. `errc::too_large`: not of one.
  result<std::size_t> fitting(std::span<const unreclaimed> waiting) const;
  result<void> put_retirement(rocksdb::WriteBatch& writes, const retirement& gone, stream_entry& entry);
  result<std::unique_ptr<archive_sweep>> take_sweep(std::uint64_t after_position, const rocksdb::ReadOptions& at) const;
  void keep_sweep(std::unique_ptr<archive_sweep> sweep, const rocksdb::ReadOptions& at) const;

  // Opening.
  result<void> check_format();
  result<void> mark_format();
  result<void> check_tail(const rocksdb_store& store);
  result<void> check_mark() const;

  // Writing.
  result<std::vector<append_outcome>> store(std::vector<append_request> batch,
                                            std::shared_ptr<const committed_batch>& committed);
  void put_events(rocksdb::WriteBatch& writes, const append_plan& plan,
                  std::unordered_map<domain::stream_id, stream_entry>& touched);
  void put_answers(rocksdb::WriteBatch& writes, const append_plan& plan);
  result<void> delete_expired(rocksdb::WriteBatch& writes, domain::timestamp now);
  result<void> write(rocksdb::WriteBatch& writes, bool sync);
  std::optional<error> failed() const;
  error fail(error why);

  std::shared_ptr<rocksdb::Env> environment;
  std::unique_ptr<rocksdb::DB> database;
  std::string folder;
  bool sound = false;                             // every check of the opening has passed
  bool reads_only = false;                        // somebody else may write
  std::optional<error> refused;                   // why a server would not open it, where it is read all the same
  std::shared_ptr<const archive_reader> archive;  // may be null
  // As it was before the folder was opened to be read.
  result<std::optional<log_head>> mark_before = std::optional<log_head>{};

  // Appending thread only.
  log_place place;
  recent_streams streams;
  std::vector<subscriber> subscribers;
  vault sealing;                    // read by any thread
  domain::timestamp next_expiry{};  // no kept answer expires before it
  std::string expiries_from = "x";  // before it the expiry index holds nothing but what was deleted

  // Where the last reader of the log stopped among what is archived, for one that goes on from there.
  mutable std::mutex sweep_mutex;
  mutable std::unique_ptr<archive_sweep> resting_sweep;
  mutable std::uint64_t sweep_count = 0;  // how many streams were archived when it began

  std::atomic<bool> reclaiming_ends{false};  // for good

  mutable std::mutex failure_mutex;
  std::optional<error> failure;  // the first failed write; final
};

}  // namespace planexe::eventstore
