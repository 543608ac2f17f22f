#include "apps/replay/replay.hpp"

#include <charconv>
#include <exception>

#include "apps/replay/player.hpp"
#include "apps/replay/sources.hpp"
#include "apps/terminal/failure.hpp"
#include "gateway/json/render_event.hpp"
#include "gateway/json/render_execution.hpp"
#include "gateway/json/render_task.hpp"

namespace planexe::replaying {
namespace {

constexpr int exit_done = 0;

/// The seq of a moment that was given as a seq or as a time.
result<std::uint64_t> seq_of(const recording& from, const std::string& moment) {
  const auto none = [&] {
    return unexpected{error{errc::not_found, "the execution has events 1 to " + std::to_string(from.last())}};
  };
  std::uint64_t seq = 0;
  const auto* end = moment.data() + moment.size();
  if (const auto read = std::from_chars(moment.data(), end, seq); read.ec == std::errc{} && read.ptr == end) {
    if (seq == 0 || seq > from.last()) return none();
    return seq;
  }
  const auto time = domain::parse_rfc3339(moment);
  if (!time)
    return unexpected{error{errc::invalid, "'" + moment + "' is neither a seq nor a time as 2026-01-31T09:05:07Z"}};
  const auto found = from.seq_at(*time);
  if (!found) return found;
  if (*found == 0) return unexpected{error{errc::not_found, "the execution did not exist yet at " + moment}};
  return found;
}

text_style style_of(const recording& from, const replay_request& wanted) {
  return {.width = wanted.width,
          .colours = wanted.colours,
          .all_tasks = wanted.all_tasks,
          .names = [&from](const std::string& agent) { return from.agent_name(agent); }};
}

void print(const json& value, std::ostream& out) {
  out << value.dump(2, ' ', true, json::error_handler_t::replace) << '\n';
}

json parsed(const std::string& text) {
  return json::parse(text, nullptr, false);
}

/// As the API gives them with `?at_seq`.
json moment_json(const recording& from, const playhead& at) {
  const auto& state = at.state();
  std::string event, execution, tasks;
  gateway::render_event(event, at.event());
  gateway::render_execution(execution, from.id(), state, state.updated_at);
  gateway::render_task_tree(tasks, state, state.updated_at, {});
  return {{"execution_id", from.id().value}, {"seq", at.seq()},
          {"last_seq", from.last()},         {"at", domain::format_rfc3339(state.updated_at)},
          {"event", parsed(event)},          {"execution", parsed(execution)},
          {"tasks", parsed(tasks)}};
}

result<void> show_moment(const recording& from, std::uint64_t seq, const replay_request& wanted, std::ostream& out) {
  playhead at{from};
  if (auto gone = at.go(seq); !gone) return gone;
  if (wanted.json)
    print(moment_json(from, at), out);
  else
    for (const auto& line : moment_text(from.id(), at.state(), at.event(), from.last(), {}, style_of(from, wanted)))
      out << line << '\n';
  return {};
}

result<void> show_diff(const recording& from, const replay_request& wanted, std::ostream& out) {
  const auto first = seq_of(from, wanted.diff.front());
  if (!first) return unexpected{first.error()};
  const auto second = seq_of(from, wanted.diff.back());
  if (!second) return unexpected{second.error()};
  playhead at{from};
  if (auto gone = at.go(*first); !gone) return gone;
  const visible_state before{at.state()};
  if (auto gone = at.go(*second); !gone) return gone;
  const auto changes = changes_between(before, visible_state{at.state()});
  if (!wanted.json) {
    for (const auto& line : changes_text(changes, style_of(from, wanted))) out << line << '\n';
    return {};
  }
  const auto moment = [](std::uint64_t seq, domain::timestamp time) {
    return json{{"seq", seq}, {"at", domain::format_rfc3339(time)}};
  };
  json answer{{"execution_id", from.id().value},
              {"from", moment(changes.from_seq, changes.from_at)},
              {"to", moment(changes.to_seq, changes.to_at)}};
  answer.update(to_json(changes));
  print(answer, out);
  return {};
}

result<void> show(recording& from, const replay_request& wanted, std::ostream& out) {
  if (!wanted.diff.empty()) return show_diff(from, wanted, out);
  const bool plays = wanted.step || wanted.speed > 0;
  const bool begins_at_end = wanted.at.empty() && !plays;
  const auto seq = begins_at_end       ? result<std::uint64_t>{from.last()}
                   : wanted.at.empty() ? result<std::uint64_t>{std::uint64_t{1}}
                                       : seq_of(from, wanted.at);
  if (!seq) return unexpected{seq.error()};
  if (!plays && !wanted.follow) return show_moment(from, *seq, wanted, out);
  const playing how{.from = *seq, .by_hand = wanted.step, .speed = wanted.speed, .follow = wanted.follow};
  return play(from, how, {style_of(from, wanted), wanted.json, wanted.moves, wanted.height}, out);
}

/// What does not go together.
std::string contradiction_in(const replay_request& wanted) {
  if (wanted.speed < 0) return "--speed is a number over 0";
  const bool plays = wanted.step || wanted.follow || wanted.speed > 0;
  if (!wanted.diff.empty() && (plays || !wanted.at.empty())) return "--diff stands alone";
  if (wanted.step && wanted.speed > 0) return "--step and --speed exclude each other";
  return {};
}

}  // namespace

int run_replay(const replay_request& wanted, std::ostream& out, std::ostream& err) {
  const auto fail = [&](const error& why) { return terminal::fail(why, wanted.json, out, err); };
  try {
    if (const auto wrong = contradiction_in(wanted); !wrong.empty()) return fail({errc::invalid, wrong});
    auto from = open_recording(wanted);
    const auto done = from ? show(*from, wanted, out) : result<void>{unexpected{from.error()}};
    return done ? exit_done : fail(done.error());
  } catch (const std::exception& unforeseen) {  // memory
    return fail({errc::io, unforeseen.what()});
  }
}

}  // namespace planexe::replaying
