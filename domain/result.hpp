// result<T>: a value or the reason there is none, shaped like C++23's std::expected, which libstdc++ 12 lacks.
// Rooms hand each other results; exceptions do not cross from one room to another.
#pragma once

#include <cassert>
#include <string>
#include <utility>
#include <variant>

namespace planexe {

/// Wraps an error so that `return unexpected{...}` builds a failed result.
template <class E>
struct unexpected {
  E value;
};
template <class E>
unexpected(E) -> unexpected<E>;

/// Holds a `T` on success or an `E` on failure. Reading the wrong side is a bug and asserts.
template <class T, class E>
class [[nodiscard]] expected {
 public:
  using value_type = T;
  using error_type = E;

  expected(T value) : content_(std::in_place_index<0>, std::move(value)) {}
  template <class F>
  expected(unexpected<F> failure) : content_(std::in_place_index<1>, std::move(failure.value)) {}

  bool has_value() const noexcept { return content_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }

  T& operator*() & { return std::get<0>(content_); }
  const T& operator*() const& { return std::get<0>(content_); }
  T&& operator*() && { return std::get<0>(std::move(content_)); }
  T* operator->() { return &std::get<0>(content_); }
  const T* operator->() const { return &std::get<0>(content_); }

  E& error() & { return std::get<1>(content_); }
  const E& error() const& { return std::get<1>(content_); }
  E&& error() && { return std::get<1>(std::move(content_)); }

 private:
  std::variant<T, E> content_;
};

template <class E>
class [[nodiscard]] expected<void, E> {
 public:
  using value_type = void;
  using error_type = E;

  expected() = default;
  template <class F>
  expected(unexpected<F> failure) : content_(std::in_place_index<1>, std::move(failure.value)) {}

  bool has_value() const noexcept { return content_.index() == 0; }
  explicit operator bool() const noexcept { return has_value(); }
  const E& error() const& { return std::get<1>(content_); }
  E&& error() && { return std::get<1>(std::move(content_)); }

 private:
  std::variant<std::monostate, E> content_;
};

/// What went wrong outside the domain: a disk, a file, a stored byte. A refused command is a `domain::rejection`
/// instead.
enum class errc {
  io,             ///< the operating system or the storage engine failed; nothing can be promised any more
  corrupt,        ///< stored bytes are not what was written
  newer_version,  ///< written by a newer release
  locked,         ///< another process holds it
  not_found,      ///< asked for something that is not there
  conflict,       ///< the expected version is not the current one
  invalid,        ///< the input is wrong
  too_large,      ///< over a documented limit
  archived,       ///< it has left the log for the archive
};

/// `detail` is one line for a person, without a trailing full stop.
struct error {
  errc code = errc::io;
  std::string detail;
};

template <class T>
using result = expected<T, error>;

}  // namespace planexe
