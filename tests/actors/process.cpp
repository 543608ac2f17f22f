#include "tests/actors/process.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/send.hpp>
#include <doctest/doctest.h>

#include "actors/archivist.hpp"
#include "actors/committer.hpp"
#include "actors/execution_fork.hpp"
#include "actors/keyring.hpp"
#include "actors/matcher.hpp"
#include "actors/noticing.hpp"
#include "actors/notifier.hpp"
#include "actors/projector.hpp"
#include "actors/safety_switch.hpp"
#include "actors/supervisor.hpp"
#include "actors/timers.hpp"
#include "domain/execution_status.hpp"
#include "eventstore/codec.hpp"
#include "projections/replay.hpp"

namespace planexe::tests {

using namespace actors;

namespace {

struct scripted_config : caf::actor_system_config {
  scripted_config() {
    add_message_types<caf::id_block::planexe>();
    set("scheduler.policy", caf::atom("testing"));
  }
};

template <class Id, class State>
class recorded_reply final : public command_reply<Id, State> {
 public:
  explicit recorded_reply(std::shared_ptr<told<State>> told) : told_(std::move(told)) {}
  ~recorded_reply() override { told_->dropped = !told_->delivered; }

  std::optional<eventstore::kept_answer> prepare(const Id&, const State& state,
                                                 const command_outcome& outcome) override {
    told_->prepared = true;
    told_->outcome = outcome;
    told_->state = std::make_shared<const State>(state);
    return std::nullopt;
  }
  void deliver() override {
    told_->delivered = true;
    if (told_->on_delivered) told_->on_delivered();
  }

 private:
  std::shared_ptr<told<State>> told_;
};

/// Notices when a poll's answer function goes without having been called.
struct poll_watch {
  std::shared_ptr<tests::polled> polled;
  ~poll_watch() { polled->dropped = !polled->answer; }
};

bool is_a(caf::resumable* job, std::string_view kind) {
  const auto* actor = dynamic_cast<caf::local_actor*>(job);
  return actor != nullptr && actor->name() == kind;
}

}  // namespace

struct process::actor_world {
  actor_world(const runtime_settings& settings, disk_port& disk, const clock& time, id_source& ids)
      : system(config), views(disk, disk, 0.7), env(system, settings, disk, disk, time, ids) {}

  caf::scheduler::test_coordinator& scheduler() {
    return static_cast<caf::scheduler::test_coordinator&>(system.scheduler());
  }

  scripted_config config;
  caf::actor_system system;
  read_side views;
  environment env;
};

process::process(machine& on, process_options options)
    : on_(on),
      disk_(on),
      ids_(options.seed),
      world_(std::make_unique<actor_world>(options.settings, disk_, on.clock, ids_)) {
  world_->env.send_notification = std::move(options.send_notification);
  world_->env.prepare_archive = std::move(options.prepare_archive);
  REQUIRE(world_->views.runner.start());
  spawn();
}

// As runtime::start does it, but with the committer among the scheduled actors.
void process::spawn() {
  auto& env = world_->env;
  env.on_storage_failure = [this](const error& why) { failures_.push_back(why); };
  env.on_recovered = [this] { recovered_ = true; };
  open_views(env, world_->views);
  const auto thrown = projections::replay_switch(disk_);
  REQUIRE(thrown);
  if (thrown->on) env.stop_board.pause(thrown->reason);
  auto& system = world_->system;
  env.notifier = system.spawn(notifier, &env, &world_->views);
  env.projector = system.spawn(projector, &env, &world_->views);
  disk_.subscribe(
      [projector = env.projector](const batch_ptr& batch) { caf::anon_send(projector, commit_atom_v, batch); });
  env.committer = system.spawn(committer, &env);
  env.matcher = system.spawn(matcher, &env);
  env.timers = system.spawn(timers, &env);
  env.safety_switch = system.spawn(safety_switch, &env, *thrown);
  const auto keys = projections::replay_keys(disk_);
  REQUIRE(keys);
  env.keyring = system.spawn(keyring, &env, *keys);
  env.archivist = system.spawn(archivist, &env, &world_->views);
  run();
}

void process::recover() {
  auto beginning = notifier_start_of(world_->env, world_->views);
  REQUIRE(beginning);
  caf::anon_send(world_->env.notifier, start_atom_v, std::make_shared<notifier_start>(std::move(*beginning)));
  const auto known = survivors_in(world_->views);
  REQUIRE(known);
  world_->env.supervisor = world_->system.spawn(supervisor, &world_->env, *known);
  caf::anon_send(world_->env.supervisor, start_atom_v);
  caf::anon_send(world_->env.archivist, start_atom_v);
}

process::~process() {
  disk_.unplug();
  auto& env = world_->env;
  const auto kill = [](auto& handle) {
    if (handle) caf::anon_send_exit(handle, caf::exit_reason::user_shutdown);
    handle = std::decay_t<decltype(handle)>{};
  };
  kill(env.timers);
  kill(env.safety_switch);
  kill(env.keyring);
  kill(env.archivist);
  kill(env.matcher);
  kill(env.notifier);
  kill(env.supervisor);
  kill(env.projector);
  kill(env.committer);
  env.directory.close();
  run();
  world_->scheduler().trigger_timeouts();
  run();
}

told_of_execution process::ask(const std::string& execution, domain::execution_command command, ask_options options) {
  auto told = std::make_shared<tests::told<domain::execution_state>>();
  told->on_delivered = std::move(options.on_delivered);
  auto request = std::make_shared<execution_request>();
  request->command = std::move(command);
  request->actor = std::move(options.actor);
  request->causation_id = std::move(options.causation_id);
  request->expected_version = options.expected_version;
  request->reply = std::make_unique<recorded_reply<domain::execution_id, domain::execution_state>>(told);
  env().directory.tell(domain::execution_id{execution}, command_atom_v, std::move(request));
  return told;
}

told_of_execution process::fork(const std::string& origin, std::uint64_t at_seq, const std::string& fork,
                                const domain::fork_execution& wanted, ask_options options) {
  auto source = read_fork_source(disk_, {origin}, at_seq);
  REQUIRE_MESSAGE(source, source.error().detail);
  auto told = std::make_shared<tests::told<domain::execution_state>>();
  told->on_delivered = std::move(options.on_delivered);
  append_fork(env(), std::move(*source), wanted, {fork}, options.actor,
              std::make_unique<recorded_reply<domain::execution_id, domain::execution_state>>(told));
  return told;
}

told_of_agent process::ask_agent(const std::string& agent, domain::agent_command command, ask_options options) {
  auto told = std::make_shared<tests::told<domain::agent_state>>();
  told->on_delivered = std::move(options.on_delivered);
  auto request = std::make_shared<agent_request>();
  request->command = std::move(command);
  request->actor = std::move(options.actor);
  request->reply = std::make_unique<recorded_reply<domain::agent_id, domain::agent_state>>(told);
  env().directory.tell(domain::agent_id{agent}, command_atom_v, std::move(request));
  return told;
}

std::shared_ptr<told<domain::api_key>> process::change_key(domain::key_command command) {
  auto told = std::make_shared<tests::told<domain::api_key>>();
  auto request = std::make_shared<key_request>();
  request->command = std::move(command);
  request->actor = "person";
  request->reply = std::make_unique<recorded_reply<std::string, domain::api_key>>(told);
  caf::anon_send(env().keyring, command_atom_v, std::move(request));
  return told;
}

std::shared_ptr<told<domain::execution_archived>> process::archive(const std::string& execution) {
  auto told = std::make_shared<tests::told<domain::execution_archived>>();
  auto request = std::make_shared<archive_request>();
  request->execution.value = execution;
  request->actor = "person";
  request->reply = std::make_unique<recorded_reply<domain::execution_id, domain::execution_archived>>(told);
  caf::anon_send(env().archivist, command_atom_v, std::move(request));
  return told;
}

std::shared_ptr<told<domain::switch_state>> process::throw_switch(bool on, std::string reason) {
  auto told = std::make_shared<tests::told<domain::switch_state>>();
  auto request = std::make_shared<switch_request>();
  request->command = {on, std::move(reason)};
  request->actor = "person";
  request->reply = std::make_unique<recorded_reply<std::monostate, domain::switch_state>>(told);
  caf::anon_send(env().safety_switch, command_atom_v, std::move(request));
  return told;
}

std::shared_ptr<polled> process::poll(const std::string& agent, poll_options options) {
  auto polled = std::make_shared<tests::polled>();
  auto request = std::make_shared<poll_request>();
  request->wait = options.wait;
  request->limit = options.limit;
  request->request_id = std::move(options.request_id);
  request->supported_actions = std::move(options.supported_actions);
  request->answer = [watch = std::make_shared<poll_watch>(polled)](auto answer) {
    watch->polled->answer = std::move(answer);
    if (watch->polled->on_answer) watch->polled->on_answer();
  };
  env().directory.tell(domain::agent_id{agent}, poll_atom_v, std::move(request));
  return polled;
}

void process::run() {
  world_->scheduler().run();
}

std::size_t process::busy() const {
  return world_->scheduler().jobs.size();
}

std::size_t process::population() const {
  return world_->system.registry().running();
}

void process::step(std::size_t which) {
  auto& jobs = world_->scheduler().jobs;
  std::rotate(jobs.begin(), jobs.begin() + static_cast<std::ptrdiff_t>(which), jobs.end());
  world_->scheduler().run_once();
}

void process::run_without_commits() {
  world_->scheduler().run_jobs_filtered([](caf::resumable* job) { return !is_a(job, "committer"); });
}

void process::run_only(std::string_view kind) {
  world_->scheduler().run_jobs_filtered([&](caf::resumable* job) { return is_a(job, kind); });
}

void process::pass(domain::milliseconds span) {
  on_.clock.advance(span);
  // The actors' ticks run on CAF's own clock, of which no more than one tick need pass.
  constexpr domain::milliseconds longest_tick{100};
  world_->scheduler().advance_time(std::max(longest_tick, env().settings.tick));
}

void process::wait(domain::milliseconds span) {
  pass(span);
  run();
  // One deadline may set another one that has come as well: a retry that is due, an idle actor that goes.
  constexpr int rounds = 4;
  for (int i = 0; i < rounds; ++i) {
    pass(domain::milliseconds{0});
    run();
  }
}

environment& process::env() {
  return world_->env;
}
read_side& process::views() {
  return world_->views;
}

std::string polled::tasks() const {
  std::string text;
  if (!answer || !*answer) return text;
  for (const auto& work : (*answer)->tasks)
    text += (text.empty() ? "" : " ") + work->graph->task(work->task).id.value + "#" + std::to_string(work->attempt);
  return text;
}

const domain::work_item& polled::task(std::size_t i) const {
  REQUIRE(answer);
  REQUIRE(*answer);
  REQUIRE_GT((*answer)->tasks.size(), i);
  return *(*answer)->tasks[i];
}

bool polled::is_empty() const {
  return answer && *answer && (*answer)->tasks.empty() && (*answer)->revoked.empty() && !(*answer)->force_pause &&
         !(*answer)->force_cancel;
}

std::vector<domain::event_record> events_of(const machine& on, const domain::stream_id& stream) {
  auto events = on.disk.read_stream(stream, 0, SIZE_MAX);
  REQUIRE(events);
  return std::move(*events);
}

std::vector<std::string> event_types(const machine& on, const std::string& execution) {
  std::vector<std::string> types;
  for (const auto& record : events_of(on, {domain::stream_kind::execution, execution}))
    types.emplace_back(eventstore::type_name(record.payload));
  return types;
}

std::string events_after(const machine& on, const std::string& execution, std::size_t from) {
  std::string text;
  const auto types = event_types(on, execution);
  for (std::size_t i = from; i < types.size(); ++i) text += (i > from ? " " : "") + types[i];
  return text;
}

domain::report_header report_on(const domain::work_item& work, const std::string& agent) {
  return {{agent}, work.graph->task(work.task).id, work.lease_token};
}

domain::register_agent able_to(std::vector<std::string> actions, std::uint32_t max_concurrent) {
  domain::agent_profile profile;
  profile.name = "an agent";
  profile.max_concurrent_tasks = max_concurrent;
  for (auto& action : actions) profile.capabilities.push_back({std::move(action), {}});
  return {std::move(profile)};
}

}  // namespace planexe::tests
