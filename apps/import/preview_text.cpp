// The preview as a tree for people. See plan_preview.hpp.
#include <fmt/format.h>

#include "apps/import/plan_preview.hpp"
#include "apps/terminal/terminal.hpp"
#include "apps/terminal/text.hpp"

namespace planexe::importing {
namespace {

using domain::task_index;

constexpr std::size_t narrowest = 60;
constexpr std::size_t widest = 160;
constexpr std::size_t mark_width = 2, sure_width = 6, tier_width = 5, confidence_width = 6;
constexpr std::size_t days_width = 8, days_and_range_width = 17;
constexpr std::size_t wide_enough_for_ranges = 96;
constexpr std::size_t goal_lines = 3;

using namespace terminal;

/// A plan may give any number of days.
std::string number_text(double days) {
  constexpr double longest = 1e7;  // beyond it the digits say nothing
  if (!(days < longest)) return fmt::format("{:.2g}", days);
  std::string text = fmt::format("{:.1f}", days);
  if (text.ends_with(".0")) text.resize(text.size() - 2);
  return text;
}

std::string days_text(const std::optional<domain::estimate>& estimate, bool with_range) {
  if (!estimate) return "-";
  std::string text = number_text(estimate->days_realistic) + " d";
  if (with_range && estimate->days_min != estimate->days_max)
    text += " (" + number_text(estimate->days_min) + "-" + number_text(estimate->days_max) + ")";
  return text;
}

std::string percent_text(double share) {
  return fmt::format("{:.0f} %", share * 100);
}

class text_view {
 public:
  text_view(const plan_preview& preview, std::size_t width, bool colours)
      : preview_(preview),
        graph_(*preview.graph),
        plan_(preview.graph->plan()),
        width_(std::clamp(width, narrowest, widest)),
        colours_(colours) {
    role_width_ = std::clamp<std::size_t>(width_ / 6, 10, 24);
    action_width_ = std::clamp<std::size_t>(width_ / 8, 8, 16);
    ranges_ = width_ >= wide_enough_for_ranges;
    days_width_ = ranges_ ? days_and_range_width : days_width;
    constexpr std::size_t gaps = 2;  // before role and action
    title_width_ = width_ - mark_width - role_width_ - sure_width - tier_width - confidence_width - action_width_ -
                   days_width_ - gaps;
  }

  std::vector<std::string> lines() && {
    head();
    tree();
    critical_path();
    warnings();
    return std::move(lines_);
  }

 private:
  void add(std::string line) {
    while (line.ends_with(' ')) line.pop_back();
    lines_.push_back(std::move(line));
  }
  std::string paint(std::string_view text, std::string_view colour) const {
    return terminal::paint(text, colour, colours_);
  }
  void wrapped(std::string_view label, std::string_view text, std::size_t most_lines) {
    for (auto& line : terminal::wrapped(label, text, width_, most_lines)) add(std::move(line));
  }
  void head();
  void tree();
  void leaf(task_index i, const std::string& title);
  void critical_path();
  void warnings();

  const plan_preview& preview_;
  const domain::plan_graph& graph_;
  const domain::plan& plan_;
  std::size_t width_;
  bool colours_;
  bool ranges_ = false;
  std::size_t role_width_ = 0, action_width_ = 0, title_width_ = 0, days_width_ = 0;
  std::vector<std::string> lines_;
};

void text_view::head() {
  const auto& counts = preview_.counts;
  add(paint(cut(plan_.title, width_), bold));
  if (plan_.goal != plan_.title) wrapped("goal: ", plan_.goal, goal_lines);
  if (plan_.start_date) add("start: " + domain::format_rfc3339(*plan_.start_date).substr(0, 10));
  wrapped("",
          counted(counts.phases, "phase", "phases") + ", " + counted(counts.tasks, "task", "tasks") + ", " +
              counted(counts.leaves, "leaf", "leaves") + ", " +
              counted(plan_.dependencies.size(), "dependency", "dependencies") + ", " +
              counted(plan_.roles.size(), "role", "roles") + ", " + counted(plan_.risks.size(), "risk", "risks") +
              ", " + counted(plan_.assumptions.size(), "assumption", "assumptions"),
          2);
  wrapped("",
          fmt::format("{} for an agent alone, {} with a person's approval, {} led by a person; {} below {:.0f} % "
                      "confidence, {} on average",
                      counts.agent_alone, counts.agent_with_approval, counts.person_led, counts.low_confidence,
                      review_threshold * 100, percent_text(counts.mean_confidence)),
          2);
  if (plan_.redline == domain::redline_verdict::refuse)
    add(paint("PlanExe's redline gate says REFUSE: the plan can be read, not started", red));
  if (!plan_.start_warning.empty()) wrapped("before a start, confirm: ", plan_.start_warning, goal_lines);
}

void text_view::tree() {
  add("");
  add(paint(std::string(mark_width, ' ') + padded("task", title_width_) + " " + padded("role", role_width_) +
                right_aligned("sure", sure_width) + right_aligned("tier", tier_width) +
                right_aligned("conf", confidence_width) + " " + padded("action", action_width_) +
                right_aligned("days", days_width_),
            dim));
  std::vector<std::size_t> depth(graph_.size(), 0);
  for (task_index i = 0; i < graph_.size(); ++i) {
    if (graph_.parent(i) != domain::no_task) depth[i] = depth[graph_.parent(i)] + 1;
    const std::string indent(std::min(depth[i] * 2, title_width_ / 2), ' ');
    if (graph_.is_leaf(i)) {
      leaf(i, indent + graph_.task(i).title);
      continue;
    }
    const std::size_t left = width_ - mark_width - days_width_;
    const std::string title = std::string(mark_width, ' ') + padded(indent + graph_.task(i).title, left);
    const auto& estimate = graph_.task(i).estimate;
    add((depth[i] == 0 ? paint(title, bold) : title) +
        right_aligned(estimate ? days_text(estimate, ranges_) : "", days_width_));
  }
  if (preview_.counts.low_confidence > 0)
    wrapped(
        "! ",
        fmt::format("below {:.0f} %: waits for a person's approval before an agent gets it", review_threshold * 100),
        2);
}

void text_view::leaf(task_index i, const std::string& title) {
  const auto& task = graph_.task(i);
  const bool low = task.decomposition_confidence < review_threshold;
  const std::string sure = task.role_certainty > 0 ? percent_text(task.role_certainty) : "-";
  const std::string row =
      padded(low ? "!" : "", mark_width) + padded(title, title_width_) + " " +
      padded(task.assignee_role.empty() ? "any" : task.assignee_role, role_width_) + right_aligned(sure, sure_width) +
      right_aligned(std::to_string(static_cast<int>(task.tier)), tier_width) +
      right_aligned(percent_text(task.decomposition_confidence), confidence_width) + " " +
      padded(task.action, action_width_) + right_aligned(days_text(task.estimate, ranges_), days_width_);
  add(low ? paint(row, orange) : row);
}

void text_view::critical_path() {
  const auto& schedule = preview_.schedule;
  const auto& path = schedule.critical_path;
  const auto is_assumed = [&](task_index leaf) { return !graph_.task(leaf).estimate; };
  const auto assumed = static_cast<std::size_t>(std::count_if(path.begin(), path.end(), is_assumed));
  add("");
  const auto days = number_text(schedule.days);
  add(paint("critical path: " + days + (days == "1" ? " day, " : " days, ") + counted(path.size(), "leaf", "leaves"),
            bold));
  if (assumed > 0)
    wrapped("", counted(assumed, "of them has", "of them have") + " no estimate (~): the mean of the others, or a day",
            2);
  constexpr std::size_t day_width = 9, length_width = 9;
  const std::size_t phase_width = std::clamp<std::size_t>(width_ / 4, 12, 32);
  for (const auto leaf : path) {
    const std::string length = (is_assumed(leaf) ? "~" : "") + number_text(domain::estimated_days(graph_, leaf)) + " d";
    add(right_aligned("day " + number_text(schedule.slots[leaf].earliest_start), day_width) +
        right_aligned(length, length_width) + "  " +
        padded(graph_.task(leaf).title, width_ - day_width - length_width - phase_width - 4) + "  " +
        paint(cut(graph_.task(graph_.phase_of(leaf)).title, phase_width), dim));
  }
}

void text_view::warnings() {
  add("");
  if (preview_.warnings.empty()) return add("no warnings");
  add(paint(counted(preview_.warnings.size(), "warning", "warnings"), bold));
  for (const auto& warning : preview_.warnings)
    wrapped("  ", warning.code + ": " + warning.detail + (warning.task.empty() ? "" : " (" + warning.task.value + ")"),
            goal_lines);
}

}  // namespace

std::vector<std::string> preview_text(const plan_preview& preview, std::size_t width, bool colours) {
  return text_view{preview, width, colours}.lines();
}

}  // namespace planexe::importing
