// Reads the checkout's C++ files. See source_tree.hpp.
#include "tests/architecture/source_tree.hpp"

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <regex>
#include <stdexcept>

namespace planexe::tests {
namespace {

constexpr std::array code_folders = {"domain",  "plans",     "eventstore", "projections", "actors",
                                     "gateway", "dashboard", "apps",       "tests",       "benchmarks"};

bool is_code(const std::filesystem::path& path) {
  return path.extension() == ".hpp" || path.extension() == ".cpp";
}

std::string read_text(const std::filesystem::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw std::runtime_error("cannot read " + path.string());
  return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

}  // namespace

source_file parse_source(std::string path, std::string_view text) {
  source_file file;
  file.room = path.substr(0, path.find('/'));
  file.path = std::move(path);
  std::size_t number = 0;
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    file.lines.push_back({++number, std::string(text.substr(0, end))});
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return file;
}

std::vector<source_file> load_sources(const std::string& checkout) {
  std::vector<source_file> files;
  for (const char* folder : code_folders) {
    const auto top = std::filesystem::path(checkout) / folder;
    if (!std::filesystem::is_directory(top)) continue;
    for (auto entry = std::filesystem::recursive_directory_iterator(top); entry != end(entry); ++entry) {
      // Packages fetched for the web page are not ours to judge.
      if (entry->path().filename() == "node_modules") {
        entry.disable_recursion_pending();
        continue;
      }
      if (!entry->is_regular_file() || !is_code(entry->path())) continue;
      files.push_back(
          parse_source(entry->path().lexically_relative(checkout).generic_string(), read_text(entry->path())));
    }
  }
  if (files.empty()) throw std::runtime_error("no sources below " + checkout);
  std::sort(files.begin(), files.end(), [](const auto& a, const auto& b) { return a.path < b.path; });
  return files;
}

std::vector<include_line> includes_of(const source_file& file) {
  static const std::regex pattern(R"(^\s*#\s*include\s*([<"])([^>"]+)[>"])");
  std::vector<include_line> found;
  for (const auto& line : file.lines) {
    std::smatch match;
    if (std::regex_search(line.text, match, pattern)) found.push_back({line.number, match[2], match[1] == "\""});
  }
  return found;
}

}  // namespace planexe::tests
