// What needs somebody's attention, over all executions: the list of blockers, and a person's inbox.
#include <algorithm>

#include "domain/execution_status.hpp"
#include "domain/requirement.hpp"
#include "gateway/actor_bridge/core.hpp"
#include "gateway/actor_bridge/pages.hpp"
#include "gateway/json/parse_query.hpp"
#include "gateway/json/render_execution.hpp"
#include "gateway/json/writer.hpp"

namespace planexe::gateway {
namespace {

using domain::execution_state;
using domain::leaf_stage;
using domain::task_index;
using row_list = std::vector<const projections::execution_row*>;

/// Where a list of blockers was cut: behind which execution, or behind which task of it.
struct blocker_place {
  std::string execution;  ///< its place in the list of executions
  domain::task_id task;   ///< empty: all of its blockers have been listed
};

std::string cursor_of(const blocker_place& place) {
  return place.execution + '\0' + place.task.value;
}

/// Nothing when the text is no place.
std::optional<blocker_place> place_of(const std::string& cursor) {
  const auto cut = cursor.rfind('\0');
  if (cut == std::string::npos) return std::nullopt;
  return blocker_place{cursor.substr(0, cut), {cursor.substr(cut + 1)}};
}

bool asks_for_attention(const projections::execution_row& row) {
  return row.blockers && !domain::is_final(row.status);
}

/// Calls `use(row, state)` for each execution that asks for attention, newest first, until it is false.
template <class Use>
result<void> each_with_blockers(projections::execution_views& executions, const row_list& rows, Use&& use) {
  for (const auto* row : rows) {
    if (!asks_for_attention(*row)) continue;
    const auto state = executions.peek(row->id);
    if (!state) return unexpected{state.error()};
    if (!use(*row, **state)) return {};
  }
  return {};
}

void list_blockers(actor_bridge::core& core, std::uint32_t limit, const std::optional<blocker_place>& after,
                   const request_head& head, responder& to) {
  std::string text, next;
  json_writer writer{text};
  writer.begin_array();
  auto room = limit;
  blocker_place last;
  const auto done = each_with_blockers(core.views.executions, core.views.executions.rows(),
                                       [&](const projections::execution_row& row, const execution_state& state) {
                                         const auto place = newest_first(row.created_at, row.id.value);
                                         const bool cut_here = after && after->execution == place;
                                         if (after && (cut_here ? after->task.empty() : place < after->execution))
                                           return true;
                                         const auto page = append_blockers(writer, row.id, state,
                                                                           cut_here ? after->task : domain::task_id{},
                                                                           room, [](task_index) { return true; });
                                         if (page.written > 0) last = {place, page.last};
                                         room -= page.written;
                                         if (page.more) next = cursor_of(last);
                                         return !page.more;
                                       });
  if (!done) return to.fail(to_problem(done.error()));
  writer.end_array();
  to.send(page_response(head, std::move(text), next));
}

/// Whether a person should hear of a blocker: it is in an execution or a task of their own, it was escalated to them,
/// or it is work of one of their roles. Somebody without roles, or with the role "*", hears of all.
bool concerns(const projections::agent_row& agent, const execution_state& state, task_index leaf) {
  const auto& roles = agent.state.profile.roles;
  if (const auto& pinned = domain::pinned_agent_of(state, leaf); !pinned.empty()) return pinned == agent.id;
  const auto is_mine = [&](const std::string& role) {
    return std::any_of(roles.begin(), roles.end(),
                       [&](const std::string& mine) { return mine == "*" || domain::roles_agree(mine, role); });
  };
  if (const auto level = state.tasks[leaf].escalation.level; level > 0) {
    const auto& to = domain::escalation_target(state.options, level);
    if (to == agent.id.value || to == agent.state.profile.name || (!to.empty() && is_mine(to))) return true;
  }
  return roles.empty() || is_mine(domain::role_of(state, leaf));
}

/// Adds what is ready of an execution and the agent could take; the number of those.
std::uint32_t append_available(json_writer& writer, const projections::agent_row& agent, const domain::execution_id& id,
                               const execution_state& state, std::uint32_t room) {
  std::uint32_t written = 0;
  if (!domain::hands_out(state)) return written;
  for (const auto leaf : state.graph->leaves()) {
    if (written == room) break;
    if (state.tasks[leaf].stage != leaf_stage::ready) continue;
    const auto reason = domain::reason_to_take(domain::requirement_of(state, leaf), agent.id, agent.state.profile, {});
    if (!reason) continue;
    writer.begin_object();
    writer.member("execution_id", id);
    writer.member("execution_title", state.title);
    writer.member("task_id", state.definition(leaf).id);
    writer.member("title", state.definition(leaf).title);
    writer.member("since", state.tasks[leaf].since);
    writer.member("reason", *reason);
    writer.end_object();
    ++written;
  }
  return written;
}

result<void> append_held(json_writer& writer, actor_bridge::core& core, const projections::agent_row& agent) {
  writer.key("held");
  writer.begin_array();
  for (const auto& held : agent.held) {
    const auto state = core.views.executions.peek(held.execution);
    if (!state) return unexpected{state.error()};
    const auto task = *state ? (*state)->graph->find(held.task) : domain::no_task;
    if (task == domain::no_task) continue;
    writer.begin_object();
    writer.member("execution_id", held.execution);
    writer.member("execution_title", (*state)->title);
    writer.member("task_id", held.task);
    writer.member("title", (*state)->definition(task).title);
    writer.member("since", held.since);
    writer.optional_member("lease_expires_at", core.lease_expiry(agent.id));
    writer.end_object();
  }
  writer.end_array();
  return {};
}

result<void> append_inbox(json_writer& writer, actor_bridge::core& core, const projections::agent_row& agent,
                          std::uint32_t limit) {
  const auto rows = core.views.executions.rows();
  if (auto held = append_held(writer, core, agent); !held) return held;
  bool more = false;
  auto room = limit;
  writer.key("decisions");
  writer.begin_array();
  const auto done = each_with_blockers(
      core.views.executions, rows, [&](const projections::execution_row& row, const execution_state& state) {
        const auto page = append_blockers(writer, row.id, state, {}, room,
                                          [&](task_index leaf) { return concerns(agent, state, leaf); });
        room -= page.written;
        more = page.more;
        return !more;
      });
  if (!done) return done;
  writer.end_array();
  writer.member("more_decisions", more);
  room = limit;
  writer.key("available");
  writer.begin_array();
  auto index = core.views.timers.rows();
  if (!index) return unexpected{index.error()};
  for (const auto& each : *index) {
    if (room == 0) break;
    if (!each.has_work) continue;
    const auto state = core.views.executions.peek(each.execution);
    if (!state) return unexpected{state.error()};
    room -= append_available(writer, agent, each.execution, **state, room);
  }
  writer.end_array();
  return {};
}

}  // namespace

void actor_bridge::core::bind_attention(router& routes) {
  bind(routes, "list_blockers", [this](const request& request, responder answer) {
    query_reader query{request};
    const auto limit = query.limit();
    const auto cursor = query.cursor();
    if (const auto wrong = query.failure()) return answer.fail(*wrong);
    const auto after = cursor ? place_of(*cursor) : std::nullopt;
    if (cursor && !after) return answer.fail(foreign_cursor());
    read([this, limit, after, head = head_of(request), to = std::make_shared<responder>(std::move(answer))] {
      list_blockers(*this, limit, after, head, *to);
    });
  });
  bind(routes, "get_inbox", [this](const request& request, responder answer) {
    query_reader query{request};
    const auto limit = query.limit();
    if (const auto wrong = query.failure()) return answer.fail(*wrong);
    const domain::agent_id id{std::string(request.param("agent_id"))};
    read([this, limit, id, to = std::make_shared<responder>(std::move(answer))] {
      const auto* agent = views.agents.row(id);
      if (agent == nullptr) return to->fail(no_such("agent", id.value));
      std::string text;
      json_writer writer{text};
      writer.begin_object();
      writer.member("agent_id", id);
      if (const auto done = append_inbox(writer, *this, *agent, limit); !done)
        return to->fail(to_problem(done.error()));
      writer.end_object();
      to->send(json_response(200, std::move(text)));
    });
  });
}

}  // namespace planexe::gateway
