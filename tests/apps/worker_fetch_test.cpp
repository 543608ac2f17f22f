// Plans that are fetched from PlanExe's worker by the id of their run, from a stand-in for it.
#include <doctest/doctest.h>

#include <atomic>
#include <fstream>
#include <future>
#include <mutex>

#include "apps/demo/plan_upload.hpp"
#include "tests/apps/demo_stand_in_server.hpp"
#include "tests/apps/server_harness.hpp"

namespace planexe::tests {
namespace {

constexpr const char* running = R"({"run_dir_exists":true,"pid":7,"running":true,"returncode":null,
  "pipeline_complete":false,"last_update_seconds_ago":1.0})";
constexpr const char* complete = R"({"run_dir_exists":true,"pid":7,"running":false,"returncode":0,
  "pipeline_complete":true,"last_update_seconds_ago":3.5})";
constexpr const char* absent = R"({"run_dir_exists":false,"pid":null,"running":false,"returncode":null,
  "pipeline_complete":false,"last_update_seconds_ago":null})";

std::string small_run() {
  const auto zip = demo::zip_folder(PLANEXE_SOURCE_DIR "/configs/demo_plan");
  REQUIRE(zip);
  return *zip;
}

environment worker_at(const stand_in_server& worker) {
  return {{"PLANEXE_WORKER_PLAN_URL", "http://127.0.0.1:" + std::to_string(worker.port())}};
}

reply fetch(api_client& api, const json& run) {
  return api.post("/api/plans", {{"planexe_run_id", run}});
}

void check_nothing_stored(api_client& api) {
  CHECK(api.get("/api/plans").body.empty());
}

const std::vector<std::string> run_field{"planexe_run_id"};

}  // namespace

TEST_CASE("a run is fetched once it is complete and becomes a plan as an upload would") {
  std::atomic<int> asked = 0;
  const auto zip = small_run();
  stand_in_server worker([&](const stand_in_request& request) {
    if (request.path == "/runs/PlanExe_1/zip") return stand_in_reply{.body = zip};
    if (request.path == "/runs/PlanExe_1") return stand_in_reply{.body = ++asked < 2 ? running : complete};
    return stand_in_reply{.status = 404};
  });
  server_under_test server(worker_at(worker));
  api_client api(server.address());
  const auto fetched = fetch(api, "PlanExe_1");
  REQUIRE_MESSAGE(fetched.status == 201, fetched.text);
  CHECK(asked == 2);
  CHECK(fetched.header("Location") == "/api/plans/" + fetched.body.at("plan_id").get<std::string>());
  const auto uploaded = api.send("POST", "/api/plans", zip, {{"Content-Type", "application/zip"}});
  REQUIRE(uploaded.status == 201);
  for (const char* member : {"title", "goal", "phases", "tasks", "tasks_total", "dependencies", "roles", "warnings"})
    CHECK_MESSAGE(fetched.body.at(member) == uploaded.body.at(member), member);
  CHECK(api.post("/api/executions", {{"plan_id", fetched.body["plan_id"]}}).status == 201);
}

TEST_CASE("a run that cannot be had is refused under its field and nothing is stored") {
  stand_in_server worker([](const stand_in_request& request) {
    if (request.path == "/runs/notaplan/zip") return stand_in_reply{.body = "this is no zip"};
    if (request.path == "/runs/huge/zip") return stand_in_reply{.body = std::string((64U << 20U) + 1, 'x')};
    if (request.path == "/runs/absent") return stand_in_reply{.body = absent};
    return stand_in_reply{.body = complete};
  });
  server_under_test server(worker_at(worker));
  api_client api(server.address());
  for (const char* run : {"absent", "../secrets", "a/b", ".", "a?b=c", ""}) {
    const auto refused = fetch(api, run);
    CHECK_MESSAGE(refused.status == 422, run);
    CHECK(refused.fields_named() == run_field);
  }
  CHECK(fetch(api, 7).fields_named() == run_field);
  CHECK(fetch(api, nullptr).fields_named() == run_field);
  CHECK(api.post("/api/plans", {{"planexe_run_id", "r"}, {"goal", "x"}}).fields_named() ==
        std::vector<std::string>{"goal"});
  const auto unreadable = fetch(api, "notaplan");
  CHECK(unreadable.code() == "validation_failed");
  CHECK(!unreadable.fields_named().empty());
  const auto huge = fetch(api, "huge");
  CHECK(huge.status == 413);
  CHECK(huge.code() == "payload_too_large");
  check_nothing_stored(api);
}

TEST_CASE("without a worker no run can be fetched") {
  server_under_test server;
  api_client api(server.address());
  const auto refused = fetch(api, "PlanExe_1");
  CHECK(refused.status == 422);
  CHECK(refused.fields_named() == run_field);
  CHECK(refused.text.find("PLANEXE_WORKER_PLAN_URL") != std::string::npos);
}

TEST_CASE("a worker that is gone may be back later") {
  server_under_test server(environment{{"PLANEXE_WORKER_PLAN_URL", "http://127.0.0.1:1"}});
  api_client api(server.address());
  const auto refused = fetch(api, "PlanExe_1");
  CHECK(refused.code() == "unavailable");
  CHECK(!refused.header("Retry-After").empty());
  CHECK(refused.text.find("http://127.0.0.1:1") != std::string::npos);
  check_nothing_stored(api);
}

TEST_CASE("more fetches than fit are refused at once and a stop ends those that wait") {
  // Four threads and a queue of 16: what comes on top is told so.
  constexpr int sent = 24, fits = 20;
  std::atomic<int> refused = 0;
  stand_in_server worker([](const stand_in_request&) { return stand_in_reply{.never = true}; });
  server_under_test server(worker_at(worker));
  std::vector<std::future<unsigned>> waiting;
  for (int i = 0; i < sent; ++i)
    waiting.push_back(std::async(std::launch::async, [&refused, address = server.address()] {
      api_client api(address, std::chrono::seconds(110));
      const auto answer = api.send("POST", "/api/plans", R"({"planexe_run_id": "r"})");
      if (answer.text.find("too many runs") != std::string::npos) ++refused;
      return answer.status;
    }));
  CHECK(eventually([&] { return refused >= sent - fits; }));
  CHECK(server.terminate() == 0);
  for (auto& each : waiting) CHECK(each.get() == 503);
  // A queue that fills before its threads have taken anything out of it refuses up to as many more as there are
  // threads.
  CHECK(refused >= sent - fits);
  CHECK(refused <= sent - fits + 4);
}

}  // namespace planexe::tests
