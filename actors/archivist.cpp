#include "actors/archivist.hpp"

#include <caf/send.hpp>
#include <spdlog/spdlog.h>

#include <algorithm>

#include "actors/environment.hpp"
#include "actors/read_side.hpp"
#include "actors/timers.hpp"
#include "eventstore/codec.hpp"
#include "projections/replay.hpp"

namespace planexe::actors {
namespace {

using pointer = archivist_actor::stateful_pointer<archivist_state>;

constexpr std::size_t most_found = 10'000;  // at one look; bounds memory, the others are found by the next one
const std::string system_actor = "system";

/// What a client is told of what cannot be archived.
domain::rejection rejection_of(const error& why) {
  switch (why.code) {
    case errc::not_found:
      return {domain::rejection_code::not_found, why.detail, {}};
    case errc::conflict:
    case errc::archived:
    case errc::invalid:
      return {domain::rejection_code::invalid_transition, why.detail, {}};
    default:
      return {domain::rejection_code::unavailable, why.detail, {}};
  }
}

/// An answer that goes with no event.
void refuse(environment& env, archive_request& request, const error& why) {
  if (!request.reply) {
    if (why.code != errc::conflict && why.code != errc::archived)
      spdlog::error("execution '{}' is not archived: {}", request.execution.value, why.detail);
    return;
  }
  const std::shared_ptr<archive_reply> reply = std::move(request.reply);
  auto item = std::make_shared<commit_item>();
  item->append.stream = projections::archive_stream();
  const command_outcome outcome{.rejection = rejection_of(why), .recorded_at = env.time.now()};
  if (auto kept = reply->prepare(request.execution, {}, outcome)) item->append.answers.push_back(std::move(*kept));
  item->on_durable = [reply] { reply->deliver(); };
  item->on_conflict = [] {};
  caf::anon_send(env.committer, append_atom_v, std::move(item));
}

// Leaving takes room before it gives room: the file is written first. So it goes on below the reserves, down to a floor
// of its own, which is left for what the server does by itself.
constexpr std::uint64_t megabyte = std::uint64_t{1} << 20;
constexpr std::uint64_t least_floor_bytes = 16 * megabyte;
constexpr std::uint64_t floor_part = 4;  // of the reserve for reports

/// What an execution's file takes at most, about: each event twice, as stored and as shown, the second packed; and what
/// does not pack: its hash, its ids.
constexpr std::uint64_t copies_in_file = 2, bytes_beside = 256;
constexpr std::size_t read_at_once = 100;  // few enough to stop early where each is large

/// Reads no further than to where it is known to be more than `enough`.
result<std::uint64_t> file_estimate(const eventstore::event_log& log, const domain::stream_id& stream,
                                    std::uint64_t enough) {
  std::uint64_t bytes = 0;
  for (std::uint64_t seq = 0; bytes <= enough;) {
    const auto some = log.read_stored(stream, seq, read_at_once);
    if (!some) return unexpected{some.error()};
    if (some->empty()) break;
    for (const auto& event : *some) bytes += event.bytes.size() * copies_in_file + bytes_beside;
    seq = some->back().seq;
  }
  return bytes;
}

/// `errc::too_large` where the disk has no room for the file.
result<void> check_room(const environment& env, const domain::execution_id& execution) {
  const auto& disk = *env.disk;
  const auto free = disk.free_bytes();
  if (free == 0 && disk.takes_new_work()) return {};  // nobody watches it
  const auto stream = projections::stream_of(execution);
  const auto head = env.log.head_of(stream);
  if (!head) return unexpected{head.error()};
  if (head->version == 0 || head->archived) return {};  // whoever would write the file says so
  const auto floor = std::max(least_floor_bytes, disk.reserve().reports_bytes / floor_part);
  const auto usable = free - std::min(floor, free);
  const auto estimate = file_estimate(env.log, stream, usable);
  if (!estimate) return unexpected{estimate.error()};
  if (*estimate <= usable) return {};
  const auto left = disk.takes_new_work()
                        ? "the disk of the data folder has " + std::to_string(free / megabyte) + " MB left"
                        : disk.refusal();
  return unexpected{error{errc::too_large, left + "; to archive this execution takes " +
                                               std::to_string((*estimate + floor) / megabyte + 1) + " MB or more"}};
}

/// What nobody waits for is left for a later look, without a word for each.
void put_off(archivist_state& state, environment& env, archive_request& request, const error& why) {
  if (request.reply || why.code != errc::too_large) return refuse(env, request, why);
  if (!std::exchange(state.lacks_room, true)) spdlog::warn("executions that are over stay for now: {}", why.detail);
}

/// True when an append is under way.
bool archive_one(archivist_state& state, environment& env, archive_request& request) {
  if (auto room = check_room(env, request.execution); !room) {
    put_off(state, env, request, room.error());
    return false;
  }
  state.lacks_room = false;
  auto ready = env.prepare_archive ? env.prepare_archive(request.execution)
                                   : result<archive_step>{unexpected{error{errc::io, "this server has no archive"}}};
  if (!ready) {
    refuse(env, request, ready.error());
    return false;
  }
  const auto before = env.log.head_of(projections::archive_stream());
  if (!before) {
    refuse(env, request, before.error());
    return false;
  }
  const auto at = env.time.now();
  auto item = std::make_shared<commit_item>();
  item->append.stream = projections::archive_stream();
  item->append.expected_version = before->version;
  item->append.retires = ready->retires;
  const domain::event_metadata metadata{.recorded_at = at, .actor = request.actor};
  domain::event stored{domain::system_event{ready->what}};
  item->append.bytes.push_back(eventstore::encode(stored, metadata));
  item->append.events.push_back({item->append.stream, before->version + 1, 0, metadata, std::move(stored), {}});
  const std::shared_ptr<archive_reply> reply = std::move(request.reply);
  if (reply) {
    const command_outcome outcome{.first_seq = before->version + 1, .recorded = 1, .recorded_at = at};
    if (auto kept = reply->prepare(request.execution, ready->what, outcome))
      item->append.answers.push_back(std::move(*kept));
  }
  const auto done = [archivist = env.archivist](bool archived) { caf::anon_send(archivist, settled_atom_v, archived); };
  item->on_durable = [&env, reply, done, what = ready->what] {
    spdlog::info("execution '{}' is archived: {} events", what.execution.value, what.events);
    if (reply) reply->deliver();
    // Whoever has its state in memory forgets it, and refuses what comes.
    env.directory.tell(what.execution, rebuild_atom_v);
    done(true);
  };
  // The execution has gone on, or another one left in the same write: the request, if somebody waits, is told 503.
  item->on_conflict = [done] { done(false); };
  caf::anon_send(env.committer, append_atom_v, std::move(item));
  return true;
}

/// Where nothing leaves by itself, it is only looked for room.
void arm(const archivist_state& state, environment& env) {
  constexpr domain::milliseconds for_room{600'000};
  const auto keep_for = env.settings.keep_executions_for;
  const bool looks = keep_for > domain::milliseconds{0};
  if (!looks && !state.space_waits) return;
  const auto next = env.time.now() + (looks ? look_interval(keep_for) : for_room);
  caf::anon_send(env.timers, arm_atom_v, the_archivist, static_cast<std::int64_t>(next.time_since_epoch().count()));
}

void give_space_back(pointer self, environment& env) {
  auto& state = self->state;
  if (!std::exchange(state.left_space, false)) return;
  const auto reclaimed = env.log.reclaim();
  if (reclaimed) {
    state.space_waits = false;
  } else if (reclaimed.error().code == errc::too_large) {  // it takes room first; a later look tries again
    state.left_space = true;
    if (std::exchange(state.space_waits, true)) return;
    spdlog::warn("{}", reclaimed.error().detail);
    arm(state, env);
  } else {
    spdlog::error("{}", reclaimed.error().detail);
  }
}

void go_on(pointer self, environment& env) {
  auto& state = self->state;
  while (!state.busy && !state.waiting.empty()) {
    const auto next = std::move(state.waiting.front());
    state.waiting.pop_front();
    state.busy = archive_one(state, env, *next);
  }
  if (!state.busy) give_space_back(self, env);
}

/// Asks the projector for what has been over for long enough, the oldest first.
void look(environment& env, const read_side& views) {
  const auto keep_for = env.settings.keep_executions_for;
  if (keep_for <= domain::milliseconds{0} || !env.prepare_archive) return;
  const auto find = [&env, &views, keep_for] {
    const auto now = env.time.now();
    std::vector<std::pair<domain::timestamp, domain::execution_id>> over;
    for (const auto* row : views.executions.rows())
      if (row->completed_at && now - *row->completed_at >= keep_for) over.emplace_back(*row->completed_at, row->id);
    std::sort(over.begin(), over.end());
    if (over.size() > most_found) over.resize(most_found);
    for (const auto& [at, id] : over) {
      auto request = std::make_shared<archive_request>();
      request->execution = id;
      request->actor = system_actor;
      caf::anon_send(env.archivist, command_atom_v, std::move(request));
    }
  };
  caf::anon_send(env.projector, run_atom_v, std::make_shared<std::function<void()>>(find));
}

}  // namespace

domain::milliseconds look_interval(domain::milliseconds keep_for) {
  constexpr domain::milliseconds shortest{200}, longest{3'600'000};
  constexpr int looks = 24;  // in the time that an execution stays: none stays much longer than it should
  return std::clamp(keep_for / looks, shortest, longest);
}

archivist_actor::behavior_type archivist(pointer self, environment* env, const read_side* views) {
  return {
      [self, env, views](start_atom) {
        self->state.left_space = true;  // as the process before may have left it
        go_on(self, *env);
        look(*env, *views);
        arm(self->state, *env);
      },
      [self, env](command_atom, const archive_request_ptr& request) {
        self->state.waiting.push_back(request);
        go_on(self, *env);
      },
      [self, env](settled_atom, bool archived) {
        self->state.busy = false;
        self->state.left_space = self->state.left_space || archived;
        go_on(self, *env);
      },
      [self, env, views](wake_atom) {
        if (!self->state.busy && self->state.waiting.empty()) {
          look(*env, *views);
          give_space_back(self, *env);
        }
        arm(self->state, *env);
      },
  };
}

}  // namespace planexe::actors
