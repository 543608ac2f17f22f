// What can have happened to an agent: who it is and whether it may work. What it holds is told by the executions.
#pragma once

#include <cstdint>
#include <string>
#include <variant>
#include <vector>

#include "domain/ids.hpp"
#include "domain/time.hpp"

namespace planexe::domain {

enum class agent_kind : std::uint8_t { ai, human, service };
/// What was decided about it; whether it is idle or out of reach follows from what it does.
enum class agent_standing : std::uint8_t { active, paused, retired };

/// `action` "*" takes any action.
struct capability {
  std::string action;
  std::string params_json;
  friend bool operator==(const capability&, const capability&) = default;
};

struct agent_profile {
  std::string name;
  agent_kind kind = agent_kind::ai;
  std::vector<std::string> roles;
  std::vector<capability> capabilities;
  std::uint32_t max_concurrent_tasks = 1;
  std::string webhook_url;
  friend bool operator==(const agent_profile&, const agent_profile&) = default;
};

struct agent_registered {
  agent_profile profile;
};
struct agent_profile_changed {
  agent_profile profile;
};
struct agent_standing_changed {
  agent_standing standing = agent_standing::active;
};

using agent_event = std::variant<agent_registered, agent_profile_changed, agent_standing_changed>;

}  // namespace planexe::domain
