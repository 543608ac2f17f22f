// The HTTP client keeps its connection, and repeats over a new one only what may be repeated.
#include <doctest/doctest.h>

#include "apps/demo/http_client.hpp"
#include "tests/apps/demo_stand_in_server.hpp"

namespace planexe::tests {
namespace {

using namespace std::chrono_literals;

stand_in_reply echo(const stand_in_request& request) {
  return {200,
          request.method + " " + request.path + "|" + request.query + "|" + request.content_type + "|" + request.body,
          {{"Content-Type", "text/plain"}, {"Retry-After", "7"}, {"Link", "</next>; rel=\"next\""}}};
}

}  // namespace

TEST_CASE("several requests share one connection") {
  stand_in_server server(echo);
  demo::http_client client({"127.0.0.1", server.port()}, 5s);
  for (int i = 0; i < 3; ++i) {
    const auto reply = client.request("POST", "/a?b=c", "{}");
    REQUIRE(reply);
    CHECK(reply->status == 200);
    CHECK(reply->body == "POST /a|b=c|application/json|{}");
    CHECK(reply->content_type == "text/plain");
    CHECK(reply->retry_after == std::chrono::seconds(7));
    CHECK(reply->link == "</next>; rel=\"next\"");
  }
  server.stop();
  CHECK(server.connections() == 1);
}

TEST_CASE("an answer without a body and an error status are answers") {
  stand_in_server server([](const stand_in_request&) { return stand_in_reply{204, "", {}}; });
  demo::http_client client({"127.0.0.1", server.port()}, 5s);
  const auto reply = client.request("GET", "/");
  REQUIRE(reply);
  CHECK(reply->status == 204);
  CHECK(reply->ok());
  CHECK(reply->body.empty());
}

TEST_CASE("a connection closed meanwhile is opened again for what may be repeated") {
  unsigned handled = 0;
  stand_in_server server([&](const stand_in_request&) {
    ++handled;
    return stand_in_reply{200, "", {}, true};
  });
  demo::http_client client({"127.0.0.1", server.port()}, 5s);
  REQUIRE(client.request("GET", "/"));
  SUBCASE("a GET") {
    CHECK(client.request("GET", "/"));
  }
  SUBCASE("a POST with a key") {
    CHECK(client.request("POST", "/", "{}", {{"Idempotency-Key", "k"}}));
  }
  SUBCASE("but not a POST without one") {
    const auto reply = client.request("POST", "/", "{}");
    REQUIRE(!reply);
    CHECK(reply.error().code == errc::io);
    server.stop();
    CHECK(handled == 1);
    return;
  }
  server.stop();
  CHECK(handled == 2);
  CHECK(server.connections() == 2);
}

TEST_CASE("a server that is not there is an error, not an exception") {
  std::uint16_t port = 0;
  {
    stand_in_server server(echo);
    port = server.port();
  }
  demo::http_client client({"127.0.0.1", port}, 2s);
  const auto reply = client.request("GET", "/");
  REQUIRE(!reply);
  CHECK(reply.error().code == errc::io);
}

}  // namespace planexe::tests
