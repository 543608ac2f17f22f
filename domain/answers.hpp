// What is told to those who ask: the receipt of a report, and a task together with what its holder should know.
#pragma once

#include "domain/execution_state.hpp"

namespace planexe::domain {

/// Answers a report. Sent after the events it speaks of are durable.
struct report_receipt {
  execution_id execution;
  std::uint64_t seq = 0;  ///< of the event that the report caused; 0 when nothing was recorded
  timestamp recorded_at{};
  execution_status status = execution_status::created;
  task_status task = task_status::queued;
  bool duplicate = false;        ///< the same report had come before; `seq` is that one's
  bool review_required = false;  ///< a person is asked about the task now
  std::string escalated_to{};    ///< whom the task's wait was escalated to; empty: it was not
  std::string status_message;
  bool force_pause = false;
  bool force_cancel = false;
};

/// A task as its holder gets it. Cheap to copy: text stays in the graph.
struct work_item {
  execution_id execution;
  std::shared_ptr<const plan_graph> graph;
  task_index task = no_task;
  std::uint32_t attempt = 0;
  std::string lease_token;
  retry_policy retry;
  milliseconds timeout{};
  std::vector<task_index> previous;  ///< finished before it, nearest first, at most `most_neighbours`
  std::vector<task_index> upcoming;  ///< its successors, at most `most_neighbours`
  std::vector<std::pair<task_index, std::string>> prerequisite_results;  ///< output as JSON text, bounded
  std::string resolution;                                                ///< what a person said about it last
};

inline constexpr std::size_t most_neighbours = 5;
/// Results of prerequisites go along until their text adds up to this; the rest can be read over HTTP.
inline constexpr std::size_t most_result_bytes = 64 * 1024;

/// Describes a held leaf for its holder.
work_item describe_work(const execution_id& id, const execution_state& state, task_index leaf);

struct work_revocation {
  execution_id execution;
  task_id task;
  std::string reason;
};

/// The answer to a poll. No tasks and nothing revoked: there is nothing to do.
struct work_answer {
  std::vector<std::shared_ptr<const work_item>> tasks;
  std::vector<work_revocation> revoked;
  timestamp lease_expires_at{};
  bool force_pause = false;
  bool force_cancel = false;
  double poll_after_seconds = 0;
};

}  // namespace planexe::domain
