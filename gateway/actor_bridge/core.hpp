// What the parts of the bridge share. Private to gateway/actor_bridge.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>

#include "actors/environment.hpp"
#include "actors/plan_import.hpp"
#include "actors/read_side.hpp"
#include "actors/runtime.hpp"
#include "gateway/actor_bridge/bridge.hpp"
#include "gateway/actor_bridge/first_answers.hpp"
#include "gateway/actor_bridge/job_thread.hpp"
#include "gateway/auth/gatekeeper.hpp"
#include "gateway/http/problem.hpp"
#include "gateway/json/rejection_problem.hpp"
#include "plans/decomposition/decomposer.hpp"
#include "plans/plan_reader.hpp"

namespace planexe::gateway {

/// What a request takes of the disk of the log.
enum class room_need : std::uint8_t {
  nothing,   ///< it stores nothing, or frees room
  report,    ///< what follows from work that was taken on
  new_work,  ///< what more will follow
};
room_need room_need_of(std::string_view operation);

/// A backup that is made, or could not be made. Any thread.
class backup_run {
 public:
  backup_run(std::string name, domain::timestamp began) : name_(std::move(name)), began_(began) {}
  const std::string& name() const { return name_; }
  domain::timestamp began() const { return began_; }

  using outcome = result<eventstore::named_backup>;
  /// The first outcome counts.
  void end(outcome became);
  bool has_ended() const;
  /// What became of it; null when that is not known after so long.
  const outcome* wait(domain::milliseconds at_most) const;
  double seconds() const;  ///< that it took; once it has ended

 private:
  const std::string name_;
  const domain::timestamp began_;
  const std::chrono::steady_clock::time_point began_ticking_ = std::chrono::steady_clock::now();
  mutable std::mutex mutex_;
  mutable std::condition_variable ended_;
  std::optional<outcome> outcome_;
  double seconds_ = 0;
};

/// Gives out one turn at a time to make a backup, and knows of the last one. Any thread.
class backup_desk {
 public:
  /// Null where another is made.
  std::shared_ptr<backup_run> begin(const std::string& name, domain::timestamp now);
  std::shared_ptr<const backup_run> last() const;  ///< null: none since the start

 private:
  mutable std::mutex mutex_;
  std::shared_ptr<backup_run> last_;
};

struct actor_bridge::core {
  core(actors::runtime& actors, bridge_options chosen)
      : runtime(actors),
        env(actors.parts()),
        views(actors.views()),
        options(std::move(chosen)),
        answers(env.log),
        gate(options.keys_required) {
    if (!options.decomposer) options.decomposer = plans::make_rules_decomposer();
  }

  void bind_plans(router& routes);
  void bind_executions(router& routes);
  void bind_forks(router& routes);
  void bind_reports(router& routes);
  void bind_agents(router& routes);
  void bind_decomposition(router& routes);
  void bind_control(router& routes);
  void bind_attention(router& routes);
  void bind_reads(router& routes);
  void bind_execution_reads(router& routes);
  void bind_execution_list(router& routes);
  void bind_agent_reads(router& routes);
  void bind_plan_reads(router& routes);
  void bind_why(router& routes);
  void bind_report(router& routes);
  void bind_audit(router& routes);
  void bind_activity(router& routes);
  void bind_metrics(router& routes);
  void bind_views(router& routes);
  void bind_history(router& routes);
  void bind_export(router& routes);
  void bind_streams(router& routes);
  void bind_execution_stream(router& routes);
  void bind_overview_stream(router& routes);
  void bind_notifications(router& routes);
  void bind_keys(router& routes);
  void bind_erasure(router& routes);
  void bind_archive(router& routes);
  /// The executions that have left the log, the last to leave first.
  void list_archived(const request& request, responder answer, std::optional<domain::execution_status> status);
  void bind_backups(router& routes);
  void bind_backup_lists(router& routes);
  /// Answers when it is made, or could not be, or after `at_most`. The worker's thread.
  void begin_backup(const std::string& name, domain::milliseconds at_most, const std::shared_ptr<keyed_request>& asked);
  void bind_health(router& routes);

  /// Binds a handler that is called only while the server is ready.
  template <class Handle>
  void bind(router& routes, std::string_view operation, Handle&& handle);
  /// Asks an execution on behalf of a client. What it refuses is answered as such; else `render` makes the answer of
  /// (id, state, outcome).
  template <class Render>
  void ask(const domain::execution_id& id, domain::execution_command command, std::optional<std::uint64_t> version,
           std::shared_ptr<keyed_request> asked, Render render);
  /// The same for an agent.
  template <class Render>
  void ask(const domain::agent_id& id, domain::agent_command command, std::string actor,
           std::shared_ptr<keyed_request> asked, Render render);

  /// Why nothing can be done now, if so.
  std::optional<problem> refusal() const;
  /// The same for want of room on the disk.
  std::optional<problem> refusal_for_room(room_need need) const;

  /// Runs `read` in the projector's thread.
  void read(std::function<void()> read_views);
  /// Runs `then` in the projector's thread once the peer's connection has ended.
  void when_gone(push_peer& peer, std::function<void()> then);
  /// Runs `job` in the worker's thread, or answers 503. `job` owns the responder.
  void work(std::function<void()> job) { (void)offload.run_later(std::move(job)); }

  /// What to answer when a call to another server finds its queue full.
  static problem too_many_outside_calls(std::string_view what = "tasks wait to be taken apart");

  using decomposed = expected<plans::decomposition_outcome, plans::decomposition_failure>;
  /// A task of an execution and where it stands in its plan.
  static plans::decomposition_request decomposition_of(const std::shared_ptr<const domain::plan_graph>& graph,
                                                       domain::task_index task);
  /// Takes a task apart with the configured decomposer, and calls `then` on the same thread, one that may block. Sets
  /// the request's deadline and stop token. False, and `then` is destroyed uncalled, when too many wait already or the
  /// server ends. A model may be asked: some tens of seconds can pass.
  [[nodiscard]] bool decompose_later(plans::decomposition_request request, std::function<void(decomposed)> then);

  /// What becomes of a plan that was read.
  using plan_taker = std::function<void(std::shared_ptr<domain::plan>, const std::shared_ptr<keyed_request>&)>;
  /// Keeps it, and answers 201.
  void keep_plan(std::shared_ptr<domain::plan> plan, const std::shared_ptr<keyed_request>& asked);
  /// Answers 200 with what would become of it; keeps nothing.
  void preview_plan(const std::shared_ptr<domain::plan>& plan, const std::shared_ptr<keyed_request>& asked) const;
  /// Reads a plan and gives it to `take`, or answers why it cannot be read. On a thread that may take long.
  static void read_plan(const std::shared_ptr<keyed_request>& asked, std::string_view bytes, plans::plan_format format,
                        const plan_taker& take);
  /// The same with a run of PlanExe's worker.
  void fetch_plan(const std::shared_ptr<keyed_request>& asked, const std::string& run, plan_taker take);

  std::optional<domain::timestamp> lease_expiry(const domain::agent_id& agent) const {
    const auto seen = env.presence.last_seen(agent);
    return seen ? std::optional{*seen + env.settings.agent_timeout} : std::nullopt;
  }

  actors::runtime& runtime;
  actors::environment& env;
  actors::read_side& views;
  bridge_options options;
  first_answers answers;
  gatekeeper gate;
  std::atomic<serving_state> serving{serving_state::starting};
  std::atomic<std::size_t> commands{0};
  job_thread offload{1'024};  // jobs; more waiting than that is an overload that is better refused
  std::stop_source ending;    // of calls to other servers
  backup_desk desk;
  // Each may take a minute and more: what waits longer than that has lost its client. Runs that are not complete wait
  // for most of it, so they have threads of their own.
  job_thread decompositions{32, 4};
  job_thread fetches{16, 4};
  job_thread rebuilds{2};        // steps of the only one
  job_thread backups{1};         // the only one
  job_thread backup_answers{2};  // which wait for it, a minute at most
  job_thread audits{16};         // each reads a whole history: a second for some hundred thousand events
  job_thread erasures{4};        // each reads the whole archive; after the first the server starts anew
  /// Shared with it, which may end after this.
  std::shared_ptr<std::atomic<bool>> rebuilding = std::make_shared<std::atomic<bool>>(false);
};

/// Sends an answer that goes with no actor's step. Where the same request must get it again, it is kept first, in a
/// write of its own.
void keep_and_send(actors::environment& env, const std::shared_ptr<keyed_request>& asked, response answer);

/// What to answer where a decomposer failed.
problem why_not_decomposed(const plans::decomposition_failure& failure);

/// The media type of a body without its parameters; a body that does not say what it is counts as JSON.
std::string_view media_type(const request& request);

template <class Handle>
void actor_bridge::core::bind(router& routes, std::string_view operation, Handle&& handle) {
  const bool takes_json_alone = operation != "create_plan";  // which looks at the type itself
  const auto need = room_need_of(operation);
  routes.bind(operation, [this, takes_json_alone, need, handle = std::forward<Handle>(handle)](request request,
                                                                                               responder answer) {
    if (const auto why_not = refusal()) return answer.fail(*why_not);
    if (const auto no_room = refusal_for_room(need)) return answer.fail(*no_room);
    if (takes_json_alone && !request.body.empty() && !equals_ignoring_case(media_type(request), "application/json"))
      return answer.fail({problem_code::unsupported_media_type, "a body is application/json", {}, {}});
    handle(std::move(request), std::move(answer));
  });
}

/// A request on its way to the worker's thread: bodies that may be large are read there, not on an I/O thread.
struct request_and_answer {
  request_and_answer(request question, responder to) : asked(std::move(question)), answer(std::move(to)) {}
  request asked;
  responder answer;
};

/// A request without its body, for an answer that comes later.
inline request_head head_of(const request_head& head) {
  return head;
}

inline response json_response(unsigned status, std::string body) {
  return {.status = status, .content_type = "application/json", .body = std::move(body), .headers = {}};
}

/// A cursor that could be one, but is no place in this list.
inline problem foreign_cursor() {
  return {problem_code::malformed_request,
          "query parameter 'cursor' is not one that this server gave",
          {{"cursor", "is not one that this server gave"}},
          {}};
}

/// `name` in plain words: "execution", "agent".
inline problem no_such(std::string_view name, std::string_view id) {
  return {problem_code::not_found, "no " + std::string(name) + " '" + std::string(id) + "'", {}, {}};
}

/// Sends an answer when the actors have one, in the two steps that they know: rendered in the actor's thread, sent by
/// the committer's. Counts as a command under way as long as it lives.
template <class Reply>
class http_reply : public Reply {
 public:
  http_reply(std::shared_ptr<keyed_request> asked, std::atomic<std::size_t>& under_way)
      : asked_(std::move(asked)), under_way_(under_way) {
    ++under_way_;
  }
  ~http_reply() override { --under_way_; }
  void deliver() override { asked_->send(std::move(answer_)); }

 protected:
  std::optional<eventstore::kept_answer> keep(response answer, domain::timestamp now) {
    answer_ = std::move(answer);
    return asked_->keep(answer_, now);
  }
  /// The same where a repetition must not be told all of it.
  std::optional<eventstore::kept_answer> keep(response answer, const response& for_repetitions, domain::timestamp now) {
    answer_ = std::move(answer);
    return asked_->keep(for_repetitions, now);
  }

 private:
  std::shared_ptr<keyed_request> asked_;
  std::atomic<std::size_t>& under_way_;
  response answer_;
};

/// A reply whose rendering is a function of (id, state, outcome).
template <class Reply, class Id, class State, class Render>
class rendered_reply final : public http_reply<Reply> {
 public:
  rendered_reply(std::shared_ptr<keyed_request> asked, std::atomic<std::size_t>& under_way, Render render)
      : http_reply<Reply>(std::move(asked), under_way), render_(std::move(render)) {}
  std::optional<eventstore::kept_answer> prepare(const Id& id, const State& state,
                                                 const actors::command_outcome& outcome) override {
    return this->keep(render_(id, state, outcome), outcome.recorded_at);
  }

 private:
  Render render_;
};

template <class Render>
std::unique_ptr<actors::execution_reply> execution_reply_with(std::shared_ptr<keyed_request> asked,
                                                              std::atomic<std::size_t>& under_way, Render render) {
  return std::make_unique<
      rendered_reply<actors::execution_reply, domain::execution_id, domain::execution_state, Render>>(
      std::move(asked), under_way, std::move(render));
}

template <class Render>
std::unique_ptr<actors::agent_reply> agent_reply_with(std::shared_ptr<keyed_request> asked,
                                                      std::atomic<std::size_t>& under_way, Render render) {
  return std::make_unique<rendered_reply<actors::agent_reply, domain::agent_id, domain::agent_state, Render>>(
      std::move(asked), under_way, std::move(render));
}

template <class Render>
void actor_bridge::core::ask(const domain::execution_id& id, domain::execution_command command,
                             std::optional<std::uint64_t> version, std::shared_ptr<keyed_request> asked,
                             Render render) {
  auto order = std::make_shared<actors::execution_request>();
  order->command = std::move(command);
  order->actor = asked->actor();
  order->expected_version = version;
  order->reply = execution_reply_with(std::move(asked), commands,
                                      [render](const domain::execution_id& to, const domain::execution_state& after,
                                               const actors::command_outcome& outcome) {
                                        return outcome.rejection ? to_response(to_problem(*outcome.rejection))
                                                                 : render(to, after, outcome);
                                      });
  env.directory.tell(id, actors::command_atom_v, std::move(order));
}

template <class Render>
void actor_bridge::core::ask(const domain::agent_id& id, domain::agent_command command, std::string actor,
                             std::shared_ptr<keyed_request> asked, Render render) {
  auto order = std::make_shared<actors::agent_request>();
  order->command = std::move(command);
  order->actor = std::move(actor);
  order->reply = agent_reply_with(
      std::move(asked), commands,
      [render](const domain::agent_id& to, const domain::agent_state& after, const actors::command_outcome& outcome) {
        return outcome.rejection ? to_response(to_problem(*outcome.rejection)) : render(to, after, outcome);
      });
  env.directory.tell(id, actors::command_atom_v, std::move(order));
}

}  // namespace planexe::gateway
