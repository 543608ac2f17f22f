#include "audit/verify.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <thread>

#include "eventstore/hash_chain.hpp"
#include "eventstore/rocksdb_store.hpp"

namespace planexe::audit {
namespace {

using eventstore::log_fault;
using eventstore::scan_progress;
using eventstore::scan_window;
using window_ptr = std::shared_ptr<const scan_window>;

constexpr std::size_t most_waiting = 2;  // windows read ahead of the replay: bounds memory

/// Hands windows from the thread that reads to the one that replays.
class window_queue {
 public:
  void put(window_ptr window) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return waiting_.size() < most_waiting; });
    waiting_.push_back(std::move(window));
    changed_.notify_all();
  }
  void close() { put(nullptr); }
  /// Null at the end.
  window_ptr take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return !waiting_.empty(); });
    auto window = std::move(waiting_.front());
    waiting_.erase(waiting_.begin());
    changed_.notify_all();
    return window;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<window_ptr> waiting_;
};

/// The tree over the events as they come by, and what an anchor says of it.
class tree_check {
 public:
  explicit tree_check(const verify_options& options) : options_(options) {}

  void take(const scan_window& window) {
    if (!options_.tree && !options_.before) return;
    for (const auto& event : window.events) {
      complete_ = complete_ && event.position == tree_.size() + 1;
      if (!complete_) return;
      tree_.add(leaf_of(*event.stream, event.seq, event.position, event.hash));
      chain_ = eventstore::link_log(chain_, event.position, event.hash);
      if (options_.before && event.position == options_.before->position)
        agrees_ = chain_ == options_.before->head && tree_.root() == options_.before->tree;
    }
  }
  std::optional<sha256_digest> root() const {
    return options_.tree && complete_ ? std::optional{tree_.root()} : std::nullopt;
  }
  /// What the anchor finds; nothing where it holds.
  std::optional<log_fault> fault() const {
    const auto& before = options_.before;
    if (!before || (before->position == 0 && is_genuine(*before))) return std::nullopt;
    const auto at = "position " + std::to_string(before->position);
    if (!is_genuine(*before)) return log_fault{{}, 0, 0, "the anchor's signature is wrong: it says nothing"};
    if (agrees_ && *agrees_) return std::nullopt;
    if (agrees_) return log_fault{{}, 0, before->position, "the log up to " + at + " is not the one that was anchored"};
    if (!complete_)
      return log_fault{
          {}, 0, tree_.size() + 1, "the log up to " + at + ", which was anchored, is not there as a whole"};
    return log_fault{{},
                     0,
                     tree_.size() + 1,
                     "the log ends at position " + std::to_string(tree_.size()) + ", but was anchored at " + at};
  }

 private:
  const verify_options& options_;
  merkle_tree tree_;
  sha256_digest chain_{};
  bool complete_ = true;
  std::optional<bool> agrees_;
};

void add(log_verdict& verdict, std::string_view in, const std::vector<log_fault>& faults, std::uint64_t total) {
  for (const auto& fault : faults) verdict.findings.push_back({in, fault});
  verdict.findings_total += total;
}

/// A stream stands only as far as its events can be read.
void cut_undecodable(log_verdict& verdict, const eventstore::event_log& log,
                     const std::vector<log_fault>& undecodable) {
  auto& scan = verdict.scan;
  for (const auto& fault : undecodable) {
    const auto known = std::find_if(scan.damaged.begin(), scan.damaged.end(),
                                    [&](const auto& each) { return each.stream == *fault.stream; });
    if (known != scan.damaged.end()) {
      known->stands_to = std::min(known->stands_to, fault.seq - 1);
      continue;
    }
    auto& whole = scan.streams[static_cast<std::size_t>(fault.stream->kind)];
    if (whole > 0) --whole;
    const auto head = log.head_of(*fault.stream);
    scan.damaged.push_back({*fault.stream, fault.seq - 1, head ? head->version : fault.seq});
  }
}

/// In the order of the log; what is of no place in it last, but why the folder cannot be opened first.
void put_in_order(std::vector<finding>& findings) {
  const auto place = [](const finding& each) {
    if (each.in == "folder") return std::uint64_t{0};
    return each.fault.position == 0 ? UINT64_MAX : each.fault.position;
  };
  std::stable_sort(findings.begin(), findings.end(),
                   [&](const finding& a, const finding& b) { return place(a) < place(b); });
}

void scan(const eventstore::rocksdb_store& store, const verify_options& options, log_verdict& verdict,
          derived_check& derived, tree_check& tree) {
  window_queue windows;
  std::jthread replaying([&] {
    while (const auto window = windows.take()) derived.take(*window);
    derived.finish();
  });
  // Also where the scan ends by an exception: the other thread must not wait for ever.
  const std::unique_ptr<window_queue, void (*)(window_queue*)> closing(&windows,
                                                                       [](window_queue* open) { open->close(); });
  auto scanned = eventstore::scan_log(store, [&](const window_ptr& window, const scan_progress& progress) {
    windows.put(window);
    tree.take(*window);
    if (options.progress) options.progress(progress);
    return true;
  });
  verdict.scan = std::move(*scanned);
}

}  // namespace

result<log_verdict> verify_folder(const std::string& folder, const verify_options& options) {
  const auto began = std::chrono::steady_clock::now();
  log_verdict verdict;
  const auto store = eventstore::rocksdb_store::open_to_check(folder, {.archive = options.archive});
  if (!store) {
    const auto& why = store.error();
    if (why.code == errc::not_found || why.code == errc::newer_version) return unexpected{why};
    verdict.unopened = why;
    return verdict;
  }
  verdict.erasure_to_finish = (*store)->sealing_keys().has_erasures_to_finish();
  derived_check derived(**store, **store, options.derived && !verdict.erasure_to_finish);
  tree_check tree(options);
  scan(**store, options, verdict, derived, tree);

  add(verdict, "log", verdict.scan.faults, verdict.scan.faults_found);
  add(verdict, "codec", derived.undecodable(), derived.undecodable_found());
  add(verdict, "snapshot or view", derived.faults(), derived.faults().size());
  if (const auto opening = eventstore::check_opening(**store)) add(verdict, "folder", {*opening}, 1);
  verdict.refused = eventstore::check_opening(**store).has_value();
  const auto tables = eventstore::check_tables(**store);
  add(verdict, "table", tables, tables.size());
  if (const auto broken = tree.fault()) add(verdict, "anchor", {*broken}, 1);
  cut_undecodable(verdict, **store, derived.undecodable());
  put_in_order(verdict.findings);
  verdict.undecodable = derived.undecodable_found();
  verdict.views = derived.views();
  verdict.snapshots = derived.snapshots();
  verdict.tree = tree.root();
  verdict.anchor_holds = options.before && !tree.fault();
  verdict.took = std::chrono::duration_cast<std::chrono::milliseconds>(std::chrono::steady_clock::now() - began);
  return verdict;
}

}  // namespace planexe::audit
