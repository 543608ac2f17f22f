// Forks are made here, and executions held against each other.
#include "actors/execution_fork.hpp"
#include "domain/comparison.hpp"
#include "gateway/actor_bridge/asked_state.hpp"
#include "gateway/actor_bridge/executions.hpp"
#include "gateway/json/parse_execution.hpp"
#include "gateway/json/render_comparison.hpp"

namespace planexe::gateway {
namespace {

/// What is missing may be the origin, or its file in the archive: the log's head says which.
problem why_no_source(const error& why, const domain::execution_id& origin, const eventstore::event_log& log) {
  if (why.code == errc::not_found)
    if (const auto head = log.head_of(projections::stream_of(origin)); head && head->version == 0)
      return no_such("execution", origin.value);
  if (why.code != errc::invalid && why.code != errc::too_large) return archive_problem(why);
  return {problem_code::validation_failed, why.detail, {{"at_seq", why.detail}}, {}};
}

/// A fork on its way: read, checked and made on the worker's thread.
class fork_order {
 public:
  fork_order(actor_bridge::core& core, std::shared_ptr<keyed_request> asked, domain::execution_id origin,
             std::string body, std::optional<std::uint64_t> version)
      : core_(core), asked_(std::move(asked)), origin_(std::move(origin)), body_(std::move(body)), version_(version) {}

  void carry_out(std::uint64_t at_seq) {
    auto source = actors::read_fork_source(core_.env.log, origin_, at_seq);
    if (!source) return asked_->send(to_response(why_no_source(source.error(), origin_, core_.env.log)));
    if (version_ && *version_ != source->version)
      return asked_->send(to_response(problem{
          problem_code::version_mismatch, "the execution is at version " + std::to_string(source->version), {}, {}}));
    // What an admin overrode, with a reason, must not be started again by somebody who could not have done that.
    const auto& who = asked_->caller();
    if (!source->state.options.refusal_override.empty() && !(who && who->is_admin()))
      return asked_->send(to_response(
          problem{problem_code::forbidden, "only an admin forks what a refused plan was started as", {}, {}}));
    const auto wanted = parse_fork(body_, source->state.options);
    if (!wanted) return asked_->send(to_response(wanted.error()));
    const auto actor = asked_->actor();
    actors::append_fork(
        core_.env, std::move(*source), wanted->wanted,
        domain::execution_id{core_.env.ids.next_id("exec", core_.env.time.now())}, actor,
        execution_reply_with(asked_, core_.commands,
                             [&core = core_](const domain::execution_id& id, const domain::execution_state& after,
                                             const actors::command_outcome& outcome) {
                               return outcome.rejection ? to_response(to_problem(*outcome.rejection))
                                                        : execution_response(201, id, after, core.env.time.now());
                             }));
  }

 private:
  actor_bridge::core& core_;
  std::shared_ptr<keyed_request> asked_;
  domain::execution_id origin_;
  std::string body_;
  std::optional<std::uint64_t> version_;
};

}  // namespace

void actor_bridge::core::bind_forks(router& routes) {
  bind(routes, "fork_execution", [this](const request& request, responder answer) {
    // Checked as far as that goes without the origin, of which only the options are missing.
    const auto wanted = parse_fork(request.body, options.defaults);
    if (!wanted) return answer.fail(wanted.error());
    const auto version = wanted_version(request);
    if (!version) return answer.fail(version.error());
    std::shared_ptr<keyed_request> asked = answers.begin(request, std::move(answer), env.time.now());
    if (!asked) return;
    const auto order = std::make_shared<fork_order>(*this, std::move(asked),
                                                    domain::execution_id{std::string(request.param("execution_id"))},
                                                    request.body, *version);
    work([order, at_seq = wanted->at_seq] { order->carry_out(at_seq); });
  });

  bind(routes, "compare_executions", [this](const request& request, responder answer) {
    if (const auto wrong = refuse_moment(request)) return answer.fail(*wrong);
    query_reader query{request};
    const auto other = query.id<domain::execution_id>("with");
    if (const auto wrong = query.failure()) return answer.fail(*wrong);
    if (other.empty())
      return answer.fail({problem_code::malformed_request,
                          "query parameter 'with' is required: the other execution",
                          {{"with", "is required"}},
                          {}});
    read([this, id = domain::execution_id{std::string(request.param("execution_id"))}, other,
          to = share(std::move(answer))] {
      const auto here = views.executions.state(id), there = views.executions.state(other);
      if (!here || !there) return to->fail(to_problem(here ? there.error() : here.error()));
      work([this, id, other, to, known_here = *here, known_there = *there, now = env.time.now()] {
        using shown = expected<std::shared_ptr<const domain::execution_state>, problem>;
        const auto one = known_here ? shown{known_here} : archived_state(env, id);
        if (!one) return to->fail(one.error());
        const auto another = known_there ? shown{known_there} : archived_state(env, other);
        if (!another) return to->fail(another.error());
        std::string text;
        render_comparison(text, {id, **one, now}, {other, **another, now});
        to->send(json_response(200, std::move(text)));
      });
    });
  });
}

}  // namespace planexe::gateway
