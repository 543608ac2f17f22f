// What a person could decide about leaves, and whom their waits were escalated to: shared by blockers and explanations.
// Pure; one thread uses one object.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "domain/execution_state.hpp"

namespace planexe::gateway {

class json_writer;

/// Which resolutions would be taken now. Asks the domain itself, once for each kind of leaf: leaves in the same stage,
/// with the same kind of review and the same waits, have the same answers.
class resolution_options {
 public:
  /// `state` must outlive it.
  explicit resolution_options(const domain::execution_state& state) : state_(state) {}

  const std::vector<std::string_view>& of(domain::task_index leaf);
  /// The same as an array.
  void append(json_writer& writer, domain::task_index leaf);

 private:
  std::vector<std::string_view> ask(domain::task_index leaf) const;

  const domain::execution_state& state_;
  std::map<std::tuple<int, int, bool, bool>, std::vector<std::string_view>> known_;
};

/// Whom the leaf's wait was escalated to last.
std::string escalated_to(const domain::execution_state& state, domain::task_index leaf);
/// escalated_at, escalation_level and escalated_to, where its present wait has been escalated.
void append_escalation(json_writer& writer, const domain::execution_state& state, domain::task_index leaf);

}  // namespace planexe::gateway
