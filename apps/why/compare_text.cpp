// Two executions beside each other as text for people. See texts.hpp.
#include <fmt/format.h>

#include "apps/why/page.hpp"

namespace planexe::asking {
namespace {

constexpr std::size_t label_width = 10, gap = 2;
constexpr std::size_t most_tasks = 100;  // more are counted, not shown; --json has all of them

/// A label, and what the one and the other have to say to it.
class two_columns {
 public:
  two_columns(page& to, const json& one, const json& other)
      : page_(to), one_(one), other_(other), width_((to.width() - label_width - 2 * gap) / 2) {}

  void add(std::string_view label, const std::string& here, const std::string& there, std::string_view colour = {}) {
    if (here.empty() && there.empty()) return;
    page_.add("  " + page_.paint(terminal::padded(label, label_width), terminal::dim) +
              page_.paint(terminal::padded(here, width_), here == there ? std::string_view{} : colour) +
              std::string(gap, ' ') +
              page_.paint(terminal::cut(there, width_), here == there ? std::string_view{} : colour));
  }
  /// What `show` makes of each; nothing for one that is not there.
  template <class Show>
  void add_of(std::string_view label, Show&& show, std::string_view colour = {}) {
    add(label, one_.is_null() ? "" : show(one_), other_.is_null() ? "" : show(other_), colour);
  }

 private:
  page& page_;
  const json& one_;
  const json& other_;
  std::size_t width_;
};

std::string origin_of(const json& side) {
  const auto* origin = find(side, "forked_from");
  if (origin == nullptr) return {};
  return fmt::format("from {} at {}", text_in(*origin, "execution_id"), count_in(*origin, "seq"));
}

std::string attempts_of(const json& side) {
  const auto failed = count_in(side, "failed_attempts");
  return std::to_string(count_in(side, "attempts")) + (failed > 0 ? fmt::format(", {} failed", failed) : "");
}

std::string tasks_of(const json& side) {
  return fmt::format("{} of {}", count_in(side, "tasks_completed") + count_in(side, "tasks_skipped"),
                     count_in(side, "tasks_total"));
}

std::string output_of(const json& side) {
  if (const auto* output = find(side, "output_data"))
    return output->dump(-1, ' ', false, json::error_handler_t::replace);
  const auto bytes = count_in(side, "output_bytes");
  return bytes > 0 ? terminal::counted(bytes, "byte") : "none";
}

const json& member_or_null(const json& of, const char* name) {
  static const json none;
  const auto* found = find(of, name);
  return found == nullptr ? none : *found;
}

void add_task(page& to, const json& task) {
  to.add("");
  to.add_wrapped("", text_in(task, "title") + " [" + text_in(task, "task_id") + "]", 2, terminal::bold);
  two_columns columns{to, member_or_null(task, "execution"), member_or_null(task, "with")};
  columns.add_of(
      "status",
      [](const json& side) {
        return text_in(side, "status") + (fields::flag_in(side, "inherited") ? " (inherited)" : "");
      },
      terminal::orange);
  columns.add_of(
      "agent", [](const json& side) { return text_in(side, "agent_id"); }, terminal::orange);
  columns.add_of("attempts", attempts_of, terminal::orange);
  columns.add_of("time", [](const json& side) {
    return find(side, "days") == nullptr ? "" : days_in_words(number_in(side, "days"));
  });
  for (const auto& what : list_in(task, "differs"))
    if (what.is_string() && what.get<std::string>() == "output") columns.add_of("output", output_of, terminal::orange);
}

}  // namespace

result<std::vector<std::string>> comparison_text(std::string_view answer, text_style style) {
  const auto body = parsed(answer);
  if (!body) return unexpected{body.error()};
  const auto *one = find(*body, "execution"), *other = find(*body, "with");
  if (one == nullptr || other == nullptr) return unexpected{error{errc::corrupt, "the answer compares nothing"}};
  page to{style};
  two_columns heads{to, *one, *other};
  heads.add_of("", [](const json& side) { return text_in(side, "execution_id"); });
  heads.add_of("title", [](const json& side) { return text_in(side, "title"); });
  heads.add_of("forked", origin_of);
  heads.add_of(
      "status", [](const json& side) { return text_in(side, "status"); }, terminal::orange);
  heads.add_of("tasks", tasks_of, terminal::orange);
  heads.add_of("attempts", attempts_of, terminal::orange);
  heads.add_of("time", [](const json& side) { return days_in_words(number_in(side, "elapsed_days")); });
  to.add("");
  const auto shared = count_in(*body, "shared_events"), same = count_in(*body, "tasks_same"),
             different = count_in(*body, "tasks_different");
  to.add_wrapped(
      "",
      (shared > 0 ? fmt::format("They have their first {} in common. ", terminal::counted(shared, "event")) : "") +
          fmt::format("Of {} {} went the same way, {} did not.", terminal::counted(same + different, "task"), same,
                      different),
      2);
  std::size_t shown = 0;
  for (const auto& task : list_in(*body, "tasks")) {
    if (fields::flag_in(task, "same")) continue;
    if (shown++ == most_tasks) break;
    add_task(to, task);
  }
  if (different > most_tasks) to.add(to.paint(fmt::format("… and {} more", different - most_tasks), terminal::dim));
  return to.take();
}

}  // namespace planexe::asking
