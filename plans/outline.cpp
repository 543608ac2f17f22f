#include "plans/outline.hpp"

#include <algorithm>
#include <array>
#include <memory>
#include <set>
#include <unordered_map>
#include <utility>

#include "domain/plan_graph.hpp"
#include "plans/attachment.hpp"
#include "plans/leaves.hpp"
#include "plans/roles.hpp"
#include "plans/words.hpp"

namespace planexe::plans {
namespace {

using domain::no_task;
using domain::task_index;

constexpr std::size_t max_slug_bytes = 40;  // of one title in an id
constexpr std::size_t max_id_bytes = 100;   // of a made id, which leaves room for what makes it unique
constexpr std::size_t quoted_bytes = 80;    // of the author's text in a message

std::string cited(std::string_view text) {
  return "'" + clipped(text, quoted_bytes) + "'";
}

/// A letter with an accent, by the second byte of its UTF-8 (the first is C3), without it.
char bare_letter(unsigned char second) {
  constexpr std::string_view letters = "aaaaaaaceeeeiiiidnooooo-ouuuuytsaaaaaaaceeeeiiiidnooooo-ouuuuyty";
  return letters[second & 0x3FU];
}

/// "Prüfe den Plan!" is "prufe-den-plan"; empty where no letter is left.
std::string slug(std::string_view title) {
  std::string result;
  for (std::size_t i = 0; i < title.size() && result.size() < max_slug_bytes; ++i) {
    char c = title[i];
    if (static_cast<unsigned char>(c) == 0xC3 && i + 1 < title.size())
      c = bare_letter(static_cast<unsigned char>(title[++i]));
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    if ((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))
      result += c;
    else if (!result.empty() && result.back() != '-')
      result += '-';
  }
  while (result.ends_with('-')) result.pop_back();
  return result;
}

std::uint64_t fingerprint(std::string_view text) {
  std::uint64_t hash = 14695981039346656037ULL;  // FNV-1a
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return hash;
}

/// An id of at most `max_id_bytes`, still its own where the end is cut off.
std::string bounded_id(const std::string& id) {
  if (id.size() <= max_id_bytes) return id;
  constexpr std::string_view digits = "0123456789abcdef";
  std::string tail;
  for (std::uint64_t hash = fingerprint(id); tail.size() < 8; hash >>= 4) tail += digits[hash & 0xFU];
  return id.substr(0, max_id_bytes - tail.size() - 1) + "-" + tail;
}

/// One task by each of its names. More than one of a name is nobody's.
class name_table {
 public:
  void add(std::string name, task_index task) {
    const auto [entry, fresh] = tasks_.try_emplace(std::move(name), task);
    if (!fresh) ambiguous_.emplace(entry->first, entry->second);
  }
  std::optional<task_index> find(const std::string& name) const {
    const auto found = tasks_.find(name);
    if (found == tasks_.end() || ambiguous_.contains(name)) return std::nullopt;
    return found->second;
  }
  /// Whether several tasks have the name.
  bool is_ambiguous(const std::string& name) const { return ambiguous_.contains(name); }

 private:
  std::unordered_map<std::string, task_index> tasks_;
  std::unordered_map<std::string, task_index> ambiguous_;
};

class outline_builder {
 public:
  outline_builder(outline source, problem_list& problems) : source_(std::move(source)), problems_(problems) {}

  domain::plan build() && {
    if (source_.items.size() > domain::max_plan_tasks) {
      problems_.add(at_line(source_.items[domain::max_plan_tasks].line),
                    "more than " + std::to_string(domain::max_plan_tasks) + " tasks");
      return {};
    }
    plan_.title = clipped(source_.title, max_outline_title_bytes);
    plan_.goal = clipped(source_.goal.empty() ? source_.title : source_.goal, max_outline_goal_bytes);
    plan_.start_date = source_.start_date;
    plan_.risks = std::move(source_.risks);
    plan_.assumptions = std::move(source_.assumptions);
    add_tasks();
    take_given_ids();
    make_ids();
    add_dependencies();
    add_roles();
    note_done();
    plan_.warnings = source_.warnings.take();
    complete();
    find_cycles();
    return std::move(plan_);
  }

 private:
  void add_tasks();
  void take_given_ids();
  void make_ids();
  void add_dependencies();
  void add_dependency(task_index from, task_index to, std::size_t line);
  void name_tasks();
  std::optional<task_index> find(std::string_view name, task_index asking, bool& ambiguous) const;
  std::optional<task_index> sibling(std::string_view number, task_index asking) const;
  void resolve(const outline_wait& wait, task_index to);
  void resolve_parts(std::string_view text, char separator, task_index to, const outline_wait& wait);
  void unresolved(std::string_view name, bool ambiguous, std::size_t line);
  void add_roles();
  std::string role_in_team(const outline_item& item);
  void note_done();
  void complete();
  void find_cycles();

  outline source_;
  problem_list& problems_;
  domain::plan plan_;
  std::vector<given_fields> given_;
  std::vector<std::vector<task_index>> children_;  ///< the last: the phases
  std::unordered_map<std::string, task_index> by_id_;
  name_table by_title_, by_folded_title_;
  std::set<std::pair<task_index, task_index>> edges_;
  std::unordered_map<std::string, std::string> team_by_words_;
  std::vector<domain::team_role> roles_;
  std::size_t names_looked_up_ = 0;
  bool too_many_edges_ = false;
};

/// The tree. Priority holds for what is below as well, unless that says otherwise.
void outline_builder::add_tasks() {
  constexpr std::array<domain::task_level, 3> levels = {domain::task_level::phase, domain::task_level::task,
                                                        domain::task_level::subtask};
  std::vector<task_index> path;  // the item's ancestors
  children_.resize(source_.items.size() + 1);
  for (auto& item : source_.items) {
    const auto index = static_cast<task_index>(plan_.tasks.size());
    if (item.depth >= domain::max_plan_depth)
      problems_.add(at_line(item.line), "deeper than " + std::to_string(domain::max_plan_depth) + " levels");
    path.resize(std::min(item.depth, path.size()));
    domain::task_definition task;
    task.parent = path.empty() ? no_task : path.back();
    task.level = levels[std::min(path.size(), levels.size() - 1)];
    task.title = clipped(item.title, max_outline_title_bytes);
    task.description = std::move(item.description);
    if (item.title.size() > max_outline_title_bytes) {
      source_.warnings.add("title_cut", at_line(item.line) + ": the title is long; it stands whole in the description");
      task.description = item.title + (task.description.empty() ? "" : "\n") + task.description;
    }
    task.action = item.action;
    task.resources = std::move(item.resources);
    task.estimate = item.estimate;
    task.priority = item.priority ? *item.priority : path.empty() ? 0 : plan_.tasks[path.back()].priority;
    children_[path.empty() ? source_.items.size() : path.back()].push_back(index);
    path.push_back(index);
    plan_.tasks.push_back(std::move(task));
    given_.push_back({.action = !item.action.empty()});
  }
}

void outline_builder::take_given_ids() {
  for (task_index i = 0; i < plan_.tasks.size(); ++i) {
    const auto& item = source_.items[i];
    if (item.id.empty()) continue;
    if (!domain::is_valid_id(item.id)) {
      problems_.add(at_line(item.line), cited(item.id) + " is not a valid id");
      continue;
    }
    const auto [known, fresh] = by_id_.emplace(item.id, i);
    if (!fresh)
      problems_.add(at_line(item.line), "the id " + cited(item.id) + " is used on line " +
                                            std::to_string(source_.items[known->second].line) + " already");
    plan_.tasks[i].id.value = item.id;
  }
}

/// The slugs of the path, or the position where a title has no letter we know; then a number where that is taken.
void outline_builder::make_ids() {
  std::vector<std::string> paths(plan_.tasks.size());
  std::unordered_map<std::string, std::size_t> taken;
  const auto make = [&](task_index i, std::size_t position) {
    auto& task = plan_.tasks[i];
    std::string own = slug(task.title);
    if (own.empty()) own = std::to_string(position);
    paths[i] = bounded_id(task.parent == no_task ? own : paths[task.parent] + "." + own);
    if (!task.id.empty()) return;
    std::string id = paths[i];
    while (!by_id_.emplace(id, i).second) id = paths[i] + "-" + std::to_string(++taken[paths[i]] + 1);
    task.id.value = std::move(id);
  };
  std::vector<std::size_t> position(plan_.tasks.size(), 0);
  for (const auto& list : children_)
    for (std::size_t k = 0; k < list.size(); ++k) position[list[k]] = k + 1;
  for (task_index i = 0; i < plan_.tasks.size(); ++i) make(i, position[i]);
}

void outline_builder::name_tasks() {
  for (task_index i = 0; i < plan_.tasks.size(); ++i) {
    by_title_.add(source_.items[i].title, i);
    by_folded_title_.add(folded(source_.items[i].title), i);
  }
}

/// "#3": the sibling with that number, by its author's count or, where there is none, by position.
std::optional<task_index> outline_builder::sibling(std::string_view number, task_index asking) const {
  std::size_t wanted = 0;
  if (number.empty() || number.size() > 6) return std::nullopt;
  for (const char c : number) {
    if (c < '0' || c > '9') return std::nullopt;
    wanted = wanted * 10 + static_cast<std::size_t>(c - '0');
  }
  const task_index parent = plan_.tasks[asking].parent;
  const auto& list = children_[parent == no_task ? plan_.tasks.size() : parent];
  const std::size_t first = source_.items[list.front()].number == 0 ? 1 : source_.items[list.front()].number;
  if (wanted < first || wanted - first >= list.size()) return std::nullopt;
  return list[wanted - first];
}

std::optional<task_index> outline_builder::find(std::string_view name, task_index asking, bool& ambiguous) const {
  name = trimmed(name);
  if (name.size() > 1 && (name.front() == '"' || name.front() == '\'') && name.back() == name.front())
    name = name.substr(1, name.size() - 2);
  if (name.starts_with('#')) return sibling(name.substr(1), asking);
  for (const bool dotted : {true, false}) {  // a full stop may end the sentence
    if (!dotted && !name.ends_with('.')) break;
    if (!dotted) name.remove_suffix(1);
    const std::string text{name};
    if (const auto id = by_id_.find(text); id != by_id_.end()) return id->second;
    if (const auto exact = by_title_.find(text)) return exact;
    ambiguous = ambiguous || by_title_.is_ambiguous(text);
    if (ambiguous) return std::nullopt;
    const std::string lower = folded(text);
    if (const auto alike = by_folded_title_.find(lower)) return alike;
    ambiguous = by_folded_title_.is_ambiguous(lower);
  }
  return std::nullopt;
}

void outline_builder::unresolved(std::string_view name, bool ambiguous, std::size_t line) {
  problems_.add(at_line(line), ambiguous ? cited(trimmed(name)) + " is the title of more than one task; give one an id"
                                         : "no task has the title or id " + cited(trimmed(name)));
}

void outline_builder::add_dependency(task_index from, task_index to, std::size_t line) {
  if (from == to) {
    problems_.add(at_line(line), "the task depends on itself");
  } else if (edges_.emplace(from, to).second) {
    plan_.dependencies.push_back({from, to, {}});
  }
}

/// Every part between the separators is a task's name, or a problem.
void outline_builder::resolve_parts(std::string_view text, char separator, task_index to, const outline_wait& wait) {
  for (std::size_t at = 0; at <= text.size() && !too_many_edges_;) {
    const std::size_t end = std::min(text.find(separator, at), text.size());
    const std::string_view part = trimmed(text.substr(at, end - at));
    at = end + 1;
    if (part.empty()) continue;
    if (++names_looked_up_ > domain::max_plan_dependencies) {
      problems_.add(at_line(wait.line), "more than " + std::to_string(domain::max_plan_dependencies) + " dependencies");
      too_many_edges_ = true;
      return;
    }
    bool ambiguous = false;
    if (const auto from = find(part, to, ambiguous)) {
      add_dependency(*from, to, wait.line);
    } else if (separator == ';' && !ambiguous && part.find(',') != std::string_view::npos) {
      resolve_parts(part, ',', to, wait);
    } else {
      unresolved(part, ambiguous, wait.line);
    }
  }
}

/// The whole text may be one title, commas and all; else it is a list.
void outline_builder::resolve(const outline_wait& wait, task_index to) {
  bool ambiguous = false;
  if (const auto from = find(wait.on, to, ambiguous)) return add_dependency(*from, to, wait.line);
  if (ambiguous) return unresolved(wait.on, true, wait.line);
  const std::string lower = folded(std::string_view{wait.on}.substr(0, 16));
  if (lower.empty() || lower == "none" || lower == "nothing" || lower == "-" || lower == "–" || lower == "n/a") return;
  resolve_parts(wait.on, ';', to, wait);
}

void outline_builder::add_dependencies() {
  name_tasks();
  for (task_index i = 0; i < plan_.tasks.size() && !too_many_edges_; ++i)
    for (const auto& wait : source_.items[i].waits_for) resolve(wait, i);
}

std::string words_of(std::string_view name) {
  std::string all;
  for (auto& word : words(name)) all += singular(std::move(word)) + " ";
  return all;
}

/// The team's own name of the role; a role that the team lacks joins it.
std::string outline_builder::role_in_team(const outline_item& item) {
  const auto [known, fresh] = team_by_words_.emplace(words_of(item.role), clipped(item.role, max_role_bytes));
  if (!fresh) return known->second;
  if (!source_.team.empty())
    source_.warnings.add("role_not_in_team", at_line(item.line) + ": " + cited(item.role) + " is not in the team");
  roles_.push_back({known->second, {}});
  return known->second;
}

/// A role that is written down is sure; it holds for what is below as well, unless that has one of its own.
void outline_builder::add_roles() {
  for (auto& role : source_.team)
    if (team_by_words_.emplace(words_of(role.name), role.name).second) roles_.push_back(role);
  for (std::size_t i = 0; i < plan_.tasks.size(); ++i) {
    auto& task = plan_.tasks[i];
    if (!source_.items[i].role.empty())
      task.assignee_role = role_in_team(source_.items[i]);
    else if (task.parent != no_task)
      task.assignee_role = plan_.tasks[task.parent].assignee_role;
    if (task.assignee_role.empty()) continue;
    given_[i].role = true;
    task.role_certainty = 1;
  }
}

void outline_builder::note_done() {
  for (std::size_t i = 0; i < plan_.tasks.size(); ++i)
    if (source_.items[i].done)
      source_.warnings.add("already_done",
                           at_line(source_.items[i].line) + ": " + cited(plan_.tasks[i].title) +
                               " is ticked; a plan holds no progress, so it will be done again",
                           plan_.tasks[i].id.value);
}

/// Without a team a leaf that names nobody stays open to any; with one it gets one of the team.
void outline_builder::complete() {
  if (!source_.team.empty()) plan_.roles = roles_;
  complete_leaves(plan_, given_, false);
  plan_.roles = std::move(roles_);
  attach_to_tasks(plan_);
}

void outline_builder::find_cycles() {
  if (!problems_.empty() || plan_.dependencies.empty()) return;
  const auto graph =
      domain::plan_graph::build(std::make_shared<const domain::plan>(plan_), domain::sequencing::dependencies);
  if (graph) return;
  for (const auto& problem : graph.error()) {
    const auto task = by_id_.find(problem.field);
    const bool known = task != by_id_.end();
    const std::string where = known ? at_line(source_.items[task->second].line) : problem.field;
    problems_.add(where, (known ? cited(plan_.tasks[task->second].title) + " " : "") + problem.message);
  }
}

/// The parts of a list, as many as a leaf may have.
std::vector<std::string> names_in(std::string_view list) {
  std::vector<std::string> names;
  for (std::size_t at = 0; at < list.size() && names.size() < max_leaf_resources;) {
    const std::size_t end = std::min(list.find_first_of(",;", at), list.size());
    if (const auto name = trimmed(list.substr(at, end - at)); !name.empty())
      names.push_back(clipped(name, max_role_bytes));
    at = end + 1;
  }
  return names;
}

void add_resources(outline_item& item, std::vector<std::string> names) {
  for (auto& name : names)
    if (item.resources.size() < max_leaf_resources) item.resources.push_back(std::move(name));
}

}  // namespace

std::string at_line(std::size_t line) {
  return "line " + std::to_string(line);
}

std::optional<std::string_view> readable_text(std::string_view bytes, problem_list& problems) {
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF")) {
    problems.add(at_line(1), "the text is UTF-16; save it as UTF-8");
    return std::nullopt;
  }
  if (bytes.starts_with(mark)) bytes.remove_prefix(mark.size());
  std::size_t line = 0;
  for (std::size_t at = 0; at < bytes.size();) {
    const std::size_t end = std::min(bytes.find('\n', at), bytes.size());
    const std::string_view text = bytes.substr(at, end - at);
    at = end + 1;
    if (++line > max_outline_lines)
      problems.add(at_line(line), "more than " + std::to_string(max_outline_lines) + " lines");
    else if (text.find('\0') != std::string_view::npos)
      problems.add(at_line(line), "holds a NUL byte");
    else if (!is_utf8(text))
      problems.add(at_line(line), "is not UTF-8 text");
    if (!problems.empty()) return std::nullopt;
  }
  return bytes;
}

void apply_hint(outline_item& item, hint given, std::size_t line, warning_list& warnings) {
  const auto unreadable = [&](std::string_view what) {
    warnings.add(std::string{what} + "_unreadable",
                 at_line(line) + ": " + cited(given.value) + " is no " + std::string{what} + " that is understood");
  };
  const auto fresh = [&](bool first, std::string_view what) {
    if (!first) warnings.add("hint_twice", at_line(line) + ": a second " + std::string{what} + " is left out");
    return first;
  };
  const std::string value{trimmed(given.value)};
  switch (given.kind) {
    case hint_kind::owner: {
      auto names = names_in(value);
      for (auto& name : names) name.erase(0, name.find_first_not_of('@'));
      if (names.empty() || names.front().empty() || !fresh(item.role.empty(), "owner")) return;
      item.role = std::move(names.front());
      names.erase(names.begin());
      add_resources(item, std::move(names));
      return;
    }
    case hint_kind::estimate:
      if (const auto read = estimate_from(value); !read)
        unreadable("estimate");
      else if (fresh(!item.estimate, "estimate"))
        item.estimate = read;
      return;
    case hint_kind::priority:
      if (const auto read = priority_from(value); !read)
        unreadable("priority");
      else if (fresh(!item.priority, "priority"))
        item.priority = read;
      return;
    case hint_kind::action:
      if (auto read = action_from(value); !read)
        unreadable("action");
      else if (fresh(item.action.empty(), "action"))
        item.action = *std::move(read);
      return;
    case hint_kind::id:
      if (fresh(item.id.empty(), "id")) item.id = value;
      return;
    case hint_kind::waits_for:
      item.waits_for.push_back({value, line});
      return;
    case hint_kind::resources:
      return add_resources(item, names_in(value));
    case hint_kind::description:
    case hint_kind::severity:
    case hint_kind::likelihood:
    case hint_kind::mitigation:
    case hint_kind::impact:
    case hint_kind::test:
      item.description += (item.description.empty() ? "" : "\n") + value;
      return;
  }
}

domain::plan plan_of(outline outline, problem_list& problems) {
  return outline_builder{std::move(outline), problems}.build();
}

}  // namespace planexe::plans
