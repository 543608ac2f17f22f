// Idempotency: the same key and payload get the first answer again, also after a restart. Answers that were given are
// in the log's store, in the same write as their events; this remembers those under way, so that a repetition that
// comes early waits for the first answer instead of acting twice. Any thread.
//
// Only answers to what was done are kept: a refused request changed nothing, and asking again is as good as the first
// time.
#pragma once

#include <mutex>
#include <unordered_map>

#include "eventstore/event_log.hpp"
#include "gateway/auth/caller.hpp"
#include "gateway/http/responder.hpp"

namespace planexe::gateway {

/// A request under a key, under way. Null key: the client gave none.
class keyed_request;

class first_answers {
 public:
  explicit first_answers(const eventstore::event_log& log) : log_(log) {}

  /// Takes the responder over and, where this request is the first of its key, gives a ticket back. Otherwise the
  /// request has been dealt with: answered from the store, refused, or made to wait for the one under way.
  std::unique_ptr<keyed_request> begin(const request& request, responder answer, domain::timestamp now);

 private:
  friend class keyed_request;
  struct under_way {
    std::string payload_digest;
    std::vector<responder> waiting;
  };
  void finish(const std::string& key, const response* answer);

  const eventstore::event_log& log_;
  std::mutex mutex_;
  std::unordered_map<std::string, under_way> under_way_;
};

class keyed_request {
 public:
  keyed_request(first_answers* owner, std::string key, std::string payload_digest, responder answer, caller_ptr caller)
      : owner_(owner),
        key_(std::move(key)),
        payload_digest_(std::move(payload_digest)),
        answer_(std::move(answer)),
        caller_(std::move(caller)) {}
  keyed_request(const keyed_request&) = delete;
  keyed_request& operator=(const keyed_request&) = delete;
  /// Unanswered: whoever waits is told 503, and so is the client.
  ~keyed_request();

  /// What to keep with the events, where there is a key and the answer tells of something done.
  std::optional<eventstore::kept_answer> keep(const response& answer, domain::timestamp now) const;
  void send(response answer);

  const caller_ptr& caller() const { return caller_; }
  /// Who asks, as events name it.
  std::string actor() const;
  /// Who reports for an agent: the agent itself, or the person whose key says otherwise.
  std::string actor_for(const domain::agent_id& agent) const;

 private:
  first_answers* owner_;
  std::string key_;
  std::string payload_digest_;
  responder answer_;
  caller_ptr caller_;
};

}  // namespace planexe::gateway
