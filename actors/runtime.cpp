#include "actors/runtime.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <future>
#include <thread>

#include "actors/archivist.hpp"
#include "actors/committer.hpp"
#include "actors/environment.hpp"
#include "actors/keyring.hpp"
#include "actors/matcher.hpp"
#include "actors/noticing.hpp"
#include "actors/notifier.hpp"
#include "actors/projector.hpp"
#include "actors/safety_switch.hpp"
#include "actors/supervisor.hpp"
#include "actors/timers.hpp"
#include "projections/replay.hpp"

namespace planexe::actors {
namespace {

class actor_config : public caf::actor_system_config {
 public:
  explicit actor_config(std::size_t wanted) {
    const std::size_t threads = wanted > 0 ? wanted : std::max(1U, std::thread::hardware_concurrency() / 2);
    add_message_types<caf::id_block::planexe>();
    set("scheduler.max-threads", threads);
    // Work sharing wakes a sleeping thread at once; work stealing would poll, and sleep for up to 10 ms.
    set("scheduler.policy", caf::atom("sharing"));
    // So many messages an actor handles before others get a turn.
    set("scheduler.max-throughput", std::size_t{64});
  }
};

/// These actors have no successor: without one of them nothing works, so its unplanned end is the process's.
template <class Handle>
void end_with(environment& env, const Handle& actor, const std::string& name) {
  caf::actor_cast<caf::abstract_actor*>(actor)->attach_functor([&env, name](const caf::error& reason) {
    if (reason && reason != caf::exit_reason::user_shutdown)
      env.on_storage_failure({errc::io, "the " + name + " ended: " + env.system.render(reason)});
  });
}

}  // namespace

struct runtime::impl {
  impl(const runtime_options& options, eventstore::event_log& log, eventstore::derived_store& derived,
       const clock& time, id_source& ids)
      : config(options.threads),
        system(config),
        views(log, derived, options.review_threshold),
        env(system,
            {.agent_timeout = options.agent_timeout,
             .poll_after_seconds = options.poll_after_seconds,
             .keep_executions_for = options.keep_executions_for,
             .notifies_server = options.notifies_server,
             .delivery = options.delivery},
            log, derived, time, ids) {
    env.send_notification = options.send_notification;
    env.prepare_archive = options.prepare_archive;
    if (options.disk) env.disk = options.disk;
  }

  actor_config config;
  caf::actor_system system;
  read_side views;
  environment env;
  survivors known;  ///< what was there before the start
  notifier_start beginning;
  bool stopped = false;
};

result<std::unique_ptr<runtime>> runtime::start(const runtime_options& options, eventstore::event_log& log,
                                                eventstore::derived_store& derived, const clock& time, id_source& ids,
                                                std::function<void(const error&)> on_storage_failure) {
  auto content = std::make_unique<impl>(options, log, derived, time, ids);
  auto& env = content->env;
  if (auto started = content->views.runner.start(); !started) return unexpected{started.error()};
  env.on_storage_failure = std::move(on_storage_failure);
  env.on_recovered = [] {};
  open_views(env, content->views);
  auto known = survivors_in(content->views);  // before the projector has them
  if (!known) return unexpected{known.error()};
  content->known = std::move(*known);
  auto beginning = notifier_start_of(env, content->views);
  if (!beginning) return unexpected{beginning.error()};
  content->beginning = std::move(*beginning);
  const auto thrown = projections::replay_switch(log);
  if (!thrown) return unexpected{thrown.error()};
  if (thrown->on) env.stop_board.pause(thrown->reason);
  const auto keys = projections::replay_keys(log);
  if (!keys) return unexpected{keys.error()};
  auto& system = content->system;
  env.notifier = system.spawn(notifier, &env, &content->views);
  env.projector = system.spawn(projector, &env, &content->views);
  log.subscribe(
      [projector = env.projector](const batch_ptr& batch) { caf::anon_send(projector, commit_atom_v, batch); });
  env.committer = system.spawn<caf::detached>(committer, &env);
  env.matcher = system.spawn(matcher, &env);
  env.timers = system.spawn(timers, &env);
  env.safety_switch = system.spawn(safety_switch, &env, *thrown);
  env.keyring = system.spawn(keyring, &env, *keys);
  env.archivist = system.spawn<caf::detached>(archivist, &env, &content->views);
  end_with(env, env.notifier, "notifier");
  end_with(env, env.projector, "projector");
  end_with(env, env.committer, "committer");
  end_with(env, env.matcher, "matcher");
  end_with(env, env.timers, "timers");
  end_with(env, env.safety_switch, "safety switch");
  end_with(env, env.keyring, "keyring");
  end_with(env, env.archivist, "archivist");
  return std::unique_ptr<runtime>{new runtime{std::move(content)}};
}

runtime::runtime(std::unique_ptr<impl> content) : impl_(std::move(content)) {}
runtime::~runtime() {
  stop();
}

void runtime::recover(std::function<void()> on_recovered) {
  auto& env = impl_->env;
  env.on_recovered = std::move(on_recovered);
  caf::anon_send(env.notifier, start_atom_v, std::make_shared<notifier_start>(std::move(impl_->beginning)));
  env.supervisor = impl_->system.spawn(supervisor, &env, impl_->known);
  caf::anon_send(env.supervisor, start_atom_v);
  caf::anon_send(env.archivist, start_atom_v);
}

void runtime::stop() {
  if (std::exchange(impl_->stopped, true)) return;
  auto& env = impl_->env;
  env.directory.close();
  // An empty item is settled after everything that was queued before it. One that is dropped, because the disk has
  // failed, breaks the promise, which ends the wait as well.
  auto flushed = std::make_shared<std::promise<void>>();
  auto durable = flushed->get_future();
  auto item = std::make_shared<commit_item>();
  item->on_durable = [flushed] { flushed->set_value(); };
  flushed.reset();
  caf::anon_send(env.committer, append_atom_v, std::move(item));
  durable.wait();
  caf::anon_send_exit(env.timers, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(env.matcher, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(env.notifier, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(env.safety_switch, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(env.keyring, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(env.archivist, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(env.committer, caf::exit_reason::user_shutdown);
  if (env.supervisor) caf::anon_send_exit(env.supervisor, caf::exit_reason::user_shutdown);
  caf::anon_send(env.projector, stop_atom_v);
  impl_->system.await_all_actors_done();
  env.committer = committer_actor{};
  env.matcher = matcher_actor{};
  env.timers = timers_actor{};
  env.safety_switch = safety_switch_actor{};
  env.keyring = keyring_actor{};
  env.archivist = archivist_actor{};
  env.projector = projector_actor{};
  env.notifier = notifier_actor{};
  env.supervisor = supervisor_actor{};
}

environment& runtime::parts() {
  return impl_->env;
}
read_side& runtime::views() {
  return impl_->views;
}

}  // namespace planexe::actors
