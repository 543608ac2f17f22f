// The ground that parsing and rendering stand on: JSON text into values, and values into JSON text.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>

#include <cmath>
#include <limits>
#include <random>

#include "gateway/json/document.hpp"
#include "gateway/json/writer.hpp"

namespace planexe::gateway {
namespace {

using nlohmann::json;

std::string compacted(std::string_view text) {
  const auto document = json_document::parse(text);
  REQUIRE_MESSAGE(document, text);
  std::string out;
  document->root().append_json(out);
  return out;
}

problem_code refusal(std::string_view text) {
  const auto document = json_document::parse(text);
  REQUIRE_MESSAGE(!document, text);
  CHECK(!document.error().detail.empty());
  return document.error().code;
}

std::string nested(std::size_t levels) {
  return std::string(levels, '[') + std::string(levels, ']');
}

template <class Write>
std::string written(Write&& write) {
  std::string out;
  json_writer writer(out);
  write(writer);
  return out;
}

}  // namespace

TEST_CASE("JSON text is kept as it was meant: order, digits, repeats") {
  CHECK(compacted(R"( { "z" : 1.50, "a" : [ true , null, "x\u00e9\n" ] } )") ==
        "{\"z\":1.50,\"a\":[true,null,\"xé\\n\"]}");
  CHECK(compacted("123456789012345678901234567890") == "123456789012345678901234567890");
  CHECK(compacted("[1e3,-0.0,18446744073709551615,-9223372036854775808]") ==
        "[1e3,-0.0,18446744073709551615,-9223372036854775808]");
  CHECK(compacted("{}") == "{}");
  CHECK(compacted("[[],{},\"\"]") == "[[],{},\"\"]");
  CHECK(compacted(nested(max_json_depth)) == nested(max_json_depth));
}

TEST_CASE("what is not JSON is malformed") {
  for (const auto* text :
       {"",   "  \n", "{",   "}",       "{\"a\":}",    "{\"a\":1,}", "[1 2]",        "nul",   "{'a':1}", "01",
        "1.", "NaN",  "\"a", "\"\\x\"", "\"\\ud800\"", "\"\xFF\"",   "\"\xC0\x80\"", "{} {}", "1e400",   "{1:2}"})
    CHECK_MESSAGE(refusal(text) == problem_code::malformed_request, text);
  CHECK(refusal(nested(max_json_depth + 1)) == problem_code::malformed_request);
  CHECK(refusal(std::string(1'000'000, '[')) == problem_code::malformed_request);
}

TEST_CASE("a body with too many values is too large") {
  std::string text = "[0";
  for (std::size_t i = 0; i < max_json_nodes; ++i) text += ",0";
  CHECK(refusal(text + "]") == problem_code::payload_too_large);
}

TEST_CASE("members are found by name, the last one where a name is repeated") {
  const auto document = json_document::parse(R"({"a":{"b":[1,2,3]},"c":"x","a":7})");
  REQUIRE(document);
  const auto root = document->root();
  CHECK(root.size() == 3);
  CHECK(root.member("a")->whole() == 7);
  CHECK(root.member("c")->text() == "x");
  CHECK(!root.member("b"));
  CHECK(!root.member("c")->member("a"));
}

TEST_CASE("a whole number is one without fraction and exponent that fits") {
  const auto whole = [](std::string_view text) { return json_document::parse(text)->root().whole(); };
  CHECK(whole("9223372036854775807") == std::numeric_limits<std::int64_t>::max());
  CHECK(whole("-9223372036854775808") == std::numeric_limits<std::int64_t>::min());
  for (const auto* text : {"9223372036854775808", "-9223372036854775809", "18446744073709551616", "1.0", "1e3", "\"1\"",
                           "true", "null", "[]"})
    CHECK_MESSAGE(!whole(text), text);
  CHECK(json_document::parse("1e3")->root().number() == 1000);
  CHECK(json_document::parse("-2")->root().number() == -2);
}

TEST_CASE("damaged JSON is refused or read as the reference reads it") {
  const std::string good = R"({"agent_id":"a-1","output_data":{"k":[1,-2.5e3,true,null,"ünï\u0041\\"],"e":{}},"n":12})";
  constexpr unsigned seed = 20260131;
  INFO("seed " << seed);
  std::mt19937 random(seed);
  for (int round = 0; round < 20'000; ++round) {
    auto text = good;
    for (auto changes = random() % 4; changes > 0; --changes) {
      const auto place = random() % text.size();
      const auto kind = random() % 3;
      if (kind == 0) text[place] = static_cast<char>(random() % 256);
      if (kind == 1) text.erase(place, 1 + random() % 3);
      if (kind == 2) text.insert(place, 1, "{}[]\",:0-e\\"[random() % 11]);
    }
    const auto expected = json::parse(text, nullptr, false);
    const auto document = json_document::parse(text);
    REQUIRE_MESSAGE(document.has_value() == !expected.is_discarded(), text);
    if (!document) continue;
    std::string out;
    document->root().append_json(out);
    REQUIRE_MESSAGE(json::parse(out) == expected, text);
  }
}

TEST_CASE("written text reads back, whatever is in it") {
  for (const std::string text : {"", "plain", "ünïcödé ✓ 😀", "\"quoted\" \\ /", "line\nbreak\ttab\r\b\f"})
    CHECK(json::parse(written([&](json_writer& w) { w.text(text); })) == text);
  const std::string controls("\0\x01\x1F\x7F", 4);
  CHECK(json::parse(written([&](json_writer& w) { w.text(controls); })) == controls);
  CHECK(json::parse(written([](json_writer& w) { w.text("a\xFFz\xC3"); })) == "a\xEF\xBF\xBDz\xEF\xBF\xBD");
}

TEST_CASE("numbers are written so that they read back the same") {
  CHECK(written([](json_writer& w) { w.whole(std::numeric_limits<std::int64_t>::min()); }) == "-9223372036854775808");
  CHECK(written([](json_writer& w) { w.natural(std::numeric_limits<std::uint64_t>::max()); }) ==
        "18446744073709551615");
  CHECK(written([](json_writer& w) { w.real(0.1); }) == "0.1");
  CHECK(written([](json_writer& w) { w.real(24); }) == "24");
  CHECK(written([](json_writer& w) { w.real(std::nan("")); }) == "null");
  CHECK(written([](json_writer& w) { w.real(std::numeric_limits<double>::infinity()); }) == "null");
  for (const double number : {1e300, -2.5e-310, 1.0 / 3, 123456789.123})
    CHECK(json::parse(written([&](json_writer& w) { w.real(number); })).get<double>() == number);
}

TEST_CASE("objects and arrays get their commas") {
  const auto text = written([](json_writer& w) {
    w.begin_object();
    w.key("list");
    w.begin_array();
    w.begin_object();
    w.end_object();
    w.boolean(true);
    w.null();
    w.raw("[1]");
    w.begin_array();
    w.end_array();
    w.end_array();
    w.member("at", domain::timestamp{});
    w.optional_member("none", "");
    w.raw_member("nothing", "");
    w.member("id", domain::task_id{"t"});
    w.member("flag", false);
    w.end_object();
  });
  CHECK(text == R"({"list":[{},true,null,[1],[]],"at":"1970-01-01T00:00:00.000Z","id":"t","flag":false})");
}

}  // namespace planexe::gateway
