#include "gateway/json/why_sentence.hpp"

#include "domain/execution_status.hpp"
#include "gateway/http/utf8.hpp"
#include "gateway/json/resolution_options.hpp"
#include "gateway/json/writer.hpp"

namespace planexe::gateway {
namespace {

// A sentence is read as a whole: what plans and agents wrote is cut.
constexpr std::size_t longest_title = 80, longest_detail = 240;  // bytes
constexpr std::size_t most_links_named = 3;                      // of a chain, the last one aside

/// On one line, cut between characters.
std::string shortened(std::string_view text, std::size_t most_bytes) {
  std::string made;
  for (std::size_t at = 0; at < text.size();) {
    const auto length = std::max<std::size_t>(utf8_sequence_length(text.substr(at)), 1);
    if (made.size() + length > most_bytes) return made + "…";
    const bool control = static_cast<unsigned char>(text[at]) < 0x20 || text[at] == 0x7f;
    if (control)
      made += ' ';
    else
      made += text.substr(at, length);
    at += length;
  }
  return made;
}

class sentence {
 public:
  sentence(const domain::execution_state& state, domain::timestamp now, const agent_facts* holder,
           const candidate_list* candidates)
      : state_(state), now_(now), holder_(holder), candidates_(candidates) {}

  std::string say(const domain::explanation& told) const {
    if (told.chain.empty()) return nothing_left(told);
    std::string text = opening(told) + title(told.chain.front().task);
    const bool opened = told.task != told.chain.front().task;
    const auto last = told.chain.size() - 1;
    const auto named = last <= most_links_named ? last : most_links_named - 1;  // before the last one
    for (std::size_t i = 1; i <= last; ++i) {
      const bool skips = i == named && named < last;
      if (skips) i = last;
      text += i > 1 || opened ? ", which waits" : " waits";
      if (skips) text += " through " + std::to_string(last - named) + " more";
      text += " for " + title(told.chain[i].task);
    }
    return text + (last > 0 || opened ? ", which " : " ") + root(told.chain.back());
  }

 private:
  std::string title(domain::task_index task) const {
    return "'" + shortened(state_.definition(task).title, longest_title) + "'";
  }

  std::string nothing_left(const domain::explanation& told) const {
    if (told.task == domain::no_task) return told.headline;
    const auto status = domain::summarize(state_, told.task).status;
    return title(told.task) + (status == domain::task_status::skipped ? " was skipped" : " is complete");
  }

  /// What leads to the first link where that is not what was asked about.
  std::string opening(const domain::explanation& told) const {
    if (told.task == domain::no_task) return shortened(told.headline, longest_detail) + "; it ends with ";
    return told.task == told.chain.front().task ? "" : title(told.task) + " ends with ";
  }

  std::string for_time(domain::timestamp since) const {
    return " for " + domain::in_words(now_ - since) + " (since " + domain::format_minute(since) + ")";
  }
  std::string at_time(domain::timestamp at) const {
    const auto when = " (" + domain::format_minute(at) + ")";
    return (at > now_ ? "in " + domain::in_words(at - now_) : std::string("now")) + when;
  }
  std::string because(const domain::cause& why) const {
    return why.detail.empty() ? "" : ": " + shortened(why.detail, longest_detail);
  }
  std::string escalated(const domain::cause& why) const {
    if (state_.tasks[why.task].escalation.level > 0)
      return "; escalated to " + shortened(escalated_to(state_, why.task), longest_title);
    return why.wake_at ? "; it is escalated " + at_time(*why.wake_at) : "";
  }

  std::string root(const domain::cause& why) const {
    using enum domain::cause_kind;
    switch (why.kind) {
      case running:
        return held(why);
      case agent:
        return ready(why);
      case review:
        return "waits for a person" + for_time(why.since) + because(why) + escalated(why);
      case external:
        return "waits for something outside" + for_time(why.since) + because(why) + escalated(why);
      case retry:
        return "has failed and is tried again " + (why.wake_at ? at_time(*why.wake_at) : std::string("later")) +
               failure(why);
      case failed:
        return "has failed for good" + because(why);
      case cancelled:
        return "is not done any more" + because(why);
      case paused:
      case parent:
      case prerequisites:
        break;
    }
    return "waits" + for_time(why.since) + because(why);
  }

  std::string failure(const domain::cause& why) const {
    const auto& last = state_.tasks[why.task].failure;
    return last && !last->message.empty() ? ": " + shortened(last->message, longest_detail) : "";
  }

  std::string held(const domain::cause& why) const {
    std::string text = "is held by " + why.agent.value + for_time(why.since);
    if (why.attempt > 1) text += ", attempt " + std::to_string(why.attempt);
    const auto percent = state_.tasks[why.task].progress_percent;
    if (percent > 0) text += ", " + std::to_string(static_cast<int>(percent)) + " % done";
    if (holder_ != nullptr && holder_->last_seen_at)
      text += ", last heard of " + domain::in_words(now_ - *holder_->last_seen_at) + " ago";
    return text;
  }

  std::string ready(const domain::cause& why) const {
    std::string text = "is ready and waits for an agent" + for_time(why.since);
    if (candidates_ == nullptr) return text + because(why) + escalated(why);
    if (candidates_->total == 0) return text + ": " + shortened(candidates_->none, longest_detail) + escalated(why);
    const auto& first = candidates_->shown.front();
    text += candidates_->total == 1 ? ": only " : ": ";
    text += first.agent->id.value + " could take it: it " + first.reason;
    if (candidates_->total > 1) text += " (and so could " + std::to_string(candidates_->total - 1) + " more)";
    return text + escalated(why);
  }

  const domain::execution_state& state_;
  domain::timestamp now_;
  const agent_facts* holder_;
  const candidate_list* candidates_;
};

}  // namespace

std::string say_why(const domain::execution_state& state, const domain::explanation& told, domain::timestamp now,
                    const agent_facts* holder, const candidate_list* candidates) {
  return sentence{state, now, holder, candidates}.say(told);
}

}  // namespace planexe::gateway
