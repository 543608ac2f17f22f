// What is derived from the log, compared with the log: every event must decode, every snapshot and every stored view
// must be, byte for byte, what replay makes of the events before it. One thread; takes the events in log order.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "eventstore/log_scan.hpp"

namespace planexe::projections {
struct view_set;
}

namespace planexe::audit {

enum class standing { equal, differs, absent, not_checked };

struct view_verdict {
  std::string name;
  std::uint64_t checkpoint = 0;  ///< position that the stored view includes
  std::size_t rows = 0;
  standing is = standing::absent;
  std::string detail;  ///< where it differs
};

struct snapshot_counts {
  std::uint64_t equal = 0;
  std::uint64_t differ = 0;
  std::uint64_t of_another_release = 0;  ///< left aside, as the server does
  std::uint64_t not_checked = 0;         ///< the log before them does not stand
};

/// `errc` of a fault is what the codec said: damage, or a newer release.
class derived_check {
 public:
  /// `log` and `derived` must stand still and outlive this.
  derived_check(const eventstore::event_log& log, const eventstore::derived_store& derived, bool check_views);
  ~derived_check();

  void take(const eventstore::scan_window& window);
  /// After the last event.
  void finish();

  const std::vector<eventstore::log_fault>& undecodable() const { return undecodable_; }
  std::uint64_t undecodable_found() const { return undecodable_found_; }
  const std::vector<eventstore::log_fault>& faults() const { return faults_; }
  const std::vector<view_verdict>& views() const { return views_; }
  const snapshot_counts& snapshots() const { return snapshots_; }

 private:
  class trusted_snapshots;
  struct stored_view {
    eventstore::derived_store::view_rows rows;
    bool compared = false;
  };

  void load();
  void load_snapshots();
  void apply(const domain::event_record& record);
  void compare_snapshot(const domain::event_record& record, std::uint64_t snapshot_seq);
  void compare_views(std::uint64_t position);
  void compare_view(std::size_t index);
  void refuse(const domain::event_record& record, const std::string& what);

  const eventstore::event_log& log_;
  const eventstore::derived_store& derived_;
  std::unique_ptr<trusted_snapshots> trusted_;
  std::unique_ptr<projections::view_set> set_;
  std::vector<stored_view> stored_;
  std::vector<view_verdict> views_;
  std::map<domain::stream_id, std::uint64_t> snapshot_seqs_;  // not yet compared
  snapshot_counts snapshots_;
  std::vector<eventstore::log_fault> undecodable_;
  std::uint64_t undecodable_found_ = 0;
  std::vector<eventstore::log_fault> faults_;
  std::uint64_t position_ = 0;   // applied up to here
  std::uint64_t last_view_ = 0;  // the furthest checkpoint
  bool applies_ = true;          // the log has stood so far
};

}  // namespace planexe::audit
