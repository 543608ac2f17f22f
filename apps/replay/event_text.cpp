// Events and what they bring about as text. See texts.hpp.
#include <fmt/format.h>

#include <algorithm>

#include "apps/json_fields.hpp"
#include "apps/replay/painting.hpp"
#include "apps/replay/texts.hpp"
#include "gateway/json/render_event.hpp"

namespace planexe::replaying {
namespace {

using fields::text_in;

constexpr std::size_t narrowest = 40, widest = 240;

std::size_t width_of(const text_style& style) {
  return std::clamp(style.width, narrowest, widest);
}

std::string_view colour_of_type(std::string_view type) {
  if (type == "task_complete" || type == "execution_completed") return terminal::green;
  if (type == "task_error" || type == "execution_failed" || type == "execution_cancelled" ||
      type == "report_rejected_stale" || type == "lease_expired")
    return terminal::red;
  if (type == "task_blocked" || type == "execution_blocked" || type == "review_requested" || type == "task_escalated" ||
      type == "execution_paused" || type == "execution_unstaffed")
    return terminal::orange;
  return terminal::blue;
}

/// What was said with it, if anything.
std::string words_of(const json& event) {
  std::string words = text_in(event, "message");
  const auto add = [&](const std::string& more) {
    if (!more.empty()) words += (words.empty() ? "" : " · ") + more;
  };
  if (const auto type = text_in(event, "error_type"); !type.empty()) add(type + ": " + text_in(event, "error_message"));
  if (const auto* percent = fields::find(event, "progress_percent"))
    add(fmt::format("{:g} %", percent->is_number() ? percent->get<double>() : 0.0));
  if (const auto action = text_in(event, "action"); !action.empty()) add("decided: " + action);
  if (const auto retry = text_in(event, "retry_at"); !retry.empty()) add("again at " + retry);
  if (const auto* output = fields::find(event, "output_data"))
    add(output->dump(-1, ' ', false, json::error_handler_t::replace));
  return words;
}

/// One value in a few words.
std::string shown(const json& value) {
  if (value.is_null()) return "nothing";
  if (value.is_string()) return value.get_ref<const std::string&>().empty() ? "nothing" : value.get<std::string>();
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

/// Lines of changes as they are put together.
class change_page {
 public:
  change_page(const text_style& style, const domain::plan_graph* graph)
      : style_(style), graph_(graph), width_(width_of(style)) {}

  std::string paint(std::string_view text, std::string_view colour) const {
    return terminal::paint(text, colour, style_.colours);
  }
  void add_line(std::string line) { lines_.push_back(std::move(line)); }
  void add(std::string_view label, std::string_view text, std::size_t most, std::string_view colour = {}) {
    for (const auto& line : terminal::wrapped(label, text, width_, most))
      lines_.push_back(line.substr(0, label.size()) + paint(line.substr(label.size()), colour));
  }
  void from_to(std::string_view label, const member_change& change) {
    const auto from = shown(change.from), to = shown(change.to);
    const auto room = width_ - std::min(width_, terminal::columns_of(label) + 4);
    const auto left = std::min(terminal::columns_of(from), room / 2);
    lines_.push_back(std::string(label) + paint(terminal::cut(from, left), colour_of(from)) + " → " +
                     paint(terminal::cut(to, room - left), colour_of(to)));
  }
  void execution(const std::vector<member_change>& members) {
    for (const auto& each : members) {
      if (each.name == "status_message" && text_in(json{{"to", each.to}}, "to").empty()) continue;
      if (each.name == "agents") {
        come_and_go("holds work", "holds none", each, [&](const auto& id) { return name_of_actor(id, style_.names); });
        continue;
      }
      if (each.name == "blockers") {
        come_and_go("blocker", "blocker gone", each, [&](const auto& id) { return title_of({id}); });
        continue;
      }
      if (each.name == "progress") {
        const auto count = [](const json& of) {
          return fields::count_in(of, "tasks_completed") + fields::count_in(of, "tasks_skipped");
        };
        if (count(each.from) != count(each.to))
          add_line(fmt::format(
              "  {:<14} {} → {} of {}", "done", count(each.from), count(each.to),
              terminal::counted(fields::count_in(each.to.is_object() ? each.to : each.from, "tasks_total"), "task")));
        continue;
      }
      from_to(fmt::format("  {:<14} ", each.name), each);
    }
  }
  void task(const task_change& change) {
    constexpr std::size_t longest_id = 16;  // longer ones take the room of what is to be read
    const bool shows_id = change.title != change.id && (style_.all_tasks || change.id.size() <= longest_id);
    const auto id = shows_id ? "  [" + terminal::cut(change.id, width_ / 2) + "]" : std::string();
    const auto room = width_ - std::min(width_ - 10, 8 + terminal::columns_of(id));
    const auto head = lines_.size();
    add_line("  " + paint(terminal::cut(change.title, room), terminal::bold) + paint(id, terminal::dim) +
             (change.added ? paint("  new", terminal::blue) : ""));
    for (const auto& each : change.members) member(each);
    if (lines_.size() == head + 1 && !change.added) lines_.pop_back();  // nothing that people care about
  }
  std::vector<std::string> take() { return std::move(lines_); }

 private:
  std::string title_of(const domain::task_id& id) const {
    const auto task = graph_ == nullptr ? domain::no_task : graph_->find(id);
    return task == domain::no_task ? id.value : graph_->task(task).title;
  }
  /// What a list has got, and what it has lost.
  template <class Name>
  void come_and_go(std::string_view come, std::string_view gone, const member_change& change, Name name) {
    const auto ids_in = [](const json& list) {
      std::set<std::string> ids;
      for (const auto& id : list)
        if (id.is_string()) ids.insert(id.get<std::string>());
      return ids;
    };
    const auto before = ids_in(change.from), after = ids_in(change.to);
    for (const auto& id : after)
      if (!before.contains(id)) add(fmt::format("  {:<14} ", come), name(id), 1);
    for (const auto& id : before)
      if (!after.contains(id)) add(fmt::format("  {:<14} ", gone), name(id), 1, terminal::dim);
  }
  void member(const member_change& each) {
    const auto label = [&](std::string_view name) { return fmt::format("    {:<10} ", name); };
    if (each.name == "status") return from_to(label("status"), each);
    if (each.name == "agent_id") {
      const auto named = [&](const json& id) {
        return id.is_string() ? json(name_of_actor(id.get<std::string>(), style_.names)) : id;
      };
      return from_to(label("holder"), {each.name, named(each.from), named(each.to)});
    }
    if (each.name == "attempt") return from_to(label("attempt"), each);
    if (each.name == "assignee_role") return from_to(label("role"), each);
    if (each.name == "progress_percent") return from_to(label("percent"), each);
    if (each.name == "waiting_for") {
      if (each.to.is_null()) return add(label("waits"), "no more", 1, terminal::dim);
      return add(label("waits"), text_in(each.to, "kind") + ": " + text_in(each.to, "detail"), 3, terminal::orange);
    }
    if (each.name == "error") {
      if (each.to.is_null()) return add(label("error"), "no more", 1, terminal::dim);
      return add(label("error"), text_in(each.to, "error_type") + ": " + text_in(each.to, "error_message"), 3,
                 terminal::red);
    }
    if (each.name == "result") {
      if (each.to.is_null()) return add(label("result"), "no more", 1, terminal::dim);
      return add(label("result"), shown(each.to), 3);
    }
    // Times stand with the event, and what is ready says so by its wait.
  }

  const text_style& style_;
  const domain::plan_graph* graph_;
  std::size_t width_;
  std::vector<std::string> lines_;
};

/// Phases and tasks with parts only mirror their leaves.
bool is_worth_telling(const task_change& change) {
  return change.is_leaf || change.added ||
         std::any_of(change.members.begin(), change.members.end(), [](const auto& m) { return m.name == "status"; });
}

void add_tasks(change_page& page, const std::vector<task_change>& tasks) {
  std::size_t above = 0;
  for (const auto& each : tasks)
    if (is_worth_telling(each))
      page.task(each);
    else
      ++above;
  if (above > 0) page.add_line(page.paint(fmt::format("  and the progress of {} above them", above), terminal::dim));
}

}  // namespace

std::string event_text(const domain::event_record& event, const domain::plan_graph& graph, const text_style& style) {
  std::string text;
  gateway::render_event(text, event);
  const auto body = json::parse(text, nullptr, false);
  const auto width = width_of(style);
  const auto paint = [&](std::string_view part, std::string_view colour) {
    return terminal::paint(part, colour, style.colours);
  };
  constexpr std::size_t widest_type = 22, width_with_time = 64;
  const auto seq = fmt::format("#{:<5} ", event.seq);
  const auto time = width < width_with_time ? std::string() : clock_of(event.metadata.recorded_at) + "  ";
  const auto type = text_in(body, "event_type");
  auto used = seq.size() + time.size();
  const auto type_width = std::min(widest_type, width - std::min(width, used));
  std::string line = paint(seq + time, terminal::dim) + paint(terminal::padded(type, type_width), colour_of_type(type));
  used += type_width;
  const auto add = [&](std::string_view part, std::size_t most, std::string_view colour) {
    constexpr std::size_t least = 8;  // columns; what is cut shorter says nothing
    if (part.empty() || used + least > width) return;
    const auto shortened = terminal::cut(part, std::min(most, width - used - 1));
    used += terminal::columns_of(shortened) + 1;
    line += ' ' + paint(shortened, colour);
  };
  const auto task = graph.find({text_in(body, "task_id")});
  add(task == domain::no_task ? text_in(body, "task_id") : graph.task(task).title, width / 3, terminal::bold);
  const auto agent = text_in(body, "agent_id");
  const auto actor = text_in(body, "actor");
  add("by " + name_of_actor(actor, style.names), width / 4, terminal::dim);
  if (!agent.empty() && !actor.ends_with(agent)) add("for " + name_of_actor(agent, style.names), width / 4, {});
  if (const auto words = words_of(body); !words.empty()) add("· " + words, width, {});
  return line;
}

std::vector<std::string> step_text(const state_changes& changes, const text_style& style) {
  change_page page{style, changes.graph.get()};
  page.execution(changes.execution);
  add_tasks(page, changes.tasks);
  return page.take();
}

std::vector<std::string> changes_text(const state_changes& changes, const text_style& style) {
  change_page page{style, changes.graph.get()};
  page.add("",
           fmt::format("from seq {} at {} to seq {} at {}", changes.from_seq, moment_of(changes.from_at),
                       changes.to_seq, moment_of(changes.to_at)),
           2, terminal::bold);
  if (changes.empty()) page.add_line("nothing is different");
  page.execution(changes.execution);
  add_tasks(page, changes.tasks);
  return page.take();
}

}  // namespace planexe::replaying
