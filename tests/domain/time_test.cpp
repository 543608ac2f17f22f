// Times as text and as numbers, and which ids clients may choose.
#include "domain/time.hpp"

#include <doctest/doctest.h>

#include <unordered_set>

#include "domain/ids.hpp"
#include "tests/domain/random_walk.hpp"

namespace planexe::tests {

using namespace domain;

namespace {

timestamp at_ms(long long ms) {
  return timestamp{milliseconds{ms}};
}

std::string reformat(std::string_view text) {
  const auto time = parse_rfc3339(text);
  return time ? format_rfc3339(*time) : "none";
}

}  // namespace

TEST_CASE("times are written in UTC with milliseconds") {
  CHECK_EQ(format_rfc3339(at_ms(0)), "1970-01-01T00:00:00.000Z");
  CHECK_EQ(format_rfc3339(at_ms(1'769'850'307'250)), "2026-01-31T09:05:07.250Z");
  CHECK_EQ(format_rfc3339(at_ms(-1)), "1969-12-31T23:59:59.999Z");
  CHECK_EQ(format_rfc3339(at_ms(951'782'400'000)), "2000-02-29T00:00:00.000Z");
}

TEST_CASE("times are read with any offset and any fraction") {
  CHECK_EQ(reformat("2026-01-31T09:05:07Z"), "2026-01-31T09:05:07.000Z");
  CHECK_EQ(reformat("2026-01-31t09:05:07z"), "2026-01-31T09:05:07.000Z");
  CHECK_EQ(reformat("2026-01-31 09:05:07.5Z"), "2026-01-31T09:05:07.500Z");
  CHECK_EQ(reformat("2026-01-31T09:05:07.123999999999Z"), "2026-01-31T09:05:07.123Z");
  CHECK_EQ(reformat("2026-01-01T00:30:00+01:00"), "2025-12-31T23:30:00.000Z");
  CHECK_EQ(reformat("2026-12-31T23:30:00-05:30"), "2027-01-01T05:00:00.000Z");
  CHECK_EQ(reformat("2026-01-31T09:05:07-00:00"), "2026-01-31T09:05:07.000Z");
  CHECK_EQ(reformat("2016-12-31T23:59:60Z"), "2017-01-01T00:00:00.000Z");
  CHECK_EQ(reformat("1969-12-31T23:59:59.250Z"), "1969-12-31T23:59:59.250Z");
  CHECK_EQ(reformat("0000-01-01T00:00:00Z"), "0000-01-01T00:00:00.000Z");
  CHECK_EQ(reformat("9999-12-31T23:59:59.999Z"), "9999-12-31T23:59:59.999Z");
}

TEST_CASE("what is not a time is not read") {
  for (const auto* text : {"",
                           "Z",
                           "2026",
                           "2026-01-31",
                           "2026-01-31T09:05:07",
                           "2026-01-31T09:05Z",
                           "2026-01-31T09:05:07.Z",
                           "2026-01-31T09:05:07,5Z",
                           "2026-02-29T00:00:00Z",
                           "1900-02-29T00:00:00Z",
                           "2026-13-01T00:00:00Z",
                           "2026-00-01T00:00:00Z",
                           "2026-01-00T00:00:00Z",
                           "2026-01-32T00:00:00Z",
                           "2026-01-31T24:00:00Z",
                           "2026-01-31T09:60:00Z",
                           "2026-01-31T09:05:61Z",
                           "2026-01-31T09:05:07+24:00",
                           "2026-01-31T09:05:07+01:60",
                           "2026-01-31T09:05:07+0100",
                           "2026-01-31T09:05:07+01",
                           "2026-01-31T09:05:07Zx",
                           " 2026-01-31T09:05:07Z",
                           "2026-01-31T09:05:07Z ",
                           "26-01-31T09:05:07Z",
                           "-2026-01-31T09:05:07Z",
                           "2026-1-31T09:05:07Z",
                           "2026-01-31T9:05:07Z",
                           "2026/01/31T09:05:07Z",
                           "2026-01-31T+9:05:07Z"}) {
    CAPTURE(text);
    CHECK_FALSE(parse_rfc3339(text));
  }
  CHECK_FALSE(parse_rfc3339(std::string_view{"2026-01-31T09:05:07\0Z", 21}));
}

TEST_CASE("every time of four-digit years reads back as it was written") {
  const auto first = parse_rfc3339("0000-01-01T00:00:00Z")->time_since_epoch().count();
  const auto last = parse_rfc3339("9999-12-31T23:59:59.999Z")->time_since_epoch().count();
  dice roll{7};
  for (int i = 0; i < 20'000; ++i) {
    const auto share = (static_cast<double>(roll.below(1u << 30)) + 0.5) / static_cast<double>(1u << 30);
    const auto time = at_ms(first + static_cast<long long>(share * static_cast<double>(last - first)));
    REQUIRE(parse_rfc3339(format_rfc3339(time)) == time);
  }
}

TEST_CASE("durations take decimals") {
  CHECK(hours(0.5) == std::chrono::minutes{30});
  CHECK(hours(168) == std::chrono::days{7});
  CHECK(seconds(0.05) == milliseconds{50});
  CHECK(seconds(300) == milliseconds{300'000});
}

TEST_CASE("ids begin with a letter or digit and hold no more than a few signs") {
  for (const auto* good : {"a", "7", "A-1", "task_1.2:3", "0-", "Z........"}) CHECK(is_valid_id(good));
  for (const auto* bad : {"", "-a", "_a", ".", ":x", "a b", "a/b", "a\n", "\xc3\xa4", "a\xc3\xa4", "a,b", "a%"}) {
    CAPTURE(bad);
    CHECK_FALSE(is_valid_id(bad));
  }
  CHECK(is_valid_id(std::string(128, 'a')));
  CHECK_FALSE(is_valid_id(std::string(129, 'a')));
  CHECK_FALSE(is_valid_id(std::string_view{"a\0", 2}));
}

TEST_CASE("ids compare and hash by their text") {
  CHECK(task_id{"a"} == task_id{"a"});
  CHECK(task_id{"a"} < task_id{"b"});
  CHECK(task_id{}.empty());
  CHECK(std::unordered_set<task_id>{{"a"}, {"b"}, {"a"}}.size() == 2);
}

TEST_CASE("lengths and moments have words for people") {
  CHECK_EQ(in_words(milliseconds{0}), "under 1 s");
  CHECK_EQ(in_words(milliseconds{999}), "under 1 s");
  CHECK_EQ(in_words(milliseconds{1'499}), "1 s");
  CHECK_EQ(in_words(seconds(119)), "119 s");
  CHECK_EQ(in_words(seconds(120)), "2 min");
  CHECK_EQ(in_words(hours(1.99)), "119 min");
  CHECK_EQ(in_words(hours(2)), "2 h");
  CHECK_EQ(in_words(hours(47)), "47 h");
  CHECK_EQ(in_words(hours(48)), "2 days");
  CHECK_EQ(in_words(hours(24 * 400) - milliseconds{1}), "400 days");
  CHECK_EQ(in_words(-hours(3)), "3 h");
  CHECK_EQ(format_minute(*parse_rfc3339("2026-01-31T09:05:59.999Z")), "2026-01-31 09:05 UTC");
}

}  // namespace planexe::tests
