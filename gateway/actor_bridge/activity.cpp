// What happened lately, over everything.
#include <charconv>

#include "gateway/actor_bridge/asked_state.hpp"
#include "gateway/actor_bridge/pages.hpp"
#include "gateway/json/render_activity.hpp"

namespace planexe::gateway {
namespace {

struct wanted_activity {
  std::uint32_t limit = 0;
  std::uint64_t before = UINT64_MAX;  ///< position
  domain::execution_id execution;
  domain::agent_id agent;
  std::string_view type;  ///< empty: any
};

expected<wanted_activity, problem> parse_wanted(const request& request) {
  const auto types = projections::activity_types();
  query_reader query{request};
  wanted_activity wanted;
  wanted.limit = query.limit();
  const auto after = query.cursor();
  wanted.execution = query.id<domain::execution_id>("execution_id");
  wanted.agent = query.id<domain::agent_id>("agent_id");
  if (const auto type = query.word("type", types)) wanted.type = types[*type];
  if (auto wrong = query.failure()) return unexpected{std::move(*wrong)};
  if (!after) return wanted;
  const auto [end, unread] = std::from_chars(after->data(), after->data() + after->size(), wanted.before);
  if (unread != std::errc{} || end != after->data() + after->size()) return unexpected{foreign_cursor()};
  return wanted;
}

bool is_wanted(const projections::activity_row& row, const wanted_activity& wanted) {
  return (wanted.execution.empty() || row.execution == wanted.execution) &&
         (wanted.agent.empty() || row.agent == wanted.agent) && (wanted.type.empty() || row.event_type == wanted.type);
}

}  // namespace

void actor_bridge::core::bind_activity(router& routes) {
  bind(routes, "list_activity", [this](const request& request, responder answer) {
    const auto wanted = parse_wanted(request);
    if (!wanted) return answer.fail(wanted.error());
    read([this, wanted = *wanted, head = head_of(request), to = share(std::move(answer))] {
      const auto rows = views.activity.rows();
      if (!rows) return to->fail(to_problem(rows.error()));
      std::vector<projections::activity_row> page;
      std::string next;
      for (auto row = (*rows)->rbegin(); row != (*rows)->rend() && next.empty(); ++row) {
        if (row->position >= wanted.before || !is_wanted(*row, wanted)) continue;
        if (page.size() == wanted.limit)
          next = std::to_string(page.back().position);
        else
          page.push_back(*row);
      }
      work([page = std::move(page), next, head, to] {
        std::string text;
        render_activity(text, page);
        to->send(page_response(head, std::move(text), next));
      });
    });
  });
}

}  // namespace planexe::gateway
