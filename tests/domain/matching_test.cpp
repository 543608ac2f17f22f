// Which agent gets which leaf, and in what order.
#include "domain/matching.hpp"

#include <doctest/doctest.h>

#include "tests/domain/random_walk.hpp"

namespace planexe::tests {

using namespace domain;

namespace {

std::shared_ptr<const agent_profile> profile(std::vector<std::string> actions, std::vector<std::string> roles = {}) {
  agent_profile made;
  for (auto& action : actions) made.capabilities.push_back({std::move(action), {}});
  made.roles = std::move(roles);
  return std::make_shared<const agent_profile>(std::move(made));
}

work_offer offer_of(std::uint64_t id, const std::string& agent, std::shared_ptr<const agent_profile> profile,
                    std::uint32_t slots = 1) {
  return {id, {agent}, std::move(profile), {}, slots};
}

bool takes(const requirement& need, const std::shared_ptr<const agent_profile>& who,
           const std::vector<std::string>& supported = {}) {
  return reason_to_take(need, {"ann"}, *who, supported).has_value();
}

std::string leaves(const std::vector<work_claim>& claims) {
  std::string text;
  for (const auto& c : claims) text += (text.empty() ? "" : " ") + c.execution.value + std::to_string(c.leaf);
  return text;
}

const std::string any = "any";

}  // namespace

TEST_CASE("between equal priorities the place in the document decides and not the age of the task") {
  match_table table;
  const requirement need{any, "", {}};
  table.open({"e"}, 0, {{9, 0, need, 1}, {2, 0, need, 4}, {5, 0, need, 3}});
  CHECK_EQ(leaves(table.offer(offer_of(1, "ann", profile({any}), 3), false)), "e9 e5 e2");
}

TEST_CASE("roles are compared as people write them") {
  CHECK(roles_agree("Legal Specialist", "senior legal specialists"));
  CHECK(roles_agree("Cook", "COOK!"));
  CHECK(roles_agree("", " - "));
  CHECK_FALSE(roles_agree("Cook", ""));
  CHECK_FALSE(roles_agree("Legal Specialist", "Legal Advisor"));
  CHECK_FALSE(roles_agree("Boss", "Bos"));
}

TEST_CASE("an agent takes what it can do, in its role, and what is pinned to it whatever it is") {
  CHECK(takes({"cook", "", {}}, profile({"cook"})));
  CHECK_FALSE(takes({"cook", "", {}}, profile({"bake"})));
  CHECK(takes({"cook", "Chef", {}}, profile({"cook"}, {"chef"})));
  CHECK_FALSE(takes({"cook", "Chef", {}}, profile({"cook"}, {"Waiter"})));
  CHECK_FALSE(takes({"cook", "Chef", {}}, profile({"cook"})));
  CHECK(takes({"cook", "Chef", {}}, profile({"cook"}, {"*"})));
  CHECK(takes({"cook", "Chef", {}}, profile({"*"})));
  CHECK(takes({"cook", "Chef", {"ann"}}, profile({"bake"})));
  CHECK_FALSE(takes({"cook", "", {"bob"}}, profile({"*"})));
  CHECK_FALSE(takes({"cook", "", {}}, profile({"*"}), {"bake"}));
  CHECK(takes({"cook", "", {}}, profile({"*"}), {"bake", "cook"}));
}

TEST_CASE("work for people goes to people, unless it is an agent's own by decision") {
  agent_profile person;
  person.kind = agent_kind::human;
  person.capabilities = {{"cook", {}}};
  const auto ann = std::make_shared<const agent_profile>(person);
  CHECK_EQ(reason_to_take({"cook", "", {}, true}, {"ann"}, *ann, {}), "can 'cook', is a person");
  CHECK_EQ(reason_to_take({"cook", "", {}, false}, {"ann"}, *ann, {}), "can 'cook'");
  CHECK_FALSE(takes({"bake", "", {}, true}, ann));
  CHECK_FALSE(takes({"cook", "", {}, true}, profile({"*"})));
  CHECK(takes({"cook", "", {"ann"}, true}, profile({"bake"})));

  match_table table;
  CHECK(table.offer(offer_of(1, "robot", profile({"*"})), true).empty());
  CHECK(table.open({"e"}, 0, {{1, 0, {"cook", "", {}, true}}}).empty());
  CHECK_EQ(leaves(table.offer(offer_of(2, "ann", ann), false)), "e1");
  CHECK(table.offer(offer_of(3, "ann", ann), true).empty());
  CHECK_EQ(table.open({"e"}, 0, {{2, 0, {"cook", "", {}, true}}}).at(0).agent.value, "ann");
}

TEST_CASE("the record tells exactly why an agent got a leaf") {
  const auto why = [](const requirement& need, const std::shared_ptr<const agent_profile>& who) {
    return reason_to_take(need, {"ann"}, *who, {}).value_or("-");
  };
  CHECK_EQ(why({"cook", "", {}}, profile({"cook"}, {"Chef"})), "can 'cook'");
  CHECK_EQ(why({"cook", "CHEF", {}}, profile({"cook"}, {"Sous Chef", "Chef"})), "can 'cook' as Chef");
  CHECK_EQ(why({"cook", "Chef", {}}, profile({"cook"}, {"Sous Chef"})),
           "can 'cook' as Sous Chef, which agrees with Chef");
  CHECK_EQ(why({"cook", "Chef", {}}, profile({"cook"}, {"Waiter", "*"})), "can 'cook' in any role");
  CHECK_EQ(why({"cook", "Chef", {}}, profile({"*"}, {"Waiter"})), "takes any action");
  CHECK_EQ(why({"cook", "Chef", {}}, profile({"*"}, {"chef"})), "takes any action as chef");
  CHECK_EQ(why({"cook", "Chef", {"ann"}}, profile({"bake"})), "the task is this agent's by decision");
}

TEST_CASE("of leaves of the same priority an agent gets what asks for exactly its role before what agrees loosely") {
  const requirement loose{"cook", "Sous Chef", {}}, exact{"cook", "CHEF", {}}, hers{"bake", "", {"ann"}};
  for (const auto& who : {profile({"cook"}, {"Chef"}), profile({"*"}, {"Chef"})}) {
    match_table table;
    table.open({"e"}, 0, {{1, 0, loose, 1}, {2, 0, exact, 2}, {3, 1, loose, 3}, {4, 0, loose, 4}, {5, 0, hers, 5}});
    CHECK_EQ(leaves(table.offer(offer_of(1, "ann", who, 9), false)), "e3 e2 e5 e1 e4");
  }
  match_table table;
  table.open({"e"}, 0, {{1, 0, loose, 1}, {2, 0, exact, 2}});
  table.open({"f"}, 0, {{1, 0, loose, 1}});
  CHECK_EQ(leaves(table.offer(offer_of(1, "ann", profile({"cook"}, {"chef"}), 9), false)), "e2 f1 e1");
  CHECK(table.offer(offer_of(2, "ann", profile({"cook"}, {"chef"})), true).empty());
  CHECK_EQ(leaves(table.open({"e"}, 0, {{3, 0, loose, 3}, {4, 0, exact, 4}})), "e4");
}

TEST_CASE("a leaf goes to the waiting agent of exactly its role, then to a specialist, then to who waits longest") {
  const requirement need{"cook", "Chef", {}};
  match_table table;
  const auto waits = [&](std::uint64_t id, const std::string& agent, std::shared_ptr<const agent_profile> who) {
    REQUIRE(table.offer(offer_of(id, agent, std::move(who)), true).empty());
  };
  waits(1, "any", profile({"*"}));
  waits(2, "any too", profile({"cook"}, {"*"}));
  waits(3, "sous", profile({"cook"}, {"Sous Chef"}));
  waits(4, "sous too", profile({"cook"}, {"Sous Chefs"}));
  waits(5, "any chef", profile({"*"}, {"Chef"}));
  waits(6, "chef", profile({"cook"}, {"chef"}));
  waits(7, "waiter", profile({"cook"}, {"Waiter"}));
  std::string order;
  for (task_index leaf = 1; leaf <= 7; ++leaf)
    for (const auto& claim : table.open({"e"}, 0, {{leaf, 0, need}})) order += claim.agent.value + ", ";
  CHECK_EQ(order, "chef, any chef, sous, sous too, any, any too, ");
  CHECK_EQ(table.waiting_count(), 1);
}

TEST_CASE("between executions that are both new the longer wait goes first") {
  match_table table;
  table.open({"z"}, 0, {{1, 0, {any, "", {}}}});
  table.open({"a"}, 0, {{1, 0, {any, "", {}}}});
  CHECK_EQ(leaves(table.offer(offer_of(1, "ann", profile({any}), 2), false)), "z1 a1");
}

TEST_CASE("inside an execution the leaf's priority goes first, then the plan's order") {
  match_table table;
  CHECK(table.open({"e"}, 0, {{3, 0, {any, "", {}}}, {1, 0, {any, "", {}}}, {2, 5, {any, "", {}}}}).empty());
  CHECK_EQ(leaves(table.offer(offer_of(1, "ann", profile({any}), 2), false)), "e2 e1");
  CHECK_EQ(leaves(table.offer(offer_of(2, "ann", profile({any}), 9), false)), "e3");
  CHECK(table.offer(offer_of(3, "ann", profile({any})), false).empty());
  CHECK_EQ(table.open_count(), 0);
  CHECK_EQ(table.waiting_count(), 0);
}

TEST_CASE("between executions the higher priority goes first, and equal ones take turns") {
  match_table table;
  const requirement need{any, "", {}};
  table.open({"a"}, 0, {{1, 0, need}, {2, 0, need}, {3, 0, need}});
  table.open({"b"}, 0, {{1, 0, need}, {2, 0, need}});
  table.open({"c"}, 7, {{1, 0, need}});
  CHECK_EQ(leaves(table.offer(offer_of(1, "ann", profile({any}), 9), false)), "c1 a1 b1 a2 b2 a3");
}

TEST_CASE("order and turns hold also between leaves that ask for different things") {
  const requirement cook{"cook", "", {}}, bake{"bake", "", {}};
  match_table table;
  table.open({"e"}, 0, {{1, 0, cook}, {2, 9, bake}, {3, 0, bake}, {4, 0, cook}});
  CHECK_EQ(leaves(table.offer(offer_of(1, "ann", profile({"*"}), 9), false)), "e2 e1 e3 e4");
  table.open({"a"}, 0, {{1, 0, cook}, {2, 0, bake}});
  table.open({"b"}, 0, {{1, 0, cook}, {2, 0, bake}});
  CHECK_EQ(leaves(table.offer(offer_of(2, "ann", profile({"*"}), 9), false)), "a1 b1 a2 b2");
}

TEST_CASE("an execution that opens a leaf of a new kind after its turn waits for the others' turns") {
  const requirement cook{"cook", "", {}}, bake{"bake", "", {}};
  match_table table;
  table.open({"a"}, 0, {{1, 0, cook}, {9, 0, cook}});
  table.open({"b"}, 0, {{1, 0, cook}});
  CHECK_EQ(leaves(table.offer(offer_of(1, "ann", profile({"*"})), false)), "a1");
  table.open({"a"}, 0, {{2, 0, bake}});
  CHECK_EQ(leaves(table.offer(offer_of(2, "ann", profile({"*"}), 9), false)), "b1 a2 a9");
}

TEST_CASE("who waits longest gets what opens, and no more than one leaf") {
  match_table table;
  const requirement need{any, "", {}};
  CHECK(table.offer(offer_of(1, "ann", profile({"other"})), true).empty());
  CHECK(table.offer(offer_of(2, "bob", profile({any}), 3), true).empty());
  CHECK(table.offer(offer_of(3, "cy", profile({any})), true).empty());
  CHECK(table.offer(offer_of(4, "di", profile({any})), true).empty());
  table.withdraw(3);
  table.withdraw(99);
  const auto claims = table.open({"e"}, 0, {{1, 0, need}, {2, 0, need}, {3, 0, need}});
  REQUIRE_EQ(claims.size(), 2);
  CHECK_EQ(claims[0].offer, 2);
  CHECK_EQ(claims[1].offer, 4);
  CHECK_EQ(table.open_count(), 1);
  CHECK_EQ(table.waiting_count(), 1);
}

TEST_CASE("a leaf that is closed is not handed out, and one that opens twice is handed out once") {
  match_table table;
  const requirement need{any, "", {}};
  table.open({"e"}, 0, {{1, 0, need}, {2, 0, need}});
  table.open({"e"}, 0, {{1, 0, need}});
  table.close({"e"}, {2, 7});
  table.close({"nowhere"}, {1});
  CHECK_EQ(leaves(table.offer(offer_of(1, "ann", profile({any}), 9), false)), "e1");
}

TEST_CASE("whatever opens, closes and asks: a leaf is claimed at most once while open, by one who may take it") {
  for (std::uint64_t seed = 1; seed <= walks(300); ++seed) {
    INFO("seed ", seed);
    dice roll{seed};
    match_table table;
    std::map<std::pair<std::string, task_index>, requirement> open;
    std::map<std::uint64_t, work_offer> asked;
    const auto settle = [&](const std::vector<work_claim>& claims) {
      for (const auto& claim : claims) {
        const auto found = open.find({claim.execution.value, claim.leaf});
        REQUIRE(found != open.end());
        const auto& by = asked.at(claim.offer);
        REQUIRE(reason_to_take(found->second, by.agent, *by.profile, by.supported_actions));
        open.erase(found);
      }
      REQUIRE_EQ(table.open_count(), open.size());
    };
    for (std::uint64_t step = 1; step <= 200; ++step) {
      const execution_id execution{"e" + std::to_string(roll.below(3))};
      const auto leaf = roll.below(6);
      if (roll.chance(50)) {
        const requirement need{"do" + std::to_string(leaf % 3), "", {}};
        open.try_emplace({execution.value, leaf}, need);
        settle(table.open(execution, static_cast<std::int32_t>(roll.below(2)), {{leaf, 0, need}}));
      } else if (roll.chance(20)) {
        open.erase({execution.value, leaf});
        table.close(execution, {leaf});
      } else if (roll.chance(20)) {
        table.withdraw(roll.below(step));
      } else {
        const auto who = offer_of(step, "ann", profile({roll.chance(20) ? "*" : "do" + std::to_string(roll.below(3))}),
                                  1 + roll.below(2));
        asked.emplace(step, who);
        const bool wait = roll.chance(50);
        const auto claims = table.offer(who, wait);
        REQUIRE_LE(claims.size(), who.slots);
        settle(claims);
      }
      REQUIRE_EQ(table.open_count(), open.size());
    }
  }
}

namespace {

std::string said(match_table& table) {
  std::string text;
  for (const auto& word : table.changed_staffing())
    text += word.execution.value + (word.staffed ? " staffed; " : ": " + word.reason + "; ");
  return text;
}

}  // namespace

TEST_CASE("an execution hears when nobody within reach can do what is open, once, and when somebody can") {
  match_table table;
  const requirement cook{"cook", "", {}}, bake{"bake", "Baker", {}}, hers{"cook", "", {"ann"}};
  table.reach({"bob"}, profile({"dig"}));
  table.open({"e"}, 0, {{1, 0, cook}, {2, 0, bake}});
  CHECK_EQ(said(table), "e: no agent within reach can 'cook', or the other kind of work that is ready; ");
  CHECK_EQ(said(table), "");
  table.open({"e"}, 0, {{3, 0, cook}}, false);  // it knows
  CHECK_EQ(said(table), "");
  table.open({"e"}, 0, {}, true);  // it has forgotten
  CHECK_FALSE(said(table).empty());
  table.reach({"eve"}, profile({"bake"}, {"Baker"}));
  CHECK_EQ(said(table), "e staffed; ");
  table.close({"e"}, {2});
  CHECK_EQ(said(table), "e: no agent within reach can 'cook'; ");
  table.reach({"bob"}, profile({"cook"}));  // has learned it
  CHECK_EQ(said(table), "e staffed; ");
  table.lose({"bob"});
  table.lose({"bob"});
  CHECK_EQ(said(table), "e: no agent within reach can 'cook'; ");
  table.open({"f"}, 0, {{1, 0, hers}});
  CHECK_EQ(said(table), "f: agent 'ann' is out of reach; ");
  table.reach({"ann"}, profile({"*"}));
  CHECK_EQ(said(table), "e staffed; f staffed; ");
  table.lose({"ann"});
  table.close({"e"}, {1, 3});
  CHECK_EQ(said(table), "f: agent 'ann' is out of reach; ");  // of e nothing is open
  table.reach({"bob"}, profile({"*"}));
  table.open({"g"}, 0, {{1, 0, {"cook", "Chef", {}, true}}});
  CHECK_EQ(said(table), "g: no person within reach can 'cook' as Chef; ");
  agent_profile person;
  person.kind = agent_kind::human;
  person.capabilities = {{"*", {}}};
  table.reach({"dee"}, std::make_shared<const agent_profile>(person));
  CHECK_EQ(said(table), "g staffed; ");
  table.lose({"dee"});
  CHECK_EQ(said(table), "g: no person within reach can 'cook' as Chef; ");
}

TEST_CASE("kinds of work are forgotten with their last leaf") {
  match_table table;
  table.open({"e"}, 0, {{1, 0, {"cook", "", {}}}, {2, 0, {"bake", "", {}}}});
  table.open({"f"}, 0, {{1, 0, {"bake", "", {}}}});
  CHECK_EQ(table.class_count(), 2);
  CHECK_EQ(leaves(table.offer(offer_of(1, "ann", profile({"*"})), false)), "e1");
  table.close({"e"}, {1, 2});
  CHECK_EQ(table.class_count(), 1);
  table.close({"f"}, {1});
  CHECK_EQ(table.class_count(), 0);
  table.open({"g"}, 0, {{1, 0, {"bake", "", {}}}});
  CHECK_EQ(leaves(table.offer(offer_of(2, "ann", profile({"bake"})), false)), "g1");
}

}  // namespace planexe::tests
