// Reads Prometheus' text format 0.0.4, strictly: what a scraper might make a face at is a failure.
#pragma once

#include <map>
#include <string>
#include <string_view>

namespace planexe::tests {

struct metric_family {
  std::string type;
  std::string help;
  /// By the sample's name and labels as they are written: `planexe_agents{status="idle"}`.
  std::map<std::string, double> samples;
};

/// Why the text is not well formed, or empty; then `families` holds what it says. Checks names, escapes, numbers, that
/// HELP and TYPE come once and before the samples, that no sample comes twice, and that the buckets of a histogram grow
/// and end with its count.
std::string read_prometheus(std::string_view text, std::map<std::string, metric_family>& families);

}  // namespace planexe::tests
