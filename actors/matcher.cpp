#include "actors/matcher.hpp"

#include "actors/environment.hpp"

namespace planexe::actors {
namespace {

void assign(environment& env, const domain::work_claim& claim) {
  const auto settle = [&env, agent = claim.agent, offer = claim.offer](work_item_ptr work) {
    env.directory.tell(agent, settled_atom_v, offer, std::move(work));
  };
  env.directory.tell(claim.execution, assign_atom_v, std::make_shared<assignment>(claim, settle));
}

/// The agent hears how many answers to expect before the first of them can reach it.
void announce(environment& env, const domain::agent_id& agent, std::uint64_t offer, std::size_t claims) {
  env.directory.tell(agent, claimed_atom_v, offer, static_cast<std::uint32_t>(claims));
}

}  // namespace

matcher_actor::behavior_type matcher(matcher_actor::stateful_pointer<matcher_state> self, environment* env) {
  return {
      [self, env](ready_atom, const readiness_ptr& change) {
        auto& table = self->state.table;
        for (const auto& claim : table.open(change->execution, change->priority, change->opened)) {
          announce(*env, claim.agent, claim.offer, 1);
          assign(*env, claim);
        }
        // Last, for it forgets an execution that has nothing open.
        table.close(change->execution, change->closed);
      },
      [self, env](offer_atom, const work_offer_ptr& offer, bool wait) {
        const auto claims = self->state.table.offer(*offer, wait);
        if (claims.empty() && wait) return;
        announce(*env, offer->agent, offer->id, claims.size());
        for (const auto& claim : claims) assign(*env, claim);
      },
      [self, env](withdraw_atom, std::uint64_t offer, const std::string& agent) {
        self->state.table.withdraw(offer);
        announce(*env, domain::agent_id{agent}, offer, 0);
      },
  };
}

}  // namespace planexe::actors
