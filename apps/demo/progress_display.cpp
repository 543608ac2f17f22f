#include "apps/demo/progress_display.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "apps/terminal/terminal.hpp"
#include "apps/terminal/text.hpp"

namespace planexe::demo {
namespace {

constexpr std::uint64_t plain_step_percent = 5;
constexpr std::chrono::seconds plain_silence{15};
constexpr std::size_t narrowest = 40;
constexpr std::size_t widest = 120;

using namespace terminal;

std::string_view colour_of(std::string_view status) {
  if (status == "COMPLETED") return green;
  if (status == "BLOCKED" || status == "PAUSED") return orange;
  if (status == "FAILED" || status == "CANCELLED") return red;
  return blue;
}

std::string duration_text(std::chrono::milliseconds time) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(time).count();
  return seconds >= 3600 ? fmt::format("{}:{:02}:{:02}", seconds / 3600, seconds / 60 % 60, seconds % 60)
                         : fmt::format("{}:{:02}", seconds / 60, seconds % 60);
}

double rate(const progress_view& view) {
  const auto seconds = std::chrono::duration<double>(view.elapsed).count();
  return seconds > 0 ? static_cast<double>(view.done) / seconds : 0;
}

std::uint64_t percent(const progress_view& view) {
  return view.tasks_total == 0 ? 0 : view.done * 100 / view.tasks_total;
}

/// Cells of the bar: done, running, blocked, failed, and what is left. Anything that exists gets at least one cell.
std::string bar(const progress_view& view, std::size_t cells, bool colours) {
  std::string text;
  std::size_t used = 0;
  const auto add = [&](std::uint64_t count, std::string_view cell, std::string_view colour) {
    if (count == 0 || view.tasks_total == 0) return;
    const auto share = std::max<std::size_t>(1, static_cast<std::size_t>(count * cells / view.tasks_total));
    const auto take = std::min(share, cells - used);
    std::string part;
    for (std::size_t i = 0; i < take; ++i) part += cell;
    text += paint(part, colour, colours);
    used += take;
  };
  add(view.done, "█", green);
  add(view.running, "▓", blue);
  add(view.blocked + view.reviews, "▒", orange);
  add(view.errors, "▚", red);
  std::string rest;
  while (used++ < cells) rest += "░";
  return text + paint(rest, dim, colours);
}

std::string agent_line(const agent_activity& agent, std::size_t width, bool colours) {
  // Indent, name, count and the gaps between the columns; role and title share what is left.
  constexpr std::size_t name_width = 9;
  constexpr std::size_t fixed = 2 + name_width + 1 + 9 + 2 + 2;
  const auto left = width - std::min(width, fixed);
  const auto role_width = std::min<std::size_t>(24, left / 3);
  const auto name = padded(agent.name, name_width);
  const auto count = fmt::format("{:>4} done", agent.completed);
  const auto role = padded(agent.role, role_width);
  const bool idle = agent.task_title.empty();
  const auto title = cut(idle ? "waits for work" : agent.task_title, left - role_width);
  return fmt::format("  {} {}  {}  {}", name, count, paint(role, dim, colours),
                     paint(title, idle ? dim : blue, colours));
}

}  // namespace

std::vector<std::string> render_picture(const progress_view& view, std::size_t width, bool colours) {
  width = std::clamp(width, narrowest, widest) - 1;  // a full line would wrap in some terminals
  std::vector<std::string> lines;
  lines.push_back(paint(cut(view.title, width), bold, colours));
  const auto status = cut(view.status, 12);
  const auto message = cut(view.status_message, width - std::min(width, columns_of(status) + 2));
  lines.push_back(paint(status, colour_of(view.status), colours) + "  " + message);
  const auto figures = fmt::format(" {:>3} %  {} of {}", percent(view), view.done, counted(view.tasks_total, "task"));
  lines.push_back(bar(view, width - std::min(width - 10, columns_of(figures)), colours) + figures);
  const auto counts = fmt::format("{} running, {} blocked, {} for a person, {} in error, {:.1f}/s, {}", view.running,
                                  view.blocked, view.reviews, view.errors, rate(view), duration_text(view.elapsed));
  lines.push_back(cut(counts, width));
  for (const auto& agent : view.crew.agents) lines.push_back(agent_line(agent, width, colours));
  lines.push_back(paint(cut("look at it: " + view.address, width), dim, colours));
  return lines;
}

std::string render_line(const progress_view& view) {
  auto line = fmt::format("{:>3} %  {} of {}, {} running, {} blocked, {} for a person, {} in error, {}  {}",
                          percent(view), view.done, counted(view.tasks_total, "task"), view.running, view.blocked,
                          view.reviews, view.errors, duration_text(view.elapsed), cut(view.status, 12));
  if (!view.status_message.empty()) line += ": " + cut(view.status_message, 100);
  return line;
}

std::vector<std::string> render_summary(const demo_summary& summary, bool colours) {
  const auto& view = summary.last;
  std::vector<std::string> lines;
  lines.push_back(fmt::format("{}  {} of {} in {} ({:.1f} a second)",
                              paint(cut(view.status, 12), colour_of(view.status), colours), view.done,
                              counted(view.tasks_total, "task"), duration_text(view.elapsed), rate(view)));
  lines.push_back(fmt::format("{} recorded, {}, {} answered, {} lost", counted(summary.events, "event"),
                              counted(summary.retries, "retry", "retries"),
                              counted(view.crew.reviews_answered, "review"), counted(view.crew.leases_lost, "lease")));
  for (const auto& agent : view.crew.agents) {
    lines.push_back(fmt::format("  {} ({}): {} done, {}", cut(agent.name, 20), cut(agent.role, 60), agent.completed,
                                counted(agent.errors, "failed attempt")));
  }
  if (!view.crew.last_problem.empty() && view.status != "COMPLETED") {
    lines.push_back("last problem: " + cut(view.crew.last_problem, 300));
  }
  lines.push_back("look at it: " + cut(view.address, 300));
  return lines;
}

progress_display::progress_display(std::ostream& out, display_mode mode, std::size_t width, bool colours)
    : out_(out), mode_(mode), width_(width), colours_(colours) {}

void progress_display::show(const progress_view& view) {
  if (mode_ == display_mode::terminal) {
    const auto lines = render_picture(view, width_, colours_);
    std::string picture;
    if (drawn_lines_ > 0) picture = fmt::format("\x1b[{}A", drawn_lines_);
    for (const auto& line : lines) picture += "\r\x1b[2K" + line + "\n";
    // A picture that got shorter leaves nothing of the longer one behind.
    picture += "\x1b[J";
    drawn_lines_ = lines.size();
    out_ << picture << std::flush;
    return;
  }
  const auto step = percent(view) / plain_step_percent;
  const bool due =
      !shown_ || step != shown_step_ || view.status != shown_status_ || view.elapsed - shown_at_ >= plain_silence;
  if (!due) return;
  shown_ = true;
  shown_step_ = step;
  shown_status_ = view.status;
  shown_at_ = view.elapsed;
  out_ << render_line(view) << '\n' << std::flush;
}

void progress_display::finish(const demo_summary& summary) {
  show(summary.last);
  out_ << '\n';
  for (const auto& line : render_summary(summary, colours_)) out_ << line << '\n';
  out_ << std::flush;
}

}  // namespace planexe::demo
