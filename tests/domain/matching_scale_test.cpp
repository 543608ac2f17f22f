// The match table against its rules written out plainly, and its fairness between executions of very different sizes.
#include <doctest/doctest.h>

#include "tests/domain/plain_matching.hpp"
#include "tests/domain/random_walk.hpp"

namespace planexe::tests {

using namespace domain;

namespace {

using profile_ptr = std::shared_ptr<const agent_profile>;

profile_ptr profile_of(const std::vector<std::string>& actions, std::vector<std::string> roles = {},
                       agent_kind kind = agent_kind::ai) {
  agent_profile made;
  made.kind = kind;
  made.roles = std::move(roles);
  for (const auto& action : actions) made.capabilities.push_back({action, {}});
  return std::make_shared<const agent_profile>(std::move(made));
}

std::string text_of(const std::vector<work_claim>& claims) {
  std::string text;
  for (const auto& each : claims)
    text += std::to_string(each.offer) + " " + each.agent.value + " takes " + each.execution.value + "/" +
            std::to_string(each.leaf) + ": " + each.reason + "\n";
  return text;
}

std::string text_of(const std::vector<staffing_word>& words) {
  std::string text;
  for (const auto& word : words) text += word.execution.value + (word.staffed ? " staffed, " : " unstaffed, ");
  return text;
}

/// Takes the same random steps with the table and with the plain rules.
class matching_walk {
 public:
  explicit matching_walk(std::uint64_t seed) : roll_(seed) {
    priorities_ = 1 + roll_.below(2);
    executions_ = 2 + roll_.below(6);
  }

  void step(std::uint64_t number) {
    const auto what = roll_.below(100);
    const execution_id execution{"e" + std::to_string(roll_.below(executions_))};
    const agent_id agent{"agent" + std::to_string(roll_.below(6))};
    if (what < 35) {
      open(execution);
    } else if (what < 42) {
      const std::vector<task_index> leaves{roll_.below(8), roll_.below(8)};
      table_.close(execution, leaves);
      plain_.close(execution, leaves);
    } else if (what < 80) {
      const work_offer offer{number, agent, roll_.chance(70) ? known_profile(agent) : draw_profile(), draw_supported(),
                             1 + roll_.below(3)};
      const bool wait = roll_.chance(60);
      same_claims(table_.offer(offer, wait), plain_.offer(offer, wait));
    } else if (what < 88) {
      const auto id = number - roll_.below(20);
      table_.withdraw(id);
      plain_.withdraw(id);
    } else if (what < 95) {
      const auto profile = profiles_[agent] = roll_.chance(20) ? known_profile(agent) : draw_profile();
      table_.reach(agent, profile);
      plain_.reach(agent, profile);
    } else {
      table_.lose(agent);
      plain_.lose(agent);
    }
    if (roll_.chance(60)) REQUIRE_EQ(text_of(table_.changed_staffing()), plain_.changed_staffing());
    REQUIRE_EQ(table_.open_count(), plain_.open_count());
    REQUIRE_EQ(table_.waiting_count(), plain_.waiting_count());
    REQUIRE_EQ(table_.execution_count(), plain_.execution_count());
  }

 private:
  void open(const execution_id& execution) {
    std::vector<open_leaf> leaves;
    for (auto left = roll_.chance(10) ? 0 : 1 + roll_.below(4); left > 0; --left) {
      const auto leaf = roll_.below(8);
      leaves.push_back({leaf, static_cast<std::int32_t>(roll_.below(2)), draw_need(), roll_.below(4)});
    }
    auto& priority = priority_of_[execution];
    if (roll_.chance(5)) priority = static_cast<std::int32_t>(roll_.below(priorities_));
    const bool staffed = roll_.chance(70);
    same_claims(table_.open(execution, priority, leaves, staffed), plain_.open(execution, priority, leaves, staffed));
  }

  void same_claims(const std::vector<work_claim>& claims, const std::vector<work_claim>& expected) {
    REQUIRE_EQ(text_of(claims), text_of(expected));
  }

  requirement draw_need() {
    requirement need{roll_.one_of(actions_), roll_.one_of(needed_roles_), {}};
    if (roll_.chance(10)) need.pinned = {"agent" + std::to_string(roll_.below(6))};
    need.human = roll_.chance(15);
    return need;
  }

  profile_ptr known_profile(const agent_id& agent) {
    auto& known = profiles_[agent];
    if (!known) known = draw_profile();
    return known;
  }

  profile_ptr draw_profile() {
    std::vector<std::string> actions{roll_.chance(10) ? "*" : roll_.one_of(actions_)};
    if (roll_.chance(30)) actions.push_back(roll_.one_of(actions_));
    std::vector<std::string> roles;
    for (auto left = roll_.below(3); left > 0; --left) roles.push_back(roll_.one_of(agents_roles_));
    return profile_of(actions, std::move(roles), roll_.chance(30) ? agent_kind::human : agent_kind::ai);
  }

  std::vector<std::string> draw_supported() {
    std::vector<std::string> supported;
    if (roll_.chance(25)) supported.push_back(roll_.one_of(actions_));
    if (roll_.chance(10)) supported.push_back(roll_.one_of(actions_));
    if (roll_.chance(3)) supported.push_back("*");
    return supported;
  }

  const std::vector<std::string> actions_{"cook", "bake", "dig"};
  const std::vector<std::string> needed_roles_{"",           "",     "Cook", "Sous Cook", "Legal Specialist",
                                               "Specialist", "Boss", "-",    "Cook Cook"};
  const std::vector<std::string> agents_roles_{"cook",       "Cooks",  "Sous-Cook", "*", "Senior Legal Specialists",
                                               "specialist", "Waiter", ""};
  dice roll_;
  std::size_t priorities_ = 1;
  std::size_t executions_ = 2;
  std::map<execution_id, std::int32_t> priority_of_;
  std::map<agent_id, profile_ptr> profiles_;
  match_table table_;
  plain_matching plain_;
};

const std::string huge = "huge";
constexpr task_index huge_leaves = 10'000;
constexpr std::size_t small_executions = 20;
constexpr task_index small_leaves = 10;
/// How many assignments the small ones need if all have equal shares: a round is one each, and one for the huge one.
constexpr std::size_t fair_share = small_leaves * (small_executions + 1);

std::string small(std::size_t number) {
  return "small" + std::to_string(number);
}

/// Leaves of as many kinds as there are actions, in turn.
std::vector<open_leaf> leaves_of(task_index count, std::size_t actions) {
  std::vector<open_leaf> leaves;
  for (task_index i = 0; i < count; ++i)
    leaves.push_back({i, 0, {"do" + std::to_string(i % actions), "", {}}, static_cast<std::uint32_t>(i)});
  return leaves;
}

/// How many assignments each execution has had when its last leaf is taken; agent by agent asks for one leaf, each of
/// which can do one of the actions.
std::map<std::string, std::size_t> assignments_until_done(match_table& table, std::size_t actions) {
  std::vector<profile_ptr> agents;
  for (std::size_t i = 0; i < actions; ++i) agents.push_back(profile_of({"do" + std::to_string(i)}));
  std::map<std::string, std::size_t> last;
  std::size_t given = 0;
  for (std::uint64_t id = 1; table.open_count() > 0; ++id) {
    const auto which = id % actions;
    for (const auto& claim : table.offer({id, {"agent" + std::to_string(which)}, agents[which], {}, 1}, false))
      last[claim.execution.value] = ++given;
  }
  return last;
}

}  // namespace

TEST_CASE("whatever opens, closes, asks, comes and goes: the claims are those of the rules") {
  for (std::uint64_t seed = 1; seed <= walks(400); ++seed) {
    INFO("seed ", seed);
    matching_walk walk{seed};
    for (std::uint64_t step = 1; step <= 250; ++step) {
      INFO("step ", step);
      walk.step(step);
    }
  }
}

TEST_CASE("beside one execution of ten thousand leaves, twenty of ten are done in their share of time") {
  match_table table;
  table.open({huge}, 0, leaves_of(huge_leaves, 1));
  for (std::size_t i = 0; i < small_executions; ++i) table.open({small(i)}, 0, leaves_of(small_leaves, 1));
  const auto last = assignments_until_done(table, 1);
  for (std::size_t i = 0; i < small_executions; ++i) CHECK_LE(last.at(small(i)), fair_share);
  CHECK_EQ(last.at(huge), huge_leaves + small_executions * small_leaves);
}

TEST_CASE(
    "the small ones get their share also when they come late, and between specialists for several kinds of work") {
  for (const std::size_t actions : {1U, 2U, 5U, 10U}) {
    match_table table;
    table.open({huge}, 0, leaves_of(huge_leaves, actions));
    for (std::uint64_t id = 1; id <= 3'000; ++id)
      table.offer({id, {"first"}, profile_of({"do" + std::to_string(id % actions)}), {}, 1}, false);
    for (std::size_t i = 0; i < small_executions; ++i) table.open({small(i)}, 0, leaves_of(small_leaves, actions));
    const auto last = assignments_until_done(table, actions);
    for (std::size_t i = 0; i < small_executions; ++i) {
      INFO(actions, " kinds of work, ", small(i));
      CHECK_LE(last.at(small(i)), fair_share + actions);
    }
  }
}

TEST_CASE("an execution that goes step by step has the same share as those with everything ready") {
  match_table table;
  for (std::size_t i = 0; i < small_executions; ++i) table.open({small(i)}, 0, leaves_of(1'000, 1));
  task_index next = 0;
  table.open({"steps"}, 0, {{next, 0, {"do0", "", {}}}});
  std::size_t steps = 0;
  constexpr std::size_t rounds = 50;
  for (std::uint64_t id = 1; id <= rounds * (small_executions + 1); ++id) {
    const auto claims = table.offer({id, {"ann"}, profile_of({"do0"}), {}, 1}, false);
    REQUIRE_EQ(claims.size(), 1);
    if (claims.front().execution.value != "steps") continue;
    ++steps;
    table.close({"steps"}, {next});
    table.open({"steps"}, 0, {{++next, 0, {"do0", "", {}}}});
  }
  CHECK_EQ(steps, rounds);
}

TEST_CASE("a newcomer is served next, and has saved nothing up however long it was away") {
  match_table table;
  for (std::size_t i = 0; i < small_executions; ++i) table.open({small(i)}, 0, leaves_of(100, 1));
  const auto who = profile_of({"do0"});
  std::uint64_t id = 0;
  const auto next = [&] { return table.offer({++id, {"ann"}, who, {}, 1}, false).at(0).execution.value; };
  for (std::size_t i = 0; i < 7 * small_executions; ++i) next();
  for (int visit = 0; visit < 3; ++visit) {
    table.open({"guest"}, 0, leaves_of(5, 1));
    CHECK_EQ(next(), "guest");
    for (std::size_t i = 0; i < small_executions; ++i) CHECK_NE(next(), "guest");
    CHECK_EQ(next(), "guest");
    table.close({"guest"}, {0, 1, 2, 3, 4});
    for (std::size_t i = 0; i < 10 * small_executions; ++i) CHECK_NE(next(), "guest");
  }
}

TEST_CASE("however many newcomers come, those who wait come nearer") {
  for (const std::size_t newcomers_a_claim : {1U, 3U}) {
    match_table table;
    for (std::size_t i = 0; i < small_executions; ++i) table.open({small(i)}, 0, leaves_of(500, 1));
    std::map<std::string, std::size_t> next_by;  // the claim until which an old one is served again
    for (std::size_t i = 0; i < small_executions; ++i) next_by[small(i)] = 3 * (small_executions + 1);
    std::size_t guests = 0, open = small_executions;
    for (std::size_t claim = 1; claim <= 3'000; ++claim) {
      for (std::size_t i = 0; i < newcomers_a_claim; ++i) {
        table.open({"guest" + std::to_string(++guests)}, 0, leaves_of(1, 1));
        ++open;
      }
      const auto taken = table.offer({claim, {"ann"}, profile_of({"do0"}), {}, 1}, false).at(0).execution.value;
      if (const auto old = next_by.find(taken); old != next_by.end()) {
        REQUIRE_LE(claim, old->second);
        // Those who wait now, and newcomers of half a step each from a round ago up to its own new turn.
        old->second = claim + 3 * (open + newcomers_a_claim + 1);
      } else {
        --open;
      }
    }
    for (const auto& [old, limit] : next_by) CHECK_GE(limit, 3'000);
  }
}

TEST_CASE("of ten thousand waiting agents one gets the leaf, and the others are left in peace") {
  match_table table;
  constexpr std::size_t agents = 10'000;
  for (std::uint64_t id = 1; id <= agents; ++id)
    table.offer({id, {"agent" + std::to_string(id)}, profile_of({"do0"}, {"Area " + std::to_string(id)}), {}, 1}, true);
  const auto claims = table.open({"e"}, 0, {{1, 0, {"do0", "Area 7777", {}}}});
  REQUIRE_EQ(claims.size(), 1);
  CHECK_EQ(claims.front().agent.value, "agent7777");
  CHECK_EQ(table.waiting_count(), agents - 1);
  CHECK(table.open({"e"}, 0, {{2, 0, {"do0", "Area 7777", {}}}}).empty());
  CHECK_EQ(table.waiting_count(), agents - 1);
}

TEST_CASE("what is gone is forgotten") {
  match_table table;
  const auto who = profile_of({"*"});
  table.open({huge}, 0, leaves_of(2'000, 1));
  for (std::uint64_t id = 1; id <= 1'000; ++id) {
    const execution_id passing{"passing" + std::to_string(id)};
    table.open(passing, 0, {{1, 0, {"cook", "Role " + passing.value, {}}}, {2, 0, {"cook", "Other", {}}}});
    table.offer({id, {"ann"}, who, {}, 1}, false);
    table.close(passing, {1, 2});
    CHECK_LE(table.execution_count(), 3);
    CHECK_EQ(table.class_count(), 1);
  }
}

}  // namespace planexe::tests
