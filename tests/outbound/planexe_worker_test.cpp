// Fetching runs from a stand-in for PlanExe's worker.
#include "outbound/planexe_worker.hpp"

#include <doctest/doctest.h>

#include "tests/apps/demo_stand_in_server.hpp"

namespace planexe::outbound {
namespace {

using tests::stand_in_reply;
using tests::stand_in_request;
using tests::stand_in_server;
using kind = fetch_failure::kind;
using std::chrono::milliseconds;

// As worker_plan answers.
constexpr const char* complete = R"({"run_id":"r","run_dir_exists":true,"pid":7,"running":false,"returncode":0,
  "pipeline_complete":true,"stop_requested":false,"last_update_seconds_ago":3.5})";
constexpr const char* running = R"({"run_id":"r","run_dir_exists":true,"pid":7,"running":true,"returncode":null,
  "pipeline_complete":false,"stop_requested":false,"last_update_seconds_ago":1.0})";
constexpr const char* absent = R"({"run_id":"r","run_dir_exists":false,"pid":null,"running":false,"returncode":null,
  "pipeline_complete":false,"stop_requested":false,"last_update_seconds_ago":null})";
constexpr const char* crashed = R"({"run_id":"r","run_dir_exists":true,"pid":7,"running":false,"returncode":1,
  "pipeline_complete":false,"stop_requested":false,"last_update_seconds_ago":3.5})";
constexpr const char* left = R"({"run_id":"r","run_dir_exists":true,"pid":null,"running":false,"returncode":null,
  "pipeline_complete":false,"stop_requested":false,"last_update_seconds_ago":90000})";

expected<std::string, fetch_failure> fetch(const stand_in_server& server, std::string_view run_id = "PlanExe_1",
                                           milliseconds patience = std::chrono::seconds(30), std::stop_token stop = {},
                                           std::size_t max_zip = 1'000) {
  worker_options worker{.url = "http://127.0.0.1:" + std::to_string(server.port()) + "/"};
  worker.max_zip_bytes = max_zip;
  worker.first_wait = milliseconds{1};
  worker.longest_wait = milliseconds{4};
  return fetch_run(worker, run_id, std::chrono::steady_clock::now() + patience, std::move(stop));
}

kind failure(const expected<std::string, fetch_failure>& fetched) {
  REQUIRE(!fetched);
  CHECK(!fetched.error().detail.empty());
  return fetched.error().what;
}

}  // namespace

TEST_CASE("a complete run is fetched as a zip") {
  std::vector<std::string> paths;
  stand_in_server server([&](const stand_in_request& request) {
    paths.push_back(request.method + " " + request.path);
    return stand_in_reply{.body = request.path.ends_with("/zip") ? "PK zip" : complete};
  });
  const auto zip = fetch(server);
  server.stop();
  REQUIRE(zip);
  CHECK(*zip == "PK zip");
  CHECK(paths == std::vector<std::string>{"GET /runs/PlanExe_1", "GET /runs/PlanExe_1/zip"});
}

TEST_CASE("a run under way is asked about again until it is complete") {
  int asked = 0;
  stand_in_server server([&](const stand_in_request& request) {
    if (request.path.ends_with("/zip")) return stand_in_reply{.body = "PK"};
    ++asked;
    if (asked == 2) return stand_in_reply{.status = 503};
    return stand_in_reply{.body = asked < 5 ? running : complete};
  });
  CHECK(fetch(server));
  server.stop();
  CHECK(asked == 5);
}

TEST_CASE("a run that is not complete by the deadline may be later") {
  stand_in_server server([](const stand_in_request&) { return stand_in_reply{.body = running}; });
  CHECK(failure(fetch(server, "r", milliseconds{60})) == kind::incomplete);
}

TEST_CASE("a run that is not there or will never be complete is told apart") {
  const char* answer = absent;
  stand_in_server server([&](const stand_in_request&) { return stand_in_reply{.body = answer}; });
  CHECK(failure(fetch(server)) == kind::unknown);
  answer = crashed;
  CHECK(failure(fetch(server)) == kind::ended);
  answer = left;
  CHECK(failure(fetch(server)) == kind::ended);
}

TEST_CASE("where there are no runs the downloads of the MCP service are tried") {
  std::vector<std::string> paths;
  stand_in_server server([&](const stand_in_request& request) {
    paths.push_back(request.path);
    if (request.path == "/download/known/run.zip") return stand_in_reply{.body = "PK"};
    return stand_in_reply{.status = 404, .body = R"({"detail":"Not Found"})"};
  });
  CHECK(fetch(server, "known"));
  CHECK(failure(fetch(server, "other")) == kind::unknown);
}

TEST_CASE("a zip over the limit and an answer that is none of a worker are refused") {
  stand_in_server server([](const stand_in_request& request) {
    if (request.path == "/runs/html") return stand_in_reply{.body = "<html>"};
    if (request.path == "/runs/other") return stand_in_reply{.body = R"({"id":1})"};
    if (request.path == "/runs/denied") return stand_in_reply{.status = 401};
    return stand_in_reply{.body = request.path.ends_with("/zip") ? std::string(1'001, 'x') : complete};
  });
  CHECK(failure(fetch(server, "big")) == kind::too_large);
  CHECK(failure(fetch(server, "html")) == kind::unreachable);
  CHECK(failure(fetch(server, "other")) == kind::unreachable);
  CHECK(failure(fetch(server, "denied")) == kind::unreachable);
}

TEST_CASE("a name that could leave its place in the path is never sent") {
  stand_in_server server([](const stand_in_request&) { return stand_in_reply{.body = complete}; });
  for (const char* name : {"", ".", "..", "../x", "a/b", "a?b", "a#b", "a%2e", "a b", ".hidden", "a\nb", "ä"})
    CHECK_MESSAGE(failure(fetch(server, name)) == kind::invalid_id, name);
  CHECK(failure(fetch(server, std::string(129, 'a'))) == kind::invalid_id);
  server.stop();
  CHECK(server.connections() == 0);
  CHECK(is_run_id("PlanExe_20250209_114355"));
  CHECK(is_run_id("PlanExe_0f8fad5b-d9cb-469f-a165-70867728950e"));
}

TEST_CASE("a stop ends the waiting, and a worker that is gone is unreachable") {
  std::stop_source stop;
  stand_in_server server([&](const stand_in_request&) {
    stop.request_stop();
    return stand_in_reply{.body = running};
  });
  CHECK(failure(fetch(server, "r", std::chrono::seconds(30), stop.get_token())) == kind::cancelled);
  worker_options worker{.url = "http://127.0.0.1:1"};  // nobody listens on port 1
  CHECK(failure(fetch_run(worker, "r", std::chrono::steady_clock::now() + std::chrono::seconds(5), {})) ==
        kind::unreachable);
}

}  // namespace planexe::outbound
