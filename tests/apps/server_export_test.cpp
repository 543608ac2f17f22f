// A record file out of a running server and into the folder of another one, by the program itself.
#include <doctest/doctest.h>

#include "tests/apps/server_harness.hpp"

namespace planexe::tests {
namespace {

/// So that the retry comes after what is polled in between.
const environment a_retry_later{{"PLANEXE_TASK_BACKOFF_SECONDS", "1"}};

/// What happens to most executions: work, an error and a retry, a question, an answer.
std::string lived_execution(api_client& api) {
  register_agent(api, "ann");
  const auto id = start_execution(api, plan_of({"a", "b", "c"}));
  auto held = poll(api, "ann");
  REQUIRE(
      report(api, "ann", held, "task_progress", {{"progress_percent", 40}, {"message", "half \"done\"\n"}}).status ==
      201);
  REQUIRE(report(api, "ann", held, "task_complete", {{"output_data", {{"found", {1, 2.5, "ü"}}}}}).status == 201);
  held = poll(api, "ann");
  REQUIRE(report(api, "ann", held, "task_error", {{"error_type", "broken"}, {"error_message", "it fell"}}).status ==
          201);
  held = poll(api, "ann");
  REQUIRE(held.at("task_id") == "c");
  REQUIRE(report(api, "ann", held, "task_blocked", {{"message", "rain"}, {"max_wait_hours", 1}}).status == 201);
  // The second attempt is held, so that nothing happens by itself from here on.
  REQUIRE(poll(api, "ann", "wait=5").at("task_id") == "b");
  return id;
}

}  // namespace

TEST_CASE("an execution goes from one server to another and is the same there") {
  server_under_test source(a_retry_later), target;
  api_client api(source.address());
  const auto id = lived_execution(api);
  const auto then = execution(api, id), past = history(api, id);
  const auto answer = api.get("/api/executions/" + id + "/export");
  REQUIRE(answer.status == 200);
  CHECK(answer.header("content-type") == "application/x-ndjson");

  const auto file = (source.folder() / "it.jsonl").string(), packed = file + ".zst";
  const auto from_server = run(source, {"export", id, "--url", source.address().url(), "-o", file});
  REQUIRE_MESSAGE(from_server.code == 0, from_server.said);
  CHECK(read_text(file) == answer.text);
  const auto folder = source.data_folder().string();
  const auto from_folder = run(source, {"export", id, "--data-dir", folder, "-o", packed, "--json"});
  REQUIRE_MESSAGE(from_folder.code == 0, from_folder.said);
  CHECK(json::parse(from_folder.said).at("events") == past.size());

  api_client other(target.address());
  const auto own = start_execution(other, plan_of({"z"}));
  const std::vector<std::string> words{"import-log", packed, "--data-dir", target.data_folder().string()};
  CHECK(run(source, words).code == 1);  // the other server has it open
  REQUIRE(target.terminate() == 0);
  const auto brought = run(source, words);
  REQUIRE_MESSAGE(brought.code == 0, brought.said);
  target.start();
  api_client again(target.address());
  CHECK(execution(again, own).at("execution_id") == own);
  CHECK(history(again, id) == past);
  CHECK(again.get("/api/executions/" + id + "/export").text == answer.text);
  auto now = execution(again, id);
  CHECK(now.at("progress") == then.at("progress"));
  // It lives on there: what it waits for can be answered.
  CHECK(resolve(again, id, "c", "unblock").status == 200);
}

TEST_CASE("an export that is asked for wrongly is refused and a page says where the next one is") {
  server_under_test server(a_retry_later);
  api_client api(server.address());
  const auto id = lived_execution(api);
  const auto path = "/api/executions/" + id + "/export";
  for (const auto* query : {"?limit=0", "?limit=1001", "?at_seq=x", "?after_seq=-1", "?cursor=!", "?cursor=YWJj"})
    CHECK_MESSAGE(api.get(path + query).status == 400, query);
  CHECK(api.get(path + "?at_seq=0").status == 404);
  CHECK(api.get(path + "?at_seq=9999").status == 404);
  CHECK(api.get("/api/executions/nobody/export").status == 404);
  const auto whole = api.get(path).text;
  std::string pages, next = path + "?limit=3";
  int count = 0;
  for (; !next.empty() && count < 100; ++count) {
    const auto page = api.get(next);
    REQUIRE(page.status == 200);
    pages += page.text;
    const auto link = page.header("link");
    next = link.empty() ? "" : link.substr(1, link.find('>') - 1);
  }
  CHECK(pages == whole);
  CHECK(count > 2);
  CHECK(run(server, {"export", "--all", "--url", server.address().url()}).code == 2);
  CHECK(run(server, {"export", id, "--all", "--data-dir", "data"}).code == 2);
  CHECK(run(server, {"export", "nobody", "--url", server.address().url()}).code == 1);
}

TEST_CASE("an export of what is not over warns of what it hands out, and a lease token alone lets nobody report") {
  server_under_test server;
  std::string admin, viewer, rival;
  {
    api_client api(server.address());
    register_agent(api, "ann");
    register_agent(api, "bob");
    admin = api.post("/api/keys", {{"name", "root"}, {"role", "admin"}}).body.at("key");
    viewer = api.post("/api/keys", {{"name", "vera"}, {"role", "viewer"}}).body.at("key");
    rival = api.post("/api/keys", {{"role", "agent"}, {"agent_id", "bob"}}).body.at("key");
  }
  REQUIRE(server.terminate() == 0);
  server.set("PLANEXE_AUTH", "required");
  server.start();
  const auto as = [&](const std::string& key) { return api_client(server.address(key)); };
  auto root = as(admin), vera = as(viewer), bob = as(rival);
  const auto id = start_execution(root, plan_of({"a"}));
  const auto held = poll(root, "ann");
  const auto token = held.at("lease_token").get<std::string>();
  const auto path = "/api/executions/" + id;
  CHECK(vera.get(path + "/events?limit=1000").text.find(token) == std::string::npos);
  CHECK(bob.get(path + "/export").status == 403);
  // A copy has every byte that the log keeps, and so the token; it lets nobody do what their key does not.
  CHECK(vera.get(path + "/export").status == 200);
  CHECK(report(vera, "ann", held, "task_complete").status == 403);
  CHECK(report(bob, "ann", held, "task_complete").status == 404);
  CHECK(report(bob, "bob", held, "task_complete").status == 404);
  CHECK(status(root, id) == "RUNNING");

  const auto folder = server.data_folder().string(), file = (server.folder() / "it.jsonl").string();
  int files = 0;
  const auto exported = [&](std::vector<std::string> words) {
    for (const auto& word : {std::string("--data-dir"), folder, std::string("-o"), file + std::to_string(++files)})
      words.push_back(word);
    return run(server, words);
  };
  const auto open = exported({"export", id});
  CHECK(open.code == 0);
  CHECK(open.said.find("'" + id + "' is not over") != std::string::npos);
  CHECK(open.said.find("lease tokens") != std::string::npos);
  const auto said = json::parse(exported({"export", id, "--json"}).said);
  CHECK(said.at("warning").get<std::string>().find("not over") != std::string::npos);
  REQUIRE(report(root, "ann", held, "task_complete").status == 201);
  REQUIRE(reaches(root, id, "COMPLETED"));
  CHECK(exported({"export", id}).said.find("lease") == std::string::npos);
  CHECK(exported({"export", "--all"}).said.find("lease") == std::string::npos);
  CHECK(exported({"export", id, "--at", "3"}).said.find("not over") != std::string::npos);
}

}  // namespace planexe::tests
