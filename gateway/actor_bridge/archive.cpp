// What has left the log: taking an execution out of it, and the list of those that are.
#include <caf/send.hpp>

#include <algorithm>
#include <charconv>
#include <unordered_set>

#include "eventstore/read_back.hpp"
#include "gateway/actor_bridge/asked_state.hpp"
#include "gateway/actor_bridge/pages.hpp"
#include "gateway/json/body_fields.hpp"
#include "gateway/json/render_archive.hpp"
#include "gateway/json/writer.hpp"

namespace planexe::gateway {
namespace {

constexpr std::size_t read_at_once = 500;  // events of the archive's stream

struct archived_page {
  std::vector<domain::event_record> rows;
  std::string next;  ///< empty: there is no more
};

/// Goes back from event `last` of the archive's stream.
result<archived_page> archived_before(const eventstore::event_log& log, std::uint64_t last, std::size_t limit,
                                      std::string_view status) {
  archived_page page;
  std::unordered_set<std::string> seen;
  while (last > 0) {
    auto some = eventstore::read_up_to(log, projections::archive_stream(), last, read_at_once);
    if (!some) return unexpected{some.error()};
    if (some->empty()) break;
    const auto from = some->front().seq - 1;
    for (auto record = some->rbegin(); record != some->rend(); ++record) {
      const auto* left = projections::archived_in(*record);
      if (left == nullptr || (!status.empty() && left->status != status)) continue;
      const auto head = log.head_of(projections::stream_of(left->execution));
      if (!head) return unexpected{head.error()};
      // A log that was salvaged or carried over has it among the others, and may have let it leave a second time.
      if (!head->archived || head->version != left->events || !seen.insert(left->execution.value).second) continue;
      if (page.rows.size() == limit) {
        page.next = std::to_string(page.rows.back().seq);
        return page;
      }
      page.rows.push_back(std::move(*record));
    }
    last = from;
  }
  return page;
}

}  // namespace

void actor_bridge::core::list_archived(const request& request, responder answer,
                                       std::optional<domain::execution_status> status) {
  query_reader query{request};
  const auto limit = query.limit();
  const auto cursor = query.cursor();
  if (const auto wrong = query.failure()) return answer.fail(*wrong);
  std::optional<std::uint64_t> before;
  if (cursor) {
    std::uint64_t seq = 0;
    const auto [end, failure] = std::from_chars(cursor->data(), cursor->data() + cursor->size(), seq);
    if (failure != std::errc{} || end != cursor->data() + cursor->size() || seq == 0)
      return answer.fail(foreign_cursor());
    before = seq;
  }
  work([this, limit, before, status, head = head_of(request), to = share(std::move(answer))] {
    const auto stream = env.log.head_of(projections::archive_stream());
    if (!stream) return to->fail(to_problem(stream.error()));
    const auto last = before ? std::min(*before - 1, stream->version) : stream->version;
    const auto page = archived_before(env.log, last, limit, status ? domain::name_of(*status) : std::string_view{});
    if (!page) return to->fail(to_problem(page.error()));
    std::string text;
    json_writer writer(text);
    writer.begin_array();
    for (const auto& row : page->rows)
      append_archived(writer, *projections::archived_in(row), row.metadata.recorded_at);
    writer.end_array();
    to->send(page_response(head, std::move(text), page->next));
  });
}

void actor_bridge::core::bind_archive(router& routes) {
  bind(routes, "archive_execution", [this](const request& request, responder answer) {
    if (const auto wrong = refuse_members(request.body)) return answer.fail(*wrong);
    auto asked = answers.begin(request, std::move(answer), env.time.now());
    if (!asked) return;
    const auto render = [](const domain::execution_id& id, const domain::execution_archived& left,
                           const actors::command_outcome& outcome) {
      if (outcome.rejection && outcome.rejection->code == domain::rejection_code::not_found)
        return to_response(no_such("execution", id.value));
      constexpr unsigned look_again_seconds = 30;  // for want of room, or of a disk that works
      if (outcome.rejection && outcome.rejection->code == domain::rejection_code::unavailable)
        return to_response(unavailable(outcome.rejection->detail, look_again_seconds));
      if (outcome.rejection) return to_response(to_problem(*outcome.rejection));
      std::string text;
      json_writer writer(text);
      append_archived(writer, left, outcome.recorded_at);
      return json_response(200, std::move(text));
    };
    auto order = std::make_shared<actors::archive_request>();
    order->execution.value = request.param("execution_id");
    order->actor = asked->actor();
    order->reply = std::make_unique<
        rendered_reply<actors::archive_reply, domain::execution_id, domain::execution_archived, decltype(render)>>(
        std::move(asked), commands, render);
    caf::anon_send(env.archivist, actors::command_atom_v, std::move(order));
  });
}

}  // namespace planexe::gateway
