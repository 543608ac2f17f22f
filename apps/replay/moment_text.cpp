// A moment of an execution as text: its head and the tree of its tasks. See texts.hpp.
//
// What is done as a whole, or has not begun, takes one line with a count, and so do several such leaves in a row; what
// is at work, waits for somebody, has failed or has just changed is shown leaf by leaf.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "apps/replay/painting.hpp"
#include "apps/replay/texts.hpp"
#include "domain/execution_status.hpp"

namespace planexe::replaying {
namespace {

using domain::execution_state;
using domain::leaf_stage;
using domain::task_index;

constexpr std::size_t narrowest = 40, widest = 200;
constexpr std::size_t folded_from = 3;  // so many calm siblings in a row are told in one line

/// What a whole subtree has in common; `lively` where that is nothing.
enum class calm { done, skipped, cancelled, waiting, lively };

struct mark {
  std::string_view sign;
  std::string_view colour;
};

mark mark_of(domain::task_status status) {
  using enum domain::task_status;
  switch (status) {
    case complete:
      return {"✔", terminal::green};
    case running:
      return {"▶", terminal::blue};
    case blocked:
      return {"■", terminal::orange};
    case error:
      return {"✖", terminal::red};
    case skipped:
      return {"↷", terminal::dim};
    case cancelled:
      return {"⊘", terminal::red};
    case queued:
      break;
  }
  return {"○", terminal::dim};
}

std::string count_of(std::size_t tasks, std::string_view what) {
  return terminal::counted(tasks, "task").append(what);
}

class task_tree {
 public:
  task_tree(const execution_state& state, const std::set<task_index>& marked, const text_style& style,
            std::size_t width)
      : state_(state), graph_(*state.graph), marked_(marked), style_(style), width_(width) {
    look_at_subtrees();
  }

  std::vector<std::string> lines() {
    std::vector<task_index> roots;
    for (task_index i = 0; i < graph_.size(); ++i)
      if (graph_.parent(i) == domain::no_task) roots.push_back(i);
    siblings(roots, "");
    return std::move(lines_);
  }
  /// Of the first marked task's line; 0 where there is none.
  std::size_t first_marked() const { return first_marked_.value_or(0); }

 private:
  static calm calm_of(leaf_stage stage, domain::task_status status) {
    if (stage == leaf_stage::done) return status == domain::task_status::skipped ? calm::skipped : calm::done;
    if (stage == leaf_stage::cancelled) return calm::cancelled;
    return stage == leaf_stage::waiting ? calm::waiting : calm::lively;
  }

  void look_at_subtrees() {
    calm_.assign(graph_.size(), calm::lively);
    // Parents come before their children in the order of the document: backwards every child is known before.
    const auto order = graph_.document();
    for (auto at = order.rbegin(); at != order.rend(); ++at) {
      const auto i = *at;
      if (style_.all_tasks || marked_.contains(i)) continue;
      if (graph_.is_leaf(i)) {
        calm_[i] = calm_of(state_.tasks[i].stage, state_.tasks[i].status);
        continue;
      }
      const auto children = graph_.children(i);
      const auto first = calm_[children.front()];
      const bool alike =
          std::all_of(children.begin(), children.end(), [&](auto child) { return calm_[child] == first; });
      calm_[i] = alike ? first : calm::lively;
    }
  }

  std::string paint(std::string_view text, std::string_view colour) const {
    return terminal::paint(text, colour, style_.colours);
  }

  template <class Tasks>
  void siblings(const Tasks& tasks, const std::string& branches) {
    for (std::size_t at = 0; at < tasks.size();) {
      std::size_t end = at + 1;
      const auto how = calm_[tasks[at]];
      if (how != calm::lively)
        while (end < tasks.size() && calm_[tasks[end]] == how) ++end;
      // A run of phases stays as it is: they are what one looks for.
      if (!branches.empty() && end - at >= folded_from) {
        fold(tasks[at], tasks[end - 1], end - at, how, branches, end == tasks.size());
        at = end;
        continue;
      }
      for (; at < end; ++at) node(tasks[at], branches, at + 1 == tasks.size());
    }
  }

  void fold(task_index first, task_index last, std::size_t count, calm how, const std::string& branches, bool is_last) {
    const auto kind = how == calm::done        ? mark_of(domain::task_status::complete)
                      : how == calm::skipped   ? mark_of(domain::task_status::skipped)
                      : how == calm::cancelled ? mark_of(domain::task_status::cancelled)
                                               : mark_of(domain::task_status::queued);
    const auto what = how == calm::done        ? "done"
                      : how == calm::skipped   ? "skipped"
                      : how == calm::cancelled ? "cancelled"
                                               : "wait for their turn";
    add(branches, is_last, kind, fmt::format("{} {}: {} … {}", count, what, title_of(first), title_of(last)),
        terminal::dim, {}, {}, false);
  }

  const std::string& title_of(task_index i) const { return state_.definition(i).title; }

  void node(task_index i, const std::string& branches, bool is_last) {
    const auto summary = domain::summarize(state_, i);
    const auto kind = mark_of(summary.status);
    const bool is_marked = marked_.contains(i) && graph_.is_leaf(i);
    if (is_marked && !first_marked_) first_marked_ = lines_.size();
    const auto& id = state_.definition(i).id.value;
    constexpr std::size_t longest_id = 16;
    const auto shown_id =
        (style_.all_tasks || id.size() <= longest_id) && id != title_of(i) ? "[" + id + "]" : std::string();
    if (graph_.is_leaf(i)) {
      const auto [note, colour] = note_of(i);
      const bool calm_leaf = calm_[i] != calm::lively;
      return add(branches, is_last, kind, title_of(i), calm_leaf ? terminal::dim : std::string_view{}, shown_id,
                 paint_later{note, colour}, is_marked);
    }
    add(branches, is_last, kind, title_of(i), terminal::bold, shown_id, paint_later{container_note(i), terminal::dim},
        false);
    if (calm_[i] == calm::lively) siblings(graph_.children(i), branches + (is_last ? "   " : "│  "));
  }

  struct paint_later {
    std::string text;
    std::string_view colour;
  };

  std::string container_note(task_index i) const {
    const auto total = graph_.leaf_count(i);
    const auto done = total - state_.tasks[i].open_leaves;
    if (calm_[i] == calm::waiting) return count_of(total, total == 1 ? " waits" : " wait");
    return fmt::format("{} of {}", done, total);
  }

  /// What is to be said of a leaf.
  paint_later note_of(task_index i) const {
    const auto& task = state_.tasks[i];
    const auto attempt = task.attempt > 1 ? fmt::format(", attempt {}", task.attempt) : std::string();
    switch (task.stage) {
      case leaf_stage::held:
        return {fmt::format("{}{}{}, since {}", name_of_actor(task.lease->agent.value, style_.names), attempt,
                            task.progress_percent > 0 ? fmt::format(", {:g} %", std::round(task.progress_percent))
                                                      : std::string(),
                            clock_of(task.lease->since).substr(0, 8)),
                terminal::blue};
      case leaf_stage::done:
        return {done_note(task), terminal::dim};
      case leaf_stage::failed:
        return {task.failure ? task.failure->type + ": " + task.failure->message : "failed for good", terminal::red};
      case leaf_stage::cancelled:
        return {"", terminal::dim};
      default:
        break;
    }
    const auto waiting = domain::waiting_of(state_, i);
    if (!waiting) return {"", terminal::dim};
    const bool ordinary = task.stage == leaf_stage::waiting || task.stage == leaf_stage::ready;
    return {waiting->detail + attempt, ordinary ? terminal::dim : terminal::orange};
  }

  std::string done_note(const domain::task_state& task) const {
    if (task.status == domain::task_status::skipped) return "skipped";
    std::string note = task.ends.empty() || task.ends.back().agent.empty()
                           ? std::string()
                           : name_of_actor(task.ends.back().agent.value, style_.names);
    if (task.started_at && task.completed_at)
      note += (note.empty() ? "after " : ", ") + domain::in_words(*task.completed_at - *task.started_at);
    return note;
  }

  void add(const std::string& branches, bool is_last, mark kind, std::string_view title, std::string_view title_colour,
           std::string id, const paint_later& note, bool is_marked) {
    const auto branch = branches + (is_last ? "└─ " : "├─ ");
    const auto left = is_marked ? "» " : "  ";
    const auto used = 4 + terminal::columns_of(branch);
    const auto room = width_ > used + 8 ? width_ - used : 8;
    const auto wanted_note = note.text.empty() ? 0 : std::min(terminal::columns_of(note.text) + 2, room / 2);
    if (terminal::columns_of(id) + 1 > room / 2) id.clear();
    const auto wanted_id = id.empty() ? 0 : terminal::columns_of(id) + 1;
    const auto shown = terminal::cut(title, room > wanted_note + wanted_id + 8 ? room - wanted_note - wanted_id : 8);
    const auto rest = room - std::min(room, terminal::columns_of(shown) + wanted_id);
    std::string line = paint(left, terminal::orange) + paint(branch, terminal::dim) + paint(kind.sign, kind.colour) +
                       ' ' + paint(shown, title_colour);
    if (!id.empty()) line += ' ' + paint(id, terminal::dim);
    if (!note.text.empty() && rest > 4) line += "  " + paint(terminal::cut(note.text, rest - 2), note.colour);
    while (line.ends_with(' ')) line.pop_back();
    lines_.push_back(std::move(line));
  }

  const execution_state& state_;
  const domain::plan_graph& graph_;
  const std::set<task_index>& marked_;
  const text_style& style_;
  std::size_t width_;
  std::vector<calm> calm_;
  std::vector<std::string> lines_;
  std::optional<std::size_t> first_marked_;
};

/// At least a cell once something is done, and never all of them before the end.
std::string bar(double percent, std::size_t cells, bool colours) {
  auto full = static_cast<std::size_t>(std::floor(std::clamp(percent, 0.0, 100.0) / 100 * static_cast<double>(cells)));
  if (percent > 0) full = std::max<std::size_t>(full, 1);
  std::string done, left;
  for (std::size_t i = 0; i < cells; ++i) (i < full ? done : left) += i < full ? "█" : "░";
  return terminal::paint(done, terminal::green, colours) + terminal::paint(left, terminal::dim, colours);
}

std::vector<std::string> head_text(const domain::execution_id& id, const execution_state& state,
                                   const domain::event_record& event, std::uint64_t last_seq, const text_style& style,
                                   std::size_t width) {
  const auto paint = [&](std::string_view text, std::string_view colour) {
    return terminal::paint(text, colour, style.colours);
  };
  std::vector<std::string> lines{paint(terminal::cut(state.title, width), terminal::bold)};
  const auto status = domain::name_of(state.status);
  const auto where = terminal::cut(
      fmt::format("  seq {} of {}  {}", state.version, last_seq, moment_of(state.updated_at)), width - status.size());
  const auto used = status.size() + terminal::columns_of(where) + 2;
  lines.push_back(paint(status, colour_of(status)) + where +
                  (width > used ? paint("  " + terminal::cut(id.value, width - used), terminal::dim) : ""));
  if (const auto message = domain::message_of(state); !message.empty())
    for (auto& line : terminal::wrapped("", message, width, 2)) lines.push_back(paint(line, colour_of(status)));
  const auto done = state.leaves_complete + state.leaves_skipped;
  const auto total = state.leaf_total();
  const auto percent = total == 0 ? 100.0 : 100.0 * done / total;
  auto figures = fmt::format(" {:.0f} %  {} of {}", std::floor(percent), done, terminal::counted(total, "task"));
  const auto add = [&](std::uint32_t count, std::string_view what) {
    if (count > 0) figures += fmt::format(", {} {}", count, what);
  };
  add(state.in(leaf_stage::held), "at work");
  add(state.in(leaf_stage::ready), "ready");
  add(state.in(leaf_stage::retrying), "tried again");
  add(state.in(leaf_stage::reviewing), "with people");
  add(state.in(leaf_stage::external), "blocked");
  add(state.in(leaf_stage::failed), "failed");
  constexpr std::size_t cells = 20;
  lines.push_back(bar(percent, cells, style.colours) + terminal::cut(figures, width - cells));
  lines.push_back(event_text(event, *state.graph, style));
  lines.emplace_back();
  return lines;
}

}  // namespace

std::vector<std::string> moment_text(const domain::execution_id& id, const execution_state& state,
                                     const domain::event_record& event, std::uint64_t last_seq,
                                     const std::set<task_index>& marked, const text_style& style) {
  const auto width = std::clamp(style.width, narrowest, widest);
  auto lines = head_text(id, state, event, last_seq, style, width);
  task_tree tree{state, marked, style, width};
  const auto all = tree.lines();
  const auto room = style.most_lines > lines.size() ? style.most_lines - lines.size() : 1;
  if (style.most_lines == 0 || all.size() <= room) {
    lines.insert(lines.end(), all.begin(), all.end());
    return lines;
  }
  // One line each for what is above and below, where there is room for those.
  const bool counts = room > 3;
  const auto shown = counts ? room - 2 : room;
  const auto wanted = tree.first_marked() - std::min(tree.first_marked(), shown / 3);
  const auto first = std::min(wanted, all.size() - shown);
  const auto left_out = [&](std::size_t count) {
    return terminal::paint(count == 0 ? "" : fmt::format("  … {} more", count), terminal::dim, style.colours);
  };
  if (counts) lines.push_back(left_out(first));
  lines.insert(lines.end(), all.begin() + static_cast<std::ptrdiff_t>(first),
               all.begin() + static_cast<std::ptrdiff_t>(first + shown));
  if (counts) lines.push_back(left_out(all.size() - first - shown));
  return lines;
}

}  // namespace planexe::replaying
