// Whether the record of an execution is whole.
#include "gateway/actor_bridge/asked_state.hpp"

#include "audit/stream_audit.hpp"

namespace planexe::gateway {

void actor_bridge::core::bind_audit(router& routes) {
  bind(routes, "get_execution_audit", [this](const request& request, responder answer) {
    if (const auto wrong = refuse_moment(request)) return answer.fail(*wrong);
    const domain::execution_id id{std::string(request.param("execution_id"))};
    (void)audits.run_later([this, id, to = share(std::move(answer))] {
      const auto found = audit::audit_stream(env.log, env.derived, projections::stream_of(id));
      if (!found && found.error().code == errc::not_found) return to->fail(no_such("execution", id.value));
      if (!found) return to->fail(to_problem(found.error()));
      to->send(json_response(200, audit::to_json(*found, id.value)));
    });
  });
}

}  // namespace planexe::gateway
