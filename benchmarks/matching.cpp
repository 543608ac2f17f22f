// matching: how long the match table takes for each step that the matcher asks of it, with many agents parked and many
// kinds of work open that none of them can take. Two casts of agents: five hundred different profiles, one in twenty of
// which is a generalist, and as many profiles as agents. One thread, no disk, no network. Prints percentiles in
// microseconds.
//
// usage: matching [AGENTS [EXECUTIONS [STEPS]]]
#include "domain/matching.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace {

using namespace planexe::domain;

constexpr std::size_t kinds_an_execution = 10;
constexpr std::size_t profiles_of_the_mix = 500;
constexpr std::size_t generalists_one_in = 20;
constexpr task_index leaves_at_once = 10'000;
// Half of the actions are those of the work that is open; agents that take any action ask for the other half here, for
// whatever an agent that waits could take would not be open.
const std::vector<std::string> actions{"research", "draft", "review", "visit", "sign", "build"};
const std::vector<std::string> titles{"Engineer", "Specialist", "Coordinator", "Manager", "Lead",
                                      "Analyst",  "Planner",    "Advisor",     "Buyer",   "Inspector"};

struct parked_agent {
  std::string id;
  std::shared_ptr<const agent_profile> profile;
  std::vector<std::string> supported;
  std::uint64_t offer = 0;
};

class stage {
 public:
  stage(std::size_t agents, std::size_t executions, bool all_different) : executions_(executions) {
    for (std::size_t i = 0; i < executions; ++i) {
      std::vector<open_leaf> leaves;
      for (std::size_t k = 0; k < kinds_an_execution; ++k)
        leaves.push_back({static_cast<task_index>(k),
                          0,
                          {actions[3 + k % 3], "Site " + std::to_string(i) + " " + titles[k % titles.size()], {}},
                          static_cast<std::uint32_t>(k)});
      table_.open({"execution-" + std::to_string(i)}, 0, leaves);
    }
    const auto profiles = all_different ? agents : profiles_of_the_mix;
    for (std::size_t i = 0; i < agents; ++i) {
      agents_.push_back(make_agent(i, i % profiles));
      table_.reach({agents_.back().id}, agents_.back().profile);
      park(agents_.back());
    }
    table_.changed_staffing();
  }

  match_table& table() { return table_; }
  std::size_t pick(std::size_t below) { return random_() % below; }
  parked_agent& any_agent() { return agents_[pick(agents_.size())]; }
  void park(parked_agent& agent) {
    agent.offer = ++offers_;
    table_.offer(offer_of(agent), true);
  }
  work_offer offer_of(const parked_agent& agent) {
    return {agent.offer, {agent.id}, agent.profile, agent.supported, 1};
  }
  std::uint64_t next_offer() { return ++offers_; }
  execution_id any_execution() { return {"execution-" + std::to_string(pick(executions_))}; }
  void lose_generalists() {
    for (const auto& agent : agents_)
      if (!agent.supported.empty()) table_.lose({agent.id});
  }

 private:
  parked_agent make_agent(std::size_t number, std::size_t look) {
    agent_profile made;
    made.name = "agent " + std::to_string(number);
    parked_agent agent{"agent-" + std::to_string(number), nullptr, {}, 0};
    if (look % generalists_one_in == 0) {
      made.capabilities.push_back({"*", {}});
      agent.supported = {actions[look % 3], actions[(look + 1) % 3]};
    } else {
      made.capabilities = {{actions[look % 6], {}}, {actions[(look + 2) % 6], {}}};
      made.roles = {"Area " + std::to_string(look) + " " + titles[look % titles.size()]};
    }
    agent.profile = std::make_shared<const agent_profile>(std::move(made));
    return agent;
  }

  match_table table_;
  std::size_t executions_;
  std::vector<parked_agent> agents_;
  std::uint64_t offers_ = 0;
  std::mt19937_64 random_{7};
};

/// `before` and `after` each step are not counted.
void measure(const char* name, std::size_t steps, const std::function<void()>& before,
             const std::function<bool()>& step, const std::function<void()>& after) {
  using clock = std::chrono::steady_clock;
  std::vector<double> times;
  bool sound = true;
  for (std::size_t i = 0; i < steps; ++i) {
    before();
    const auto begin = clock::now();
    const bool as_meant = step();
    const auto end = clock::now();
    sound = sound && as_meant;
    after();
    times.push_back(std::chrono::duration<double, std::micro>(end - begin).count());
  }
  std::sort(times.begin(), times.end());
  const auto at = [&](double fraction) {
    return times[static_cast<std::size_t>(fraction * static_cast<double>(times.size() - 1))];
  };
  std::printf("  %-50s p50 %8.1f  p99 %8.1f  max %8.1f\n", name, at(0.5), at(0.99), times.back());
  if (!sound) {
    std::fprintf(stderr, "matching: %s did not do what it was to do\n", name);
    std::exit(1);
  }
}

void measure_all(std::size_t agents, std::size_t executions, std::size_t steps, bool all_different) {
  stage on{agents, executions, all_different};
  auto& table = on.table();
  std::printf("%zu agents wait (%zu profiles), %zu kinds of work of %zu executions are open\n", table.waiting_count(),
              all_different ? agents : profiles_of_the_mix, table.class_count(), executions);
  const auto nothing = [] {};
  agent_profile rare;
  rare.capabilities = {{"build", {}}};
  rare.roles = {"Rare Keeper"};
  parked_agent keeper{"keeper", std::make_shared<const agent_profile>(rare), {}, 0};
  constexpr task_index fresh = 1'000;
  execution_id where;

  table.reach({keeper.id}, keeper.profile);
  measure(
      "open a leaf that one agent can take", steps,
      [&] {
        on.park(keeper);
        where = on.any_execution();
      },
      [&] {
        const bool taken = table.open(where, 0, {{fresh, 0, {"build", "Rare Keeper", {}}, 99}}).size() == 1;
        table.changed_staffing();
        return taken;
      },
      nothing);
  measure(
      "open a leaf that nobody can take", steps, [&] { where = on.any_execution(); },
      [&] {
        const auto role = "Nobody " + std::to_string(on.pick(1'000)) + " Specialist";
        const bool kept = table.open(where, 0, {{fresh, 0, {"sign", role, {}}, 99}}).empty();
        table.changed_staffing();
        return kept;
      },
      [&] { table.close(where, {fresh}); });
  measure(
      "an offer that finds its leaf", steps,
      [&] {
        table.open(on.any_execution(), 0, {{fresh, 0, {"build", "Rare Keeper", {}}, 99}});
        keeper.offer = on.next_offer();
      },
      [&] { return table.offer(on.offer_of(keeper), true).size() == 1; }, nothing);
  parked_agent* parked = nullptr;
  measure(
      "an offer that parks", steps,
      [&] {
        parked = &on.any_agent();
        table.withdraw(parked->offer);
        parked->offer = on.next_offer();
      },
      [&] { return table.offer(on.offer_of(*parked), true).empty(); }, nothing);
  measure(
      "an offer that is withdrawn", steps, [&] { parked = &on.any_agent(); },
      [&] {
        table.withdraw(parked->offer);
        return true;
      },
      [&] { on.park(*parked); });
  measure(
      "an agent is lost, or reached again", steps, [&] { parked = &on.any_agent(); },
      [&] {
        if (table.reaches({parked->id}))
          table.lose({parked->id});
        else
          table.reach({parked->id}, parked->profile);
        table.changed_staffing();
        return true;
      },
      nothing);
  agent_profile able;
  able.capabilities = {{"*", {}}};
  able.roles = {"Site 1 Planner"};
  const parked_agent generalist{"generalist", std::make_shared<const agent_profile>(able), {}, 0};
  std::vector<work_claim> claims;
  measure(
      "an offer that could have any leaf", steps, nothing,
      [&] {
        claims = table.offer(on.offer_of(generalist), false);
        return claims.size() == 1;
      },
      [&] {
        const auto leaf = claims.front().leaf;
        const auto& execution = claims.front().execution;
        table.open(
            execution, 0,
            {{leaf,
              0,
              {actions[3 + leaf % 3], "Site " + execution.value.substr(10) + " " + titles[leaf % titles.size()], {}},
              static_cast<std::uint32_t>(leaf)}});
      });
  std::vector<open_leaf> many;
  for (task_index i = 0; i < leaves_at_once; ++i)
    many.push_back({i, 0, {"sign", "Nobody " + std::to_string(i % 60), {}}, static_cast<std::uint32_t>(i)});
  const execution_id huge{"huge"};
  measure(
      "an execution opens ten thousand leaves", steps / 100 + 1, nothing,
      [&] { return table.open(huge, 0, many).empty(); },
      [&] {
        std::vector<task_index> all;
        for (const auto& leaf : many) all.push_back(leaf.leaf);
        table.close(huge, all);
      });
  on.lose_generalists();
  measure(
      "the only generalist comes or goes", steps / 10 + 1, nothing,
      [&] {
        if (table.reaches({generalist.id}))
          table.lose({generalist.id});
        else
          table.reach({generalist.id}, generalist.profile);
        table.changed_staffing();
        return true;
      },
      nothing);
}

}  // namespace

int main(int argc, char** argv) {
  const auto number = [&](int place, std::size_t otherwise) {
    return argc > place ? static_cast<std::size_t>(std::strtoull(argv[place], nullptr, 10)) : otherwise;
  };
  const auto agents = number(1, 10'000), executions = number(2, 1'000), steps = number(3, 5'000);
  if (agents == 0 || executions == 0 || steps == 0) {
    std::fprintf(stderr, "usage: matching [AGENTS [EXECUTIONS [STEPS]]]\n");
    return 2;
  }
  measure_all(agents, executions, steps, false);
  measure_all(agents, executions, steps, true);
  return 0;
}
