#include "gateway/json/writer.hpp"

#include <array>
#include <charconv>
#include <cmath>

#include "gateway/http/problem.hpp"
#include "gateway/http/utf8.hpp"

namespace planexe::gateway {
namespace {

/// Whether `text` can stand between quotes as it is. Most text can; the rest takes the slower way.
bool is_plain(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c < 0x20U || c == '"' || c == '\\' || c == 0x7FU) return false;
    if (c < 0x80U) {
      ++i;
      continue;
    }
    const auto length = utf8_sequence_length(text.substr(i));
    if (length == 0) return false;
    i += length;
  }
  return true;
}

template <class Number>
void append_number(std::string& out, Number number) {
  std::array<char, 32> digits{};  // the longest double has 24
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), number).ptr;
  out.append(digits.data(), static_cast<std::size_t>(end - digits.data()));
}

}  // namespace

void json_writer::text(std::string_view text) {
  separate();
  if (!is_plain(text)) return append_json_string(out_, text);
  out_ += '"';
  out_ += text;
  out_ += '"';
}

void json_writer::whole(std::int64_t number) {
  separate();
  append_number(out_, number);
}

void json_writer::natural(std::uint64_t number) {
  separate();
  append_number(out_, number);
}

void json_writer::real(double number) {
  if (!std::isfinite(number)) return null();
  separate();
  append_number(out_, number);
}

void json_writer::time(domain::timestamp time) {
  separate();
  out_ += '"';
  out_ += domain::format_rfc3339(time);
  out_ += '"';
}

double rounded_percent(double percent) {
  return std::round(percent * 100) / 100;
}

}  // namespace planexe::gateway
