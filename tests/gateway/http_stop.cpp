// Starting, failing to start, and stopping while things are under way.
#include <doctest/doctest.h>

#include <atomic>
#include <deque>
#include <string>
#include <thread>

#include "tests/gateway/http_client.hpp"

using namespace planexe::gateway;
using planexe::test::raw_client;
using planexe::test::test_server;
using std::chrono::milliseconds;

namespace {

const std::string hello = "GET /hello HTTP/1.1\r\nHost: x\r\n\r\n";
const std::string later = "GET /later HTTP/1.1\r\nHost: x\r\n\r\n";

}  // namespace

TEST_CASE("a server that cannot listen says why in one line") {
  test_server running;
  const router routes{test_server::table()};
  server_options options;
  options.port = running.port();
  const auto second = server::start(options, routes);
  REQUIRE(!second);
  CHECK(second.error().code == planexe::errc::locked);
  CHECK(second.error().detail ==
        "cannot listen on 127.0.0.1:" + std::to_string(running.port()) + ": the port is in use");
  options.host = "no such host";
  const auto nowhere = server::start(options, routes);
  REQUIRE(!nowhere);
  CHECK(nowhere.error().code == planexe::errc::invalid);
  options.host = "192.0.2.1";
  const auto elsewhere = server::start(options, routes);
  REQUIRE(!elsewhere);
  CHECK(elsewhere.error().code == planexe::errc::io);
}

TEST_CASE("the port is free again at once, and connections live on") {
  test_server running;
  raw_client client{running.port()};
  CHECK(client.ask(hello).status == 200);
  running.server().stop_accepting();
  const router routes{test_server::table()};
  server_options options;
  options.port = running.port();
  CHECK(server::start(options, routes));
  CHECK(client.ask(hello).status == 200);
}

TEST_CASE("a stop lets a request in flight finish") {
  test_server server;
  raw_client idle{server.port()};
  CHECK(idle.ask(hello).status == 200);
  raw_client client{server.port()};
  client.send(later);
  auto kept = server.next_kept();
  std::thread stopping{[&server] { server.server().drain(std::chrono::seconds{10}); }};
  // The idle connection is closed by the drain, which has therefore begun.
  CHECK(idle.is_at_end());
  kept.send({200, {}, "just in time", {}});
  const auto got = client.receive();
  CHECK(got.body == "just in time");
  CHECK(got.headers.at("connection") == "close");
  CHECK(client.is_at_end());
  stopping.join();
}

TEST_CASE("a stop does not wait for ever, and answers that come later change nothing") {
  test_server server;
  raw_client client{server.port()};
  client.send(later);
  auto kept = server.next_kept();
  raw_client half{server.port()};
  half.send("GET /hello HT");
  raw_client socket{server.port()};
  REQUIRE(socket.upgrade("/socket").status == 101);
  const auto peer = server.next_peer();
  server.server().drain(milliseconds{50});
  CHECK(client.is_at_end());
  kept.send({200, {}, "too late", {}});
  CHECK(!peer->send(std::make_shared<const std::string>("too late")));
  CHECK(server.wait_for_ended(1));
  server.server().stop();
}

TEST_CASE("a stop tells WebSockets and ends streams") {
  test_server server;
  raw_client socket{server.port()};
  REQUIRE(socket.upgrade("/socket").status == 101);
  raw_client stream{server.port()};
  CHECK(stream.ask("GET /both HTTP/1.1\r\nHost: x\r\n\r\n").status == 200);
  CHECK(stream.receive_bytes(13) == "data: first\n\n");
  std::thread stopping{[&server] { server.server().drain(std::chrono::seconds{10}); }};
  const auto last = socket.receive_frame();
  CHECK(last.close_code() == close_going_away);
  socket.send_frame(8, last.payload);
  CHECK(socket.is_at_end());
  CHECK(stream.is_at_end());
  stopping.join();
  CHECK(server.wait_for_ended(2));
}

TEST_CASE("a responder may outlive its server") {
  responder kept;
  std::shared_ptr<push_peer> peer;
  {
    test_server server;
    raw_client client{server.port()};
    client.send(later);
    kept = server.next_kept();
    raw_client other{server.port()};
    other.send(later);
    auto second = server.next_kept();
    REQUIRE(second);
    server.server().drain(milliseconds{0});
    peer = second.stream({200, "text/event-stream", {}, {}});
  }
  bool told = false;
  peer->on_close([&told] { told = true; });
  CHECK(told);
  CHECK(!peer->send(std::make_shared<const std::string>("x")));
  kept.send({200, {}, "long gone", {}});
}

TEST_CASE("a server stops under load from several threads of its own") {
  auto options = test_server::quick_options();
  options.threads = 3;
  test_server server{std::move(options)};
  std::atomic<bool> stop{false};
  std::atomic<std::size_t> answered{0};
  std::deque<std::thread> clients;
  for (int index = 0; index < 6; ++index)
    clients.emplace_back([&] {
      raw_client client{server.port()};
      while (!stop && client.ask(hello).status == 200) ++answered;
    });
  CHECK(server.eventually([](const auto& counters) { return counters.requests > 2'000; }));
  server.server().drain(std::chrono::seconds{10});
  stop = true;
  for (auto& each : clients) each.join();
  const auto counters = server.server().counters();
  CHECK(counters.connections_open == 0);
  CHECK(counters.answers_2xx >= answered);
}
