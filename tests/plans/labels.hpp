// Leaves of real plans labelled by hand (tests/data/README.md), each beside what the reader made of it.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "domain/plan.hpp"

namespace planexe::plans::testing {

struct labelled_leaf {
  std::string plan;
  std::string task;
  int tier = 0;        ///< as labelled
  bool ready = false;  ///< as labelled
  std::string action;  ///< as labelled
  bool held_out = false;
  domain::task_definition read;
};

/// Nothing after saying so where the plans are not at hand; in CI they must be.
std::optional<std::vector<labelled_leaf>> labelled_leaves();

/// Only these, or all.
enum class sample { tuned, held_out, all };
std::vector<const labelled_leaf*> chosen(const std::vector<labelled_leaf>& leaves, sample which);

/// `[labelled tier - 1][tier found - 1]`
using confusion = std::array<std::array<std::size_t, 3>, 3>;
confusion tiers_found(const std::vector<const labelled_leaf*>& leaves);
/// The share on the diagonal.
double agreement(const confusion& table);

struct reliability_bin {
  double from = 0;
  double to = 0;
  std::size_t count = 0;
  std::size_t ready = 0;
  double mean_score = 0;
};
/// Five bins of equal width.
std::vector<reliability_bin> reliability(const std::vector<const labelled_leaf*>& leaves);
double brier_score(const std::vector<const labelled_leaf*>& leaves);
/// Mean distance between score and share ready, each bin as heavy as it is full.
double calibration_error(const std::vector<const labelled_leaf*>& leaves);
/// The probability that a leaf that is ready has the higher score of two (the area under the curve).
double ranking(const std::vector<const labelled_leaf*>& leaves);

}  // namespace planexe::plans::testing
