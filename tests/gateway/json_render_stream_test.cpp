// The messages of streams. The proof that a live view is true: under random histories, whoever begins with a snapshot
// and takes the rows of each update holds after every batch what a whole read gives.
#include <doctest/doctest.h>

#include <map>

#include "gateway/json/render_execution.hpp"
#include "gateway/json/render_stream.hpp"
#include "tests/domain/random_walk.hpp"
#include "tests/gateway/json_fixtures.hpp"

namespace planexe::gateway {

using namespace tests;

namespace {

constexpr std::size_t most_tasks = 24;

/// A task's members that move, out of what a read of all tasks gives.
json moving_part(const json& task) {
  json part;
  for (const char* name :
       {"task_id", "status", "ready", "waiting_for", "attempt", "max_attempts", "assignee_role", "agent_id",
        "progress_percent", "human_review_required", "error", "started_at", "completed_at"})
    if (task.contains(name)) part[name] = task[name];
  if (task.contains("result") || task.value("has_result", false)) part["has_result"] = true;
  // Each hand-out of work of the same kind puts it off, without a word about those that wait.
  if (part.contains("waiting_for") && part["waiting_for"]["kind"] == "agent") part["waiting_for"].erase("wake_at");
  return part;
}

json fixed_part(const json& task) {
  json part;
  for (const char* name :
       {"parent_id", "level", "title", "description", "action", "params", "prerequisites", "estimate", "timeout_hours",
        "retry_policy", "priority", "agent_executable", "decomposition_confidence", "autonomy_tier"})
    if (task.contains(name)) part[name] = task[name];
  return part;
}

/// What a dashboard knows of tasks.
class reader {
 public:
  void begin(const json& tasks) {
    known_.clear();
    for (const auto& task : tasks) known_[task.at("task_id")] = task;
  }
  void take(const json& update) {
    for (const auto& row : update.at("tasks")) {
      auto& known = known_[row.at("task_id")];
      json fixed = row.contains("title") ? fixed_part(row) : fixed_part(known);
      known = moving_part(row);
      known.update(fixed);
    }
  }
  /// Names the first task of which it knows something else than `tasks`.
  std::string difference(const json& tasks) const {
    if (tasks.size() != known_.size()) return std::to_string(known_.size()) + " tasks";
    for (const auto& task : tasks) {
      const auto found = known_.find(task.at("task_id"));
      if (found == known_.end()) return "no task " + task.at("task_id").dump();
      if (moving_part(found->second) != moving_part(task))
        return moving_part(found->second).dump() + " is " + moving_part(task).dump();
      if (fixed_part(found->second) != fixed_part(task))
        return fixed_part(found->second).dump() + " is " + fixed_part(task).dump();
    }
    return {};
  }

 private:
  std::map<std::string, json> known_;
};

/// An execution under random commands, in random batches.
class walk {
 public:
  explicit walk(std::uint64_t seed) : roll_(seed), source_(roll_) {
    play(domain::create_execution{
        .source = random_plan(roll_, most_tasks), .options = random_options(roll_), .start = roll_.chance(50)});
    batch_.clear();
  }

  const domain::execution_state& state() const { return state_; }
  /// Plays some commands; gives their events as one batch.
  std::vector<domain::event_record> next_batch() {
    batch_.clear();
    for (auto commands = 1 + roll_.below(4); commands > 0; --commands) {
      now_ += domain::seconds(roll_.below(3'000));
      play(source_.draw(state_));
    }
    return batch_;
  }
  json tasks() const {
    return rendered([&](std::string& out) { render_task_list(out, state_, now_, 0, state_.graph->size(), {}); });
  }

 private:
  void play(const domain::execution_command& command) {
    for (const auto& event : domain::decide(state_, command, now_).events) apply(event);
    while (const auto event = domain::settle(state_)) apply(*event);
  }
  void apply(domain::execution_event event) {
    if (auto* done = std::get_if<domain::task_complete>(&event); done != nullptr && !done->output_json.empty())
      done->output_json = json(done->output_json).dump();  // the walk's own is a mere word
    domain::event_record record;
    record.seq = state_.version + 1;
    domain::evolve(state_, event, {record.seq, now_});
    record.payload = event;
    batch_.push_back(std::move(record));
  }

  dice roll_;
  command_source source_;
  domain::execution_state state_;
  domain::timestamp now_ = first_moment();
  std::vector<domain::event_record> batch_;
};

json update_of(const domain::execution_state& state, const projections::task_changes& changes) {
  return rendered([&](std::string& out) { render_update_message(out, {"e1"}, state, changes, {}); });
}

}  // namespace

TEST_CASE("whoever takes the rows of every update holds what a whole read gives") {
  std::size_t grown = 0, rows = 0, all = 0;
  for (std::uint64_t seed = 1; seed <= walks(150); ++seed) {
    CAPTURE(seed);
    walk walked(seed);
    projections::change_tracker tracker(walked.state());
    reader told;
    told.begin(walked.tasks());
    for (int batch = 0; batch < 80; ++batch) {
      CAPTURE(batch);
      const auto records = walked.next_batch();
      std::vector<const domain::event_record*> events;
      for (const auto& record : records) events.push_back(&record);
      const auto changes = tracker.after(events, walked.state());
      const auto update = update_of(walked.state(), changes);
      CHECK(update.contains("structure") == changes.structure);
      grown += changes.structure ? 1 : 0;
      rows += update.at("tasks").size();
      all += walked.state().graph->size();
      told.take(update);
      REQUIRE(told.difference(walked.tasks()) == "");
    }
  }
  CHECK(grown > 0);
  CHECK(rows < all);
}

TEST_CASE("whoever comes back takes every row and holds what a whole read gives") {
  for (std::uint64_t seed = 1; seed <= walks(30); ++seed) {
    CAPTURE(seed);
    walk walked(seed);
    reader told;
    told.begin(walked.tasks());
    for (int batch = 0; batch < 40; ++batch) walked.next_batch();
    told.take(update_of(walked.state(), projections::every_task(walked.state())));
    REQUIRE(told.difference(walked.tasks()) == "");
  }
}

TEST_CASE("an update carries what the execution carries") {
  live_execution live;
  live.run(domain::queue_execution{});
  live.assign("t1.a");
  const auto whole = rendered([&](std::string& out) { render_execution(out, live.id, live.state, live.now()); });
  const auto update = update_of(live.state, {});
  CHECK(update["type"] == "execution_update");
  CHECK(update["seq"] == live.state.version);
  CHECK(update["timestamp"] == whole["updated_at"]);
  for (const char* name : {"execution_id", "status", "status_message", "version", "progress", "agents", "priority",
                           "started_at", "updated_at", "deadline_at"})
    CHECK(update[name] == whole[name]);
  CHECK(update["attention"] == whole["blockers"].size());
  CHECK(update["blockers"] == !whole["blockers"].empty());
  CHECK(update["waiting_for_people"] == live.state.in(domain::leaf_stage::reviewing));
  CHECK(update["tasks"].empty());
}

TEST_CASE("the other messages of a stream") {
  live_execution live;
  live.run(domain::queue_execution{});
  live.assign("t1.a");
  const auto expiry = [&](const domain::agent_id&) { return std::optional{live.now()}; };
  const auto snapshot =
      rendered([&](std::string& out) { render_snapshot_message(out, live.id, live.state, live.now(), expiry); });
  CHECK(snapshot ==
        json{{"type", "snapshot"},
             {"seq", live.state.version},
             {"execution", rendered([&](std::string& out) { render_execution(out, live.id, live.state, live.now()); })},
             {"tasks", rendered([&](std::string& out) { render_task_tree(out, live.state, live.now(), expiry); })}});
  CHECK(rendered([](std::string& out) { render_caught_up_message(out, 7); }) ==
        json{{"type", "caught_up"}, {"seq", 7}});
  CHECK(rendered([](std::string& out) { render_resync_message(out, "slow"); }) ==
        json{{"type", "resync"}, {"reason", "slow"}});
}

}  // namespace planexe::gateway
