// Fetches runs from PlanExe's worker (worker_plan): `GET /runs/{id}` until the run is complete, then
// `GET /runs/{id}/zip`. Where the worker knows no `/runs`, PlanExe's MCP service may stand at the same address:
// `GET /download/{id}/run.zip`. Blocks; any number of threads.
#pragma once

#include <functional>

#include "outbound/http_call.hpp"

namespace planexe::outbound {

struct worker_options {
  std::string url;  ///< PLANEXE_WORKER_PLAN_URL
  std::size_t max_zip_bytes = std::size_t{64} << 20;
  /// Between two looks at a run that is not complete: the first wait, doubled each time up to the longest.
  std::chrono::milliseconds first_wait{500};
  std::chrono::milliseconds longest_wait{8'000};
};

struct fetch_failure {
  enum class kind : std::uint8_t {
    invalid_id,   ///< not the name of a run
    unknown,      ///< the worker has no such run
    ended,        ///< the run has failed or was stopped: it will never be complete
    incomplete,   ///< not complete by the deadline; it may be later
    too_large,    ///< the zip is over the limit
    unreachable,  ///< the worker cannot be reached, or does not answer as one
    cancelled,
  };
  kind what = kind::unreachable;
  std::string detail;  ///< one line for people
};

/// A run's name may be put into a path: 1 to 128 letters, digits, '_', '-' and '.', not beginning with a '.'.
bool is_run_id(std::string_view text);

/// The bytes of the run's zip.
expected<std::string, fetch_failure> fetch_run(const worker_options& worker, std::string_view run_id,
                                               std::chrono::steady_clock::time_point deadline, std::stop_token stop);

}  // namespace planexe::outbound
