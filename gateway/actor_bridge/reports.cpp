// Agents' reports: one, many about one execution, or many about several.
#include "domain/answers.hpp"
#include "domain/execution_status.hpp"
#include "gateway/actor_bridge/core.hpp"
#include "gateway/actor_bridge/own_work.hpp"
#include "gateway/auth/access_rules.hpp"
#include "gateway/json/parse_report.hpp"
#include "gateway/json/rejection_problem.hpp"
#include "gateway/json/render_answer.hpp"
#include "gateway/json/render_execution.hpp"
#include "gateway/json/resolution_options.hpp"
#include "gateway/json/writer.hpp"

namespace planexe::gateway {
namespace {

using outcome_of_report = expected<domain::report_receipt, problem>;

std::string message_for(const domain::execution_state& state) {
  if (auto message = domain::message_of(state); !message.empty()) return message;
  return std::to_string(state.leaves_complete + state.leaves_skipped) + " of " + std::to_string(state.leaf_total()) +
         " tasks done";
}

outcome_of_report receipt_of(const domain::task_id& task, const domain::execution_id& id,
                             const domain::execution_state& state, const actors::command_outcome& outcome) {
  if (outcome.rejection) return unexpected{to_problem(*outcome.rejection)};
  const auto index = state.graph->find(task);
  const auto& leaf = state.tasks[index];
  domain::report_receipt receipt{.execution = id,
                                 .seq = outcome.duplicate_of.value_or(outcome.first_seq),
                                 .recorded_at = outcome.recorded_at,
                                 .status = state.status,
                                 .task = domain::summarize(state, index).status,
                                 .duplicate = outcome.duplicate_of.has_value(),
                                 .review_required = leaf.review.has_value(),
                                 .status_message = message_for(state),
                                 .force_pause = forces_pause(state.status),
                                 .force_cancel = forces_cancel(state.status)};
  if (leaf.escalation.level > 0) receipt.escalated_to = escalated_to(state, index);
  for (const auto& end : leaf.ends)
    if (receipt.duplicate && end.seq == receipt.seq) receipt.recorded_at = end.at;
  return receipt;
}

/// Gathers the outcomes of an array of reports; the last one sends the answer.
class report_collector {
 public:
  report_collector(actors::environment& env, std::size_t count, std::shared_ptr<keyed_request> asked)
      : env_(env), outcomes_(count), left_(count), asked_(std::move(asked)) {}

  void put(std::size_t place, outcome_of_report outcome) {
    outcomes_[place] = std::move(outcome);
    if (--left_ > 0) return;
    std::string text;
    json_writer writer{text};
    writer.begin_array();
    for (const auto& each : outcomes_)
      *each ? append_report_outcome(writer, **each) : append_report_outcome(writer, each->error());
    writer.end_array();
    keep_and_send(env_, asked_, json_response(200, std::move(text)));  // the reports themselves are durable
  }

 private:
  actors::environment& env_;
  std::vector<std::optional<outcome_of_report>> outcomes_;
  std::atomic<std::size_t> left_;
  std::shared_ptr<keyed_request> asked_;
};

/// One report of an array. Dropped, it leaves the collector incomplete, which then says 503 for all: some may have been
/// recorded, and sending them again is harmless.
class collected_reply final : public actors::execution_reply {
 public:
  collected_reply(std::shared_ptr<report_collector> collector, std::size_t place, domain::task_id task,
                  std::atomic<std::size_t>& under_way)
      : collector_(std::move(collector)), place_(place), task_(std::move(task)), under_way_(under_way) {
    ++under_way_;
  }
  ~collected_reply() override { --under_way_; }
  std::optional<eventstore::kept_answer> prepare(const domain::execution_id& id, const domain::execution_state& state,
                                                 const actors::command_outcome& outcome) override {
    outcome_ = receipt_of(task_, id, state, outcome);
    return std::nullopt;
  }
  void deliver() override { collector_->put(place_, std::move(*outcome_)); }

 private:
  std::shared_ptr<report_collector> collector_;
  std::size_t place_;
  domain::task_id task_;
  std::atomic<std::size_t>& under_way_;
  std::optional<outcome_of_report> outcome_;
};

std::shared_ptr<actors::execution_request> order_of(report_request& report, std::string actor) {
  auto order = std::make_shared<actors::execution_request>();
  order->actor = std::move(actor);
  order->causation_id = std::move(report.event_id);
  order->agent_timestamp = report.agent_timestamp;
  order->command = std::move(report.command);
  return order;
}

/// A heartbeat without a task renews leases and records nothing.
bool only_says_alive(const report_request& report) {
  return std::holds_alternative<domain::heartbeat>(report.command) && report.header().task.empty();
}

/// In the projector's thread.
outcome_of_report alive(actors::read_side& views, const domain::agent_id& agent, const domain::execution_id& id,
                        domain::timestamp now, const caller_ptr& who) {
  const auto* row = views.executions.row(id);
  if (row == nullptr || !may_follow(views, id, who)) return unexpected{no_such("execution", id.value)};
  if (views.agents.row(agent) == nullptr) return unexpected{no_such("agent", agent.value)};
  return domain::report_receipt{.execution = id,
                                .seq = 0,
                                .recorded_at = now,
                                .status = row->status,
                                .task = domain::task_status::running,
                                .duplicate = false,
                                .review_required = false,
                                .status_message = row->status_message,
                                .force_pause = forces_pause(row->status),
                                .force_cancel = forces_cancel(row->status)};
}

using ticket = std::shared_ptr<keyed_request>;

void send_one(actor_bridge::core& core, const domain::execution_id& id, report_request report, ticket asked) {
  core.env.presence.renew(report.header().agent, core.env.time.now());
  if (only_says_alive(report))
    return core.read([&core, id, agent = report.header().agent, asked = std::move(asked)] {
      const auto outcome = alive(core.views, agent, id, core.env.time.now(), asked->caller());
      if (!outcome) return asked->send(to_response(outcome.error()));
      std::string text;
      render_receipt(text, *outcome);
      asked->send(json_response(200, std::move(text)));
    });
  const auto task = report.header().task;
  auto order = order_of(report, asked->actor_for(report.header().agent));
  order->reply =
      execution_reply_with(std::move(asked), core.commands,
                           [task](const domain::execution_id& execution, const domain::execution_state& after,
                                  const actors::command_outcome& outcome) {
                             const auto receipt = receipt_of(task, execution, after, outcome);
                             if (!receipt) return to_response(receipt.error());
                             std::string text;
                             render_receipt(text, *receipt);
                             return json_response(http_status_of(*receipt), std::move(text));
                           });
  core.env.directory.tell(id, actors::command_atom_v, std::move(order));
}

/// `fixed`: the execution that all of them are about; empty: each names its own.
void send_many(actor_bridge::core& core, const domain::execution_id& fixed, report_batch batch, ticket asked) {
  if (batch.reports.empty()) return asked->send(json_response(200, "[]"));
  auto collector = std::make_shared<report_collector>(core.env, batch.reports.size(), asked);
  const auto& who = asked->caller();
  for (std::size_t place = 0; place < batch.reports.size(); ++place) {
    auto& report = batch.reports[place];
    if (!report) {
      collector->put(place, unexpected{report.error()});
      continue;
    }
    const auto id = fixed.empty() ? report->execution : fixed;
    const auto header = report->header();
    if (auto refused = refuse_agent(who, header.agent)) {
      collector->put(place, unexpected{std::move(*refused)});
      continue;
    }
    core.env.presence.renew(header.agent, core.env.time.now());
    if (only_says_alive(*report)) {
      core.read([&core, id, agent = header.agent, place, collector, who] {
        collector->put(place, alive(core.views, agent, id, core.env.time.now(), who));
      });
      continue;
    }
    auto order = order_of(*report, asked->actor_for(header.agent));
    order->reply = std::make_unique<collected_reply>(collector, place, header.task, core.commands);
    core.env.directory.tell(id, actors::command_atom_v, std::move(order));
  }
}

void take_reports(actor_bridge::core& core, const request& request, responder answer, const report_origin& origin) {
  auto batch = parse_reports(request.body, origin);
  if (!batch) return answer.fail(batch.error());
  ticket asked = core.answers.begin(request, std::move(answer), core.env.time.now());
  if (!asked) return;
  const domain::execution_id id{std::string(request.param("execution_id"))};
  if (batch->is_array) return send_many(core, id, std::move(*batch), std::move(asked));
  auto& report = batch->reports.front();
  if (!report) return asked->send(to_response(report.error()));
  if (const auto refused = refuse_agent(asked->caller(), report->header().agent))
    return asked->send(to_response(*refused));
  const auto target = id.empty() ? report->execution : id;
  send_one(core, target, std::move(*report), std::move(asked));
}

}  // namespace

void actor_bridge::core::bind_reports(router& routes) {
  bind(routes, "report_event",
       [this](const request& request, responder answer) { take_reports(*this, request, std::move(answer), {}); });
  bind(routes, "report_agent_events", [this](const request& request, responder answer) {
    take_reports(*this, request, std::move(answer), {domain::agent_id{std::string(request.param("agent_id"))}, true});
  });
}

}  // namespace planexe::gateway
