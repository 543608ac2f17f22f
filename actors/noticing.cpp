#include "actors/noticing.hpp"

#include <algorithm>
#include <charconv>

#include "actors/environment.hpp"
#include "actors/read_side.hpp"

namespace planexe::actors {
namespace {

using records_span = std::span<const domain::event_record>;

constexpr std::size_t catch_up_chunk = 1'000;  // events read at a time
const std::string looked_view = "notifier.1";
const std::string looked_key = "position";

/// Adds what one step of an execution gives.
result<void> notice_step(records_span step, read_side& views, bool notifies_server, notices& found) {
  if (step.front().metadata.inherited) return {};  // told of where it happened
  const bool notable = std::any_of(step.begin(), step.end(),
                                   [](const domain::event_record& record) { return is_notable(record.payload); });
  if (!notable) return {};
  const auto state = views.executions.peek(domain::execution_id{step.front().stream.id});
  if (!state) return unexpected{state.error()};
  if (*state == nullptr) return {};  // its events do not begin with its creation: a damaged log is told of elsewhere
  for (auto& content : domain::notifications_of(**state, step)) {
    domain::agent_id own_target;
    if (!content.to.empty() && !address_of(views, {content.to}).empty()) own_target = {content.to};
    if (own_target.empty() && !notifies_server) continue;
    const auto position = step.front().position + (content.last_seq - step.front().seq);
    found.queued.push_back({0, position, std::move(own_target), std::move(content)});
  }
  return {};
}

/// Nothing: nobody has looked yet.
result<std::optional<std::uint64_t>> looked_position(const eventstore::derived_store& derived) {
  const auto view = derived.load_view(looked_view);
  if (!view) return unexpected{view.error()};
  for (const auto& [key, text] : view->rows) {
    std::uint64_t position = 0;
    const auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), position);
    if (key == looked_key && problem == std::errc{} && end == text.data() + text.size()) return std::optional{position};
  }
  return std::optional<std::uint64_t>{};
}

/// Whether the step of the log's event `last` goes on behind it.
result<bool> goes_on(const eventstore::event_log& log, const domain::event_record& last) {
  const auto next = log.read_all(last.position, 1);
  if (!next) return unexpected{next.error()};
  if (next->empty()) return false;
  const domain::event_record both[] = {last, next->front()};
  return domain::steps_of(both).size() == 1;
}

/// Adds what the log gives after `found.through`.
result<void> catch_up(const environment& env, read_side& views, std::uint64_t end, notices& found) {
  const eventstore::read_limit usual{catch_up_chunk};
  auto limit = usual;
  while (found.through < end) {
    const auto chunk = env.log.read_all(found.through, limit);
    if (!chunk) return unexpected{chunk.error()};
    if (chunk->empty()) return {};
    auto steps = domain::steps_of(*chunk);
    const auto is_cut = goes_on(env.log, chunk->back());
    if (!is_cut) return unexpected{is_cut.error()};
    if (*is_cut && steps.size() == 1) {
      limit = {limit.events * 2, limit.bytes * 2};
      continue;
    }
    if (*is_cut) steps.pop_back();
    for (const auto& step : steps)
      if (auto noticed = notice_step(step, views, env.settings.notifies_server, found); !noticed) return noticed;
    found.through = steps.back().back().position;
    limit = usual;
  }
  return {};
}

}  // namespace

result<notices> notices_in(records_span records, read_side& views, bool notifies_server) {
  notices found;
  if (records.empty()) return found;
  found.through = records.back().position;
  for (const auto& step : domain::steps_of(records))
    if (auto noticed = notice_step(step, views, notifies_server, found); !noticed) return unexpected{noticed.error()};
  return found;
}

std::string address_of(const read_side& views, const domain::agent_id& agent) {
  const auto* row = views.agents.row(agent);
  if (row == nullptr || row->state.standing == domain::agent_standing::retired) return {};
  return row->state.profile.webhook_url;
}

result<void> keep_looked_position(eventstore::derived_store& derived, std::uint64_t position) {
  eventstore::derived_store::view_write write;
  write.view = looked_view;
  write.checkpoint = position;
  write.puts.emplace_back(looked_key, std::to_string(position));
  return derived.write_view(write);
}

result<notifier_start> notifier_start_of(environment& env, read_side& views) {
  notifier_start beginning{.outbox = views.notifications.outbox(), .looked = 0, .missed = {}};
  if (!env.send_notification) return beginning;
  const auto head = env.log.head();
  if (!head) return unexpected{head.error()};
  const auto kept = looked_position(env.derived);
  if (!kept) return unexpected{kept.error()};
  const auto queued = beginning.outbox.last_position;
  if (*kept || queued > 0) {
    beginning.looked = std::min(head->position, std::max(kept->value_or(0), queued));
  } else {
    // At once, so that a crash after the first event that matters finds the place before it.
    beginning.looked = head->position;
    if (auto noted = keep_looked_position(env.derived, beginning.looked); !noted) return unexpected{noted.error()};
  }
  beginning.missed.through = beginning.looked;
  if (auto caught_up = catch_up(env, views, head->position, beginning.missed); !caught_up)
    return unexpected{caught_up.error()};
  return beginning;
}

}  // namespace planexe::actors
