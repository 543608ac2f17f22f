#include "actors/committer.hpp"

#include <numeric>

#include "actors/environment.hpp"

namespace planexe::actors {
namespace {

using pointer = committer_actor::stateful_pointer<committer_state>;

std::size_t size_of(const eventstore::append_request& append) {
  return std::accumulate(append.bytes.begin(), append.bytes.end(), std::size_t{0},
                         [](std::size_t sum, const std::string& bytes) { return sum + bytes.size(); });
}

bool builds_on_a_refused_step(const commit_item& item) {
  return item.writer && item.writer->refused;
}

/// A step that was decided on a state which never came to be is dropped, whatever became of it: so is its answer.
void settle(const commit_item& item, const eventstore::append_outcome& outcome) {
  if (builds_on_a_refused_step(item)) return;
  if (outcome.committed) {
    if (item.on_durable) item.on_durable();
    if (item.writer) --item.writer->under_way;
  } else {
    if (item.writer) item.writer->refused = true;
    item.on_conflict();
  }
}

void note(commit_figures& figures, std::size_t steps, std::chrono::steady_clock::duration took) {
  figures.batches.fetch_add(1, std::memory_order_relaxed);
  figures.items.fetch_add(steps, std::memory_order_relaxed);
  const auto microseconds = std::chrono::duration_cast<std::chrono::microseconds>(took).count();
  figures.microseconds.fetch_add(static_cast<std::uint64_t>(microseconds), std::memory_order_relaxed);
}

void commit(pointer self, environment& env) {
  auto& state = self->state;
  auto items = std::exchange(state.gathered, {});
  state.bytes = 0;
  // The log alone cannot tell these by their versions: another writer's events may have taken the numbers since.
  std::erase_if(items, [](const commit_item_ptr& item) { return builds_on_a_refused_step(*item); });
  if (state.failed || items.empty()) return;
  std::vector<eventstore::append_request> batch;
  std::vector<bool> writes;
  for (const auto& item : items) {
    writes.push_back(!item->append.events.empty() || !item->append.answers.empty());
    if (writes.back()) batch.push_back(std::move(item->append));
  }
  const auto finish = [&](const std::vector<eventstore::append_outcome>& outcomes) {
    std::size_t next = 0;
    for (std::size_t i = 0; i < items.size(); ++i)
      settle(*items[i], writes[i] ? outcomes[next++] : eventstore::append_outcome{.committed = true});
  };
  if (batch.empty()) return finish({});
  const auto began = std::chrono::steady_clock::now();
  const auto steps = batch.size();
  env.log.append(std::move(batch), [&](result<std::vector<eventstore::append_outcome>> outcomes) {
    if (outcomes) {
      note(env.commits, steps, std::chrono::steady_clock::now() - began);
      return finish(*outcomes);
    }
    state.failed = true;
    env.on_storage_failure(outcomes.error());
  });
}

}  // namespace

committer_actor::behavior_type committer(pointer self, environment* env) {
  return {
      [self, env](append_atom, const commit_item_ptr& item) {
        auto& state = self->state;
        if (state.failed) return;
        state.bytes += size_of(item->append);
        state.gathered.push_back(item);
        const auto& settings = env->settings;
        if (state.bytes >= settings.batch_bytes || state.gathered.size() >= settings.batch_items)
          commit(self, *env);
        else if (!std::exchange(state.commit_sent, true))
          self->send(self, commit_atom_v);
      },
      [self, env](commit_atom) {
        self->state.commit_sent = false;
        commit(self, *env);
      },
  };
}

}  // namespace planexe::actors
