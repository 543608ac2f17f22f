// Snapshots carry a state without its plan on to the same state, or are refused and change nothing.
#include <doctest/doctest.h>

#include "eventstore/codec.hpp"
#include "tests/eventstore/samples.hpp"

namespace planexe::eventstore {
namespace {

using namespace testing;

// The sample's dependency, of a child on its parent, is there to be stored; no order follows from it.
std::shared_ptr<domain::plan> plan_of(std::size_t tasks) {
  auto plan = std::make_shared<domain::plan>(*sample_plan());
  plan->dependencies.clear();
  plan->tasks.resize(tasks, plan->tasks.back());
  for (std::size_t i = 0; i < tasks; ++i) plan->tasks[i].id = {"t" + std::to_string(i)};
  return plan;
}

domain::execution_state created() {
  domain::execution_state state;
  auto graph = domain::plan_graph::build(plan_of(2), domain::sequencing::phased);
  REQUIRE(graph);
  state.graph = *graph;
  state.tasks.resize(state.graph->size());
  return state;
}

domain::execution_state random_state(std::uint64_t seed) {
  domain::execution_state state = created();
  std::mt19937_64 random(seed);
  randomize(random, state);
  return state;
}

void check_same(const domain::execution_state& a, const domain::execution_state& b) {
  CHECK(a.status == b.status);
  CHECK(a.status_message == b.status_message);
  CHECK(a.version == b.version);
  CHECK(a.title == b.title);
  CHECK(a.agent == b.agent);
  CHECK(a.priority == b.priority);
  CHECK(a.options == b.options);
  CHECK(a.begun == b.begun);
  CHECK(a.created_at == b.created_at);
  CHECK(a.updated_at == b.updated_at);
  CHECK(a.started_at == b.started_at);
  CHECK(a.completed_at == b.completed_at);
  CHECK(a.deadline_at == b.deadline_at);
  CHECK(a.tasks == b.tasks);
  CHECK(a.stages == b.stages);
  CHECK(a.leaves_complete == b.leaves_complete);
  CHECK(a.leaves_skipped == b.leaves_skipped);
  CHECK(a.blocking == b.blocking);
  CHECK(a.effort_done == b.effort_done);
  CHECK(a.held == b.held);
  CHECK(a.origin == b.origin);
  CHECK(a.standstills == b.standstills);
}

TEST_CASE("a snapshot carries the created state on to the one it was taken of") {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    CAPTURE(seed);
    const domain::execution_state state = random_state(seed);
    const std::string bytes = encode_snapshot(state);
    domain::execution_state carried = created();
    REQUIRE(decode_snapshot(bytes, carried));
    check_same(carried, state);
    CHECK(carried.graph != nullptr);
    CHECK(encode_snapshot(carried) == bytes);
  }
}

TEST_CASE("a snapshot carries what has been taken apart since the execution was created") {
  using namespace domain;
  auto plan = plan_of(2);
  plan->tasks[1].decomposition_confidence = 1;
  execution_state state;
  evolve(state, execution_created{plan, "Baked", {}, 0, {}}, {1, {}});
  execution_state carried = state;
  auto parts = std::make_shared<decomposition>();
  for (const char* id : {"t1.1", "t1.2"}) {
    new_subtask part;
    part.definition.id = {id};
    part.definition.title = id;
    if (!parts->subtasks.empty()) part.depends_on = {{"t1.1"}};
    parts->subtasks.push_back(std::move(part));
  }
  evolve(state, subtasks_added{{"t1"}, {}, parts}, {2, {}});
  auto deeper = std::make_shared<decomposition>(*parts);
  deeper->subtasks.resize(1);
  deeper->subtasks[0].definition.id = {"t1.1.1"};
  evolve(state, subtasks_added{{"t1.1"}, {}, deeper}, {3, {}});
  REQUIRE(state.tasks.size() == 5);

  REQUIRE(decode_snapshot(encode_snapshot(state), carried));
  check_same(carried, state);
  CHECK(carried.graph->plan() == state.graph->plan());
  CHECK(carried.grafts.size() == 2);
  CHECK(encode_snapshot(carried) == encode_snapshot(state));
}

TEST_CASE("a snapshot with any byte changed or cut is refused and changes nothing") {
  const std::string bytes = encode_snapshot(random_state(7));
  domain::execution_state state = created();
  const std::string before = encode_snapshot(state);
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    std::string damaged = bytes;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x20);
    REQUIRE_FALSE(decode_snapshot(damaged, state));
    REQUIRE_FALSE(decode_snapshot(bytes.substr(0, at), state));
  }
  CHECK(encode_snapshot(state) == before);
}

TEST_CASE("a snapshot of another plan's execution is refused") {
  const std::string bytes = encode_snapshot(random_state(3));
  SUBCASE("no plan at all") {
    domain::execution_state none;
    const auto refused = decode_snapshot(bytes, none);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::corrupt);
  }
  for (const std::size_t tasks : {std::size_t{1}, std::size_t{3}}) {
    CAPTURE(tasks);
    auto graph = domain::plan_graph::build(plan_of(tasks), domain::sequencing::phased);
    REQUIRE(graph);
    domain::execution_state other;
    other.graph = *graph;
    CHECK_FALSE(decode_snapshot(bytes, other));
  }
}

}  // namespace
}  // namespace planexe::eventstore
