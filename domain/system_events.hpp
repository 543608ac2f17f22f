// What can have happened to the server as a whole: everything was paused, somebody was to be told, a key was made. The
// stored names and versions belong to the codec in eventstore/.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "domain/ids.hpp"
#include "domain/time.hpp"

namespace planexe::domain {

/// The kill switch: from here on nothing is handed out in any execution.
struct everything_paused {
  std::string reason;
};
struct everything_resumed {
  std::string reason;
};

/// Why somebody is told.
enum class notification_kind : std::uint8_t {
  review_requested,
  task_escalated,
  execution_blocked,
  execution_completed,
  execution_failed,
};

/// A task that a notification speaks of.
struct notified_task {
  task_id id;
  std::string title;
  std::string reason;
  friend bool operator==(const notified_task&, const notified_task&) = default;
};

/// What is told. All of it, so that it can be sent without looking anything up.
struct notification_content {
  notification_kind kind = notification_kind::task_escalated;
  execution_id execution;
  std::string execution_title;
  std::string message;
  std::uint32_t level = 0;  ///< of an escalation
  std::string to;           ///< of an escalation: who is meant; see `escalation_rung`
  std::vector<notified_task> tasks;
  std::uint32_t more_tasks = 0;  ///< beyond those that are listed
  std::uint64_t first_seq = 0;   ///< of the execution's events that it tells of
  std::uint64_t last_seq = 0;
  timestamp occurred_at{};
  friend bool operator==(const notification_content&, const notification_content&) = default;
};

/// It has to be sent. Numbers count from 1 without a gap.
struct notification_queued {
  std::uint64_t number = 0;
  std::uint64_t position = 0;  ///< in the log, of the last event that it tells of
  agent_id agent;              ///< whose own address it goes to; empty: the server's
  notification_content content;
};
struct notification_delivered {
  std::uint64_t number = 0;
  std::uint32_t attempt = 0;
  std::uint32_t status = 0;  ///< HTTP
};
struct notification_failed {
  std::uint64_t number = 0;
  std::uint32_t attempt = 0;
  std::string detail;
  timestamp retry_at;
};
/// It is not tried any more, unless a person asks for it.
struct notification_dead_lettered {
  std::uint64_t number = 0;
  std::uint32_t attempt = 0;
  std::string detail;
};
/// A person wants it to be tried again.
struct notification_redriven {
  std::uint64_t number = 0;
};

/// What a key lets its bearer do; gateway/auth holds the rules.
enum class key_role : std::uint8_t { admin, operator_, viewer, agent };

/// The key itself is shown once and stored nowhere.
struct key_created {
  std::string key;  ///< its id
  std::string name;
  key_role role = key_role::viewer;
  agent_id agent;      ///< whose key it is; never empty for the role `agent`
  std::string digest;  ///< SHA-256 of the key's text, 32 bytes
  std::optional<timestamp> expires_at;
};
struct key_revoked {
  std::string key;
};

/// The events of an execution that is over have left the log for a file of their own.
struct execution_archived {
  execution_id execution;
  std::string title;
  std::string status;  ///< its last, by the contract's name
  std::uint64_t events = 0;
  std::uint64_t first_position = 0;  ///< of its events in the log
  std::uint64_t last_position = 0;
  std::string head_hash;    ///< of its last event, 32 bytes
  std::string file_digest;  ///< SHA-256 of the file, 32 bytes
  timestamp created_at{};
  timestamp finished_at{};
};
/// The key under which a person's words and name were sealed is gone, and they with it.
struct subject_erased {
  std::string subject;  ///< as the actor in the metadata of what they did
  std::string reason;
};

using system_event = std::variant<everything_paused, everything_resumed, notification_queued, notification_delivered,
                                  notification_failed, notification_dead_lettered, notification_redriven, key_created,
                                  key_revoked, execution_archived, subject_erased>;

}  // namespace planexe::domain
