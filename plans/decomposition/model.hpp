// Asks a language model. Its answer is data: it is checked against the form, and whatever goes wrong (no answer, a
// wrong one twice, the budget used up) ends in the templates with a warning that says why. Never fails but by `stop`.
// Safe on several threads at once.
#pragma once

#include <functional>

#include "plans/decomposition/decomposer.hpp"
#include "plans/decomposition/model_config.hpp"

namespace planexe::plans {

/// One call to the model's server.
struct model_call {
  std::string url;
  std::vector<std::pair<std::string, std::string>> headers;  ///< one holds the key
  std::string body;
  std::chrono::milliseconds time_limit{};
  std::size_t max_response_bytes = 0;
  std::stop_token stop;
};
struct model_answer {
  unsigned status = 0;
  std::string body;
};
struct transport_failure {
  std::string detail;  ///< one line for people, without the key
  bool cancelled = false;
};
/// How calls leave this process; several threads use it at once.
class model_transport {
 public:
  virtual ~model_transport() = default;
  virtual expected<model_answer, transport_failure> post(const model_call& call) = 0;
};

/// Reads the one JSON form of subtasks (gateway/json/parse_subtasks.hpp); else what is wrong, each in words.
using subtask_reader =
    std::function<expected<std::vector<domain::new_subtask>, std::vector<std::string>>(std::string_view json)>;

/// What may be spent on models.
struct model_budget {
  std::size_t calls_at_once = 2;
  std::size_t calls_an_hour = 120;
  /// Sent and received together; about a quarter as many tokens.
  std::size_t bytes_an_hour = std::size_t{8} << 20;
};

struct model_parts {
  model_endpoint endpoint;
  std::shared_ptr<model_transport> transport;
  subtask_reader read_subtasks;
  std::shared_ptr<decomposer> fallback;
  model_budget budget{};
  std::function<std::chrono::steady_clock::time_point()> now = &std::chrono::steady_clock::now;
};

/// A wire answer over this is no answer.
inline constexpr std::size_t max_model_response_bytes = std::size_t{512} << 10;
/// What is recorded of a model's text.
inline constexpr std::size_t max_recorded_response = std::size_t{64} << 10;

std::unique_ptr<decomposer> make_model_decomposer(model_parts parts);

}  // namespace planexe::plans
