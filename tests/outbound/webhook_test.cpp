// Webhooks to receivers on this machine, and to addresses that nobody may make the server call.
#include "outbound/webhook.hpp"

#include <doctest/doctest.h>
#include <openssl/evp.h>

#include <array>

#include "tests/apps/demo_stand_in_server.hpp"

namespace planexe::outbound {
namespace {

using tests::stand_in_reply;
using tests::stand_in_request;
using tests::stand_in_server;
using kind = webhook_outcome::kind;
using std::chrono::milliseconds;

constexpr std::chrono::sys_seconds sent_at{std::chrono::seconds{1'614'265'330}};
// What the specification's reference libraries are tested with.
constexpr std::string_view reference_secret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr std::string_view reference_id = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr std::string_view reference_body = R"({"test": 2432232314})";
constexpr std::string_view reference_signature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

std::string url_of(const stand_in_server& server, const std::string& host = "127.0.0.1",
                   const std::string& scheme = "http") {
  return scheme + "://" + host + ":" + std::to_string(server.port()) + "/hook?token=hidden";
}

webhook hook_to(std::string url, bool trusted = true) {
  return {.url = std::move(url),
          .secret = "a raw secret",
          .id = "notification:17",
          .body = R"({"type":"task.escalated"})",
          .sent_at = sent_at + milliseconds{987},
          .trusted = trusted};
}

/// Delivers to a receiver that answers with `reply`.
webhook_outcome answered(const stand_in_reply& reply) {
  stand_in_server server([&](const stand_in_request&) { return reply; });
  return deliver(hook_to(url_of(server)), {}, {});
}

/// As a receiver checks it: by another interface of the library than the sender's.
std::string signature_of(const std::string& key, const std::string& content) {
  std::array<unsigned char, 32> code{};
  std::size_t length = 0;
  REQUIRE(EVP_Q_mac(nullptr, "HMAC", nullptr, "SHA256", nullptr, key.data(), key.size(),
                    reinterpret_cast<const unsigned char*>(content.data()), content.size(), code.data(), code.size(),
                    &length) != nullptr);
  std::array<unsigned char, 64> text{};
  const int written = EVP_EncodeBlock(text.data(), code.data(), static_cast<int>(length));
  return "v1," + std::string(text.begin(), text.begin() + written);
}

}  // namespace

TEST_CASE("the signature is the one of the reference libraries") {
  const auto signature = sign(reference_secret, reference_id, sent_at, reference_body);
  REQUIRE(signature);
  CHECK(*signature == reference_signature);
  CHECK(*sign(reference_secret, reference_id, sent_at + std::chrono::seconds{1}, reference_body) !=
        reference_signature);
}

TEST_CASE("a secret is raw bytes or whsec_ and base64 with or without padding") {
  const auto of = [](std::string_view secret) { return sign(secret, "a", sent_at, "{}"); };
  const std::string content = "a.1614265330.{}";
  CHECK(*of("raw") == signature_of("raw", content));
  for (const std::string& key : {std::string("a"), std::string("ab"), std::string("abc"), std::string("\xff\0\xfe", 3)})
    CHECK(*of(key) == signature_of(key, content));
  CHECK(*of("whsec_YQ==") == signature_of("a", content));
  CHECK(*of("whsec_YQ") == signature_of("a", content));
  CHECK(*of("whsec_YWI=") == signature_of("ab", content));
  CHECK(*of("whsec_/wD+") == signature_of(std::string("\xff\0\xfe", 3), content));
  for (const std::string_view bad : {"", "whsec_", "whsec_=", "whsec_Y", "whsec_YQ=", "whsec_Y===", "whsec_YW-_",
                                     "whsec_YQ==YQ==", "whsec_Y Q=", "whsec_YWI=="}) {
    const auto signature = of(bad);
    REQUIRE_MESSAGE(!signature, bad);
    CHECK(signature.error().code == errc::invalid);
  }
}

TEST_CASE("a receiver can verify what it is sent") {
  stand_in_request seen;
  stand_in_server server([&](const stand_in_request& request) {
    seen = request;
    return stand_in_reply{.status = 204, .body = {}, .headers = {}};
  });
  const auto outcome = deliver(hook_to(url_of(server)), {}, {});
  server.stop();
  CHECK(outcome.what == kind::delivered);
  CHECK(outcome.status == 204);
  CHECK_FALSE(outcome.retry_after);
  CHECK(seen.method == "POST");
  CHECK(seen.path == "/hook");
  CHECK(seen.content_type == "application/json");
  CHECK(seen.headers["webhook-id"] == "notification:17");
  CHECK(seen.headers["webhook-timestamp"] == "1614265330");
  CHECK(seen.body == R"({"type":"task.escalated"})");
  CHECK(seen.headers["webhook-signature"] ==
        signature_of("a raw secret",
                     seen.headers["webhook-id"] + "." + seen.headers["webhook-timestamp"] + "." + seen.body));
}

TEST_CASE("without a secret nothing is signed") {
  stand_in_request seen;
  stand_in_server server([&](const stand_in_request& request) {
    seen = request;
    return stand_in_reply{};
  });
  auto hook = hook_to(url_of(server));
  hook.secret.clear();
  CHECK(deliver(hook, {}, {}).what == kind::delivered);
  server.stop();
  CHECK(seen.headers.count("webhook-id") == 1);
  CHECK(seen.headers.count("webhook-signature") == 0);
}

TEST_CASE("an answer other than 2xx is a rejection and 410 a farewell") {
  for (const unsigned status : {400U, 404U, 500U, 503U}) {
    const auto outcome = answered({.status = status, .body = "why", .headers = {}});
    CHECK(outcome.what == kind::rejected);
    CHECK(outcome.status == status);
    CHECK(outcome.detail.find(std::to_string(status)) != std::string::npos);
    CHECK(outcome.detail.find("hidden") == std::string::npos);
    CHECK_FALSE(outcome.retry_after);
  }
  CHECK(answered({.status = 410, .body = {}, .headers = {}}).what == kind::gone);
}

TEST_CASE("a receiver that is too busy says when to come back") {
  const auto wait_of = [](unsigned status, const std::string& wait) {
    return answered({.status = status, .body = {}, .headers = {{"Retry-After", wait}}}).retry_after;
  };
  CHECK(wait_of(429, "120") == std::chrono::minutes{2});
  CHECK(wait_of(503, "Thu, 25 Feb 2021 15:12:10 GMT") == std::chrono::minutes{10} - milliseconds{987});
  CHECK(wait_of(503, "86400") == std::chrono::hours{1});
  CHECK_FALSE(wait_of(500, "120"));
  CHECK_FALSE(wait_of(429, "soon"));
}

TEST_CASE("a wait is read from seconds and from dates and is bounded") {
  const auto read = [](std::string_view value) { return read_retry_after(value, sent_at); };
  CHECK(read("0") == milliseconds{0});
  CHECK(read("1 ") == std::chrono::seconds{1});
  CHECK(read("0000000000000000000007") == std::chrono::seconds{7});
  CHECK(read("3600") == std::chrono::hours{1});
  CHECK(read("3601") == std::chrono::hours{1});
  CHECK(read("99999999999999999999999999") == std::chrono::hours{1});
  CHECK(read("Thu, 25 Feb 2021 15:02:11 GMT") == std::chrono::seconds{1});
  CHECK(read("Thursday, 25-Feb-21 15:02:11 GMT") == std::chrono::seconds{1});
  CHECK(read("Thu Feb 25 15:02:11 2021") == std::chrono::seconds{1});
  CHECK(read("Thu, 25 Feb 2021 15:02:09 GMT") == milliseconds{0});
  CHECK(read("Fri, 31 Dec 2999 23:59:59 GMT") == std::chrono::hours{1});
  for (const std::string_view bad : {"", " ", "-5", "1.5", "tomorrow", "Thu, 99 Feb 2021 15:02:11 GMT"})
    CHECK_MESSAGE(!read(bad), bad);
}

TEST_CASE("a redirect is not followed") {
  stand_in_server elsewhere([](const stand_in_request&) { return stand_in_reply{}; });
  for (const unsigned status : {301U, 302U, 307U, 308U}) {
    const auto outcome = answered({.status = status, .body = {}, .headers = {{"Location", url_of(elsewhere)}}});
    CHECK(outcome.what == kind::rejected);
    CHECK(outcome.status == status);
  }
  elsewhere.stop();
  CHECK(elsewhere.connections() == 0);
}

TEST_CASE("of a huge answer the status counts and the rest is not taken") {
  const std::string huge(std::size_t{4} << 20, 'x');
  CHECK(answered({.status = 200, .body = huge, .headers = {}}).what == kind::delivered);
  const auto busy = answered({.status = 503, .body = huge, .headers = {{"Retry-After", "9"}}});
  CHECK(busy.what == kind::rejected);
  CHECK(busy.retry_after == std::chrono::seconds{9});
  CHECK(answered({.raw = "HTTP/1.1 200 OK\r\n\r\n" + huge}).what == kind::delivered);
  CHECK(answered({.raw = "HTTP/1.1 200 OK\r\nX-Long: " + huge + "\r\n\r\n"}).what == kind::unreachable);
}

TEST_CASE("a receiver that is gone or speaks no HTTP is unreachable") {
  std::string url;
  {
    const stand_in_server gone([](const stand_in_request&) { return stand_in_reply{}; });
    url = url_of(gone);
  }
  const auto outcome = deliver(hook_to(url), {}, {});
  CHECK(outcome.what == kind::unreachable);
  CHECK(outcome.status == 0);
  CHECK(outcome.detail.find("hidden") == std::string::npos);
  CHECK(answered({.raw = "nonsense\r\n\r\n"}).what == kind::unreachable);
  stand_in_server plain([](const stand_in_request&) { return stand_in_reply{}; });
  CHECK(deliver(hook_to(url_of(plain, "127.0.0.1", "https")), {}, {}).what == kind::unreachable);
}

TEST_CASE("a stop ends a delivery that waits for a slow receiver") {
  std::stop_source stop;
  stand_in_server server([&](const stand_in_request&) {
    stop.request_stop();
    return stand_in_reply{.never = true};
  });
  CHECK(deliver(hook_to(url_of(server)), {}, stop.get_token()).what == kind::cancelled);
}

TEST_CASE("this machine is called for the operator and not on an agent's word") {
  stand_in_server server([](const stand_in_request&) { return stand_in_reply{}; });
  // A name below localhost resolves to this machine everywhere, as a name that an attacker has made point here would.
  for (const char* host : {"127.0.0.1", "localhost", "rebound.localhost"}) {
    CAPTURE(host);
    CHECK(deliver(hook_to(url_of(server, host)), {}, {}).what == kind::delivered);
    CHECK(deliver(hook_to(url_of(server, host), false), {.allow_private = true}, {}).what == kind::delivered);
  }
  server.stop();
  CHECK(server.connections() == 6);
}

TEST_CASE("this machine is called by IPv6 too where the operator says so") {
  // Nobody listens on port 1, so being let through shows as nobody there.
  CHECK(deliver(hook_to("http://[::1]:1/"), {}, {}).what == kind::unreachable);
  CHECK(deliver(hook_to("https://[::1]:1/"), {}, {}).what == kind::unreachable);
  CHECK(deliver(hook_to("https://[::1]:1/", false), {}, {}).what == kind::forbidden);
}

TEST_CASE("an agent's URL does not reach this machine by any spelling of it") {
  stand_in_server server([](const stand_in_request&) { return stand_in_reply{}; });
  for (const char* host : {"127.0.0.1", "localhost", "rebound.localhost", "LOCALHOST", "127.1", "2130706433",
                           "0x7f000001", "0177.0.0.1", "127.255.255.254", "0.0.0.0", "0", "[::1]", "[::]",
                           "[::ffff:127.0.0.1]", "[64:ff9b::7f00:1]", "[::127.0.0.1]"}) {
    CAPTURE(host);
    for (const char* scheme : {"http", "https"}) {
      const auto outcome = deliver(hook_to(url_of(server, host, scheme), false), {}, {});
      CHECK(outcome.what == kind::forbidden);
      CHECK(outcome.detail.find("hidden") == std::string::npos);
    }
  }
  server.stop();
  CHECK(server.connections() == 0);
}

TEST_CASE("private and metadata addresses are refused before anything is sent") {
  const std::vector<std::string> own_networks = {"10.0.0.1", "192.168.1.1", "172.16.0.1", "100.64.0.1", "[fd12::1]"};
  const std::vector<std::string> never = {"169.254.169.254", "[fd00:ec2::254]", "[::ffff:169.254.169.254]", "[fe80::1]",
                                          "224.0.0.1",       "192.0.2.1",       "255.255.255.255",          "0.0.0.0"};
  for (const bool trusted : {false, true}) {
    for (const auto& host : own_networks)
      CHECK_MESSAGE(deliver(hook_to("https://" + host + "/", trusted), {}, {}).what == kind::forbidden, host);
    for (const bool allow_private : {false, true}) {
      for (const auto& host : never) {
        const auto outcome = deliver(hook_to("https://" + host + "/", trusted), {.allow_private = allow_private}, {});
        CHECK_MESSAGE(outcome.what == kind::forbidden, host);
      }
    }
  }
}

TEST_CASE("beyond this machine nothing goes out in plain http") {
  for (const bool trusted : {false, true}) {
    for (const bool allow_private : {false, true}) {
      for (const char* host : {"93.184.216.34", "10.0.0.1", "[2606:4700::1]", "[fd12::1]"}) {
        const auto outcome =
            deliver(hook_to(std::string("http://") + host + "/", trusted), {.allow_private = allow_private}, {});
        CHECK_MESSAGE(outcome.what == kind::forbidden, host);
        CHECK(outcome.detail.find("https alone") != std::string::npos);
      }
    }
  }
}

TEST_CASE("what cannot be sent as it is will not be sent later either") {
  stand_in_server server([](const stand_in_request&) { return stand_in_reply{}; });
  for (const char* url : {"", "nothing", "ftp://127.0.0.1/", "file:///etc/passwd", "http://me:pw@127.0.0.1/"})
    CHECK_MESSAGE(deliver(hook_to(url), {}, {}).what == kind::forbidden, url);
  for (const std::string& id : {std::string(), std::string("a.b"), std::string("a\r\nX: y"), std::string(129, 'a')}) {
    auto hook = hook_to(url_of(server));
    hook.id = id;
    CHECK_MESSAGE(deliver(hook, {}, {}).what == kind::forbidden, id);
  }
  auto hook = hook_to(url_of(server));
  hook.secret = "whsec_not base64";
  const auto outcome = deliver(hook, {}, {});
  CHECK(outcome.what == kind::forbidden);
  CHECK(outcome.detail.find("not base64") != std::string::npos);
  server.stop();
  CHECK(server.connections() == 0);
}

TEST_CASE("what can never be reached is told without a look-up") {
  const auto reached = [](const std::string& url, bool trusted, bool allow_private = false) {
    const auto why = why_never_reached(hook_to(url, trusted), {.allow_private = allow_private});
    if (why) CHECK_MESSAGE(why->find("hook") == std::string::npos, *why);
    return !why;
  };
  for (const char* url :
       {"http://127.0.0.1:1/hook", "http://localhost/hook", "http://[::1]:9/hook", "http://127.1/hook",
        "https://127.0.0.1/hook", "https://example.org/hook", "https://93.184.215.14/hook"})
    CHECK_MESSAGE(reached(url, true), url);
  for (const char* url :
       {"http://example.org/hook", "http://93.184.215.14/hook", "http://10.0.0.1/hook", "https://10.0.0.1/hook",
        "https://169.254.169.254/hook", "https://[fe80::1]/hook", "https://[::ffff:10.0.0.1]/hook",
        "https://user:word@example.org/hook", "ftp://example.org/hook", "https:///", "nonsense", "http://0.0.0.0/hook"})
    CHECK_MESSAGE(!reached(url, true), url);
  CHECK(reached("https://10.0.0.1/hook", true, true));
  CHECK(!reached("https://169.254.169.254/hook", true, true));
  CHECK(!reached("http://127.0.0.1/hook", false));
  CHECK(!reached("https://127.0.0.1/hook", false));
  CHECK(reached("http://127.0.0.1/hook", false, true));
}

}  // namespace planexe::outbound
