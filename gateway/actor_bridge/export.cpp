// An execution's events as a record file, whole or page by page.
#include "records/export.hpp"

#include "gateway/actor_bridge/asked_state.hpp"
#include "gateway/json/parse_query.hpp"
#include "gateway/json/render_event.hpp"
#include "projections/replay.hpp"
#include "records/line.hpp"

namespace planexe::gateway {
namespace {

constexpr records::rendering as_api{event_rendering_version, render_event};
// Some 50,000 events of the usual kind. An answer stands in memory until its client has taken it.
constexpr std::size_t largest_answer = std::size_t{64} << 20;

struct export_query {
  domain::execution_id execution;
  std::uint64_t after_seq = 0;
  asked_moment until;
  std::optional<std::uint32_t> limit;
};

expected<export_query, problem> parse_export_query(const request& request) {
  query_reader reader{request};
  export_query query;
  query.execution = domain::execution_id{std::string(request.param("execution_id"))};
  query.after_seq = reader.number("after_seq").value_or(0);
  query.until = {reader.number("at_seq"), reader.time("at")};
  if (request.query("limit")) query.limit = reader.limit();
  const auto cursor = reader.cursor();
  if (const auto wrong = reader.failure()) return unexpected{*wrong};
  if (!cursor) return query;
  // Where the page before ended: a seq.
  const bool is_seq =
      !cursor->empty() && cursor->size() < 19 && cursor->find_first_not_of("0123456789") == std::string::npos;
  if (!is_seq) return unexpected{foreign_cursor()};
  query.after_seq = std::max<std::uint64_t>(query.after_seq, std::stoull(*cursor));
  return query;
}

struct export_page {
  std::string text;
  std::uint64_t last = 0;  ///< seq of the last line
  bool full = false;       ///< no more had room
};

result<export_page> page_of(const eventstore::event_log& log, const export_query& query, std::uint64_t last_seq) {
  export_page page{.text = {}, .last = query.after_seq};
  const auto end = query.limit ? std::min(last_seq, query.after_seq + *query.limit) : last_seq;
  const error no_room{errc::too_large, {}};
  const auto given =
      records::each_of_stream(log, projections::stream_of(query.execution), query.after_seq, end,
                              [&](const eventstore::stored_event& event) -> result<void> {
                                const auto before = page.text.size();
                                if (auto appended = records::append_line(page.text, event, as_api); !appended)
                                  return appended;
                                if (before > 0 && page.text.size() > largest_answer) {
                                  page.text.resize(before);
                                  page.full = true;
                                  return unexpected{no_room};
                                }
                                page.last = event.seq;
                                return {};
                              });
  if (!given && !page.full) return unexpected{given.error()};
  return page;
}

problem needs_limit() {
  return {
      problem_code::malformed_request,
      "the execution has more events than one answer holds; with 'limit' it comes in pages, each with a link to the "
      "next",
      {{"limit", "is needed for an execution of this size"}},
      {}};
}

response export_response(const request_head& head, const export_query& query, export_page page,
                         std::uint64_t last_seq) {
  response answer{.status = 200, .content_type = "application/x-ndjson", .body = std::move(page.text), .headers = {}};
  answer.headers.emplace_back("Content-Disposition", "attachment; filename=\"" + query.execution.value + ".jsonl\"");
  if (page.last < last_seq) answer.headers.emplace_back("Link", next_page_link(head, std::to_string(page.last)));
  return answer;
}

}  // namespace

void actor_bridge::core::bind_export(router& routes) {
  bind(routes, "export_execution", [this](const request& request, responder answer) {
    auto query = parse_export_query(request);
    if (!query) return answer.fail(query.error());
    auto to = std::make_shared<responder>(std::move(answer));
    const auto id = query->execution;
    const auto until = query->until;
    with_seq(*this, id, until, to, [this, query = std::move(*query), head = head_of(request), to](std::uint64_t last) {
      auto page = page_of(env.log, query, last);
      if (!page) return to->fail(archive_problem(page.error()));
      if (page->full && !query.limit) return to->fail(needs_limit());
      to->send(export_response(head, query, std::move(*page), last));
    });
  });
}

}  // namespace planexe::gateway
