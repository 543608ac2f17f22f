#include "archive/archiving.hpp"

#include "domain/execution_status.hpp"
#include "eventstore/codec.hpp"
#include "projections/replay.hpp"

namespace planexe::archive {
namespace {

std::string as_text(const domain::sha256_digest& digest) {
  return {digest.begin(), digest.end()};
}

}  // namespace

result<leave_taking> prepare(const eventstore::event_log& log, const eventstore::derived_store& derived,
                             const archive_folder& folder, const records::rendering& shown,
                             const domain::execution_id& id) {
  const auto stream = projections::stream_of(id);
  const auto head = log.head_of(stream);
  if (!head) return unexpected{head.error()};
  if (head->version == 0) return unexpected{error{errc::not_found, "no execution '" + id.value + "'"}};
  if (head->archived) return unexpected{error{errc::archived, "the execution is archived already"}};
  const auto replayed = projections::replay_execution(log, derived, id, head->version);
  if (!replayed) return unexpected{replayed.error()};
  const auto& state = replayed->state;
  if (!state.exists() || !(domain::is_final(state.status) || state.status == domain::execution_status::failed))
    return unexpected{error{errc::conflict, "the execution is " + std::string(domain::name_of(state.status)) +
                                                "; what is COMPLETED, FAILED or CANCELLED can be archived"}};
  const auto file = folder.write(log, stream, shown);
  if (!file) return unexpected{file.error()};
  auto planned = log.plan_retirement(stream, file->digest);
  if (!planned) return unexpected{planned.error()};
  if (planned->head.version != head->version || file->events != head->version)
    return unexpected{error{errc::conflict, "the execution goes on"}};
  leave_taking ready;
  ready.what = {.execution = id,
                .title = state.title,
                .status = std::string(domain::name_of(state.status)),
                .events = head->version,
                .first_position = planned->entry.first_position,
                .last_position = planned->entry.last_position,
                .head_hash = as_text(head->hash),
                .file_digest = as_text(file->digest),
                .created_at = state.created_at,
                .finished_at = state.completed_at.value_or(state.updated_at)};
  ready.retires = std::make_shared<const eventstore::retirement>(std::move(*planned));
  return ready;
}

eventstore::append_request request_of(const leave_taking& ready, std::uint64_t version,
                                      const domain::event_metadata& metadata) {
  eventstore::append_request request;
  request.stream = projections::archive_stream();
  request.expected_version = version;
  domain::event stored{domain::system_event{ready.what}};
  request.bytes.push_back(eventstore::encode(stored, metadata));
  request.events.push_back({request.stream, version + 1, 0, metadata, std::move(stored), {}});
  request.retires = ready.retires;
  return request;
}

result<domain::execution_archived> archive_execution(eventstore::event_log& log,
                                                     const eventstore::derived_store& derived,
                                                     const archive_folder& folder, const records::rendering& shown,
                                                     const domain::execution_id& id,
                                                     const domain::event_metadata& metadata) {
  auto ready = prepare(log, derived, folder, shown, id);
  if (!ready) return unexpected{ready.error()};
  const auto before = log.head_of(projections::archive_stream());
  if (!before) return unexpected{before.error()};
  std::vector<eventstore::append_request> batch;
  batch.push_back(request_of(*ready, before->version, metadata));
  result<void> done = unexpected{error{errc::io, "the log did not answer"}};
  log.append(std::move(batch), [&done](const result<std::vector<eventstore::append_outcome>>& outcomes) {
    if (!outcomes)
      done = unexpected{outcomes.error()};
    else if (!outcomes->front().committed)
      done = unexpected{error{errc::conflict, "the execution goes on"}};
    else
      done = result<void>{};
  });
  if (!done) return unexpected{done.error()};
  return std::move(ready->what);
}

}  // namespace planexe::archive
