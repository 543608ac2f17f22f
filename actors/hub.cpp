#include "actors/hub.hpp"

#include <iterator>

#include "eventstore/event_log.hpp"

namespace planexe::actors {

void hub::follow(const domain::execution_id& id, std::shared_ptr<follower> follower) {
  followers_[id].push_back(std::move(follower));
}

std::unordered_map<domain::execution_id, hub::event_list> hub::followed_in(
    const eventstore::committed_batch& batch) const {
  std::unordered_map<domain::execution_id, event_list> followed;
  if (followers_.empty()) return followed;
  for (const auto& record : batch.events) {
    if (record.stream.kind != domain::stream_kind::execution) continue;
    domain::execution_id id{record.stream.id};
    if (followers_.contains(id)) followed[std::move(id)].push_back(&record);
  }
  return followed;
}

template <class Wants>
void hub::keep(const domain::execution_id& id, Wants&& wants) {
  const auto found = followers_.find(id);
  if (found == followers_.end()) return;
  // Taken out while it is gone through: a follower may let others follow.
  auto told = std::exchange(found->second, {});
  std::erase_if(told, [&](const auto& each) { return !wants(*each); });
  auto& kept = followers_[id];
  kept.insert(kept.begin(), std::move_iterator(told.begin()), std::move_iterator(told.end()));
  if (kept.empty()) followers_.erase(id);
}

void hub::tell(const domain::execution_id& id, const event_list& events, const projections::execution_row& row) {
  keep(id, [&](follower& each) { return each.on_events(events, row); });
}

void hub::tick(domain::timestamp now) {
  std::vector<domain::execution_id> ids;
  ids.reserve(followers_.size());
  for (const auto& [id, followers] : followers_) ids.push_back(id);
  for (const auto& id : ids) keep(id, [&](follower& each) { return each.on_time(now); });
  for (const auto& each : watchers_) each->on_time(now);
}

void hub::clear() {
  // What they hold may be let go only after they are out of reach.
  const auto followers = std::exchange(followers_, {});
  const auto watchers = std::exchange(watchers_, {});
}

}  // namespace planexe::actors
