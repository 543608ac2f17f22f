#include "eventstore/gaps.hpp"

namespace planexe::eventstore {
namespace {

// The gap that is being put together of neighbours.
class joined_gap {
 public:
  result<void> take(const log_gap& next, bool is_known, gap_change& change) {
    if (open_ && next.first <= gap_.last) return refuse(next, "overlap");
    if (open_ && next.first == gap_.last + 1) {
      if (next.before != gap_.after) return refuse(next, "do not meet");
      gap_.last = next.last;
      gap_.after = next.after;
    } else {
      close(change);
      gap_ = next;
      open_ = true;
    }
    if (is_known)
      absorbed_.push_back(next.first);
    else
      grown_ = true;
    return {};
  }
  void close(gap_change& change) {
    if (open_ && grown_) {
      change.put.push_back(gap_);
      for (const auto first : absorbed_)
        if (first != gap_.first) change.removed.push_back(first);
    }
    absorbed_.clear();
    open_ = grown_ = false;
  }

 private:
  static result<void> refuse(const log_gap& next, const char* what) {
    return unexpected{
        error{errc::corrupt, "log position " + std::to_string(next.first) + ": gaps of archived events " + what}};
  }

  log_gap gap_;
  bool open_ = false;
  bool grown_ = false;
  std::vector<std::uint64_t> absorbed_;
};

}  // namespace

result<gap_change> merge_gaps(const std::vector<log_gap>& known, const std::vector<log_gap>& added) {
  gap_change change;
  joined_gap joined;
  auto from_known = known.begin();
  auto from_added = added.begin();
  while (from_known != known.end() || from_added != added.end()) {
    const bool is_known =
        from_added == added.end() || (from_known != known.end() && from_known->first < from_added->first);
    const log_gap& next = is_known ? *from_known++ : *from_added++;
    if (auto taken = joined.take(next, is_known, change); !taken) return unexpected{taken.error()};
  }
  joined.close(change);
  return change;
}

}  // namespace planexe::eventstore
