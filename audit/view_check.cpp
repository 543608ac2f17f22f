#include "audit/view_check.hpp"

#include <algorithm>
#include <unordered_set>

#include "eventstore/codec.hpp"
#include "projections/replay.hpp"
#include "projections/row_layout.hpp"
#include "projections/view_set.hpp"

namespace planexe::audit {
namespace {

using eventstore::log_fault;
using rows = std::vector<std::pair<std::string, std::string>>;

constexpr std::size_t streams_at_once = 1'000;
// Only sorts the leaves of a plan into three counts, which are taken together here: the server's own is not known.
constexpr double any_threshold = 0.5;
// A snapshot says in two small numbers which form it has.
constexpr std::size_t form_bytes = 2;

std::string name_of(const domain::stream_id& stream) {
  constexpr const char* kinds[] = {"stream ", "execution ", "agent ", "plan ", "system stream "};
  return kinds[static_cast<std::size_t>(stream.kind)] + stream.id;
}

bool is_of_kind(const domain::event& event, domain::stream_kind kind) {
  return event.index() + 1 == static_cast<std::size_t>(kind);
}

/// A plan's row under any threshold.
std::string without_threshold(const std::string& bytes) {
  auto row = projections::parse_row<projections::plan_row>(bytes);
  if (!row) return bytes;
  row->agent_executable += std::exchange(row->needs_review, 0);
  return projections::stored_form(*row);
}

/// Where two views part; empty: nowhere.
std::string difference(rows stored, rows made, bool plans) {
  if (plans)
    for (auto* side : {&stored, &made})
      for (auto& [key, bytes] : *side) bytes = without_threshold(bytes);
  const auto [at, other] = std::mismatch(stored.begin(), stored.end(), made.begin(), made.end());
  if (at == stored.end() && other == made.end()) return {};
  if (other == made.end() || (at != stored.end() && at->first < other->first))
    return "row '" + at->first + "' should not be there";
  if (at == stored.end() || other->first < at->first) return "row '" + other->first + "' is missing";
  return "row '" + at->first + "' is not what replay makes of it";
}

}  // namespace

/// Snapshots that have been found right, so that states which fell out of memory need not be replayed from their first
/// event. What a view may build on is never what is still to be checked.
class derived_check::trusted_snapshots final : public eventstore::derived_store {
 public:
  explicit trusted_snapshots(const eventstore::derived_store& source) : source_(source) {}
  void trust(const domain::stream_id& stream) { trusted_.insert(stream); }

  result<void> save_snapshot(const domain::stream_id&, const snapshot&) override { return {}; }
  result<std::optional<snapshot>> load_snapshot(const domain::stream_id& stream) const override {
    if (!trusted_.contains(stream)) return std::optional<snapshot>{};
    return source_.load_snapshot(stream);
  }
  result<void> write_view(const view_write&) override { return {}; }
  result<view_rows> load_view(const std::string&) const override { return view_rows{}; }

 private:
  const eventstore::derived_store& source_;
  std::unordered_set<domain::stream_id> trusted_;
};

derived_check::derived_check(const eventstore::event_log& log, const eventstore::derived_store& derived,
                             bool check_views)
    : log_(log), derived_(derived) {
  if (check_views)
    load();
  else
    applies_ = false;
}

derived_check::~derived_check() = default;

void derived_check::load() {
  trusted_ = std::make_unique<trusted_snapshots>(derived_);
  set_ = std::make_unique<projections::view_set>(log_, *trusted_, any_threshold);
  for (const auto* view : set_->in_order()) {
    auto& verdict = views_.emplace_back();
    verdict.name = view->name();
    auto& kept = stored_.emplace_back();
    auto loaded = derived_.load_view(verdict.name);
    if (!loaded) {
      verdict.is = standing::differs;
      verdict.detail = loaded.error().detail;
      kept.compared = true;
      continue;
    }
    verdict.checkpoint = loaded->checkpoint;
    verdict.rows = loaded->rows.size();
    if (loaded->checkpoint > 0) verdict.is = standing::not_checked;
    kept.compared = loaded->checkpoint == 0;
    kept.rows = std::move(*loaded);
    last_view_ = std::max(last_view_, verdict.checkpoint);
  }
  load_snapshots();
}

// What cannot be listed here is named by the scan already.
void derived_check::load_snapshots() {
  std::uint64_t after = 0;
  while (const auto streams = log_.list_streams(after, streams_at_once)) {
    if (streams->empty()) return;
    for (const auto& each : *streams) {
      if (each.stream.kind != domain::stream_kind::execution) continue;
      const auto taken = derived_.load_snapshot(each.stream);
      if (!taken) {
        ++snapshots_.differ;
        faults_.push_back({each.stream, 0, 0, taken.error().detail});
      } else if (*taken) {
        snapshot_seqs_[each.stream] = (*taken)->seq;
      }
    }
    after = streams->back().number;
  }
}

void derived_check::take(const eventstore::scan_window& window) {
  for (const auto& event : window.events) {
    if (event.stream->id.empty()) {  // the scan has named the number whose name is lost
      applies_ = false;
      continue;
    }
    if (event.archived != nullptr) {
      applies_ = applies_ && event.stands && event.position == position_ + 1;
      position_ = event.position;
      if (applies_) apply(*event.archived);
      continue;
    }
    auto decoded = eventstore::decode(event.bytes, &log_.sealing_keys());
    if (event.position != position_ + 1 || !event.stands || !decoded) applies_ = false;
    position_ = event.position;
    const bool strange = decoded && !is_of_kind(decoded->payload, event.stream->kind);
    if (!decoded || strange) {
      const std::string why = strange ? "an event of another kind of stream" : decoded.error().detail;
      ++undecodable_found_;
      if (undecodable_.size() < eventstore::most_faults)
        undecodable_.push_back({*event.stream, event.seq, event.position,
                                name_of(*event.stream) + " seq " + std::to_string(event.seq) + ": " + why});
      applies_ = false;
    }
    if (!applies_) continue;
    apply({*event.stream, event.seq, event.position, std::move(decoded->metadata), std::move(decoded->payload),
           event.hash});
  }
}

void derived_check::refuse(const domain::event_record& record, const std::string& what) {
  applies_ = false;
  faults_.push_back({record.stream, record.seq, record.position, what});
}

void derived_check::apply(const domain::event_record& record) {
  const auto snapshot = snapshot_seqs_.find(record.stream);
  if (record.position > last_view_ && snapshot_seqs_.empty()) return;
  for (auto* view : set_->in_order())
    if (const auto applied = view->apply(record); !applied)
      return refuse(record, std::string(view->name()) + ": " + applied.error().detail);
  if (snapshot != snapshot_seqs_.end() && snapshot->second == record.seq) {
    compare_snapshot(record, snapshot->second);
    snapshot_seqs_.erase(snapshot);
  }
  compare_views(record.position);
}

void derived_check::compare_snapshot(const domain::event_record& record, std::uint64_t snapshot_seq) {
  const auto stored = derived_.load_snapshot(record.stream);
  const auto state = set_->executions.peek({record.stream.id});
  if (!stored || !*stored || !state || *state == nullptr) return;
  const auto made = eventstore::encode_snapshot(**state);
  if (made == (*stored)->bytes) {
    ++snapshots_.equal;
    return trusted_->trust(record.stream);
  }
  if ((*stored)->bytes.substr(0, form_bytes) != made.substr(0, form_bytes)) {
    ++snapshots_.of_another_release;
    return;
  }
  ++snapshots_.differ;
  faults_.push_back({record.stream, snapshot_seq, record.position,
                     name_of(record.stream) + ": its snapshot after seq " + std::to_string(snapshot_seq) +
                         " is not the state that replay gives"});
}

void derived_check::compare_views(std::uint64_t position) {
  for (std::size_t i = 0; i < stored_.size(); ++i)
    if (!stored_[i].compared && views_[i].checkpoint == position) compare_view(i);
}

void derived_check::compare_view(std::size_t index) {
  auto& verdict = views_[index];
  auto& kept = stored_[index];
  kept.compared = true;
  auto* const view = set_->in_order()[index];
  eventstore::derived_store::view_write made;
  const auto gathered = view->changes(made);
  std::sort(made.puts.begin(), made.puts.end());
  verdict.detail = gathered ? difference(std::move(kept.rows.rows), std::move(made.puts), view == &set_->plans)
                            : gathered.error().detail;
  verdict.is = verdict.detail.empty() ? standing::equal : standing::differs;
  if (verdict.is == standing::differs)
    faults_.push_back({std::nullopt, 0, verdict.checkpoint, "view " + verdict.name + ": " + verdict.detail});
}

void derived_check::finish() {
  for (auto& verdict : views_) {
    if (verdict.is != standing::not_checked || !applies_) continue;
    verdict.is = standing::differs;
    verdict.detail = "it includes position " + std::to_string(verdict.checkpoint) + ", which the log does not have";
    faults_.push_back({std::nullopt, 0, 0, "view " + verdict.name + ": " + verdict.detail});
  }
  for (const auto& [stream, seq] : snapshot_seqs_) {
    if (applies_) {
      ++snapshots_.differ;
      faults_.push_back({stream, 0, 0,
                         name_of(stream) + ": its snapshot is of seq " + std::to_string(seq) +
                             ", which the execution does not have"});
    } else {
      ++snapshots_.not_checked;
    }
  }
}

}  // namespace planexe::audit
