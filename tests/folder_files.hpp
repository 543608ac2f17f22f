// A folder's files in memory, so that they can be damaged one by one and written out again; and how much of the damage
// a test tries, for all of it takes minutes.
#pragma once

#include <doctest/doctest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <map>
#include <string>

namespace planexe::tests {

using contents = std::map<std::string, std::string>;  // of a folder's files, by name

inline contents read_files(const std::string& folder) {
  contents files;
  for (const auto& file : std::filesystem::directory_iterator(folder)) {
    std::ifstream in(file.path(), std::ios::binary);
    files[file.path().filename().string()].assign(std::istreambuf_iterator<char>(in), {});
  }
  return files;
}

inline void write_files(const std::string& folder, const contents& files) {
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  for (const auto& [name, content] : files) std::ofstream(folder + "/" + name, std::ios::binary) << content;
}

inline std::string content_of(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  REQUIRE(in);
  return {std::istreambuf_iterator<char>(in), {}};
}
inline void put(const std::string& path, const std::string& content) {
  std::ofstream out(path, std::ios::binary);
  out << content;
  REQUIRE(out.flush());
}

/// Every how many places something is damaged; `PLANEXE_DAMAGE_STRIDE` says otherwise, 1 takes every one.
inline std::size_t damage_stride(std::size_t usual) {
  const char* asked = std::getenv("PLANEXE_DAMAGE_STRIDE");
  const int number = asked == nullptr ? static_cast<int>(usual) : std::atoi(asked);
  return number < 1 ? 1 : static_cast<std::size_t>(number);
}

}  // namespace planexe::tests
