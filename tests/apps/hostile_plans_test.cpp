// Plans made to hurt, sent to a running server: each is refused with its reasons, and afterwards nothing is there that
// was not there before. What each trick is about is tested in tests/plans; this is about the whole way through.
#include <doctest/doctest.h>

#include <set>

#include "tests/apps/server_harness.hpp"
#include "tests/plans/zip_builder.hpp"

namespace planexe::tests {
namespace {

using plans::testing::directory_headers;
using plans::testing::put_u32;
using plans::testing::small_run;
using plans::testing::zip_of;

struct hostile_plan {
  std::string name;
  std::string type;
  std::string bytes;
  unsigned status = 422;
};

const std::string json_type = "application/json";
const std::string zip_type = "application/zip";
const std::string wbs_name = "wbs_project_level1_and_level2_and_level3.json";

std::string tree_of(const std::string& children) {
  return R"({"wbs_project": {"id": "root", "description": "x", "task_children": [)" + children + "]}}";
}
std::string node(const std::string& id, const std::string& children = "") {
  return R"({"id": ")" + id + R"(", "description": "d", "task_children": [)" + children + "]}";
}

std::vector<hostile_plan> hostile_json() {
  std::string deep = "";
  for (int level = 13; level > 0; --level) deep = node("n" + std::to_string(level), deep);
  std::string wide = node("n0");
  for (int i = 1; i <= 20'000; ++i) wide += "," + node("n" + std::to_string(i));
  std::string many = "{\"x\": [0";
  for (int i = 0; i < 2'000'001; ++i) many += ",0";
  const std::string plain = R"({"goal": "g", "phases": [{"name": "P"}]})";
  std::string wide_characters = "\xFF\xFE";
  for (const char c : plain) wide_characters += {c, '\0'};
  return {
      {"nothing", json_type, ""},
      {"no JSON", json_type, "goal: x"},
      {"an empty object", json_type, "{}"},
      {"nested 64 levels and more", json_type, std::string(100'000, '[')},
      {"13 levels of tasks", json_type, tree_of(deep)},
      {"20,001 tasks", json_type, tree_of(wide)},
      {"no task", json_type, tree_of("")},
      {"an id twice", json_type, tree_of(node("a") + "," + node("a"))},
      {"a member twice", json_type, R"({"goal": "g", "goal": "h", "phases": [{"name": "P"}]})"},
      {"two million values", json_type, many + "]}", 413},
      {"a circle", json_type,
       R"({"goal": "g", "phases": [{"name": "P", "tasks": [{"task_id": "a", "title": "A", "prerequisites": ["b"]},
          {"task_id": "b", "title": "B", "prerequisites": ["a"]}]}]})"},
      {"an edge to nowhere", json_type,
       R"({"goal": "g", "phases": [{"name": "P"}], "dependencies": [{"from": "a", "to": "b"}]})"},
      {"UTF-16", json_type, wide_characters},
      {"Latin-1", json_type, "{\"goal\": \"Caf\xE9\", \"phases\": [{\"name\": \"P\"}]}"},
      {"half a surrogate pair", json_type, R"({"goal": "\ud800", "phases": [{"name": "P"}]})"},
      {"a number without end", json_type, R"({"goal": "g", "phases": [{"name": "P"}], "x": 1e999})"},
      {"a number beyond its range", json_type,
       R"({"goal": "g", "phases": [{"name": "P", "tasks": [{"title": "T", "priority": 1e30}]}]})"},
      {"a NUL in Markdown", "text/markdown", std::string("# Goal\n- a\0b\n", 13)},
      {"Latin-1 in Markdown", "text/markdown", "# Caf\xE9\n- a\n"},
  };
}

std::vector<hostile_plan> hostile_zips() {
  const std::string sound = zip_of(small_run());
  const auto with = [](const std::string& name, const std::string& content) {
    auto files = small_run();
    files[name] = content;
    return zip_of(files);
  };
  std::string encrypted = sound;
  encrypted[directory_headers(encrypted)[0] + 8] = '\1';
  std::string link = sound;
  link.replace(directory_headers(link)[0] + 5, 1, "\3");
  link.replace(directory_headers(link)[0] + 40, 2, "\xFF\xA1");
  std::string nul = sound;
  nul[directory_headers(nul)[0] + 46 + 1] = '\0';
  std::string claims = sound;
  put_u32(claims, directory_headers(claims)[0] + 24, 300u << 20);
  std::string zip64 = sound;
  put_u32(zip64, directory_headers(zip64)[0] + 24, 0xFFFFFFFF);
  plans::testing::file_map crowd = small_run();
  for (int i = 0; i < 10'001; ++i) crowd["litter/" + std::to_string(i)] = "";
  plans::testing::file_map two;
  for (const auto& [name, content] : small_run()) two["a/" + name] = two["b/" + name] = content;
  std::string checksum = zip_of({{wbs_name, small_run().at("023-3-" + wbs_name)}});
  put_u32(checksum, directory_headers(checksum)[0] + 16, 0xDEADBEEF);
  return {
      {"no zip", zip_type, "PK"},
      {"a zip cut short", zip_type, sound.substr(0, sound.size() / 2)},
      {"a bomb", zip_type, with("zeros.bin", std::string(std::size_t{20} << 20, '\0')), 413},
      {"a bomb that claims", zip_type, claims, 413},
      {"10,001 entries", zip_type, zip_of(crowd), 413},
      {"a path that climbs", zip_type, with("../../etc/passwd", "x")},
      {"a path that climbs backwards", zip_type, with("..\\evil", "x")},
      {"an absolute path", zip_type, with("/etc/passwd", "x")},
      {"a NUL in a name", zip_type, nul},
      {"a link", zip_type, link},
      {"an encrypted entry", zip_type, encrypted},
      {"ZIP64", zip_type, zip64},
      {"a wrong checksum", zip_type, checksum},
      {"a zip in a zip", zip_type, zip_of({{"run.zip", sound}})},
      {"two runs", zip_type, zip_of(two)},
      {"a broken gate", zip_type, with("redline_gate.json", "{\"verdict\": 1}")},
  };
}

/// What the server shows of what it keeps.
std::string kept(api_client& api) {
  return api.get("/api/plans?limit=1000").text + api.get("/api/executions?limit=1000").text;
}

}  // namespace

TEST_CASE("hostile plans are refused with reasons and leave nothing behind") {
  server_under_test server;
  api_client api(server.address());
  REQUIRE(api.post("/api/plans", plan_of({"a"})).status == 201);
  const std::string before = kept(api);
  auto all = hostile_json();
  for (auto& zip : hostile_zips()) all.push_back(std::move(zip));
  std::set<std::string> names;
  for (const auto& plan : all) {
    CAPTURE(plan.name);
    CHECK(names.insert(plan.name).second);
    const auto answer = api.send("POST", "/api/plans", plan.bytes, {{"Content-Type", plan.type}});
    CAPTURE(answer.text);
    CHECK(answer.status == plan.status);
    CHECK(answer.code() == (plan.status == 413 ? "payload_too_large" : "validation_failed"));
    REQUIRE(answer.body.contains("errors"));
    CHECK_FALSE(answer.body["errors"].empty());
    for (const auto& error : answer.body["errors"]) CHECK_FALSE(error.at("message").get<std::string>().empty());
    CHECK(answer.text.size() < 64 * 1024);
  }
  CHECK(kept(api) == before);

  // It takes sound ones as before, and after a restart shows those alone.
  const auto sound = api.send("POST", "/api/plans", zip_of(small_run()), {{"Content-Type", zip_type}});
  CHECK(sound.status == 201);
  server.kill();
  server.start();
  api_client again(server.address());
  CHECK(again.get("/api/plans").body.size() == 2);
}

TEST_CASE("a hostile plan given with an execution creates neither") {
  server_under_test server;
  api_client api(server.address());
  const std::string before = kept(api);
  for (const char* plan : {R"({"goal": "g"})", R"({"wbs_project": {}})",
                           R"({"goal": "g", "phases": [{"name": "P"}], "risks": [{"kind": "x", "title": "t"}]})"}) {
    const auto answer = api.post("/api/executions", {{"plan", json::parse(plan)}, {"start", true}});
    CAPTURE(answer.text);
    CHECK(answer.status == 422);
    CHECK_FALSE(answer.body["errors"].empty());
  }
  CHECK(kept(api) == before);
}

}  // namespace planexe::tests
