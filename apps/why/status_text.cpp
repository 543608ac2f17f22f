// Executions and lists of them as text for people. See texts.hpp.
#include <fmt/format.h>

#include <cmath>

#include "apps/why/page.hpp"

namespace planexe::asking {
namespace {

constexpr std::size_t status_width = 10, bar_width = 12;
constexpr std::size_t most_blockers = 10;

/// At least a cell once something is done, and never all of them before the end.
std::string bar(const page& to, double percent, std::size_t cells) {
  auto full = static_cast<std::size_t>(std::floor(std::clamp(percent, 0.0, 100.0) / 100 * static_cast<double>(cells)));
  if (percent > 0) full = std::max<std::size_t>(full, 1);
  std::string done, left;
  for (std::size_t i = 0; i < cells; ++i) (i < full ? done : left) += i < full ? "█" : "░";
  return to.paint(done, terminal::green) + to.paint(left, terminal::dim);
}

void add_blockers(page& to, const json& answer, domain::timestamp now) {
  const auto& blockers = list_in(answer, "blockers");
  if (blockers.empty()) return;
  to.add("");
  to.add(to.paint(terminal::counted(blockers.size(), "blocker"), terminal::bold));
  for (std::size_t i = 0; i < std::min(blockers.size(), most_blockers); ++i) {
    const auto& each = blockers[i];
    const auto kind = terminal::cut(text_in(each, "kind"), status_width);
    const auto id = "[" + text_in(each, "task_id") + "]";
    const bool beside = is_short(id);
    to.add_wrapped("  ", text_in(each, "title") + (beside ? " " + id : ""), 1);
    if (!beside) to.add_wrapped("    ", id, 1, terminal::dim);
    to.add_wrapped("    ", kind + " since " + when(text_in(each, "since"), now) + ": " + text_in(each, "reason"), 3,
                   colour_of(kind));
  }
  if (blockers.size() > most_blockers)
    to.add(to.paint(fmt::format("  … and {} more", blockers.size() - most_blockers), terminal::dim));
}

}  // namespace

result<std::vector<std::string>> execution_text(std::string_view answer, domain::timestamp now, text_style style) {
  const auto body = parsed(answer);
  if (!body) return unexpected{body.error()};
  const auto* progress = find(*body, "progress");
  if (progress == nullptr) return unexpected{error{errc::corrupt, "the answer is no execution"}};
  page to{style};
  to.add_wrapped("", text_in(*body, "title"), 2, terminal::bold);
  const auto status = terminal::cut(text_in(*body, "status"), status_width);
  const auto message = text_in(*body, "status_message");
  to.add(to.paint(status, colour_of(status)) + "  " + terminal::cut(text_in(*body, "execution_id"), to.width() / 2));
  if (!message.empty()) to.add_wrapped("", message, 3);
  const auto finished = count_in(*progress, "tasks_completed") + count_in(*progress, "tasks_skipped");
  to.add(bar(to, number_in(*progress, "percent"), 2 * bar_width) +
         fmt::format(" {:g} %  {} of {}", number_in(*progress, "percent"), finished,
                     terminal::counted(count_in(*progress, "tasks_total"), "task")));
  if (const auto current = text_in(*progress, "current_task_title"); !current.empty())
    to.add_wrapped("", "at work: " + current + " [" + text_in(*progress, "current_task_id") + "]", 2);
  if (const auto* origin = find(*body, "forked_from"))
    to.add_wrapped("", fmt::format("forked from {} at {}", text_in(*origin, "execution_id"), count_in(*origin, "seq")),
                   2, terminal::dim);
  if (const auto started = text_in(*body, "started_at"); !started.empty())
    to.add_wrapped("", "started " + when(started, now), 1, terminal::dim);
  if (const auto ended = text_in(*body, "completed_at"); !ended.empty())
    to.add_wrapped("", "ended " + when(ended, now), 1, terminal::dim);
  add_blockers(to, *body, now);
  add_forecast(to, *body, now);
  return to.take();
}

result<std::vector<std::string>> executions_text(std::string_view answer, domain::timestamp now, text_style style) {
  const auto body = parsed(answer);
  if (!body) return unexpected{body.error()};
  if (!body->is_array()) return unexpected{error{errc::corrupt, "the answer is no list of executions"}};
  page to{style};
  if (body->empty()) to.add("no executions");
  for (const auto& each : *body) {
    const auto* progress = find(each, "progress");
    const double percent = progress == nullptr ? 0 : number_in(*progress, "percent");
    const auto status = text_in(each, "status");
    const auto id = terminal::cut(text_in(each, "execution_id"), to.width() / 2);
    const auto created = domain::parse_rfc3339(text_in(each, "created_at"));
    const auto age = created ? domain::in_words(now - *created) : std::string();
    constexpr std::size_t percent_width = 6, age_width = 10, gaps = 4;
    const auto taken = status_width + bar_width + percent_width + age_width + terminal::columns_of(id) + gaps;
    to.add(to.paint(terminal::padded(status, status_width), colour_of(status)) + bar(to, percent, bar_width) +
           terminal::right_aligned(fmt::format("{:.0f} %", std::floor(percent)), percent_width) + "  " +
           terminal::padded(age, age_width) + id + "  " +
           (to.width() > taken ? terminal::cut(text_in(each, "title"), to.width() - taken) : ""));
  }
  return to.take();
}

}  // namespace planexe::asking
