// What a request's query asks for: pages, waiting, filters. Pure, any thread. A wrong value is 400 and names the
// parameter; parameters that nobody reads are left alone.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/execution_status.hpp"
#include "gateway/http/message.hpp"
#include "gateway/http/problem.hpp"

namespace planexe::gateway {

/// Of lists; the contract's numbers.
inline constexpr std::uint32_t default_page = 100;
inline constexpr std::uint32_t max_page = 1000;
inline constexpr double longest_wait_seconds = 60;
inline constexpr std::size_t max_cursor_bytes = 512;

enum class sort_order : std::uint8_t { ascending, descending };

/// Reads parameters one by one and remembers what is wrong. A wrong or absent one gives the default.
class query_reader {
 public:
  /// `head` must outlive the reader.
  explicit query_reader(const request_head& head) : head_(head) {}

  std::uint32_t limit(std::uint32_t if_absent = default_page);
  /// `wait` in seconds with decimals; without it, `Prefer: wait=N`.
  domain::milliseconds wait(domain::milliseconds if_absent = {});
  bool flag(std::string_view name);
  sort_order order(sort_order if_absent);
  /// A seq or a position.
  std::optional<std::uint64_t> number(std::string_view name);
  std::optional<domain::timestamp> time(std::string_view name);
  std::optional<domain::execution_status> status(std::string_view name);
  /// One of a few words; `names[i]` stands for the i-th.
  std::optional<std::size_t> word(std::string_view name, std::span<const std::string_view> names);
  template <class Id>
  Id id(std::string_view name) {
    return Id{id_text(name)};
  }
  std::string text(std::string_view name, std::size_t max_bytes);
  /// Words with commas between them; without empty ones.
  std::vector<std::string> list(std::string_view name);
  /// What `encode_cursor` was given; nothing without a cursor.
  std::optional<std::string> cursor();

  /// The 400 for everything that was wrong so far, if anything was.
  std::optional<problem> failure() const;

 private:
  void wrong(std::string_view name, std::string message);
  std::string id_text(std::string_view name);

  const request_head& head_;
  std::vector<field_error> errors_;
};

/// The 400 of a route that tells of the present alone, where `at_seq` or `at` asks for another moment.
std::optional<problem> refuse_moment(const request_head& head);

/// A place in a list as an opaque word (base64url without padding).
std::string encode_cursor(std::string_view place);
/// Nothing for a word that `encode_cursor` cannot have made.
std::optional<std::string> decode_cursor(std::string_view word);

/// The value of a Link header to the next page: the same request, with another cursor.
std::string next_page_link(const request_head& head, std::string_view place);

}  // namespace planexe::gateway
