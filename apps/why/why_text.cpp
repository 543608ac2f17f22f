// Causes as text for people. See texts.hpp.
#include <fmt/format.h>

#include <map>

#include "apps/why/page.hpp"

namespace planexe::asking {
namespace {

constexpr std::size_t most_lines_of_a_text = 4;
// Of a chain longer than both together, the links between are counted, not shown.
constexpr std::size_t first_links = 4, last_links = 4;
constexpr std::size_t kind_width = 14;
constexpr std::size_t most_path_names = 4, longest_name = 40;

class why_page {
 public:
  why_page(const json& answer, text_style style)
      : answer_(answer),
        page_(style),
        now_(domain::parse_rfc3339(text_in(answer, "as_of")).value_or(domain::timestamp{})) {}

  std::vector<std::string> lines() && {
    page_.add_wrapped("", text_in(answer_, "say") + ".", 2 * most_lines_of_a_text, terminal::bold);
    const auto status = terminal::cut(text_in(answer_, "status"), kind_width);
    page_.add(page_.paint(status, colour_of(status)) +
              page_.paint(terminal::cut("  " + text_in(answer_, "execution_id") + "  as of " +
                                            when(text_in(answer_, "as_of"), now_).substr(0, 20),
                                        page_.width() - status.size()),
                          terminal::dim));
    chain();
    roots();
    add_forecast(page_, answer_, now_);
    return page_.take();
  }

 private:
  void chain() {
    const auto& links = list_in(answer_, "chain");
    if (links.empty()) return;
    page_.add("");
    const bool long_one = links.size() > first_links + last_links;
    std::size_t depth = 0;
    for (std::size_t i = 0; i < links.size(); ++i) {
      if (long_one && i == first_links) {
        const auto left_out = links.size() - first_links - last_links;
        page_.add(indent(depth++) + page_.paint(fmt::format("└─ … {} more …", left_out), terminal::dim));
        i += left_out;
      }
      link(links[i], depth++, i + 1 == links.size());
    }
  }

  static std::string indent(std::size_t depth) {
    constexpr std::size_t step = 3;
    return std::string(depth > 0 ? (depth - 1) * step : 0, ' ');
  }

  /// The title, with what has its place beside it; a long id goes below where somebody may want to act on it.
  void link(const json& each, std::size_t depth, bool is_root) {
    const auto branch = indent(depth) + (depth > 0 ? "└─ " : "");
    const auto blanks = std::string(terminal::columns_of(branch) + (depth > 0 ? 0 : 2), ' ');
    const auto id = text_in(each, "task_id");
    const auto kind = text_in(each, "kind");
    const bool ordinary = kind == "prerequisites" || kind == "parent";  // the detail says as much
    const auto beside = is_short(id) ? " [" + terminal::printable(id) + "]" : std::string();
    const auto mark = ordinary ? std::string() : "  " + terminal::cut(kind, kind_width);
    const auto taken = terminal::columns_of(branch) + terminal::columns_of(beside) + mark.size();
    const auto title = terminal::cut(text_in(each, "title"), page_.width() - taken);
    page_.add(branch + (is_root ? page_.paint(title, terminal::bold) : title) + page_.paint(beside, terminal::dim) +
              page_.paint(mark, colour_of(kind)));
    if (!is_root) return page_.add_wrapped(blanks, text_in(each, "detail"), 2, terminal::dim);
    if (beside.empty()) page_.add_wrapped(blanks, "[" + id + "]", 3, terminal::dim);
    root_facts(each, blanks);
  }

  /// What happens by itself when the wait has lasted too long.
  static std::string_view at_wake(std::string_view kind) {
    if (kind == "running") return "times out";
    return kind == "retry" ? "tried again" : "escalated";
  }

  void root_facts(const json& each, const std::string& blanks) {
    page_.add_wrapped(blanks, text_in(each, "detail"), most_lines_of_a_text);
    page_.add_wrapped(blanks, "since " + when(text_in(each, "since"), now_), 2, terminal::dim);
    if (const auto wake = text_in(each, "wake_at"); !wake.empty())
      page_.add_wrapped(blanks, std::string(at_wake(text_in(each, "kind"))) + " " + when(wake, now_), 2, terminal::dim);
    if (const auto to = text_in(each, "escalated_to"); !to.empty())
      page_.add_wrapped(blanks, "escalated to " + to + " " + when(text_in(each, "escalated_at"), now_), 2,
                        terminal::orange);
    if (const auto* agent = find(each, "agent")) holder(*agent, blanks);
    for (const auto& candidate : list_in(each, "candidates")) {
      const auto name = text_in(candidate, "agent_id");
      page_.add_wrapped(blanks + "- ", name + " " + text_in(candidate, "reason"), 2);
    }
    const auto shown = list_in(each, "candidates").size();
    if (const auto total = count_in(each, "candidates_total"); total > shown)
      page_.add(blanks + page_.paint(fmt::format("- and {} more", total - shown), terminal::dim));
    page_.add_wrapped(blanks, text_in(each, "no_candidate"), 2, terminal::orange);
    std::string options;
    for (const auto& option : list_in(each, "options"))
      if (option.is_string()) options += (options.empty() ? "" : ", ") + option.get<std::string>();
    if (!options.empty()) page_.add_wrapped(blanks, "a person may: " + options, 2);
  }

  void holder(const json& agent, const std::string& blanks) {
    auto text = "held by " + text_in(agent, "agent_id");
    if (const auto status = text_in(agent, "status"); !status.empty()) text += " (" + status + ")";
    text += fmt::format(", attempt {}, {:g} % done", count_in(agent, "attempt"), number_in(agent, "progress_percent"));
    page_.add_wrapped(blanks, text, 2);
    if (const auto heard = text_in(agent, "last_seen_at"); !heard.empty())
      page_.add_wrapped(blanks, "last heard of " + when(heard, now_), 2);
    if (const auto ends = text_in(agent, "lease_expires_at"); !ends.empty())
      page_.add_wrapped(blanks, "unless it is heard of again its lease ends " + when(ends, now_), 2);
  }

  /// All that the chain does not end with.
  void roots() {
    const auto& roots = list_in(answer_, "roots");
    const auto& chain = list_in(answer_, "chain");
    const auto total = count_in(answer_, "roots_total");
    const auto told = chain.empty() ? std::string() : text_in(chain.back(), "task_id");
    const bool only_that = total <= 1 && roots.size() == 1 && text_in(roots.front(), "task_id") == told;
    if (total == 0 || only_that) return;
    std::string kinds;
    if (const auto* counts = find(answer_, "counts"); counts != nullptr && counts->is_object())
      for (const auto& [kind, count] : counts->items())
        if (count.is_number_unsigned())
          kinds += (kinds.empty() ? "" : ", ") + fmt::format("{} {}", count.get<std::uint64_t>(), kind);
    page_.add("");
    page_.add_wrapped("", fmt::format("at the root: {} ({})", terminal::counted(total, "task"), kinds), 2,
                      terminal::bold);
    for (const auto& each : roots) root_line(each);
    if (total > roots.size())
      page_.add(page_.paint(fmt::format("  … and {} more", total - roots.size()), terminal::dim));
  }

  void root_line(const json& each) {
    const auto kind = text_in(each, "kind");
    const auto since = domain::parse_rfc3339(text_in(each, "since"));
    const auto age = since ? domain::in_words(now_ - *since) : std::string();
    constexpr std::size_t age_width = 11, title_at = 2 + kind_width + age_width;
    const auto id = text_in(each, "task_id");
    const auto beside = is_short(id) ? " [" + terminal::printable(id) + "]" : std::string();
    const auto taken = title_at + terminal::columns_of(beside);
    page_.add("  " + page_.paint(terminal::padded(kind, kind_width), colour_of(kind)) +
              terminal::padded(age, age_width) + terminal::cut(text_in(each, "title"), page_.width() - taken) +
              page_.paint(beside, terminal::dim));
    if (beside.empty()) page_.add_wrapped(std::string(title_at, ' '), "[" + id + "]", 3, terminal::dim);
  }

  const json& answer_;
  page page_;
  domain::timestamp now_;
};

/// The tasks that the answer knows by their titles, by id.
std::map<std::string, std::string> titles_in(const json& answer) {
  std::map<std::string, std::string> titles;
  for (const auto* list : {"chain", "roots", "blockers"})
    for (const auto& each : list_in(answer, list)) titles.emplace(text_in(each, "task_id"), text_in(each, "title"));
  return titles;
}

/// As many as the reader can make something of: titles, and ids that somebody chose.
std::string path_text(const json& answer, const json& path) {
  const auto titles = titles_in(answer);
  std::string text = terminal::counted(path.size(), "task");
  std::size_t named = 0;
  for (; named < std::min(path.size(), most_path_names); ++named) {
    const auto id = path[named].is_string() ? path[named].get<std::string>() : std::string();
    const auto known = titles.find(id);
    if (known == titles.end() && !is_short(id)) break;
    text += (named == 0 ? ", " : " → ");
    text += known == titles.end() ? id : "'" + terminal::cut(known->second, longest_name) + "'";
  }
  return named == path.size() || named == 0 ? text : text + fmt::format(" → {} more", path.size() - named);
}

}  // namespace

bool is_short(std::string_view id) {
  constexpr std::size_t most_columns = 16;
  return terminal::columns_of(id) <= most_columns;
}

std::string_view colour_of(std::string_view name) {
  if (name == "COMPLETED" || name == "COMPLETE") return terminal::green;
  if (name == "FAILED" || name == "CANCELLED" || name == "failed" || name == "cancelled") return terminal::red;
  if (name == "running" || name == "RUNNING" || name == "QUEUED" || name == "CREATED") return terminal::blue;
  return name == "prerequisites" || name == "parent" ? terminal::dim : terminal::orange;
}

void add_forecast(page& to, const json& answer, domain::timestamp now) {
  const auto* forecast = find(answer, "forecast");
  if (forecast == nullptr) return;
  const auto& path = list_in(*forecast, "critical_path");
  if (path.empty()) return;
  to.add("");
  const auto left = days_in_words(number_in(*forecast, "remaining_days"));
  if (const auto eta = text_in(*forecast, "eta"); eta.empty()) {
    to.add(to.paint("forecast: " + left + " of work are left", terminal::bold));
  } else {
    to.add_wrapped("", "forecast: done " + when(eta, now), 2, terminal::bold);
    to.add_wrapped(
        "  ",
        "between " + when(text_in(*forecast, "earliest"), now) + " and " + when(text_in(*forecast, "latest"), now), 2);
  }
  to.add_wrapped("  ", "critical path: " + path_text(answer, path), 4, terminal::dim);
}

result<std::vector<std::string>> why_text(std::string_view answer, text_style style) {
  const auto body = parsed(answer);
  if (!body) return unexpected{body.error()};
  if (text_in(*body, "say").empty()) return unexpected{error{errc::corrupt, "the answer explains nothing"}};
  return why_page{*body, style}.lines();
}

}  // namespace planexe::asking
