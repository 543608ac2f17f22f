#include "projections/execution_views.hpp"

#include <algorithm>

#include "projections/replay.hpp"
#include "projections/row_layout.hpp"

namespace planexe::projections {
namespace {

void refresh(execution_row& row, const domain::execution_state& state) {
  row.status = state.status;
  row.status_message = domain::message_of(state);
  row.version = state.version;
  row.priority = state.priority;
  row.tasks_total = state.leaf_total();  // grows when a task is taken apart
  row.tasks_completed = state.leaves_complete;
  row.tasks_skipped = state.leaves_skipped;
  const auto total = state.graph->total_effort();
  row.effort_percent = total > 0 ? 100 * state.effort_done / total : 0;
  row.waiting_for_people = state.in(domain::leaf_stage::reviewing);
  row.blockers = domain::may_have_blockers(state);
  row.agents.clear();
  row.current_task = {};
  row.current_task_title.clear();
  for (const auto leaf : state.held) {
    const auto& agent = state.tasks[leaf].lease->agent;
    if (std::find(row.agents.begin(), row.agents.end(), agent) == row.agents.end()) row.agents.push_back(agent);
  }
  if (!state.held.empty()) {
    const auto& first = state.definition(*state.held.begin());
    row.current_task = first.id;
    row.current_task_title = first.title;
  }
  row.updated_at = state.updated_at;
  row.started_at = state.started_at;
  row.completed_at = state.completed_at;
  row.deadline_at = state.deadline_at;
}

execution_row make_row(const domain::execution_id& id, const domain::execution_state& state) {
  execution_row row;
  row.id = id;
  row.plan = state.graph->plan().id;
  row.title = state.title;
  row.goal = state.graph->plan().goal;
  row.agent = state.agent;
  row.created_at = state.created_at;
  if (state.origin) row.forked_from = state.origin->execution;
  if (state.origin) row.forked_seq = state.origin->seq;
  return row;
}

}  // namespace

result<void> execution_views::restore(const eventstore::derived_store::view_rows& rows) {
  for (const auto& [key, bytes] : rows.rows) {
    auto row = parse_row<execution_row>(bytes);
    if (!row || row->id.value != key)
      return unexpected{error{errc::corrupt, "a stored row of an execution is damaged"}};
    const auto [placed, added] = rows_.emplace(row->id, std::move(*row));
    if (added) in_order_.insert(&placed->second);
  }
  return {};
}

void execution_views::reset() {
  in_order_.clear();
  rows_.clear();
  changed_.clear();
  states_.clear();
  recently_used_.clear();
}

result<execution_views::kept_state*> execution_views::kept(const domain::execution_id& id, std::uint64_t up_to_seq) {
  if (const auto found = states_.find(id); found != states_.end()) {
    recently_used_.splice(recently_used_.begin(), recently_used_, found->second.place);
    return &found->second;
  }
  auto replayed = replay_execution(log_, derived_, id, up_to_seq);
  if (!replayed) return unexpected{replayed.error()};
  if (states_.size() >= most_states_kept) {
    states_.erase(recently_used_.back());
    recently_used_.pop_back();
  }
  recently_used_.push_front(id);
  return &states_
              .emplace(id, kept_state{std::make_shared<domain::execution_state>(std::move(replayed->state)), false,
                                      recently_used_.begin()})
              .first->second;
}

result<void> execution_views::apply(const domain::event_record& record) {
  if (const auto* left = archived_in(record)) {
    const auto head = log_.head_of(stream_of(left->execution));
    if (!head) return unexpected{head.error()};
    if (head->archived) drop(left->execution);
  }
  const auto* event = std::get_if<domain::execution_event>(&record.payload);
  if (event == nullptr) return {};
  const domain::execution_id id{record.stream.id};
  const auto known = kept(id, record.seq - 1);
  if (!known) return unexpected{known.error()};
  auto& entry = **known;
  if (std::exchange(entry.shared, false)) entry.state = std::make_shared<domain::execution_state>(*entry.state);
  domain::evolve(*entry.state, *event, {record.seq, record.metadata.recorded_at});
  if (!entry.state->exists()) return {};
  const auto [row, added] = rows_.try_emplace(id);
  if (added || std::holds_alternative<domain::execution_forked>(*event)) {
    if (!added) in_order_.erase(&row->second);
    row->second = make_row(id, *entry.state);
    in_order_.insert(&row->second);
  }
  refresh(row->second, *entry.state);
  changed_.insert(id);
  return {};
}

std::array<std::uint64_t, execution_status_count> execution_views::by_status() const {
  std::array<std::uint64_t, execution_status_count> counts{};
  for (const auto& [id, row] : rows_) ++counts[static_cast<std::size_t>(row.status)];
  return counts;
}

void execution_views::drop(const domain::execution_id& id) {
  if (const auto row = rows_.find(id); row != rows_.end()) {
    in_order_.erase(&row->second);
    rows_.erase(row);
    changed_.insert(id);
  }
  const auto state = states_.find(id);
  if (state == states_.end()) return;
  recently_used_.erase(state->second.place);
  states_.erase(state);
}

void execution_views::exchange(projection& other) {
  auto& same = static_cast<execution_views&>(other);
  std::swap(rows_, same.rows_);  // which stay where they are
  std::swap(in_order_, same.in_order_);
  std::swap(changed_, same.changed_);
  std::swap(states_, same.states_);
  std::swap(recently_used_, same.recently_used_);
}

result<void> execution_views::changes(eventstore::derived_store::view_write& write) {
  for (const auto& id : std::exchange(changed_, {})) {
    if (const auto* known = row(id))
      write.puts.emplace_back(id.value, stored_form(*known));
    else
      write.deletes.push_back(id.value);
  }
  return {};
}

const execution_row* execution_views::row(const domain::execution_id& id) const {
  const auto found = rows_.find(id);
  return found == rows_.end() ? nullptr : &found->second;
}

bool execution_views::is_newer::operator()(const execution_row* a, const execution_row* b) const {
  return std::tie(a->created_at, a->id) > std::tie(b->created_at, b->id);
}

std::vector<const execution_row*> execution_views::newest(std::size_t most) const {
  most = std::min(most, in_order_.size());
  return {in_order_.begin(), std::next(in_order_.begin(), static_cast<std::ptrdiff_t>(most))};
}

result<std::shared_ptr<const domain::execution_state>> execution_views::state(const domain::execution_id& id) {
  const auto* known_row = row(id);
  if (known_row == nullptr) return std::shared_ptr<const domain::execution_state>{};
  const auto known = kept(id, known_row->version);
  if (!known) return unexpected{known.error()};
  (*known)->shared = true;
  return std::shared_ptr<const domain::execution_state>{(*known)->state};
}

result<const domain::execution_state*> execution_views::peek(const domain::execution_id& id) {
  const auto* known_row = row(id);
  if (known_row == nullptr) return static_cast<const domain::execution_state*>(nullptr);
  const auto known = kept(id, known_row->version);
  if (!known) return unexpected{known.error()};
  return static_cast<const domain::execution_state*>((*known)->state.get());
}

result<std::shared_ptr<const domain::execution_state>> execution_views::state_at(const domain::execution_id& id,
                                                                                 std::uint64_t seq) const {
  auto replayed = replay_execution(log_, derived_, id, seq);
  if (!replayed) return unexpected{replayed.error()};
  return std::make_shared<const domain::execution_state>(std::move(replayed->state));
}

}  // namespace planexe::projections
