// JSON that must be refused whatever it says, each with a reason and without harm.
#include "tests/plans/reading.hpp"

using namespace planexe::plans;
using namespace planexe::plans::testing;

namespace {

std::string reason(std::string_view text) {
  const auto read = read_text(text);
  REQUIRE_FALSE(read.has_value());
  REQUIRE(read.error().problems.size() == 1);
  return read.error().problems.front().message;
}

}  // namespace

TEST_CASE("text that is not JSON is refused with its place") {
  CHECK(reason("") == "not valid JSON at byte 1");
  CHECK(reason("{\"goal\": }") == "not valid JSON at byte 10");
  CHECK(reason("{\"goal\": \"x\"} trailing").starts_with("not valid JSON"));
  CHECK(reason("[1,2,3]") == "a plan must be a JSON object");
  CHECK(reason("\"text\"") == "a plan must be a JSON object");
  CHECK(reason("null") == "a plan must be a JSON object");
}

TEST_CASE("other encodings and broken UTF-8 are refused") {
  CHECK(reason("{\"goal\": \"\xff\xfe\"}").starts_with("not valid JSON"));
  CHECK(reason("{\"goal\": \"\xc0\xaf\"}").starts_with("not valid JSON"));
  CHECK(reason("{\"goal\": \"\xed\xa0\x80\"}").starts_with("not valid JSON"));
  CHECK(reason(std::string_view("\xff\xfe{\0\"\0", 6)).starts_with("not valid JSON"));
  CHECK(reason("{\"goal\": \"\\ud800\"}").starts_with("not valid JSON"));
}

TEST_CASE("64 levels are read and 65 are not") {
  const auto nested = [](std::size_t levels) {
    return "{\"x\": " + std::string(levels - 1, '[') + std::string(levels - 1, ']') + "}";
  };
  CHECK(problem_at(read_text(nested(64)), "x") == "is not a member of this object");
  CHECK(reason(nested(65)) == "nested deeper than 64 levels");
  CHECK(reason(std::string(5'000'000, '[')) == "nested deeper than 64 levels");
}

TEST_CASE("a member given twice is refused, at any level") {
  CHECK(reason(R"({"goal": "a", "goal": "b"})") == "member 'goal' is given twice");
  CHECK(reason(R"({"goal": "a", "phases": [{"name": "x", "name": "y"}]})") == "member 'name' is given twice");
}

TEST_CASE("a number beyond a double is refused, not rounded to infinity") {
  CHECK(reason(R"({"goal": 1e999})") == "a number is too large");
}

TEST_CASE("more values than any plan has are refused as too large") {
  std::string text = "{\"x\": [0";
  for (int i = 0; i < 2'000'001; ++i) text += ",0";
  const auto read = read_text(text + "]}");
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().too_large);
}

TEST_CASE("a text over 64 MiB is refused unread") {
  const auto read = read_text(std::string(max_upload_bytes + 1, ' '));
  REQUIRE_FALSE(read.has_value());
  CHECK(read.error().too_large);
}
