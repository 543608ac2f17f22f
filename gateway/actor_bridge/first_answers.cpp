#include "gateway/actor_bridge/first_answers.hpp"

#include "eventstore/hash_chain.hpp"

namespace planexe::gateway {
namespace {

constexpr std::size_t longest_key = 255;
constexpr auto kept_for = domain::hours(24);  // the contract's promise

std::string digest_of(std::string_view bytes) {
  return std::string(eventstore::as_bytes(eventstore::sha256(bytes)));
}

std::string headers_as_text(const response& answer) {
  std::string text = answer.content_type + "\n";
  for (const auto& [name, value] : answer.headers) text += name + ": " + value + "\n";
  return text;
}

response as_response(const eventstore::kept_answer& kept) {
  response answer{.status = kept.status, .content_type = {}, .body = kept.body, .headers = {}};
  std::string_view rest = kept.headers;
  const auto line_end = rest.find('\n');
  answer.content_type = rest.substr(0, line_end);
  rest.remove_prefix(line_end + 1);
  while (!rest.empty()) {
    const auto colon = rest.find(": "), end = rest.find('\n');
    answer.headers.emplace_back(rest.substr(0, colon), rest.substr(colon + 2, end - colon - 2));
    rest.remove_prefix(end + 1);
  }
  answer.headers.emplace_back("Idempotent-Replayed", "true");
  return answer;
}

problem reused() {
  return {problem_code::idempotency_key_reused, "this Idempotency-Key was used for another request", {}, {}};
}

}  // namespace

std::unique_ptr<keyed_request> first_answers::begin(const request& request, responder answer, domain::timestamp now) {
  const auto given = request.header("idempotency-key");
  if (!given)
    return std::make_unique<keyed_request>(nullptr, std::string{}, std::string{}, std::move(answer), request.caller);
  if (given->empty() || given->size() > longest_key) {
    answer.fail({problem_code::malformed_request, "an Idempotency-Key has 1 to 255 characters", {}, {}});
    return nullptr;
  }
  auto key = request.path + '\n' + std::string(*given);
  if (request.caller && !request.caller->key.empty()) key += '\n' + request.caller->actor();  // another's is another
  auto digest = digest_of(request.body);
  {
    const std::lock_guard lock{mutex_};
    const auto [entry, first] = under_way_.try_emplace(key, under_way{digest, {}});
    if (!first) {
      if (entry->second.payload_digest == digest)
        entry->second.waiting.push_back(std::move(answer));
      else
        answer.fail(reused());
      return nullptr;
    }
  }
  // Looked up only now: a request that ended in between has left its answer in the store before it left the table.
  auto ticket = std::make_unique<keyed_request>(this, key, digest, std::move(answer), request.caller);
  const auto kept = log_.find_answer(key, now);
  if (!kept)
    ticket->send(to_response(unavailable("the log cannot be read")));
  else if (*kept)
    ticket->send((*kept)->payload_digest == digest ? as_response(**kept) : to_response(reused()));
  else
    return ticket;
  return nullptr;
}

void first_answers::finish(const std::string& key, const response* answer) {
  std::vector<responder> waiting;
  {
    const std::lock_guard lock{mutex_};
    const auto found = under_way_.find(key);
    waiting = std::move(found->second.waiting);
    under_way_.erase(found);
  }
  if (answer == nullptr) return;  // dropped responders say 503 themselves
  for (auto& responder : waiting) responder.send(*answer);
}

std::string keyed_request::actor() const {
  return caller_ ? caller_->actor() : "person";
}

std::string keyed_request::actor_for(const domain::agent_id& agent) const {
  const bool is_person = caller_ && !caller_->key.empty() && !caller_->is_agent();
  return is_person ? caller_->name : "agent:" + agent.value;
}

keyed_request::~keyed_request() {
  if (owner_ != nullptr) owner_->finish(key_, nullptr);
}

std::optional<eventstore::kept_answer> keyed_request::keep(const response& answer, domain::timestamp now) const {
  if (owner_ == nullptr || answer.status >= 300) return std::nullopt;
  return eventstore::kept_answer{.key = key_,
                                 .payload_digest = payload_digest_,
                                 .status = answer.status,
                                 .headers = headers_as_text(answer),
                                 .body = answer.body,
                                 .expires_at = now + kept_for};
}

void keyed_request::send(response answer) {
  if (auto* owner = std::exchange(owner_, nullptr)) owner->finish(key_, &answer);
  answer_.send(std::move(answer));
}

}  // namespace planexe::gateway
