#include "plans/attachment.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <optional>
#include <string_view>
#include <unordered_map>

#include "plans/attachment_words.hpp"
#include "plans/words.hpp"

namespace planexe::plans {
namespace {

using domain::no_task;
using domain::task_index;

using stem_index = std::uint32_t;

constexpr float description_weight = 0.6F;    // of a word beside the title's 1
constexpr double plan_language_weight = 0.3;  // of a word that every plan uses
constexpr double shared_by_children = 0.3;    // mean weight from which a word stands for the task above as well
constexpr double heading_count = 2;           // a word in a risk's title counts like two in its text
constexpr double answer_count = 0.5;          // one in its mitigation or test like half of one

/// More of a text says nothing new; these bound the memory and the work that a hostile plan can cause. Real
/// descriptions have 90 words, real plans 2,500 different ones.
constexpr std::size_t max_read_bytes = 4'000;
constexpr std::size_t max_words_of_task = 200;
constexpr std::size_t max_stems = 200'000;
/// A word in more tasks than this tells none of them from the others.
constexpr std::size_t max_tasks_of_word = 1'000;
/// Comparisons of a risk's word with a task's. Real plans take 30,000, 20,000 tasks and 1,000 risks of real length 20
/// million; beyond this limit what is left stays unattached.
constexpr std::size_t max_comparisons = 200'000'000;
/// Best matches that are looked at more closely.
constexpr std::size_t max_candidates = 32;

struct weighted_word {
  stem_index stem = 0;
  bool in_title = false;
  float weight = 0;
};

/// The plan's tasks as vectors of weighted stems, and for each stem the tasks that have it.
class task_themes {
 public:
  explicit task_themes(const domain::plan& plan);

  std::size_t size() const { return themes_.size(); }
  const std::vector<weighted_word>& of(task_index task) const { return themes_[task]; }
  double length(task_index task) const { return lengths_[task]; }
  double rarity(stem_index stem) const { return rarity_[stem]; }
  bool is_plan_language(stem_index stem) const { return plan_language_[stem]; }
  std::size_t stems() const { return rarity_.size(); }
  std::optional<stem_index> find(const std::string& stem) const {
    const auto found = numbers_.find(stem);
    return found == numbers_.end() ? std::nullopt : std::optional{found->second};
  }

  struct posting {
    task_index task = no_task;
    float weight = 0;
  };
  /// Empty for a word that too many tasks share.
  const std::vector<posting>& postings(stem_index stem) const { return postings_[stem]; }

 private:
  void add(std::vector<weighted_word>& theme, std::string_view text, bool is_title);
  void read(const domain::task_definition& task);
  void weigh();
  void share_upwards(const domain::plan& plan);
  void list_postings();

  std::unordered_map<std::string, stem_index> numbers_;
  std::vector<std::vector<weighted_word>> themes_;
  std::vector<double> lengths_, rarity_;
  std::vector<bool> plan_language_;
  std::vector<std::vector<posting>> postings_;
};

task_themes::task_themes(const domain::plan& plan) {
  themes_.reserve(plan.tasks.size());
  for (const auto& task : plan.tasks) read(task);
  weigh();
  share_upwards(plan);
  list_postings();
}

/// Merges words that come more than once; sorted by stem, so that all that follows is the same on every run.
void merge(std::vector<weighted_word>& words) {
  std::sort(words.begin(), words.end(), [](const auto& a, const auto& b) { return a.stem < b.stem; });
  std::size_t kept = 0;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (kept > 0 && words[kept - 1].stem == words[i].stem) {
      words[kept - 1].weight = std::max(words[kept - 1].weight, words[i].weight);
      if (words[i].in_title) words[kept - 1].in_title = true;
    } else {
      words[kept++] = words[i];
    }
  }
  words.resize(kept);
}

void task_themes::add(std::vector<weighted_word>& theme, std::string_view text, bool is_title) {
  for (auto& stem : theme_words(text.substr(0, max_read_bytes))) {
    if (theme.size() == max_words_of_task) return;
    const bool common = plans::is_plan_language(stem);
    auto place = numbers_.find(stem);
    if (place == numbers_.end()) {
      if (numbers_.size() == max_stems) continue;
      place = numbers_.emplace(std::move(stem), static_cast<stem_index>(numbers_.size())).first;
      plan_language_.push_back(common);
    }
    theme.push_back({place->second, is_title, is_title ? 1 : description_weight});
  }
}

void task_themes::read(const domain::task_definition& task) {
  auto& theme = themes_.emplace_back();
  add(theme, task.title, true);
  add(theme, task.description, false);
  merge(theme);
}

void task_themes::weigh() {
  std::vector<std::size_t> tasks_with(numbers_.size(), 0);
  for (const auto& theme : themes_)
    for (const auto& word : theme) ++tasks_with[word.stem];
  const auto all = static_cast<double>(themes_.size() + 1);
  rarity_.reserve(tasks_with.size());
  for (stem_index stem = 0; stem < tasks_with.size(); ++stem)
    rarity_.push_back(std::log(all / static_cast<double>(tasks_with[stem])) *
                      (plan_language_[stem] ? plan_language_weight : 1));
}

/// A task with children takes on the words that its children share. Children come after their parents, so going
/// backwards each is complete when it is passed on.
void task_themes::share_upwards(const domain::plan& plan) {
  std::vector<std::vector<task_index>> children(themes_.size());
  for (task_index i = 0; i < themes_.size(); ++i)
    if (plan.tasks[i].parent != no_task) children[plan.tasks[i].parent].push_back(i);
  for (auto parent = static_cast<task_index>(themes_.size()); parent-- > 0;) {
    if (children[parent].empty()) continue;
    std::unordered_map<stem_index, double> sums;
    for (const task_index child : children[parent])
      for (const auto& word : themes_[child]) sums[word.stem] += word.weight;
    for (const auto& [stem, sum] : sums)
      if (const double mean = sum / static_cast<double>(children[parent].size()); mean >= shared_by_children)
        themes_[parent].push_back({stem, false, static_cast<float>(mean)});
    merge(themes_[parent]);
  }
}

void task_themes::list_postings() {
  postings_.resize(numbers_.size());
  lengths_.reserve(themes_.size());
  for (task_index i = 0; i < themes_.size(); ++i) {
    double squares = 0;
    for (const auto& word : themes_[i]) {
      const double part = word.weight * rarity_[word.stem];
      squares += part * part;
      postings_[word.stem].push_back({i, word.weight});
    }
    lengths_.push_back(std::sqrt(squares));
  }
  for (auto& list : postings_)
    if (list.size() > max_tasks_of_word) list.clear();
}

/// Tasks that a text names by id.
class task_names {
 public:
  explicit task_names(const domain::plan& plan) {
    names_.reserve(plan.tasks.size());
    for (task_index i = 0; i < plan.tasks.size(); ++i) names_.emplace_back(plan.tasks[i].id.value, i);
    std::sort(names_.begin(), names_.end());
  }

  void find_in(std::string_view text, std::vector<task_index>& found) const {
    std::string_view before;
    for (std::size_t at = 0; at < text.size();) {
      if (!is_id_byte(text[at])) {
        ++at;
        continue;
      }
      std::size_t end = at;
      while (end < text.size() && is_id_byte(text[end])) ++end;
      std::string_view token = text.substr(at, end - at);
      while (!token.empty() && (token.back() == '.' || token.back() == ':')) token.remove_suffix(1);
      if (const task_index task = named(token, before); task != no_task) found.push_back(task);
      before = token;
      at = end;
    }
  }

 private:
  static bool is_id_byte(char c) {
    return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
           c == '.' || c == ':';
  }
  static bool is_word(std::string_view token, std::string_view word) {
    return token.size() == word.size() && begins_with(token, word);
  }

  /// An id may be an English word ("order"), so it must look like one or be announced as one.
  task_index named(std::string_view token, std::string_view before) const {
    constexpr std::size_t least_beginning = 8;  // of a UUID: what PlanExe's texts shorten it to
    constexpr std::size_t unmistakable = 16;
    const bool announced = is_word(before, "id");
    const bool after_kind = is_word(before, "task") || is_word(before, "phase") || is_word(before, "subtask");
    const bool has_digit = std::any_of(token.begin(), token.end(), [](char c) { return c >= '0' && c <= '9'; });
    if (!announced && !has_digit) return no_task;
    if (!announced && !after_kind && token.size() < unmistakable) return no_task;
    const auto place = std::lower_bound(names_.begin(), names_.end(), std::pair{token, task_index{0}});
    if (place == names_.end()) return no_task;
    if (place->first == token) return place->second;
    if (token.size() < least_beginning || !place->first.starts_with(token)) return no_task;
    const auto next = std::next(place);
    const bool ambiguous = next != names_.end() && next->first.starts_with(token);
    return ambiguous ? no_task : place->second;
  }

  std::vector<std::pair<std::string_view, task_index>> names_;  ///< sorted
};

/// What a risk or an assumption says, by how much each part says about where it belongs.
struct statement {
  std::string_view heading;
  std::string_view text;
  std::string_view answer;
};

class attachment {
 public:
  explicit attachment(const domain::plan& plan)
      : plan_(plan), themes_(plan), names_(plan), scores_(plan.tasks.size()), asked_(themes_.stems()) {}

  std::vector<task_index> tasks_of(const statement& said, const std::vector<std::string>& lines) {
    std::vector<task_index> found;
    names_.find_in(said.text, found);
    names_.find_in(said.answer, found);
    for (const auto& line : lines) names_.find_in(line, found);
    add_alike(said, found);
    std::sort(found.begin(), found.end());
    found.erase(std::unique(found.begin(), found.end()), found.end());
    if (found.size() > most_attached_tasks) found.clear();
    return found;
  }

 private:
  struct candidate {
    double likeness = 0;
    task_index task = no_task;
  };

  /// The statement's words with how much they count there, each once, in order of their numbers.
  std::vector<weighted_word> question(const statement& said) const {
    std::unordered_map<stem_index, double> counts;
    const auto count = [&](std::string_view text, double each) {
      for (const auto& stem : theme_words(text.substr(0, max_read_bytes)))
        if (const auto known = themes_.find(stem)) counts[*known] += each;
    };
    count(said.heading, heading_count);
    count(said.text, 1);
    count(said.answer, answer_count);
    std::vector<weighted_word> words;
    words.reserve(counts.size());
    for (const auto& [stem, times] : counts) words.push_back({stem, false, static_cast<float>(std::sqrt(times))});
    std::sort(words.begin(), words.end(), [](const auto& a, const auto& b) { return a.stem < b.stem; });
    return words;
  }

  /// The tasks that are alike enough by the cosine alone, best first.
  std::vector<candidate> candidates(const std::vector<weighted_word>& words) {
    std::vector<task_index> touched;
    double squares = 0;
    for (const auto& word : words) {
      const double part = word.weight * themes_.rarity(word.stem);
      squares += part * part;
      const auto& postings = themes_.postings(word.stem);
      comparisons_ += postings.size();
      if (comparisons_ > max_comparisons) break;
      for (const auto& posting : postings) {
        if (scores_[posting.task] == 0) touched.push_back(posting.task);
        scores_[posting.task] += part * posting.weight * themes_.rarity(word.stem);
      }
    }
    std::vector<candidate> found;
    for (const task_index task : touched) {
      const double likeness = scores_[task] / (themes_.length(task) * std::sqrt(squares));
      if (comparisons_ <= max_comparisons && likeness >= least_likeness) found.push_back({likeness, task});
      scores_[task] = 0;
    }
    const auto end = found.begin() + static_cast<std::ptrdiff_t>(std::min(found.size(), max_candidates));
    std::partial_sort(found.begin(), end, found.end(), [](const candidate& a, const candidate& b) {
      return a.likeness != b.likeness ? a.likeness > b.likeness : a.task < b.task;
    });
    found.erase(end, found.end());
    return found;
  }

  /// Whether what agrees is the subject: two words at least that not every plan uses, one of them in the title.
  bool agrees(task_index task) const {
    std::size_t telling = 0;
    bool in_title = false;
    for (const auto& word : themes_.of(task)) {
      if (!asked_[word.stem] || themes_.is_plan_language(word.stem)) continue;
      ++telling;
      in_title = in_title || word.in_title;
    }
    return telling >= 2 && in_title;
  }

  bool is_above(task_index above, task_index below) const {
    for (task_index at = plan_.tasks[below].parent; at != no_task; at = plan_.tasks[at].parent)
      if (at == above) return true;
    return false;
  }

  void add_alike(const statement& said, std::vector<task_index>& found) {
    if (comparisons_ > max_comparisons) return;
    const auto words = question(said);
    const auto alike = candidates(words);
    if (alike.empty()) return;
    for (const auto& word : words) asked_[word.stem] = true;
    std::vector<candidate> chosen;
    for (const auto& next : alike) {
      if (chosen.size() == most_alike_tasks) break;
      if (!chosen.empty() && next.likeness < least_share_of_best * chosen.front().likeness) break;
      const bool kin = std::any_of(chosen.begin(), chosen.end(), [&](const candidate& taken) {
        return is_above(taken.task, next.task) || is_above(next.task, taken.task);
      });
      if (!kin && agrees(next.task)) chosen.push_back(next);
    }
    for (const auto& word : words) asked_[word.stem] = false;
    for (const auto& taken : chosen) found.push_back(taken.task);
  }

  const domain::plan& plan_;
  task_themes themes_;
  task_names names_;
  std::vector<double> scores_;  ///< by task; all 0 between two statements
  std::vector<bool> asked_;     ///< by stem; all false between two statements
  std::size_t comparisons_ = 0;
};

}  // namespace

void attach_to_tasks(domain::plan& plan) {
  if (plan.tasks.empty() || (plan.risks.empty() && plan.assumptions.empty())) return;
  attachment attached{plan};
  for (auto& risk : plan.risks) {
    if (!risk.tasks.empty()) continue;
    std::vector<std::string> lines = risk.early_warnings;
    lines.insert(lines.end(), risk.tripwires.begin(), risk.tripwires.end());
    lines.push_back(risk.stop_rule);
    risk.tasks = attached.tasks_of({risk.title, risk.description, risk.mitigation}, lines);
  }
  for (auto& assumption : plan.assumptions)
    if (assumption.tasks.empty())
      assumption.tasks = attached.tasks_of({"", assumption.statement, assumption.test}, {assumption.falsifier});
}

}  // namespace planexe::plans
