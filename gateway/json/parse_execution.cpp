#include "gateway/json/parse_execution.hpp"

#include <array>
#include <limits>

#include "domain/execution_status.hpp"
#include "gateway/json/body_fields.hpp"
#include "gateway/json/parse_policy.hpp"
#include "gateway/json/parse_report.hpp"
#include "gateway/json/parse_subtasks.hpp"

namespace planexe::gateway {
namespace {

// Inline plans are bounded by the route's body limit; the compact text is never longer than what was sent, but for
// escapes, which can make six bytes of one.
constexpr std::size_t max_plan_bytes = std::size_t{96} << 20;

constexpr std::int64_t most_tier = 3;

constexpr std::array<std::string_view, 3> sequencing_words{"phased", "plan", "dependencies"};
constexpr whole_range priority_range{std::numeric_limits<std::int32_t>::min(),
                                     std::numeric_limits<std::int32_t>::max()};

std::optional<std::int32_t> read_priority(body_fields& fields) {
  const auto priority = fields.whole("priority", priority_range);
  return priority ? std::optional{static_cast<std::int32_t>(*priority)} : std::nullopt;
}

void read_options(body_fields& request, domain::execution_options& options) {
  const auto object = request.object("options");
  if (!object) return;
  body_fields fields(*object, "options.", request.errors());
  if (const auto word = fields.word("sequencing", sequencing_words))
    options.sequencing = domain::sequencing_named(sequencing_words[*word]).value_or(options.sequencing);
  if (const auto threshold = fields.number("review_threshold", {0, 1})) options.review_threshold = *threshold;
  if (const auto parallel = fields.whole("max_parallel", {0, max_parallel_limit}))
    options.max_parallel = static_cast<std::uint32_t>(*parallel);
  if (const auto hours = fields.number("timeout_hours", {0, max_timeout_hours, true}))
    options.timeout = domain::hours(*hours);
  if (auto policy = read_retry_policy(fields, options.retry, unknown_members::refused)) options.retry = *policy;
  if (auto ladder = read_escalation(fields)) options.ladder = std::move(*ladder);
  if (const auto tier = fields.whole("review_from_tier", {0, most_tier}))
    options.review_from_tier = static_cast<std::uint32_t>(*tier);
  if (const auto tier = fields.whole("human_from_tier", {0, most_tier}))
    options.human_from_tier = static_cast<std::uint32_t>(*tier);
  fields.refuse_unknown();
}

/// `{reason}`: why a plan is to be started that PlanExe's redline gate refused.
void read_override(body_fields& request, std::string& reason) {
  const auto object = request.object("override_refusal");
  if (!object) return;
  body_fields fields(*object, "override_refusal.", request.errors());
  fields.require("reason");
  reason = fields.text("reason", max_message_bytes);
  const bool is_blank = reason.find_first_not_of(" \t\r\n") == std::string::npos;
  if (fields.has("reason") && is_blank) fields.wrong("reason", "must be a text that is not empty");
  fields.refuse_unknown();
}

/// One failed result for all that was noted.
unexpected<problem> refused(field_errors&& errors) {
  return unexpected{std::move(errors).to_problem()};
}

}  // namespace

expected<create_execution_request, problem> parse_create_execution(std::string_view body,
                                                                   const domain::execution_options& defaults) {
  const auto document = parse_object(body);
  if (!document) return unexpected{document.error()};
  field_errors errors;
  body_fields fields(document->root(), "", errors);
  create_execution_request request;
  request.plan = fields.id<domain::plan_id>("plan_id");
  if (fields.has("plan_id") && fields.has("plan"))
    fields.wrong("plan", "cannot be given together with plan_id");
  else if (!fields.has("plan_id") && !fields.has("plan"))
    fields.wrong("plan_id", "is required, unless the plan itself is given as 'plan'");
  request.plan_json = fields.json_object("plan", max_plan_bytes);
  auto& command = request.command;
  command.title = fields.text("title", max_name_bytes);
  command.agent = fields.id<domain::agent_id>("agent_id");
  command.priority = read_priority(fields).value_or(0);
  command.start = fields.boolean("start").value_or(false);
  command.confirm_warnings = fields.boolean("confirm_warnings").value_or(false);
  command.options = defaults;
  read_options(fields, command.options);
  read_override(fields, command.options.refusal_override);
  fields.refuse_unknown();
  if (!errors.empty()) return refused(std::move(errors));
  return request;
}

expected<fork_request, problem> parse_fork(std::string_view body, const domain::execution_options& before) {
  constexpr whole_range seqs{1, std::numeric_limits<std::int64_t>::max()};
  const auto document = parse_object(body);
  if (!document) return unexpected{document.error()};
  field_errors errors;
  body_fields fields(document->root(), "", errors);
  fork_request request;
  fields.require("at_seq");
  request.at_seq = static_cast<std::uint64_t>(fields.whole("at_seq", seqs).value_or(0));
  auto& wanted = request.wanted;
  if (auto title = fields.text("title", max_name_bytes); !title.empty()) wanted.title = std::move(title);
  if (auto agent = fields.id<domain::agent_id>("agent_id"); !agent.empty()) wanted.agent = std::move(agent);
  if (const auto given = document->root().member("agent_id"); given && given->is(json_kind::null))
    wanted.agent = domain::agent_id{};
  wanted.priority = read_priority(fields);
  wanted.reason = fields.text("reason", max_message_bytes);
  if (const auto options = fields.object("options")) {
    if (const auto order = options->member("sequencing"); order && !order->is(json_kind::null))
      fields.wrong("options.sequencing", "cannot be changed by a fork: what has happened keeps to it");
    wanted.options = before;
    read_options(fields, *wanted.options);
  }
  fields.refuse_unknown();
  if (!errors.empty()) return refused(std::move(errors));
  return request;
}

expected<domain::steer_execution, problem> parse_patch_execution(std::string_view body) {
  static constexpr std::array<std::string_view, 4> words{"QUEUED", "PAUSED", "RUNNING", "CANCELLED"};
  const auto document = parse_object(body);
  if (!document) return unexpected{document.error()};
  field_errors errors;
  body_fields fields(document->root(), "", errors);
  domain::steer_execution request;
  const auto status = fields.word("status", words);
  auto reason = fields.text("reason", max_message_bytes);
  const bool confirmed = fields.boolean("confirm_warnings").value_or(false);
  request.priority = read_priority(fields);
  if (!fields.has("status") && !fields.has("priority")) fields.wrong("status", "is required, unless priority is given");
  fields.refuse_unknown();
  if (!errors.empty()) return refused(std::move(errors));
  if (!status) return request;
  switch (*status) {
    case 0:
      request.change = domain::queue_execution{confirmed};
      break;
    case 1:
      request.change = domain::pause_execution{std::move(reason)};
      break;
    case 2:
      request.change = domain::resume_execution{};
      break;
    default:
      request.change = domain::cancel_execution{std::move(reason)};
  }
  return request;
}

namespace {

constexpr std::array<std::string_view, 9> review_words{"approve", "reject", "retry",    "skip",     "complete",
                                                       "unblock", "choose", "reassign", "decompose"};

std::optional<domain::review_action> read_action(body_fields& fields) {
  fields.require("action");
  const auto word = fields.word("action", review_words);
  return word ? domain::review_action_named(review_words[*word]) : std::nullopt;
}

/// Notes a member that says nothing for this action.
void keep_to(body_fields& fields, std::string_view name, bool belongs, std::string_view action) {
  if (!belongs && fields.has(name)) fields.wrong(name, "goes with the action " + std::string(action) + " alone");
}

}  // namespace

expected<domain::resolve_review, problem> parse_resolution(std::string_view body, const domain::task_id& task) {
  const auto document = parse_object(body);
  if (!document) return unexpected{document.error()};
  field_errors errors;
  body_fields fields(document->root(), "", errors);
  domain::resolve_review command{.task = task};
  const auto action = read_action(fields);
  command.note = fields.text("note", max_message_bytes);
  command.output_json = fields.json("output_data", max_output_bytes);
  command.option = fields.text("option", max_message_bytes);
  command.agent = fields.id<domain::agent_id>("agent_id");
  command.role = fields.text("assignee_role", max_name_bytes);
  if (fields.has("subtasks")) {
    auto parts = std::make_shared<domain::decomposition>();
    parts->subtasks = parse_subtasks(fields, "subtasks", unknown_members::refused);
    parts->notes = command.note;
    command.parts = std::move(parts);
  }
  if (action) {
    using enum domain::review_action;
    command.action = *action;
    keep_to(fields, "output_data", *action == complete, "complete");
    keep_to(fields, "option", *action == choose, "choose");
    keep_to(fields, "agent_id", *action == reassign, "reassign");
    keep_to(fields, "assignee_role", *action == reassign, "reassign");
    keep_to(fields, "subtasks", *action == decompose, "decompose");
    if (*action == choose) fields.require("option");
    if (*action == reassign && !fields.has("agent_id") && !fields.has("assignee_role"))
      fields.wrong("agent_id", "is required, unless assignee_role is given");
  }
  fields.refuse_unknown();
  if (!errors.empty()) return refused(std::move(errors));
  return command;
}

}  // namespace planexe::gateway
