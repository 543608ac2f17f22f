#include "domain/time.hpp"

#include <array>
#include <cstdio>

namespace planexe::domain {

std::string format_rfc3339(timestamp time) {
  using namespace std::chrono;
  const auto day = floor<days>(time);
  const year_month_day date{day};
  const hh_mm_ss clock{time - day};
  std::array<char, 48> text{};
  const int length =
      std::snprintf(text.data(), text.size(), "%04d-%02u-%02uT%02d:%02d:%02d.%03dZ", static_cast<int>(date.year()),
                    static_cast<unsigned>(date.month()), static_cast<unsigned>(date.day()),
                    static_cast<int>(clock.hours().count()), static_cast<int>(clock.minutes().count()),
                    static_cast<int>(clock.seconds().count()), static_cast<int>(clock.subseconds().count()));
  return {text.data(), static_cast<std::size_t>(length)};
}

namespace {

/// Takes decimal digits off the front of a text.
class digit_reader {
 public:
  explicit digit_reader(std::string_view text) : rest_(text) {}

  bool number(int width, int& out) {
    if (rest_.size() < static_cast<std::size_t>(width)) return false;
    out = 0;
    for (int i = 0; i < width; ++i) {
      const char c = rest_[static_cast<std::size_t>(i)];
      if (c < '0' || c > '9') return false;
      out = out * 10 + (c - '0');
    }
    rest_.remove_prefix(static_cast<std::size_t>(width));
    return true;
  }
  bool literal(std::string_view any_of) {
    if (rest_.empty() || any_of.find(rest_.front()) == std::string_view::npos) return false;
    rest_.remove_prefix(1);
    return true;
  }
  /// Digits after the point, rounded down to milliseconds.
  bool fraction(int& out_ms) {
    out_ms = 0;
    int scale = 100;
    bool any = false;
    while (!rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9') {
      out_ms += (rest_.front() - '0') * scale;
      scale /= 10;
      any = true;
      rest_.remove_prefix(1);
    }
    return any;
  }
  bool done() const { return rest_.empty(); }

 private:
  std::string_view rest_;
};

}  // namespace

std::optional<timestamp> parse_rfc3339(std::string_view text) {
  using namespace std::chrono;
  digit_reader in{text};
  int y = 0, mo = 0, d = 0, h = 0, mi = 0, s = 0, ms = 0, offset_minutes = 0;
  if (!in.number(4, y) || !in.literal("-") || !in.number(2, mo) || !in.literal("-") || !in.number(2, d)) return {};
  if (!in.literal("Tt ") || !in.number(2, h) || !in.literal(":") || !in.number(2, mi) || !in.literal(":")) return {};
  if (!in.number(2, s)) return {};
  if (in.literal(".") && !in.fraction(ms)) return {};
  if (!in.literal("Zz")) {
    const bool ahead = in.literal("+");
    int oh = 0, om = 0;
    if (!ahead && !in.literal("-")) return {};
    if (!in.number(2, oh) || !in.literal(":") || !in.number(2, om) || oh > 23 || om > 59) return {};
    offset_minutes = (ahead ? 1 : -1) * (oh * 60 + om);
  }
  const year_month_day date{year{y}, month{static_cast<unsigned>(mo)}, day{static_cast<unsigned>(d)}};
  // A leap second is folded into the next second, as POSIX time does.
  if (!in.done() || !date.ok() || h > 23 || mi > 59 || s > 60) return {};
  return sys_days{date} + std::chrono::hours{h} + minutes{mi - offset_minutes} + std::chrono::seconds{s} +
         milliseconds{ms};
}

std::string in_words(milliseconds length) {
  using namespace std::chrono;
  const auto time = length < milliseconds{0} ? -length : length;
  // Twice a unit is where the next one is precise enough.
  if (time < std::chrono::seconds{1}) return "under 1 s";
  if (time < minutes{2}) return std::to_string(round<std::chrono::seconds>(time).count()) + " s";
  if (time < std::chrono::hours{2}) return std::to_string(round<minutes>(time).count()) + " min";
  if (time < days{2}) return std::to_string(round<std::chrono::hours>(time).count()) + " h";
  return std::to_string(round<days>(time).count()) + " days";
}

std::string format_minute(timestamp time) {
  constexpr std::size_t day_length = 10, minute_end = 16;
  const auto text = format_rfc3339(time);
  return text.substr(0, day_length) + " " + text.substr(day_length + 1, minute_end - day_length - 1) + " UTC";
}

}  // namespace planexe::domain
