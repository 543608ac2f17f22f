// The golden files: stored events in hexadecimal, one file a type and version, never overwritten.
// `PLANEXE_WRITE_GOLDEN=1` makes the tests write those that are missing.
#pragma once

#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <vector>

namespace planexe::eventstore::testing {

inline std::string golden_file(std::string_view type, std::uint32_t version) {
  return std::string(GOLDEN_FOLDER "/") + std::string(type) + ".v" + std::to_string(version) + ".hex";
}

inline std::vector<std::string> golden_files() {
  std::vector<std::string> files;
  for (const auto& file : std::filesystem::directory_iterator(GOLDEN_FOLDER))
    if (file.path().extension() == ".hex") files.push_back(file.path().string());
  return files;
}

inline std::optional<std::string> read_golden(const std::string& file) {
  std::ifstream in(file);
  if (!in) return std::nullopt;
  std::string digits, bytes;
  for (char c; in >> c;) digits.push_back(c);
  if (digits.size() % 2 != 0) return std::nullopt;
  for (std::size_t i = 0; i < digits.size(); i += 2)
    bytes.push_back(static_cast<char>(std::stoi(digits.substr(i, 2), nullptr, 16)));
  return bytes;
}

inline void write_golden(const std::string& file, const std::string& bytes) {
  constexpr std::size_t bytes_per_line = 40;
  constexpr char digits[] = "0123456789abcdef";
  std::ofstream out(file);
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const auto byte = static_cast<unsigned char>(bytes[i]);
    out << digits[byte >> 4] << digits[byte & 15];
    if (i % bytes_per_line == bytes_per_line - 1 || i + 1 == bytes.size()) out << '\n';
  }
}

}  // namespace planexe::eventstore::testing
