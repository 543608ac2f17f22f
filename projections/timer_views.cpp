#include "projections/timer_views.hpp"

#include <algorithm>
#include <tuple>

#include "projections/row_layout.hpp"

namespace planexe::projections {
namespace {

/// Whether agents have to know of the execution: it has work for them, or they hold some of it.
bool has_work(const domain::execution_state& state) {
  const bool offers = domain::hands_out(state) && state.in(domain::leaf_stage::ready) > 0;
  return offers || !state.held.empty() || state.paused_by_switch;  // which may end with the server's start
}

}  // namespace

result<void> timer_views::restore(const eventstore::derived_store::view_rows& rows) {
  for (const auto& [key, bytes] : rows.rows) {
    auto row = parse_row<timer_row>(bytes);
    if (!row || row->execution.value != key)
      return unexpected{error{errc::corrupt, "a stored row of the timers is damaged"}};
    rows_.insert_or_assign(row->execution, std::move(*row));
  }
  return {};
}

void timer_views::reset() {
  rows_.clear();
  stale_.clear();
  changed_.clear();
}

result<void> timer_views::apply(const domain::event_record& record) {
  if (record.stream.kind == domain::stream_kind::execution) stale_.insert(domain::execution_id{record.stream.id});
  if (const auto* left = archived_in(record)) stale_.insert(left->execution);
  return {};
}

result<void> timer_views::refresh() {
  while (!stale_.empty()) {
    const auto id = *stale_.begin();
    const auto state = executions_.peek(id);
    if (!state) return unexpected{state.error()};
    stale_.erase(stale_.begin());
    timer_row row{id, {}, false};
    if (*state != nullptr) {
      row.due = domain::next_deadline(**state);
      row.has_work = has_work(**state);
    }
    changed_.insert(id);
    if (row.due || row.has_work)
      rows_.insert_or_assign(id, row);
    else
      rows_.erase(id);
  }
  return {};
}

void timer_views::exchange(projection& other) {
  auto& same = static_cast<timer_views&>(other);
  std::swap(rows_, same.rows_);
  std::swap(stale_, same.stale_);
  std::swap(changed_, same.changed_);
}

result<void> timer_views::changes(eventstore::derived_store::view_write& write) {
  if (auto fresh = refresh(); !fresh) return fresh;
  for (const auto& id : std::exchange(changed_, {})) {
    if (const auto found = rows_.find(id); found != rows_.end())
      write.puts.emplace_back(id.value, stored_form(found->second));
    else
      write.deletes.push_back(id.value);
  }
  return {};
}

result<std::vector<timer_row>> timer_views::rows() {
  if (auto fresh = refresh(); !fresh) return unexpected{fresh.error()};
  std::vector<timer_row> all;
  for (const auto& [id, row] : rows_) all.push_back(row);
  const auto place = [](const timer_row& row) { return row.due.value_or(domain::timestamp::max()); };
  std::stable_sort(all.begin(), all.end(), [&](const timer_row& a, const timer_row& b) { return place(a) < place(b); });
  return all;
}

}  // namespace planexe::projections
