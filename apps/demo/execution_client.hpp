// The server's HTTP interface as the demo's agents and its person use it: typed calls, JSON inside only.
// One thread uses one client. Every call waits out 429 and 503 as the server asks, until `stop` is requested.
#pragma once

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "apps/demo/http_client.hpp"
#include "apps/demo/plan_upload.hpp"

namespace planexe::demo {

struct plan_summary {
  std::string plan_id;
  std::string title;
  std::uint64_t tasks_total = 0;
  std::vector<std::string> roles;
  std::size_t warnings = 0;
};

struct blocker {
  std::string task_id;
  std::string kind;
  std::vector<std::string> options;  ///< the actions a person may choose from; empty if the server names none
};

struct execution_view {
  std::string title;
  std::string status;
  std::string status_message;
  std::uint64_t version = 0;
  std::uint64_t tasks_total = 0;
  std::uint64_t tasks_completed = 0;
  std::uint64_t tasks_skipped = 0;
  double percent = 0;
  std::vector<blocker> blockers;

  /// COMPLETED, FAILED or CANCELLED.
  bool ended() const;
};

/// A leaf of the execution.
struct task_view {
  std::string task_id;
  std::string status;
  std::string waiting_kind;  ///< `waiting_for.kind`, "" if it waits for nothing
};

struct registration {
  std::string name;
  std::string kind = "ai";
  std::vector<std::string> roles;
};

/// A task handed out. `task_id` is empty when there was nothing to hand out.
struct work_offer {
  std::string execution_id;
  std::string task_id;
  std::string title;
  std::string lease_token;
  unsigned attempt = 1;
  bool force_pause = false;
  bool force_cancel = false;
};

struct task_report {
  std::string event_type;
  std::string message;
  std::optional<double> progress_percent;
  std::string summary;  ///< of `task_complete`: becomes its output_data
  std::string error_type;
  std::string error_message;
};

struct steering {
  std::string status;
  bool force_pause = false;
  bool force_cancel = false;
};

class execution_client {
 public:
  execution_client(endpoint server, std::string api_key, std::stop_token stop);

  result<plan_summary> upload_plan(const plan_upload& plan);
  /// Creates and starts it, confirming its warnings; short backoffs, so that retries show while one watches.
  result<std::string> start_execution(const std::string& plan_id);
  result<execution_view> execution(const std::string& execution_id);
  result<std::vector<task_view>> leaves(const std::string& execution_id);
  /// How many events of a type the execution recorded, up to 1000.
  result<std::uint64_t> count_events(const std::string& execution_id, const std::string& type);
  /// Answers a waiting review. `errc::conflict` or `errc::invalid` when this action does not fit the task.
  result<void> resolve(const std::string& execution_id, const std::string& task_id, const std::string& action,
                       const std::string& note);

  /// Returns the agent's id, and from then on speaks with the key the server gave it, if it gave one.
  result<std::string> register_agent(const registration& agent);
  result<work_offer> poll_work(const std::string& agent_id, unsigned wait_seconds);
  /// `errc::conflict` means that the task is no longer this agent's.
  result<steering> report(const std::string& agent_id, const work_offer& task, const task_report& report);
  result<steering> status(const std::string& execution_id);

 private:
  result<http_reply> send(const std::string& method, const std::string& path, const std::string& body = {},
                          const std::string& content_type = {});

  http_client http_;
  std::string api_key_;
  std::stop_token stop_;
  std::string key_prefix_;  // makes idempotency keys differ from those of every other client and run
  std::uint64_t key_count_ = 0;
};

/// Sleeps unless or until `stop` is requested; returns whether to go on.
bool sleep_unless_stopped(const std::stop_token& stop, std::chrono::milliseconds time);

}  // namespace planexe::demo
