// Where a replay passes, nothing is asked that is not in the log. See rules.hpp.
#include <algorithm>
#include <array>
#include <regex>

#include "tests/architecture/rules.hpp"

namespace planexe::tests {
namespace {

// What turns events into states, views and decisions. A store reads files and a hasher may be kept by a thread, so of
// eventstore only what gives an event its meaning.
constexpr std::array replayed_places{
    "domain/",           "projections/",      "eventstore/append_plan",   "eventstore/codec", "eventstore/hash",
    "eventstore/layout", "eventstore/memory", "eventstore/stored_values", "eventstore/wire",  "eventstore/upcasts"};

struct forbidden {
  const char* pattern;
  const char* what;
};
constexpr std::array outside_the_log{
    forbidden{R"(\b(system|steady|high_resolution|utc|tai|gps|file)_clock\b)", "asks a clock"},
    forbidden{R"(\b(gettimeofday|clock_gettime|timespec_get|localtime|gmtime|mktime|current_zone)\b)", "asks a clock"},
    forbidden{R"(\b(std::)?(time|clock)\s*\(\s*(nullptr|NULL|0|&[^)]*)?\s*\))", "asks a clock"},
    forbidden{R"(\b(random_device|mt19937(_64)?|default_random_engine|minstd_rand0?|random_shuffle)\b)",
              "leaves it to chance"},
    forbidden{R"(\b(s?rand|random|drand48|arc4random|getrandom|getentropy|RAND_bytes)\s*\()", "leaves it to chance"},
    forbidden{R"(#\s*include\s*<random>)", "leaves it to chance"},
    forbidden{R"(\b(secure_)?getenv\b|\bsetlocale\b|\bstd::locale\b)", "asks the environment"},
    forbidden{R"(#\s*include\s*<(fstream|iostream|filesystem|thread|future|ctime|unistd\.h)>)",
              "includes what leads outside"},
};

/// The line without its comment and without what stands between quotes. Good enough for this house's code, which has no
/// block comments and no raw strings where it matters.
std::string code_of(const std::string& line) {
  static const std::regex quoted(R"("([^"\\]|\\.)*")");
  auto code = line.find("#include") == std::string::npos ? std::regex_replace(line, quoted, "\"\"") : line;
  if (const auto comment = code.find("//"); comment != std::string::npos) code.resize(comment);
  return code;
}

}  // namespace

std::vector<std::string> determinism_breaches(const source_file& file) {
  std::vector<std::string> breaches;
  const bool concerned = std::any_of(replayed_places.begin(), replayed_places.end(),
                                     [&](const char* place) { return file.path.starts_with(place); });
  if (!concerned) return breaches;
  static const auto patterns = [] {
    std::vector<std::pair<std::regex, const char*>> all;
    for (const auto& each : outside_the_log) all.emplace_back(std::regex(each.pattern), each.what);
    return all;
  }();
  for (const auto& line : file.lines) {
    const auto code = code_of(line.text);
    for (const auto& [pattern, what] : patterns)
      if (std::regex_search(code, pattern))
        breaches.push_back(file.path + ":" + std::to_string(line.number) + ": " + what);
  }
  return breaches;
}

}  // namespace planexe::tests
