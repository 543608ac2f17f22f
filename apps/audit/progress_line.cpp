#include "apps/audit/progress_line.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "apps/terminal/text.hpp"

namespace planexe::auditing {
namespace {

using terminal::grouped;

constexpr std::chrono::milliseconds between_drawings{100};
constexpr std::size_t widest_bar = 40, text_columns = 50;

std::string bar(std::uint64_t done, std::uint64_t of, std::size_t width) {
  const auto filled = of == 0 ? 0 : static_cast<std::size_t>(std::min(done, of) * width / of);
  std::string line;
  for (std::size_t i = 0; i < width; ++i) line += i < filled ? "█" : "░";
  return line;
}

}  // namespace

progress_line::progress_line(std::ostream& terminal, std::size_t width, bool moves)
    : terminal_(terminal), width_(width), moves_(moves) {}

progress_line::~progress_line() {
  if (drawn_) terminal_ << "\r\x1b[K" << std::flush;
}

void progress_line::show(std::uint64_t done, std::uint64_t of, std::string_view what) {
  const auto now = std::chrono::steady_clock::now();
  if (!moves_ || now - last_ < between_drawings) return;
  last_ = now;
  const std::chrono::duration<double> took = now - began_;
  const auto rate = static_cast<std::uint64_t>(static_cast<double>(done) / std::max(took.count(), 0.001));
  const auto columns = width_ > text_columns ? std::min(widest_bar, width_ - text_columns) : 0;
  const auto percent = of == 0 ? 0 : 100 * std::min(done, of) / of;
  terminal_ << "\r\x1b[K" << bar(done, of, columns)
            << fmt::format(" {:3} %  {} of {} {}, {}/s", percent, grouped(done), grouped(of), what, grouped(rate))
            << std::flush;
  drawn_ = true;
}

}  // namespace planexe::auditing
