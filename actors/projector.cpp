#include "actors/projector.hpp"

#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include "actors/environment.hpp"
#include "actors/noticing.hpp"

namespace planexe::actors {
namespace {

using pointer = projector_actor::stateful_pointer<projector_state>;

// How late a long poll may end, and how long what is told of everything is gathered.
constexpr domain::milliseconds follower_tick{50};

/// A view that cannot be carried on would tell lies from here on; only a new start rebuilds it.
void fail(pointer self, environment& env, const error& why) {
  self->state.failed = true;
  spdlog::critical("the views stopped: {}", why.detail);
  env.on_storage_failure(why);
}

/// Says what people are to be told of a batch that has been applied.
void notice(pointer self, environment& env, read_side& views, const eventstore::committed_batch& batch) {
  if (!env.send_notification) return;
  auto found = notices_in(batch.events, views, env.settings.notifies_server);
  if (!found) return fail(self, env, found.error());
  if (!found->queued.empty())
    caf::anon_send(env.notifier, notice_atom_v, std::make_shared<const notices>(std::move(*found)));
}

void store(pointer self, environment& env, read_side& views) {
  if (self->state.failed || views.runner.unstored() == 0) return;
  if (const auto stored = views.runner.store(); !stored) return fail(self, env, stored.error());
  // Behind every notice of what it speaks of.
  if (env.send_notification) caf::anon_send(env.notifier, looked_atom_v, views.runner.position());
}

}  // namespace

void open_views(environment& env, read_side& views) {
  const auto run = [&env](std::function<void()> task) {
    caf::anon_send(env.projector, run_atom_v, std::make_shared<std::function<void()>>(std::move(task)));
  };
  env.ask_for_leases = [&env, &views, run](const domain::agent_id& agent) {
    run([&env, &views, agent] {
      const auto* row = views.agents.row(agent);
      if (row == nullptr) return;
      for (const auto& held : row->held) env.directory.tell(held.execution, restore_atom_v, agent.value);
    });
  };
  env.for_each_live = [&views, run](std::function<void(const domain::execution_id&)> visit) {
    run([&views, visit = std::move(visit)] {
      using enum domain::execution_status;
      for (const auto* row : views.executions.rows())
        if (row->status == queued || row->status == running || row->status == blocked || row->status == paused)
          visit(row->id);
    });
  };
}

projector_actor::behavior_type projector(pointer self, environment* env, read_side* views) {
  self->delayed_send(self, follower_tick, clock_atom_v);
  return {
      [self, env, views](commit_atom, const batch_ptr& batch) {
        if (self->state.failed) return;
        if (const auto applied = views->runner.apply(*batch); !applied) return fail(self, *env, applied.error());
        if (!batch->events.empty()) views->delays.add(env->time.now() - batch->events.back().metadata.recorded_at);
        views->hub.publish(*batch, [views](const auto& id) { return views->executions.row(id); });
        notice(self, *env, *views, *batch);
      },
      [](run_atom, const task_ptr& task) { (*task)(); },
      [self, env, views](clock_atom) {
        const auto now = env->time.now();
        views->hub.tick(now);
        if (now - self->state.stored_at >= env->settings.store_views_every) {
          self->state.stored_at = now;
          store(self, *env, *views);
        }
        self->delayed_send(self, follower_tick, clock_atom_v);
      },
      [self, env, views](stop_atom) {
        store(self, *env, *views);
        views->hub.clear();
        self->quit();
      },
  };
}

}  // namespace planexe::actors
