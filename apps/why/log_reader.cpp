#include "apps/why/log_reader.hpp"

#include "eventstore/rocksdb_store.hpp"
#include "gateway/json/render_agent.hpp"
#include "gateway/json/render_comparison.hpp"
#include "gateway/json/render_execution.hpp"
#include "gateway/json/render_why.hpp"
#include "projections/agent_views.hpp"
#include "projections/execution_views.hpp"
#include "projections/replay.hpp"

#include "archive/archive_folder.hpp"

namespace planexe::asking {
namespace {

/// The stored view, and what the log has after it.
result<void> load(projections::projection& view, const eventstore::rocksdb_store& store) {
  constexpr std::size_t chunk = 1'000;  // events read at a time
  const auto stored = store.load_view(std::string(view.name()));
  if (!stored) return unexpected{stored.error()};
  const auto head = store.head();
  if (!head) return unexpected{head.error()};
  std::uint64_t position = stored->checkpoint;
  if (position > head->position || !view.restore(*stored)) {
    view.reset();
    position = 0;
  }
  while (position < head->position) {
    const auto events = store.read_all(position, chunk);
    if (!events) return unexpected{events.error()};
    if (events->empty()) break;
    for (const auto& event : *events)
      if (auto applied = view.apply(event); !applied) return applied;
    position = events->back().position;
  }
  return {};
}

result<projections::replayed_execution> replayed(const eventstore::rocksdb_store& store, const domain::execution_id& id,
                                                 std::optional<std::uint64_t> at_seq) {
  const auto head = store.head_of(projections::stream_of(id));
  if (!head) return unexpected{head.error()};
  if (head->version == 0) return unexpected{error{errc::not_found, "no execution '" + id.value + "'"}};
  if (at_seq && (*at_seq == 0 || *at_seq > head->version))
    return unexpected{error{errc::not_found, "the execution has events 1 to " + std::to_string(head->version)}};
  return projections::replay_execution(store, store, id, at_seq.value_or(head->version));
}

result<std::vector<gateway::agent_facts>> agents_in(const eventstore::rocksdb_store& store) {
  projections::agent_views agents;
  if (auto loaded = load(agents, store); !loaded) return unexpected{loaded.error()};
  std::vector<gateway::agent_facts> facts;
  for (const auto* row : agents.listed()) {
    gateway::agent_facts known{.id = row->id, .profile = row->state.profile, .holds = row->held.size()};
    if (row->state.standing != domain::agent_standing::active) known.status = domain::name_of(row->state.standing);
    facts.push_back(std::move(known));
  }
  return facts;
}

}  // namespace

log_reader::log_reader(std::unique_ptr<const eventstore::rocksdb_store> store) : store_(std::move(store)) {}
log_reader::log_reader(log_reader&&) noexcept = default;
log_reader& log_reader::operator=(log_reader&&) noexcept = default;
log_reader::~log_reader() = default;

result<log_reader> log_reader::open(const std::string& folder) {
  auto store = eventstore::rocksdb_store::open_to_read(
      folder, {.archive = std::make_shared<const archive::archive_folder>(archive::folder_in(folder))});
  if (!store) return unexpected{store.error()};
  return log_reader{std::move(*store)};
}

result<std::string> log_reader::why(const domain::execution_id& id, const domain::task_id& task,
                                    std::optional<std::uint64_t> at_seq, domain::timestamp now) const {
  const auto found = replayed(*store_, id, at_seq);
  if (!found) return unexpected{found.error()};
  const auto& state = found->state;
  const auto index = task.empty() ? domain::no_task : state.graph->find(task);
  if (!task.empty() && index == domain::no_task)
    return unexpected{error{errc::not_found, "no task '" + task.value + "'"}};
  std::string text;
  if (at_seq) {
    gateway::render_why(text, id, state, index, state.updated_at, nullptr);
    return text;
  }
  const auto agents = agents_in(*store_);
  if (!agents) return unexpected{agents.error()};
  gateway::render_why(text, id, state, index, now, &*agents);
  return text;
}

result<std::string> log_reader::execution(const domain::execution_id& id, domain::timestamp now) const {
  const auto found = replayed(*store_, id, std::nullopt);
  if (!found) return unexpected{found.error()};
  std::string text;
  gateway::render_execution(text, id, found->state, now);
  return text;
}

result<std::string> log_reader::comparison(const domain::execution_id& here, const domain::execution_id& there,
                                           domain::timestamp now) const {
  const auto one = replayed(*store_, here, std::nullopt), other = replayed(*store_, there, std::nullopt);
  if (!one) return unexpected{one.error()};
  if (!other) return unexpected{other.error()};
  std::string text;
  gateway::render_comparison(text, {here, one->state, now}, {there, other->state, now});
  return text;
}

result<std::string> log_reader::executions(std::size_t limit) const {
  projections::execution_views views(*store_, *store_);
  if (auto loaded = load(views, *store_); !loaded) return unexpected{loaded.error()};
  std::vector<projections::execution_row> rows;
  for (const auto* row : views.rows())
    if (rows.size() < limit) rows.push_back(*row);
  std::string text;
  gateway::render_execution_rows(text, rows);
  return text;
}

}  // namespace planexe::asking
