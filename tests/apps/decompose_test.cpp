// Taking tasks apart over HTTP: by templates, and by a model behind a stand-in for its server.
#include <doctest/doctest.h>

#include <chrono>
#include <fstream>
#include <future>
#include <mutex>

#include "tests/apps/demo_stand_in_server.hpp"
#include "tests/apps/server_harness.hpp"

namespace planexe::tests {
namespace {

namespace fs = std::filesystem;

constexpr const char* key = "sk-key-that-nobody-may-see";
constexpr const char* good = R"({"subtasks": [
  {"subtask_id": "1", "title": "Find three quarries", "action": "research", "success_criteria": "Three names"},
  {"subtask_id": "2", "title": "Ask them for offers", "action": "send_email", "depends_on": ["1"]}]})";

const json call_task = {{"task_id", "t1"}, {"title", "Call the quarry about delivery"}, {"action", "make_phone_call"}};

std::string chat(const std::string& text) {
  return json{{"choices", {{{"message", {{"role", "assistant"}, {"content", text}}}}}}}.dump();
}
stand_in_reply chat_reply(const std::string& text) {
  return {.status = 200, .body = chat(text), .headers = {{"Content-Type", "application/json"}}};
}

/// A model's server that answers one request after the other as it was told, and the last way from then on.
class stand_in_model {
 public:
  explicit stand_in_model(std::vector<stand_in_reply> replies)
      : replies_(std::move(replies)), server_([this](const stand_in_request& request) { return answer(request); }) {}

  std::string address() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
  void stop() { server_.stop(); }
  std::vector<stand_in_request> requests() const {
    const std::lock_guard lock{mutex_};
    return requests_;
  }

 private:
  stand_in_reply answer(const stand_in_request& request) {
    const std::lock_guard lock{mutex_};
    requests_.push_back(request);
    return replies_[std::min(requests_.size(), replies_.size()) - 1];
  }

  mutable std::mutex mutex_;
  std::vector<stand_in_reply> replies_;
  std::vector<stand_in_request> requests_;
  stand_in_server server_;
};

/// PlanExe's list with one model, in a folder of its own.
class model_list {
 public:
  explicit model_list(const std::string& base, const std::string& kind = "OpenAILike", double timeout_seconds = 20) {
    const json entry = {{"class", kind},
                        {"arguments",
                         {{"model", "m-1"},
                          {"api_base", base},
                          {"api_key", "${MODEL_KEY}"},
                          {"timeout", timeout_seconds},
                          {"max_tokens", 1000}}}};
    std::ofstream(folder_.path() / "llm_config.json") << json{{"test-model", entry}};
  }
  environment variables() const {
    return {{"PLANEXE_DECOMPOSITION_MODEL", "test-model"},
            {"PLANEXE_CONFIG_PATH", folder_.path().string()},
            {"MODEL_KEY", key}};
  }
  const fs::path& folder() const { return folder_.path(); }

 private:
  scratch_folder folder_;
};

reply decompose(api_client& api, const json& body, const headers& fields = {}) {
  return api.post("/api/agents/ann/decompose", body, fields);
}

std::vector<std::string> actions_of(const reply& answer) {
  std::vector<std::string> actions;
  for (const auto& part : answer.body.at("decomposed_subtasks")) actions.push_back(part.at("action"));
  return actions;
}

const std::vector<std::string> by_template{"draft_document", "make_phone_call", "draft_document"};
const std::vector<std::string> by_model{"research", "send_email"};

/// What a server with that model answers about a call; nothing of the key is in it, nor in the log.
reply ask_model(const model_list& list) {
  server_under_test server(list.variables());
  api_client api(server.address());
  register_agent(api, "ann");
  const auto answer = decompose(api, {{"task", call_task}});
  CHECK(answer.status == 200);
  CHECK(answer.text.find(key) == std::string::npos);
  CHECK(server.terminate() == 0);
  CHECK(server.log().find(key) == std::string::npos);
  return answer;
}

/// That the templates were used, and why.
void check_fallback(const reply& answer, std::string_view code, std::string_view hint) {
  CHECK(actions_of(answer) == by_template);
  CHECK(answer.body.at("source") == "rules");
  REQUIRE(answer.body.at("warnings").size() == 1);
  const auto& warning = answer.body["warnings"][0];
  CHECK(warning.at("code") == code);
  CHECK_MESSAGE(warning.at("detail").get<std::string>().find(hint) != std::string::npos, warning.dump());
}

}  // namespace

TEST_CASE("an agent learns how a task is done by templates and nothing is stored") {
  server_under_test server;
  api_client api(server.address());
  register_agent(api, "ann");
  const auto answer = decompose(api, {{"task", call_task}, {"plan_context", {{"goal", "A bridge"}}}});
  CHECK(answer.status == 200);
  CHECK(answer.body.at("task_id") == "t1");
  CHECK(answer.body.at("decomposition_confidence").get<double>() > 0);
  CHECK(actions_of(answer) == by_template);
  CHECK(answer.body.at("execution_sequence") == json{"t1.1", "t1.2", "t1.3"});
  CHECK(answer.body.at("warnings").empty());
  CHECK(!answer.body.at("notes").get<std::string>().empty());
  for (const auto& part : answer.body["decomposed_subtasks"])
    for (const char* member : {"subtask_id", "title", "action", "params", "depends_on", "success_criteria"})
      CHECK_MESSAGE(part.contains(member), member);
  CHECK(api.get("/api/executions").body.empty());
  CHECK(api.get("/api/plans").body.empty());
}

TEST_CASE("a task may come as a work answer gave it or by its execution") {
  server_under_test server;
  api_client api(server.address());
  register_agent(api, "ann");
  const auto id = start_execution(api, plan_of({"t1", "t1.1"}, {{"action", "procure"}, {"description", "A kiln."}}));
  const auto held = poll(api, "ann");
  const auto by_work = decompose(api, {{"task", held}});
  CHECK(actions_of(by_work).size() == 5);
  CHECK(by_work.body.at("decomposed_subtasks")[0].at("subtask_id") == "t1.2");
  auto elsewhere = held;
  elsewhere["execution_id"] = "exec-of-another-server";
  CHECK(actions_of(decompose(api, {{"task", elsewhere}})).size() == 5);
  const auto known = decompose(api, {{"task", {{"execution_id", id}, {"task_id", "t1"}}}});
  CHECK(known.status == 200);
  // t1.1 is another task of that plan.
  CHECK(known.body.at("decomposed_subtasks")[0].at("subtask_id") == "t1.2");
  CHECK(known.text.find("A kiln.") != std::string::npos);
  CHECK(decompose(api, {{"task", {{"execution_id", id}, {"task_id", "absent"}}}}).code() == "not_found");
  CHECK(decompose(api, {{"task", {{"execution_id", "absent"}, {"task_id", "t1"}}}}).code() == "not_found");
}

TEST_CASE("a wrong request to take a task apart is told every mistake") {
  server_under_test server;
  api_client api(server.address());
  CHECK(api.post("/api/agents/nobody/decompose", {{"task", call_task}}).code() == "not_found");
  register_agent(api, "ann");
  using names = std::vector<std::string>;
  CHECK(decompose(api, json::object()).fields_named() == names{"task"});
  CHECK(decompose(api, {{"task", json::object()}, {"colour", "red"}}).fields_named() ==
        names{"colour", "task.task_id", "task.title"});
  CHECK(decompose(api, {{"task", {{"task_id", "t 1"}, {"title", " "}, {"params", 3}}},
                        {"plan_context", 4},
                        {"agent_capabilities", {5}}})
            .fields_named() ==
        names{"agent_capabilities", "plan_context", "task.params", "task.task_id", "task.title"});
  CHECK(api.send("POST", "/api/agents/ann/decompose", "{").status == 400);
  CHECK(api.get("/api/agents/ann/decompose").status == 405);
}

TEST_CASE("a model's answer is used and its key is seen by its server alone") {
  stand_in_model model({chat_reply("```json\n" + std::string(good) + "\n```")});
  const auto answer = ask_model(model_list(model.address() + "/v1"));
  CHECK(actions_of(answer) == by_model);
  CHECK(answer.body.at("source") == "model");
  CHECK(answer.body.at("model") == "test-model");
  CHECK(answer.body.at("warnings").empty());
  CHECK(answer.body.at("decomposed_subtasks")[1].at("depends_on") == json{"t1.1"});
  const auto requests = model.requests();
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].method == "POST");
  CHECK(requests[0].path == "/v1/chat/completions");
  CHECK(requests[0].headers.at("authorization") == std::string("Bearer ") + key);
  CHECK(requests[0].body.find(key) == std::string::npos);
  CHECK(json::parse(requests[0].body).at("model") == "m-1");
}

TEST_CASE("a model behind the messages interface is asked its way") {
  stand_in_model model({stand_in_reply{.body = json{{"content", {{{"type", "text"}, {"text", good}}}}}.dump()}});
  const auto answer = ask_model(model_list(model.address(), "Anthropic"));
  CHECK(actions_of(answer) == by_model);
  const auto requests = model.requests();
  REQUIRE(requests.size() == 1);
  CHECK(requests[0].path == "/v1/messages");
  CHECK(requests[0].headers.at("x-api-key") == key);
  CHECK(requests[0].headers.at("anthropic-version") == "2023-06-01");
}

TEST_CASE("a model that answers badly once is told so and may correct itself") {
  stand_in_model model({chat_reply("no JSON here"), chat_reply(good)});
  CHECK(actions_of(ask_model(model_list(model.address()))) == by_model);
  REQUIRE(model.requests().size() == 2);
  CHECK(model.requests()[1].body.find("no JSON here") != std::string::npos);
}

TEST_CASE("a model that answers wrongly twice is replaced by templates") {
  stand_in_model model({chat_reply(R"({"subtasks": [{"title": "x", "action": "steal"}]})")});
  check_fallback(ask_model(model_list(model.address())), "model_wrong_answer", "action");
  CHECK(model.requests().size() == 2);
}

TEST_CASE("a model's server that is slow or fails or is gone is replaced by templates") {
  {
    stand_in_model model({stand_in_reply{.never = true}});
    check_fallback(ask_model(model_list(model.address(), "OpenAILike", 1.1)), "model_unavailable", "did not answer");
  }
  {
    stand_in_model model({stand_in_reply{.status = 500, .body = std::string("the key was ") + key}});
    check_fallback(ask_model(model_list(model.address())), "model_unavailable", "status 500");
  }
  {
    stand_in_model model({stand_in_reply{.body = std::string(600'000, 'x')}});
    check_fallback(ask_model(model_list(model.address())), "model_unavailable", "more than");
  }
  {
    stand_in_model model({stand_in_reply{.raw = "nonsense\r\n\r\n"}});
    check_fallback(ask_model(model_list(model.address())), "model_unavailable", "127.0.0.1");
  }
  check_fallback(ask_model(model_list("http://127.0.0.1:1")), "model_unavailable", "refuses");
}

TEST_CASE("the same request again gets the first answer and asks no model") {
  stand_in_model model({chat_reply(good), chat_reply("{}")});
  const model_list list(model.address());
  server_under_test server(list.variables());
  json first;
  {
    api_client api(server.address());
    register_agent(api, "ann");
    first = decompose(api, {{"task", call_task}}, {{"Idempotency-Key", "k1"}}).body;
  }
  server.kill();
  server.start();
  api_client api(server.address());
  CHECK(decompose(api, {{"task", call_task}}, {{"Idempotency-Key", "k1"}}).body == first);
  CHECK(model.requests().size() == 1);
}

TEST_CASE("what a model said is recorded with the parts that a person takes from it") {
  stand_in_model model({chat_reply(good)});
  const model_list list(model.address());
  auto variables = list.variables();
  variables["PLANEXE_REVIEW_THRESHOLD"] = "1";
  server_under_test server(variables);
  api_client api(server.address());
  register_agent(api, "ann");
  const auto id =
      start_execution(api, plan_of({"t1"}, {{"decomposition_confidence", 0.1}}), {{"review_threshold", 0.5}});
  const auto resolved = resolve(api, id, "t1", "decompose");
  CHECK_MESSAGE(resolved.status == 200, resolved.text);
  const auto events = history(api, id);
  CHECK(events.dump().find("test-model") != std::string::npos);
  CHECK(events.dump().find(key) == std::string::npos);
  CHECK(count_events(api, id, "subtasks_added") == 1);
  CHECK(task(api, id, "t1.2").at("title") == "Ask them for offers");
}

TEST_CASE("a stop does not wait for a model") {
  stand_in_model model({stand_in_reply{.never = true}});
  const model_list list(model.address(), "OpenAILike", 90);
  server_under_test server(list.variables());
  {
    api_client api(server.address());
    register_agent(api, "ann");
  }
  auto waiting = std::async(std::launch::async, [address = server.address()] {
    api_client api(address, std::chrono::seconds(90));
    return api.send("POST", "/api/agents/ann/decompose", json{{"task", call_task}}.dump());
  });
  REQUIRE(eventually([&] { return !model.requests().empty(); }));
  CHECK(server.terminate() == 0);
  CHECK(waiting.get().status == 503);
}

TEST_CASE("a model that cannot be asked stops the start with one line") {
  const model_list list("http://127.0.0.1:1");
  const auto start = [&](const environment& changes) {
    auto variables = list.variables();
    for (const auto& [name, value] : changes) variables[name] = value;
    const scratch_folder folder;
    child_process process;
    process.start(
        {server_program(), "serve", "--execution-data-dir", (folder.path() / "data").string(), "--execution-port", "0"},
        variables, folder.path(), folder.path() / "log");
    CHECK(process.wait(std::chrono::seconds(30)) == 2);
    auto text = read_text(folder.path() / "log");
    CHECK(std::count(text.begin(), text.end(), '\n') == 1);
    CHECK(text.find(key) == std::string::npos);
    return text;
  };
  CHECK(start({{"PLANEXE_DECOMPOSITION_MODEL", "other"}}).find("'other'") != std::string::npos);
  CHECK(start({{"MODEL_KEY", ""}}).find("MODEL_KEY") != std::string::npos);
  CHECK(start({{"PLANEXE_CONFIG_PATH", "/nowhere/at/all"}}).find("/nowhere/at/all") != std::string::npos);
  std::ofstream(list.folder() / "llm_config.json") << "{";
  CHECK(start({}).find("llm_config.json") != std::string::npos);
}

}  // namespace planexe::tests
