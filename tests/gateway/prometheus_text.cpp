#include "tests/gateway/prometheus_text.hpp"

#include <cmath>
#include <cstdlib>
#include <limits>
#include <regex>
#include <vector>

namespace planexe::tests {
namespace {

const std::regex help_line(R"(# HELP ([a-zA-Z_:][a-zA-Z0-9_:]*) (.+))");
const std::regex type_line(R"(# TYPE ([a-zA-Z_:][a-zA-Z0-9_:]*) (counter|gauge|histogram))");
const std::regex sample_line(
    R"rx(([a-zA-Z_:][a-zA-Z0-9_:]*)((?:\{[a-zA-Z_][a-zA-Z0-9_]*="(?:[^"\\\n]|\\["\\n])*"\})?) (\S+))rx");
const std::regex number_form(R"([+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|Inf)|NaN)");

/// The family that a sample belongs to; empty when there is none.
std::string family_of(const std::string& name, const std::map<std::string, metric_family>& families) {
  if (families.contains(name)) return name;
  for (const std::string_view suffix : {"_bucket", "_sum", "_count"}) {
    if (!name.ends_with(suffix)) continue;
    const auto base = name.substr(0, name.size() - suffix.size());
    const auto known = families.find(base);
    if (known != families.end() && known->second.type == "histogram") return base;
  }
  return {};
}

std::string check_histogram(const std::string& name, const metric_family& family,
                            const std::vector<std::pair<double, double>>& buckets) {
  const auto count = family.samples.find(name + "_count");
  if (count == family.samples.end() || !family.samples.contains(name + "_sum")) return name + " lacks its sum or count";
  double bound = -std::numeric_limits<double>::infinity(), within = 0;
  for (const auto& [le, value] : buckets) {
    if (le <= bound) return name + " has bounds out of order";
    if (value < within) return name + " has a bucket that is less than the one before";
    bound = le;
    within = value;
  }
  if (!std::isinf(bound)) return name + " has no +Inf bucket";
  return within == count->second ? "" : name + " has another count than its last bucket";
}

}  // namespace

std::string read_prometheus(std::string_view text, std::map<std::string, metric_family>& families) {
  std::map<std::string, std::vector<std::pair<double, double>>> buckets;
  std::string open, announced;
  if (text.empty() || text.back() != '\n') return "the last line does not end";
  while (!text.empty()) {
    const std::string line{text.substr(0, text.find('\n'))};
    text.remove_prefix(line.size() + 1);
    std::smatch parts;
    if (std::regex_match(line, parts, help_line)) {
      if (families.contains(parts[1])) return "a second HELP: " + line;
      announced = parts[1];
      families[announced].help = parts[2];
    } else if (std::regex_match(line, parts, type_line)) {
      if (parts[1] != announced) return "a TYPE without its HELP: " + line;
      open = announced;
      families[open].type = parts[2];
      if (families[open].type == "counter" && !open.ends_with("_total")) return "a counter without _total: " + open;
    } else if (std::regex_match(line, parts, sample_line)) {
      const std::string name = parts[1], labels = parts[2], number = parts[3];
      const auto family = family_of(name, families);
      if (family.empty() || family != open) return "a sample outside its family: " + line;
      if (!std::regex_match(number, number_form)) return "no number: " + line;
      const double value = std::strtod(number.c_str(), nullptr);
      if (!families[family].samples.emplace(name + labels, value).second) return "a sample twice: " + line;
      if (families[family].type == "counter" && !(value >= 0)) return "a counter below zero: " + line;
      if (name == family + "_bucket") {
        const auto le = labels.substr(5, labels.size() - 7);
        buckets[family].emplace_back(le == "+Inf" ? INFINITY : std::strtod(le.c_str(), nullptr), value);
      }
    } else {
      return "not a line of this format: " + line;
    }
  }
  for (const auto& [name, family] : families) {
    if (family.type.empty()) return name + " has no TYPE";
    if (family.type != "histogram") continue;
    if (auto wrong = check_histogram(name, family, buckets[name]); !wrong.empty()) return wrong;
  }
  return {};
}

}  // namespace planexe::tests
