// What a client meets when it asks properly, and nearly properly.
#include <doctest/doctest.h>

#include <random>
#include <string>
#include <thread>
#include <vector>

#include "gateway/auth/caller.hpp"
#include "tests/gateway/http_client.hpp"

using namespace planexe::gateway;
using planexe::test::raw_client;
using planexe::test::test_server;

namespace {

std::string get(std::string_view path, std::string_view extra = {}) {
  return "GET " + std::string{path} + " HTTP/1.1\r\nHost: x\r\n" + std::string{extra} + "\r\n";
}

std::string post(std::string_view path, std::string_view body, std::string_view extra = {}) {
  return "POST " + std::string{path} + " HTTP/1.1\r\nHost: x\r\nContent-Length: " + std::to_string(body.size()) +
         "\r\n" + std::string{extra} + "\r\n" + std::string{body};
}

}  // namespace

TEST_CASE("one connection serves many requests") {
  test_server server;
  raw_client client{server.port()};
  for (int round = 0; round < 50; ++round) {
    const auto got = client.ask(get("/hello"));
    CHECK(got.status == 200);
    CHECK(got.body == "hello");
    CHECK(got.headers.at("server") == "planexe-ax");
    CHECK(got.headers.at("cache-control") == "no-store");
    CHECK(got.headers.at("x-content-type-options") == "nosniff");
    CHECK(got.headers.at("date").ends_with(" GMT"));
    CHECK(got.headers.count("connection") == 0);
    CHECK(client.ask(post("/echo", "round " + std::to_string(round))).body == "round " + std::to_string(round));
  }
  CHECK(server.server().counters().requests == 100);
  CHECK(server.server().counters().answers_2xx == 100);
  CHECK(server.server().counters().connections_open == 1);
}

TEST_CASE("a request may come byte by byte") {
  test_server server;
  raw_client client{server.port()};
  for (const char c : post("/echo", "slow")) client.send({&c, 1});
  CHECK(client.receive().body == "slow");
}

TEST_CASE("Connection: close is done as said") {
  test_server server;
  raw_client client{server.port()};
  const auto got = client.ask(get("/hello", "Connection: close\r\n"));
  CHECK(got.headers.at("connection") == "close");
  CHECK(client.is_at_end());
}

TEST_CASE("HTTP/1.0 closes unless it asks otherwise") {
  test_server server;
  raw_client closing{server.port()};
  CHECK(closing.ask("GET /hello HTTP/1.0\r\nHost: x\r\n\r\n").headers.at("connection") == "close");
  CHECK(closing.is_at_end());
  raw_client keeping{server.port()};
  const std::string asks = "GET /hello HTTP/1.0\r\nHost: x\r\nConnection: keep-alive\r\n\r\n";
  CHECK(keeping.ask(asks).headers.at("connection") == "keep-alive");
  CHECK(keeping.ask(asks).status == 200);
}

TEST_CASE("pipelined requests are answered in their order, also when the first takes long") {
  test_server server;
  raw_client client{server.port()};
  client.send(get("/later") + post("/echo", "second") + get("/items/third"));
  auto first = server.next_kept();
  REQUIRE(first);
  CHECK(server.handled() == 1);
  first.send({200, "text/plain", "first", {}});
  CHECK(client.receive().body == "first");
  CHECK(client.receive().body == "second");
  CHECK(client.receive().body == "third");
}

TEST_CASE("sixteen requests may wait on a connection, the seventeenth ends it") {
  test_server server;
  const auto burst = [](int count) {
    std::string all;
    for (int index = 0; index < count; ++index) all += get("/hello");
    return all;
  };
  raw_client sixteen{server.port()};
  sixteen.send(burst(16));
  for (int index = 0; index < 16; ++index) CHECK(sixteen.receive().status == 200);
  CHECK(sixteen.ask(get("/hello")).status == 200);
  raw_client seventeen{server.port()};
  seventeen.send(burst(17));
  for (int index = 0; index < 16; ++index) CHECK(seventeen.receive().status == 200);
  const auto last = seventeen.receive();
  CHECK(last.status == 400);
  CHECK(last.headers.at("connection") == "close");
  CHECK(seventeen.is_at_end());
}

TEST_CASE("a responder that is dropped answers 503") {
  test_server server;
  raw_client client{server.port()};
  const auto at_once = client.ask(get("/lost"));
  CHECK(at_once.status == 503);
  CHECK(at_once.headers.at("retry-after") == "1");
  CHECK(at_once.body.find("\"code\":\"unavailable\"") != std::string::npos);
  client.send(get("/later"));
  { const auto dropped = server.next_kept(); }
  CHECK(client.receive().status == 503);
  CHECK(client.ask(get("/hello")).status == 200);
}

TEST_CASE("an answer may come from any thread") {
  test_server server;
  raw_client client{server.port()};
  for (int round = 0; round < 20; ++round) {
    client.send(get("/later"));
    std::thread other{[reply = server.next_kept()]() mutable { reply.send({200, {}, "from afar", {}}); }};
    CHECK(client.receive().body == "from afar");
    other.join();
  }
}

TEST_CASE("a handler that throws answers 500 and tells nothing") {
  test_server server;
  raw_client client{server.port()};
  const auto got = client.ask(get("/broken"));
  CHECK(got.status == 500);
  CHECK(got.body.find("secret") == std::string::npos);
  CHECK(client.ask(get("/hello")).status == 200);
}

TEST_CASE("unknown paths, methods and bad paths") {
  test_server server;
  raw_client client{server.port()};
  CHECK(client.ask(get("/nothing")).status == 404);
  CHECK(client.ask(get("/hello/")).status == 404);
  CHECK(client.ask(get("//hello")).status == 404);
  const auto wrong = client.ask("DELETE /items/7 HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(wrong.status == 405);
  CHECK(wrong.headers.at("allow") == "GET, PUT, HEAD, OPTIONS");
  CHECK(client.ask("BREW /items/7 HTTP/1.1\r\nHost: x\r\n\r\n").status == 405);
  CHECK(client.ask(get("/items/%zz")).status == 400);
  CHECK(client.ask(get("/items/..")).status == 400);
  CHECK(client.ask(get("/query?q=%f")).status == 400);
  CHECK(client.ask(get("/unfinished")).status == 503);
  CHECK(client.ask(get("/query?q=a%20b+c")).body == "a b c");
  CHECK(client.ask(get("/items/latest")).body == "the latest");
}

TEST_CASE("HEAD is GET without the body, OPTIONS names the methods") {
  test_server server;
  raw_client client{server.port()};
  const auto head = client.ask("HEAD /hello HTTP/1.1\r\nHost: x\r\n\r\n", true);
  CHECK(head.status == 200);
  CHECK(head.headers.at("content-length") == "5");
  const auto options = client.ask("OPTIONS /echo HTTP/1.1\r\nHost: x\r\n\r\n");
  CHECK(options.status == 204);
  CHECK(options.headers.at("allow") == "POST, OPTIONS");
  CHECK(options.headers.count("content-length") == 0);
  CHECK(client.ask("OPTIONS * HTTP/1.1\r\nHost: x\r\n\r\n").status == 204);
  CHECK(client.ask(get("/hello")).body == "hello");
}

TEST_CASE("a refused request's body is not read as the next request") {
  test_server server;
  raw_client client{server.port()};
  const std::string smuggled = get("/hello");
  CHECK(client.ask(post("/nothing", smuggled)).status == 404);
  CHECK(client.ask(post("/hello", smuggled)).status == 405);
  CHECK(client.ask(get("/items/next")).body == "next");
  CHECK(server.handled() == 1);
  // Where the body is still to come, the connection ends with the refusal.
  raw_client waiting{server.port()};
  const auto got = waiting.ask("POST /nothing HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\n");
  CHECK(got.status == 404);
  CHECK(got.headers.at("connection") == "close");
  waiting.send(smuggled);
  CHECK(waiting.is_at_end());
  CHECK(server.handled() == 1);
}

TEST_CASE("an answer cannot be split") {
  test_server server;
  raw_client client{server.port()};
  CHECK(client.ask(post("/locate", "/fine")).headers.at("location") == "/fine");
  const auto got = client.ask(post("/locate", "/a\r\nSet-Cookie: evil=1"));
  CHECK(got.status == 400);
  CHECK(got.headers.count("set-cookie") == 0);
  CHECK(got.headers.count("location") == 0);
  CHECK(client.is_at_end());
}

TEST_CASE("a client that asks first is told to continue, once its request is accepted") {
  test_server server;
  raw_client client{server.port()};
  const std::string head = "POST /echo HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 5\r\n\r\n";
  CHECK(client.ask(head).status == 100);
  CHECK(client.ask("hello").body == "hello");
  const std::string refused = "POST /small HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 50\r\n\r\n";
  CHECK(client.ask(refused).status == 413);
}

TEST_CASE("a long answer and a long body arrive whole") {
  test_server server;
  raw_client client{server.port()};
  CHECK(client.ask(get("/big/8000000")).body == std::string(8'000'000, 'x'));
  std::string body(1U << 20U, 'a');
  for (std::size_t index = 0; index < body.size(); ++index) body[index] = static_cast<char>('a' + index % 23);
  CHECK(client.ask(post("/echo", body)).body == body);
  CHECK(client.ask(get("/hello")).body == "hello");
}

TEST_CASE("authentication comes after the head and before the body") {
  auto options = test_server::quick_options();
  options.authenticate = [](request_head& head, const route& asked) -> std::optional<problem> {
    if (asked.required == access::open) return std::nullopt;
    if (head.header("X-API-Key") != "right")
      return problem{problem_code::unauthenticated, "a key is needed", {}, {{"WWW-Authenticate", "Bearer"}}};
    head.caller = std::make_shared<caller>();
    return std::nullopt;
  };
  test_server server{std::move(options)};
  raw_client client{server.port()};
  CHECK(client.ask(get("/hello")).status == 200);
  CHECK(client.ask(get("/items/7")).status == 401);
  CHECK(client.ask(get("/items/7", "x-api-key: right\r\n")).status == 200);
  const auto refused = client.ask("PUT /items/7 HTTP/1.1\r\nHost: x\r\nContent-Length: 90\r\n\r\n");
  CHECK(refused.status == 401);
  CHECK(refused.headers.at("www-authenticate") == "Bearer");
  CHECK(server.handled() == 2);
}

TEST_CASE("a page of another origin cannot change anything") {
  auto options = test_server::quick_options();
  options.allowed_origins = {"https://dash.example"};
  test_server server{std::move(options)};
  raw_client client{server.port()};
  CHECK(client.ask(post("/echo", "a", "Origin: http://evil.example\r\n")).status == 403);
  CHECK(client.ask(post("/echo", "a", "Origin: null\r\n")).status == 403);
  CHECK(client.ask(post("/echo", "a", "Origin: http://x\r\n")).status == 200);
  CHECK(client.ask(post("/echo", "a", "Origin: https://dash.example\r\n")).status == 200);
  CHECK(client.ask(get("/hello", "Origin: http://evil.example\r\n")).status == 200);
}

TEST_CASE("a page of another site cannot so much as ask, but for what is open to all") {
  auto options = test_server::quick_options();
  options.allowed_origins = {"https://dash.example"};
  test_server server{std::move(options)};
  raw_client client{server.port()};
  CHECK(client.ask(get("/items/7", "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: no-cors\r\n")).status == 403);
  CHECK(client.ask(get("/items/7", "Sec-Fetch-Site: same-site\r\n")).status == 403);
  CHECK(client.ask(get("/items/7", "Origin: http://evil.example\r\n")).status == 403);
  CHECK(client.ask(get("/items/7", "Origin: null\r\nSec-Fetch-Site: same-origin\r\n")).status == 403);
  CHECK(server.handled() == 0);
  CHECK(client.ask(get("/items/7", "Origin: https://dash.example\r\nSec-Fetch-Site: cross-site\r\n")).status == 200);
  CHECK(client.ask(get("/items/7", "Sec-Fetch-Site: same-origin\r\n")).status == 200);
  CHECK(client.ask(get("/items/7", "Sec-Fetch-Site: none\r\n")).status == 200);
  CHECK(client.ask(get("/hello", "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: navigate\r\n")).status == 200);
}

TEST_CASE("only the allowed hosts are served, where any are named") {
  auto options = test_server::quick_options();
  options.allowed_hosts = {"localhost", "127.0.0.1", "::1"};
  test_server server{std::move(options)};
  for (const std::string host : {"localhost", "LOCALHOST:8090", "127.0.0.1:1", "[::1]:8090"}) {
    raw_client client{server.port()};
    CHECK(client.ask("GET /hello HTTP/1.1\r\nHost: " + host + "\r\n\r\n").status == 200);
  }
  raw_client client{server.port()};
  CHECK(client.ask("GET /hello HTTP/1.1\r\nHost: rebound.example\r\n\r\n").status == 400);
  CHECK(client.is_at_end());
}

TEST_CASE("a stream is an answer that goes on") {
  test_server server;
  raw_client client{server.port()};
  const auto head = client.ask(get("/both"));
  CHECK(head.status == 200);
  CHECK(head.headers.at("content-type") == "text/event-stream");
  CHECK(head.headers.count("content-length") == 0);
  const auto peer = server.next_peer();
  REQUIRE(peer);
  for (int index = 0; index < 100; ++index)
    CHECK(peer->send(std::make_shared<const std::string>("data: " + std::to_string(index) + "\n\n")));
  std::string wanted = "data: first\n\n";
  for (int index = 0; index < 100; ++index) wanted += "data: " + std::to_string(index) + "\n\n";
  CHECK(client.receive_bytes(wanted.size()) == wanted);
  peer->close(close_normal, {});
  CHECK(client.is_at_end());
  CHECK(server.wait_for_ended(1));
  CHECK(!peer->send(std::make_shared<const std::string>("late")));
}

TEST_CASE("a stream whose client leaves tells its peer") {
  test_server server;
  {
    raw_client client{server.port()};
    CHECK(client.ask(get("/both")).status == 200);
  }
  CHECK(server.wait_for_ended(1));
  CHECK(server.eventually([](const auto& counters) { return counters.streams_open == 0; }));
  CHECK(server.eventually([](const auto& counters) { return counters.connections_open == 0; }));
}

TEST_CASE("whatever bytes come, the server answers or closes, and serves the next client") {
  test_server server;
  const std::vector<std::string> sound{get("/hello"), post("/echo", "some body"), get("/items/7?q=a%20b"),
                                       post("/nothing", get("/hello")),
                                       get("/socket",
                                           "Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n"
                                           "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n") +
                                           "\x81\x85\x01\x02\x03\x04hello"};
  constexpr unsigned seed = 7'351;
  std::mt19937 random{seed};
  INFO("seed ", seed);
  for (int round = 0; round < 400; ++round) {
    std::string bytes;
    for (auto count = random() % 6 + 1; count > 0; --count) bytes += sound[random() % sound.size()];
    for (auto change = random() % 4; change > 0; --change) {
      const std::size_t at = random() % bytes.size();
      if (random() % 2 == 0)
        bytes[at] = static_cast<char>(random() % 256);
      else
        bytes.erase(at, random() % 20);
    }
    raw_client client{server.port()};
    client.send(bytes);
    client.finish_sending();
    while (!client.receive_bytes(4'096).empty()) continue;
  }
  raw_client last{server.port()};
  CHECK(last.ask(get("/hello")).body == "hello");
  CHECK(server.eventually([](const auto& counters) { return counters.connections_open == 1; }));
}
