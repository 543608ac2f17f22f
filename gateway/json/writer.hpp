// Writes JSON straight into a string. Commas are its business, matching braces the caller's. Cheap enough for the
// answers to reports and polls. Used by one thread at a time.
#pragma once

#include <concepts>
#include <cstdint>
#include <string>
#include <string_view>

#include "domain/ids.hpp"
#include "domain/time.hpp"

namespace planexe::gateway {

class json_writer {
 public:
  /// Appends to `out`, which must outlive the writer.
  explicit json_writer(std::string& out) : out_(out) {}

  void begin_object() { open('{'); }
  void end_object() { close('}'); }
  void begin_array() { open('['); }
  void end_array() { close(']'); }
  /// `name` is one of the contract's: it needs no escaping.
  void key(std::string_view name) {
    separate();
    out_ += '"';
    out_ += name;
    out_ += "\":";
    needs_comma_ = false;
  }

  /// Bytes that are not UTF-8 become U+FFFD.
  void text(std::string_view text);
  void boolean(bool flag) { put(flag ? "true" : "false"); }
  void null() { put("null"); }
  void whole(std::int64_t number);
  void natural(std::uint64_t number);
  /// The shortest digits that read back the same; null for what JSON cannot say (infinite, not a number).
  void real(double number);
  void time(domain::timestamp time);
  /// Text that is JSON already.
  void raw(std::string_view json) { put(json); }

  template <class T>
  void member(std::string_view name, const T& value) {
    key(name);
    write(value);
  }
  /// Nothing is written for an empty text or an absent value.
  void optional_member(std::string_view name, std::string_view value) {
    if (!value.empty()) member(name, value);
  }
  template <class Tag>
  void optional_member(std::string_view name, const domain::basic_id<Tag>& id) {
    optional_member(name, id.value);
  }
  template <class T>
  void optional_member(std::string_view name, const std::optional<T>& value) {
    if (value) member(name, *value);
  }
  /// Nothing is written for empty JSON.
  void raw_member(std::string_view name, std::string_view json) {
    if (json.empty()) return;
    key(name);
    raw(json);
  }

  std::string& out() { return out_; }

 private:
  void separate() {
    if (needs_comma_) out_ += ',';
    needs_comma_ = true;
  }
  void open(char brace) {
    separate();
    out_ += brace;
    needs_comma_ = false;
  }
  void close(char brace) {
    out_ += brace;
    needs_comma_ = true;
  }
  void put(std::string_view json) {
    separate();
    out_ += json;
  }

  void write(std::string_view value) { text(value); }
  void write(const std::string& value) { text(value); }
  void write(const char* value) { text(value); }
  void write(std::same_as<bool> auto value) { boolean(value); }
  void write(std::floating_point auto value) { real(value); }
  void write(std::signed_integral auto value) { whole(value); }
  void write(std::unsigned_integral auto value) requires(!std::same_as<decltype(value), bool>) { natural(value); }
  void write(domain::timestamp value) { time(value); }
  template <class Tag>
  void write(const domain::basic_id<Tag>& id) {
    text(id.value);
  }

  std::string& out_;
  bool needs_comma_ = false;
};

/// Hours and seconds as the contract's numbers.
constexpr double as_hours(domain::milliseconds time) {
  return static_cast<double>(time.count()) / 3'600'000.0;
}
constexpr double as_seconds(domain::milliseconds time) {
  return static_cast<double>(time.count()) / 1'000.0;
}

/// Percentages are for people: two digits after the point.
double rounded_percent(double percent);

}  // namespace planexe::gateway
