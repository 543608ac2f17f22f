#include "tests/plans/labels.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>
#include <set>
#include <sstream>

#include "plans/plan_reader.hpp"

namespace planexe::plans::testing {
namespace {

const std::filesystem::path source{PLANEXE_SOURCE_DIR};

/// The rows of the file; none of its fields is quoted.
std::vector<labelled_leaf> rows() {
  std::ifstream in{source / "tests" / "data" / "leaf_labels.csv"};
  std::vector<labelled_leaf> leaves;
  std::string line;
  std::getline(in, line);
  while (std::getline(in, line)) {
    std::istringstream fields{line};
    labelled_leaf leaf;
    std::string tier, ready;
    std::getline(fields, leaf.plan, ',');
    std::getline(fields, leaf.task, ',');
    std::getline(fields, tier, ',');
    std::getline(fields, ready, ',');
    std::getline(fields, leaf.action, ',');
    leaf.tier = std::atoi(tier.c_str());
    leaf.ready = ready == "yes";
    leaves.push_back(std::move(leaf));
  }
  return leaves;
}

/// Every third folder in the order of their names; the rules and weights were never tuned on these.
std::set<std::string> held_out_plans(const std::vector<labelled_leaf>& leaves) {
  std::set<std::string> plans;
  for (const auto& leaf : leaves) plans.insert(leaf.plan);
  std::set<std::string> held_out;
  std::size_t position = 0;
  for (const auto& plan : plans)
    if (position++ % 3 == 2) held_out.insert(plan);
  return held_out;
}

}  // namespace

std::optional<std::vector<labelled_leaf>> labelled_leaves() {
  const auto folder = source / ".." / "shared" / "plans";
  if (!std::filesystem::is_directory(folder)) {
    const char* ci = std::getenv("CI");
    if (ci != nullptr && std::string_view{ci} == "true") throw std::runtime_error("the real runs are missing");
    std::puts("\nSKIPPED: the real runs are not here");
    return std::nullopt;
  }
  auto leaves = rows();
  const auto held_out = held_out_plans(leaves);
  std::map<std::string, domain::plan> plans;
  for (auto& leaf : leaves) {
    leaf.held_out = held_out.contains(leaf.plan);
    auto found = plans.find(leaf.plan);
    if (found == plans.end()) {
      auto read = read_plan_from_path(folder / leaf.plan);
      if (!read) throw std::runtime_error(leaf.plan + " cannot be read");
      found = plans.emplace(leaf.plan, *std::move(read)).first;
    }
    const auto& tasks = found->second.tasks;
    const auto task = std::find_if(tasks.begin(), tasks.end(), [&](const auto& t) { return t.id.value == leaf.task; });
    if (task == tasks.end()) throw std::runtime_error(leaf.plan + " has no task " + leaf.task);
    leaf.read = *task;
  }
  return leaves;
}

std::vector<const labelled_leaf*> chosen(const std::vector<labelled_leaf>& leaves, sample which) {
  std::vector<const labelled_leaf*> some;
  for (const auto& leaf : leaves)
    if (which == sample::all || leaf.held_out == (which == sample::held_out)) some.push_back(&leaf);
  return some;
}

confusion tiers_found(const std::vector<const labelled_leaf*>& leaves) {
  confusion table{};
  for (const auto* leaf : leaves)
    ++table[static_cast<std::size_t>(leaf->tier - 1)][static_cast<std::size_t>(leaf->read.tier) - 1];
  return table;
}

double agreement(const confusion& table) {
  std::size_t same = 0, all = 0;
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t k = 0; k < 3; ++k) {
      all += table[i][k];
      same += i == k ? table[i][k] : 0;
    }
  return static_cast<double>(same) / static_cast<double>(all);
}

std::vector<reliability_bin> reliability(const std::vector<const labelled_leaf*>& leaves) {
  constexpr std::size_t bins = 5;
  std::vector<reliability_bin> table(bins);
  for (std::size_t i = 0; i < bins; ++i) {
    table[i].from = static_cast<double>(i) / bins;
    table[i].to = static_cast<double>(i + 1) / bins;
  }
  for (const auto* leaf : leaves) {
    const double score = leaf->read.decomposition_confidence;
    auto& bin = table[std::min(bins - 1, static_cast<std::size_t>(score * bins))];
    ++bin.count;
    bin.ready += leaf->ready;
    bin.mean_score += score;
  }
  for (auto& bin : table)
    if (bin.count > 0) bin.mean_score /= static_cast<double>(bin.count);
  return table;
}

double brier_score(const std::vector<const labelled_leaf*>& leaves) {
  double sum = 0;
  for (const auto* leaf : leaves) sum += std::pow(leaf->read.decomposition_confidence - (leaf->ready ? 1 : 0), 2);
  return sum / static_cast<double>(leaves.size());
}

double calibration_error(const std::vector<const labelled_leaf*>& leaves) {
  double sum = 0;
  for (const auto& bin : reliability(leaves))
    sum += std::abs(bin.mean_score * static_cast<double>(bin.count) - static_cast<double>(bin.ready));
  return sum / static_cast<double>(leaves.size());
}

double ranking(const std::vector<const labelled_leaf*>& leaves) {
  double won = 0, pairs = 0;
  for (const auto* ready : leaves)
    for (const auto* other : leaves) {
      if (!ready->ready || other->ready) continue;
      const double ahead = ready->read.decomposition_confidence - other->read.decomposition_confidence;
      won += ahead > 0 ? 1 : ahead == 0 ? 0.5 : 0;
      pairs += 1;
    }
  return won / pairs;
}

}  // namespace planexe::plans::testing
