#include "domain/role_service.hpp"

#include <algorithm>

#include "domain/matching_fit.hpp"

namespace planexe::domain {

bool serves_role(const agent_profile& profile, std::string_view role) {
  constexpr std::string_view any = "*";
  if (role.empty()) return true;
  const bool takes_any_action = std::any_of(profile.capabilities.begin(), profile.capabilities.end(),
                                            [&](const capability& each) { return each.action == any; });
  return takes_any_action || std::any_of(profile.roles.begin(), profile.roles.end(), [&](const std::string& each) {
           return each == any || roles_agree(each, role);
         });
}

}  // namespace planexe::domain
