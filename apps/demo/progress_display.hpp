// Shows how an execution goes, in a terminal that redraws or as plain lines in a log.
// One thread. Text that came from a plan or an agent is cleaned before it reaches the terminal.
#pragma once

#include <chrono>
#include <cstdint>
#include <ostream>
#include <string>
#include <string_view>
#include <vector>

#include "apps/demo/activity_board.hpp"

namespace planexe::demo {

/// Everything one picture shows.
struct progress_view {
  std::string title;
  std::string status;
  std::string status_message;
  std::string address;  ///< where to look at it
  std::uint64_t tasks_total = 0;
  std::uint64_t done = 0;  ///< complete or skipped
  std::uint64_t running = 0;
  std::uint64_t blocked = 0;
  std::uint64_t errors = 0;
  std::uint64_t reviews = 0;  ///< leaves that wait for a person
  std::chrono::milliseconds elapsed{0};
  activity crew;
};

struct demo_summary {
  progress_view last;
  std::uint64_t events = 0;
  std::uint64_t retries = 0;
};

/// A picture of several lines, each at most `width` characters, with colours if asked for.
std::vector<std::string> render_picture(const progress_view& view, std::size_t width, bool colours);

/// The same in one line without colours.
std::string render_line(const progress_view& view);

/// The last words: what was done, by whom, and where to look.
std::vector<std::string> render_summary(const demo_summary& summary, bool colours);

enum class display_mode { terminal, plain };

class progress_display {
 public:
  /// `width` is the terminal's, in characters. Without colours `terminal` still redraws.
  progress_display(std::ostream& out, display_mode mode, std::size_t width, bool colours);

  /// Redraws; in plain mode prints a line when the percentage moved on by a step, the status changed, or a while
  /// passed.
  void show(const progress_view& view);
  void finish(const demo_summary& summary);

 private:
  std::ostream& out_;
  display_mode mode_;
  std::size_t width_;
  bool colours_;
  std::size_t drawn_lines_ = 0;
  bool shown_ = false;
  std::uint64_t shown_step_ = 0;
  std::string shown_status_;
  std::chrono::milliseconds shown_at_{0};
};

}  // namespace planexe::demo
