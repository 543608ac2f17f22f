// Keys over a real server: who gets in, what each may do, that a key stops when it is revoked, and that no key is ever
// on the disk.
#include <doctest/doctest.h>

#include <algorithm>
#include <csignal>
#include <future>
#include <set>
#include <thread>

#include "tests/apps/server_harness.hpp"
#include "tests/apps/server_stream_client.hpp"

namespace planexe::tests {
namespace {

namespace fs = std::filesystem;

/// A server that asks for keys, with an admin's that was made while it did not.
struct guarded_server {
  server_under_test server;
  std::string admin_key, admin_id;

  explicit guarded_server(environment variables = {}) : server(std::move(variables)) {
    api_client api(server.address());
    const auto made = api.post("/api/keys", {{"name", "root"}, {"role", "admin"}});
    REQUIRE_MESSAGE(made.status == 201, made.text);
    admin_key = made.body.at("key");
    admin_id = made.body.at("key_id");
    CHECK(made.body.at("created_by") == "person");
    CHECK(server.terminate() == 0);
    server.set("PLANEXE_AUTH", "required");
    server.start();
  }

  api_client as(const std::string& key) const { return api_client(server.address(key)); }
  api_client admin() const { return as(admin_key); }
  json make(const json& wanted) const {
    const auto made = admin().post("/api/keys", wanted);
    REQUIRE_MESSAGE(made.status == 201, made.text);
    return made.body;
  }
  std::string key_for(const std::string& role, const std::string& name) const {
    return make({{"role", role}, {"name", name}}).at("key");
  }
  std::string agent_key(const std::string& agent) const {
    return make({{"role", "agent"}, {"agent_id", agent}}).at("key");
  }
};

struct outcome {
  int exit_code = -1;
  std::string output;
};

/// The program with its standard error; what it prints goes where its log does.
outcome run_with(const fs::path& folder, const std::vector<std::string>& arguments, const environment& variables = {}) {
  std::string command = "exec \"$0\" \"$@\" 2>&1 >stdout";
  std::vector<std::string> words = {"sh", "-c", command, server_program()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  child_process process;
  process.start(words, variables, folder, folder / "sh");
  const auto code = process.wait(std::chrono::seconds(60));
  return {code.value_or(-1), read_text(folder / "stdout")};
}

std::string bytes_below(const fs::path& folder) {
  std::string all;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) all += read_text(entry.path());
  return all;
}

std::string ticket_from(api_client api) {
  const auto got = api.post("/api/tickets", json::object());
  REQUIRE_MESSAGE(got.status == 201, got.text);
  return got.body.at("ticket");
}

}  // namespace

TEST_CASE("a server that asks for keys lets nobody in without one, and tells everybody who they are") {
  const guarded_server guarded;
  auto nobody = guarded.as({});
  for (const auto* path : {"/api/executions", "/api/agents/ann/work", "/api/keys", "/api/executions/x/stream"}) {
    const auto refused = nobody.get(path);
    CAPTURE(path);
    CHECK(refused.status == 401);
    CHECK(refused.code() == "unauthenticated");
    CHECK(refused.header("WWW-Authenticate") == "Bearer");
  }
  CHECK(nobody.post("/api/executions", json::object()).status == 401);
  for (const auto* path : {"/livez", "/readyz", "/healthcheck"}) CHECK(nobody.get(path).status == 200);
  const auto unknown = nobody.get("/api/me");
  CHECK(unknown.status == 200);
  CHECK(unknown.body.at("auth") == "required");
  CHECK(!unknown.body.contains("role"));
  CHECK(!unknown.body.at("server").at("version").get<std::string>().empty());

  const auto me = guarded.admin().get("/api/me");
  CHECK(me.body.at("name") == "root");
  CHECK(me.body.at("role") == "admin");
  auto agent = guarded.as(guarded.agent_key("bob"));
  CHECK(agent.get("/api/me").body.at("agent_id") == "bob");
  CHECK(guarded.as("pxk_wrong").get("/api/me").status == 401);
}

TEST_CASE("a body is not read before its sender is known") {
  const guarded_server guarded;
  auto nobody = guarded.as({});
  const auto refused = nobody.send("POST", "/api/plans", "this is no plan");
  CHECK(refused.status == 401);
}

TEST_CASE("without keys everybody is an admin called person, and tickets are given all the same") {
  const server_under_test server;
  api_client api(server.address());
  const auto me = api.get("/api/me");
  CHECK(me.body.at("auth") == "off");
  CHECK(me.body.at("role") == "admin");
  CHECK(me.body.at("server").at("websocket_enabled") == true);
  const auto id = start_execution(api, plan_of({"a"}));
  const auto path = "/api/executions/" + id + "/stream?token=";
  stream_client with_ticket(server.address(), path + ticket_from(api_client(server.address())));
  CHECK(with_ticket.next().has_value());
  stream_client with_nonsense(server.address(), path + "pxt_nonsense");
  CHECK(!with_nonsense.next().has_value());
  CHECK(history(api, id).at(0).at("actor") == "person");
}

TEST_CASE("a viewer sees everything and changes nothing, an operator steers, and the record names them") {
  const guarded_server guarded;
  auto viewer = guarded.as(guarded.key_for("viewer", "vera"));
  auto operators = guarded.as(guarded.key_for("operator", "otto"));
  const auto id = start_execution(operators, plan_of({"a"}));
  CHECK(viewer.get("/api/executions/" + id).status == 200);
  const auto refused = viewer.patch("/api/executions/" + id, {{"status", "PAUSED"}});
  CHECK(refused.status == 403);
  CHECK(refused.code() == "forbidden");
  CHECK(viewer.post("/api/executions", {{"plan", plan_of({"a"})}}).status == 403);
  CHECK(resolve(viewer, id, "a", "skip").status == 403);
  CHECK(viewer.get("/api/agents/bob/work").status == 403);
  CHECK(operators.patch("/api/executions/" + id, {{"status", "PAUSED"}}).status == 200);
  CHECK(operators.get("/api/keys").status == 403);
  CHECK(operators.post("/api/admin/pause", {{"reason", "smoke"}}).status == 403);
  const auto events = history(viewer, id);
  CHECK(events.front().at("actor") == "otto");
  CHECK(events.back().at("actor") == "otto");
  CHECK(events.back().at("event_type") == "execution_paused");
  json refuse = {{"plan", plan_of({"a"})}, {"override_refusal", {{"reason", "why not"}}}};
  CHECK(operators.post("/api/executions", refuse).status == 403);
}

TEST_CASE("operators fork, viewers compare, and who worked on the origin is nobody to the fork") {
  const guarded_server guarded;
  auto operators = guarded.as(guarded.key_for("operator", "otto"));
  auto viewer = guarded.as(guarded.key_for("viewer", "vera"));
  auto bob = guarded.as(guarded.agent_key("bob"));
  register_agent(bob, "bob");
  const auto id = start_execution(operators, plan_of({"a", "b"}));
  REQUIRE(report(bob, "bob", poll(bob, "bob"), "task_complete").status == 201);
  REQUIRE(!poll(bob, "bob").is_null());
  const json wanted = {{"at_seq", history(viewer, id).size()}};
  const auto path = "/api/executions/" + id + "/fork";
  CHECK(viewer.post(path, wanted).status == 403);
  CHECK(bob.post(path, wanted).status == 403);
  const auto made = operators.post(path, wanted);
  REQUIRE_MESSAGE(made.status == 201, made.text);
  const std::string fork = made.body.at("execution_id");
  CHECK(history(viewer, fork).back().at("actor") == "otto");
  CHECK(viewer.get("/api/executions/" + id + "/compare?with=" + fork).status == 200);
  CHECK(bob.get("/api/executions/" + id + "/status").status == 200);
  CHECK(bob.get("/api/executions/" + fork + "/status").status == 404);
}

TEST_CASE("what an admin started in spite of the redline gate is forked by an admin alone") {
  const guarded_server guarded;
  auto operators = guarded.as(guarded.key_for("operator", "otto"));
  const json leaf = {{"id", "t"}, {"description", "Write a report"}, {"task_children", json::array()}};
  const json phase = {{"id", "p"}, {"description", "Phase"}, {"task_children", json::array({leaf})}};
  const json plan = {{"wbs_project", {{"id", "r"}, {"description", "A plan"}, {"task_children", json::array({phase})}}},
                     {"redline_gate", {{"verdict", "REFUSE"}}}};
  const auto created = guarded.admin().post(
      "/api/executions", {{"plan", plan}, {"start", true}, {"override_refusal", {{"reason", "a lawyer has looked"}}}});
  REQUIRE_MESSAGE(created.status == 201, created.text);
  const auto path = "/api/executions/" + created.body.at("execution_id").get<std::string>() + "/fork";
  const auto refused = operators.post(path, {{"at_seq", 2}});
  CHECK(refused.status == 403);
  CHECK(refused.code() == "forbidden");
  const auto made = guarded.admin().post(path, {{"at_seq", 2}});
  CHECK(made.status == 201);
  CHECK(made.body.at("options").at("override_refusal") == "a lawyer has looked");
}

TEST_CASE("an agent's key works for its agent alone") {
  const guarded_server guarded;
  auto operators = guarded.as(guarded.key_for("operator", "otto"));
  auto bob = guarded.as(guarded.agent_key("bob"));
  auto eve = guarded.as(guarded.agent_key("eve"));
  register_agent(bob, "bob");
  register_agent(eve, "eve");
  const auto id = start_execution(operators, plan_of({"a", "b"}));
  const auto held = poll(bob, "bob");
  REQUIRE(!held.is_null());

  const auto stolen = eve.get("/api/agents/bob/work");
  CHECK(stolen.status == 404);
  CHECK(stolen.body == eve.get("/api/agents/bob/work").body);
  CHECK(eve.get("/api/agents/nobody/work").status == 404);
  CHECK(eve.get("/api/agents/bob").status == 404);
  CHECK(eve.get("/api/agents/bob/inbox").status == 404);
  CHECK(eve.get("/api/agents/eve").status == 200);
  CHECK(eve.get("/api/agents").status == 403);
  CHECK(eve.get("/api/executions/" + id).status == 403);
  CHECK(eve.post("/api/tickets", json::object()).status == 403);

  const auto events_path = "/api/executions/" + id + "/events";
  CHECK(eve.post(events_path, report_of("bob", held, "task_complete")).status == 404);
  const auto both = eve.post(events_path, json::array({report_of("bob", held, "task_complete")}));
  CHECK(both.status == 200);
  CHECK(both.body.at(0).at("status") == 404);
  CHECK(eve.post("/api/agents",
                 {{"agent_id", "bob"}, {"name", "Bob"}, {"role", "worker"}, {"capabilities", {{{"action", "*"}}}}})
            .status == 404);

  CHECK(bob.get("/api/executions/" + id + "/status").status == 200);
  const auto hidden = eve.get("/api/executions/" + id + "/status");
  CHECK(hidden.status == 404);
  CHECK(hidden.code() == eve.get("/api/executions/exec-none/status").code());
  CHECK(eve.post(events_path, {{"agent_id", "eve"}, {"event_type", "heartbeat"}}).status == 404);
  CHECK(bob.post(events_path, {{"agent_id", "bob"}, {"event_type", "heartbeat"}}).status == 200);

  CHECK(report(bob, "bob", held, "task_complete").status == 201);
  CHECK(bob.get("/api/executions/" + id + "/status").status == 200);  // it has worked there
  const auto of_operator = poll(operators, "eve");
  REQUIRE(!of_operator.is_null());
  CHECK(report(operators, "eve", of_operator, "task_complete").status == 201);
  const auto events = history(operators, id);
  std::set<std::string> actors;
  for (const auto& each : events)
    if (each.at("event_type") == "task_complete") actors.insert(each.at("actor").get<std::string>());
  CHECK(actors == std::set<std::string>{"agent:bob", "otto"});
}

TEST_CASE("an agent's key still sees an execution that was cancelled while its agent worked there") {
  const guarded_server guarded;
  auto operators = guarded.as(guarded.key_for("operator", "otto"));
  auto bob = guarded.as(guarded.agent_key("bob"));
  auto eve = guarded.as(guarded.agent_key("eve"));
  register_agent(bob, "bob");
  register_agent(eve, "eve");
  const auto id = start_execution(operators, plan_of({"a"}));
  const auto held = poll(bob, "bob");
  REQUIRE(!held.is_null());
  REQUIRE(operators.patch("/api/executions/" + id, {{"status", "CANCELLED"}}).status == 200);
  const auto path = "/api/executions/" + id;
  const auto status = bob.get(path + "/status");
  CHECK(status.status == 200);
  CHECK(status.body.at("force_cancel") == true);
  const json heartbeat = {{"agent_id", "bob"}, {"event_type", "heartbeat"}};
  const auto receipt = bob.post(path + "/events", heartbeat);
  CHECK(receipt.status == 200);
  CHECK(receipt.body.at("force_cancel") == true);
  const auto listed = bob.post(path + "/events", json::array({heartbeat}));
  REQUIRE(listed.body.size() == 1);
  CHECK(listed.body.at(0).at("status") == 200);
  CHECK(report(bob, "bob", held, "task_complete").status == 409);  // it knows of the task, and held it
  CHECK(eve.get(path + "/status").status == 404);
  CHECK(eve.post(path + "/events", {{"agent_id", "eve"}, {"event_type", "heartbeat"}}).status == 404);
}

TEST_CASE("a report about what an agent's key may not know of is answered as if it were not there") {
  const guarded_server guarded;
  auto operators = guarded.as(guarded.key_for("operator", "otto"));
  auto eve = guarded.as(guarded.agent_key("eve"));
  const auto id = start_execution(operators, plan_of({"a"}));
  const auto answers_about = [&](const std::string& execution, const std::string& task) {
    const auto path = "/api/executions/" + execution + "/events";
    const json done = {{"agent_id", "eve"}, {"task_id", task}, {"event_type", "task_complete"}};
    const auto one = eve.post(path, done);
    const auto many = eve.post(path, json::array({done}));
    auto text = std::to_string(one.status) + one.text + many.text;
    for (auto at = text.find(execution); at != std::string::npos; at = text.find(execution))
      text.replace(at, execution.size(), "X");
    return text;
  };
  const auto nowhere = answers_about("exec-none", "a");
  CHECK(nowhere.starts_with("404"));
  CHECK(answers_about(id, "a") == nowhere);
  CHECK(answers_about(id, "no-such-task") == nowhere);
}

TEST_CASE("registering an agent can give it its key, which is shown this once") {
  const guarded_server guarded;
  auto operators = guarded.as(guarded.key_for("operator", "otto"));
  const json wanted = {{"agent_id", "bob"},
                       {"name", "Bob"},
                       {"role", "worker"},
                       {"capabilities", {{{"action", "*"}}}},
                       {"issue_key", true}};
  const headers once = {{"Idempotency-Key", "register bob"}};
  const auto registered = operators.post("/api/agents", wanted, once);
  REQUIRE_MESSAGE(registered.status == 201, registered.text);
  const std::string key = registered.body.at("api_key");
  auto bob = guarded.as(key);
  CHECK(bob.get("/api/agents/bob/work").status == 204);
  const auto again = operators.post("/api/agents", wanted, once);
  CHECK(again.status == 201);
  CHECK(!again.body.contains("api_key"));
  CHECK(bob.post("/api/agents", wanted).status == 403);
  auto without = wanted;
  without.erase("issue_key");
  without.erase("agent_id");
  CHECK(bob.post("/api/agents", without).status == 200);  // itself, as it is already
  CHECK(guarded.admin().get("/api/keys").body.size() == 3);
  CHECK(bytes_below(guarded.server.data_folder()).find(key.substr(4, 64)) == std::string::npos);
}

TEST_CASE("a revoked key stops at once and stays dead after a restart, and the others live on") {
  guarded_server guarded;
  const auto first = guarded.make({{"role", "operator"}, {"name", "otto"}});
  const auto second = guarded.make({{"role", "operator"}, {"name", "otto"}});
  auto otto = guarded.as(first.at("key"));
  CHECK(otto.get("/api/executions").status == 200);
  const auto path = "/api/keys/" + first.at("key_id").get<std::string>();
  const auto revoked = guarded.admin().send("DELETE", path);
  CHECK(revoked.status == 200);
  CHECK(revoked.body.at("status") == "revoked");
  CHECK(otto.get("/api/executions").status == 401);
  CHECK(guarded.admin().send("DELETE", path).status == 200);
  CHECK(guarded.admin().send("DELETE", "/api/keys/key-none").status == 404);
  CHECK(guarded.as(second.at("key")).get("/api/executions").status == 200);
  guarded.server.kill();
  guarded.server.start();
  CHECK(guarded.as(first.at("key")).get("/api/executions").status == 401);
  CHECK(guarded.as(second.at("key")).get("/api/executions").status == 200);
  const auto keys = guarded.admin().get("/api/keys").body;
  REQUIRE(keys.size() == 3);
  CHECK(keys[0].at("key_id") == second.at("key_id"));
  CHECK(keys[0].contains("last_used_at"));
  CHECK(keys[1].at("status") == "revoked");
  CHECK(keys[1].at("revoked_by") == "root");
  CHECK(keys[2].at("name") == "root");
  CHECK(!keys[2].contains("key"));
  const auto page = guarded.admin().get("/api/keys?limit=2");
  CHECK(page.body.size() == 2);
  CHECK(page.header("Link").find("rel=\"next\"") != std::string::npos);
}

TEST_CASE("an expired key stops by itself") {
  const guarded_server guarded;
  constexpr double two_seconds_in_days = 2.0 / 86'400;
  const auto key = guarded.make({{"role", "viewer"}, {"name", "vera"}, {"expires_in_days", two_seconds_in_days}});
  auto vera = guarded.as(key.at("key"));
  CHECK(eventually([&] { return vera.get("/api/executions").status == 401; }));
  CHECK(guarded.admin().get("/api/keys").body.at(0).at("status") == "expired");
}

TEST_CASE("nothing of a key is ever written down") {
  guarded_server guarded;
  const headers once = {{"Idempotency-Key", "one key"}};
  const auto made = guarded.admin().post("/api/keys", {{"role", "viewer"}, {"name", "vera"}}, once);
  REQUIRE(made.status == 201);
  std::vector<std::string> secrets = {made.body.at("key")};
  secrets.push_back(ticket_from(guarded.as(secrets.back())));
  const auto again = guarded.admin().post("/api/keys", {{"role", "viewer"}, {"name", "vera"}}, once);
  CHECK(again.status == 201);
  CHECK(again.body.at("key_id") == made.body.at("key_id"));
  CHECK(!again.body.contains("key"));
  // Killed, it leaves its write-ahead log, which is not compressed: what it holds can be looked for.
  guarded.server.kill();
  const auto stored = bytes_below(guarded.server.data_folder()) + guarded.server.log();
  CHECK(stored.find("vera") != std::string::npos);
  for (const auto& secret : secrets) CHECK(stored.find(secret.substr(4, 32)) == std::string::npos);
}

TEST_CASE("a ticket opens a stream once, and the stream ends with its key") {
  const guarded_server guarded;
  auto admin = guarded.admin();
  const auto id = start_execution(admin, plan_of({"a"}));
  const auto key = guarded.make({{"role", "viewer"}, {"name", "vera"}});
  const std::string text = key.at("key");
  const auto path = "/api/executions/" + id + "/stream?token=";
  const auto ticket = ticket_from(guarded.as(text));
  stream_client stream(guarded.server.address(), path + ticket);
  REQUIRE(stream.next());
  stream_client second(guarded.server.address(), path + ticket);
  CHECK(!second.next());
  stream_client with_key(guarded.server.address(), path + text);
  CHECK(!with_key.next());
  CHECK(admin.send("DELETE", "/api/keys/" + key.at("key_id").get<std::string>()).status == 200);
  while (stream.next()) continue;
  CHECK(stream.close_code() == 1008);
}

TEST_CASE("what waits for work waits no longer for a key that was revoked") {
  const guarded_server guarded;
  const auto key = guarded.make({{"role", "agent"}, {"agent_id", "bob"}});
  auto bob = guarded.as(key.at("key"));
  register_agent(bob, "bob");
  auto waiting = std::async(std::launch::async, [address = guarded.server.address(key.at("key"))] {
    return api_client(address, std::chrono::seconds(90)).send("GET", "/api/agents/bob/work?wait=60");
  });
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  CHECK(guarded.admin().send("DELETE", "/api/keys/" + key.at("key_id").get<std::string>()).status == 200);
  REQUIRE(waiting.wait_for(std::chrono::seconds(20)) == std::future_status::ready);
  CHECK(waiting.get().status == 401);
}

TEST_CASE("wrong keys without end are told to wait") {
  const guarded_server guarded;
  auto guesser = guarded.as("pxk_guess");
  for (int i = 0; i < 20; ++i) REQUIRE(guesser.get("/api/executions").status == 401);
  const auto limited = guesser.get("/api/executions");
  CHECK(limited.status == 429);
  CHECK(limited.code() == "rate_limited");
  CHECK(!limited.header("Retry-After").empty());
  CHECK(guarded.admin().get("/api/executions").status == 200);
}

TEST_CASE("wrong wishes for a key are named") {
  const server_under_test server;
  api_client api(server.address());
  const std::vector<std::pair<json, std::string>> wrong = {
      {json::object(), "name"},
      {{{"role", "king"}, {"name", "ann"}}, "role"},
      {{{"role", "agent"}}, "agent_id"},
      {{{"role", "viewer"}, {"name", "person"}}, "name"},
      {{{"role", "viewer"}, {"name", "agent:bob"}}, "name"},
      {{{"role", "viewer"}, {"name", "ann"}, {"expires_in_days", 0}}, "expires_in_days"},
      {{{"role", "viewer"}, {"name", "ann"}, {"expires_at", "2020-01-01T00:00:00Z"}}, "expires_at"},
      {{{"role", "viewer"}, {"name", "ann"}, {"colour", "red"}}, "colour"},
  };
  for (const auto& [body, field] : wrong) {
    const auto refused = api.post("/api/keys", body);
    CAPTURE(refused.text);
    CHECK(refused.status == 422);
    const auto fields = refused.fields_named();
    CHECK(std::find(fields.begin(), fields.end(), field) != fields.end());
  }
  CHECK(api.get("/api/keys").body.empty());
  CHECK(api.post("/api/tickets", {{"for", "me"}}).status == 422);
}

TEST_CASE("another's idempotency key is another key") {
  const guarded_server guarded;
  auto otto = guarded.as(guarded.key_for("operator", "otto"));
  auto olga = guarded.as(guarded.key_for("operator", "olga"));
  const headers same = {{"Idempotency-Key", "1"}};
  const json wanted = {{"plan", plan_of({"a"})}};
  const auto first = otto.post("/api/executions", wanted, same);
  REQUIRE(first.status == 201);
  CHECK(otto.post("/api/executions", wanted, same).body.at("execution_id") == first.body.at("execution_id"));
  const auto other = olga.post("/api/executions", wanted, same);
  CHECK(other.status == 201);
  CHECK(other.body.at("execution_id") != first.body.at("execution_id"));
}

TEST_CASE("beyond loopback nothing is served before there is an admin's key, and the refusal says how to make one") {
  const scratch_folder folder;
  const std::vector<std::string> words = {"serve", "--execution-data-dir", "data",   "--execution-port",
                                          "0",     "--execution-host",     "0.0.0.0"};
  std::vector<std::string> program = {server_program()};
  program.insert(program.end(), words.begin(), words.end());
  const auto refused = [&] {
    child_process process;
    process.start(program, {}, folder.path(), folder.path() / "log");
    CHECK(process.wait(std::chrono::seconds(60)) == 2);
    return read_text(folder.path() / "log");
  };
  CHECK(refused().find("planexe-ax keys create --role admin") != std::string::npos);
  CHECK(!fs::exists(folder.path() / "data"));
  CHECK(run_with(folder.path(), {"keys", "create", "--role", "operator", "--name", "otto", "--data-dir", "data"})
            .exit_code == 0);
  CHECK(refused().find("role admin") != std::string::npos);
  const auto made =
      run_with(folder.path(), {"keys", "create", "--role", "admin", "--name", "ann", "--data-dir", "data"});
  REQUIRE(made.exit_code == 0);
  child_process process;
  process.start(program, {}, folder.path(), folder.path() / "log");
  CHECK(eventually([&] { return read_text(folder.path() / "log").find("serving on") != std::string::npos; }));
  process.signal(SIGTERM);
  CHECK(process.wait(std::chrono::seconds(30)) == 0);
}

TEST_CASE("keys are made in a data folder without a server, and through a server with an admin's key") {
  const scratch_folder scratch;
  const auto local = [&](std::vector<std::string> words, const environment& variables = {}) {
    words.insert(words.begin(), "keys");
    return run_with(scratch.path(), words, variables);
  };
  server_under_test server;
  const auto data = server.data_folder().string();
  CHECK(local({"list", "--data-dir", data}).exit_code == 0);
  CHECK(local({"create", "--role", "admin", "--name", "ann", "--data-dir", data}).exit_code == 1);  // it is open
  CHECK(server.terminate() == 0);

  const auto made = local({"create", "--role", "admin", "--name", "ann", "--data-dir", data});
  REQUIRE(made.exit_code == 0);
  CHECK(made.output.starts_with("pxk_"));
  const auto key = made.output.substr(0, made.output.find('\n'));
  server.set("PLANEXE_AUTH", "required");
  server.start();
  const auto url = server.address().url();
  const environment as_ann = {{"PLANEXE_API_KEY", key}};
  CHECK(local({"list", "--url", url}).exit_code == 1);
  const auto listed = local({"list", "--url", url, "--json"}, as_ann);
  REQUIRE(listed.exit_code == 0);
  const auto keys = json::parse(listed.output);
  REQUIRE(keys.size() == 1);
  CHECK(keys[0].at("name") == "ann");
  CHECK(json::parse(local({"list", "--data-dir", data, "--json"}).output).at(0).at("key_id") == keys[0].at("key_id"));

  const auto second =
      local({"create", "--role", "agent", "--agent", "bob", "--expires-days", "30", "--url", url, "--json"}, as_ann);
  REQUIRE(second.exit_code == 0);
  const auto bob = json::parse(second.output);
  CHECK(bob.at("agent_id") == "bob");
  CHECK(bob.contains("expires_at"));
  CHECK(local({"revoke", bob.at("key_id"), "--url", url}, as_ann).exit_code == 0);
  CHECK(local({"revoke", "key-none", "--url", url}, as_ann).exit_code == 1);
  CHECK(local({"revoke", "no id", "--url", url}, as_ann).exit_code == 2);
  CHECK(run_with(scratch.path(), {"status", "--url", url}, as_ann).exit_code == 0);
  CHECK(run_with(scratch.path(), {"status", "--url", url}).exit_code == 1);
  CHECK(server.terminate() == 0);
  const auto found = local({"list", "--data-dir", data});
  CHECK(found.output.find("revoked") != std::string::npos);
  CHECK(local({"revoke", keys[0].at("key_id"), "--data-dir", data}).exit_code == 0);
  CHECK(local({"revoke", keys[0].at("key_id"), "--data-dir", "nowhere"}).exit_code == 1);
}

}  // namespace planexe::tests
