// The two files that settings are read from. Errors name the file and the line.
#pragma once

#include <filesystem>
#include <map>
#include <string>

#include "domain/result.hpp"

namespace planexe::config {

/// Settings are few: a file over this is not one of ours.
inline constexpr std::size_t max_config_bytes = std::size_t{1} << 20;

/// Variables of a `.env` file: `NAME=value` lines, `export` before them, `#` comments, values in single or double
/// quotes. A file that does not exist has none.
result<std::map<std::string, std::string>> read_env_file(const std::filesystem::path& path);

/// The members of a TOML file at its top level, as text: strings, booleans and numbers.
result<std::map<std::string, std::string>> read_toml_file(const std::filesystem::path& path);

}  // namespace planexe::config
