// Who is told what, and what became of it; and the wish to tell it again.
#include <caf/send.hpp>

#include <charconv>

#include "gateway/actor_bridge/core.hpp"
#include "gateway/json/body_fields.hpp"
#include "gateway/json/parse_query.hpp"
#include "gateway/json/rejection_problem.hpp"
#include "gateway/json/render_notification.hpp"

namespace planexe::gateway {
namespace {

using domain::notification_stage;

struct wanted_notifications {
  std::uint32_t limit = 0;
  std::optional<std::uint64_t> before;  ///< number; nothing: from the newest
  std::optional<notification_stage> stage;
  domain::execution_id execution;
};

/// Nothing for a place that is none in this list.
std::optional<std::uint64_t> number_at(const std::string& place) {
  std::uint64_t number = 0;
  const auto [end, problem] = std::from_chars(place.data(), place.data() + place.size(), number);
  if (problem != std::errc{} || end != place.data() + place.size()) return std::nullopt;
  return number;
}

expected<wanted_notifications, problem> parse_wanted(const request& request) {
  static constexpr std::array<std::string_view, 3> stages{"pending", "delivered", "dead"};
  query_reader query{request};
  wanted_notifications wanted;
  wanted.limit = query.limit();
  const auto after = query.cursor();
  if (const auto stage = query.word("status", stages)) wanted.stage = notification_stage_named(stages[*stage]);
  wanted.execution = query.id<domain::execution_id>("execution_id");
  if (auto wrong = query.failure()) return unexpected{std::move(*wrong)};
  if (after) wanted.before = number_at(*after);
  if (after && !wanted.before) return unexpected{foreign_cursor()};
  return wanted;
}

/// A page and, where there is more, the place from which the next one goes on.
std::pair<std::vector<domain::notification>, std::string> page_of(const domain::notification_outbox& outbox,
                                                                  const wanted_notifications& wanted) {
  std::vector<domain::notification> page;
  const auto first = wanted.before ? outbox.known.lower_bound(*wanted.before) : outbox.known.end();
  for (auto next = std::make_reverse_iterator(first); next != outbox.known.rend(); ++next) {
    const auto& known = next->second;
    if (wanted.stage && known.stage != *wanted.stage) continue;
    if (!wanted.execution.empty() && known.content.execution != wanted.execution) continue;
    if (page.size() == wanted.limit) return {std::move(page), std::to_string(page.back().number)};
    page.push_back(known);
  }
  return {std::move(page), std::string{}};
}

response redriven_response(const std::string&, const domain::notification& after,
                           const actors::command_outcome& outcome) {
  if (outcome.rejection) return to_response(to_problem(*outcome.rejection));
  std::string text;
  render_notification(text, after);
  return json_response(200, std::move(text));
}

}  // namespace

void actor_bridge::core::bind_notifications(router& routes) {
  bind(routes, "list_notifications", [this](const request& request, responder answer) {
    auto wanted = parse_wanted(request);
    if (!wanted) return answer.fail(wanted.error());
    read([this, wanted = std::move(*wanted), head = head_of(request),
          to = std::make_shared<responder>(std::move(answer))] {
      auto [page, next] = page_of(views.notifications.outbox(), wanted);
      work([page = std::move(page), next = std::move(next), head, to] {
        std::string text;
        render_notifications(text, page);
        auto shown = json_response(200, std::move(text));
        if (!next.empty()) shown.headers.emplace_back("Link", next_page_link(head, next));
        to->send(std::move(shown));
      });
    });
  });
  bind(routes, "retry_notification", [this](const request& request, responder answer) {
    if (auto wrong = refuse_members(request.body)) return answer.fail(*wrong);
    auto asked = answers.begin(request, std::move(answer), env.time.now());
    if (!asked) return;
    auto order = std::make_shared<actors::redrive_request>();
    order->id = std::string(request.param("notification_id"));
    order->actor = asked->actor();
    order->reply = std::make_unique<
        rendered_reply<actors::notification_reply, std::string, domain::notification, decltype(&redriven_response)>>(
        std::move(asked), commands, &redriven_response);
    caf::anon_send(env.notifier, actors::command_atom_v, std::move(order));
  });
}

}  // namespace planexe::gateway
