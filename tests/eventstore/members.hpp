// The members of a plain struct as a tuple of references, so that tests compare structs member by member without the
// codec under test having a say in it.
#pragma once

#include <tuple>

#include "domain/event_record.hpp"

namespace planexe::eventstore::testing {

template <class Whole>
struct anything {
  template <class T>
  requires(!std::same_as<T, Whole>) operator T() const;
};

template <class T, class... Members>
constexpr std::size_t member_count() {
  if constexpr (requires { T{Members{}..., anything<T>{}}; })
    return member_count<T, Members..., anything<T>>();
  else
    return sizeof...(Members);
}

template <class T>
auto members_of(const T& v) {
  constexpr std::size_t count = member_count<T>();
  static_assert(count <= 10);
  if constexpr (count == 0) {
    return std::tuple<>{};
  } else if constexpr (count == 1) {
    const auto& [a] = v;
    return std::tie(a);
  } else if constexpr (count == 2) {
    const auto& [a, b] = v;
    return std::tie(a, b);
  } else if constexpr (count == 3) {
    const auto& [a, b, c] = v;
    return std::tie(a, b, c);
  } else if constexpr (count == 4) {
    const auto& [a, b, c, d] = v;
    return std::tie(a, b, c, d);
  } else if constexpr (count == 5) {
    const auto& [a, b, c, d, e] = v;
    return std::tie(a, b, c, d, e);
  } else if constexpr (count == 6) {
    const auto& [a, b, c, d, e, f] = v;
    return std::tie(a, b, c, d, e, f);
  } else if constexpr (count == 7) {
    const auto& [a, b, c, d, e, f, g] = v;
    return std::tie(a, b, c, d, e, f, g);
  } else if constexpr (count == 8) {
    const auto& [a, b, c, d, e, f, g, h] = v;
    return std::tie(a, b, c, d, e, f, g, h);
  } else if constexpr (count == 9) {
    const auto& [a, b, c, d, e, f, g, h, i] = v;
    return std::tie(a, b, c, d, e, f, g, h, i);
  } else {
    const auto& [a, b, c, d, e, f, g, h, i, j] = v;
    return std::tie(a, b, c, d, e, f, g, h, i, j);
  }
}

template <class T>
bool same_member(const T& a, const T& b) {
  if constexpr (std::is_same_v<T, std::shared_ptr<const domain::plan>> ||
                std::is_same_v<T, std::shared_ptr<const domain::decomposition>>)
    return (a == nullptr) == (b == nullptr) && (a == nullptr || *a == *b);
  else
    return a == b;
}

template <class T>
bool same_payload(const T& a, const T& b) {
  const auto left = members_of(a);
  const auto right = members_of(b);
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    return (same_member(std::get<I>(left), std::get<I>(right)) && ...);
  }
  (std::make_index_sequence<std::tuple_size_v<decltype(left)>>{});
}

/// Whether no member has its default value.
template <class T>
bool all_members_set(const T& value) {
  const T fresh{};
  const auto left = members_of(value);
  const auto right = members_of(fresh);
  return [&]<std::size_t... I>(std::index_sequence<I...>) {
    return (!same_member(std::get<I>(left), std::get<I>(right)) && ...);
  }
  (std::make_index_sequence<std::tuple_size_v<decltype(left)>>{});
}

template <class Visitor>
decltype(auto) visit_payload(const domain::event& any, Visitor&& visitor) {
  return std::visit([&](const auto& family) -> decltype(auto) { return std::visit(visitor, family); }, any);
}

inline bool same_event(const domain::event& a, const domain::event& b) {
  return visit_payload(a, [&]<class T>(const T& left) {
    return visit_payload(b, [&]<class U>(const U& right) {
      if constexpr (std::is_same_v<T, U>)
        return same_payload(left, right);
      else
        return false;
    });
  });
}

inline bool same_record(const domain::event_record& a, const domain::event_record& b) {
  return a.stream == b.stream && a.seq == b.seq && a.position == b.position && a.metadata == b.metadata &&
         a.hash == b.hash && same_event(a.payload, b.payload);
}

}  // namespace planexe::eventstore::testing
