// JSON text from a client as a flat row of values: one allocation for the values, one for their text, freed at once.
// Keeps the order of members and the digits of numbers, so that what an agent sent can be stored as it was meant.
// Pure values, any thread. What always holds: at most 64 levels and `max_json_nodes` values, all text is UTF-8.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/result.hpp"
#include "gateway/http/problem.hpp"

namespace planexe::gateway {

/// Deeper documents crash naive readers; the contract names the limit.
inline constexpr std::size_t max_json_depth = 64;
/// Names and values of one body: 16 bytes each, twice what the largest plan we accept needs.
inline constexpr std::size_t max_json_nodes = 2'000'000;

enum class json_kind : std::uint8_t { null, boolean, integer, natural, real, text, array, object };

class json_document {
  struct node {
    json_kind kind = json_kind::null;
    std::uint32_t next = 0;     ///< one past the value and all below it
    std::uint64_t content = 0;  ///< a number's bits, a flag, or where the text lies: offset << 32 | length
  };

 public:
  /// One value inside a document, which must outlive it.
  class value {
   public:
    json_kind kind() const { return at().kind; }
    bool is(json_kind kind) const { return at().kind == kind; }
    bool is_number() const { return is(json_kind::integer) || is(json_kind::natural) || is(json_kind::real); }
    /// Of a boolean.
    bool flag() const { return at().content != 0; }
    /// Of a text: its characters. Of a real number: its digits as sent.
    std::string_view text() const;
    /// Of any number.
    double number() const;
    /// Of a whole number written without fraction and exponent; nothing when it does not fit.
    std::optional<std::int64_t> whole() const;
    /// Calls `visit(value)` with each element of an array.
    template <class Visit>
    void each_element(Visit&& visit) const {
      for (auto i = place_ + 1; i < at().next; i = document_->nodes_[i].next) visit(value(document_, i));
    }
    /// Calls `visit(name, value)` with each member of an object, in order, repeats included.
    template <class Visit>
    void each_member(Visit&& visit) const {
      for (auto i = place_ + 1; i < at().next;) {
        const value name(document_, i), member(document_, i + 1);
        visit(name.text(), member);
        i = member.at().next;
      }
    }
    /// Elements, or members, of a container.
    std::size_t size() const;
    /// The member of that name, the last one where it is repeated.
    std::optional<value> member(std::string_view name) const;
    /// Appends the value as compact JSON.
    void append_json(std::string& out) const;

   private:
    friend class json_document;
    value(const json_document* document, std::uint32_t place) : document_(document), place_(place) {}
    const node& at() const { return document_->nodes_[place_]; }

    const json_document* document_;
    std::uint32_t place_;
  };

  /// 400 when the text is empty, not JSON, not UTF-8 or too deep; 413 when it has too many values.
  static expected<json_document, problem> parse(std::string_view text);

  value root() const { return {this, 0}; }

 private:
  class builder;

  std::vector<node> nodes_;
  std::string text_;
};

}  // namespace planexe::gateway
