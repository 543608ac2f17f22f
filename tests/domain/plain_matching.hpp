// The rules of the match table once more, over plain lists that are looked through from end to end. Slow, and meant to
// be read beside the head comment of `match_table`.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "domain/matching.hpp"

namespace planexe::tests {

class plain_matching {
 public:
  std::vector<domain::work_claim> open(const domain::execution_id& execution, std::int32_t priority,
                                       const std::vector<domain::open_leaf>& leaves, bool staffed);
  void close(const domain::execution_id& execution, const std::vector<domain::task_index>& leaves);
  std::vector<domain::work_claim> offer(const domain::work_offer& offer, bool wait);
  void withdraw(std::uint64_t offer_id);
  void reach(const domain::agent_id& agent, std::shared_ptr<const domain::agent_profile> profile);
  void lose(const domain::agent_id& agent);
  /// "a staffed, b unstaffed", by id.
  std::string changed_staffing();

  std::size_t open_count() const { return leaves_.size(); }
  std::size_t waiting_count() const { return waiting_.size(); }
  std::size_t execution_count() const { return executions_.size(); }

 private:
  struct known_execution {
    std::int32_t priority = 0;
    std::int64_t stamp = 0;
    std::uint64_t number = 0;
    bool served = false;
    bool staffed = true;
  };
  struct filed_leaf {
    domain::execution_id execution;
    domain::open_leaf leaf;
  };
  struct turn_line {
    std::int64_t servings = 0;
    std::int64_t newcomer = -1'000'000;
  };

  std::vector<filed_leaf>::iterator find(const domain::execution_id& execution, domain::task_index leaf);
  bool is_open(const domain::execution_id& execution) const;
  std::int64_t round_ago(std::int32_t priority);
  void join(known_execution& one);
  void forget(std::int32_t priority);
  void claim(const domain::work_offer& offer, const filed_leaf& leaf, std::vector<domain::work_claim>& claims);
  bool hand_out(const domain::execution_id& execution, domain::task_index leaf, bool only_exact,
                std::vector<domain::work_claim>& claims);

  std::vector<filed_leaf> leaves_;
  std::vector<domain::work_offer> waiting_;  ///< longest wait first
  std::map<domain::execution_id, known_execution> executions_;
  std::map<std::int32_t, turn_line> lines_;
  std::map<domain::agent_id, std::shared_ptr<const domain::agent_profile>> in_reach_;
  std::uint64_t numbers_ = 0;
};

}  // namespace planexe::tests
