// The durable store: log and derived data in one RocksDB folder. Every append is one write batch that is synced before
// it is answered; derived data ride along in the same write-ahead log without a sync of their own, in order.
// After the first failed write or sync the store appends nothing more: what the disk then holds is known only after the
// next start. Nothing is retried.
// Threads: one thread appends; any thread reads, saves snapshots and writes views. What a reader finds of the log is
// durable.
#pragma once

#include "eventstore/archive_reader.hpp"
#include "eventstore/event_log.hpp"
#include "eventstore/log_scan.hpp"

namespace planexe::eventstore {

struct rocksdb_settings {
  std::size_t write_buffer_bytes = std::size_t{64} << 20;  ///< in memory before it is written out as a table
  std::size_t block_cache_bytes = std::size_t{32} << 20;
  std::size_t remembered_heads = 65'536;  ///< heads of the streams appended to last, kept to spare a read each
  /// Where archived streams are read from. Null: nowhere.
  std::shared_ptr<const archive_reader> archive;
  bool compressed = true;  ///< tables; tests look for words in those that are not
  /// A `rocksdb::Env` to run on instead of the machine's; tests put faults below the store with it.
  std::shared_ptr<void> environment;
};

class rocksdb_store final : public event_log, public derived_store {
 public:
  /// Opens the folder, or makes it. `errc::locked` while another process has it open, `errc::newer_version` when a
  /// later release wrote it, `errc::corrupt` when it is not what was written, `errc::io` when it cannot be used.
  static result<std::unique_ptr<rocksdb_store>> open(const std::string& folder, const rocksdb_settings& settings = {});
  /// Opens the folder to read it, whether or not a server has it open: takes no lock and writes no file. Shows one
  /// moment of the log, which stays the same, and which may hold events that are written but not yet acknowledged.
  /// `errc::not_found` where there is no data; the other errors as of `open`, which refuses whatever this refuses.
  static result<std::unique_ptr<const rocksdb_store>> open_to_read(const std::string& folder,
                                                                   const rocksdb_settings& settings = {});
  /// The same for a log that may be damaged: opens whatever can be opened, so that `scan_log` can tell what is wrong.
  /// What is shown may then be less than there was: `check_opening` tells.
  static result<std::unique_ptr<const rocksdb_store>> open_to_check(const std::string& folder,
                                                                    const rocksdb_settings& settings = {});
  ~rocksdb_store() override;

  /// Copies the log, as it is now or a little later, into a folder that is not there yet: all that was appended before
  /// the call is in it. Tables may be hard links to this store's, which never change. Any thread, while others append;
  /// nothing is written out for it, so that a disk that is full does no harm to this store.
  result<void> checkpoint(const std::string& folder) const;
  const std::string& folder() const;
  /// What it runs on, as in the settings.
  std::shared_ptr<void> environment() const;

  void append(std::vector<append_request> batch, append_done done) override;
  result<std::vector<domain::event_record>> read_stream(const domain::stream_id& stream, std::uint64_t after_seq,
                                                        read_limit limit) const override;
  result<std::vector<domain::event_record>> read_all(std::uint64_t after_position, read_limit limit) const override;
  result<std::vector<stored_event>> read_stored(const domain::stream_id& stream, std::uint64_t after_seq,
                                                read_limit limit) const override;
  result<std::vector<listed_stream>> list_streams(std::uint64_t after, std::size_t limit) const override;
  result<stream_head> head_of(const domain::stream_id& stream) const override;
  result<log_head> head() const override;
  result<std::vector<log_gap>> read_gaps(std::uint64_t after_position, std::size_t limit) const override;
  result<retirement> plan_retirement(const domain::stream_id& stream,
                                     const domain::sha256_digest& file_digest) const override;
  /// `errc::too_large`, and nothing is done, where the disk has no room for the tables that would be written anew.
  result<void> reclaim() override;
  /// Ends a `reclaim` that is under way, and lets no other begin, for the store is about to be closed; what is left of
  /// it is done by the next process. Any thread; returns at once.
  void stop_reclaiming();
  const vault& sealing_keys() const override;
  /// Another folder's, where the bytes that they sealed are taken over from it (`append_request::keep_bytes`). Before
  /// them, on the appending thread.
  result<void> adopt_sealing_keys(const vault& others);
  result<std::optional<kept_answer>> find_answer(const std::string& key, domain::timestamp now) const override;
  void subscribe(subscriber on_commit) override;

  result<void> save_snapshot(const domain::stream_id& stream, const snapshot& taken) override;
  result<std::optional<snapshot>> load_snapshot(const domain::stream_id& stream) const override;
  result<void> write_view(const view_write& write) override;
  result<view_rows> load_view(const std::string& view) const override;

 private:
  friend result<scan_result> scan_log(const rocksdb_store& store, const scan_sink& sink);
  friend std::optional<log_fault> check_opening(const rocksdb_store& store);
  friend std::vector<log_fault> check_tables(const rocksdb_store& store);

  struct impl;
  static result<std::unique_ptr<rocksdb_store>> open_sound(const std::string& folder, const rocksdb_settings& settings);
  static result<std::unique_ptr<const rocksdb_store>> look_into(const std::string& folder,
                                                                const rocksdb_settings& settings, bool whole);
  explicit rocksdb_store(std::unique_ptr<impl> content);
  std::unique_ptr<impl> impl_;
};

}  // namespace planexe::eventstore
