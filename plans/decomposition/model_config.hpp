// PlanExe's list of language models (`llm_config.json`, in newer releases `llm_config/*.json`): which server to ask for
// a model, and how. Read once at the start.
#pragma once

#include <chrono>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "domain/result.hpp"

namespace planexe::plans {

enum class model_wire : std::uint8_t {
  chat_completions,    ///< OpenAI's, which most servers speak
  anthropic_messages,  ///< Anthropic's
};

/// One model behind one server. `key` is a secret: it goes into one header of the request and nowhere else.
struct model_endpoint {
  std::string name;  ///< of the entry
  model_wire wire = model_wire::chat_completions;
  std::string url;
  std::string key;
  std::string model;
  std::optional<double> temperature;
  /// Newer models of OpenAI take `max_completion_tokens` alone, other servers `max_tokens`.
  bool completion_tokens = false;
  unsigned max_tokens = 4'096;
  std::chrono::milliseconds timeout{60'000};
};

/// The value of an environment variable, where it has one.
using variable_lookup = std::function<std::optional<std::string>(const std::string& name)>;

/// The entry `name` of a document; "auto" is the entry with the smallest `priority`. `${NAME}` stands for a variable.
/// `errc::not_found` when there is no such entry, `errc::invalid` when it cannot be used, with what is wrong.
result<model_endpoint> parse_model_config(std::string_view json, std::string_view name, const variable_lookup& lookup);

/// The same from a file, or from a folder with `llm_config.json` or `llm_config/*.json` in it.
result<model_endpoint> read_model_config(const std::filesystem::path& path, std::string_view name,
                                         const variable_lookup& lookup);

}  // namespace planexe::plans
