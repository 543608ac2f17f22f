// The plan of an execution against what became of it.
#include "domain/report.hpp"

#include "gateway/actor_bridge/agent_crowds.hpp"
#include "gateway/json/render_report.hpp"

namespace planexe::gateway {
namespace {

/// Who there is for each role of the report, in its order.
std::vector<role_agents> agents_by_role(const domain::execution_report& report,
                                        const std::vector<agent_crowd>& crowds) {
  std::vector<role_agents> counted;
  for (const auto& role : report.roles) {
    auto& count = counted.emplace_back();
    for (const auto& crowd : crowds) {
      if (!domain::serves_role(crowd.profile, role.role)) continue;
      count.agents += crowd.agents;
      count.agents_active += crowd.active;
    }
  }
  return counted;
}

}  // namespace

void actor_bridge::core::bind_report(router& routes) {
  bind(routes, "get_execution_report", [this](const request& request, responder answer) {
    with_state(
        *this, request, share(std::move(answer)), [this](const domain::execution_state&) { return crowds_of(*this); },
        [](responder& to, const asked_state& asked, const agent_crowds& crowds) {
          const auto report = domain::report_of(asked.state, asked.now);
          std::optional<std::vector<role_agents>> agents;
          if (crowds) agents = agents_by_role(report, *crowds);
          std::string text;
          render_report(text, asked.id, asked.state, report, agents ? &*agents : nullptr);
          to.send(json_response(200, std::move(text)));
        });
  });
}

}  // namespace planexe::gateway
