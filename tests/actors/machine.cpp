#include "tests/actors/machine.hpp"

#include "domain/execution_status.hpp"
#include "projections/replay.hpp"

namespace planexe::tests {

using namespace eventstore;

machine::machine() {
  disk.subscribe([this](const std::shared_ptr<const committed_batch>& batch) {
    for (const auto& listener : listeners) listener(batch);
  });
}

actors::archive_preparer archive_preparer_of(machine& on) {
  return [&on](const domain::execution_id& id) -> result<actors::archive_step> {
    const auto stream = projections::stream_of(id);
    const auto head = on.disk.head_of(stream);
    REQUIRE(head);
    if (head->version == 0) return unexpected{error{errc::not_found, "no execution '" + id.value + "'"}};
    if (head->archived) return unexpected{error{errc::archived, "the execution is archived already"}};
    const auto replayed = projections::replay_execution(on.disk, *on.derived, id);
    REQUIRE(replayed);
    const auto& state = replayed->state;
    if (!state.completed_at) return unexpected{error{errc::conflict, "the execution is not over"}};
    auto events = on.disk.read_stored(stream, 0, SIZE_MAX);
    REQUIRE(events);
    on.archive->put(stream, std::move(*events));
    auto planned = on.disk.plan_retirement(stream, domain::sha256_digest{7});
    REQUIRE(planned);
    return actors::archive_step{{.execution = id,
                                 .title = state.title,
                                 .status = std::string(domain::name_of(state.status)),
                                 .events = state.version,
                                 .created_at = state.created_at,
                                 .finished_at = *state.completed_at},
                                std::make_shared<const retirement>(std::move(*planned))};
  };
}

void disk_port::unplug() {
  unplugged_ = true;
  on_.listeners.clear();
}

void disk_port::append(std::vector<append_request> batch, append_done done) {
  if (unplugged_) return done(unexpected{error{errc::io, "the process is dead"}});
  std::vector<std::size_t> sizes;
  for (const auto& request : batch) sizes.push_back(request.events.size());
  appends_.push_back(std::move(sizes));
  if (fails_at_ && appends_.size() >= *fails_at_)
    done(unexpected{error{errc::io, "the disk is gone"}});
  else
    on_.disk.append(std::move(batch), std::move(done));
}

result<std::vector<domain::event_record>> disk_port::read_stream(const domain::stream_id& stream,
                                                                 std::uint64_t after_seq,
                                                                 eventstore::read_limit limit) const {
  return on_.disk.read_stream(stream, after_seq, limit);
}
result<std::vector<eventstore::stored_event>> disk_port::read_stored(const domain::stream_id& stream,
                                                                     std::uint64_t after_seq,
                                                                     eventstore::read_limit limit) const {
  return on_.disk.read_stored(stream, after_seq, limit);
}
result<std::vector<eventstore::listed_stream>> disk_port::list_streams(std::uint64_t after, std::size_t limit) const {
  return on_.disk.list_streams(after, limit);
}
result<std::vector<domain::event_record>> disk_port::read_all(std::uint64_t after_position,
                                                              eventstore::read_limit limit) const {
  return on_.disk.read_all(after_position, limit);
}
result<stream_head> disk_port::head_of(const domain::stream_id& stream) const {
  return on_.disk.head_of(stream);
}
result<log_head> disk_port::head() const {
  return on_.disk.head();
}
result<std::optional<kept_answer>> disk_port::find_answer(const std::string& key, domain::timestamp now) const {
  return on_.disk.find_answer(key, now);
}

result<void> disk_port::save_snapshot(const domain::stream_id& stream, const snapshot& taken) {
  if (unplugged_) return {};
  return on_.derived->save_snapshot(stream, taken);
}
result<std::optional<derived_store::snapshot>> disk_port::load_snapshot(const domain::stream_id& stream) const {
  return on_.derived->load_snapshot(stream);
}
result<void> disk_port::write_view(const view_write& write) {
  if (unplugged_) return {};
  return on_.derived->write_view(write);
}
result<derived_store::view_rows> disk_port::load_view(const std::string& view) const {
  return on_.derived->load_view(view);
}

}  // namespace planexe::tests
