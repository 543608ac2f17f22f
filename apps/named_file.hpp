// Words of the command line that may be a file or the id of something. Any thread.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "domain/result.hpp"

namespace planexe::answers {

/// Whether it is meant as a file, whether or not one is there: ids that the server gives are never written so.
inline bool looks_like_file(const std::string& word) {
  return word.find('/') != std::string::npos || word.ends_with(".jsonl") || word.ends_with(".jsonl.zst");
}

/// Why a word that is meant as a file cannot be one; nothing where it is one, or is not meant so.
inline std::optional<error> no_such_file(const std::string& word) {
  std::error_code ignored;
  if (!looks_like_file(word) || std::filesystem::is_regular_file(word, ignored)) return std::nullopt;
  if (std::filesystem::is_directory(word, ignored))
    return error{errc::invalid, "'" + word + "' is a folder; a data folder is given with --data-dir"};
  return error{errc::invalid, "there is no file '" + word + "'"};
}

/// What is wrong with a file, named once.
inline std::string in_file(const std::string& file, const std::string& detail) {
  return detail.find(file) != std::string::npos ? detail : file + ": " + detail;
}

}  // namespace planexe::answers
