// The pure parts: decoding, problem details, answer heads, the outbox.
#include <doctest/doctest.h>

#include <set>
#include <string>

#include "gateway/http/answer_text.hpp"
#include "gateway/http/outbox.hpp"
#include "gateway/http/problem.hpp"
#include "gateway/http/target.hpp"
#include "gateway/http/utf8.hpp"

using namespace planexe::gateway;

TEST_CASE("percent escapes are decoded or refused") {
  CHECK(percent_decode("a%20b%2Fc", false) == "a b/c");
  CHECK(percent_decode("a+b", false) == "a+b");
  CHECK(percent_decode("a+b", true) == "a b");
  CHECK(percent_decode("%C3%A9", false) == "\xC3\xA9");
  for (const auto* bad : {"%", "%4", "a%4", "%zz", "%4g", "%00", "%0d%0a", "%0A", "%7f", "%C3", "%ff", "%ED%A0%80"})
    CHECK_MESSAGE(!percent_decode(bad, true), bad);
}

TEST_CASE("a query is a list of decoded pairs") {
  const auto query = parse_query("a=1&b=x%26y&&c&a=2&=z");
  REQUIRE(query);
  CHECK(*query ==
        std::vector<std::pair<std::string, std::string>>{{"a", "1"}, {"b", "x&y"}, {"c", ""}, {"a", "2"}, {"", "z"}});
  CHECK(!parse_query("a=%"));
  CHECK(!parse_query("%=a"));
  std::string many;
  for (std::size_t count = 0; count <= max_query_parameters; ++count) many += "a=1&";
  CHECK(!parse_query(many));
}

TEST_CASE("UTF-8 is what RFC 3629 says") {
  for (const auto* good : {"", "a", "\xC2\x80", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"})
    CHECK(is_utf8(good));
  for (const auto* bad : {"\x80", "\xC0\x80", "\xC1\xBF", "\xE0\x80\x80", "\xED\xA0\x80", "\xF0\x80\x80\x80",
                          "\xF4\x90\x80\x80", "\xF5\x80\x80\x80", "\xE2\x82", "a\xFF"})
    CHECK(!is_utf8(bad));
}

TEST_CASE("every problem code has one name, a status and a title") {
  std::set<std::string_view> names;
  for (const auto& entry : problem_table()) {
    CHECK(names.insert(entry.name).second);
    CHECK(entry.status >= 400);
    CHECK(entry.status < 600);
    CHECK(!entry.title.empty());
    CHECK(problem_code_from(entry.name) == entry.code);
    CHECK(&entry_of(entry.code) == &entry);
  }
  CHECK(!problem_code_from("nothing"));
}

TEST_CASE("a problem is RFC 9457 JSON, whatever text it carries") {
  const auto answer = to_response(problem{problem_code::validation_failed,
                                          "a \"quoted\"\n\x01 line \xFF",
                                          {{"title", "missing"}, {"x\\y", "bad"}},
                                          {{"X-A", "b"}}});
  CHECK(answer.status == 422);
  CHECK(answer.content_type == "application/problem+json");
  CHECK(answer.headers.at(0).first == "X-A");
  CHECK(answer.body ==
        "{\"type\":\"urn:planexe-ax:problem:validation_failed\",\"title\":\"Validation failed\",\"status\":422,"
        "\"detail\":\"a \\\"quoted\\\"\\n\\u0001 line \xEF\xBF\xBD\",\"code\":\"validation_failed\","
        "\"errors\":[{\"field\":\"title\",\"message\":\"missing\"},{\"field\":\"x\\\\y\",\"message\":\"bad\"}]}");
}

TEST_CASE("an answer's head holds no control character, and frames itself") {
  std::string out = "before";
  for (const std::string& bad :
       std::vector<std::string>{"a\r\nSet-Cookie: b", "a\nb", "a\rb", std::string("a\0b", 3), std::string("\x7f")}) {
    CHECK(!append_answer_head(out, {200, {}, {}, {{"X-A", bad}}}, {}));
    CHECK(!append_answer_head(out, {200, bad, {}, {}}, {}));
    CHECK(!append_answer_head(out, {200, {}, {}, {{bad, "x"}}}, {}));
  }
  CHECK(!append_answer_head(out, {200, {}, {}, {{"", "x"}}}, {}));
  CHECK(out == "before");
  out.clear();
  CHECK(append_answer_head(out, {204, {}, {}, {{"Content-Length", "7"}, {"transfer-encoding", "chunked"}}}, {}));
  CHECK(out.find("7") == out.npos);
  CHECK(out.find("chunked") == out.npos);
  CHECK(out.find("Content-Length") == out.npos);
  out.clear();
  CHECK(append_answer_head(out, {7, {}, "x", {}}, {}));
  CHECK(out.starts_with("HTTP/1.1 500 "));
}

TEST_CASE("an outbox is bounded, and wakes its reader once for a burst") {
  using enum outbox::verdict;
  outbox box{10, 3};
  const auto text = [](std::size_t size) { return std::make_shared<const std::string>(size, 'x'); };
  CHECK(box.push(text(4)) == wake);
  CHECK(box.push(text(4)) == queued);
  CHECK(box.push(text(4)) == refused);
  CHECK(box.push(text(2)) == queued);
  CHECK(box.push(text(0)) == refused);
  std::vector<shared_text> batch;
  REQUIRE(box.take(batch));
  CHECK(batch.size() == 3);
  // What is taken but not sent still counts.
  CHECK(box.bytes() == 10);
  CHECK(box.push(text(1)) == refused);
  for (const auto& each : batch) box.sent(each->size());
  batch.clear();
  CHECK(!box.take(batch));
  CHECK(box.push(text(1)) == wake);
  CHECK(box.request_close(1000, "done") == queued);
  CHECK(box.push(text(1)) == refused);
  CHECK(!box.wanted_close());
  REQUIRE(box.take(batch));
  CHECK(box.wanted_close()->reason == "done");
}

TEST_CASE("an outbox tells its end once, also to those who ask late") {
  outbox box{10, 3};
  int told = 0;
  box.on_end([&told] { ++told; });
  box.end();
  box.end();
  CHECK(told == 1);
  box.on_end([&told] { ++told; });
  CHECK(told == 2);
  CHECK(box.push(std::make_shared<const std::string>("x")) == outbox::verdict::refused);
}
