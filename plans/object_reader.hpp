// Reads the members of one JSON object strictly: each has a type and a range, each wrong one is a problem under its
// full path, and in the end every member nobody asked for is a problem too. null counts as absent.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "plans/json_text.hpp"
#include "plans/problem_list.hpp"

namespace planexe::plans {

class object_reader {
 public:
  /// When `value` is not an object, that is the one problem, and every member reads as absent.
  object_reader(const json_value& value, std::string path, problem_list& problems);

  bool is_object() const { return object_ != nullptr; }
  /// The path of a member, or of an element of it.
  std::string at(std::string_view name) const;
  std::string at(std::string_view name, std::size_t index) const;

  /// Text without white space around it; empty when absent.
  std::string text(std::string_view name);
  /// As `text`, and a problem when it is absent or blank.
  std::string required_text(std::string_view name);
  std::optional<double> number(std::string_view name, double min, double max);
  std::optional<std::int64_t> integer(std::string_view name, std::int64_t min, std::int64_t max);
  std::optional<bool> boolean(std::string_view name);
  /// An array or nothing.
  const json_value* array(std::string_view name);
  const json_value* object(std::string_view name);
  /// A member of any type or nothing.
  const json_value* any(std::string_view name);
  std::vector<std::string> texts(std::string_view name);

  /// Call last.
  void refuse_unknown_members();

 private:
  void wrong(std::string_view name, std::string message);

  const json_value* object_ = nullptr;
  std::string path_;
  problem_list& problems_;
  std::set<std::string, std::less<>> asked_;
};

}  // namespace planexe::plans
