// What is sent about agents: registration, changes, and a poll for work. Pure, any thread. Bodies fail with 400 for
// what is not JSON and with a 422 that names every wrong member; members that are not known are wrong.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "domain/agent_commands.hpp"
#include "domain/result.hpp"
#include "gateway/http/message.hpp"
#include "gateway/http/problem.hpp"

namespace planexe::gateway {

inline constexpr std::uint32_t max_concurrent_tasks_limit = 1000;

struct register_agent_request {
  domain::agent_id agent;  ///< empty: the server chooses one
  domain::agent_profile profile;
  bool issue_key = false;  ///< a key for the agent is wanted with the answer
};
expected<register_agent_request, problem> parse_register_agent(std::string_view body);

/// At least one member is there.
expected<domain::change_agent, problem> parse_patch_agent(std::string_view body);

struct work_request {
  domain::milliseconds wait{0};
  std::uint32_t limit = 1;
  std::vector<std::string> supported_actions;  ///< empty: whatever the agent registered
  std::string request_id;                      ///< may be empty; the same one gets the same answer
};
/// Of the query, the `Prefer: wait=N` header, and, for a POST, of a body with the same names, which may be empty.
expected<work_request, problem> parse_work_request(const request& request);

}  // namespace planexe::gateway
