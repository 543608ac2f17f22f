// Is the record whole? Everything in a data folder that can be checked without asking anybody: the chains of the
// streams and of the log, gaps and order, the indexes, every event's form, snapshots and views against replay, every
// block of every table, and, where one is given, an anchor that was taken before. Reads the folder beside its server,
// changes nothing.
//
// Two threads while it runs: one reads and hashes, one decodes and replays. Blocks until it is done.
#pragma once

#include "eventstore/archive_reader.hpp"
#include "eventstore/log_scan.hpp"

#include "audit/anchor.hpp"
#include "audit/view_check.hpp"

namespace planexe::audit {

struct verify_options {
  bool derived = true;                                        ///< snapshots and views as well
  std::shared_ptr<const eventstore::archive_reader> archive;  ///< where archived streams are; null: left aside
  bool tree = false;             ///< make the root of the tree over the events, as a new anchor needs it
  std::optional<anchor> before;  ///< what the log must begin with
  /// Called now and then, on the calling thread.
  std::function<void(const eventstore::scan_progress&)> progress;
};

/// One thing that is not as it should be, and where it was found: `folder`, `log`, `codec`, `table`,
/// `snapshot or view`, `anchor`.
struct finding {
  std::string_view in;
  eventstore::log_fault fault;
};

struct log_verdict {
  std::optional<error> unopened;  ///< why the folder cannot be opened at all; everything else is empty then
  eventstore::scan_result scan;
  std::vector<finding> findings;  ///< the first in the log comes first
  std::uint64_t findings_total = 0;
  bool refused = false;  ///< no server opens the folder: the rest is told of what is left of it
  std::uint64_t undecodable = 0;
  std::vector<view_verdict> views;
  snapshot_counts snapshots;
  bool erasure_to_finish = false;     ///< views and snapshots were left aside: they go at the next start
  std::optional<sha256_digest> tree;  ///< over all events, where it was asked for and can be had
  bool anchor_holds = false;          ///< of the one that was given
  std::chrono::milliseconds took{};

  bool whole() const { return !unopened && findings_total == 0; }
};

/// `errc::not_found` where there is no data, `errc::newer_version` for a folder of a later release. Damage is a
/// verdict.
result<log_verdict> verify_folder(const std::string& folder, const verify_options& options = {});

/// One JSON object, in one line.
std::string to_json(const log_verdict& verdict);

}  // namespace planexe::audit
