// Notifications over a real server, to a receiver on this machine that checks what it gets.
#include <doctest/doctest.h>

#include <fstream>
#include <mutex>

#include "tests/apps/demo_stand_in_server.hpp"
#include "tests/apps/server_harness.hpp"

namespace planexe::tests {
namespace {

constexpr const char* secret = "whsec_bm90aGluZyB0aGF0IGFueWJvZHkgY291bGQgZ3Vlc3M=";
constexpr const char* hidden_path = "/hook-7f3a";

struct delivery {
  std::string path;
  std::map<std::string, std::string> headers;
  std::string body;
  json content() const { return json::parse(body, nullptr, false); }
  std::string id() const { return headers.count("webhook-id") > 0 ? headers.at("webhook-id") : ""; }
};

/// Remembers what came and answers with the statuses it is given, then with the last of them.
class receiver {
 public:
  explicit receiver(std::vector<unsigned> statuses = {204}) : statuses_(std::move(statuses)) {}

  std::vector<delivery> got() {
    const std::lock_guard lock{mutex_};
    return got_;
  }
  std::size_t count(const std::string& type) {
    const auto all = got();
    return static_cast<std::size_t>(std::count_if(
        all.begin(), all.end(), [&](const auto& each) { return each.content().value("type", "") == type; }));
  }
  /// The first of a type, when it has come.
  delivery first(const std::string& type) {
    REQUIRE(eventually([&] { return count(type) > 0; }));
    for (const auto& each : got())
      if (each.content().value("type", "") == type) return each;
    return {};
  }
  void answer_with(std::vector<unsigned> statuses) {
    const std::lock_guard lock{mutex_};
    statuses_ = std::move(statuses);
  }
  void say_nothing(bool silent) {
    const std::lock_guard lock{mutex_};
    silent_ = silent;
  }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()) + hidden_path; }

 private:
  stand_in_reply take(const stand_in_request& request) {
    const std::lock_guard lock{mutex_};
    got_.push_back({request.path, request.headers, request.body});
    if (silent_) return {.never = true};
    const auto status = statuses_.front();
    if (statuses_.size() > 1) statuses_.erase(statuses_.begin());
    return {.status = status, .body = {}, .headers = {}};
  }

  std::mutex mutex_;
  std::vector<delivery> got_;
  std::vector<unsigned> statuses_;
  bool silent_ = false;
  stand_in_server server_{[this](const stand_in_request& request) { return take(request); }};
};

environment telling(const receiver& to, environment more = {}) {
  environment variables{{"PLANEXE_NOTIFY_WEBHOOK_URL", to.url()},
                        {"PLANEXE_NOTIFY_WEBHOOK_SECRET", secret},
                        {"PLANEXE_NOTIFY_BACKOFF_SECONDS", "0.05"}};
  for (auto& [name, value] : more) variables[name] = value;
  return variables;
}

/// An execution whose only task has failed for good: it is escalated.
std::string fail_a_task(api_client& api) {
  const auto id = start_execution(api, plan_of({"a"}));
  register_agent(api, "ann");
  json held;
  REQUIRE(eventually([&] {
    held = poll(api, "ann");
    return !held.is_null();
  }));
  CHECK(report(api, "ann", held, "task_error",
               {{"error_type", "broken"}, {"error_message", "it broke"}, {"retryable", false}})
            .status == 201);
  return id;
}

json notifications(api_client& api, const std::string& query = {}) {
  const auto answer = api.get("/api/notifications" + query);
  REQUIRE_MESSAGE(answer.status == 200, answer.text);
  return answer.body;
}

bool stands(api_client& api, std::size_t place, const std::string& status) {
  return eventually([&] {
    const auto all = notifications(api);
    return all.size() > place && all[place].at("status") == status;
  });
}

/// The documentation's own way to verify; nothing where there is no Python.
std::optional<bool> verified(const delivery& got, const std::string& key) {
  const auto page = read_text(PLANEXE_SOURCE_DIR "/docs/notifications.md");
  constexpr std::string_view fence = "```python\n";
  const auto begin = page.find(fence);
  REQUIRE(begin != std::string::npos);
  const auto code = page.substr(begin + fence.size(), page.find("```", begin + fence.size()) - begin - fence.size());
  const scratch_folder folder;
  std::ofstream(folder.path() / "body", std::ios::binary) << got.body;
  std::ofstream(folder.path() / "headers", std::ios::binary) << json(got.headers).dump();
  std::ofstream(folder.path() / "verify.py") << code << "\nimport json, sys\n"
                                             << "ok = verified(json.load(open('headers')), open('body', 'rb').read(), "
                                             << "sys.argv[1])\nprint(ok)\nsys.exit(0 if ok else 3)\n";
  child_process python;
  python.start({"python3", "verify.py", key}, {}, folder.path(), folder.path() / "out");
  const auto code_of_end = python.wait(std::chrono::seconds(30));
  REQUIRE(code_of_end);
  if (*code_of_end == 127) return std::nullopt;
  REQUIRE_MESSAGE((*code_of_end == 0 || *code_of_end == 3), read_text(folder.path() / "out"));
  return *code_of_end == 0;
}

void check_no_secret(const std::string& text) {
  CHECK(text.find(secret) == std::string::npos);
  CHECK(text.find("bm90aGluZyB0aGF0") == std::string::npos);
  CHECK(text.find(hidden_path) == std::string::npos);
}

}  // namespace

TEST_CASE("an escalation arrives, signed as the documentation says, and is listed as delivered") {
  receiver to;
  server_under_test server(telling(to));
  api_client api(server.address());
  const auto id = fail_a_task(api);
  const auto got = to.first("task.escalated");
  CHECK(got.path == hidden_path);
  CHECK(got.headers.at("content-type") == "application/json");
  const auto content = got.content();
  CHECK(content.at("id") == got.id());
  const auto& data = content.at("data");
  CHECK(data.at("execution_id") == id);
  CHECK(data.at("level") == 1);
  CHECK(data.at("tasks").at(0).at("task_id") == "a");
  CHECK(data.at("message").get<std::string>().find("it broke") != std::string::npos);
  const auto events = history(api, id);
  CHECK(events[data.at("first_seq").get<std::size_t>() - 1].at("event_type") == "task_escalated");
  REQUIRE(stands(api, 0, "delivered"));
  const auto listed = notifications(api, "?execution_id=" + id);
  REQUIRE(listed.size() == 1);
  CHECK(listed[0].at("notification_id") == got.id());
  CHECK(listed[0].at("http_status") == 204);
  CHECK(to.got().size() == 1);
  const auto genuine = verified(got, secret);
  if (!genuine) return skip("python3 is not installed");
  CHECK(*genuine);
  CHECK_FALSE(*verified(got, "whsec_b3RoZXI="));
  auto forged = got;
  forged.body[forged.body.size() / 2] ^= 1;
  CHECK_FALSE(*verified(forged, secret));
  auto old = got;
  old.headers["webhook-timestamp"] = "1700000000";
  CHECK_FALSE(*verified(old, secret));
}

TEST_CASE("reviews and the end of an execution are told") {
  receiver to;
  server_under_test server(telling(to, {{"PLANEXE_REVIEW_THRESHOLD", "0.99"}}));
  api_client api(server.address());
  const auto id = start_execution(api, plan_of({"a", "b", "c"}, {{"decomposition_confidence", 0.5}}));
  const auto asked = to.first("review.requested").content().at("data");
  CHECK(asked.at("tasks").size() == 3);
  for (const char* each : {"a", "b", "c"}) CHECK(resolve(api, id, each, "skip").status == 200);
  CHECK(to.first("execution.completed").content().at("data").at("execution_id") == id);
  CHECK(to.count("review.requested") == 1);
  CHECK(to.count("execution.blocked") == 0);
}

TEST_CASE("a receiver that fails twice gets the same notification three times") {
  receiver to({500, 503, 204});
  server_under_test server(telling(to));
  api_client api(server.address());
  fail_a_task(api);
  REQUIRE(stands(api, 0, "delivered"));
  const auto got = to.got();
  REQUIRE(got.size() == 3);
  for (const auto& each : got) {
    CHECK(each.id() == got[0].id());
    CHECK(each.body == got[0].body);
  }
  const auto listed = notifications(api)[0];
  CHECK(listed.at("attempts") == 3);
  CHECK(listed.at("last_failure").get<std::string>().find("status 503") != std::string::npos);
}

TEST_CASE("a server that is killed between its attempts goes on with them") {
  receiver to({500});
  server_under_test server(telling(to));
  {
    api_client api(server.address());
    fail_a_task(api);
  }
  REQUIRE(eventually([&] { return !to.got().empty(); }));
  server.kill();
  const auto id = to.got().front().id();
  to.answer_with({204});
  const auto before = to.got().size();
  server.start();
  REQUIRE(eventually([&] { return to.got().size() > before; }));
  CHECK(to.got().back().id() == id);
  api_client api(server.address());
  REQUIRE(stands(api, 0, "delivered"));
  CHECK(notifications(api).size() == 1);
}

TEST_CASE("a server that is killed while its receiver is silent sends it again, and a stop does not wait for it") {
  receiver to;
  to.say_nothing(true);
  server_under_test server(telling(to));
  {
    api_client api(server.address());
    fail_a_task(api);
  }
  REQUIRE(eventually([&] { return to.got().size() == 1; }));
  server.kill();
  server.start();
  REQUIRE(eventually([&] { return to.got().size() == 2; }));
  const auto begin = std::chrono::steady_clock::now();
  CHECK(server.terminate() == 0);
  CHECK(std::chrono::steady_clock::now() - begin < std::chrono::seconds(10));  // a delivery may take 15
  to.say_nothing(false);
  server.start();
  api_client api(server.address());
  REQUIRE(stands(api, 0, "delivered"));
  const auto got = to.got();
  REQUIRE(got.size() == 3);
  CHECK(got[0].id() == got[1].id());
  CHECK(got[0].id() == got[2].id());
  CHECK(notifications(api)[0].at("attempts") == 1);  // those that were cut off are not known to have failed
}

TEST_CASE("one that is given up is listed as dead and sent again when a person wants it") {
  receiver to({410, 204});
  server_under_test server(telling(to));
  api_client api(server.address());
  const auto execution = fail_a_task(api);
  REQUIRE(stands(api, 0, "dead"));
  const std::string id = notifications(api, "?status=dead")[0].at("notification_id");
  CHECK(notifications(api, "?status=pending").empty());
  CHECK(notifications(api, "?status=dead&execution_id=other").empty());
  const auto path = "/api/notifications/" + id + "/retry";
  const auto again = api.send("POST", path, "", {{"Idempotency-Key", "k1"}});
  REQUIRE_MESSAGE(again.status == 200, again.text);
  CHECK(again.body.at("status") == "pending");
  CHECK(again.body.at("notification_id") == id);
  REQUIRE(stands(api, 0, "delivered"));
  CHECK(api.send("POST", path, "", {{"Idempotency-Key", "k1"}}).text == again.text);
  const auto refused = api.send("POST", path);
  CHECK(refused.status == 409);
  CHECK(refused.code() == "invalid_transition");
  CHECK(api.send("POST", "/api/notifications/ntf_9_0000000000000000/retry").status == 404);
  CHECK(api.send("POST", "/api/notifications/nonsense/retry").status == 404);
  CHECK(api.send("POST", path, R"({"force": true})").status == 422);
  CHECK(api.get("/api/notifications?status=lost").status == 400);
  CHECK(api.get("/api/notifications?cursor=AAAA").status == 400);
  CHECK(to.got().size() == 2);
  server.kill();
  server.start();
  api_client later(server.address());
  CHECK(notifications(later, "?status=delivered&execution_id=" + execution).size() == 1);
}

TEST_CASE("the list comes in pages, newest first") {
  receiver to;
  server_under_test server(telling(to));
  api_client api(server.address());
  std::vector<std::string> executions;
  for (int i = 0; i < 5; ++i) {
    executions.push_back(start_execution(api, plan_of({"a"})));
    CHECK(resolve(api, executions.back(), "a", "skip").status == 200);
    REQUIRE(eventually([&] { return notifications(api).size() == executions.size(); }));
  }
  std::vector<std::string> listed;
  std::string path = "/api/notifications?limit=2";
  while (!path.empty()) {
    const auto answer = api.get(path);
    REQUIRE(answer.status == 200);
    CHECK(answer.body.size() <= 2);
    for (const auto& each : answer.body) listed.insert(listed.begin(), each.at("execution_id"));
    const auto link = answer.header("Link");
    path = link.empty() ? "" : link.substr(1, link.find('>') - 1);
  }
  CHECK(listed == executions);
}

TEST_CASE("an agent is told at its own address, which is called under stricter rules") {
  receiver to, own;
  server_under_test server(telling(to));
  api_client api(server.address());
  register_agent(api, "boss", {{"webhook_url", own.url()}});
  start_execution(api, plan_of({"x"}), {{"escalation", {{{"after_hours", 0.0001}, {"to", "boss"}}}}});
  REQUIRE(stands(api, 0, "dead"));  // plain http to this machine, on an agent's word
  CHECK(own.got().empty());
  CHECK(to.count("task.escalated") == 0);
  server.kill();
  server.set("PLANEXE_NOTIFY_ALLOW_PRIVATE", "true");
  server.start();
  api_client later(server.address());
  const std::string id = notifications(later, "?status=dead").back().at("notification_id");
  CHECK(later.send("POST", "/api/notifications/" + id + "/retry").status == 200);
  REQUIRE(eventually([&] { return own.count("task.escalated") > 0; }));
  CHECK(own.got()[0].content().at("data").at("escalated_to") == "boss");
}

TEST_CASE("the secret and the rest of the address are nowhere to be seen") {
  receiver to({500, 410});
  server_under_test server(telling(to, {{"PLANEXE_LOG_LEVEL", "trace"}}));
  api_client api(server.address());
  const auto id = fail_a_task(api);
  REQUIRE(stands(api, 0, "dead"));
  check_no_secret(api.get("/api/notifications").text);
  check_no_secret(api.get("/api/executions/" + id + "/events").text);
  check_no_secret(server.log());
  CHECK(server.log().find("is given up") != std::string::npos);
}

TEST_CASE("an address that can never be called stops the start, and one without a secret is warned of") {
  const auto refused = [](const environment& variables) {
    const scratch_folder folder;
    child_process process;
    process.start({server_program(), "serve", "--execution-data-dir", "d", "--execution-port", "0"}, variables,
                  folder.path(), folder.path() / "log");
    CHECK(process.wait(std::chrono::seconds(30)) == 2);
    return read_text(folder.path() / "log");
  };
  for (const char* url :
       {"http://example.org/hidden", "http://192.168.1.1/hidden", "https://169.254.169.254/hidden",
        "https://10.0.0.1/hidden", "https://user:sesame@example.org/hidden", "https://[fe80::1]/hidden"}) {
    const auto line = refused({{"PLANEXE_NOTIFY_WEBHOOK_URL", url}});
    CHECK_MESSAGE(line.find("PLANEXE_NOTIFY_WEBHOOK_URL") != std::string::npos, line);
    CHECK_MESSAGE(line.find("hidden") == std::string::npos, line);
    CHECK_MESSAGE(line.find("sesame") == std::string::npos, line);
  }
  const auto line = refused({{"PLANEXE_NOTIFY_WEBHOOK_SECRET", "whsec_!!"}});
  CHECK_MESSAGE(line.find("PLANEXE_NOTIFY_WEBHOOK_SECRET") != std::string::npos, line);
  receiver to;
  server_under_test server({{"PLANEXE_NOTIFY_WEBHOOK_URL", to.url()}});
  CHECK(server.log().find("not signed") != std::string::npos);
  api_client api(server.address());
  fail_a_task(api);
  CHECK(to.first("task.escalated").headers.count("webhook-signature") == 0);
}

}  // namespace planexe::tests
