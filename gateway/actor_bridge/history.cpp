// An execution's recorded events, page by page, and the long poll for the next one.
#include <algorithm>
#include <charconv>

#include "eventstore/read_back.hpp"
#include "gateway/actor_bridge/asked_state.hpp"
#include "gateway/json/parse_query.hpp"
#include "gateway/json/rejection_problem.hpp"
#include "gateway/json/render_event.hpp"
#include "projections/replay.hpp"

namespace planexe::gateway {
namespace {

constexpr std::size_t scan_chunk = 500;  // events read at a time while looking for those that are wanted
// A page with so much text has no more events, whatever its limit: they may hold an output of a megabyte each.
constexpr std::size_t full_page = std::size_t{8} << 20;
constexpr std::size_t longest_type_name = 64;

struct event_query {
  domain::execution_id execution;
  std::uint64_t after_seq = 0;
  std::uint64_t before_seq = UINT64_MAX;
  std::size_t limit = default_page;
  sort_order order = sort_order::descending;
  std::string type;
  domain::task_id task;
  domain::agent_id agent;

  bool wants(const domain::event_record& record) const {
    if (record.seq <= after_seq || record.seq >= before_seq) return false;
    if (!type.empty() && event_type_name(record.payload) != type) return false;
    if (task.empty() && agent.empty()) return true;
    const auto* event = std::get_if<domain::execution_event>(&record.payload);
    return event != nullptr && std::visit([&](const auto& e) { return concerns(e); }, *event);
  }

 private:
  template <class Event>
  bool concerns(const Event& e) const {
    if (!task.empty()) {
      if constexpr (requires { e.task; }) {
        if (e.task != task) return false;
      } else {
        return false;
      }
    }
    if (!agent.empty()) {
      if constexpr (requires { e.agent; }) {
        if (e.agent != agent) return false;
      } else {
        return false;
      }
    }
    return true;
  }
};

struct event_page {
  std::string text = "[";
  std::size_t events = 0;
  std::uint64_t last = 0;  ///< seq of the last of them
  bool goes_on = false;

  bool is_full(std::size_t limit) const { return events == limit || text.size() > full_page; }
  void add(const domain::event_record& record) {
    if (events > 0) text += ',';
    render_event(text, record);
    ++events;
    last = record.seq;
  }
};

/// The wanted events in their order, as many as a page holds.
result<event_page> find_events(const eventstore::event_log& log, const event_query& query, std::uint64_t last_seq) {
  const auto stream = projections::stream_of(query.execution);
  event_page page;
  const bool forward = query.order == sort_order::ascending;
  std::uint64_t low = query.after_seq, high = std::min(last_seq, query.before_seq - 1);  // between them nobody looked
  while (low < high && !page.goes_on) {
    const auto count = static_cast<std::size_t>(std::min<std::uint64_t>(scan_chunk, high - low));
    auto chunk = forward ? log.read_stream(stream, low, count) : eventstore::read_up_to(log, stream, high, count);
    if (!chunk) return unexpected{chunk.error()};
    if (chunk->empty()) break;
    (forward ? low : high) = forward ? chunk->back().seq : chunk->front().seq - 1;
    if (!forward) std::reverse(chunk->begin(), chunk->end());
    for (const auto& record : *chunk) {
      if (!query.wants(record)) continue;
      page.goes_on = page.is_full(query.limit);
      if (page.goes_on) break;
      page.add(record);
    }
  }
  return page;
}

response events_response(const request_head& head, event_page page) {
  auto answer = json_response(200, std::move(page.text) + ']');
  if (page.goes_on) answer.headers.emplace_back("Link", next_page_link(head, std::to_string(page.last)));
  return answer;
}

/// Waits for events that the query wants, and answers with the first batch of them, or with none in time.
class waiting_query final : public actors::follower {
 public:
  waiting_query(event_query query, domain::timestamp until, std::shared_ptr<responder> answer)
      : query_(std::move(query)), until_(until), answer_(std::move(answer)) {}

  bool on_events(std::span<const domain::event_record* const> events, const projections::execution_row&) override {
    std::vector<domain::event_record> wanted;
    for (const auto* record : events)
      if (wanted.size() < query_.limit && query_.wants(*record)) wanted.push_back(*record);
    if (wanted.empty()) return true;
    if (query_.order == sort_order::descending) std::reverse(wanted.begin(), wanted.end());
    std::string text;
    render_events(text, wanted);
    answer_->send(json_response(200, std::move(text)));
    return false;
  }
  bool on_time(domain::timestamp now) override {
    if (now < until_) return true;
    answer_->send(json_response(200, "[]"));
    return false;
  }

 private:
  event_query query_;
  domain::timestamp until_;
  std::shared_ptr<responder> answer_;
};

expected<event_query, problem> parse_event_query(const request& request, asked_moment& moment,
                                                 domain::milliseconds& wait) {
  query_reader reader{request};
  event_query query;
  query.execution = domain::execution_id{std::string(request.param("execution_id"))};
  query.limit = reader.limit();
  query.order = reader.order(sort_order::descending);
  query.after_seq = reader.number("after_seq").value_or(0);
  query.before_seq = std::max<std::uint64_t>(1, reader.number("before_seq").value_or(UINT64_MAX));
  query.type = reader.text("type", longest_type_name);
  query.task = reader.id<domain::task_id>("task_id");
  query.agent = reader.id<domain::agent_id>("agent_id");
  moment = {reader.number("at_seq"), reader.time("at")};
  wait = reader.wait();
  const auto cursor = reader.cursor();
  if (const auto wrong = reader.failure()) return unexpected{*wrong};
  if (cursor) {
    std::uint64_t place = 0;
    const auto [end, failure] = std::from_chars(cursor->data(), cursor->data() + cursor->size(), place);
    if (failure != std::errc{} || end != cursor->data() + cursor->size()) return unexpected{foreign_cursor()};
    if (query.order == sort_order::ascending)
      query.after_seq = std::max(query.after_seq, place);
    else
      query.before_seq = std::min(query.before_seq, place);
  }
  return query;
}

struct event_search {
  event_query query;
  asked_moment moment;      ///< nothing later is told
  domain::timestamp until;  ///< how long to wait for what is not there yet
  request_head head;
  std::shared_ptr<responder> answer;
};

/// Looks through the history, in the worker's thread, and where that has nothing that is wanted waits for it. Whether
/// the history has grown meanwhile is asked in the projector's thread, where no batch can come in between.
void look_for(actor_bridge::core& core, event_search search, std::uint64_t looked_until = 0) {
  core.read([&core, search = std::move(search), looked_until] {
    const auto& query = search.query;
    const auto* row = core.views.executions.row(query.execution);
    if (row == nullptr)
      return core.work([&core, search] {
        const auto head = archived_head(core.env, search.query.execution);
        if (!head) return search.answer->fail(head.error());
        auto found = find_events(core.env.log, search.query, head->version);
        if (!found) return search.answer->fail(archive_problem(found.error()));
        search.answer->send(events_response(search.head, std::move(*found)));
      });
    const bool waits = search.until > core.env.time.now();
    if (waits && row->version <= std::max(query.after_seq, looked_until))
      return core.views.hub.follow(query.execution,
                                   std::make_shared<waiting_query>(query, search.until, search.answer));
    core.work([&core, search, waits, last = row->version] {
      auto found = find_events(core.env.log, search.query, last);
      if (!found) return search.answer->fail(to_problem(found.error()));
      if (found->events == 0 && waits) return look_for(core, search, last);
      search.answer->send(events_response(search.head, std::move(*found)));
    });
  });
}

/// As the history was at a moment of the past, in which nothing is waited for.
void look_back(actor_bridge::core& core, const event_search& search) {
  with_seq(core, search.query.execution, search.moment, search.answer, [&core, search](std::uint64_t last) {
    auto found = find_events(core.env.log, search.query, last);
    if (!found) return search.answer->fail(archive_problem(found.error()));
    search.answer->send(events_response(search.head, std::move(*found)));
  });
}

}  // namespace

void actor_bridge::core::bind_history(router& routes) {
  bind(routes, "list_events", [this](const request& request, responder answer) {
    domain::milliseconds wait{0};
    asked_moment moment;
    auto query = parse_event_query(request, moment, wait);
    if (!query) return answer.fail(query.error());
    const event_search search{std::move(*query), moment, env.time.now() + wait, head_of(request),
                              share(std::move(answer))};
    moment ? look_back(*this, search) : look_for(*this, search);
  });
}

}  // namespace planexe::gateway
