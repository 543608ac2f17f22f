#include "projections/plan_views.hpp"

#include <algorithm>

#include "projections/row_layout.hpp"

namespace planexe::projections {

plan_row make_plan_row(const domain::plan& plan, double review_threshold, domain::timestamp imported_at) {
  plan_row row;
  row.id = plan.id;
  row.title = plan.title;
  row.goal = plan.goal;
  row.dependencies = static_cast<std::uint32_t>(plan.dependencies.size());
  for (const auto& role : plan.roles) row.roles.push_back(role.name);
  row.warnings = plan.warnings;
  row.redline = plan.redline;
  row.start_warning = plan.start_warning;
  row.imported_at = imported_at;
  std::vector<bool> has_children(plan.tasks.size(), false);
  for (const auto& task : plan.tasks)
    if (task.parent != domain::no_task) has_children[task.parent] = true;
  double confidence = 0;
  for (std::size_t i = 0; i < plan.tasks.size(); ++i) {
    const auto& task = plan.tasks[i];
    if (task.level == domain::task_level::phase) ++row.phases;
    if (task.level == domain::task_level::task) ++row.tasks;
    if (has_children[i]) continue;
    ++row.tasks_total;
    confidence += task.decomposition_confidence;
    if (!task.agent_executable)
      ++row.human;
    else if (task.decomposition_confidence < review_threshold)
      ++row.needs_review;
    else
      ++row.agent_executable;
  }
  if (row.tasks_total > 0) row.mean_confidence = confidence / row.tasks_total;
  return row;
}

result<void> plan_views::restore(const eventstore::derived_store::view_rows& rows) {
  for (const auto& [key, bytes] : rows.rows) {
    auto row = parse_row<plan_row>(bytes);
    if (!row || row->id.value != key) return unexpected{error{errc::corrupt, "a stored row of a plan is damaged"}};
    rows_.emplace(row->id, std::move(*row));
  }
  return {};
}

void plan_views::reset() {
  rows_.clear();
  changed_.clear();
}

result<void> plan_views::apply(const domain::event_record& record) {
  const auto* event = std::get_if<domain::plan_event>(&record.payload);
  if (event == nullptr) return {};
  const auto& plan = *std::get<domain::plan_imported>(*event).source;
  rows_[plan.id] = make_plan_row(plan, review_threshold_, record.metadata.recorded_at);
  changed_.insert(plan.id);
  return {};
}

void plan_views::exchange(projection& other) {
  auto& same = static_cast<plan_views&>(other);
  std::swap(rows_, same.rows_);
  std::swap(changed_, same.changed_);
}

result<void> plan_views::changes(eventstore::derived_store::view_write& write) {
  for (const auto& id : std::exchange(changed_, {})) write.puts.emplace_back(id.value, stored_form(rows_.at(id)));
  return {};
}

const plan_row* plan_views::row(const domain::plan_id& id) const {
  const auto found = rows_.find(id);
  return found == rows_.end() ? nullptr : &found->second;
}

std::vector<const plan_row*> plan_views::rows() const {
  std::vector<const plan_row*> all;
  for (const auto& [id, row] : rows_) all.push_back(&row);
  std::sort(all.begin(), all.end(), [](const plan_row* a, const plan_row* b) {
    return std::tie(a->imported_at, a->id) > std::tie(b->imported_at, b->id);
  });
  return all;
}

}  // namespace planexe::projections
