// Calls to a server on this machine that answers well, badly, too much, or not at all.
#include "outbound/http_call.hpp"

#include <doctest/doctest.h>

#include <array>
#include <atomic>
#include <cstdlib>

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

/// Names a server of this machine as everybody's proxy while it lives.
class environment_proxy {
 public:
  explicit environment_proxy(const stand_in_server& server) {
    const auto url = "http://127.0.0.1:" + std::to_string(server.port());
    for (const auto* name : names_) setenv(name, url.c_str(), 1);
  }
  ~environment_proxy() {
    for (const auto* name : names_) unsetenv(name);
  }

 private:
  static constexpr std::array names_{"http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"};
};

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

TEST_CASE("where it may be cut an answer over its limit ends there") {
  stand_in_server server([](const stand_in_request& request) {
    return stand_in_reply{.status = 503, .body = std::string(request.path == "/long" ? 1'001 : 1'000, 'x')};
  });
  call_limits limits;
  limits.max_response_bytes = 1'000;
  limits.cut_body = true;
  for (const char* path : {"/long", "/exact"}) {
    const auto answer = call(request_to(url_of(server, path)), limits, {});
    REQUIRE(answer);
    CHECK(answer->status == 503);
    CHECK(answer->body.size() == 1'000);
  }
}

TEST_CASE("under a rule only the addresses that it allows are called") {
  stand_in_server server([](const stand_in_request&) { return stand_in_reply{}; });
  const auto by_name = "http://any.localhost:" + std::to_string(server.port()) + "/";
  call_limits limits;
  limits.addresses = address_rule{};
  CHECK(failure(request_to(url_of(server, "/")), limits) == kind::forbidden);
  CHECK(failure(request_to(url_of(server, "/", "https")), limits) == kind::forbidden);
  limits.addresses->private_use = true;
  CHECK(failure(request_to(by_name), limits) == kind::forbidden);
  CHECK(failure(request_to("http://10.0.0.1/"), limits) == kind::forbidden);
  limits.addresses = address_rule{.loopback = true};
  CHECK(failure(request_to("https://10.0.0.1/"), limits) == kind::forbidden);
  CHECK(call(request_to(url_of(server, "/")), limits, {}));
  CHECK(call(request_to(by_name), limits, {}));
  server.stop();
  CHECK(server.connections() == 2);
}

TEST_CASE("a proxy of the environment is no way around a rule") {
  stand_in_server proxy([](const stand_in_request&) { return stand_in_reply{.status = 299}; });
  stand_in_server server([](const stand_in_request&) { return stand_in_reply{.status = 200}; });
  const environment_proxy everywhere(proxy);
  const auto by_proxy = call(request_to("http://203.0.113.7/"), {}, {});
  REQUIRE(by_proxy);
  CHECK(by_proxy->status == 299);
  call_limits limits;
  limits.addresses = address_rule{.loopback = true, .private_use = true};
  for (const char* url : {"http://203.0.113.7/", "https://203.0.113.7/", "https://169.254.169.254/"})
    CHECK_MESSAGE(failure(request_to(url), limits) == kind::forbidden, url);
  const auto direct = call(request_to("http://any.localhost:" + std::to_string(server.port()) + "/"), limits, {});
  REQUIRE(direct);
  CHECK(direct->status == 200);
  proxy.stop();
  CHECK(proxy.connections() == 1);
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
    CHECK_MESSAGE(failure(request_to(url)) == kind::unsendable, url);
  auto request = request_to(good);
  request.method = "GET /x";
  CHECK(failure(request) == kind::unsendable);
  request = request_to(good);
  request.headers.push_back({"X-A", "b\r\nX-C: d"});
  CHECK(failure(request) == kind::unsendable);
  request = request_to(good);
  request.headers.push_back({"X A", "b"});
  CHECK(failure(request) == kind::unsendable);
  server.stop();
  CHECK(server.connections() == 0);
}

TEST_CASE("messages name scheme and host and port alone") {
  CHECK(origin_of("https://api.example/v1/chat?key=x") == "https://api.example:443");
  CHECK(origin_of("http://127.0.0.1:8000/runs/x") == "http://127.0.0.1:8000");
  CHECK(origin_of("not an address") == "an address that cannot be read");
}

TEST_CASE("dates of headers are read in their three forms") {
  const std::chrono::sys_seconds there{std::chrono::seconds{784'111'777}};
  for (const char* text :
       {"Sun, 06 Nov 1994 08:49:37 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "Sun Nov  6 08:49:37 1994"})
    CHECK_MESSAGE(parse_http_date(text) == there, text);
  for (const char* text : {"", "never", "Sun, 41 Nov 1994 08:49:37 GMT"}) CHECK_MESSAGE(!parse_http_date(text), text);
}

}  // namespace planexe::outbound
