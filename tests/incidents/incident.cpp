#include "tests/incidents/incident.hpp"

#include <filesystem>
#include <string>

#include "domain/execution_status.hpp"
#include "domain/explain.hpp"
#include "projections/replay.hpp"
#include "records/load.hpp"

namespace planexe::tests {
namespace {

void check_task(const domain::execution_state& state, const task_row& was) {
  INFO("task ", was.id);
  const auto task = state.graph->find({was.id});
  REQUIRE(task != domain::no_task);
  const auto& leaf = state.tasks[task];
  const auto why = domain::explain(state, task, state.updated_at).chain;
  CHECK_EQ(domain::name_of(domain::summarize(state, task).status), was.status);
  CHECK_EQ(leaf.attempt, was.attempt);
  CHECK_EQ(leaf.lease ? leaf.lease->agent.value : "", was.holder);
  CHECK_EQ(why.empty() ? "" : domain::name_of(why.front().kind), was.why);
}

}  // namespace

void replay_incident(const char* test_file, const char* record_file, const char* execution,
                     std::span<const moment> moments, std::span<const task_row> tasks) {
  const auto path = std::filesystem::path(test_file).replace_filename(record_file).string();
  const auto log = records::load(path);
  REQUIRE_MESSAGE(log, path, ": ", log.error().detail);
  const auto stream = projections::stream_of(domain::execution_id{execution});
  const auto events = (*log)->read_stream(stream, 0, SIZE_MAX);
  REQUIRE(events);
  REQUIRE_EQ(events->size(), moments.size());
  domain::execution_state state;
  for (std::size_t i = 0; i < moments.size(); ++i) {
    const auto& event = (*events)[i];
    INFO("seq ", event.seq);
    domain::evolve(state, std::get<domain::execution_event>(event.payload), {event.seq, event.metadata.recorded_at});
    CHECK_EQ(state.version, moments[i].seq);
    CHECK_EQ(domain::name_of(state.status), moments[i].status);
    if (*moments[i].task.id != '\0') check_task(state, moments[i].task);
  }
  CHECK_EQ(state.graph->size(), tasks.size());
  for (const auto& row : tasks) check_task(state, row);
}

}  // namespace planexe::tests
