// Which agents could take a task that is ready, and why they have not. Private to the rendering of explanations.
#pragma once

#include <map>
#include <span>

#include "domain/matching.hpp"
#include "gateway/json/render_why.hpp"

namespace planexe::gateway {

struct candidate {
  const agent_facts* agent = nullptr;
  std::string reason;  ///< why it has not taken the task, to be read after its name
};

struct candidate_list {
  std::vector<candidate> shown;  ///< those nearest to taking it first; at most `most_candidates`
  std::size_t total = 0;
  std::string none;  ///< where there is no candidate: what no registered agent can do
};

/// Looks at every agent once for each kind of work, however many tasks are of it.
class candidate_search {
 public:
  candidate_search(const domain::execution_state& state, domain::timestamp now, std::span<const agent_facts> agents)
      : state_(state), now_(now), agents_(agents) {}

  /// For a leaf that is ready.
  candidate_list of(domain::task_index leaf);

 private:
  const std::vector<const agent_facts*>& able(const domain::requirement& need);
  std::string why_not(const agent_facts& agent, domain::timestamp since) const;

  const domain::execution_state& state_;
  domain::timestamp now_;
  std::span<const agent_facts> agents_;
  std::map<domain::requirement, std::vector<const agent_facts*>> able_;  ///< nearest first
};

}  // namespace planexe::gateway
