// When an execution may be done, as clients see it, and how much time its tasks have. Pure, any thread.
#pragma once

#include <optional>

#include "domain/forecast.hpp"

namespace planexe::gateway {

class json_writer;

/// The member `forecast`, made at `now`; nothing for an execution that is final.
void append_forecast(json_writer& writer, const domain::execution_state& state, domain::timestamp now);
/// The same of one that has been made already.
void append_forecast(json_writer& writer, const domain::execution_state& state,
                     const std::optional<domain::execution_forecast>& made);
/// `{days_per_day, leaves}`
void append_pace(json_writer& writer, const domain::work_pace& pace);

/// Days to a thousandth of a second, so that no digits stand there that mean nothing.
double rounded_days(double days);

/// How much later each unfinished task may end without the execution ending later. Computed once for all tasks.
class task_slack {
 public:
  task_slack(const domain::execution_state& state, domain::timestamp now);

  /// In days; nothing for a finished task and in a final execution.
  std::optional<double> of(domain::task_index task) const;

 private:
  const domain::execution_state& state_;
  std::vector<domain::time_slot> slots_;  ///< empty in a final execution
};

}  // namespace planexe::gateway
