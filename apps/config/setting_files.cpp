#include "apps/config/setting_files.hpp"

#include <toml++/toml.h>

#include <array>
#include <charconv>
#include <fstream>
#include <optional>
#include <sstream>
#include <string_view>

#include "apps/config/setting_values.hpp"

namespace planexe::config {
namespace {

unexpected<error> refuse(const std::filesystem::path& path, const std::string& why) {
  return unexpected{error{errc::invalid, path.string() + ": " + why}};
}

result<std::string> read_file(const std::filesystem::path& path) {
  std::error_code problem;
  if (!std::filesystem::is_regular_file(path, problem)) return refuse(path, "is not a file that can be read");
  if (std::filesystem::file_size(path, problem) > max_config_bytes || problem)
    return refuse(path, "is too large for a file of settings");
  std::ifstream in(path, std::ios::binary);
  std::ostringstream text;
  text << in.rdbuf();
  if (!in) return refuse(path, "cannot be read");
  return std::move(text).str();
}

bool is_name(std::string_view text) {
  constexpr std::string_view letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_";
  return !text.empty() && letters.find(text.front()) != std::string_view::npos &&
         text.find_first_not_of("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_0123456789") ==
             std::string_view::npos;
}

/// What stands after the `=`; nothing when a quote is not closed.
std::optional<std::string> env_value(std::string_view text) {
  if (text.empty() || (text.front() != '"' && text.front() != '\'')) {
    // A comment begins at a '#' after a blank, so that a URL may hold one.
    for (std::size_t i = 0; i < text.size(); ++i)
      if (text[i] == '#' && (i == 0 || text[i - 1] == ' ' || text[i - 1] == '\t')) text = text.substr(0, i);
    return std::string(trimmed(text));
  }
  const char quote = text.front();
  std::string value;
  for (std::size_t i = 1; i < text.size(); ++i) {
    const bool escaped = quote == '"' && text[i] == '\\' && i + 1 < text.size();
    if (escaped) {
      ++i;
    } else if (text[i] == quote) {
      const auto rest = trimmed(text.substr(i + 1));
      return rest.empty() || rest.front() == '#' ? std::optional{value} : std::nullopt;
    }
    value += text[i];
  }
  return std::nullopt;
}

/// A TOML value as a .env file would have it; nothing for what is no single value.
std::optional<std::string> toml_text(const toml::node& node) {
  if (const auto* text = node.as_string()) return text->get();
  if (const auto* flag = node.as_boolean()) return flag->get() ? "true" : "false";
  if (const auto* number = node.as_integer()) return std::to_string(number->get());
  const auto* number = node.as_floating_point();
  if (number == nullptr) return std::nullopt;
  std::array<char, 32> digits{};  // the longest double has 24
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number->get()).ptr;
  return std::string(digits.data(), end);
}

}  // namespace

result<std::map<std::string, std::string>> read_env_file(const std::filesystem::path& path) {
  std::map<std::string, std::string> variables;
  std::error_code problem;
  if (!std::filesystem::exists(path, problem) && !problem) return variables;
  const auto text = read_file(path);
  if (!text) return unexpected{text.error()};
  std::istringstream lines(*text);
  std::string whole_line;
  for (std::size_t number = 1; std::getline(lines, whole_line); ++number) {
    auto line = trimmed(whole_line);
    if (line.empty() || line.front() == '#') continue;
    constexpr std::string_view prefix = "export ";
    if (line.starts_with(prefix)) line = trimmed(line.substr(prefix.size()));
    const auto equals = line.find('=');
    const auto name = trimmed(line.substr(0, equals));
    if (equals == std::string_view::npos || !is_name(name))
      return refuse(path, "line " + std::to_string(number) + " is not NAME=value");
    auto value = env_value(trimmed(line.substr(equals + 1)));
    if (!value) return refuse(path, "line " + std::to_string(number) + " has a quote that does not end the value");
    variables[std::string(name)] = std::move(*value);
  }
  return variables;
}

result<std::map<std::string, std::string>> read_toml_file(const std::filesystem::path& path) {
  const auto text = read_file(path);
  if (!text) return unexpected{text.error()};
  std::map<std::string, std::string> members;
  try {
    const auto table = toml::parse(*text);
    for (const auto& [key, node] : table) {
      auto value = toml_text(node);
      if (!value) return refuse(path, "'" + std::string(key.str()) + "' is not a string, a number, true or false");
      members[std::string(key.str())] = std::move(*value);
    }
  } catch (const toml::parse_error& problem) {
    return refuse(path,
                  "line " + std::to_string(problem.source().begin.line) + ": " + std::string(problem.description()));
  }
  return members;
}

}  // namespace planexe::config
