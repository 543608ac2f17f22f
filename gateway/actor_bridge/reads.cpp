// What is read from the views: lists, executions, tasks, agents, plans. Looked up in the projector's thread; what is
// large is rendered in the worker's.
#include <algorithm>

#include "domain/execution_status.hpp"
#include "gateway/actor_bridge/asked_state.hpp"
#include "gateway/actor_bridge/own_work.hpp"
#include "gateway/actor_bridge/pages.hpp"
#include "gateway/json/parse_query.hpp"
#include "gateway/json/rejection_problem.hpp"
#include "gateway/json/render_agent.hpp"
#include "gateway/json/render_execution.hpp"
#include "gateway/json/render_plan.hpp"
#include "gateway/json/render_task.hpp"
#include "gateway/json/writer.hpp"

namespace planexe::gateway {
namespace {

/// The part of a list that a page shows, and the place from which the next page goes on.
template <class Row>
struct page {
  std::vector<const Row*> rows;
  std::string next;  ///< empty: there is no more
};

/// `rows` in the order of `place`, which names each one's place in the list; `after` is the last page's.
template <class Row, class Place, class Wanted>
page<Row> cut_page(const std::vector<const Row*>& rows, const std::optional<std::string>& after, std::size_t limit,
                   Place&& place, Wanted&& wanted) {
  page<Row> result;
  auto at = rows.begin();
  if (after)
    while (at != rows.end() && !(place(**at) > *after)) ++at;
  for (; at != rows.end(); ++at) {
    if (!wanted(**at)) continue;
    if (result.rows.size() == limit) {
      result.next = place(*result.rows.back());
      break;
    }
    result.rows.push_back(*at);
  }
  return result;
}

response with_etag(response answer, std::uint64_t version) {
  answer.headers.emplace_back("ETag", '"' + std::to_string(version) + '"');
  return answer;
}

/// A list without filters: its rows, each one's place in their order, and how a page of them is rendered.
template <class Row, class Rows, class Place, class Render>
void bind_list(actor_bridge::core& core, router& routes, std::string_view operation, Rows rows, Place place,
               Render render) {
  core.bind(routes, operation, [&core, rows, place, render](const request& request, responder answer) {
    query_reader query{request};
    const auto limit = query.limit();
    const auto after = query.cursor();
    if (const auto wrong = query.failure()) return answer.fail(*wrong);
    core.read([&core, rows, place, render, limit, after, head = head_of(request), to = share(std::move(answer))] {
      const auto shown = cut_page<Row>(rows(core.views), after, limit, place, [](const Row&) { return true; });
      std::string text;
      render(text, shown.rows);
      to->send(page_response(head, std::move(text), shown.next));
    });
  });
}

}  // namespace

void actor_bridge::core::bind_reads(router& routes) {
  bind_execution_reads(routes);
  bind_execution_list(routes);
  bind_agent_reads(routes);
  bind_plan_reads(routes);
}

void actor_bridge::core::bind_execution_reads(router& routes) {
  bind(routes, "get_execution", [this](const request& request, responder answer) {
    with_state(*this, request, share(std::move(answer)), [](responder& to, const asked_state& asked) {
      std::string text;
      render_execution(text, asked.id, asked.state, asked.now, asked.archived);
      to.send(with_etag(json_response(200, std::move(text)), asked.state.version));
    });
  });
  bind(routes, "get_execution_tasks", [this](const request& request, responder answer) {
    query_reader query{request};
    const bool flat = query.flag("flat");
    const auto limit = query.limit(max_page);
    const auto after = query.cursor();
    if (const auto wrong = query.failure()) return answer.fail(*wrong);
    with_state(*this, request, share(std::move(answer)),
               [this, flat, limit, after, head = head_of(request)](responder& to, const asked_state& asked) {
                 const auto& state = asked.state;
                 const auto expiry = asked.is_past ? gateway::lease_expiry{} : [this](const domain::agent_id& agent) {
                   return lease_expiry(agent);
                 };
                 std::string text, next;
                 if (flat) {
                   const auto last = after ? state.graph->find(domain::task_id{*after}) : domain::no_task;
                   if (after && last == domain::no_task) return to.fail(foreign_cursor());
                   const std::uint32_t first = after ? state.graph->place(last) + 1 : 0;
                   render_task_list(text, state, asked.now, first, limit, expiry);
                   if (first + limit < state.graph->size())
                     next = state.definition(state.graph->document()[first + limit - 1]).id.value;
                 } else {
                   render_task_tree(text, state, asked.now, expiry);
                 }
                 to.send(page_response(head, std::move(text), next));
               });
  });
  bind(routes, "get_blockers", [this](const request& request, responder answer) {
    with_state(*this, request, share(std::move(answer)), [](responder& to, const asked_state& asked) {
      std::string text;
      render_blockers(text, asked.state);
      to.send(json_response(200, std::move(text)));
    });
  });
  bind(routes, "get_execution_status", [this](const request& request, responder answer) {
    if (const auto wrong = refuse_moment(request)) return answer.fail(*wrong);
    const domain::execution_id id{std::string(request.param("execution_id"))};
    const auto show = [](responder& to, const domain::execution_state& state) {
      std::string text;
      render_status(text, state);
      to.send(with_etag(json_response(200, std::move(text)), state.version));
    };
    read([this, id, who = request.caller, show, to = share(std::move(answer))] {
      const auto state = views.executions.peek(id);
      if (!state) return to->fail(to_problem(state.error()));
      if (*state == nullptr)
        return work([this, id, who, show, to] {
          with_archived_state(env, id, {}, *to, [&](const domain::execution_state& past) {
            const auto handed = has_worked_on(past, who) ? result<bool>{true} : was_handed_work(env.log, id, who);
            if (!handed) return to->fail(archive_problem(handed.error()));
            if (!*handed) return to->fail(no_such("execution", id.value));
            show(*to, past);
          });
        });
      if (has_worked_on(**state, who)) return show(*to, **state);
      const auto shared = views.executions.state(id);
      if (!shared) return to->fail(to_problem(shared.error()));
      work([this, id, who, show, to, state = *shared] {
        const auto handed = was_handed_work(env.log, id, who);
        if (!handed) return to->fail(to_problem(handed.error()));
        if (!*handed) return to->fail(no_such("execution", id.value));
        show(*to, *state);
      });
    });
  });
}

void actor_bridge::core::bind_execution_list(router& routes) {
  bind(routes, "list_executions", [this](const request& request, responder answer) {
    query_reader query{request};
    const auto limit = query.limit();
    const auto after = query.cursor();
    const auto plan = query.id<domain::plan_id>("plan_id");
    const auto agent = query.id<domain::agent_id>("agent_id");
    const auto status = query.status("status");
    const bool archived = query.flag("archived");
    if (const auto wrong = query.failure()) return answer.fail(*wrong);
    if (archived && !(plan.empty() && agent.empty()))
      return answer.fail({problem_code::malformed_request,
                          "archived executions are listed by their status alone",
                          {{plan.empty() ? "agent_id" : "plan_id", "cannot stand beside archived=true"}},
                          {}});
    if (archived) return list_archived(request, std::move(answer), status);
    read([this, limit, after, plan, agent, status, head = head_of(request), to = share(std::move(answer))] {
      const auto rows = views.executions.rows();
      const auto shown = cut_page<projections::execution_row>(
          rows, after, limit, [](const auto& row) { return newest_first(row.created_at, row.id.value); },
          [&](const projections::execution_row& row) {
            const bool works = std::find(row.agents.begin(), row.agents.end(), agent) != row.agents.end();
            return (plan.empty() || row.plan == plan) && (!status || row.status == *status) &&
                   (agent.empty() || row.agent == agent || works);
          });
      std::vector<projections::execution_row> copies;
      for (const auto* row : shown.rows) copies.push_back(*row);
      std::string text;
      render_execution_rows(text, copies);
      to->send(page_response(head, std::move(text), shown.next));
    });
  });
}

void actor_bridge::core::bind_agent_reads(router& routes) {
  bind_list<projections::agent_row>(
      *this, routes, "list_agents", [](const actors::read_side& read_side) { return read_side.agents.listed(); },
      [](const projections::agent_row& row) { return row.id.value; },
      [this](std::string& text, const std::vector<const projections::agent_row*>& rows) {
        json_writer writer{text};
        writer.begin_array();
        for (const auto* row : rows) append_agent(writer, *row, presence_of(env, *row));
        writer.end_array();
      });
  const auto one_agent = [this](auto render) {
    return [this, render](const request& request, responder answer) {
      const domain::agent_id id{std::string(request.param("agent_id"))};
      read([this, render, id, to = share(std::move(answer))] {
        const auto* row = views.agents.row(id);
        if (row == nullptr) return to->fail(no_such("agent", id.value));
        std::string text;
        render(text, *row);
        to->send(json_response(200, std::move(text)));
      });
    };
  };
  bind(routes, "get_agent", one_agent([this](std::string& text, const projections::agent_row& row) {
         render_agent(text, row, presence_of(env, row));
       }));
  bind(routes, "get_agent_capabilities", one_agent([](std::string& text, const projections::agent_row& row) {
         render_capabilities(text, row.id, row.state.profile);
       }));
}

void actor_bridge::core::bind_plan_reads(router& routes) {
  bind_list<projections::plan_row>(
      *this, routes, "list_plans", [](const actors::read_side& read_side) { return read_side.plans.rows(); },
      [](const projections::plan_row& row) { return newest_first(row.imported_at, row.id.value); },
      [](std::string& text, const std::vector<const projections::plan_row*>& rows) {
        std::vector<projections::plan_row> copies;
        for (const auto* row : rows) copies.push_back(*row);
        render_plan_rows(text, copies);
      });
  const auto one_plan = [this](auto render) {
    return [this, render](const request& request, responder answer) {
      const domain::plan_id id{std::string(request.param("plan_id"))};
      read([this, render, id, to = share(std::move(answer))] {
        const auto* known = views.plans.row(id);
        if (known == nullptr) return to->fail(no_such("plan", id.value));
        work([this, render, row = *known, to] {
          const auto plan = projections::load_plan(env.log, row.id);
          if (!plan) return to->fail(to_problem(plan.error()));
          std::string text;
          render(text, row, **plan);
          to->send(json_response(200, std::move(text)));
        });
      });
    };
  };
  bind(routes, "get_plan", one_plan([](std::string& text, const projections::plan_row& row, const domain::plan& plan) {
         render_plan(text, row, plan);
       }));
  bind(routes, "get_plan_tasks",
       one_plan([](std::string& text, const projections::plan_row&, const domain::plan& plan) {
         render_plan_tasks(text, plan);
       }));
}

}  // namespace planexe::gateway
