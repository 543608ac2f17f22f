#include "outbound/planexe_worker.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <optional>

namespace planexe::outbound {
namespace {

using kind = fetch_failure::kind;
using time_point = std::chrono::steady_clock::time_point;
using std::chrono::milliseconds;

constexpr std::size_t max_status_bytes = 64 * 1024;  // real ones are under 1 KiB
// A run that nobody works on and that was not touched for this long has been left for good.
constexpr double abandoned_after_seconds = 900;

unexpected<fetch_failure> fail(kind what, std::string detail) {
  return unexpected{fetch_failure{what, std::move(detail)}};
}

milliseconds left_until(time_point deadline) {
  return std::chrono::duration_cast<milliseconds>(deadline - std::chrono::steady_clock::now());
}

/// What the worker says of a run, as far as it matters here.
struct run_status {
  bool exists = true;
  bool complete = false;
  bool stopped = false;
  bool abandoned = false;
};

std::optional<run_status> read_status(std::string_view body) {
  const auto document = nlohmann::json::parse(body, nullptr, false);
  if (!document.is_object()) return std::nullopt;
  const auto flag = [&](const char* name, bool missing) {
    const auto found = document.find(name);
    return found != document.end() && found->is_boolean() ? found->get<bool>() : missing;
  };
  if (!document.contains("pipeline_complete")) return std::nullopt;
  run_status status;
  status.exists = flag("run_dir_exists", true);
  status.complete = flag("pipeline_complete", false);
  const auto code = document.find("returncode");
  const bool has_ended = !flag("running", false) && code != document.end() && code->is_number();
  status.stopped = has_ended;
  const auto quiet = document.find("last_update_seconds_ago");
  status.abandoned = !flag("running", false) && quiet != document.end() && quiet->is_number() &&
                     quiet->get<double>() > abandoned_after_seconds;
  return status;
}

class worker_client {
 public:
  worker_client(const worker_options& worker, std::string_view run_id, time_point deadline, std::stop_token stop)
      : worker_(worker), run_id_(run_id), deadline_(deadline), stop_(std::move(stop)) {
    base_ = worker.url;
    while (!base_.empty() && base_.back() == '/') base_.pop_back();
  }

  expected<std::string, fetch_failure> fetch() {
    for (auto wait = worker_.first_wait;; wait = std::min(wait * 2, worker_.longest_wait)) {
      auto answer = get("/runs/" + run_id_, max_status_bytes);
      if (!answer) return unexpected{std::move(answer).error()};
      if (answer->status == 404) return zip_of("/download/" + run_id_ + "/run.zip");
      if (answer->status < 500) {
        auto done = judge(*answer);
        if (!done) return unexpected{std::move(done).error()};
        if (*done) return zip_of("/runs/" + run_id_ + "/zip");
      }
      if (left_until(deadline_) <= wait) return not_yet(answer->status);
      if (!pause(wait)) return fail(kind::cancelled, "the server is shutting down");
    }
  }

 private:
  /// Whether the run is complete; a failure when it never will be.
  expected<bool, fetch_failure> judge(const http_response& answer) const {
    if (answer.status != 200) return unexpected{odd(answer.status)};
    const auto status = read_status(answer.body);
    if (!status) return fail(kind::unreachable, origin() + " does not answer as PlanExe's worker");
    if (status->complete) return true;
    if (!status->exists) return unexpected{unknown()};
    if (status->stopped || status->abandoned)
      return fail(kind::ended, "run '" + run_id_ + "' ended without being complete");
    return false;
  }

  expected<std::string, fetch_failure> zip_of(const std::string& path) const {
    auto answer = get(path, worker_.max_zip_bytes);
    if (!answer) return unexpected{std::move(answer).error()};
    if (answer->status == 404) return unexpected{unknown()};
    if (answer->status != 200) return unexpected{odd(answer->status)};
    return std::move(answer->body);
  }

  expected<http_response, fetch_failure> get(const std::string& path, std::size_t max_bytes) const {
    const auto left = left_until(deadline_);
    if (left <= milliseconds{0}) return fail(kind::incomplete, "there was no time left to ask " + origin());
    call_limits limits;
    limits.total = left;
    limits.connect = std::min(limits.connect, left);
    limits.max_response_bytes = max_bytes;
    auto answer = call({.method = "GET", .url = base_ + path, .headers = {}, .body = {}}, limits, stop_);
    if (answer) return std::move(*answer);
    using reason = call_failure::kind;
    const auto& failure = answer.error();
    const auto what = failure.what == reason::cancelled   ? kind::cancelled
                      : failure.what == reason::too_large ? kind::too_large
                                                          : kind::unreachable;
    return fail(what, failure.detail);
  }

  /// False when the server ends meanwhile.
  bool pause(milliseconds wait) const {
    std::mutex mutex;
    std::condition_variable_any wake;
    std::unique_lock lock{mutex};
    wake.wait_for(lock, stop_, wait, [] { return false; });
    return !stop_.stop_requested();
  }

  std::string origin() const { return origin_of(base_); }
  fetch_failure unknown() const { return {kind::unknown, "PlanExe's worker has no run '" + run_id_ + "'"}; }
  fetch_failure odd(unsigned status) const {
    return {kind::unreachable, origin() + " answered with status " + std::to_string(status)};
  }
  unexpected<fetch_failure> not_yet(unsigned status) const {
    if (status >= 500) return unexpected{odd(status)};
    return fail(kind::incomplete, "run '" + run_id_ + "' is not complete yet");
  }

  const worker_options& worker_;
  const std::string run_id_;
  const time_point deadline_;
  const std::stop_token stop_;
  std::string base_;
};

}  // namespace

bool is_run_id(std::string_view text) {
  constexpr std::size_t longest = 128;
  if (text.empty() || text.size() > longest || text.front() == '.') return false;
  return std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-' ||
           c == '.';
  });
}

expected<std::string, fetch_failure> fetch_run(const worker_options& worker, std::string_view run_id,
                                               std::chrono::steady_clock::time_point deadline, std::stop_token stop) {
  if (!is_run_id(run_id)) return fail(kind::invalid_id, "a run is named by 1 to 128 letters, digits, '_', '-' and '.'");
  return worker_client{worker, run_id, deadline, std::move(stop)}.fetch();
}

}  // namespace planexe::outbound
