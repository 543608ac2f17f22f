#include "projections/agent_views.hpp"

#include <algorithm>

#include "projections/row_layout.hpp"

namespace planexe::projections {

using namespace domain;

std::optional<double> median_task_seconds(const agent_row& row) {
  if (row.recent.empty()) return std::nullopt;
  auto sorted = row.recent;
  const auto middle = sorted.begin() + static_cast<std::ptrdiff_t>(sorted.size() / 2);
  std::nth_element(sorted.begin(), middle, sorted.end(),
                   [](const task_duration& a, const task_duration& b) { return a.length < b.length; });
  return static_cast<double>(middle->length.count()) / 1000.0;
}

result<void> agent_views::restore(const eventstore::derived_store::view_rows& rows) {
  for (const auto& [key, bytes] : rows.rows) {
    auto row = parse_row<agent_row>(bytes);
    if (!row || row->id.value != key) return unexpected{error{errc::corrupt, "a stored row of an agent is damaged"}};
    for (const auto& held : row->held) holders_[{held.execution, held.task}] = row->id;
    rows_.emplace(row->id, std::move(*row));
  }
  return {};
}

void agent_views::reset() {
  rows_.clear();
  holders_.clear();
  changed_.clear();
  touched_.clear();
}

agent_row& agent_views::touch(const agent_id& id) {
  changed_.insert(id);
  touched_.insert(id);
  auto& row = rows_[id];
  row.id = id;
  return row;
}

void agent_views::assigned(const task_key& key, const agent_id& agent, timestamp at) {
  auto& row = touch(agent);
  row.held.push_back({key.first, key.second, at});
  row.last_event_at = at;
  row.erased = false;
  holders_[key] = agent;
}

void agent_views::erased(std::string_view subject) {
  constexpr std::string_view agent_prefix = "agent:";
  if (!subject.starts_with(agent_prefix)) return;
  const agent_id id{std::string(subject.substr(agent_prefix.size()))};
  if (rows_.contains(id)) touch(id).erased = true;
}

agent_row* agent_views::released(const task_key& key, timestamp at, milliseconds* held_for) {
  const auto holder = holders_.find(key);
  if (holder == holders_.end()) return nullptr;
  auto& row = touch(holder->second);
  holders_.erase(holder);
  const auto held = std::find_if(row.held.begin(), row.held.end(), [&](const held_task& task) {
    return task.execution == key.first && task.task == key.second;
  });
  if (held_for != nullptr) *held_for = at - held->since;
  row.held.erase(held);
  return &row;
}

void agent_views::released_all(const execution_id& execution, timestamp at) {
  std::vector<task_key> keys;
  for (auto at_key = holders_.lower_bound({execution, {}});
       at_key != holders_.end() && at_key->first.first == execution; ++at_key)
    keys.push_back(at_key->first);
  for (const auto& key : keys) released(key, at);
}

result<void> agent_views::apply(const event_record& record) {
  const auto at = record.metadata.recorded_at;
  if (const auto* event = std::get_if<agent_event>(&record.payload)) {
    auto& row = touch(agent_id{record.stream.id});
    evolve(row.state, *event, {record.seq, at});
    const auto* stands = std::get_if<agent_standing_changed>(event);
    if (stands != nullptr && stands->standing == agent_standing::active) row.erased = false;
    return {};
  }
  if (const auto* of_system = std::get_if<system_event>(&record.payload)) {
    if (const auto* gone = std::get_if<subject_erased>(of_system)) erased(gone->subject);
    return {};
  }
  const auto* event = std::get_if<execution_event>(&record.payload);
  if (event == nullptr || record.metadata.inherited) return {};
  const execution_id execution{record.stream.id};
  if (const auto* e = std::get_if<task_assigned>(event)) {
    assigned({execution, e->task}, e->agent, at);
  } else if (const auto* complete = std::get_if<task_complete>(event)) {
    milliseconds took{};
    auto* row = released({execution, complete->task}, at, &took);
    if (row == nullptr || complete->agent.empty()) return {};
    ++row->completed;
    row->last_event_at = at;
    row->recent.push_back({took});
    if (row->recent.size() > most_recent_durations) row->recent.erase(row->recent.begin());
  } else if (const auto* failed = std::get_if<task_error>(event)) {
    auto* row = released({execution, failed->task}, at);
    if (row == nullptr) return {};
    ++row->failed;
    row->last_event_at = at;
  } else if (const auto* blocked = std::get_if<task_blocked>(event)) {
    released({execution, blocked->task}, at);
  } else if (const auto* expired = std::get_if<lease_expired>(event)) {
    released({execution, expired->task}, at);
  } else if (const auto* skipped = std::get_if<task_skipped>(event)) {
    released({execution, skipped->task}, at);
  } else if (const auto* grown = std::get_if<subtasks_added>(event)) {
    released({execution, grown->task}, at);
  } else if (std::holds_alternative<execution_failed>(*event) || std::holds_alternative<execution_cancelled>(*event)) {
    released_all(execution, at);
  }
  return {};
}

void agent_views::exchange(projection& other) {
  auto& same = static_cast<agent_views&>(other);
  std::swap(rows_, same.rows_);
  std::swap(holders_, same.holders_);
  std::swap(changed_, same.changed_);
}

result<void> agent_views::changes(eventstore::derived_store::view_write& write) {
  for (const auto& id : std::exchange(changed_, {})) write.puts.emplace_back(id.value, stored_form(rows_.at(id)));
  return {};
}

const agent_row* agent_views::row(const agent_id& id) const {
  const auto found = rows_.find(id);
  return found == rows_.end() || !found->second.state.registered ? nullptr : &found->second;
}

std::vector<const agent_row*> agent_views::rows() const {
  std::vector<const agent_row*> all;
  for (const auto& [id, row] : rows_)
    if (row.state.registered) all.push_back(&row);
  return all;
}

std::vector<const agent_row*> agent_views::listed() const {
  std::vector<const agent_row*> all;
  for (const auto& [id, row] : rows_)
    if (is_listed(row)) all.push_back(&row);
  return all;
}

}  // namespace planexe::projections
