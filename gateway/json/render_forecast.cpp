#include "gateway/json/render_forecast.hpp"

#include <cmath>

#include "gateway/json/writer.hpp"

namespace planexe::gateway {

double rounded_days(double days) {
  constexpr double ms_per_day = 86'400'000;
  return std::round(days * ms_per_day) / ms_per_day;
}

void append_pace(json_writer& writer, const domain::work_pace& pace) {
  writer.begin_object();
  writer.member("days_per_day", pace.days_per_day);
  writer.member("leaves", pace.leaves);
  writer.end_object();
}

void append_forecast(json_writer& writer, const domain::execution_state& state, domain::timestamp now) {
  append_forecast(writer, state, domain::forecast(state, now));
}

void append_forecast(json_writer& writer, const domain::execution_state& state,
                     const std::optional<domain::execution_forecast>& made) {
  if (!made) return;
  writer.key("forecast");
  writer.begin_object();
  writer.key("critical_path");
  writer.begin_array();
  for (const auto leaf : made->critical_path) writer.text(state.definition(leaf).id.value);
  writer.end_array();
  writer.optional_member("eta", made->eta);
  writer.optional_member("earliest", made->earliest);
  writer.optional_member("latest", made->latest);
  writer.member("remaining_days", rounded_days(made->remaining_days));
  writer.key("pace");
  append_pace(writer, made->pace);
  writer.end_object();
}

task_slack::task_slack(const domain::execution_state& state, domain::timestamp now) : state_(state) {
  if (!domain::is_final(state.status)) slots_ = domain::schedule_what_is_left(state, now).slots;
}

std::optional<double> task_slack::of(domain::task_index task) const {
  if (slots_.empty() || state_.tasks[task].open_leaves == 0) return std::nullopt;
  return rounded_days(slots_[task].slack());
}

}  // namespace planexe::gateway
