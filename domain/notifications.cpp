#include "domain/notifications.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace planexe::domain {
namespace {

constexpr std::size_t most_named = 3;       // titles in a sentence
constexpr std::size_t longest_named = 100;  // bytes of each
constexpr std::string_view ellipsis = "…";

bool is_blank(char c) {
  return static_cast<unsigned char>(c) <= ' ' || c == '\x7f';
}

std::string in_quotes(std::string_view title) {
  return "'" + one_line(title, longest_named) + "'";
}

/// `text` as the end of a sentence.
std::string closed(std::string text) {
  while (!text.empty() && (text.back() == '.' || text.back() == ' ')) text.pop_back();
  return text + '.';
}

std::string counted(std::size_t count, const char* one, const char* many) {
  return std::to_string(count) + (count == 1 ? one : many);
}

struct told_task {
  task_id id;
  std::string_view reason;
  std::uint64_t seq = 0;
};

struct told_fact {
  std::string_view reason;
  std::uint64_t seq = 0;
};

/// What a step says that people are told of.
struct told_facts {
  std::vector<told_task> reviews;
  std::map<std::pair<std::uint32_t, std::string>, std::vector<told_task>> escalations;  ///< by level and whom
  std::set<task_id> escalated;
  std::set<task_id> answered;  ///< asked about, and decided in the same step
  std::optional<told_fact> blocked;
  std::optional<told_fact> completed;
  std::optional<told_fact> failed;

  void note(const execution_event& happened, std::uint64_t seq) {
    if (const auto* asked = std::get_if<review_requested>(&happened)) {
      answered.erase(asked->task);
      reviews.push_back({asked->task, asked->reason, seq});
    } else if (const auto* decided = std::get_if<review_resolved>(&happened)) {
      answered.insert(decided->task);
    } else if (const auto* raised = std::get_if<task_escalated>(&happened)) {
      escalated.insert(raised->task);
      escalations[{raised->level, raised->to}].push_back({raised->task, raised->reason, seq});
    } else if (const auto* stopped = std::get_if<execution_blocked>(&happened)) {
      blocked = {stopped->reason, seq};
    } else if (std::holds_alternative<execution_unblocked>(happened)) {
      blocked.reset();
    } else if (std::holds_alternative<execution_completed>(happened)) {
      completed = {{}, seq};
    } else if (const auto* ended = std::get_if<execution_failed>(&happened)) {
      failed = {ended->reason, seq};
    }
  }
};

class teller {
 public:
  teller(const execution_state& state, std::span<const event_record> step) : state_(state) {
    content_.execution = {step.front().stream.id};
    content_.execution_title = one_line(state.title, longest_notified_title);
    content_.occurred_at = step.front().metadata.recorded_at;
    for (const auto& record : step)
      if (const auto* happened = std::get_if<execution_event>(&record.payload)) facts_.note(*happened, record.seq);
    std::erase_if(facts_.reviews, [this](const told_task& task) {
      return facts_.escalated.contains(task.id) || facts_.answered.contains(task.id);
    });
  }

  std::vector<notification_content> tell() {
    if (!facts_.reviews.empty()) tell_of_tasks(notification_kind::review_requested, 0, {}, facts_.reviews);
    for (const auto& [rung, tasks] : facts_.escalations)
      tell_of_tasks(notification_kind::task_escalated, rung.first, rung.second, tasks);
    const bool explained = !told_.empty();
    if (facts_.completed) {
      tell_of_execution(notification_kind::execution_completed, *facts_.completed, completion());
    } else if (facts_.failed) {
      tell_of_execution(notification_kind::execution_failed, *facts_.failed, "has failed: " + reason(*facts_.failed));
    } else if (facts_.blocked && !explained) {
      tell_of_execution(notification_kind::execution_blocked, *facts_.blocked,
                        "is blocked: " + reason(*facts_.blocked));
    }
    std::stable_sort(told_.begin(), told_.end(), [](const auto& a, const auto& b) { return a.last_seq < b.last_seq; });
    return std::move(told_);
  }

 private:
  std::string title_of(const task_id& id) const {
    const auto task = state_.graph ? state_.graph->find(id) : no_task;
    return task == no_task || state_.definition(task).title.empty() ? id.value : state_.definition(task).title;
  }
  static std::string reason(const told_fact& fact) { return one_line(fact.reason, longest_notified_reason); }

  std::string completion() const {
    const auto done = state_.leaves_complete, skipped = state_.leaves_skipped;
    if (skipped == 0) return "is complete: " + counted(done, " task is done", " tasks are done");
    return "is complete: " + counted(done, " task is done", " tasks are done") + " and " +
           counted(skipped, " was skipped", " were skipped");
  }

  /// "'A', 'B' and 3 more".
  std::string names_of(const std::vector<told_task>& tasks) const {
    const auto named = std::min(tasks.size(), most_named);
    std::string text;
    for (std::size_t i = 0; i < named; ++i) {
      const bool last = i + 1 == tasks.size();
      if (i > 0) text += last ? " and " : ", ";
      text += in_quotes(title_of(tasks[i].id));
    }
    if (named < tasks.size()) text += " and " + std::to_string(tasks.size() - named) + " more";
    return text;
  }

  /// "is escalated to ann (level 2)", or "are".
  static std::string predicate(const notification_content& content, bool one) {
    if (content.kind == notification_kind::review_requested) return one ? "waits for a person" : "wait for a person";
    std::string text = one ? "is escalated" : "are escalated";
    if (!content.to.empty()) text += " to " + one_line(content.to, longest_named);
    return text + " (level " + std::to_string(content.level) + ")";
  }

  void tell_of_tasks(notification_kind kind, std::uint32_t level, const std::string& to,
                     const std::vector<told_task>& tasks) {
    auto content = content_;
    content.kind = kind;
    content.level = level;
    content.to = to;
    content.first_seq = tasks.front().seq;
    content.last_seq = tasks.back().seq;
    for (std::size_t i = 0; i < std::min(tasks.size(), most_notified_tasks); ++i)
      content.tasks.push_back({tasks[i].id, one_line(title_of(tasks[i].id), longest_notified_title),
                               one_line(tasks[i].reason, longest_notified_reason)});
    content.more_tasks = static_cast<std::uint32_t>(tasks.size() - content.tasks.size());
    const auto whole = " of " + in_quotes(state_.title) + " ";
    std::string text;
    if (tasks.size() == 1)
      text = in_quotes(content.tasks.front().title) + whole + predicate(content, true) + ": " +
             content.tasks.front().reason;
    else
      text = std::to_string(tasks.size()) + " tasks" + whole + predicate(content, false) + ": " + names_of(tasks);
    text = closed(std::move(text));
    if (facts_.blocked && !facts_.failed) {
      text += " Nothing else of it can go on until then.";
      content.last_seq = std::max(content.last_seq, facts_.blocked->seq);
    }
    content.message = one_line(text, longest_notification_message);
    told_.push_back(std::move(content));
  }

  void tell_of_execution(notification_kind kind, const told_fact& fact, std::string what) {
    auto content = content_;
    content.kind = kind;
    content.first_seq = content.last_seq = fact.seq;
    content.message = one_line(in_quotes(state_.title) + " " + closed(std::move(what)), longest_notification_message);
    told_.push_back(std::move(content));
  }

  const execution_state& state_;
  notification_content content_;  ///< what all of them have in common
  told_facts facts_;
  std::vector<notification_content> told_;
};

}  // namespace

bool is_notable(const event& any) {
  const auto* of_execution = std::get_if<execution_event>(&any);
  if (of_execution == nullptr) return false;
  return std::holds_alternative<review_requested>(*of_execution) ||
         std::holds_alternative<task_escalated>(*of_execution) ||
         std::holds_alternative<execution_blocked>(*of_execution) ||
         std::holds_alternative<execution_completed>(*of_execution) ||
         std::holds_alternative<execution_failed>(*of_execution);
}

std::vector<std::span<const event_record>> steps_of(std::span<const event_record> records) {
  std::vector<std::span<const event_record>> steps;
  std::size_t first = 0;
  for (std::size_t i = 1; i <= records.size(); ++i) {
    const auto& begin = records[first];
    if (i < records.size() && records[i].stream == begin.stream &&
        records[i].metadata.recorded_at == begin.metadata.recorded_at &&
        records[i].metadata.inherited == begin.metadata.inherited)
      continue;
    steps.push_back(records.subspan(first, i - first));
    first = i;
  }
  return steps;
}

std::vector<notification_content> notifications_of(const execution_state& state, std::span<const event_record> step) {
  if (step.empty()) return {};
  return teller{state, step}.tell();
}

std::string one_line(std::string_view text, std::size_t most_bytes) {
  std::string line;
  line.reserve(std::min(text.size(), most_bytes));
  bool blank_before = true;  // so that none stands at the beginning
  for (const char c : text) {
    const bool blank = is_blank(c);
    if (!(blank && blank_before)) line += blank ? ' ' : c;
    blank_before = blank;
    if (line.size() > most_bytes + ellipsis.size()) break;  // enough to see that it must be cut
  }
  while (!line.empty() && line.back() == ' ') line.pop_back();
  if (line.size() <= most_bytes) return line;
  auto end = most_bytes - ellipsis.size();
  constexpr int longest_tail = 3;  // continuation bytes of one character
  for (int i = 0; i < longest_tail && end > 0 && (static_cast<unsigned char>(line[end]) & 0xC0U) == 0x80U; ++i) --end;
  line.resize(end);
  return line.append(ellipsis);
}

// The outbox.

void notification_outbox::restore(notification kept) {
  if (kept.stage == notification_stage::pending) ++pending;
  if (kept.stage == notification_stage::delivered) delivered.emplace(kept.seq, kept.number);
  if (kept.stage == notification_stage::dead) dead.emplace(kept.seq, kept.number);
  const auto number = kept.number;
  known.emplace(number, std::move(kept));
}

namespace {

class applier {
 public:
  applier(notification_outbox& outbox, event_moment moment, std::vector<std::uint64_t>* touched)
      : outbox_(outbox), moment_(moment), touched_(touched) {}

  void operator()(const notification_queued& e) {
    outbox_.last_number = std::max(outbox_.last_number, e.number);
    outbox_.last_position = std::max(outbox_.last_position, e.position);
    notification added;
    added.number = e.number;
    added.agent = e.agent;
    added.content = e.content;
    added.queued_at = added.tried_since = added.next_attempt_at = moment_.at;
    added.seq = moment_.seq;
    if (!outbox_.known.emplace(e.number, std::move(added)).second) return;
    ++outbox_.pending;
    touch(e.number);
  }
  void operator()(const notification_delivered& e) {
    auto* known = pending(e.number);
    if (known == nullptr) return;
    known->attempts = e.attempt;
    known->status = e.status;
    settle(*known, notification_stage::delivered, outbox_.delivered, most_delivered_kept);
  }
  void operator()(const notification_failed& e) {
    auto* known = pending(e.number);
    if (known == nullptr) return;
    known->attempts = e.attempt;
    ++known->failures;
    known->detail = e.detail;
    known->next_attempt_at = e.retry_at;
    known->seq = moment_.seq;
    touch(e.number);
  }
  void operator()(const notification_dead_lettered& e) {
    auto* known = pending(e.number);
    if (known == nullptr) return;
    known->attempts = e.attempt;
    known->detail = e.detail;
    settle(*known, notification_stage::dead, outbox_.dead, most_dead_kept);
  }
  void operator()(const notification_redriven& e) {
    const auto found = outbox_.known.find(e.number);
    if (found == outbox_.known.end() || found->second.stage == notification_stage::delivered) return;
    auto& known = found->second;
    if (known.stage == notification_stage::dead) {
      outbox_.dead.erase(known.seq);
      ++outbox_.pending;
    }
    known.stage = notification_stage::pending;
    known.failures = 0;
    known.tried_since = known.next_attempt_at = moment_.at;
    known.settled_at = {};
    known.seq = moment_.seq;
    touch(e.number);
  }
  void operator()(const everything_paused&) {}
  void operator()(const everything_resumed&) {}
  void operator()(const key_created&) {}
  void operator()(const key_revoked&) {}
  void operator()(const execution_archived&) {}
  void operator()(const subject_erased&) {}

 private:
  notification* pending(std::uint64_t number) {
    const auto found = outbox_.known.find(number);
    const bool is = found != outbox_.known.end() && found->second.stage == notification_stage::pending;
    return is ? &found->second : nullptr;
  }

  void settle(notification& known, notification_stage stage, std::map<std::uint64_t, std::uint64_t>& others,
              std::size_t most) {
    known.stage = stage;
    known.settled_at = moment_.at;
    known.seq = moment_.seq;
    --outbox_.pending;
    others.emplace(moment_.seq, known.number);
    touch(known.number);
    if (others.size() <= most) return;
    const auto oldest = others.begin();
    outbox_.known.erase(oldest->second);
    touch(oldest->second);
    others.erase(oldest);
  }

  void touch(std::uint64_t number) {
    if (touched_ != nullptr) touched_->push_back(number);
  }

  notification_outbox& outbox_;
  event_moment moment_;
  std::vector<std::uint64_t>* touched_;
};

constexpr std::string_view id_prefix = "ntf_";

/// FNV-1a; it tells servers apart and keeps nothing secret.
std::uint64_t hash_of(std::string_view text) {
  std::uint64_t hash = 0xcbf29ce484222325U;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3U;
  return hash;
}

}  // namespace

void evolve(notification_outbox& outbox, const system_event& happened, event_moment moment,
            std::vector<std::uint64_t>* touched) {
  outbox.version = moment.seq;
  std::visit(applier{outbox, moment, touched}, happened);
}

std::string notification_id_of(const notification& notification) {
  const auto& content = notification.content;
  constexpr std::string_view digits = "0123456789abcdef";
  auto hash = hash_of(content.execution.value + "/" + std::to_string(content.first_seq) + "/" +
                      std::to_string(content.occurred_at.time_since_epoch().count()) + "/" + content.to);
  std::string id{id_prefix};
  id += std::to_string(notification.number) + '_';
  for (int i = 0; i < 16; ++i, hash >>= 4U) id += digits[hash & 15U];
  return id;
}

std::optional<std::uint64_t> number_in_notification_id(std::string_view id) {
  if (!id.starts_with(id_prefix)) return std::nullopt;
  id.remove_prefix(id_prefix.size());
  std::uint64_t number = 0;
  const auto [end, problem] = std::from_chars(id.data(), id.data() + id.size(), number);
  if (problem != std::errc{} || end == id.data() + id.size() || *end != '_') return std::nullopt;
  return number;
}

// Attempts.

milliseconds delivery_backoff(const delivery_policy& policy, std::uint32_t failures, double jitter) {
  constexpr milliseconds longest = hours(1);
  constexpr double widest_jitter = 0.1;
  auto wait = policy.backoff;
  for (std::uint32_t i = 1; i < failures && wait < longest; ++i) wait *= 2;
  wait = std::min(wait, std::max(longest, policy.backoff));
  const auto spread = static_cast<double>(wait.count()) * (1 + widest_jitter * std::clamp(jitter, 0.0, 1.0));
  return std::max(milliseconds{1}, milliseconds{static_cast<long long>(spread)});
}

system_event after_attempt(const notification& notification, const delivery_outcome& outcome,
                           const delivery_policy& policy, double jitter, timestamp now) {
  using kind = delivery_outcome::kind;
  const auto attempt = notification.attempts + 1;
  const auto detail = one_line(outcome.detail, longest_notified_reason);
  if (outcome.what == kind::delivered) return notification_delivered{notification.number, attempt, outcome.status};
  if (outcome.what == kind::refused || now >= notification.tried_since + policy.give_up)
    return notification_dead_lettered{notification.number, attempt, detail};
  const auto wait = std::max(delivery_backoff(policy, notification.failures + 1, jitter),
                             outcome.retry_after.value_or(milliseconds{0}));
  return notification_failed{notification.number, attempt, detail, now + wait};
}

}  // namespace planexe::domain
