// The log and the derived data in memory, for tests and simulations: the same meaning as the durable store. Events are
// kept as bytes and decoded on reading, so that whatever runs on it runs through the codec.
// Threads: one thread appends; any thread reads.
#pragma once

#include <map>
#include <mutex>
#include <optional>
#include <unordered_map>

#include "eventstore/archive_reader.hpp"

namespace planexe::eventstore {

struct event_at_rest;

class memory_store final : public event_log, public derived_store {
 public:
  /// `archive`: where archived streams are read from; null: nowhere.
  explicit memory_store(std::shared_ptr<const archive_reader> archive = nullptr) : archive_(std::move(archive)) {}
  /// Reads what was sealed in another store, whose vault must outlive this one.
  explicit memory_store(const vault& keys) : reads_with_(&keys) {}

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
  result<void> reclaim() override { return {}; }
  const vault& sealing_keys() const override { return *reads_with_; }
  result<std::optional<kept_answer>> find_answer(const std::string& key, domain::timestamp now) const override;
  void subscribe(subscriber on_commit) override;

  result<void> save_snapshot(const domain::stream_id& stream, const snapshot& taken) override;
  result<std::optional<snapshot>> load_snapshot(const domain::stream_id& stream) const override;
  result<void> write_view(const view_write& write) override;
  result<view_rows> load_view(const std::string& view) const override;

 private:
  struct entry {
    domain::stream_id stream;
    std::uint64_t seq = 0;
    domain::sha256_digest previous{};
    domain::sha256_digest hash{};
    std::string bytes;  ///< empty: it has left for the archive
  };
  struct view_content {
    std::uint64_t checkpoint = 0;
    std::map<std::string, std::string> rows;
  };

  result<std::vector<append_outcome>> store(std::vector<append_request> batch,
                                            std::shared_ptr<const committed_batch>& committed);
  void keep_answers(std::vector<kept_answer> answers);
  void drop_expired(domain::timestamp now);
  result<void> walk(const domain::stream_id& stream, std::uint64_t after_seq, read_limit limit,
                    const std::function<result<void>(const event_at_rest&, const domain::sha256_digest&)>& take) const;
  result<void> retire(const retirement& gone);
  result<void> read(std::uint64_t position, std::vector<domain::event_record>& events) const;
  result<stream_head> find_head(const domain::stream_id& stream) const;

  const std::shared_ptr<const archive_reader> archive_;
  mutable std::mutex mutex_;                                                   // guards all but subscribers_
  std::vector<entry> log_;                                                     // at position - 1
  std::unordered_map<domain::stream_id, std::vector<std::uint64_t>> streams_;  // positions, at seq - 1
  std::vector<domain::stream_id> begun_;                                       // streams in order, at number - 1
  std::unordered_map<domain::stream_id, archive_entry> archived_;
  std::map<std::uint64_t, log_gap> gaps_;  // by their first positions
  log_head head_;
  vault vault_;
  const vault* reads_with_ = &vault_;
  std::optional<error> failure_;
  std::unordered_map<std::string, kept_answer> answers_;
  std::multimap<domain::timestamp, std::string> expiries_;
  std::unordered_map<domain::stream_id, snapshot> snapshots_;
  std::unordered_map<std::string, view_content> views_;
  std::vector<subscriber> subscribers_;
};

}  // namespace planexe::eventstore
