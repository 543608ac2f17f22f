#include "projections/role_views.hpp"

#include <algorithm>

#include "domain/report.hpp"
#include "projections/row_layout.hpp"

namespace planexe::projections {
namespace {

execution_roles roles_of(const domain::execution_id& id, const domain::execution_state& state) {
  execution_roles row{id, {}};
  for (const auto& role : domain::role_counts(state))
    row.roles.push_back({.role = role.role,
                         .held = role.running,
                         .ready = role.ready,
                         .waiting = role.waiting,
                         .reviewing = role.reviewing,
                         .completed = role.done,
                         .failed = role.failed});
  if (!state.origin) return row;
  // What a fork took over has been counted where it was done.
  for (const auto leaf : state.graph->leaves()) {
    if (!domain::is_inherited(state, leaf)) continue;
    const auto& name = domain::role_of(state, leaf);
    const auto role =
        std::find_if(row.roles.begin(), row.roles.end(), [&](const auto& each) { return each.role == name; });
    --role->completed;
  }
  return row;
}

/// What is summed up over executions.
constexpr std::uint64_t role_load::*counts_of_a_role[] = {&role_load::held,      &role_load::ready,
                                                          &role_load::waiting,   &role_load::reviewing,
                                                          &role_load::completed, &role_load::failed};

bool names(const execution_roles& row, const std::string& role) {
  return std::any_of(row.roles.begin(), row.roles.end(), [&](const role_load& load) { return load.role == role; });
}

}  // namespace

result<void> role_views::restore(const eventstore::derived_store::view_rows& rows) {
  for (const auto& [key, bytes] : rows.rows) {
    auto row = parse_row<execution_roles>(bytes);
    if (!row || row->execution.value != key)
      return unexpected{error{errc::corrupt, "a stored row of the roles is damaged"}};
    add(*row);
    rows_.insert_or_assign(row->execution, std::move(*row));
  }
  return {};
}

void role_views::reset() {
  rows_.clear();
  totals_.clear();
  stale_.clear();
  changed_.clear();
}

void role_views::add(const execution_roles& row) {
  for (const auto& role : row.roles) {
    auto& total = totals_[role.role];
    total.role = role.role;
    for (const auto count : counts_of_a_role) total.*count += role.*count;
  }
}

void role_views::take_away(const execution_roles& row) {
  for (const auto& role : row.roles) {
    auto& total = totals_.at(role.role);
    for (const auto count : counts_of_a_role) total.*count -= role.*count;
  }
}

result<void> role_views::apply(const domain::event_record& record) {
  if (record.stream.kind == domain::stream_kind::execution) stale_.insert(domain::execution_id{record.stream.id});
  if (const auto* left = archived_in(record)) stale_.insert(left->execution);
  return {};
}

/// After a reassignment, or an execution's leave, nobody may have a role any more, and a view made anew would not know
/// of it.
void role_views::forget_roles_of(const execution_roles& before, const execution_roles* now) {
  for (const auto& role : before.roles)
    if ((now == nullptr || !names(*now, role.role)) &&
        std::none_of(rows_.begin(), rows_.end(), [&](const auto& other) { return names(other.second, role.role); }))
      totals_.erase(role.role);
}

result<void> role_views::refresh() {
  while (!stale_.empty()) {
    const auto id = *stale_.begin();
    const auto state = executions_.peek(id);
    if (!state) return unexpected{state.error()};
    stale_.erase(stale_.begin());
    if (*state == nullptr) {
      const auto left = rows_.extract(id);
      if (left.empty()) continue;
      take_away(left.mapped());
      forget_roles_of(left.mapped(), nullptr);
      changed_.insert(id);
      continue;
    }
    auto& row = rows_[id];
    take_away(row);
    const auto before = std::exchange(row, roles_of(id, **state));
    add(row);
    changed_.insert(id);
    forget_roles_of(before, &row);
  }
  return {};
}

void role_views::exchange(projection& other) {
  auto& same = static_cast<role_views&>(other);
  std::swap(rows_, same.rows_);
  std::swap(totals_, same.totals_);
  std::swap(stale_, same.stale_);
  std::swap(changed_, same.changed_);
}

result<void> role_views::changes(eventstore::derived_store::view_write& write) {
  if (auto fresh = refresh(); !fresh) return fresh;
  for (const auto& id : std::exchange(changed_, {})) {
    if (const auto known = rows_.find(id); known != rows_.end())
      write.puts.emplace_back(id.value, stored_form(known->second));
    else
      write.deletes.push_back(id.value);
  }
  return {};
}

result<const std::map<std::string, role_load>*> role_views::totals() {
  if (auto fresh = refresh(); !fresh) return unexpected{fresh.error()};
  return &totals_;
}

}  // namespace planexe::projections
