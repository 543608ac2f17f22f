// Persons whose words can be erased, and erasing them: the log forgets their key at once, and the server starts anew,
// for it has their words in memory, in its views and in its tables.
#include <caf/send.hpp>

#include <algorithm>
#include <span>

#include "eventstore/archive_reader.hpp"
#include "eventstore/codec.hpp"
#include "eventstore/each_stream.hpp"
#include "gateway/actor_bridge/asked_state.hpp"
#include "gateway/json/parse_erasure.hpp"
#include "gateway/json/writer.hpp"
#include "projections/left_behind.hpp"
#include "projections/replay.hpp"

namespace planexe::gateway {
namespace {

// A log of an earlier release may have any number of them.
constexpr std::size_t most_listed = 1'000;

response erasure_response(const eventstore::known_subject& gone, const projections::left_behind& left) {
  std::string text;
  json_writer writer{text};
  writer.begin_object();
  writer.member("called_now", gone.erased);
  writer.member("executions", gone.executions);
  writer.key("live_keys");
  writer.begin_array();
  for (const auto& key : left.live_keys) writer.text(key);
  writer.end_array();
  writer.member("active_agent", left.active_agent);
  writer.member("unsealed", left.unsealed.size());
  writer.key("unsealed_events");
  writer.begin_array();
  for (const auto& each : std::span(left.unsealed).first(std::min(left.unsealed.size(), most_listed))) {
    writer.begin_object();
    writer.member("stream", each.stream.id);
    writer.member("seq", each.seq);
    writer.member("event_type", each.type);
    writer.end_object();
  }
  writer.end_array();
  writer.end_object();
  return json_response(202, std::move(text));
}

response subjects_response(const std::vector<eventstore::known_subject>& subjects) {
  std::string text;
  json_writer writer{text};
  writer.begin_array();
  for (const auto& each : subjects) {
    writer.begin_object();
    writer.member("subject", each.name);
    writer.member("executions", each.executions);
    writer.end_object();
  }
  writer.end_array();
  return json_response(200, std::move(text));
}

/// The views are made anew from the whole log at the start that follows: an archive file that is missing must be known
/// before they are dropped.
result<void> check_archive(const actor_bridge::core& core) {
  const auto& check = core.options.check_archived;
  return eventstore::each_stream(core.env.log, [&](const eventstore::listed_stream& each) -> result<void> {
    if (!each.archived) return {};
    if (core.ending.stop_requested()) return unexpected{error{errc::io, "the server ends"}};
    if (!check) return unexpected{error{errc::io, "this server has no archive"}};
    return check({each.stream, each.head, *each.archived});
  });
}

/// Blocks while the archive and the log are read.
void erase(actor_bridge::core& core, const erasure_order& order, const std::shared_ptr<keyed_request>& asked) {
  const auto subjects = core.env.log.sealing_keys().subjects();
  const auto known =
      std::find_if(subjects.begin(), subjects.end(), [&](const auto& each) { return each.name == order.subject; });
  if (known == subjects.end())
    return asked->send(
        to_response({problem_code::not_found, "no words of '" + order.subject + "' are sealed", {}, {}}));
  if (const auto whole = check_archive(core); !whole)
    return asked->send(to_response(unavailable("nobody can be erased now: " + whole.error().detail)));
  const auto now = core.env.time.now();
  const auto left = projections::left_behind_by(core.env.log, order.subject, now, core.ending.get_token());
  if (!left) return asked->send(to_response(archive_problem(left.error())));
  auto item = std::make_shared<actors::commit_item>();
  auto& append = item->append;
  append.stream = projections::erasure_stream();
  const auto head = core.env.log.head_of(append.stream);
  if (!head) return asked->send(to_response(to_problem(head.error())));
  append.expected_version = head->version;
  const domain::event_metadata metadata{.recorded_at = now, .actor = asked->actor()};
  domain::event event{domain::system_event{domain::subject_erased{known->erased, order.reason}}};
  append.bytes.push_back(eventstore::encode(event, metadata));
  append.events.push_back({append.stream, head->version + 1, 0, metadata, std::move(event), {}});
  auto answer = erasure_response(*known, *left);
  if (auto kept = asked->keep(answer, metadata.recorded_at)) append.answers.push_back(std::move(*kept));
  item->on_conflict = [asked] {
    asked->send(to_response(unavailable("somebody else is being erased; ask again when the server has started anew")));
  };
  item->on_durable = [asked, answer = std::move(answer), anew = core.options.start_anew]() mutable {
    asked->send(std::move(answer));
    anew();
  };
  caf::anon_send(core.env.committer, actors::append_atom_v, std::move(item));
}

}  // namespace

void actor_bridge::core::bind_erasure(router& routes) {
  bind(routes, "list_subjects",
       [this](const request&, responder answer) { answer.send(subjects_response(env.log.sealing_keys().subjects())); });
  bind(routes, "erase_subject", [this](const request& request, responder answer) {
    auto order = parse_erasure(request.body);
    if (!order) return answer.fail(order.error());
    if (!options.start_anew)
      return answer.fail(unavailable("this server cannot start anew; stop it, and use planexe-ax erase"));
    const std::shared_ptr<keyed_request> asked = answers.begin(request, std::move(answer), env.time.now());
    if (!asked) return;
    (void)erasures.run_later([this, asked, order = std::move(*order)] { erase(*this, order, asked); });
  });
}

}  // namespace planexe::gateway
