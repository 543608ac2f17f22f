#include "tests/actors/outbox_audit.hpp"

namespace planexe::tests {

using namespace domain;

void outbox_audit::catch_up() {
  constexpr std::size_t chunk = 1'000;
  while (true) {
    const auto records = on_.disk.read_all(position_, chunk);
    if (!records) return audit_.complain("the log cannot be read: " + records.error().detail);
    for (const auto& record : *records) take(record);
    if (records->empty()) return;
  }
}

void outbox_audit::take(const event_record& record) {
  position_ = record.position;
  // What a fork takes over has been told of where it happened.
  const auto* of_execution = std::get_if<execution_event>(&record.payload);
  if (of_execution != nullptr && !record.metadata.inherited) {
    const told_event told{record.stream.id, record.seq, notification_kind::execution_failed, 0, {}};
    if (const auto* raised = std::get_if<task_escalated>(of_execution)) {
      to_tell_.push_back({told.execution, told.seq, notification_kind::task_escalated, raised->level, raised->to});
    } else if (std::holds_alternative<execution_completed>(*of_execution)) {
      to_tell_.push_back({told.execution, told.seq, notification_kind::execution_completed, 0, {}});
    } else if (std::holds_alternative<execution_failed>(*of_execution)) {
      to_tell_.push_back(told);
    }
  }
  const auto* of_outbox = std::get_if<system_event>(&record.payload);
  if (of_outbox == nullptr || record.stream != notification_stream) return;
  if (const auto* queued = std::get_if<notification_queued>(of_outbox)) {
    if (queued->number != outbox_.last_number + 1) audit_.complain("a notification's number is not the next one");
    if (queued->position < outbox_.last_position) audit_.complain("a notification looks back behind the one before");
    queued_.push_back(queued->content);
  }
  evolve(outbox_, *of_outbox, {record.seq, record.metadata.recorded_at});
  if (const auto* delivered = std::get_if<notification_delivered>(of_outbox))
    delivered_.insert(notification_id_of(*outbox_.find(delivered->number)));
}

void outbox_audit::sending(const actors::outgoing_notification& sent) {
  catch_up();
  const auto* known = outbox_.find(number_in_notification_id(sent.id).value_or(0));
  if (delivered_.contains(sent.id)) return audit_.complain("notification " + sent.id + " is sent after its delivery");
  if (known == nullptr || notification_id_of(*known) != sent.id)
    return audit_.complain("notification " + sent.id + " is sent before it is durable");
  if (known->stage != notification_stage::pending) audit_.complain("notification " + sent.id + " is not pending");
  if (!(known->content == sent.content)) audit_.complain("notification " + sent.id + " was changed on its way");
}

void outbox_audit::forget() {
  catch_up();
  if (outbox_.last_number == 0) to_tell_.clear();
}

void outbox_audit::check_all_told() {
  catch_up();
  for (const auto& event : to_tell_) {
    const auto tells = std::count_if(queued_.begin(), queued_.end(), [&](const notification_content& content) {
      return content.execution.value == event.execution && content.kind == event.kind && content.level == event.level &&
             content.to == event.to && content.first_seq <= event.seq && event.seq <= content.last_seq;
    });
    if (tells != 1)
      audit_.complain("seq " + std::to_string(event.seq) + " of " + event.execution + " was told of " +
                      std::to_string(tells) + " times");
  }
}

}  // namespace planexe::tests
