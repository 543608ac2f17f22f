#include "actors/plan_import.hpp"

#include <caf/send.hpp>

#include "actors/environment.hpp"
#include "eventstore/codec.hpp"
#include "projections/replay.hpp"

namespace planexe::actors {

void import_plan(environment& env, std::shared_ptr<const domain::plan> plan, const std::string& actor,
                 std::unique_ptr<plan_reply> reply) {
  const domain::event_metadata metadata{.recorded_at = env.time.now(), .actor = actor};
  auto item = std::make_shared<commit_item>();
  auto& append = item->append;
  append.stream = projections::stream_of(plan->id);
  domain::event stored{domain::plan_event{domain::plan_imported{plan}}};
  append.bytes.push_back(eventstore::encode(stored, metadata));
  append.events.push_back({append.stream, 1, 0, metadata, std::move(stored), {}});
  std::shared_ptr<plan_reply> shared = std::move(reply);
  const command_outcome outcome{
      .rejection = {}, .first_seq = 1, .recorded = 1, .recorded_at = metadata.recorded_at, .duplicate_of = {}};
  if (auto kept = shared->prepare(plan->id, *plan, outcome)) append.answers.push_back(std::move(*kept));
  item->on_durable = [shared] { shared->deliver(); };
  item->on_conflict = [] {};  // the id is taken, which drawn ids never are; the dropped reply says 503
  caf::anon_send(env.committer, append_atom_v, std::move(item));
}

}  // namespace planexe::actors
