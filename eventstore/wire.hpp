// The stored form of structs: tagged fields (number, wire type, value) in ascending order of their numbers. A reader
// skips numbers it does not know and leaves members that are missing at their defaults.
// Private to the room. Used by any thread; a writer or reader belongs to one call.
//
//   varint   unsigned numbers, booleans, enumerators; signed numbers, times and durations after zigzag
//   fixed64  doubles, little endian
//   bytes    texts, ids, nested messages, packed numbers, each after its length as a varint
//   sealed   a person's text as a sealed piece (sealing.hpp), after its length as a varint
//
// What always holds: equal values give equal bytes; a reader never leaves its bytes, takes each field once, recurses
// only as deep as the types it fills, and holds memory in proportion to its bytes (repeated members ask for the bytes
// that each element costs at least).
#pragma once

#include <bit>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <vector>

#include "domain/ids.hpp"
#include "domain/time.hpp"
#include "eventstore/sealing.hpp"

namespace planexe::eventstore {

enum class wire_type : std::uint8_t { varint = 0, fixed64 = 1, bytes = 2, sealed = 3 };

/// The enumerators of E in the order of their stored codes, which count from 1. Only ever appended to.
template <class E>
struct stored_enumerators;

namespace wire {

template <class T>
concept enumeration = std::is_enum_v<T>;
template <class T>
concept integral = std::is_integral_v<T>;
template <class T>
concept text = std::is_same_v<T, std::string>;

template <class T>
inline constexpr bool is_id = false;
template <class Tag>
inline constexpr bool is_id<domain::basic_id<Tag>> = true;
template <class T>
concept identifier = is_id<T>;

template <class T>
concept instant = std::is_same_v<T, domain::timestamp> || std::is_same_v<T, domain::milliseconds>;

template <class T>
concept message = std::is_class_v<T> && !text<T> && !identifier<T> && !instant<T>;

constexpr std::uint64_t zigzag(std::int64_t value) {
  return (static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63);
}
constexpr std::int64_t unzigzag(std::uint64_t value) {
  return static_cast<std::int64_t>((value >> 1) ^ (~(value & 1) + 1));
}

inline void put_varint(std::string& out, std::uint64_t value) {
  while (value >= 0x80) {
    out.push_back(static_cast<char>(static_cast<unsigned char>(value | 0x80)));
    value >>= 7;
  }
  out.push_back(static_cast<char>(value));
}

inline void put_fixed64(std::string& out, std::uint64_t value) {
  for (int shift = 0; shift < 64; shift += 8) out.push_back(static_cast<char>((value >> shift) & 0xff));
}

template <enumeration E>
constexpr std::uint64_t code_of(E value) {
  std::uint64_t code = 1;
  for (const E known : stored_enumerators<E>::order) {
    if (known == value) return code;
    ++code;
  }
  return 0;  // an enumerator without a code is a bug; a reader refuses the zero, and the round-trip tests find it
}

}  // namespace wire

/// Appends fields to a string. `a(n, member)` leaves zero and empty out, which is right where that is the member's
/// default; `a.always(n, member)` writes it whatever it is.
class field_writer {
 public:
  /// With a sealer, the words of persons are sealed.
  explicit field_writer(std::string& out, piece_sealer* sealer = nullptr) : out_(out), sealer_(sealer) {}

  template <class T>
  field_writer& operator()(std::uint32_t number, const T& value) {
    put(number, value, false);
    return *this;
  }
  template <class T>
  field_writer& always(std::uint32_t number, const T& value) {
    put(number, value, true);
    return *this;
  }
  /// A position where the greatest number means none.
  field_writer& index(std::uint32_t number, std::uint32_t value) { return (*this)(number, value + 1u); }

  /// A text that may be a person's words or name.
  field_writer& personal(std::uint32_t number, const std::string& value, stands_in = stands_in::text) {
    if (sealer_ == nullptr || value.empty()) return (*this)(number, value);
    key(number, wire_type::sealed);
    std::string piece;
    sealer_->seal(number, value, piece);
    wire::put_varint(out_, piece.size());
    out_ += piece;
    return *this;
  }

  template <class T>
  field_writer& operator()(std::uint32_t number, const std::optional<T>& value) {
    if (value) put(number, *value, true);
    return *this;
  }
  template <class T>
  field_writer& operator()(std::uint32_t number, const std::shared_ptr<const T>& value) {
    if (value) put(number, *value, true);
    return *this;
  }
  template <class T>
  field_writer& repeated(std::uint32_t number, const std::vector<T>& values, std::size_t = 0) {
    for (const T& value : values) put(number, value, true);
    return *this;
  }
  /// The elements of a vector whose size is known where it is read.
  template <class T>
  field_writer& each(std::uint32_t number, const std::vector<T>& values) {
    return repeated(number, values);
  }
  /// Numbers one after the other in one field.
  template <class Numbers>
  field_writer& packed(std::uint32_t number, const Numbers& values) {
    nested(number, true, [&] {
      for (const std::uint64_t value : values) wire::put_varint(out_, value);
    });
    return *this;
  }

 private:
  void put(std::uint32_t number, wire::integral auto value, bool even_zero) {
    if (value == 0 && !even_zero) return;
    key(number, wire_type::varint);
    if constexpr (std::is_signed_v<decltype(value)>)
      wire::put_varint(out_, wire::zigzag(value));
    else
      wire::put_varint(out_, value);
  }
  void put(std::uint32_t number, wire::enumeration auto value, bool) {
    key(number, wire_type::varint);
    wire::put_varint(out_, wire::code_of(value));
  }
  void put(std::uint32_t number, domain::milliseconds value, bool even_zero) {
    put(number, static_cast<std::int64_t>(value.count()), even_zero);
  }
  void put(std::uint32_t number, domain::timestamp value, bool even_zero) {
    put(number, value.time_since_epoch(), even_zero);
  }
  void put(std::uint32_t number, double value, bool even_zero) {
    const auto bits = std::bit_cast<std::uint64_t>(value);
    if (bits == 0 && !even_zero) return;
    key(number, wire_type::fixed64);
    wire::put_fixed64(out_, bits);
  }
  void put(std::uint32_t number, const std::string& value, bool even_zero) {
    if (value.empty() && !even_zero) return;
    key(number, wire_type::bytes);
    wire::put_varint(out_, value.size());
    out_.append(value);
  }
  template <class Tag>
  void put(std::uint32_t number, const domain::basic_id<Tag>& value, bool even_zero) {
    put(number, value.value, even_zero);
  }
  template <wire::message T>
  void put(std::uint32_t number, const T& value, bool even_empty) {
    nested(number, even_empty, [&] { describe(*this, value); });
  }

  // The length is known only afterwards and is put in before the content then; most take one byte.
  template <class Content>
  void nested(std::uint32_t number, bool even_empty, Content&& write_content) {
    const std::size_t before = out_.size();
    key(number, wire_type::bytes);
    const std::size_t start = out_.size();
    write_content();
    const std::size_t length = out_.size() - start;
    if (length == 0 && !even_empty) {
      out_.resize(before);
      return;
    }
    std::string prefix;
    wire::put_varint(prefix, length);
    out_.insert(start, prefix);
  }

  void key(std::uint32_t number, wire_type type) {
    wire::put_varint(out_, (std::uint64_t{number} << 3) | static_cast<std::uint64_t>(type));
  }

  std::string& out_;
  piece_sealer* sealer_;
};

/// Fills members from bytes that `field_writer` wrote. The first thing that does not fit is kept as `problem()`, and
/// nothing is read after it.
class field_reader {
 public:
  explicit field_reader(std::string_view bytes, const piece_opener& opener = {})
      : at_(bytes.data()), end_(bytes.data() + bytes.size()), opener_(opener) {}

  bool ok() const { return problem_ == nullptr; }
  const char* problem() const { return problem_; }
  void fail(const char* why) {
    if (problem_ == nullptr) problem_ = why;
  }

  template <class T>
  field_reader& operator()(std::uint32_t number, T& value) {
    get(number, value);
    return *this;
  }
  template <class T>
  field_reader& always(std::uint32_t number, T& value) {
    return (*this)(number, value);
  }
  /// `instead` stands where the words are sealed and their key is not there.
  field_reader& personal(std::uint32_t number, std::string& value, stands_in instead = stands_in::text) {
    if (!reach(number)) return *this;
    if (type_ != wire_type::bytes && type_ != wire_type::sealed) fail("a field has another type");
    const std::string_view content = read_bytes();
    if (!ok()) return *this;
    if (type_ == wire_type::bytes)
      assign(content, value);
    else if (!open_piece(opener_, number, content, instead, value))
      fail("a sealed member does not open");
    return *this;
  }
  field_reader& index(std::uint32_t number, std::uint32_t& value) {
    std::uint32_t stored = 0;
    if (get(number, stored)) value = stored - 1u;
    return *this;
  }
  template <class T>
  field_reader& operator()(std::uint32_t number, std::optional<T>& value) {
    T content{};
    if (get(number, content)) value = std::move(content);
    return *this;
  }
  template <class T>
  field_reader& operator()(std::uint32_t number, std::shared_ptr<const T>& value) {
    auto content = std::make_shared<T>();
    if (get(number, *content)) value = std::move(content);
    return *this;
  }
  /// An element shorter than `least_bytes` was never written: so few bytes cannot ask for much memory.
  template <class T>
  field_reader& repeated(std::uint32_t number, std::vector<T>& values, std::size_t least_bytes = 0) {
    while (find(number, wire_type::bytes)) {
      const std::string_view content = read_bytes();
      if (content.size() < least_bytes) fail("an element is too short");
      if (!ok()) break;
      T& value = values.emplace_back();
      if constexpr (wire::message<T>)
        fill(content, value);
      else
        assign(content, value);
      repeats_ = true;
    }
    repeats_ = false;
    return *this;
  }
  /// Fills the elements that the vector has; fewer or more do not fit.
  template <class T>
  field_reader& each(std::uint32_t number, std::vector<T>& values) {
    std::size_t count = 0;
    while (find(number, wire_type::bytes)) {
      const std::string_view content = read_bytes();
      if (count == values.size()) fail("there are too many elements");
      if (!ok()) break;
      fill(content, values[count++]);
      repeats_ = true;
    }
    if (count != values.size()) fail("there are too few elements");
    repeats_ = false;
    return *this;
  }
  template <class Numbers>
  field_reader& packed(std::uint32_t number, Numbers& values) {
    if (!find(number, wire_type::bytes)) return *this;
    field_reader inner(read_bytes());
    std::size_t count = 0;
    while (ok() && inner.ok() && inner.at_ != inner.end_) {
      const std::uint64_t value = inner.read_varint();
      if (inner.ok() && !place(values, count++, value)) inner.fail("a packed number does not fit");
    }
    if (!inner.ok()) fail(inner.problem());
    return *this;
  }

  /// Checks and skips what is left.
  void finish() {
    while (ok() && next_key()) skip();
  }

  std::uint64_t read_varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (at_ == end_) break;
      const auto byte = static_cast<unsigned char>(*at_++);
      if (shift == 63 && byte > 1) break;
      value |= static_cast<std::uint64_t>(byte & 0x7f) << shift;
      if (byte < 0x80) {
        if (byte == 0 && shift != 0) break;
        return value;
      }
    }
    fail("a number is cut or malformed");
    return 0;
  }
  std::string_view read_bytes() {
    const std::uint64_t length = read_varint();
    if (!ok() || length > static_cast<std::uint64_t>(end_ - at_)) {
      fail("a length reaches past the end");
      return {};
    }
    const std::string_view bytes(at_, static_cast<std::size_t>(length));
    at_ += length;
    return bytes;
  }
  std::string_view rest() {
    const std::string_view bytes(at_, static_cast<std::size_t>(end_ - at_));
    at_ = end_;
    return bytes;
  }
  std::uint64_t read_fixed64() {
    if (end_ - at_ < 8) {
      fail("a number is cut or malformed");
      return 0;
    }
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 8)
      value |= static_cast<std::uint64_t>(static_cast<unsigned char>(*at_++)) << shift;
    return value;
  }

  /// The next field's key, whatever its number; false at the end. Used directly by the upcasts alone.
  bool next_key() {
    if (pending_) return true;
    if (!ok() || at_ == end_) return false;
    const std::uint64_t key = read_varint();
    const std::uint64_t number = key >> 3;
    const bool in_order = number > number_ || (number == number_ && repeats_);
    if (number == 0 || number > greatest_number || (key & 7) > 3 || !in_order) fail("a field's tag is malformed");
    if (!ok()) return false;
    repeats_ = repeats_ && number == number_;
    number_ = static_cast<std::uint32_t>(number);
    type_ = static_cast<wire_type>(key & 7);
    pending_ = true;
    return true;
  }
  std::uint32_t number() const { return number_; }
  wire_type type() const { return type_; }
  /// The caller reads the value itself; the number may come again, as those of repeated members do.
  void take_key() {
    pending_ = false;
    repeats_ = true;
  }

 private:
  static constexpr std::uint64_t greatest_number = 0xffff;  // far beyond any struct; keeps keys within three bytes

  bool reach(std::uint32_t number) {
    while (next_key()) {
      if (number_ > number) return false;
      if (number_ < number) {
        skip();
        continue;
      }
      pending_ = false;
      return true;
    }
    return false;
  }
  bool find(std::uint32_t number, wire_type type) {
    if (!reach(number)) return false;
    if (type_ != type) fail("a field has another type");
    return ok();
  }
  void skip() {
    take_key();
    if (type_ == wire_type::varint) read_varint();
    if (type_ == wire_type::fixed64) read_fixed64();
    if (type_ == wire_type::bytes || type_ == wire_type::sealed) read_bytes();
  }

  template <wire::integral T>
  bool get(std::uint32_t number, T& value) {
    if (!find(number, wire_type::varint)) return false;
    const std::uint64_t stored = read_varint();
    if constexpr (std::is_same_v<T, bool>) {
      if (stored > 1) fail("a boolean is neither");
      value = stored == 1;
    } else if constexpr (std::is_signed_v<T>) {
      value = static_cast<T>(wire::unzigzag(stored));
      if (std::int64_t{value} != wire::unzigzag(stored)) fail("a number is out of range");
    } else {
      value = static_cast<T>(stored);
      if (std::uint64_t{value} != stored) fail("a number is out of range");
    }
    return ok();
  }
  template <wire::enumeration E>
  bool get(std::uint32_t number, E& value) {
    if (!find(number, wire_type::varint)) return false;
    const std::uint64_t code = read_varint();
    constexpr auto& order = stored_enumerators<E>::order;
    if (code == 0 || code > std::size(order))
      fail("an enumerator is unknown");
    else
      value = order[code - 1];
    return ok();
  }
  bool get(std::uint32_t number, domain::milliseconds& value) {
    std::int64_t count = 0;
    if (!get(number, count)) return false;
    value = domain::milliseconds{count};
    return true;
  }
  bool get(std::uint32_t number, domain::timestamp& value) {
    domain::milliseconds since{};
    if (!get(number, since)) return false;
    value = domain::timestamp{since};
    return true;
  }
  bool get(std::uint32_t number, double& value) {
    if (!find(number, wire_type::fixed64)) return false;
    value = std::bit_cast<double>(read_fixed64());
    return ok();
  }
  template <class T>
  requires(wire::text<T> || wire::identifier<T>) bool get(std::uint32_t number, T& value) {
    if (!find(number, wire_type::bytes)) return false;
    assign(read_bytes(), value);
    return ok();
  }
  template <wire::message T>
  bool get(std::uint32_t number, T& value) {
    if (!find(number, wire_type::bytes)) return false;
    fill(read_bytes(), value);
    return ok();
  }

  template <class T>
  void fill(std::string_view content, T& value) {
    if (!ok()) return;
    field_reader inner(content, opener_);
    describe(inner, value);
    inner.finish();
    if (!inner.ok()) fail(inner.problem());
  }
  static void assign(std::string_view content, std::string& value) { value.assign(content); }
  template <class Tag>
  static void assign(std::string_view content, domain::basic_id<Tag>& value) {
    value.value.assign(content);
  }

  // Into a set or a vector (ascending), or into an array's place.
  template <class Numbers>
  static bool place(Numbers& values, std::size_t count, std::uint64_t value) {
    using number_type = typename Numbers::value_type;
    const auto narrow = static_cast<number_type>(value);
    if (narrow != value) return false;
    if constexpr (requires { values.emplace_hint(values.end(), narrow); }) {
      if (!values.empty() && *values.rbegin() >= narrow) return false;
      values.emplace_hint(values.end(), narrow);
    } else if constexpr (requires { values.push_back(narrow); }) {
      if (!values.empty() && values.back() >= narrow) return false;
      values.push_back(narrow);
    } else {
      if (count >= values.size()) return false;
      values[count] = narrow;
    }
    return true;
  }

  const char* at_;
  const char* end_;
  const char* problem_ = nullptr;
  std::uint32_t number_ = 0;
  wire_type type_ = wire_type::varint;
  bool pending_ = false;  // a key has been read and its value has not
  bool repeats_ = false;  // the last number may come again
  piece_opener opener_;
};

}  // namespace planexe::eventstore
