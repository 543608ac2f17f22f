// Writes what the fuzzers begin with: one folder a target, made from the tests' own small inputs and, for the events,
// from the golden files. `./dev` runs it before the fuzzers.
#include <doctest/doctest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include "records/line.hpp"
#include "tests/eventstore/golden.hpp"
#include "tests/fuzz/run_records.hpp"
#include "tests/plans/reading.hpp"
#include "tests/plans/zip_builder.hpp"

namespace planexe::fuzz {
namespace {

namespace fs = std::filesystem;
using plans::testing::file_map;
using plans::testing::small_run;

/// Numbers the inputs of one target.
class seed_folder {
 public:
  explicit seed_folder(std::string_view target) : folder_(fs::path(PLANEXE_SEEDS_DIR) / target) {
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void write(std::string_view bytes) {
    std::ofstream out(folder_ / std::to_string(count_++), std::ios::binary);
    out << bytes;
    REQUIRE(out.good());
  }
  std::size_t count() const { return count_; }

 private:
  fs::path folder_;
  std::size_t count_ = 0;
};

constexpr std::string_view premortem = R"({"assumptions_to_kill": [{"assumption_id": "A1", "statement": "Ice holds.",
  "test_now": "Drill.", "falsifier": "Thin."}], "failure_modes": [{"root_cause_assumption_id": "A1",
  "failure_mode_title": "Thin ice", "risk_analysis": "Task t3 late, task t1 too.", "early_warning_signs": ["cracks"],
  "owner": "Ann", "likelihood_5": 4, "impact_5": 5, "tripwires": ["10 cm"], "playbook": ["Stop."],
  "stop_rule": "Water."}]})";
constexpr std::string_view risks = R"({"risks": [{"risk_area": "Law", "risk_description": "No contract.",
  "potential_impact": "Delay.", "likelihood": "low", "severity": "high", "action": "Ask."}]})";
constexpr std::string_view assumptions = R"([{"question": "?", "assumptions": "Assumption: The deck is of oak."}])";

/// The small run with everything a run may say.
file_map whole_run() {
  file_map run;
  for (const auto& [name, content] : small_run()) {
    const std::size_t letters = name.find_first_not_of("0123456789-");
    run[name.substr(letters)] = content;
  }
  run["premortem_raw.json"] = premortem;
  run["identify_risks_raw.json"] = risks;
  run["make_assumptions.json"] = assumptions;
  run["redline_gate.json"] = R"({"verdict": "ALLOW"})";
  run["pre_project_assessment.json"] = R"({"go_no_go_recommendation": "Do Not Execute. No."})";
  run["project_plan_raw.json"] = R"({"goal_statement": "Refined"})";
  run["start_time.json"] = R"({"server_iso_utc": "2025-10-19T14:32:56Z"})";
  return run;
}

const std::vector<std::string> structured_plans{
    R"({"goal": "g", "phases": [{"name": "P"}]})",
    R"({"goal": "g", "title": "t", "team": ["Buyer", {"name": "Clerk", "description": "d"}], "phases": [
      {"phase_id": "p", "name": "P", "tasks": [{"task_id": "a", "title": "Buy shelves", "description": "All",
        "assignee_role": "Buyer", "priority": 5, "estimated_hours": 12, "resources_needed": ["van"], "autonomy_tier": 2,
        "agent_executable": true, "decomposition_confidence": 0.5, "subtasks": [{"subtask_id": "s", "action": "research",
        "params": {"max": 3}, "timeout_hours": 0.5, "retry_policy": {"max_attempts": 2, "backoff_seconds": 0.05},
        "prerequisites": ["b"]}]}, {"task_id": "b", "title": "Sign", "prerequisites": ["a"]}]}],
      "dependencies": [{"from": "s", "to": "b", "type": "FS", "explanation": "why"}]})",
    R"({"goal": "g", "phases": [{"name": "P", "tasks": [{"title": "Order oak planks"}]}], "assumptions": ["Oak grows.",
      {"statement": "x", "test": "y", "falsifier": "z", "tasks": ["p1"]}], "risks": ["The oak planks are late", {
      "title": "Fire", "kind": "failure_mode", "tripwires": ["60"], "early_warnings": ["s"], "stop_rule": "t",
      "likelihood": "low", "severity": "high", "owner": "Ann", "mitigation": "m", "tasks": ["p1.t1"]}]})",
};

}  // namespace

TEST_CASE("seeds of plan_json") {
  seed_folder seeds("plan_json");
  for (const auto& plan : structured_plans) seeds.write(plan);
  const auto run = whole_run();
  std::string bundle = run.at("wbs_project_level1_and_level2_and_level3.json");
  seeds.write(bundle);
  bundle.erase(bundle.rfind('}'));
  for (const auto& [file, member] :
       std::vector<std::pair<std::string, std::string>>{{"task_dependencies_raw.json", "task_dependencies"},
                                                        {"task_durations.json", "task_durations"},
                                                        {"enrich_team_members_environment_info.json", "team"},
                                                        {"premortem_raw.json", "premortem"},
                                                        {"identify_risks_raw.json", "risks"},
                                                        {"make_assumptions.json", "assumptions"},
                                                        {"redline_gate.json", "redline"},
                                                        {"pre_project_assessment.json", "pre_project_assessment"}})
    bundle += ", \"" + member + "\": " + run.at(file);
  seeds.write(bundle + "}");
  CHECK(seeds.count() == structured_plans.size() + 2);
}

TEST_CASE("seeds of plan_run") {
  seed_folder seeds("plan_run");
  std::string small;
  std::string whole;
  for (std::size_t name = 0; name < run_names.size(); ++name)
    if (const auto files = whole_run(); files.contains(std::string{run_names[name]})) {
      append_record(whole, name, files.at(std::string{run_names[name]}));
      if (name < 3) append_record(small, name, files.at(std::string{run_names[name]}));
    }
  seeds.write(small);
  seeds.write(whole);
  CHECK(whole.size() > small.size());
}

TEST_CASE("seeds of plan_zip") {
  seed_folder seeds("plan_zip");
  seeds.write(plans::testing::zip_of({{"a", "b"}}));
  seeds.write(plans::testing::zip_of(small_run()));
  seeds.write(plans::testing::zip_of(small_run(), "run/"));
  seeds.write(plans::testing::zip_of(
      {{"wbs_project_level1_and_level2_and_level3.json",
        R"({"wbs_project": {"description": "x", "task_children": [{"id": "a", "description": "b"}]}})"}}));
  CHECK(seeds.count() == 4);
}

TEST_CASE("seeds of plan_csv") {
  seed_folder seeds("plan_csv");
  seeds.write(
      "Level 1;Level 2;Level 3;Level 4;Task ID\nBridge;;;;root\n;Prepare;;;p1\n;;Survey;;t1\n;;;Look;a\n"
      ";Do;;;p2\n;;Build;;t2\n;;;Deck;b\n");
  seeds.write("Level 1;Level 2;Task ID\r\n\"A; \"\"b\"\"\";;x\r\n;\"two\nlines\";y\r\n");
  CHECK(seeds.count() == 2);
}

TEST_CASE("seeds of plan_markdown") {
  seed_folder seeds("plan_markdown");
  seeds.write("# A\n## P\n- [ ] do (owner: X, 2d)\n");
  seeds.write(
      "---\nstart: 2026-03-02\ngoal: g\n---\n# Mend\n\nText.\n\n## Prepare (owner: Foreman)\n\n"
      "- Survey (id: s, 2-5 days)\n  Both banks.\n- [x] Apply @clerk\n  - after: s\n  - estimate: 2w\n\n## Build\n\n"
      "### Deck\nDepends on: Apply\n\n1. Order (action: procure, priority: high)\n2. Lay (depends on: #1; estimate: "
      "4h-1d-2d)\n\n```\ncode\n```\n\n## Team\n\n- **Foreman** - leads\n- Clerk: speaks\n\n## Risks\n\n- Flood "
      "(severity: "
      "high)\n  - mitigation: work\n\n## Assumptions\n\n- Sound (test: drill)\n");
  CHECK(seeds.count() == 2);
}

TEST_CASE("seeds of http_head") {
  seed_folder seeds("http_head");
  for (const std::string_view head :
       {"GET / HTTP/1.1\r\nHost: localhost:8090\r\n\r\n", "GET /a?b=c HTTP/1.0\r\n\r\nrest",
        "POST /api/plans HTTP/1.1\r\nHost: [::1]:80\r\nContent-Type: application/zip\r\nContent-Length: 12\r\n"
        "Expect: 100-continue\r\n\r\n",
        "GET /s HTTP/1.1\r\nHost: a.b\r\nConnection: keep-alive, Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
        "PATCH /e/1 HTTP/1.1\r\nHost: x\r\nIf-Match: \"4\"\r\nConnection: close\r\nX-A: \t b \t\r\n\r\n",
        "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n",
        "GET / HTTP/1.1\r\nHost: x\r\nX-A: b\r\n c\r\n\r\n"})
    seeds.write(head);
  CHECK(seeds.count() == 7);
}

namespace {

/// A client's frame, masked as it must be.
std::string client_frame(unsigned opcode, std::string_view payload, bool is_last = true) {
  constexpr std::string_view mask = "\x11\x22\x33\x44";
  std::string frame(1, static_cast<char>((is_last ? 0x80U : 0U) | opcode));
  const auto size = payload.size();
  const auto byte = [](std::size_t value) { return static_cast<char>(value & 0xFFU); };
  frame += byte(0x80U | (size < 126 ? size : 126));
  if (size >= 126) frame.append({byte(size >> 8U), byte(size)});
  frame += mask;
  for (std::size_t i = 0; i < size; ++i) frame += static_cast<char>(payload[i] ^ mask[i % mask.size()]);
  return frame;
}

}  // namespace

TEST_CASE("seeds of websocket_frames") {
  constexpr unsigned more = 0, text = 1, binary = 2, close = 8, ping = 9, pong = 10;
  seed_folder seeds("websocket_frames");
  for (const auto& frames :
       {client_frame(text, "hello"), client_frame(ping, "p") + client_frame(text, "after a ping"),
        client_frame(text, "one ", false) + client_frame(ping, "") + client_frame(more, "two"),
        client_frame(close,
                     "\x03\xe8"
                     "bye"),
        client_frame(binary, std::string(300, 'b')), client_frame(text, "\xc3\xa4\xf0\x9f\x98\x80"),
        client_frame(text, "\xff"), client_frame(pong, "") + client_frame(text, ""),
        client_frame(binary, std::string(60'000, 'y'))})
    seeds.write(frames);
  CHECK(seeds.count() == 9);
}

TEST_CASE("seeds of event_codec") {
  seed_folder seeds("event_codec");
  for (const auto& file : eventstore::testing::golden_files()) {
    const auto bytes = eventstore::testing::read_golden(file);
    REQUIRE(bytes.has_value());
    seeds.write(*bytes);
  }
  CHECK(seeds.count() > 30);
}

TEST_CASE("seeds of record_line") {
  seed_folder seeds("record_line");
  const records::rendering shown{1, [](std::string& out, const domain::event_record&) { out += "{}"; }};
  for (const auto& file : eventstore::testing::golden_files()) {
    const auto event = eventstore::decode(*eventstore::testing::read_golden(file));
    REQUIRE(event.has_value());
    eventstore::stored_event stored{.stream = {static_cast<domain::stream_kind>(event->payload.index() + 1), "a.1"},
                                    .seq = 1,
                                    .position = seeds.count() % 2 * 7};
    stored.bytes = eventstore::encode(event->payload, event->metadata);
    std::string line;
    REQUIRE(records::append_line(line, stored, shown,
                                 stored.position == 0 ? records::positions::left_out : records::positions::written));
    line.pop_back();
    seeds.write(line);
  }
  CHECK(seeds.count() > 30);
}

}  // namespace planexe::fuzz
