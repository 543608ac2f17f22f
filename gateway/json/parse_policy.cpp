#include "gateway/json/parse_policy.hpp"

#include <algorithm>

#include "gateway/json/parse_execution.hpp"

namespace planexe::gateway {
namespace {

constexpr double max_multiplier = 100;  // as the domain
constexpr std::size_t max_rungs = 16;   // as the domain

}  // namespace

std::optional<domain::retry_policy> read_retry_policy(body_fields& fields, const domain::retry_policy& usual,
                                                      unknown_members unknown) {
  const auto object = fields.object("retry_policy");
  if (!object) return std::nullopt;
  body_fields given(*object, fields.path_of("retry_policy."), fields.errors());
  auto policy = usual;
  if (const auto attempts = given.whole("max_attempts", {1, max_attempts_limit}))
    policy.max_attempts = static_cast<std::uint32_t>(*attempts);
  if (const auto seconds = given.number("backoff_seconds", {0, max_backoff_seconds}))
    policy.backoff = domain::seconds(*seconds);
  if (const auto factor = given.number("multiplier", {1, max_multiplier})) policy.multiplier = *factor;
  if (const auto seconds = given.number("max_backoff_seconds", {0, max_backoff_seconds, true}))
    policy.max_backoff = std::max(domain::seconds(*seconds), domain::milliseconds{1});
  if (given.has("non_retryable_errors")) policy.final_errors = given.texts("non_retryable_errors", max_name_bytes);
  if (unknown == unknown_members::refused) given.refuse_unknown();
  return policy;
}

std::optional<std::vector<domain::escalation_rung>> read_escalation(body_fields& fields) {
  const auto list = fields.array("escalation");
  if (!list) return std::nullopt;
  std::vector<domain::escalation_rung> ladder;
  if (list->size() > max_rungs) {
    fields.wrong("escalation", "must have at most " + std::to_string(max_rungs) + " rungs");
    return ladder;
  }
  list->each_element([&](json_document::value element) {
    const auto place = "escalation[" + std::to_string(ladder.size()) + "]";
    auto& rung = ladder.emplace_back();
    if (!element.is(json_kind::object)) return fields.wrong(place, "must be an object");
    body_fields given(element, fields.path_of(place + "."), fields.errors());
    given.require("after_hours");
    if (const auto hours = given.number("after_hours", {0, max_timeout_hours, true}))
      rung.after = std::max(domain::hours(*hours), domain::milliseconds{1});
    rung.to = given.text("to", max_name_bytes);
    given.refuse_unknown();
  });
  return ladder;
}

}  // namespace planexe::gateway
