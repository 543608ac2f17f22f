// Agents' reports: one, many about one execution, or many about several.
#include "domain/answers.hpp"
#include "domain/execution_status.hpp"
#include "gateway/actor_bridge/asked_state.hpp"
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
  const auto total = state.leaf_total();
  return std::to_string(state.leaves_complete + state.leaves_skipped) + " of " + std::to_string(total) +
         (total == 1 ? " task done" : " tasks done");
}

outcome_of_report receipt_of(const domain::task_id& task, const domain::execution_id& id,
                             const domain::execution_state& state, const actors::command_outcome& outcome) {
  if (outcome.rejection && !state.exists() && outcome.rejection->code == domain::rejection_code::not_found)
    return unexpected{no_such("execution", id.value)};
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

/// What to tell of a report, once it is known whether the caller may hear of the execution.
class report_verdict {
 public:
  void take(const domain::task_id& task, const domain::execution_id& id, const domain::execution_state& state,
            const actors::command_outcome& outcome, const caller_ptr& who) {
    id_ = id;
    outcome_ = receipt_of(task, id, state, outcome);
    // The state may have forgotten what the agent held; the log has not.
    is_doubtful_ = outcome.rejection && outcome.rejection->code != domain::rejection_code::unavailable &&
                   !has_worked_on(state, who);
  }
  const outcome_of_report& outcome() const { return *outcome_; }
  /// In the committer's thread; `then` is called there or in the worker's.
  void tell(actor_bridge::core& core, const caller_ptr& who, std::function<void(outcome_of_report)> then) {
    if (!is_doubtful_) return then(std::move(*outcome_));
    core.work([&core, who, id = id_, outcome = std::move(*outcome_), then = std::move(then)] {
      const auto handed = was_handed_work(core.env.log, id, who);
      if (!handed) return then(unexpected{to_problem(handed.error())});
      then(*handed ? outcome : unexpected{no_such("execution", id.value)});
    });
  }

 private:
  domain::execution_id id_;
  std::optional<outcome_of_report> outcome_;
  bool is_doubtful_ = false;
};

response response_to_report(const outcome_of_report& outcome) {
  if (!outcome) return to_response(outcome.error());
  std::string text;
  render_receipt(text, *outcome);
  return json_response(http_status_of(*outcome), std::move(text));
}

/// A report by itself.
class single_reply final : public actors::execution_reply {
 public:
  single_reply(actor_bridge::core& core, std::shared_ptr<keyed_request> asked, domain::task_id task)
      : core_(core), asked_(std::move(asked)), task_(std::move(task)) {
    ++core_.commands;
  }
  ~single_reply() override { --core_.commands; }
  std::optional<eventstore::kept_answer> prepare(const domain::execution_id& id, const domain::execution_state& state,
                                                 const actors::command_outcome& outcome) override {
    verdict_.take(task_, id, state, outcome, asked_->caller());
    if (!verdict_.outcome()) return std::nullopt;  // answers to what was refused are not kept
    receipt_ = response_to_report(verdict_.outcome());
    return asked_->keep(*receipt_, outcome.recorded_at);
  }
  void deliver() override {
    if (receipt_) return asked_->send(std::move(*receipt_));
    verdict_.tell(core_, asked_->caller(),
                  [asked = asked_](const outcome_of_report& outcome) { asked->send(response_to_report(outcome)); });
  }

 private:
  actor_bridge::core& core_;
  std::shared_ptr<keyed_request> asked_;
  domain::task_id task_;
  report_verdict verdict_;
  std::optional<response> receipt_;
};

/// One report of an array. Dropped, it leaves the collector incomplete, which then says 503 for all: some may have been
/// recorded, and sending them again is harmless.
class collected_reply final : public actors::execution_reply {
 public:
  collected_reply(actor_bridge::core& core, std::shared_ptr<report_collector> collector, std::size_t place,
                  domain::task_id task, caller_ptr who)
      : core_(core), collector_(std::move(collector)), place_(place), task_(std::move(task)), who_(std::move(who)) {
    ++core_.commands;
  }
  ~collected_reply() override { --core_.commands; }
  std::optional<eventstore::kept_answer> prepare(const domain::execution_id& id, const domain::execution_state& state,
                                                 const actors::command_outcome& outcome) override {
    verdict_.take(task_, id, state, outcome, who_);
    return std::nullopt;
  }
  void deliver() override {
    verdict_.tell(core_, who_, [collector = collector_, place = place_](outcome_of_report outcome) {
      collector->put(place, std::move(outcome));
    });
  }

 private:
  actor_bridge::core& core_;
  std::shared_ptr<report_collector> collector_;
  std::size_t place_;
  domain::task_id task_;
  caller_ptr who_;
  report_verdict verdict_;
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

/// What an agent is told that only says it is alive. In the projector's thread.
outcome_of_report alive(actors::read_side& views, const domain::agent_id& agent, const projections::execution_row& row,
                        domain::timestamp now) {
  if (views.agents.row(agent) == nullptr) return unexpected{no_such("agent", agent.value)};
  return domain::report_receipt{.execution = row.id,
                                .seq = 0,
                                .recorded_at = now,
                                .status = row.status,
                                .task = domain::task_status::running,
                                .duplicate = false,
                                .review_required = false,
                                .status_message = row.status_message,
                                .force_pause = forces_pause(row.status),
                                .force_cancel = forces_cancel(row.status)};
}

/// Calls `then` with it, or with a 404 where the execution is not the caller's to know of.
void hear_alive(actor_bridge::core& core, const domain::execution_id& id, const domain::agent_id& agent,
                const caller_ptr& who, std::function<void(const outcome_of_report&)> then) {
  core.read([&core, id, agent, who, then = std::move(then)] {
    const auto* row = core.views.executions.row(id);
    if (row == nullptr)
      return core.work([&core, id, who, then] {
        const auto head = archived_head(core.env, id);
        if (!head) return then(unexpected{head.error()});
        const auto handed = was_handed_work(core.env.log, id, who);
        if (!handed) return then(unexpected{archive_problem(handed.error())});
        then(unexpected{*handed ? problem{problem_code::invalid_transition, "the execution is archived", {}, {}}
                                : no_such("execution", id.value)});
      });
    auto outcome = alive(core.views, agent, *row, core.env.time.now());
    if (may_follow(core.views, id, who)) return then(outcome);
    core.work([&core, id, who, then, outcome = std::move(outcome)] {
      const auto handed = was_handed_work(core.env.log, id, who);
      if (!handed) return then(unexpected{to_problem(handed.error())});
      then(*handed ? outcome : unexpected{no_such("execution", id.value)});
    });
  });
}

using ticket = std::shared_ptr<keyed_request>;

void send_one(actor_bridge::core& core, const domain::execution_id& id, report_request report, ticket asked) {
  core.env.presence.renew(report.header().agent, core.env.time.now());
  if (only_says_alive(report))
    return hear_alive(core, id, report.header().agent, asked->caller(), [asked](const outcome_of_report& outcome) {
      if (!outcome) return asked->send(to_response(outcome.error()));
      std::string text;
      render_receipt(text, *outcome);
      asked->send(json_response(200, std::move(text)));
    });
  const auto task = report.header().task;
  auto order = order_of(report, asked->actor_for(report.header().agent));
  order->reply = std::make_unique<single_reply>(core, std::move(asked), task);
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
      hear_alive(core, id, header.agent, who,
                 [place, collector](const outcome_of_report& outcome) { collector->put(place, outcome); });
      continue;
    }
    auto order = order_of(*report, asked->actor_for(header.agent));
    order->reply = std::make_unique<collected_reply>(core, collector, place, header.task, who);
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
