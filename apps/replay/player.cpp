#include "apps/replay/player.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <optional>

#include "apps/replay/keyboard.hpp"
#include "apps/replay/painting.hpp"
#include "gateway/json/render_event.hpp"

namespace planexe::replaying {
namespace {

using clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

constexpr milliseconds look_interval{500};                 // how soon what is recorded now is shown
constexpr int looks_are_one_in = 5;                        // of the time: what is slow to open is opened more seldom
constexpr milliseconds longest_wait{200};                  // for a key
constexpr std::uint64_t greatest_seq = 1'000'000'000'000;  // more digits than this are a slip of the finger

/// The screen beside the one that was there, which comes back at the end.
class screen {
 public:
  screen(std::ostream& out, bool wanted) : out_(out), used_(wanted) {
    if (used_) out_ << "\x1b[?1049h\x1b[?25l" << std::flush;
  }
  screen(const screen&) = delete;
  screen& operator=(const screen&) = delete;
  ~screen() {
    if (used_) out_ << "\x1b[?25h\x1b[?1049l" << std::flush;
  }
  void draw(const std::vector<std::string>& lines) {
    std::string text = "\x1b[H";
    for (const auto& line : lines) text += line + "\x1b[K\r\n";
    out_ << text << "\x1b[J" << std::flush;
  }

 private:
  std::ostream& out_;
  bool used_;
};

/// Not only what it waits for is another thing.
bool has_moved(const task_change& change) {
  static const std::set<std::string_view> own{"status", "agent_id", "attempt", "progress_percent", "error", "result"};
  return std::any_of(change.members.begin(), change.members.end(),
                     [&](const auto& each) { return own.contains(each.name); });
}

enum class wish { nothing, go, end };

class player {
 public:
  player(recording& from, const playing& how, const showing& to, std::ostream& out)
      : from_(from), how_(how), to_(to), out_(out), head_(from) {}

  result<void> run() {
    wanted_ = std::clamp<std::uint64_t>(how_.from, 1, from_.last());
    if (auto done = step_to(wanted_); !done) return done;
    for (;;) {
      const auto chosen = choose();
      if (!chosen) return unexpected{chosen.error()};
      if (*chosen == wish::end) break;
      if (*chosen == wish::nothing) continue;
      if (auto done = step_to(wanted_); !done) return done;
    }
    return {};
  }
  /// What was seen last, to stay in the terminal.
  const std::vector<std::string>& last_picture() const { return picture_; }

 private:
  /// Shows the event, and what it changed.
  result<void> step_to(std::uint64_t seq) {
    const bool next = seen_ && head_.seq() + 1 == seq;
    if (!next && seq > 1) {
      if (auto done = head_.go(seq - 1); !done) return done;
      seen_.emplace(head_.state());
    }
    if (seq == 1) seen_.reset();
    if (auto done = head_.go(seq); !done) return done;
    visible_state now{head_.state()};
    // The first event is its own explanation: before it there was nothing.
    const auto changed = seen_ ? changes_between(*seen_, now) : state_changes{};
    seen_ = std::move(now);
    shown_at_ = clock::now();
    show(changed);
    return {};
  }

  void show(const state_changes& changed) {
    if (to_.json) {
      std::string event;
      gateway::render_event(event, head_.event());
      json line{{"seq", head_.seq()}, {"event", json::parse(event, nullptr, false)}};
      line["changes"] = to_json(changed);
      out_ << line.dump(-1, ' ', true, json::error_handler_t::replace) << '\n' << std::flush;
    } else if (draws_) {
      draw(changed);
    } else {
      out_ << event_text(head_.event(), *head_.state().graph, to_.style) << '\n';
      for (const auto& line : step_text(changed, to_.style)) out_ << line << '\n';
      out_ << std::flush;
    }
  }

  void draw(const state_changes& changed) {
    std::set<domain::task_index> marked;
    for (const auto& each : changed.tasks)
      if (each.is_leaf && (each.added || has_moved(each))) marked.insert(each.task);
    auto style = to_.style;
    constexpr std::size_t foot_lines = 2;
    style.most_lines = to_.height > foot_lines ? to_.height - foot_lines : 0;
    picture_ = moment_text(from_.id(), head_.state(), head_.event(), from_.last(), marked, style);
    redraw();
  }
  void redraw() {
    auto lines = picture_;
    lines.push_back(terminal::paint(terminal::cut(foot(), to_.style.width), terminal::dim, to_.style.colours));
    screen_.draw(lines);
  }
  std::string foot() const {
    if (!typed_.empty()) return "go to " + typed_ + "  (Enter)";
    const std::string text = "n next  p previous  NUMBER Enter go there  g first  G last  q quit";
    if (how_.follow && at_end()) return "waiting for more events   " + text;
    if (how_.by_hand || at_end()) return text;
    if (held_) return "held, space goes on   " + text;
    return fmt::format("playing at {:g} times the speed, space holds it   {}", how_.speed, text);
  }

  std::uint64_t end() const { return how_.until == 0 ? from_.last() : std::min(how_.until, from_.last()); }
  bool at_end() const { return head_.seq() >= end(); }
  bool is_over() const { return domain::is_final(head_.state().status); }

  /// What comes next: by a key, by time, or by what was recorded meanwhile.
  result<wish> choose() {
    if (!at_end() && !held_) return play_on();
    if (how_.follow && how_.until == 0 && at_end() && !(is_over() && !draws_)) return look_for_more();
    if (!draws_) return step_on();
    return key_pressed(longest_wait);
  }

  /// Without keys everything is shown at once.
  result<wish> step_on() {
    if (at_end()) return wish::end;
    wanted_ = head_.seq() + 1;
    return wish::go;
  }

  result<wish> play_on() {
    if (how_.speed <= 0) return step_on();
    const auto ahead = from_.events(head_.seq(), 1);
    if (!ahead) return unexpected{ahead.error()};
    if (ahead->empty()) return wish::nothing;
    const auto apart = ahead->front().metadata.recorded_at - head_.event().metadata.recorded_at;
    const auto due = shown_at_ + std::chrono::duration_cast<clock::duration>(std::chrono::duration<double, std::milli>(
                                     static_cast<double>(std::max(apart, milliseconds{0}).count()) / how_.speed));
    const auto left = std::chrono::ceil<milliseconds>(due - clock::now());
    if (left > milliseconds{0}) return key_pressed(std::min(left, longest_wait));
    wanted_ = head_.seq() + 1;
    return wish::go;
  }

  result<wish> look_for_more() {
    if (clock::now() >= next_look_) {
      const auto begin = clock::now();
      const auto more = from_.look_again();
      if (!more) return unexpected{more.error()};
      const auto took = clock::now() - begin;
      next_look_ = clock::now() + std::max<clock::duration>(look_interval, took * looks_are_one_in);
      if (*more) {
        held_ = how_.by_hand;
        wanted_ = head_.seq() + (held_ ? 0 : 1);  // by hand only the number of events moves on
        return wish::go;
      }
    }
    return key_pressed(std::min(longest_wait, look_interval));
  }

  result<wish> key_pressed(milliseconds patience) {
    const auto pressed = keys_.wait(patience);
    if (!pressed) return wish::nothing;
    if (pressed->what == key::digit) {
      typed_ += std::to_string(pressed->digit);
      if (std::stoull(typed_) > greatest_seq) typed_.clear();
      if (draws_) redraw();
      return wish::nothing;
    }
    const auto typed = std::exchange(typed_, {});
    const auto here = head_.seq();
    switch (pressed->what) {
      case key::quit:
        if (typed.empty()) return wish::end;
        if (draws_) redraw();
        return wish::nothing;
      case key::toggle:
        if (!how_.by_hand) {
          held_ = !held_;
          if (draws_) redraw();
          return wish::nothing;
        }
        wanted_ = here + 1;
        break;
      case key::next:
        wanted_ = here + 1;
        break;
      case key::enter:
        wanted_ = typed.empty() ? here + 1 : std::stoull(typed);
        break;
      case key::previous:
        wanted_ = here - 1;
        break;
      case key::first:
        wanted_ = 1;
        break;
      case key::last:
        wanted_ = from_.last();
        break;
      default:
        return wish::nothing;
    }
    wanted_ = std::clamp<std::uint64_t>(wanted_, 1, from_.last());
    held_ = true;  // whoever goes by hand wants to look
    if (wanted_ != here) return wish::go;
    if (draws_) redraw();
    return wish::nothing;
  }

  recording& from_;
  const playing& how_;
  const showing& to_;
  std::ostream& out_;
  playhead head_;
  keyboard keys_{to_.draws_over && !to_.json};
  // Without keys nobody could end it in good order, and the terminal would stay as it is.
  bool draws_ = keys_.is_terminal();
  screen screen_{out_, draws_};
  std::optional<visible_state> seen_;  ///< after the event that is shown
  std::uint64_t wanted_ = 1;
  bool held_ = how_.by_hand;  ///< does not go on by itself
  clock::time_point shown_at_{};
  clock::time_point next_look_{};
  std::string typed_;
  std::vector<std::string> picture_;
};

}  // namespace

result<void> play(recording& from, const playing& how, const showing& to, std::ostream& out) {
  std::vector<std::string> last_picture;
  result<void> played;
  {
    player shown{from, how, to, out};
    played = shown.run();
    last_picture = shown.last_picture();
  }
  for (const auto& line : last_picture) out << line << '\n';
  return played;
}

}  // namespace planexe::replaying
