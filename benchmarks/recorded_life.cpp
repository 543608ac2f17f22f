#include "benchmarks/recorded_life.hpp"

#include <array>
#include <memory>

#include "domain/execution_commands.hpp"
#include "eventstore/codec.hpp"

namespace planexe::benchmarks {
namespace {

using namespace domain;

constexpr std::size_t events_a_leaf = 13;  // handed out, begun, ten steps, done
constexpr std::size_t leaves_a_task = 8, tasks_a_phase = 8;
constexpr std::size_t holders = 8;
constexpr std::size_t events_an_append = 256;
constexpr std::array actions{"research", "write", "review", "build", "test"};
constexpr std::array roles{"Civil Engineer", "Legal Counsel", "Site Manager", "Community Liaison"};

std::shared_ptr<const plan> plan_of(std::size_t leaves) {
  auto made = std::make_shared<plan>();
  made->id = {"plan-of-" + std::to_string(leaves)};
  made->title = "Bring the old harbour back to life";
  made->goal = "The harbour earns its keep again and the town uses its quays every day of the year";
  task_index phase = no_task, task = no_task;
  for (std::size_t leaf = 0; leaf < leaves; ++leaf) {
    const auto next = [&] { return static_cast<task_index>(made->tasks.size()); };
    const auto add = [&](std::string id, task_index parent, task_level level) {
      task_definition node;
      node.id = {std::move(id)};
      node.parent = parent;
      node.level = level;
      node.title = "Make part " + node.id.value + " of the harbour ready for use";
      node.description = "Look at what is there, decide what has to change, and write down what was done and why.";
      node.action = actions[leaf % actions.size()];
      node.assignee_role = roles[leaf % roles.size()];
      made->tasks.push_back(std::move(node));
    };
    if (leaf % (leaves_a_task * tasks_a_phase) == 0) {
      phase = next();
      add("p" + std::to_string(leaf), no_task, task_level::phase);
    }
    if (leaf % leaves_a_task == 0) {
      task = next();
      add("t" + std::to_string(leaf), phase, task_level::task);
    }
    add("s" + std::to_string(leaf), task, task_level::subtask);
  }
  return made;
}

class life {
 public:
  life(eventstore::event_log& log, const execution_id& id) : log_(log), stream_{stream_kind::execution, id.value} {}

  void tell(const execution_command& command, const std::string& actor) {
    now_ += milliseconds{730};
    auto decision = decide(state_, command, now_);
    for (auto& each : decision.events) note(std::move(each), actor);
    while (auto next = settle(state_)) note(std::move(*next), "system");
    if (pending_.events.size() >= events_an_append) write();
  }
  void write() {
    if (pending_.events.empty() || failed_) return;
    std::vector<eventstore::append_request> batch;
    batch.push_back(std::move(pending_));
    pending_ = {};
    log_.append(std::move(batch), [this](const auto& outcomes) {
      if (!outcomes)
        failed_ = outcomes.error();
      else if (!outcomes->front().committed)
        failed_ = error{errc::conflict, "the execution is there already"};
    });
  }
  const execution_state& state() const { return state_; }
  const std::optional<error>& failed() const { return failed_; }

 private:
  void note(execution_event next, const std::string& actor) {
    event_metadata metadata{.recorded_at = now_, .actor = actor};
    metadata.causation_id = "request-5f2c9a70-6c1d-4b7e-" + std::to_string(100'000 + state_.version);
    if (actor != "system") metadata.agent_timestamp = now_ - milliseconds{40};
    evolve(state_, next, {state_.version + 1, now_});
    if (pending_.events.empty()) pending_ = {stream_, state_.version - 1, {}, {}, {}};
    domain::event stored{std::move(next)};
    pending_.bytes.push_back(eventstore::encode(stored, metadata));
    pending_.events.push_back({stream_, state_.version, 0, std::move(metadata), std::move(stored), {}});
  }

  eventstore::event_log& log_;
  stream_id stream_;
  execution_state state_;
  timestamp now_ = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};
  eventstore::append_request pending_;
  std::optional<error> failed_;
};

/// What one of the agents has in hand.
struct held_leaf {
  task_index leaf = no_task;
  report_header report;
  std::size_t steps_left = 0;
};

void hand_out(life& on, held_leaf& hand, std::size_t agent, std::uint64_t number) {
  const auto& state = on.state();
  for (const auto leaf : state.graph->leaves()) {
    if (state.tasks[leaf].stage != leaf_stage::ready) continue;
    const agent_id who{"agent-" + std::to_string(agent)};
    const auto token = "lease-9b2f6c1e77d04a5e8c31-" + std::to_string(1'000'000 + number);
    on.tell(assign_task{leaf, who, token, "the longest idle of those that can do it"}, "system");
    hand = {leaf, {who, state.definition(leaf).id, token}, events_a_leaf - 2};
    return;
  }
}

void go_on(life& on, held_leaf& hand) {
  const auto actor = "agent:" + hand.report.agent.value;
  const auto step = hand.steps_left--;
  if (step == events_a_leaf - 2)
    return on.tell(
        start_task{hand.report,
                   "Reading what the earlier tasks have found, then the soil report, then the letters of the town"},
        actor);
  if (step > 0) {
    const double percent = 100.0 * static_cast<double>(events_a_leaf - 2 - step) / (events_a_leaf - 2);
    return on.tell(
        report_progress{hand.report, percent,
                        "Step " + std::to_string(step) +
                            ": compared the four offers that came in, asked the second bidder for the missing load "
                            "tables, and wrote the open points down for the next meeting"},
        actor);
  }
  on.tell(
      complete_task{
          hand.report,
          R"({"summary":"The part is ready; two open points are left for the next review","files":["report.md"],"cost_eur":1250})",
          "Done, and checked against the list"},
      actor);
  hand.leaf = no_task;
}

}  // namespace

result<void> record_life(eventstore::event_log& log, const domain::execution_id& id, std::size_t events) {
  life on{log, id};
  execution_options options;
  options.review_threshold = 0;
  on.tell(create_execution{.source = plan_of(events / events_a_leaf + 1), .options = options, .start = true}, "person");
  std::array<held_leaf, holders> hands;
  std::uint64_t number = 0;
  while (on.state().version < events && !is_final(on.state().status) && !on.failed())
    for (std::size_t agent = 0; agent < holders; ++agent)
      if (hands[agent].leaf == no_task)
        hand_out(on, hands[agent], agent, ++number);
      else
        go_on(on, hands[agent]);
  on.write();
  if (on.failed()) return unexpected{*on.failed()};
  return {};
}

}  // namespace planexe::benchmarks
