// Reads the members of a request's object one by one and remembers everything that is wrong with them, so that a client
// learns of all its mistakes at once. A member that is null counts as absent. One object lives for one request.
#pragma once

#include <array>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ids.hpp"
#include "domain/time.hpp"
#include "gateway/json/document.hpp"

namespace planexe::gateway {

/// A request with more mistakes than this is told the first ones: the answer must not outgrow the request.
inline constexpr std::size_t max_field_errors = 100;

/// Everything wrong with one request.
class field_errors {
 public:
  void add(std::string field, std::string message);
  bool empty() const { return errors_.empty(); }
  /// The 422 that names every field.
  problem to_problem() &&;

 private:
  std::vector<field_error> errors_;
};

struct whole_range {
  std::int64_t min = 0;
  std::int64_t max = 0;
};
struct real_range {
  double min = 0;
  double max = 0;
  bool above_min = false;  ///< `min` itself is not allowed
};

/// Size limits of text in requests, in bytes. Messages may carry a stack trace.
inline constexpr std::size_t max_name_bytes = 256;
inline constexpr std::size_t max_message_bytes = 64 * 1024;
/// A name, a role or an action in a list; more are a mistake.
inline constexpr std::size_t max_list_items = 256;

class body_fields {
 public:
  /// `object` must be one; `path` stands before the names in errors: "options.". Both `object` and `errors` must
  /// outlive this.
  body_fields(json_document::value object, std::string path, field_errors& errors)
      : object_(object), path_(std::move(path)), errors_(errors) {}

  /// The member, where it is there and not null.
  std::optional<json_document::value> find(std::string_view name);
  bool has(std::string_view name) { return find(name).has_value(); }
  /// Notes the member as missing when it is.
  void require(std::string_view name);
  void wrong(std::string_view name, std::string message);

  /// Each gives nothing (or an empty text) when the member is absent or wrong.
  std::string text(std::string_view name, std::size_t max_bytes);
  std::optional<bool> boolean(std::string_view name);
  std::optional<double> number(std::string_view name, real_range range);
  /// Written without fraction and exponent.
  std::optional<std::int64_t> whole(std::string_view name, whole_range range);
  std::optional<domain::timestamp> time(std::string_view name);
  template <class Id>
  Id id(std::string_view name) {
    return Id{id_text(name)};
  }
  /// Compact JSON of any value.
  std::string json(std::string_view name, std::size_t max_bytes);
  /// Compact JSON of an object.
  std::string json_object(std::string_view name, std::size_t max_bytes);
  std::vector<std::string> texts(std::string_view name, std::size_t max_bytes_each);
  std::optional<json_document::value> object(std::string_view name);
  std::optional<json_document::value> array(std::string_view name);
  /// One of a few words; `names[i]` stands for the i-th.
  std::optional<std::size_t> word(std::string_view name, std::span<const std::string_view> names);

  /// Notes every member that was never asked for.
  void refuse_unknown();
  std::string path_of(std::string_view name) const { return path_ + std::string(name); }
  field_errors& errors() { return errors_; }

 private:
  std::string id_text(std::string_view name);

  json_document::value object_;
  std::string path_;
  field_errors& errors_;
  std::array<std::string_view, 24> asked_{};  ///< no request has more members
  std::size_t asked_count_ = 0;
};

/// The document of a body that must be a JSON object; 400 or 422 otherwise.
expected<json_document, problem> parse_object(std::string_view body);

/// Why a body is refused of a request in which nothing can be said: it may be empty, or an empty object.
std::optional<problem> refuse_members(std::string_view body);

}  // namespace planexe::gateway
