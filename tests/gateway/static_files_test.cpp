// Files that are part of the program: which form is sent, when nothing is, and what the page may load.
#include "gateway/http/static_files.hpp"

#include <doctest/doctest.h>

namespace planexe::gateway {
namespace {

constexpr static_file page{"/", "text/html", "abc", false, "<html>plain</html>", "packed", "smaller"};
constexpr static_file script{"/assets/x-1.js", "text/javascript", "def", true, "let x", {}, {}};

response answer_to(const static_file& file, const std::vector<std::pair<std::string, std::string>>& headers) {
  request_head asked;
  for (const auto& [name, value] : headers) asked.add_header(name, value);
  return static_answer(file, asked);
}

std::string header(const response& answer, std::string_view name) {
  for (const auto& [key, value] : answer.headers)
    if (key == name) return value;
  return {};
}

}  // namespace

TEST_CASE("the smallest form that the client takes is sent") {
  CHECK(answer_to(page, {}).body == "<html>plain</html>");
  CHECK(header(answer_to(page, {}), "Content-Encoding").empty());
  CHECK(answer_to(page, {{"Accept-Encoding", "gzip, deflate, br"}}).body == "smaller");
  CHECK(answer_to(page, {{"Accept-Encoding", "deflate, gzip;q=0.5"}}).body == "packed");
  CHECK(header(answer_to(page, {{"Accept-Encoding", "gzip"}}), "Content-Encoding") == "gzip");
  CHECK(answer_to(page, {{"Accept-Encoding", "br;q=0, GZIP"}}).body == "packed");
  CHECK(answer_to(page, {{"Accept-Encoding", "gzip;q=0.0"}}).body == "<html>plain</html>");
  CHECK(answer_to(page, {{"Accept-Encoding", "brotli, xgzip"}}).body == "<html>plain</html>");
  CHECK(answer_to(script, {{"Accept-Encoding", "gzip, br"}}).body == "let x");
}

TEST_CASE("a client that has the file is not sent it again") {
  const auto first = answer_to(page, {{"Accept-Encoding", "gzip"}});
  const auto tag = header(first, "ETag");
  CHECK(tag == "\"abc-gzip\"");
  const auto again = answer_to(page, {{"Accept-Encoding", "gzip"}, {"If-None-Match", "\"zzz\", W/" + tag}});
  CHECK(again.status == 304);
  CHECK(again.body.empty());
  CHECK(header(again, "ETag") == tag);
  // The same file in another form is not what it has.
  CHECK(answer_to(page, {{"If-None-Match", tag}}).status == 200);
  CHECK(answer_to(page, {{"If-None-Match", "*"}}).status == 304);
}

TEST_CASE("what is named by its content is kept for ever and the page itself never unasked") {
  CHECK(header(answer_to(script, {}), "Cache-Control") == "public, max-age=31536000, immutable");
  CHECK(header(answer_to(page, {}), "Cache-Control") == "no-cache");
  CHECK(header(answer_to(page, {}), "Vary") == "Accept-Encoding");
}

TEST_CASE("the page may load what is the server's own and nothing inline") {
  const auto policy = header(answer_to(page, {}), "Content-Security-Policy");
  CHECK(policy.find("default-src 'none'") != std::string::npos);
  CHECK(policy.find("unsafe") == std::string::npos);
  CHECK(policy.find("http") == std::string::npos);
  CHECK(policy.find('*') == std::string::npos);
  CHECK(policy.find("frame-ancestors 'none'") != std::string::npos);
}

}  // namespace planexe::gateway
