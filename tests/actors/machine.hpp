// What outlives a process: the disk and the wall clock. And the port through which one process reaches that disk, where
// a test can make writes fail or pull the plug.
#pragma once

#include <atomic>
#include <optional>

#include "actors/clock.hpp"
#include "actors/requests.hpp"
#include "eventstore/memory_store.hpp"
#include "tests/eventstore/kept_archive.hpp"

namespace planexe::tests {

/// Shows the time that it was set to.
class manual_clock final : public actors::clock {
 public:
  domain::timestamp now() const override { return now_.load(); }
  void advance(domain::milliseconds span) { now_ = now_.load() + span; }
  void set(domain::timestamp now) { now_ = now; }

 private:
  std::atomic<domain::timestamp> now_{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};
};

struct machine {
  machine();
  std::shared_ptr<eventstore::testing::kept_archive> archive = std::make_shared<eventstore::testing::kept_archive>();
  eventstore::memory_store disk{archive};  ///< the log
  bool room_to_reclaim = true;
  int reclaimed = 0;  ///< how often the log's space was given back
  /// Snapshots and views, apart from the log, so that a test can take them away.
  std::unique_ptr<eventstore::memory_store> derived = std::make_unique<eventstore::memory_store>();
  manual_clock clock;
  /// Of the process that runs now; a process takes its own out when it goes.
  std::vector<eventstore::subscriber> listeners;
};

/// Puts what is to leave the log into the machine's archive.
actors::archive_preparer archive_preparer_of(machine& on);

/// One process's way to the disk. One thread, as everything in these tests.
class disk_port final : public eventstore::event_log, public eventstore::derived_store {
 public:
  explicit disk_port(machine& on) : on_(on) {}
  ~disk_port() override { on_.listeners.clear(); }

  /// Nothing reaches the disk any more, and nobody is told: the process is dead, whatever its remains still do.
  void unplug();
  /// The `number`-th append from now fails, and all after it.
  void fail_append(std::size_t number) { fails_at_ = appends_.size() + number; }
  /// How many events each request of each append so far had.
  const std::vector<std::vector<std::size_t>>& appends() const { return appends_; }

  void append(std::vector<eventstore::append_request> batch, eventstore::append_done done) override;
  result<std::vector<domain::event_record>> read_stream(const domain::stream_id& stream, std::uint64_t after_seq,
                                                        eventstore::read_limit limit) const override;
  result<std::vector<domain::event_record>> read_all(std::uint64_t after_position,
                                                     eventstore::read_limit limit) const override;
  result<std::vector<eventstore::stored_event>> read_stored(const domain::stream_id& stream, std::uint64_t after_seq,
                                                            eventstore::read_limit limit) const override;
  result<std::vector<eventstore::listed_stream>> list_streams(std::uint64_t after, std::size_t limit) const override;
  result<eventstore::stream_head> head_of(const domain::stream_id& stream) const override;
  result<eventstore::log_head> head() const override;
  result<std::vector<eventstore::log_gap>> read_gaps(std::uint64_t after_position, std::size_t limit) const override {
    return on_.disk.read_gaps(after_position, limit);
  }
  result<eventstore::retirement> plan_retirement(const domain::stream_id& stream,
                                                 const domain::sha256_digest& file_digest) const override {
    return on_.disk.plan_retirement(stream, file_digest);
  }
  result<void> reclaim() override {
    if (on_.room_to_reclaim) ++on_.reclaimed;
    return on_.room_to_reclaim ? on_.disk.reclaim() : unexpected{error{errc::too_large, "no room"}};
  }
  const eventstore::vault& sealing_keys() const override { return on_.disk.sealing_keys(); }
  result<std::optional<eventstore::kept_answer>> find_answer(const std::string& key,
                                                             domain::timestamp now) const override;
  void subscribe(eventstore::subscriber on_commit) override { on_.listeners.push_back(std::move(on_commit)); }

  result<void> save_snapshot(const domain::stream_id& stream, const snapshot& taken) override;
  result<std::optional<snapshot>> load_snapshot(const domain::stream_id& stream) const override;
  result<void> write_view(const view_write& write) override;
  result<view_rows> load_view(const std::string& view) const override;

 private:
  machine& on_;
  bool unplugged_ = false;
  std::optional<std::size_t> fails_at_;
  std::vector<std::vector<std::size_t>> appends_;
};

}  // namespace planexe::tests
