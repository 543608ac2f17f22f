#include "projections/counter_views.hpp"

#include <algorithm>

#include "domain/execution_status.hpp"
#include "eventstore/codec.hpp"
#include "projections/counter_layout.hpp"
#include "projections/replay.hpp"

namespace planexe::projections {
namespace {

using namespace domain;

const std::string only_key = "counters";
constexpr std::size_t most_states_behind = most_states_kept;  // bounds memory; others are replayed again

constexpr auto& bounds = length_bounds;

double in_seconds(milliseconds length) {
  return static_cast<double>(length.count()) / 1'000;
}

/// A leaf as it was; null for one that there is not.
const task_state* leaf_of(const execution_state* state, const task_id& id) {
  const auto leaf = state != nullptr && state->exists() ? state->graph->find(id) : no_task;
  return leaf == no_task ? nullptr : &state->tasks[leaf];
}

/// Since when the leaf could have been handed out. Waits while the execution was paused count: they were waits.
timestamp ready_since(const execution_state& state, const task_state& leaf) {
  // The deadline was set when the execution was started.
  return state.deadline_at ? std::max(leaf.since, *state.deadline_at - state.options.timeout) : leaf.since;
}

}  // namespace

void length_histogram::add(milliseconds length) {
  length = std::max(length, milliseconds{0});  // the clock may have been set back
  const auto bound = std::lower_bound(bounds.begin(), bounds.end(), in_seconds(length));
  ++buckets[static_cast<std::size_t>(bound - bounds.begin())];
  ++count;
  sum += length;
  longest = std::max(longest, length);
}

std::optional<double> length_histogram::quantile(double q) const {
  if (count == 0) return std::nullopt;
  const double wanted = q * static_cast<double>(count);
  double below = 0;
  for (std::size_t i = 0; i < buckets.size(); ++i) {
    const auto here = static_cast<double>(buckets[i]);
    if (here > 0 && below + here >= wanted) {
      const double from = i == 0 ? 0 : bounds[i - 1];
      const double to = i < bounds.size() ? std::min(bounds[i], in_seconds(longest)) : in_seconds(longest);
      return from + std::max(to - from, 0.0) * (wanted - below) / here;
    }
    below += here;
  }
  return in_seconds(longest);
}

result<void> counter_views::restore(const eventstore::derived_store::view_rows& rows) {
  for (const auto& [key, bytes] : rows.rows) {
    auto row = key == only_key ? parse_row<stored_counters>(bytes) : std::nullopt;
    if (!row) return unexpected{error{errc::corrupt, "the stored counters are damaged"}};
    row_ = from_stored(*row);
  }
  return {};
}

void counter_views::reset() {
  row_ = {};
  behind_.clear();
  changed_ = false;
}

result<const execution_state*> counter_views::before(const event_record& record) {
  const execution_id id{record.stream.id};
  if (record.seq == 1) return static_cast<const execution_state*>(nullptr);
  const auto* row = executions_.row(id);
  if (row != nullptr && row->version + 1 == record.seq) return executions_.peek(id);
  auto known = behind_.find(id);
  if (known == behind_.end() || known->second.version + 1 != record.seq) {
    auto replayed = replay_execution(log_, derived_, id, record.seq - 1);
    if (!replayed) return unexpected{replayed.error()};
    if (known == behind_.end() && behind_.size() >= most_states_behind) behind_.erase(behind_.begin());
    known = behind_.insert_or_assign(id, std::move(replayed->state)).first;
  }
  return static_cast<const execution_state*>(&known->second);
}

void counter_views::count_error(const std::string& type) {
  const bool has_a_place = row_.errors.size() < most_error_names || row_.errors.contains(type);
  ++row_.errors[has_a_place ? type : std::string(other_errors)];
}

result<void> counter_views::count(const event_record& record, const execution_event& event) {
  const auto at = record.metadata.recorded_at;
  const bool takes_time =
      std::holds_alternative<task_assigned>(event) || std::holds_alternative<task_complete>(event) ||
      std::holds_alternative<review_resolved>(event) || std::holds_alternative<execution_completed>(event);
  const execution_state* state = nullptr;
  if (takes_time) {
    const auto found = before(record);
    if (!found) return unexpected{found.error()};
    state = *found;
  }
  if (const auto* assigned = std::get_if<task_assigned>(&event)) {
    ++row_.attempts;
    const auto* leaf = leaf_of(state, assigned->task);
    if (leaf != nullptr && leaf->stage == leaf_stage::ready) row_.waits.add(at - ready_since(*state, *leaf));
  } else if (const auto* complete = std::get_if<task_complete>(&event)) {
    ++row_.tasks_completed;
    const auto* leaf = leaf_of(state, complete->task);
    if (leaf != nullptr && leaf->lease && !complete->agent.empty()) row_.attempt_lengths.add(at - leaf->lease->since);
  } else if (const auto* failed = std::get_if<task_error>(&event)) {
    ++row_.attempts_failed;
    row_.tasks_failed += failed->final ? 1U : 0U;
    count_error(failed->error_type);
  } else if (std::holds_alternative<task_skipped>(event)) {
    ++row_.tasks_skipped;
  } else if (std::holds_alternative<task_escalated>(event)) {
    ++row_.tasks_escalated;
  } else if (std::holds_alternative<review_requested>(event)) {
    ++row_.reviews_opened;
  } else if (const auto* resolved = std::get_if<review_resolved>(&event)) {
    const auto* leaf = leaf_of(state, resolved->task);
    if (leaf != nullptr && leaf->review) {
      ++row_.reviews_resolved;
      row_.review_lengths.add(at - leaf->review->since);
    }
  } else if (std::holds_alternative<execution_completed>(event) && state != nullptr && state->started_at) {
    // A fork's own time alone.
    const auto begun = state->standstills.empty() ? *state->started_at : state->standstills.back().to;
    row_.execution_lengths.add(at - std::max(begun, *state->started_at));
  }
  return {};
}

result<void> counter_views::apply(const event_record& record) {
  if (record.metadata.inherited) return {};  // counted where it happened
  changed_ = true;
  const auto type = eventstore::type_name(record.payload);
  if (const auto known = row_.events.find(type); known != row_.events.end())
    ++known->second;
  else
    row_.events.emplace(type, 1);
  const auto* event = std::get_if<execution_event>(&record.payload);
  if (event == nullptr) return {};
  if (auto counted = count(record, *event); !counted) return counted;
  const execution_id id{record.stream.id};
  const auto behind = behind_.find(id);
  if (behind == behind_.end()) return {};
  const auto* row = executions_.row(id);
  const bool still_behind = row != nullptr && row->version >= record.seq;
  if (still_behind && behind->second.version + 1 == record.seq)
    evolve(behind->second, *event, {record.seq, record.metadata.recorded_at});
  else
    behind_.erase(behind);
  return {};
}

void counter_views::exchange(projection& other) {
  auto& same = static_cast<counter_views&>(other);
  std::swap(row_, same.row_);
  std::swap(changed_, same.changed_);
  std::swap(behind_, same.behind_);
}

result<void> counter_views::changes(eventstore::derived_store::view_write& write) {
  if (std::exchange(changed_, false)) write.puts.emplace_back(only_key, stored_form(to_stored(row_)));
  return {};
}

}  // namespace planexe::projections
