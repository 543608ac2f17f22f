// What people are told and what becomes of telling them: which events of an execution somebody is told of, and in which
// words; the outbox, folded from the events of its stream; and when an attempt that failed is made again. Pure
// functions, for any thread. The same log gives the same notifications, however it was cut into writes.
#pragma once

#include <map>
#include <span>

#include "domain/event_record.hpp"
#include "domain/execution_state.hpp"

namespace planexe::domain {

/// The outbox's own stream.
inline const stream_id notification_stream{stream_kind::system, "notifications"};

// What is told.

inline constexpr std::size_t most_notified_tasks = 20;              // nobody reads on; the others are counted
inline constexpr std::size_t longest_notified_title = 200;          // bytes; titles of plans are shorter
inline constexpr std::size_t longest_notified_reason = 500;         // bytes; a reason may hold a stack trace
inline constexpr std::size_t longest_notification_message = 1'000;  // bytes; what a chat shows without folding it

/// Whether an event may have to be told to somebody; cheap.
bool is_notable(const event& any);

/// `records`, in the log's order, taken apart into steps: consecutive events of one stream that were recorded at the
/// same moment, which is what one command comes to.
std::vector<std::span<const event_record>> steps_of(std::span<const event_record> records);

/// What people are told of one step of an execution, in the order of the events. `state` is the execution's after the
/// step, or later. All reviews are one notification, and so are all escalations of one level to the same one. A task
/// that is escalated is not told of as a review too; an execution that is blocked by what people are asked for is said
/// to be so there.
std::vector<notification_content> notifications_of(const execution_state& state, std::span<const event_record> step);

/// `text` on one line, cut between two characters to at most `most_bytes`, which must leave room for an ellipsis.
std::string one_line(std::string_view text, std::size_t most_bytes);

// The outbox.

enum class notification_stage : std::uint8_t { pending, delivered, dead };

/// One notification and what has become of it.
struct notification {
  std::uint64_t number = 0;
  agent_id agent;  ///< whose own address it goes to; empty: the server's
  notification_content content;
  notification_stage stage = notification_stage::pending;
  timestamp queued_at{};
  timestamp tried_since{};      ///< when it was queued or, later, asked for again
  std::uint32_t attempts = 0;   ///< that have ended
  std::uint32_t failures = 0;   ///< since `tried_since`
  timestamp next_attempt_at{};  ///< while it is pending
  timestamp settled_at{};       ///< delivered or given up
  std::uint32_t status = 0;     ///< HTTP, of its delivery
  std::string detail;           ///< of the last failure
  std::uint64_t seq = 0;        ///< of its last event
  friend bool operator==(const notification&, const notification&) = default;
};

inline constexpr std::size_t most_delivered_kept = 1'000;  // to look back at; the log has all
inline constexpr std::size_t most_dead_kept = 2'000;       // to be asked for again; older ones are past use

struct notification_outbox {
  std::uint64_t version = 0;
  std::uint64_t last_number = 0;
  std::uint64_t last_position = 0;  ///< of what was queued last: everything up to there has been looked at
  std::map<std::uint64_t, notification> known;
  std::size_t pending = 0;                           ///< how many of them
  std::map<std::uint64_t, std::uint64_t> delivered;  ///< seq of the delivery and number
  std::map<std::uint64_t, std::uint64_t> dead;

  const notification* find(std::uint64_t number) const {
    const auto found = known.find(number);
    return found == known.end() ? nullptr : &found->second;
  }
  /// Takes in one as it was kept, in any order.
  void restore(notification kept);
};

/// Applies one event of the stream. Total. `touched`, where given, collects the numbers of what changed or was
/// forgotten.
void evolve(notification_outbox& outbox, const system_event& happened, event_moment moment,
            std::vector<std::uint64_t>* touched = nullptr);

/// `ntf_NUMBER_HASH`: the same in every attempt, and hardly ever another server's, for the hash is over an execution's
/// own id and the moment.
std::string notification_id_of(const notification& notification);
/// The number in such an id; nothing for other text. Whether the hash is right is not looked at.
std::optional<std::uint64_t> number_in_notification_id(std::string_view id);

// Attempts.

struct delivery_policy {
  milliseconds backoff = seconds(5);  ///< before the second attempt
  milliseconds give_up = hours(24);   ///< an attempt that fails so long after it was queued is the last one
  std::size_t most_pending = 10'000;  ///< beyond that the oldest are given up: an outbox must not grow for ever
};

/// What one attempt came to.
struct delivery_outcome {
  enum class kind : std::uint8_t {
    delivered,
    failed,     ///< it may go better later
    refused,    ///< the same would come of every further attempt
    cancelled,  ///< by the end of the process; it may have arrived
  };
  kind what = kind::failed;
  std::uint32_t status = 0;  ///< HTTP; 0: there was no answer
  std::string detail;
  std::optional<milliseconds> retry_after;  ///< what the target asks for
};

/// How long to wait after so many failures: doubles from `policy.backoff` to an hour, plus up to a tenth.
/// `jitter`, from 0 to 1, is drawn by the caller.
milliseconds delivery_backoff(const delivery_policy& policy, std::uint32_t failures, double jitter);

/// What an attempt's outcome, which is not a cancellation, makes of a notification.
system_event after_attempt(const notification& notification, const delivery_outcome& outcome,
                           const delivery_policy& policy, double jitter, timestamp now);

}  // namespace planexe::domain
