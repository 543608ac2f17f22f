// Ids are opaque strings. Each kind has its own type, so that an agent cannot be passed for a task.
#pragma once

#include <compare>
#include <functional>
#include <string>
#include <string_view>

namespace planexe::domain {

template <class Tag>
struct basic_id {
  std::string value;

  bool empty() const noexcept { return value.empty(); }
  friend auto operator<=>(const basic_id&, const basic_id&) = default;
};

using plan_id = basic_id<struct plan_id_tag>;
using execution_id = basic_id<struct execution_id_tag>;
using task_id = basic_id<struct task_id_tag>;
using agent_id = basic_id<struct agent_id_tag>;

/// An id that a client or a plan may choose: `^[A-Za-z0-9][A-Za-z0-9_.:-]{0,127}$`.
constexpr bool is_valid_id(std::string_view text) noexcept {
  constexpr std::size_t max_length = 128;
  const auto alnum = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); };
  if (text.empty() || text.size() > max_length || !alnum(text.front())) return false;
  for (const char c : text)
    if (!alnum(c) && c != '_' && c != '.' && c != ':' && c != '-') return false;
  return true;
}

}  // namespace planexe::domain

template <class Tag>
struct std::hash<planexe::domain::basic_id<Tag>> {
  std::size_t operator()(const planexe::domain::basic_id<Tag>& id) const noexcept {
    return std::hash<std::string_view>{}(id.value);
  }
};
