#include "plans/markdown_reader.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <tuple>
#include <utility>

#include "plans/markdown_blocks.hpp"
#include "plans/outline.hpp"
#include "plans/roles.hpp"
#include "plans/words.hpp"

namespace planexe::plans {
namespace {

constexpr std::size_t max_title_bytes = 80;  // of a title taken from the goal
constexpr std::size_t max_entries = 1'000;   // risks, and assumptions
constexpr std::size_t no_item = static_cast<std::size_t>(-1);

/// "Site foreman - leads the site": a name and what is said about it.
std::pair<std::string, std::string> name_and_rest(std::string_view text) {
  constexpr std::array<std::string_view, 5> separators = {": ", " - ", " – ", " — ", " -- "};
  std::size_t at = std::string_view::npos;
  std::size_t size = 0;
  for (const auto separator : separators)
    if (const std::size_t found = text.find(separator); found < at) {
      at = found;
      size = separator.size();
    }
  if (at == std::string_view::npos) return {std::string{trimmed(text)}, {}};
  return {std::string{trimmed(text.substr(0, at))}, std::string{trimmed(text.substr(at + size))}};
}

void append(std::string& text, std::string_view more, char between = '\n') {
  if (more.empty()) return;
  if (!text.empty()) text += between;
  text += more;
}

bool is_degree(std::string_view text) {
  constexpr std::array<std::string_view, 9> degrees = {"very low", "low",       "minor",    "medium", "moderate",
                                                       "high",     "very high", "critical", "severe"};
  return text.size() < 16 && std::find(degrees.begin(), degrees.end(), folded(text)) != degrees.end();
}

/// What stands in a section: its first line and all below it.
struct entry {
  std::size_t line = 0;
  std::string first;
  std::vector<std::string> below;
};

class markdown_plan {
 public:
  explicit markdown_plan(markdown_document document) : document_(std::move(document)) {}

  outline build() && {
    outline_.warnings = std::move(document_.warnings);
    find_title();
    count_children();
    outline_.start_date = document_.start_date;
    outline_.goal = document_.goal;
    place_nodes();
    read_sections();
    name_plan();
    return std::move(outline_);
  }

 private:
  std::vector<markdown_node>& nodes() { return document_.nodes; }
  bool is_task(std::uint32_t node) const {
    return node != title_ && document_.nodes[node].section == markdown_section::tasks;
  }
  bool is_top(std::uint32_t node) const {
    return document_.nodes[node].parent == no_node || document_.nodes[node].parent == title_;
  }
  void warn(std::string code, std::size_t line, std::string what) {
    outline_.warnings.add(std::move(code), at_line(line) + ": " + std::move(what));
  }

  void find_title();
  void count_children();
  void place_nodes();
  void add_phase(std::size_t line);
  void read_sections();
  void read_section(std::uint32_t heading, const std::vector<entry>& entries);
  void add_role(const entry& each);
  void add_risk(const entry& each, std::size_t phase);
  void add_assumption(const entry& each, std::size_t phase);
  void name_plan();

  markdown_document document_;
  outline outline_;
  std::uint32_t title_ = no_node;
  std::vector<std::size_t> children_;  ///< tasks directly below each node
  std::vector<std::size_t> item_of_;   ///< position in the outline by node
  std::set<std::string> roles_;
};

/// The first heading, where it is of the first level; not where the front matter has the title and there are several.
void markdown_plan::find_title() {
  std::size_t first_level = 0;
  std::uint32_t first = no_node;
  for (std::uint32_t i = 0; i < nodes().size(); ++i) {
    if (nodes()[i].heading == 0) continue;
    if (first == no_node) first = i;
    first_level += nodes()[i].heading == 1;
  }
  if (first == no_node || nodes()[first].heading != 1 || nodes()[first].section != markdown_section::tasks) return;
  if (!document_.title.empty() && first_level > 1) return;
  title_ = first;
  if (nodes()[first].hinted)
    warn("hint_unused", nodes()[first].item.line, "what is said of the title is not used; say it of phases and tasks");
}

void markdown_plan::count_children() {
  children_.assign(nodes().size(), 0);
  for (std::uint32_t i = 0; i < nodes().size(); ++i)
    if (is_task(i) && nodes()[i].parent != no_node) ++children_[nodes()[i].parent];
}

/// Tasks that stand under no phase get one, under the plan's name. A phase without tasks beside others that have some
/// is prose, unless somebody said more about it than that.
void markdown_plan::place_nodes() {
  bool phases_have_tasks = false;
  for (std::uint32_t i = 0; i < nodes().size(); ++i)
    phases_have_tasks = phases_have_tasks || (is_task(i) && nodes()[i].heading > 0 && is_top(i) && children_[i] > 0);
  item_of_.assign(nodes().size(), no_item);
  bool phase_added = false;
  for (std::uint32_t i = 0; i < nodes().size(); ++i) {
    if (!is_task(i)) continue;
    auto& node = nodes()[i];
    const bool top = is_top(i);
    const bool other_tasks = phases_have_tasks || phase_added;
    if (top && node.heading > 0 && children_[i] == 0 && !node.hinted && other_tasks) {
      warn("section_without_tasks", node.item.line,
           "'" + clipped(node.item.title, 80) + "' has no tasks and is taken for prose");
      continue;
    }
    if (top && node.heading == 0) {
      if (!phase_added) add_phase(node.item.line);
      phase_added = true;
      node.item.depth = 1;
    } else if (!top) {
      node.item.depth = outline_.items[item_of_[node.parent]].depth + 1;
    }
    item_of_[i] = outline_.items.size();
    outline_.items.push_back(std::move(node.item));
  }
}

void markdown_plan::add_phase(std::size_t line) {
  outline_item phase;
  phase.line = line;
  phase.title = "Tasks";
  warn("phase_added", line, "these tasks stand under no heading; a phase is made for them");
  outline_.items.push_back(std::move(phase));
}

void markdown_plan::read_sections() {
  std::vector<std::vector<entry>> entries(nodes().size());
  std::vector<std::uint32_t> section(nodes().size(), no_node);
  for (std::uint32_t i = 0; i < nodes().size(); ++i) {
    auto& node = nodes()[i];
    if (node.section == markdown_section::tasks) continue;
    section[i] = node.opens_section ? i : section[node.parent];
    auto& list = entries[section[i]];
    if (!node.opens_section) {
      if (nodes()[node.parent].opens_section)
        list.push_back({node.item.line, std::move(node.item.title), {}});
      else
        list.back().below.push_back(std::move(node.item.title));
      if (!node.item.description.empty()) list.back().below.push_back(std::move(node.item.description));
    }
  }
  for (std::uint32_t i = 0; i < nodes().size(); ++i)
    if (nodes()[i].opens_section) read_section(i, entries[i]);
}

void markdown_plan::read_section(std::uint32_t heading, const std::vector<entry>& entries) {
  const auto& node = nodes()[heading];
  const std::string& text = node.item.description;
  if (node.section == markdown_section::goal) {
    std::string goal = text;
    for (const auto& each : entries) append(goal, each.first);
    if (outline_.goal.empty()) outline_.goal = clipped(goal, max_outline_goal_bytes);
    return;
  }
  if (node.section == markdown_section::prose) {
    if (!entries.empty())
      warn("section_left_out", node.item.line, "the lists below '" + node.item.title + "' are not read as tasks");
    return;
  }
  const std::size_t phase = node.parent == no_node ? no_item : item_of_[node.parent];
  std::vector<entry> all = entries;
  if (all.empty() && !text.empty()) all.push_back({node.item.line, text, {}});
  for (const auto& each : all) {
    if (node.section == markdown_section::team) add_role(each);
    if (node.section == markdown_section::risks) add_risk(each, phase);
    if (node.section == markdown_section::assumptions) add_assumption(each, phase);
  }
}

void markdown_plan::add_role(const entry& each) {
  auto [name, description] = name_and_rest(each.first);
  for (const auto& more : each.below) append(description, more);
  name = clipped(name, max_role_bytes);
  if (name.empty()) return;
  if (outline_.team.size() == max_team_roles)
    return warn("team_too_large", each.line, "only the first " + std::to_string(max_team_roles) + " roles are used");
  if (!roles_.insert(folded(name)).second)
    return warn("role_twice", each.line, "the team names '" + clipped(name, 80) + "' twice");
  outline_.team.push_back({std::move(name), std::move(description)});
}

void markdown_plan::add_risk(const entry& each, std::size_t phase) {
  if (outline_.risks.size() == max_entries)
    return warn("entries_left_out", each.line, "only the first " + std::to_string(max_entries) + " risks are used");
  std::string first = each.first;
  std::vector<hint> hints;
  if (first.size() <= max_outline_goal_bytes) hints = take_hints(first, risk_hint_words());
  domain::plan_risk risk;
  std::tie(risk.title, risk.description) = name_and_rest(first);
  for (const auto& below : each.below) {
    for (std::size_t at = 0; at < below.size();) {
      const std::size_t end = std::min(below.find('\n', at), below.size());
      const auto line = std::string_view{below}.substr(at, end - at);
      if (auto one = hint_line(line, risk_hint_words()))
        hints.push_back(*std::move(one));
      else
        append(risk.description, line);
      at = end + 1;
    }
  }
  for (auto& given : hints) {
    const bool degree = given.kind == hint_kind::impact && is_degree(given.value) && risk.severity.empty();
    if (given.kind == hint_kind::severity || degree)
      risk.severity = given.value;
    else if (given.kind == hint_kind::likelihood)
      risk.likelihood = given.value;
    else if (given.kind == hint_kind::mitigation)
      append(risk.mitigation, given.value);
    else if (given.kind == hint_kind::owner)
      risk.owner = given.value;
    else if (given.kind == hint_kind::id)
      risk.id = given.value;
    else
      append(risk.description, given.value);
  }
  if (risk.title.size() > max_outline_title_bytes) {
    risk.description = risk.title + (risk.description.empty() ? "" : "\n") + risk.description;
    risk.title = clipped(risk.title, max_outline_title_bytes);
  }
  if (phase != no_item) risk.tasks = {static_cast<domain::task_index>(phase)};
  if (!risk.title.empty()) outline_.risks.push_back(std::move(risk));
}

void markdown_plan::add_assumption(const entry& each, std::size_t phase) {
  if (outline_.assumptions.size() == max_entries)
    return warn("entries_left_out", each.line,
                "only the first " + std::to_string(max_entries) + " assumptions are used");
  domain::plan_assumption assumption;
  assumption.id = "A" + std::to_string(outline_.assumptions.size() + 1);
  assumption.statement = each.first;
  std::vector<hint> hints;
  if (each.first.size() <= max_outline_goal_bytes) hints = take_hints(assumption.statement, risk_hint_words());
  for (const auto& below : each.below) {
    if (auto one = hint_line(below, risk_hint_words()))
      hints.push_back(*std::move(one));
    else
      append(assumption.statement, below);
  }
  for (const auto& given : hints)
    append(given.kind == hint_kind::test ? assumption.test : assumption.statement, given.value);
  if (phase != no_item) assumption.tasks = {static_cast<domain::task_index>(phase)};
  if (!assumption.statement.empty()) outline_.assumptions.push_back(std::move(assumption));
}

void markdown_plan::name_plan() {
  if (title_ != no_node) outline_.title = nodes()[title_].item.title;
  if (!document_.title.empty()) outline_.title = document_.title;
  std::string under_title = title_ == no_node ? std::string{} : nodes()[title_].item.description;
  if (outline_.goal.empty()) outline_.goal = under_title.empty() ? document_.intro : under_title;
  if (!outline_.title.empty()) return;
  warn("no_title", 1, "the plan has no title; begin with '# Title'");
  outline_.title = outline_.goal.empty() ? "Untitled plan" : clipped(outline_.goal, max_title_bytes);
}

}  // namespace

domain::plan read_markdown(std::string_view bytes, problem_list& problems) {
  const auto text = readable_text(bytes, problems);
  if (!text) return {};
  markdown_document document = read_blocks(*text, problems);
  if (!problems.empty()) return {};
  outline read = markdown_plan{std::move(document)}.build();
  if (read.items.empty()) {
    problems.add(at_line(1), "the document has no tasks: they are headings below the title, or list items");
    return {};
  }
  return plan_of(std::move(read), problems);
}

}  // namespace planexe::plans
