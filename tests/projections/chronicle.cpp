#include "tests/projections/chronicle.hpp"

#include <doctest/doctest.h>

#include "domain/execution_status.hpp"
#include "eventstore/codec.hpp"
#include "projections/replay.hpp"

namespace planexe::tests {

using namespace domain;

chronicle::chronicle() {
  log.subscribe([this](const auto& batch) { batches.push_back(batch); });
}

void chronicle::append(const stream_id& stream, std::uint64_t version, std::vector<event> events,
                       const std::string& actor) {
  eventstore::append_request request;
  request.stream = stream;
  request.expected_version = version;
  const event_metadata metadata{.recorded_at = now, .actor = actor};
  for (auto& each : events) {
    request.bytes.push_back(eventstore::encode(each, metadata));
    request.events.push_back({stream, ++version, 0, metadata, std::move(each), {}});
  }
  std::vector<eventstore::append_request> batch;
  batch.push_back(std::move(request));
  log.append(std::move(batch), [](const auto& outcomes) {
    REQUIRE(outcomes);
    REQUIRE(outcomes->front().committed);
  });
}

void chronicle::play(const std::string& execution, const execution_command& command, const std::string& actor) {
  auto& state = states_[execution];
  const auto version = state.version;
  std::vector<event> events;
  const auto apply = [&](execution_event next) {
    evolve(state, next, {state.version + 1, now});
    events.emplace_back(std::move(next));
  };
  auto decision = decide(state, command, now);
  for (auto& next : decision.events) apply(std::move(next));
  if (!events.empty())
    while (auto next = settle(state)) apply(std::move(*next));
  if (!events.empty())
    append(projections::stream_of(execution_id{execution}), version, std::move(events), actor);
  else if (!state.exists())
    states_.erase(execution);
}

void chronicle::play_agent(const std::string& agent, const agent_command& command) {
  auto& state = agents_[agent];
  const auto version = state.version;
  std::vector<event> events;
  for (auto& next : decide(state, command).events) {
    evolve(state, next, {state.version + 1, now});
    events.emplace_back(std::move(next));
  }
  if (!events.empty()) append(projections::stream_of(agent_id{agent}), version, std::move(events), "agent:" + agent);
}

void chronicle::import(std::shared_ptr<const plan> plan) {
  const auto stream = projections::stream_of(plan->id);
  append(stream, 0, {event{plan_event{plan_imported{std::move(plan)}}}}, "person");
}

void chronicle::play_system(const stream_id& stream, system_event event) {
  const auto head = log.head_of(stream);
  REQUIRE(head);
  append(stream, head->version, {domain::event{std::move(event)}}, "system");
}

void chronicle::leave(const std::string& execution) {
  const auto& left = state(execution);
  auto request = eventstore::testing::leaving(log, *archive, projections::stream_of(execution_id{execution}));
  const auto head = log.head_of(projections::archive_stream());
  REQUIRE(head);
  request.expected_version = head->version;
  const event_metadata metadata{.recorded_at = now, .actor = "person"};
  domain::event stored{system_event{execution_archived{.execution = {execution},
                                                       .title = left.title,
                                                       .status = std::string(name_of(left.status)),
                                                       .events = left.version,
                                                       .created_at = left.created_at,
                                                       .finished_at = left.completed_at.value_or(left.updated_at)}}};
  request.bytes.push_back(eventstore::encode(stored, metadata));
  request.events.push_back({request.stream, head->version + 1, 0, metadata, std::move(stored), {}});
  const auto outcomes = eventstore::testing::append(log, {std::move(request)});
  REQUIRE(outcomes);
  REQUIRE(outcomes->front().committed);
  states_.erase(execution);
}

void chronicle::notify_randomly(dice& roll) {
  const auto number = ++notifications_;
  play_system(notification_stream,
              notification_queued{.number = number, .position = 1, .content = {.message = "look"}});
  if (roll.chance(30))
    play_system(notification_stream, notification_failed{number, 1, "no answer", now + seconds(5)});
  else if (roll.chance(50))
    play_system(notification_stream, notification_delivered{number, 1, 200});
  else
    play_system(notification_stream, notification_dead_lettered{number, 9, "gone"});
  if (roll.chance(20)) play_system(projections::switch_stream(), everything_paused{"a fire"});
}

void chronicle::assign(const std::string& execution, const std::string& task, const std::string& agent) {
  const auto& known = state(execution);
  const auto leaf = known.graph->find({task});
  const auto token = task + "-" + std::to_string(known.tasks[leaf].attempt + 1);
  play(execution, assign_task{leaf, {agent}, token, "free"}, "system");
}

void chronicle::play_randomly(dice& roll, int commands) {
  command_source source{roll};
  for (int i = 0; i < commands; ++i) {
    now += milliseconds{roll.below(5'000'000)};
    const auto id = "e" + std::to_string(roll.below(3));
    if (!states_.contains(id))
      play(id, create_execution{.source = random_plan(roll, 9), .options = random_options(roll), .start = true});
    else if (roll.chance(3))
      notify_randomly(roll);
    else if (roll.chance(5))
      play_agent(roll.one_of(std::vector<std::string>{"ann", "bob"}), register_agent{{.name = "an agent"}});
    else
      play(id, source.draw(states_.at(id)), "agent:ann");
  }
}

std::vector<event_record> chronicle::events(const std::string& execution) const {
  auto records = log.read_stream(projections::stream_of(execution_id{execution}), 0, SIZE_MAX);
  REQUIRE(records);
  return std::move(*records);
}

stored_views stored(const eventstore::derived_store& derived) {
  eventstore::memory_store nothing;
  stored_views views;
  projections::view_set all{nothing, nothing, 0.7};
  for (const auto* view : all.in_order()) {
    const std::string name{view->name()};
    auto rows = derived.load_view(name);
    REQUIRE(rows);
    views.emplace(name, std::move(*rows));
  }
  return views;
}

stored_views rebuilt(const eventstore::event_log& log) {
  eventstore::memory_store nothing;
  followed_views views{log, nothing};
  REQUIRE(views.runner.start());
  REQUIRE(views.runner.store());
  return stored(nothing);
}

bool same(const stored_views& a, const stored_views& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const auto& one, const auto& other) {
    return one.first == other.first && one.second.checkpoint == other.second.checkpoint &&
           one.second.rows == other.second.rows;
  });
}

}  // namespace planexe::tests
