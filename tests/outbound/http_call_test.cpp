// Calls to a server on this machine that answers well, badly, too much, or not at all.
#include "outbound/http_call.hpp"

#include <doctest/doctest.h>

#include <atomic>

#include "tests/apps/demo_stand_in_server.hpp"

namespace planexe::outbound {
namespace {

using tests::stand_in_reply;
using tests::stand_in_request;
using tests::stand_in_server;
using kind = call_failure::kind;

constexpr std::string_view secret = "s3cret-token";

std::string url_of(const stand_in_server& server, std::string_view path, std::string_view scheme = "http") {
  return std::string(scheme) + "://127.0.0.1:" + std::to_string(server.port()) + std::string(path);
}

/// Everything in it that must not come back holds the secret.
http_request request_to(std::string url, std::string method = "GET") {
  return {.method = std::move(method),
          .url = std::move(url),
          .headers = {{"Authorization", std::string(secret)}},
          .body = "the body"};
}

kind failure(const http_request& request, const call_limits& limits = {}, std::stop_token stop = {}) {
  const auto answer = call(request, limits, std::move(stop));
  REQUIRE(!answer);
  CHECK(answer.error().detail.find(secret) == std::string::npos);
  CHECK(!answer.error().detail.empty());
  return answer.error().what;
}

}  // namespace

TEST_CASE("a call sends method and headers and body and brings the answer back") {
  stand_in_request seen;
  stand_in_server server([&](const stand_in_request& request) {
    seen = request;
    return stand_in_reply{.status = 418, .body = "tea", .headers = {{"X-Pot", "brown"}}};
  });
  const auto answer = call(request_to(url_of(server, "/a/b?c=d"), "POST"), {}, {});
  server.stop();
  REQUIRE(answer);
  CHECK(answer->status == 418);
  CHECK(answer->body == "tea");
  CHECK(answer->header("x-pot") == "brown");
  CHECK(answer->header("x-other").empty());
  CHECK(seen.method == "POST");
  CHECK(seen.path == "/a/b");
  CHECK(seen.query == "c=d");
  CHECK(seen.body == "the body");
  CHECK(seen.headers["authorization"] == secret);
  CHECK(seen.headers.count("expect") == 0);
}

TEST_CASE("a GET has no body") {
  stand_in_request seen;
  stand_in_server server([&](const stand_in_request& request) {
    seen = request;
    return stand_in_reply{};
  });
  REQUIRE(call(request_to(url_of(server, "/")), {}, {}));
  server.stop();
  CHECK(seen.method == "GET");
  CHECK(seen.body.empty());
}

TEST_CASE("a large body goes out whole") {
  std::size_t seen = 0;
  stand_in_server server([&](const stand_in_request& request) {
    seen = request.body.size();
    return stand_in_reply{};
  });
  auto request = request_to(url_of(server, "/"), "POST");
  request.body.assign(700'000, 'x');
  REQUIRE(call(request, {}, {}));
  server.stop();
  CHECK(seen == 700'000);
}

TEST_CASE("a redirect is an answer and nothing more") {
  stand_in_server elsewhere([](const stand_in_request&) { return stand_in_reply{}; });
  stand_in_server server([&](const stand_in_request&) {
    return stand_in_reply{.status = 302, .body = "", .headers = {{"Location", url_of(elsewhere, "/")}}};
  });
  const auto answer = call(request_to(url_of(server, "/")), {}, {});
  elsewhere.stop();
  REQUIRE(answer);
  CHECK(answer->status == 302);
  CHECK(elsewhere.connections() == 0);
}

TEST_CASE("a port where nobody listens refuses") {
  std::string url;
  {
    const stand_in_server gone([](const stand_in_request&) { return stand_in_reply{}; });
    url = url_of(gone, std::string("/") + std::string(secret));
  }
  CHECK(failure(request_to(url)) == kind::refused);
}

TEST_CASE("a server that says nothing is given up") {
  stand_in_server server([](const stand_in_request&) { return stand_in_reply{.never = true}; });
  call_limits limits;
  limits.total = std::chrono::milliseconds{150};
  CHECK(failure(request_to(url_of(server, std::string("/?key=") + std::string(secret))), limits) == kind::timed_out);
}

TEST_CASE("an answer over its limit is cut off") {
  stand_in_server server([](const stand_in_request& request) {
    if (request.path == "/body") return stand_in_reply{.body = std::string(1'001, 'x')};
    return stand_in_reply{.headers = {{"X-Long", std::string(1'001, 'x')}}};
  });
  call_limits limits;
  limits.max_response_bytes = 1'000;
  CHECK(failure(request_to(url_of(server, "/body")), limits) == kind::too_large);
  limits.max_response_bytes = 1'001;
  CHECK(call(request_to(url_of(server, "/body")), limits, {}));
  limits.max_header_bytes = 1'000;
  CHECK(failure(request_to(url_of(server, "/headers")), limits) == kind::too_large);
}

TEST_CASE("what is no HTTP and what ends too early is malformed") {
  stand_in_server server([](const stand_in_request& request) {
    if (request.path == "/short") return stand_in_reply{.raw = "HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nabc"};
    return stand_in_reply{.raw = "nonsense\r\n\r\n"};
  });
  CHECK(failure(request_to(url_of(server, "/"))) == kind::malformed);
  CHECK(failure(request_to(url_of(server, "/short"))) == kind::malformed);
}

TEST_CASE("a server without TLS is not spoken to securely") {
  stand_in_server server([](const stand_in_request&) { return stand_in_reply{}; });
  CHECK(failure(request_to(url_of(server, "/", "https"))) == kind::tls);
}

TEST_CASE("a stop ends a call that waits") {
  std::stop_source stop;
  stand_in_server server([&](const stand_in_request&) {
    stop.request_stop();
    return stand_in_reply{.never = true};
  });
  CHECK(failure(request_to(url_of(server, "/")), {}, stop.get_token()) == kind::cancelled);
  CHECK(failure(request_to(url_of(server, "/")), {}, stop.get_token()) == kind::cancelled);
}

TEST_CASE("what cannot be sent as it is does not leave") {
  stand_in_server server([](const stand_in_request&) { return stand_in_reply{}; });
  const auto good = url_of(server, "/");
  for (const std::string& url :
       {std::string("file:///etc/passwd"), std::string("ftp://127.0.0.1/"), std::string("nothing"), std::string(),
        "http://me:" + std::string(secret) + "@127.0.0.1/", std::string("http://me@127.0.0.1/"), good + "a\r\nb"})
    CHECK_MESSAGE(failure(request_to(url)) == kind::malformed, url);
  auto request = request_to(good);
  request.method = "GET /x";
  CHECK(failure(request) == kind::malformed);
  request = request_to(good);
  request.headers.push_back({"X-A", "b\r\nX-C: d"});
  CHECK(failure(request) == kind::malformed);
  request = request_to(good);
  request.headers.push_back({"X A", "b"});
  CHECK(failure(request) == kind::malformed);
  server.stop();
  CHECK(server.connections() == 0);
}

TEST_CASE("messages name scheme and host and port alone") {
  CHECK(origin_of("https://api.example/v1/chat?key=x") == "https://api.example:443");
  CHECK(origin_of("http://127.0.0.1:8000/runs/x") == "http://127.0.0.1:8000");
  CHECK(origin_of("not an address") == "an address that cannot be read");
}

}  // namespace planexe::outbound
