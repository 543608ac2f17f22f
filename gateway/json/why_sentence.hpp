// An explanation as one sentence for people, down to the root. Private to the rendering of explanations.
#pragma once

#include "domain/explain.hpp"
#include "gateway/json/why_candidates.hpp"

namespace planexe::gateway {

/// `holder` is who holds the last link's task, where that is known; `candidates` who could take it, where it waits for
/// an agent and these are known. Ends without a full stop.
std::string say_why(const domain::execution_state& state, const domain::explanation& told, domain::timestamp now,
                    const agent_facts* holder, const candidate_list* candidates);

}  // namespace planexe::gateway
