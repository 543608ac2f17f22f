// Registering and changing agents.
#include <doctest/doctest.h>

#include "domain/agent_commands.hpp"
#include "tests/domain/scenario.hpp"

namespace planexe::tests {

using namespace domain;

namespace {

const agent_profile cook{.name = "Ann", .roles = {"Cook"}, .capabilities = {{"cook", {}}}};

/// Decides and applies; gives the decision back.
agent_decision tell(agent_state& state, const agent_command& command, timestamp now = epoch) {
  auto decision = decide(state, command);
  for (const auto& event : decision.events) evolve(state, event, {state.version + 1, now});
  return decision;
}

}  // namespace

TEST_CASE("an agent registers once, and the same content again changes nothing, other content is refused") {
  agent_state ann;
  CHECK_EQ(tell(ann, register_agent{cook}).events.size(), 1);
  CHECK(ann.registered);
  CHECK(ann.profile == cook);
  CHECK(ann.registered_at == epoch);
  const auto again = tell(ann, register_agent{cook});
  CHECK(again.events.empty());
  CHECK_FALSE(again.rejection);
  auto other = cook;
  other.roles = {"Chef"};
  const auto refused = tell(ann, register_agent{other});
  REQUIRE(refused.rejection);
  CHECK(refused.rejection->code == rejection_code::already_exists);
  CHECK(ann.profile == cook);
  CHECK_EQ(ann.version, 1);
}

TEST_CASE("only what differs of a change is recorded") {
  agent_state ann;
  tell(ann, register_agent{cook});
  CHECK(tell(ann, change_agent{}).events.empty());
  change_agent same;
  same.roles = cook.roles;
  same.standing = agent_standing::active;
  CHECK(tell(ann, same).events.empty());
  change_agent both;
  both.capabilities = std::vector<capability>{{"*", {}}};
  both.max_concurrent_tasks = 3;
  both.standing = agent_standing::paused;
  both.webhook_url = "https://ann.example";
  CHECK_EQ(tell(ann, both, epoch + seconds(9)).events.size(), 2);
  CHECK_EQ(ann.profile.name, "Ann");
  CHECK_EQ(ann.profile.capabilities.at(0).action, "*");
  CHECK_EQ(ann.profile.max_concurrent_tasks, 3);
  CHECK_EQ(ann.profile.webhook_url, "https://ann.example");
  CHECK(ann.standing == agent_standing::paused);
  CHECK(ann.registered_at == epoch);
  CHECK(ann.updated_at == epoch + seconds(9));
  CHECK_EQ(ann.version, 3);
}

TEST_CASE("an agent that is not registered cannot be changed") {
  agent_state nobody;
  const auto refused = tell(nobody, change_agent{});
  REQUIRE(refused.rejection);
  CHECK(refused.rejection->code == rejection_code::not_found);
}

}  // namespace planexe::tests
