// Forks of a real server's executions, and what they are held against.
#include <doctest/doctest.h>

#include "tests/apps/server_harness.hpp"
#include "tests/apps/server_stream_client.hpp"

namespace planexe::tests {
namespace {

json of_kind(const json& events, const std::string& type) {
  json found = json::array();
  for (const auto& event : events)
    if (event.at("event_type") == type) found.push_back(event);
  return found;
}

reply fork(api_client& api, const std::string& id, std::uint64_t seq, json extra = json::object(),
           const headers& fields = {}) {
  extra["at_seq"] = seq;
  return api.post("/api/executions/" + id + "/fork", extra, fields);
}

std::uint64_t version(api_client& api, const std::string& id) {
  return execution(api, id).at("version");
}

/// Two tasks, the first one done by ann, the second one held by her.
struct half_done {
  explicit half_done(server_under_test& on, const json& options = json::object()) : api(on.address()) {
    register_agent(api, "ann");
    id = start_execution(api, plan_of({"a", "b"}, {{"decomposition_confidence", 0.9}}), options);
    const auto first = poll(api, "ann");
    REQUIRE(report(api, "ann", first, "task_complete", {{"output_data", {{"by", "ann"}}}}).status == 201);
    held = poll(api, "ann");
    REQUIRE(!held.is_null());
  }
  api_client api;
  std::string id;
  json held;
};

}  // namespace

TEST_CASE("a fork goes on from a moment in the past, and what it came from stays as it was") {
  server_under_test server;
  half_done on(server);
  auto& api = on.api;
  const auto before = history(api, on.id);
  const auto seq = before.size();
  const auto made = fork(api, on.id, seq, {{"title", "Again"}, {"reason", "to try bob"}, {"priority", 5}});
  REQUIRE_MESSAGE(made.status == 201, made.text);
  const std::string id = made.body.at("execution_id");
  CHECK(id != on.id);
  CHECK(made.header("Location") == "/api/executions/" + id);
  CHECK(made.header("ETag") == "\"" + std::to_string(seq + 2) + "\"");
  CHECK(made.body.at("status") == "PAUSED");
  CHECK(made.body.at("status_message") == "to try bob");
  CHECK(made.body.at("title") == "Again");
  CHECK(made.body.at("priority") == 5);
  CHECK(made.body.at("forked_from") == json{{"execution_id", on.id}, {"seq", seq}});
  CHECK(made.body.at("agents").empty());
  CHECK(made.body.at("progress").at("tasks_completed") == 1);
  CHECK(execution(api, id) == without_forecasts(made.body));

  const auto events = history(api, id);
  check_gapless(events);
  REQUIRE(events.size() == seq + 2);
  for (std::size_t i = 0; i < seq; ++i) {
    CHECK(events[i].at("inherited") == true);
    for (const auto* same : {"event_type", "timestamp", "actor"}) CHECK(events[i].at(same) == before[i].at(same));
  }
  CHECK(events[seq].at("event_type") == "execution_forked");
  CHECK(events[seq].at("forked_from") ==
        json{{"execution_id", on.id}, {"seq", seq}, {"hash", before.back().at("hash")}});
  CHECK(events[seq].at("message") == "to try bob");
  CHECK(events[seq + 1].at("event_type") == "execution_reprioritized");

  // The origin: nothing was written, its holder goes on.
  CHECK(history(api, on.id) == before);
  CHECK(!execution(api, on.id).contains("forked_from"));
  CHECK(report(api, "ann", on.held, "task_complete").status == 201);
  CHECK(reaches(api, on.id, "COMPLETED"));

  // The fork: nobody gets anything until it is resumed; then it is like any other.
  register_agent(api, "bob");
  CHECK(poll(api, "bob").is_null());
  REQUIRE(api.patch("/api/executions/" + id, {{"status", "RUNNING"}}).status == 200);
  const auto task = poll(api, "bob", "wait=5");
  REQUIRE(!task.is_null());
  CHECK(task.at("execution_id") == id);
  CHECK(task.at("attempt") == 2);
  CHECK(report(api, "bob", task, "task_complete", {{"output_data", {{"by", "bob"}}}}).status == 201);
  CHECK(reaches(api, id, "COMPLETED"));

  const auto rows = api.get("/api/executions").body;
  CHECK(rows.at(0).at("execution_id") == id);
  CHECK(rows.at(0).at("forked_from").at("seq") == seq);
  CHECK(!rows.at(1).contains("forked_from"));
  const auto ann = api.get("/api/agents/ann").body, bob = api.get("/api/agents/bob").body;
  CHECK(ann.at("completed") == 2);
  CHECK(bob.at("completed") == 1);
}

TEST_CASE("every moment of a past can be gone back to, in a fork as in its origin") {
  server_under_test server;
  half_done on(server, {{"review_threshold", 0}});
  auto& api = on.api;
  const auto last = version(api, on.id);
  for (std::uint64_t seq = 1; seq <= last; ++seq) {
    const auto made = fork(api, on.id, seq);
    REQUIRE_MESSAGE(made.status == 201, made.text);
    const std::string id = made.body.at("execution_id");
    CHECK(made.body.at("status") == (seq == 1 ? "CREATED" : "PAUSED"));
    const auto was = api.get("/api/executions/" + on.id + "/tasks?flat=true&at_seq=" + std::to_string(seq)).body;
    const auto is = api.get("/api/executions/" + id + "/tasks?flat=true&at_seq=" + std::to_string(seq)).body;
    CHECK(without_forecasts(was) == without_forecasts(is));
  }
  CHECK(version(api, on.id) == last);
  // Also after a restart, from the log alone.
  server.kill();
  server.start();
  api_client again(server.address());
  const auto rows = again.get("/api/executions").body;
  CHECK(rows.size() == last + 1);
  CHECK(std::count_if(rows.begin(), rows.end(), [](const json& row) { return row.contains("forked_from"); }) ==
        static_cast<std::ptrdiff_t>(last));
  CHECK(execution(again, on.id).at("version") == last);
}

TEST_CASE("what was held is given out anew, with other rules where they are given") {
  server_under_test server;
  half_done on(server, {{"review_threshold", 0}, {"timeout_hours", 100}});
  auto& api = on.api;
  const auto seq = version(api, on.id);
  const auto strict = fork(api, on.id, seq - 1, {{"options", {{"review_threshold", 1}, {"max_parallel", 1}}}});
  REQUIRE_MESSAGE(strict.status == 201, strict.text);
  const std::string id = strict.body.at("execution_id");
  CHECK(strict.body.at("options").at("max_parallel") == 1);
  CHECK(strict.body.at("options").at("timeout_hours") == 100);
  CHECK(task(api, id, "b").at("waiting_for").at("kind") == "review");
  CHECK(execution(api, on.id).at("options").at("max_parallel") == 0);
  const auto events = of_kind(history(api, id), "execution_forked");
  CHECK(events.at(0).at("options").at("review_threshold") == 1);

  const auto alone = fork(api, on.id, seq, {{"agent_id", "carl"}});
  CHECK(alone.body.at("agent_id") == "carl");
  const auto freed = fork(api, alone.body.at("execution_id"), seq + 1, {{"agent_id", nullptr}});
  REQUIRE(freed.status == 201);
  CHECK(!freed.body.contains("agent_id"));
  CHECK(freed.body.at("forked_from").at("execution_id") == alone.body.at("execution_id"));
}

TEST_CASE("a fork that cannot be made is refused clearly and changes nothing") {
  server_under_test server;
  half_done on(server);
  auto& api = on.api;
  const auto last = version(api, on.id);
  const auto path = "/api/executions/" + on.id + "/fork";
  CHECK(fork(api, "none", 1).status == 404);
  const auto beyond = fork(api, on.id, last + 1);
  CHECK(beyond.status == 422);
  CHECK(beyond.fields_named() == std::vector<std::string>{"at_seq"});
  CHECK(beyond.body.at("detail") == "the execution has events 1 to " + std::to_string(last));
  CHECK(fork(api, on.id, 0).status == 422);
  CHECK(api.post(path, json::object()).fields_named() == std::vector<std::string>{"at_seq"});
  const auto wrong = api.post(path, {{"at_seq", "x"},
                                     {"nonsense", 1},
                                     {"agent_id", "-"},
                                     {"options", {{"sequencing", "plan"}, {"review_threshold", 7}}}});
  CHECK(wrong.status == 422);
  CHECK(wrong.fields_named() ==
        std::vector<std::string>{"agent_id", "at_seq", "nonsense", "options.review_threshold", "options.sequencing"});
  CHECK(api.send("POST", path, "[]").status == 422);
  CHECK(api.send("POST", path, "{").status == 400);
  CHECK(fork(api, on.id, 1, json::object(), {{"If-Match", "\"1\""}}).code() == "version_mismatch");
  CHECK(fork(api, on.id, 1, json::object(), {{"If-Match", "\"" + std::to_string(last) + "\""}}).status == 201);
  CHECK(api.get("/api/executions").body.size() == 2);

  REQUIRE(api.patch("/api/executions/" + on.id, {{"status", "CANCELLED"}}).status == 200);
  const auto over = fork(api, on.id, version(api, on.id));
  CHECK(over.code() == "invalid_transition");
  CHECK(over.body.at("detail").get<std::string>().find("CANCELLED") != std::string::npos);
  CHECK(fork(api, on.id, last).status == 201);
}

TEST_CASE("the same request makes one fork, also after a crash") {
  server_under_test server;
  std::string id, text;
  {
    half_done on(server);
    id = on.id;
    const auto first = fork(on.api, id, 3, {{"title", "T"}}, {{"Idempotency-Key", "k"}});
    REQUIRE(first.status == 201);
    text = first.text;
    CHECK(fork(on.api, id, 3, {{"title", "T"}}, {{"Idempotency-Key", "k"}}).text == text);
    CHECK(fork(on.api, id, 3, {{"title", "U"}}, {{"Idempotency-Key", "k"}}).code() == "idempotency_key_reused");
  }
  server.kill();
  server.start();
  api_client api(server.address());
  const auto again = fork(api, id, 3, {{"title", "T"}}, {{"Idempotency-Key", "k"}});
  CHECK(again.text == text);
  CHECK(again.header("Idempotent-Replayed") == "true");
  CHECK(api.get("/api/executions").body.size() == 2);
}

TEST_CASE("nobody hears of what was inherited as if it were new") {
  server_under_test server;
  half_done on(server);
  auto& api = on.api;
  stream_client overview(server.address(), "/api/stream");
  std::string type;
  while (type != "caught_up") {
    const auto message = overview.next();
    REQUIRE(message);
    type = message->at("type");
  }
  const auto metrics = api.get("/api/admin/metrics").body;
  const auto made = fork(api, on.id, version(api, on.id));
  REQUIRE(made.status == 201);
  const std::string id = made.body.at("execution_id");
  // One line of a list, one entry of what happened.
  std::size_t rows = 0, entries = 0;
  while (rows == 0 || entries == 0) {
    const auto message = overview.next();
    REQUIRE(message);
    if (message->at("type") == "execution_update" && message->at("execution_id") == id) ++rows;
    if (message->at("type") == "activity")
      for (const auto& entry : message->at("entries")) {
        CHECK(entry.at("event_type") == "execution_forked");
        ++entries;
      }
  }
  CHECK(entries == 1);
  const auto after = api.get("/api/admin/metrics").body;
  CHECK(after.at("tasks").at("completed") == metrics.at("tasks").at("completed"));
  CHECK(after.at("executions").at("PAUSED") == 1);

  // A stream of its own begins with a snapshot, or with the whole history where that is asked for.
  stream_client fresh(server.address(), "/api/executions/" + id + "/stream");
  const auto snapshot = fresh.next();
  REQUIRE(snapshot);
  CHECK(snapshot->at("type") == "snapshot");
  CHECK(snapshot->at("execution").at("forked_from").at("execution_id") == on.id);
  stream_client from_the_start(server.address(), "/api/executions/" + id + "/stream?from=0");
  const auto first = from_the_start.next();
  REQUIRE(first);
  CHECK(first->at("event_type") == "execution_created");
  CHECK(first->at("inherited") == true);
}

TEST_CASE("a fork is held against what it came from, task by task, by the server and by the log beside it") {
  server_under_test server;
  half_done on(server);
  auto& api = on.api;
  const auto seq = version(api, on.id);
  const std::string id = fork(api, on.id, seq).body.at("execution_id");
  REQUIRE(report(api, "ann", on.held, "task_complete", {{"output_data", {{"by", "ann"}}}}).status == 201);
  register_agent(api, "bob");
  REQUIRE(api.patch("/api/executions/" + id, {{"status", "RUNNING"}}).status == 200);
  REQUIRE(report(api, "bob", poll(api, "bob", "wait=5"), "task_complete", {{"output_data", {{"by", "bob"}}}}).status ==
          201);
  const auto compared = api.get("/api/executions/" + on.id + "/compare?with=" + id);
  REQUIRE_MESSAGE(compared.status == 200, compared.text);
  const auto& body = compared.body;
  CHECK(body.at("shared_events") == seq);
  CHECK(body.at("tasks_same") == 1);
  CHECK(body.at("tasks_different") == 1);
  CHECK(body.at("with").at("forked_from").at("execution_id") == on.id);
  const auto& a = body.at("tasks").at(0);
  CHECK(a.at("same") == true);
  CHECK(a.at("with").at("inherited") == true);
  CHECK(!a.at("execution").contains("inherited"));
  const auto& b = body.at("tasks").at(1);
  CHECK(b.at("differs") == json{"agent", "attempts", "output"});
  CHECK(b.at("execution").at("agent_id") == "ann");
  CHECK(b.at("with").at("agent_id") == "bob");
  CHECK(b.at("with").at("attempts") == 2);
  CHECK(b.at("with").at("output_data") == json{{"by", "bob"}});
  const auto report = api.get("/api/executions/" + id + "/report").body;
  CHECK(report.at("totals").at("inherited") == json{{"tasks_completed", 1}, {"tasks_skipped", 0}, {"attempts", 2}});
  CHECK(!api.get("/api/executions/" + on.id + "/report").body.at("totals").contains("inherited"));

  const auto url = server.address().url(), data = server.data_folder().string();
  for (const auto& [from, where] : {std::pair{"--url", url}, std::pair{"--data-dir", data}}) {
    const auto told = run(server, {"compare", on.id, id, "--json", from, where});
    REQUIRE_MESSAGE(told.code == 0, told.said);
    CHECK(json::parse(told.said).at("tasks") == body.at("tasks"));
    const auto text = run(server, {"compare", on.id, id, from, where});
    CHECK(text.code == 0);
    CHECK(text.said.find("They have their first " + std::to_string(seq) +
                         " events in common. Of 2 tasks 1 went the "
                         "same way, 1 did not.") != std::string::npos);
    CHECK(text.said.find("Do b [b]") != std::string::npos);
    CHECK(text.said.find(R"({"by":"bob"})") != std::string::npos);
    CHECK(text.said.find("Do a") == std::string::npos);
    CHECK(run(server, {"compare", on.id, "none", from, where}).code == 1);
  }
  CHECK(run(server, {"compare", on.id, "no id!", "--url", url}).code == 2);
  CHECK(api.get("/api/executions/" + on.id + "/compare").status == 400);
  CHECK(api.get("/api/executions/" + on.id + "/compare?with=none").status == 404);
  CHECK(api.get("/api/executions/none/compare?with=" + id).status == 404);
}

TEST_CASE("what has been archived can still be forked and compared") {
  server_under_test server;
  half_done on(server);
  auto& api = on.api;
  const auto seq = version(api, on.id);
  REQUIRE(report(api, "ann", on.held, "task_complete").status == 201);
  REQUIRE(reaches(api, on.id, "COMPLETED"));
  const auto archived = api.post("/api/executions/" + on.id + "/archive", json::object());
  REQUIRE_MESSAGE(archived.status < 300, archived.text);
  REQUIRE(eventually([&] { return api.get("/api/executions").body.empty(); }));
  const auto made = fork(api, on.id, seq);
  REQUIRE_MESSAGE(made.status == 201, made.text);
  const std::string id = made.body.at("execution_id");
  CHECK(made.body.at("status") == "PAUSED");
  REQUIRE(api.patch("/api/executions/" + id, {{"status", "RUNNING"}}).status == 200);
  REQUIRE(report(api, "ann", poll(api, "ann", "wait=5"), "task_complete").status == 201);
  CHECK(reaches(api, id, "COMPLETED"));
  const auto compared = api.get("/api/executions/" + id + "/compare?with=" + on.id);
  REQUIRE_MESSAGE(compared.status == 200, compared.text);
  CHECK(compared.body.at("shared_events") == seq);
  CHECK(compared.body.at("with").at("status") == "COMPLETED");
  CHECK(fork(api, on.id, version(api, id) + 100).status == 422);
}

TEST_CASE("a terminal makes forks too") {
  server_under_test server;
  half_done on(server);
  const auto url = server.address().url();
  const auto made = run(server, {"fork", on.id, "--at", "3", "--title", "By hand", "--any-agent", "--priority", "4",
                                 "--options", R"({"max_parallel": 2})", "--reason", "why not", "--json", "--url", url});
  REQUIRE_MESSAGE(made.code == 0, made.said);
  const auto body = json::parse(made.said);
  CHECK(body.at("title") == "By hand");
  CHECK(body.at("priority") == 4);
  CHECK(body.at("options").at("max_parallel") == 2);
  CHECK(body.at("status_message") == "why not");
  const auto plain = run(server, {"fork", on.id, "--at", "3", "--url", url});
  CHECK(plain.code == 0);
  CHECK(plain.said.find("exec-") != std::string::npos);
  const auto told = run(server, {"status", body.at("execution_id"), "--url", url});
  CHECK(told.said.find("forked from " + on.id + " at 3\n") != std::string::npos);
  const auto beyond = run(server, {"fork", on.id, "--at", "9999", "--url", url});
  CHECK(beyond.code == 1);
  CHECK(beyond.said.starts_with("the execution has events 1 to "));
  CHECK(run(server, {"fork", on.id, "--url", url}).code == 2);
  CHECK(run(server, {"fork", on.id, "--at", "0", "--url", url}).code == 2);
  CHECK(run(server, {"fork", on.id, "--at", "3", "--options", "[]", "--url", url}).code == 2);
  CHECK(run(server, {"fork", "no id!", "--at", "3", "--url", url}).code == 2);
  CHECK(run(server, {"fork", on.id, "--at", "3", "--url", "ftp://x"}).code == 2);
}

}  // namespace planexe::tests
