#include "gateway/route_table.hpp"

#include <array>

namespace planexe::gateway {
namespace {

constexpr std::size_t plan_body = std::size_t{64} << 20;       // a whole PlanExe run as a zip
constexpr std::size_t execution_body = std::size_t{16} << 20;  // may hold a plan inline
constexpr std::size_t json_body = std::size_t{1} << 20;        // everything else; an output of 1 MiB is over it
constexpr std::size_t no_body = 0;

using enum method;

// operation, method, path, who, body limit, WebSocket, summary, and whether it hands out what nobody else gets then
constexpr std::array table{
    route{"create_plan", post, "/api/plans", access::operator_, plan_body, false, "Read and keep a plan"},
    route{"list_plans", get, "/api/plans", access::viewer, no_body, false, "List plans, newest first"},
    route{"get_plan", get, "/api/plans/{plan_id}", access::viewer, no_body, false, "Look at a plan"},
    route{"get_plan_tasks", get, "/api/plans/{plan_id}/tasks", access::viewer, no_body, false, "The tasks of a plan"},

    route{"create_execution", post, "/api/executions", access::operator_, execution_body, false,
          "Create an execution of a plan, and start it if asked"},
    route{"list_executions", get, "/api/executions", access::viewer, no_body, false, "List executions, newest first"},
    route{"get_execution", get, "/api/executions/{execution_id}", access::viewer, no_body, false,
          "An execution with its progress and blockers"},
    route{"patch_execution", patch, "/api/executions/{execution_id}", access::operator_, json_body, false,
          "Start, pause, resume, retry, cancel or reprioritize"},
    route{"fork_execution", post, "/api/executions/{execution_id}/fork", access::operator_, json_body, false,
          "Make an execution that begins as this one was at a moment of its past"},
    route{"compare_executions", get, "/api/executions/{execution_id}/compare", access::viewer, no_body, false,
          "Two executions beside each other, task by task"},
    route{"get_execution_status", get, "/api/executions/{execution_id}/status", access::agent, no_body, false,
          "What an agent checks before each task"},
    route{"get_execution_tasks", get, "/api/executions/{execution_id}/tasks", access::viewer, no_body, false,
          "The tasks of an execution, as a tree or a list"},
    route{"resolve_task", post, "/api/executions/{execution_id}/tasks/{task_id}/resolution", access::operator_,
          json_body, false, "A person's decision about a task"},
    route{"get_execution_why", get, "/api/executions/{execution_id}/why", access::viewer, no_body, false,
          "Why an execution is not done: the chain of causes and what is at its root"},
    route{"get_task_why", get, "/api/executions/{execution_id}/tasks/{task_id}/why", access::viewer, no_body, false,
          "Why a task is not done: the chain of causes and what is at its root"},
    route{"get_execution_report", get, "/api/executions/{execution_id}/report", access::viewer, no_body, false,
          "The plan against reality: planned, actual and expected times of every task"},
    route{"archive_execution", post, "/api/executions/{execution_id}/archive", access::operator_, json_body, false,
          "Take an execution that is over out of the log, into a file of its own"},
    route{"get_execution_audit", get, "/api/executions/{execution_id}/audit", access::viewer, no_body, false,
          "Whether an execution's record is whole: every event, its hash chain, and its snapshot against replay"},
    route{"get_blockers", get, "/api/executions/{execution_id}/blockers", access::viewer, no_body, false,
          "What waits for a person or for something outside"},

    route{"list_blockers", get, "/api/blockers", access::viewer, no_body, false,
          "What waits for a person or for something outside, over all executions"},

    route{"report_event", post, "/api/executions/{execution_id}/events", access::agent, json_body, false,
          "An agent reports about a task"},
    route{"list_events", get, "/api/executions/{execution_id}/events", access::viewer, no_body, false,
          "Recorded events, newest first"},
    route{"export_execution", get, "/api/executions/{execution_id}/export", access::viewer, no_body, false,
          "An execution's events as a record file: a line of JSON each, with all that the log keeps of it"},
    route{"stream_execution", get, "/api/executions/{execution_id}/stream", access::viewer, no_body, true,
          "Events as they are recorded, over a WebSocket or as server-sent events"},
    route{"stream_overview", get, "/api/stream", access::viewer, no_body, true,
          "How all executions and agents stand as they change, over a WebSocket or as server-sent events"},

    route{"register_agent", post, "/api/agents", access::agent, json_body, false, "Register an agent"},
    route{"register_agent_alias", post, "/api/agents/register", access::agent, json_body, false,
          "Register an agent; the same as POST /api/agents"},
    route{"list_agents", get, "/api/agents", access::viewer, no_body, false, "List agents"},
    route{"get_agent", get, "/api/agents/{agent_id}", access::own_record, no_body, false,
          "An agent with what it holds and has done"},
    route{"patch_agent", patch, "/api/agents/{agent_id}", access::operator_, json_body, false,
          "Pause, retire or change an agent"},
    route{"get_agent_capabilities", get, "/api/agents/{agent_id}/capabilities", access::own_record, no_body, false,
          "What an agent can do"},
    route{"get_inbox", get, "/api/agents/{agent_id}/inbox", access::agent, no_body, false,
          "What a person holds, is asked about, and could take"},
    route{"poll_work", get, "/api/agents/{agent_id}/work", access::agent, no_body, false, "An agent asks for work",
          true},
    route{"poll_work_alias", post, "/api/agents/{agent_id}/work", access::agent, json_body, false,
          "An agent asks for work; the same as GET"},
    route{"report_agent_events", post, "/api/agents/{agent_id}/events", access::agent, json_body, false,
          "An agent reports about tasks of several executions"},
    route{"decompose_task", post, "/api/agents/{agent_id}/decompose", access::agent, json_body, false,
          "Take a task apart; stores nothing"},

    route{"list_activity", get, "/api/activity", access::viewer, no_body, false,
          "What happened lately over all executions and agents, newest first"},
    route{"list_roles", get, "/api/roles", access::viewer, no_body, false,
          "The load of each role over all executions, and who there is for it"},

    route{"list_notifications", get, "/api/notifications", access::viewer, no_body, false,
          "What people are told, newest first, and what became of it"},
    route{"retry_notification", post, "/api/notifications/{notification_id}/retry", access::operator_, json_body, false,
          "Send a notification again, or now"},
    route{"pause_everything", post, "/api/admin/pause", access::admin, json_body, false,
          "Pause every execution at once, and start none"},
    route{"resume_everything", post, "/api/admin/resume", access::admin, json_body, false,
          "Let everything go on that was paused at once"},
    route{"get_switch", get, "/api/admin/switch", access::viewer, no_body, false,
          "Whether everything is paused, and why"},

    route{"get_me", get, "/api/me", access::open, no_body, false,
          "Who the caller is, and what the server asks of keys"},
    route{"create_ticket", post, "/api/tickets", access::viewer, json_body, false,
          "A ticket that opens one stream within a minute"},
    route{"list_keys", get, "/api/keys", access::admin, no_body, false, "List keys, newest first"},
    route{"create_key", post, "/api/keys", access::admin, json_body, false, "Make a key; it is shown this once"},
    route{"revoke_key", delete_, "/api/keys/{key_id}", access::admin, no_body, false, "Revoke a key at once"},

    route{"list_subjects", get, "/api/admin/subjects", access::admin, no_body, false,
          "The persons whose words can be erased"},
    route{"erase_subject", post, "/api/admin/erasures", access::admin, json_body, false,
          "Erase the words and the name of a person; the server starts anew"},

    route{"create_backup", post, "/api/admin/backups", access::admin, json_body, false,
          "Back the log up while traffic goes on"},
    route{"list_backups", get, "/api/admin/backups", access::admin, no_body, false, "List backups, newest first"},
    route{"get_backup", get, "/api/admin/backups/{backup}", access::admin, no_body, false,
          "A backup, or how far one is that is being made"},
    route{"get_metrics", get, "/api/admin/metrics", access::viewer, no_body, false,
          "The server's figures: success, durations, errors, agents, views"},
    route{"list_views", get, "/api/admin/views", access::viewer, no_body, false,
          "The views with how far they are behind the log"},
    route{"rebuild_view", post, "/api/admin/views/{view}/rebuild", access::admin, json_body, false,
          "Make a view anew from the log, compare, and put it in the old one's place"},
    route{"get_metrics_text", get, "/metrics", access::viewer, no_body, false, "The server's figures for Prometheus"},

    route{"dashboard", get, "/", access::open, no_body, false, "The dashboard"},
    route{"dashboard_asset", get, "/assets/{file}", access::open, no_body, false, "What the dashboard is made of"},
    route{"docs", get, "/docs", access::open, no_body, false, "The API to read, and to search"},
    route{"openapi", get, "/api/openapi.json", access::open, no_body, false, "The API as an OpenAPI document"},

    route{"livez", get, "/livez", access::open, no_body, false, "Whether the process lives"},
    route{"readyz", get, "/readyz", access::open, no_body, false, "Whether it takes requests"},
    route{"healthcheck", get, "/healthcheck", access::open, no_body, false, "Whether it is well, as PlanExe asks"},
};

}  // namespace

std::span<const route> route_table() noexcept {
  return table;
}

}  // namespace planexe::gateway
