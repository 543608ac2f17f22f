#include "gateway/json/parse_report.hpp"

#include <array>

#include "gateway/json/body_fields.hpp"
#include "gateway/json/parse_subtasks.hpp"

namespace planexe::gateway {
namespace {

using domain::report_header;

constexpr double max_wait_hours = 24 * 366;  // a year: what waits longer is no wait but a plan
constexpr real_range percent_range{0, 100};

using command_reader = domain::execution_command (*)(body_fields& fields, report_header header);

domain::execution_command read_start(body_fields& fields, report_header header) {
  return domain::start_task{std::move(header), fields.text("message", max_message_bytes)};
}

domain::execution_command read_progress(body_fields& fields, report_header header) {
  fields.require("progress_percent");
  const double percent = fields.number("progress_percent", percent_range).value_or(0);
  return domain::report_progress{std::move(header), percent, fields.text("message", max_message_bytes)};
}

domain::execution_command read_heartbeat(body_fields& fields, report_header header) {
  const auto percent = fields.number("progress_percent", percent_range);
  return domain::heartbeat{std::move(header), percent, fields.text("message", max_message_bytes)};
}

domain::execution_command read_complete(body_fields& fields, report_header header) {
  auto output = fields.json("output_data", max_output_bytes);
  return domain::complete_task{std::move(header), std::move(output), fields.text("message", max_message_bytes)};
}

domain::execution_command read_error(body_fields& fields, report_header header) {
  domain::fail_task command{.report = std::move(header),
                            .error_type = fields.text("error_type", max_name_bytes),
                            .error_message = fields.text("error_message", max_message_bytes),
                            .retryable = fields.boolean("retryable").value_or(true),
                            .review_required = fields.boolean("human_review_required").value_or(false)};
  const auto message = fields.text("message", max_message_bytes);
  if (command.error_type.empty()) command.error_type = "error";
  if (command.error_message.empty()) command.error_message = message.empty() ? "the agent gave no message" : message;
  return command;
}

domain::execution_command read_block(body_fields& fields, report_header header) {
  domain::block_task command{.report = std::move(header), .reason = fields.text("message", max_message_bytes)};
  const auto error_message = fields.text("error_message", max_message_bytes);
  if (command.reason.empty()) command.reason = error_message;
  if (command.reason.empty()) command.reason = "the agent did not say what it waits for";
  if (const auto hours = fields.number("max_wait_hours", {0, max_wait_hours, true}))
    command.max_wait = domain::hours(*hours);
  command.blocking = fields.boolean("blocking").value_or(false);
  return command;
}

domain::execution_command read_unblock(body_fields& fields, report_header header) {
  return domain::unblock_task{std::move(header), fields.text("message", max_message_bytes)};
}

domain::execution_command read_proposal(body_fields& fields, report_header header) {
  auto parts = std::make_shared<domain::decomposition>();
  fields.require("subtasks");
  parts->subtasks = parse_subtasks(fields, "subtasks", unknown_members::ignored);
  parts->source = domain::decomposition_source::agent;
  parts->notes = fields.text("message", max_message_bytes);
  return domain::propose_subtasks{std::move(header), std::move(parts)};
}

struct report_type {
  std::string_view name;
  command_reader read;
};
constexpr std::array report_types{
    report_type{"heartbeat", read_heartbeat},        report_type{"task_started", read_start},
    report_type{"task_progress", read_progress},     report_type{"task_complete", read_complete},
    report_type{"subtask_complete", read_complete},  report_type{"task_error", read_error},
    report_type{"task_blocked", read_block},         report_type{"task_unblocked", read_unblock},
    report_type{"subtasks_proposed", read_proposal},
};

const report_type* type_of(body_fields& fields) {
  const auto given = fields.find("event_type");
  if (!given) {
    fields.wrong("event_type", "is required");
    return nullptr;
  }
  const auto name = given->is(json_kind::text) ? given->text() : std::string_view{};
  for (const auto& type : report_types)
    if (type.name == name) return &type;
  std::string message = "must be one of";
  for (const auto& type : report_types) message.append(&type == report_types.data() ? " " : ", ").append(type.name);
  fields.wrong("event_type", std::move(message));
  return nullptr;
}

report_header read_header(body_fields& fields, const report_origin& origin, bool task_needed) {
  report_header header;
  header.agent = fields.id<domain::agent_id>("agent_id");
  if (origin.agent.empty())
    fields.require("agent_id");
  else if (!header.agent.empty() && header.agent != origin.agent)
    fields.wrong("agent_id", "is not the agent that the path names");
  else
    header.agent = origin.agent;
  const auto task = fields.id<domain::task_id>("task_id");
  header.task = fields.id<domain::task_id>("subtask_id");
  if (header.task.empty()) header.task = task;
  if (task_needed && !fields.has("subtask_id")) fields.require("task_id");
  header.lease_token = fields.text("lease_token", max_name_bytes);
  return header;
}

expected<report_request, problem> read_report(json_document::value body, const report_origin& origin) {
  field_errors errors;
  if (!body.is(json_kind::object)) {
    errors.add("body", "must be a JSON object");
    return unexpected{std::move(errors).to_problem()};
  }
  body_fields fields(body, "", errors);
  const auto* type = type_of(fields);
  const bool task_needed = type != nullptr && type->read != read_heartbeat;
  auto header = read_header(fields, origin, task_needed);
  report_request report;
  if (origin.over_executions) {
    fields.require("execution_id");
    report.execution = fields.id<domain::execution_id>("execution_id");
  }
  report.agent_timestamp = fields.time("agent_timestamp");
  report.event_id = fields.text("event_id", max_name_bytes);
  if (type != nullptr) report.command = type->read(fields, std::move(header));
  if (!errors.empty()) return unexpected{std::move(errors).to_problem()};
  return report;
}

}  // namespace

const domain::report_header& report_request::header() const {
  static const report_header none{};
  return std::visit(
      [](const auto& each) -> const report_header& {
        if constexpr (requires { each.report.lease_token; })
          return each.report;
        else
          return none;
      },
      command);
}

expected<report_batch, problem> parse_reports(std::string_view body, const report_origin& origin) {
  const auto document = json_document::parse(body);
  if (!document) return unexpected{document.error()};
  const auto root = document->root();
  report_batch batch{.is_array = root.is(json_kind::array)};
  if (!batch.is_array) {
    auto report = read_report(root, origin);
    if (!report) return unexpected{std::move(report).error()};
    batch.reports.push_back(std::move(report));
    return batch;
  }
  if (const auto count = root.size(); count > max_reports) {
    field_errors errors;
    errors.add("body", "holds " + std::to_string(count) + " reports; at most " + std::to_string(max_reports) +
                           " are taken at once");
    return unexpected{std::move(errors).to_problem()};
  }
  root.each_element([&](json_document::value each) { batch.reports.push_back(read_report(each, origin)); });
  return batch;
}

}  // namespace planexe::gateway
