#include "plans/decomposition/model_config.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "plans/json_text.hpp"
#include "plans/run_files.hpp"

namespace planexe::plans {
namespace {

namespace fs = std::filesystem;

constexpr unsigned most_tokens = 8'192;  // 64 subtasks fill about half of it; entries ask for up to 128,000
constexpr double longest_timeout_seconds = 600;

/// A provider's class as PlanExe names it.
struct provider {
  std::string_view name;
  std::string_view base;      ///< empty: the entry must say it
  std::string_view suffix{};  ///< between a given base and the path, where the base leaves it out
  bool needs_key = true;
  model_wire wire = model_wire::chat_completions;
};

constexpr std::array<provider, 14> providers{{
    {"OpenRouter", "https://openrouter.ai/api/v1"},
    {"OpenAI", "https://api.openai.com/v1"},
    {"OpenAILike", "", "", false},
    {"Ollama", "http://localhost:11434", "/v1", false},
    {"LMStudio", "http://localhost:1234/v1", "", false},
    {"Groq", "https://api.groq.com/openai/v1"},
    {"MistralAI", "https://api.mistral.ai/v1"},
    {"Mistral", "https://api.mistral.ai/v1"},
    {"TogetherLLM", "https://api.together.xyz/v1"},
    {"DeepSeek", "https://api.deepseek.com/v1"},
    {"GoogleGenAI", "https://generativelanguage.googleapis.com/v1beta/openai"},
    {"Fireworks", "https://api.fireworks.ai/inference/v1"},
    {"Anthropic", "https://api.anthropic.com", "", true, model_wire::anthropic_messages},
    {"Claude", "https://api.anthropic.com", "", true, model_wire::anthropic_messages},
}};

unexpected<error> refuse(std::string detail) {
  return unexpected{error{errc::invalid, std::move(detail)}};
}

const json_value* member(const json_value& object, std::string_view name) {
  if (!object.is_object()) return nullptr;
  const auto found = object.find(name);
  return found == object.end() || found->is_null() ? nullptr : &*found;
}

/// The first of several names that is there.
template <std::size_t N>
const json_value* any_of(const json_value& object, const std::array<std::string_view, N>& names) {
  for (const auto name : names)
    if (const auto* found = member(object, name)) return found;
  return nullptr;
}

/// A text with its variable put in: PlanExe replaces a value that is `${NAME}` as a whole.
result<std::string> text_of(const json_value* value, std::string_view name, const variable_lookup& lookup) {
  if (value == nullptr) return std::string{};
  if (!value->is_string()) return refuse("'" + std::string(name) + "' must be a string");
  const auto& text = value->get_ref<const std::string&>();
  if (!text.starts_with("${") || !text.ends_with("}")) return text;
  const auto variable = text.substr(2, text.size() - 3);
  auto found = lookup ? lookup(variable) : std::nullopt;
  if (!found || found->empty()) return refuse("the variable " + variable + " is not set");
  return std::move(*found);
}

/// The entry that is meant: by name, or for "auto" the one with the smallest priority.
const json_value* entry_of(const json_value& document, std::string_view& name) {
  if (name != "auto" || document.contains("auto")) return member(document, name);
  const json_value* best = nullptr;
  for (const auto& [key, entry] : document.items()) {
    const auto* priority = member(entry, "priority");
    if (priority == nullptr || !priority->is_number()) continue;
    if (best != nullptr && (*best)["priority"].get<double>() <= priority->get<double>()) continue;
    best = &entry;
    name = key;
  }
  return best;
}

result<std::string> url_of(const provider& known, std::string base) {
  const bool given = !base.empty();
  if (!given) base = known.base;
  if (base.empty()) return refuse("'api_base' is needed for class " + std::string(known.name));
  if (!base.starts_with("http://") && !base.starts_with("https://"))
    return refuse("'api_base' must begin with http:// or https://");
  if (base.find('@') != std::string::npos) return refuse("'api_base' may not hold a user or a password");
  while (base.back() == '/') base.pop_back();
  if (known.wire == model_wire::anthropic_messages)
    return base + (base.ends_with("/v1") ? "/messages" : "/v1/messages");
  if (!base.ends_with(known.suffix)) base += known.suffix;
  return base + "/chat/completions";
}

result<void> read_numbers(const json_value& arguments, model_endpoint& endpoint) {
  constexpr std::array<std::string_view, 3> token_names{"max_tokens", "max_completion_tokens", "num_output"};
  constexpr std::array<std::string_view, 2> timeout_names{"timeout", "request_timeout"};
  if (const auto* value = member(arguments, "temperature")) {
    if (!value->is_number()) return refuse("'temperature' must be a number");
    endpoint.temperature = value->get<double>();
  }
  if (const auto* value = any_of(arguments, token_names)) {
    if (!value->is_number() || value->get<double>() < 1) return refuse("'max_tokens' must be a number from 1");
    endpoint.max_tokens = static_cast<unsigned>(std::min<double>(value->get<double>(), most_tokens));
  }
  if (const auto* value = any_of(arguments, timeout_names)) {
    if (!value->is_number() || value->get<double>() <= 0) return refuse("'timeout' must be a number over 0");
    const double seconds = std::min(value->get<double>(), longest_timeout_seconds);
    endpoint.timeout = std::chrono::milliseconds{static_cast<long long>(seconds * 1'000)};
  }
  return {};
}

result<model_endpoint> read_entry(const json_value& entry, std::string_view name, const variable_lookup& lookup) {
  constexpr std::array<std::string_view, 2> model_names{"model", "model_name"};
  constexpr std::array<std::string_view, 3> base_names{"api_base", "base_url", "base"};
  const auto* kind = member(entry, "class");
  const auto* arguments = member(entry, "arguments");
  if (kind == nullptr || !kind->is_string() || arguments == nullptr || !arguments->is_object())
    return refuse("an entry needs 'class' and 'arguments'");
  const auto& class_name = kind->get_ref<const std::string&>();
  const auto known =
      std::find_if(providers.begin(), providers.end(), [&](const provider& each) { return each.name == class_name; });
  if (known == providers.end()) return refuse("class '" + class_name + "' is not supported");
  model_endpoint endpoint;
  endpoint.name = name;
  endpoint.wire = known->wire;
  endpoint.completion_tokens = class_name == "OpenAI";
  auto model = text_of(any_of(*arguments, model_names), "model", lookup);
  if (!model) return unexpected{model.error()};
  if (model->empty()) return refuse("'model' is missing");
  endpoint.model = std::move(*model);
  auto base = text_of(any_of(*arguments, base_names), "api_base", lookup);
  if (!base) return unexpected{base.error()};
  auto url = url_of(*known, std::move(*base));
  if (!url) return unexpected{url.error()};
  endpoint.url = std::move(*url);
  auto key = text_of(member(*arguments, "api_key"), "api_key", lookup);
  if (!key) return unexpected{key.error()};
  if (key->empty() && known->needs_key) return refuse("'api_key' is missing");
  if (key->find_first_of("\r\n") != std::string::npos) return refuse("'api_key' holds a line break");
  endpoint.key = std::move(*key);
  if (auto read = read_numbers(*arguments, endpoint); !read) return unexpected{read.error()};
  return endpoint;
}

/// The files that may hold the entry, in the order in which they are looked into.
std::vector<fs::path> candidates(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_directory(path, ignored)) return {path};
  std::vector<fs::path> files;
  for (const auto& place : {path, path / "llm_config"}) {
    std::vector<fs::path> here;
    for (const auto& each : fs::directory_iterator{place, ignored}) {
      const auto name = each.path().filename().string();
      if (place == path ? name == "llm_config.json" : name.ends_with(".json")) here.push_back(each.path());
    }
    std::sort(here.begin(), here.end());
    files.insert(files.end(), here.begin(), here.end());
  }
  return files;
}

}  // namespace

result<model_endpoint> parse_model_config(std::string_view json, std::string_view name, const variable_lookup& lookup) {
  const auto document = parse_json(json);
  if (!document) return refuse("it cannot be read: " + document.error().message);
  if (!document->is_object()) return refuse("it must be a JSON object");
  const auto* entry = entry_of(*document, name);
  if (entry == nullptr) return unexpected{error{errc::not_found, "it has no model '" + std::string(name) + "'"}};
  auto endpoint = read_entry(*entry, name, lookup);
  if (!endpoint) return refuse("model '" + std::string(name) + "': " + endpoint.error().detail);
  return endpoint;
}

result<model_endpoint> read_model_config(const fs::path& path, std::string_view name, const variable_lookup& lookup) {
  const auto files = candidates(path);
  if (files.empty()) return refuse("there is no llm_config.json in " + path.string());
  for (const auto& file : files) {
    const auto text = read_file(file);
    if (!text) return refuse(file.string() + " cannot be read");
    auto endpoint = parse_model_config(*text, name, lookup);
    if (endpoint || endpoint.error().code != errc::not_found) {
      if (!endpoint) return refuse(file.string() + ": " + endpoint.error().detail);
      return endpoint;
    }
  }
  return unexpected{error{errc::not_found, "there is no model '" + std::string(name) + "' in " + path.string()}};
}

}  // namespace planexe::plans
