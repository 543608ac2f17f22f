// The small rules of the house, checked line by line. See rules.hpp.
#include <regex>

#include "tests/architecture/rules.hpp"

namespace planexe::tests {
namespace {

// Files are meant to stay near 600 lines; the test leaves room for the line that had to go somewhere.
constexpr std::size_t longest_file_lines = 700;

bool is_header(const source_file& file) {
  return file.path.ends_with(".hpp");
}

/// The head comment stands in the header; a source file either has one too or starts by including that header.
bool has_head(const source_file& file) {
  if (file.lines.empty()) return false;
  const auto& first = file.lines.front().text;
  if (first.starts_with("// ")) return true;
  if (is_header(file)) return false;
  const auto own_header = "#include \"" + file.path.substr(0, file.path.size() - 4) + ".hpp\"";
  return first == own_header;
}

/// A table that a program wrote: as long as what happened.
bool is_incident(const source_file& file) {
  return file.path.starts_with("tests/incidents/") && file.path.ends_with("_test.cpp");
}

void check_lines(const source_file& file, std::vector<std::string>& breaches) {
  // Spelled in two parts so that this file keeps its own rule.
  static const std::regex note_to_self(
      "\\b(TO"
      "DO|FIX"
      "ME|XX"
      "X)\\b");
  static const std::regex test_name(R"re(^\s*TEST_CASE\("(.*)"\))re");
  for (const auto& line : file.lines) {
    const auto place = file.path + ":" + std::to_string(line.number) + ": ";
    if (line.text.find('\t') != std::string::npos) breaches.push_back(place + "a tab");
    if (line.text.find('\r') != std::string::npos) breaches.push_back(place + "a carriage return");
    // CTest hands a case's name back to the program; these characters get lost on the way, and then nothing runs.
    std::smatch name;
    if (std::regex_search(line.text, name, test_name) && name.str(1).find_first_of(";[]\\") != std::string::npos) {
      breaches.push_back(place + "a test name that CTest cannot carry");
    }
    if (std::regex_search(line.text, note_to_self)) breaches.push_back(place + "a note to self");
  }
}

}  // namespace

std::vector<std::string> tidy_breaches(const source_file& file) {
  std::vector<std::string> breaches;
  check_lines(file, breaches);
  if (!has_head(file)) {
    breaches.push_back(file.path + ":1: no head comment that says what the file is");
  }
  if (file.lines.size() > longest_file_lines && !is_incident(file)) {
    breaches.push_back(file.path + ": " + std::to_string(file.lines.size()) + " lines");
  }
  if (is_header(file)) {
    bool once = false;
    for (const auto& line : file.lines) once = once || line.text == "#pragma once";
    if (!once) breaches.push_back(file.path + ": no #pragma once");
  }
  return breaches;
}

}  // namespace planexe::tests
