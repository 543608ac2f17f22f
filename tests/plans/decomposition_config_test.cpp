// PlanExe's list of models, as its releases write it.
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "plans/decomposition/model_config.hpp"

namespace planexe::plans {
namespace {

namespace fs = std::filesystem;

std::optional<std::string> keys(const std::string& name) {
  if (name == "OPENROUTER_API_KEY") return "or-key";
  if (name == "ANTHROPIC_API_KEY") return "an-key";
  return std::nullopt;
}

constexpr const char* list = R"({
  "openrouter-gemini": {"comment": "fast", "priority": 2, "luigi_workers": 4, "class": "OpenRouter",
    "arguments": {"model": "google/gemini-2.0-flash-001", "api_key": "${OPENROUTER_API_KEY}", "temperature": 0.1,
      "timeout": 60.0, "is_function_calling_model": false, "is_chat_model": true, "max_tokens": 8192,
      "max_retries": 5}, "pricing_kind": "paid"},
  "openrouter-first": {"priority": 1, "class": "OpenRouter",
    "arguments": {"model": "m1", "api_key": "${OPENROUTER_API_KEY}", "max_tokens": 128000}},
  "ollama": {"class": "Ollama", "arguments": {"model": "llama3.1:latest", "temperature": 0.5,
    "request_timeout": 120.0}},
  "docker-ollama": {"class": "Ollama", "arguments": {"model": "llama3.1:latest",
    "base_url": "http://host.docker.internal:11434"}},
  "lmstudio": {"class": "LMStudio", "arguments": {"model_name": "qwen", "base_url": "http://localhost:1234/v1/"}},
  "like": {"class": "OpenAILike", "arguments": {"model": "q", "api_base": "https://router.example/v1", "api_key": "k"}},
  "openai": {"class": "OpenAI", "arguments": {"model": "gpt-5-nano", "api_key": "plain"}},
  "claude": {"class": "Anthropic", "arguments": {"model": "c", "api_key": "${ANTHROPIC_API_KEY}"}},
  "no-key": {"class": "OpenAI", "arguments": {"model": "m", "api_key": "${MISSING_KEY}"}},
  "without-key": {"class": "Groq", "arguments": {"model": "m"}},
  "no-base": {"class": "OpenAILike", "arguments": {"model": "m"}},
  "odd-base": {"class": "OpenAILike", "arguments": {"model": "m", "api_base": "file:///x"}},
  "user-base": {"class": "OpenAILike", "arguments": {"model": "m", "api_base": "https://u:p@host/v1"}},
  "odd-class": {"class": "Abacus", "arguments": {"model": "m"}},
  "no-model": {"class": "Ollama", "arguments": {}},
  "odd-temperature": {"class": "Ollama", "arguments": {"model": "m", "temperature": "hot"}},
  "nothing": 3
})";

model_endpoint entry(std::string_view name) {
  auto found = parse_model_config(list, name, keys);
  REQUIRE_MESSAGE(found, (found ? "" : found.error().detail));
  return *std::move(found);
}

}  // namespace

TEST_CASE("an entry says which server is asked and how") {
  const auto gemini = entry("openrouter-gemini");
  CHECK(gemini.name == "openrouter-gemini");
  CHECK(gemini.url == "https://openrouter.ai/api/v1/chat/completions");
  CHECK(gemini.key == "or-key");
  CHECK(gemini.model == "google/gemini-2.0-flash-001");
  CHECK(gemini.temperature == 0.1);
  CHECK(gemini.timeout == std::chrono::seconds(60));
  CHECK(gemini.max_tokens == 8'192);
  CHECK(!gemini.completion_tokens);
  CHECK(gemini.wire == model_wire::chat_completions);
}

TEST_CASE("each class has its address and its ways") {
  CHECK(entry("ollama").url == "http://localhost:11434/v1/chat/completions");
  CHECK(entry("ollama").timeout == std::chrono::seconds(120));
  CHECK(entry("docker-ollama").url == "http://host.docker.internal:11434/v1/chat/completions");
  CHECK(entry("lmstudio").url == "http://localhost:1234/v1/chat/completions");
  CHECK(entry("lmstudio").model == "qwen");
  CHECK(entry("like").url == "https://router.example/v1/chat/completions");
  CHECK(entry("openai").key == "plain");
  CHECK(entry("openai").completion_tokens);
  CHECK(entry("claude").url == "https://api.anthropic.com/v1/messages");
  CHECK(entry("claude").wire == model_wire::anthropic_messages);
}

TEST_CASE("auto is the entry that PlanExe itself would take first") {
  CHECK(entry("auto").name == "openrouter-first");
  CHECK(entry("auto").max_tokens == 8'192);
}

TEST_CASE("an entry that cannot be used says why and never its key") {
  const std::pair<const char*, const char*> wrong[] = {
      {"no-key", "MISSING_KEY"}, {"without-key", "api_key"}, {"no-base", "api_base"},
      {"odd-base", "api_base"},  {"user-base", "user"},      {"odd-class", "Abacus"},
      {"no-model", "model"},     {"nothing", "class"},       {"odd-temperature", "temperature"}};
  for (const auto& [name, hint] : wrong) {
    const auto found = parse_model_config(list, name, keys);
    REQUIRE_MESSAGE(!found, name);
    CHECK(found.error().code == errc::invalid);
    CHECK_MESSAGE(found.error().detail.find(hint) != std::string::npos, found.error().detail);
    CHECK(found.error().detail.find("or-key") == std::string::npos);
  }
  const auto absent = parse_model_config(list, "absent", keys);
  REQUIRE(!absent);
  CHECK(absent.error().code == errc::not_found);
  CHECK(!parse_model_config("{", "x", keys));
  CHECK(!parse_model_config("[]", "x", keys));
}

TEST_CASE("the list is found as a file and in PlanExe's folder of old and new") {
  const auto folder = fs::temp_directory_path() / ("models_" + std::to_string(::getpid()));
  fs::create_directories(folder / "llm_config");
  std::ofstream(folder / "llm_config.json") << list;
  std::ofstream(folder / "llm_config" / "baseline.json")
      << R"({"newer": {"class": "Ollama", "arguments": {"model": "n"}}})";
  CHECK(read_model_config(folder / "llm_config.json", "ollama", keys));
  CHECK(read_model_config(folder, "ollama", keys));
  const auto newer = read_model_config(folder, "newer", keys);
  REQUIRE(newer);
  CHECK(newer->model == "n");
  CHECK(!read_model_config(folder, "absent", keys));
  CHECK(!read_model_config(folder / "nowhere.json", "ollama", keys));
  fs::remove_all(folder);
  CHECK(!read_model_config(folder, "ollama", keys));
}

}  // namespace planexe::plans
