// Whether the record is whole, asked of a real server and of its folder beside it.
#include <doctest/doctest.h>

#include "tests/apps/server_harness.hpp"

namespace planexe::tests {
namespace {

struct ended {
  int code = -1;
  std::string said;  ///< standard output and standard error
};

ended run(const server_under_test& server, std::vector<std::string> words) {
  words.insert(words.begin(), server_program());
  child_process process;
  const auto said = server.folder() / "said";
  process.start(words, {}, server.folder(), said);
  const auto code = process.wait(std::chrono::seconds(60));
  return {code.value_or(-1), read_text(said)};
}

/// An execution whose first task is done.
std::string some_work(api_client& api, const std::string& agent = "ann") {
  const auto id = start_execution(api, plan_of({"a", "b"}));
  register_agent(api, agent);
  const auto held = poll(api, agent);
  CHECK(report(api, agent, held, "task_complete").status == 201);
  return id;
}

}  // namespace

TEST_CASE("a server audits an execution while it goes on") {
  server_under_test server;
  api_client api(server.address());
  const auto id = some_work(api);
  const auto events = history(api, id);
  const auto answer = api.get("/api/executions/" + id + "/audit");
  REQUIRE_MESSAGE(answer.status == 200, answer.text);
  CHECK(answer.body.at("execution_id") == id);
  CHECK(answer.body.at("verified") == true);
  CHECK(answer.body.at("events") == events.size());
  CHECK(answer.body.at("stands_to") == events.size());
  CHECK(answer.body.at("head_hash") == events.back().at("hash"));
  CHECK_FALSE(answer.body.contains("first_bad_seq"));
  CHECK(api.get("/api/executions/nobody/audit").code() == "not_found");
}

TEST_CASE("verify asks a server and reads the folder beside it") {
  server_under_test server;
  api_client api(server.address());
  const auto id = some_work(api);
  const auto url = server.address().url();
  const auto one = run(server, {"verify", id, "--url", url});
  CHECK_MESSAGE(one.code == 0, one.said);
  CHECK(one.said.find(id + ": whole") != std::string::npos);
  const auto all = run(server, {"verify", "--url", url, "--json"});
  CHECK_MESSAGE(all.code == 0, all.said);
  CHECK(json::parse(all.said).at(0).at("verified") == true);

  const auto folder = server.data_folder().string();
  const auto beside = run(server, {"verify", "--data-dir", folder, "--json"});
  REQUIRE_MESSAGE(beside.code == 0, beside.said);
  const auto verdict = json::parse(beside.said);
  CHECK(verdict.at("whole") == true);
  CHECK(verdict.at("streams").at("executions") == 1);
  CHECK(run(server, {"verify", "nobody", "--url", url}).code == 1);
  CHECK(run(server, {"verify", "--url", url, "--anchor", "x"}).code == 2);
  CHECK(run(server, {"salvage", folder, folder + "-new"}).said.find("a server has the data folder") !=
        std::string::npos);
}

TEST_CASE("verify looks at archived executions by the server too, and leaves none out") {
  server_under_test server;
  api_client api(server.address());
  const auto url = server.address().url();
  const auto id = some_work(api), other = some_work(api, "bob");
  REQUIRE(report(api, "ann", poll(api, "ann"), "task_complete").status == 201);
  REQUIRE(reaches(api, id, "COMPLETED"));
  REQUIRE(api.post("/api/executions/" + id + "/archive", json::object()).status == 200);
  const auto audited = api.get("/api/executions/" + id + "/audit");
  CHECK(audited.status == 200);
  CHECK(audited.body.at("verified") == true);
  const auto all = run(server, {"verify", "--url", url, "--json"});
  CHECK_MESSAGE(all.code == 0, all.said);
  const auto found = json::parse(all.said);
  REQUIRE(found.size() == 2);
  CHECK(found.at(0).at("execution_id") == other);
  CHECK(found.at(1).at("execution_id") == id);
  CHECK(found.at(1).at("archived") == true);
  CHECK(found.at(1).at("verified") == true);
  const auto text = run(server, {"verify", "--url", url});
  CHECK_MESSAGE(text.said.starts_with("2 executions, 1 of them archived, "), text.said);
  CHECK(text.said.find("0 damaged, 0 not looked at") != std::string::npos);

  std::filesystem::remove(server.data_folder() / "archive" / (id + ".jsonl.zst"));
  const auto damaged = run(server, {"verify", "--url", url});
  CHECK(damaged.code == 1);
  CHECK_MESSAGE(damaged.said.find(id + ": DAMAGED: event 1: ") != std::string::npos, damaged.said);
  CHECK(damaged.said.find("what still stands: nothing of ") != std::string::npos);
  CHECK(damaged.said.find("1 damaged") != std::string::npos);
}

TEST_CASE("an anchor of a running server's log holds after the server went on and ended") {
  server_under_test server;
  api_client api(server.address());
  some_work(api);
  const auto folder = server.data_folder().string();
  REQUIRE(run(server, {"audit", "keygen", "key.pem"}).code == 0);
  const auto taken = run(server, {"verify", "--data-dir", folder, "--write-anchor", "log.anchor", "--key", "key.pem"});
  REQUIRE_MESSAGE(taken.code == 0, taken.said);
  const auto id = some_work(api, "bob");
  const std::vector<std::string> again{"verify",     "--data-dir",   folder,       "--anchor",
                                       "log.anchor", "--public-key", "key.pem.pub"};
  CHECK(run(server, again).code == 0);
  server.terminate();
  const auto last = run(server, again);
  CHECK_MESSAGE(last.code == 0, last.said);
  const auto proven = run(server, {"audit", "prove", id, "1", "--data-dir", folder, "--key", "key.pem", "-o", "proof"});
  CHECK_MESSAGE(proven.code == 0, proven.said);
  CHECK(run(server, {"audit", "check", "proof", "--public-key", "key.pem.pub"}).code == 0);
}

TEST_CASE("a damaged log is salvaged and a server goes on from what stands") {
  server_under_test server;
  std::string id;
  {
    api_client api(server.address());
    id = some_work(api);
  }
  server.terminate();
  const auto folder = server.data_folder();
  std::filesystem::remove(folder / "CURRENT");
  CHECK(run(server, {"verify", "--data-dir", folder.string()}).code == 1);
  const auto fresh = folder.string() + "-new";
  const auto salvaged = run(server, {"salvage", folder.string(), fresh});
  CHECK_MESSAGE(salvaged.code == 0, salvaged.said);
  CHECK(salvaged.said.find("Nothing is lost.") != std::string::npos);
  std::filesystem::rename(folder, folder.string() + "-old");
  std::filesystem::rename(fresh, folder);
  server.start();
  api_client api(server.address());
  CHECK(execution(api, id).at("progress").at("tasks_completed") == 1);
  CHECK(report(api, "ann", poll(api, "ann"), "task_complete").status == 201);
  CHECK(reaches(api, id, "COMPLETED"));
}

}  // namespace planexe::tests
