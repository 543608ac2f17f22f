#include "gateway/json/render_why.hpp"

#include <algorithm>

#include "domain/execution_status.hpp"
#include "domain/explain.hpp"
#include "gateway/json/render_forecast.hpp"
#include "gateway/json/resolution_options.hpp"
#include "gateway/json/why_candidates.hpp"
#include "gateway/json/why_sentence.hpp"
#include "gateway/json/writer.hpp"

namespace planexe::gateway {
namespace {

using domain::cause;
using domain::cause_kind;
using domain::execution_state;

class why_view {
 public:
  why_view(std::string& out, const execution_state& state, domain::timestamp now,
           const std::vector<agent_facts>* agents)
      : writer_(out), state_(state), now_(now), agents_(agents), options_(state) {
    if (agents_ != nullptr) search_.emplace(state, now, *agents_);
  }

  void append(const domain::execution_id& id, const domain::explanation& told) {
    writer_.begin_object();
    writer_.member("execution_id", id);
    writer_.member("as_of", now_);
    writer_.member("status", domain::name_of(state_.status));
    writer_.member("headline", told.headline);
    if (told.task != domain::no_task) {
      writer_.member("task_id", state_.definition(told.task).id);
      writer_.member("title", state_.definition(told.task).title);
    }
    append_links("chain", told.chain);
    append_links("roots", told.roots);
    writer_.member("roots_total", told.roots_total);
    append_counts(told);
    append_forecast(writer_, state_, now_);
    writer_.member("say", say(told));
    writer_.end_object();
  }

 private:
  void append_links(std::string_view name, const std::vector<cause>& links) {
    writer_.key(name);
    writer_.begin_array();
    for (const auto& link : links) append_link(link);
    writer_.end_array();
  }

  void append_link(const cause& why) {
    writer_.begin_object();
    writer_.member("task_id", state_.definition(why.task).id);
    writer_.member("title", state_.definition(why.task).title);
    writer_.member("kind", domain::name_of(why.kind));
    writer_.member("detail", why.detail);
    writer_.member("since", why.since);
    writer_.optional_member("wake_at", why.wake_at);
    append_escalation(writer_, state_, why.task);
    if (why.kind == cause_kind::running) append_holder(why);
    if (const auto list = candidates_of(why)) append_candidates(*list);
    if (why.kind == cause_kind::review || why.kind == cause_kind::external || why.kind == cause_kind::failed) {
      if (const auto& review = state_.tasks[why.task].review)
        writer_.member("review_kind", domain::name_of(review->kind));
      writer_.key("options");
      options_.append(writer_, why.task);
    }
    writer_.end_object();
  }

  void append_holder(const cause& why) {
    writer_.key("agent");
    writer_.begin_object();
    writer_.member("agent_id", why.agent);
    if (const auto* facts = find(why.agent)) {
      writer_.optional_member("status", facts->status);
      writer_.optional_member("last_seen_at", facts->last_seen_at);
      writer_.optional_member("lease_expires_at", facts->lease_expires_at);
    }
    writer_.member("attempt", why.attempt);
    writer_.member("progress_percent", rounded_percent(state_.tasks[why.task].progress_percent));
    writer_.end_object();
  }

  void append_candidates(const candidate_list& list) {
    writer_.key("candidates");
    writer_.begin_array();
    for (const auto& each : list.shown) {
      writer_.begin_object();
      writer_.member("agent_id", each.agent->id);
      writer_.optional_member("status", each.agent->status);
      writer_.optional_member("last_seen_at", each.agent->last_seen_at);
      writer_.member("holds", each.agent->holds);
      writer_.member("max_concurrent_tasks", each.agent->profile.max_concurrent_tasks);
      writer_.member("reason", each.reason);
      writer_.end_object();
    }
    writer_.end_array();
    writer_.member("candidates_total", list.total);
    writer_.optional_member("no_candidate", list.none);
  }

  void append_counts(const domain::explanation& told) {
    writer_.key("counts");
    writer_.begin_object();
    for (std::size_t i = 0; i < domain::cause_kind_count; ++i)
      if (told.counts[i] > 0) writer_.member(domain::name_of(static_cast<cause_kind>(i)), told.counts[i]);
    writer_.end_object();
  }

  std::string say(const domain::explanation& told) {
    if (told.chain.empty()) return say_why(state_, told, now_, nullptr, nullptr);
    const auto& root = told.chain.back();
    const auto list = candidates_of(root);
    return say_why(state_, told, now_, root.kind == cause_kind::running ? find(root.agent) : nullptr,
                   list ? &*list : nullptr);
  }

  /// Nothing where it does not depend on agents, or they are not known.
  std::optional<candidate_list> candidates_of(const cause& why) {
    if (why.kind != cause_kind::agent || !search_) return std::nullopt;
    const auto most = state_.options.max_parallel;
    if (most != 0 && state_.held.size() >= most) return std::nullopt;  // nobody may take it now
    return search_->of(why.task);
  }

  const agent_facts* find(const domain::agent_id& id) const {
    if (agents_ == nullptr) return nullptr;
    const auto found = std::find_if(agents_->begin(), agents_->end(), [&](const auto& each) { return each.id == id; });
    return found == agents_->end() ? nullptr : &*found;
  }

  json_writer writer_;
  const execution_state& state_;
  domain::timestamp now_;
  const std::vector<agent_facts>* agents_;
  resolution_options options_;
  std::optional<candidate_search> search_;
};

}  // namespace

void render_why(std::string& out, const domain::execution_id& id, const execution_state& state, domain::task_index task,
                domain::timestamp now, const std::vector<agent_facts>* agents) {
  why_view{out, state, now, agents}.append(id, domain::explain(state, task, now));
}

}  // namespace planexe::gateway
