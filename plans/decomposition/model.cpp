#include "plans/decomposition/model.hpp"

#include <algorithm>
#include <cassert>
#include <deque>
#include <mutex>

#include "plans/actions.hpp"
#include "plans/confidence.hpp"
#include "plans/decomposition/model_wire.hpp"
#include "plans/decomposition/templates.hpp"
#include "plans/json_text.hpp"
#include "plans/leaves.hpp"
#include "plans/words.hpp"

namespace planexe::plans {
namespace {

using time_point = std::chrono::steady_clock::time_point;
using std::chrono::milliseconds;

constexpr double most_confidence = 0.9;       // nobody has looked at the parts yet
constexpr milliseconds shortest_call{1'000};  // with less time left no model answers
constexpr std::size_t shortest_secret = 16;   // local servers are given words such as "ollama" as keys
constexpr std::size_t max_notes = 2'000;

/// Calls under way, and what the last hour's have cost.
class ledger {
 public:
  ledger(const model_budget& budget, std::function<time_point()> now) : budget_(budget), now_(std::move(now)) {}

  /// Why no call may be made now; nothing, and one is counted as under way, when it may.
  std::optional<std::string> begin(std::size_t bytes) {
    const std::lock_guard lock{mutex_};
    const auto now = now_();
    while (!spent_.empty() && now - spent_.front().at >= std::chrono::hours{1}) spent_.pop_front();
    std::size_t total = bytes;
    for (const auto& each : spent_) total += each.bytes;
    if (under_way_ >= budget_.calls_at_once)
      return std::to_string(budget_.calls_at_once) + " calls to the model are under way already";
    if (spent_.size() >= budget_.calls_an_hour)
      return "the budget of " + std::to_string(budget_.calls_an_hour) + " calls an hour is used up";
    if (total > budget_.bytes_an_hour)
      return "the budget of " + std::to_string(budget_.bytes_an_hour) + " bytes an hour is used up";
    ++under_way_;
    spent_.push_back({now, bytes});
    return std::nullopt;
  }
  void end(std::size_t more_bytes) {
    const std::lock_guard lock{mutex_};
    --under_way_;
    if (!spent_.empty()) spent_.back().bytes += more_bytes;
  }

 private:
  struct spending {
    time_point at;
    std::size_t bytes = 0;
  };
  const model_budget budget_;
  const std::function<time_point()> now_;
  std::mutex mutex_;
  std::deque<spending> spent_;
  std::size_t under_way_ = 0;
};

/// One task's way through the model: at most two calls.
class inquiry {
 public:
  inquiry(const model_parts& parts, ledger& budget, const decomposition_request& request)
      : parts_(parts), budget_(budget), request_(request), conversation_(first_question(request)) {}

  /// The parts; nothing when the model gave none that can be used, and then `why_not` says why.
  std::optional<std::vector<domain::new_subtask>> ask() {
    for (const bool last : {false, true}) {
      const auto text = call_once();
      if (!text) return std::nullopt;
      if (auto subtasks = read(*text)) return subtasks;
      if (!last) ask_for_repair(conversation_, *text, faults_);
    }
    why_not = {"model_wrong_answer", "its answer could not be used, twice: " + faults_.front()};
    return std::nullopt;
  }

  struct reason {
    std::string code, detail;
  };
  reason why_not;
  bool cancelled = false;
  std::string recorded;  ///< what the model said, bounded
  std::string notes;

 private:
  std::optional<std::string> call_once() {
    const auto left = std::chrono::duration_cast<milliseconds>(
        std::min(request_.deadline - parts_.now(), time_point::duration{parts_.endpoint.timeout}));
    if (left < shortest_call) return give_up("model_timed_out", "there was no time left to ask it");
    model_call call{parts_.endpoint.url,
                    request_headers(parts_.endpoint),
                    request_body(parts_.endpoint, conversation_),
                    left,
                    max_model_response_bytes,
                    request_.stop};
    if (auto refusal = budget_.begin(call.body.size())) return give_up("model_budget", std::move(*refusal));
    const auto answer = parts_.transport->post(call);
    budget_.end(answer ? answer->body.size() : 0);
    if (!answer) {
      cancelled = answer.error().cancelled;
      return give_up("model_unavailable", answer.error().detail);
    }
    if (answer->status != 200)
      return give_up("model_unavailable", "its server answered with status " + std::to_string(answer->status));
    auto text = answer_text(parts_.endpoint.wire, answer->body);
    if (!text) return give_up("model_wrong_answer", std::move(text).error());
    conceal_key(*text);
    remember(*text);
    return *std::move(text);
  }

  std::nullopt_t give_up(std::string code, std::string detail) {
    why_not = {std::move(code), std::move(detail)};
    return std::nullopt;
  }

  /// A server that repeats the key it was sent does not get it into answers and records.
  void conceal_key(std::string& text) const {
    const auto& key = parts_.endpoint.key;
    if (key.size() < shortest_secret) return;
    for (auto at = text.find(key); at != std::string::npos; at = text.find(key, at))
      text.replace(at, key.size(), "***");
  }

  void remember(std::string_view text) {
    if (!recorded.empty()) recorded += "\n--- after being told what was wrong:\n";
    recorded += text;
    recorded = clipped(recorded, max_recorded_response);
  }

  /// What the text says, or `faults_`.
  std::optional<std::vector<domain::new_subtask>> read(std::string_view text) {
    faults_.clear();
    const auto json = json_inside(text);
    auto subtasks = parts_.read_subtasks(json);
    if (!subtasks) {
      faults_ = std::move(subtasks).error();
      if (faults_.empty()) faults_.emplace_back("it is not the JSON that was asked for");
      return std::nullopt;
    }
    for (std::size_t i = 0; i < subtasks->size(); ++i) {
      auto& part = (*subtasks)[i].definition;
      if (part.id.empty()) part.id.value = std::to_string(i + 1);
      const auto& found = template_for(part.action);
      if (found.action != part.action)
        faults_.push_back("subtasks[" + std::to_string(i) + "].action is none of the allowed ones");
    }
    for (auto& problem : check_subtasks(*subtasks, true)) faults_.push_back(problem.field + ": " + problem.message);
    if (!faults_.empty()) return std::nullopt;
    if (const auto document = parse_json(json); document && document->is_object())
      if (const auto found = document->find("notes"); found != document->end() && found->is_string())
        notes = clipped(found->get_ref<const std::string&>(), max_notes);
    return std::move(*subtasks);
  }

  const model_parts& parts_;
  ledger& budget_;
  const decomposition_request& request_;
  model_conversation conversation_;
  std::vector<std::string> faults_;
};

/// Work on paper, which binds and reaches nobody.
bool is_preparation(std::string_view action) {
  return action == "research" || action == "draft_document" || action == "analyze" || action == "review";
}

/// A model's word for a step counts only as far as the step's own title bears it out: who calls a signature a draft
/// still means a signature.
domain::autonomy_tier tier_of(const domain::task_definition& part) {
  const auto by_action = tier_of_action(part.action);
  const auto told = action_of_title(part.title);
  if (is_preparation(part.action) && is_preparation(told)) return by_action;
  return std::max(by_action, tier_of_title(part.title, told == unknown_action ? std::string_view(part.action) : told));
}

class model_decomposer final : public decomposer {
 public:
  explicit model_decomposer(model_parts parts) : parts_(std::move(parts)), budget_(parts_.budget, parts_.now) {
    assert(parts_.transport && parts_.read_subtasks && parts_.fallback);
  }

  expected<decomposition_outcome, decomposition_failure> decompose(const decomposition_request& request) override {
    inquiry asked{parts_, budget_, request};
    auto subtasks = asked.ask();
    if (asked.cancelled) return unexpected{decomposition_failure{"the server is shutting down", true}};
    if (!subtasks) return fall_back(request, asked);
    decomposition_outcome outcome;
    auto& made = outcome.decomposition;
    made.subtasks = std::move(*subtasks);
    for (auto& each : made.subtasks) {
      each.definition.level = domain::task_level::subtask;
      each.definition.tier = tier_of(each.definition);
    }
    rename_subtasks(request.task.id, made.subtasks, request.taken);
    complete_subtasks(request.task, made.subtasks);
    keep_with_person(request.task, made.subtasks);
    made.source = domain::decomposition_source::model;
    made.model = parts_.endpoint.name;
    made.response = std::move(asked.recorded);
    made.notes = std::move(asked.notes);
    outcome.warnings = missing_capabilities(made.subtasks, request.agent_capabilities);
    outcome.confidence = std::min(mean_confidence(made.subtasks), most_confidence);
    return outcome;
  }

 private:
  /// A model may not talk a person's task down to agents: where no part is a person's, the deed's own parts become so.
  static void keep_with_person(const domain::task_definition& task, std::vector<domain::new_subtask>& subtasks) {
    constexpr auto by_person = domain::autonomy_tier::person_led;
    if (task.tier != by_person) return;
    const auto led = [](const domain::new_subtask& each) { return each.definition.tier == by_person; };
    if (std::any_of(subtasks.begin(), subtasks.end(), led)) return;
    const auto is_deed = [&](const domain::new_subtask& each) { return each.definition.action == task.action; };
    const bool has_deed = std::any_of(subtasks.begin(), subtasks.end(), is_deed);
    for (auto& each : subtasks) {
      if (has_deed && !is_deed(each)) continue;
      each.definition.tier = by_person;
      each.definition.agent_executable = false;
    }
  }

  expected<decomposition_outcome, decomposition_failure> fall_back(const decomposition_request& request,
                                                                   inquiry& asked) const {
    auto outcome = parts_.fallback->decompose(request);
    if (!outcome) return outcome;
    outcome->decomposition.model = parts_.endpoint.name;
    outcome->decomposition.response = std::move(asked.recorded);
    outcome->warnings.push_back(
        {asked.why_not.code,
         "templates were used, because the model '" + parts_.endpoint.name + "' gave nothing: " + asked.why_not.detail,
         request.task.id});
    return outcome;
  }

  const model_parts parts_;
  ledger budget_;
};

}  // namespace

std::unique_ptr<decomposer> make_model_decomposer(model_parts parts) {
  return std::make_unique<model_decomposer>(std::move(parts));
}

}  // namespace planexe::plans
