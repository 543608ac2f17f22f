// The view of plans: a summary each. The plan itself is read from its stream when it is asked for.
#pragma once

#include <map>
#include <unordered_set>

#include "projections/projection.hpp"
#include "projections/rows.hpp"

namespace planexe::projections {

class plan_views final : public projection {
 public:
  explicit plan_views(double review_threshold) : review_threshold_(review_threshold) {}

  std::string_view name() const override { return "plans.1"; }
  result<void> restore(const eventstore::derived_store::view_rows& rows) override;
  void reset() override;
  result<void> apply(const domain::event_record& record) override;
  result<void> changes(eventstore::derived_store::view_write& write) override;
  void exchange(projection& other) override;
  std::size_t size() const override { return rows_.size(); }

  const plan_row* row(const domain::plan_id& id) const;
  /// Newest first. Valid until the next event.
  std::vector<const plan_row*> rows() const;

 private:
  double review_threshold_;
  std::map<domain::plan_id, plan_row> rows_;
  std::unordered_set<domain::plan_id> changed_;
};

}  // namespace planexe::projections
