#include "gateway/auth/access_rules.hpp"

#include "domain/keys.hpp"

namespace planexe::gateway {
namespace {

using domain::key_role;

std::string_view name_of(access required) {
  switch (required) {
    case access::viewer:
    case access::own_record:
      return "viewer";
    case access::operator_:
      return "operator";
    case access::admin:
      return "admin";
    case access::agent:
    case access::open:
      break;
  }
  return "agent or operator";
}

problem no_agent(std::string_view id) {
  return {problem_code::not_found, "no agent '" + std::string(id) + "'", {}, {}};
}

}  // namespace

bool may_use(key_role role, access required) noexcept {
  switch (required) {
    case access::open:
      return true;
    case access::own_record:
      return true;
    case access::viewer:
      return role != key_role::agent;
    case access::agent:
      return role != key_role::viewer;
    case access::operator_:
      return role == key_role::operator_ || role == key_role::admin;
    case access::admin:
      break;
  }
  return role == key_role::admin;
}

std::optional<problem> refuse_access(const caller& who, const request_head& head, const route& asked) {
  if (!may_use(who.role, asked.required))
    return problem{problem_code::forbidden,
                   "this takes a key of the role " + std::string(name_of(asked.required)) + ", and yours is " +
                       std::string(domain::name_of(who.role)),
                   {},
                   {}};
  if (!who.is_agent()) return std::nullopt;
  for (const auto& [name, value] : head.parameters)
    if (name == "agent_id" && value != who.agent.value) return no_agent(value);
  return std::nullopt;
}

std::optional<problem> refuse_agent(const caller_ptr& who, const domain::agent_id& agent) {
  if (!who || !who->is_agent() || who->agent == agent) return std::nullopt;
  return no_agent(agent.value);
}

}  // namespace planexe::gateway
