// The README's own commands, run as they stand there against a real server.
#include <doctest/doctest.h>

#include <fstream>

#include "apps/demo/plan_upload.hpp"
#include "tests/apps/server_harness.hpp"

namespace planexe::tests {
namespace {

std::string readme() {
  return read_text(PLANEXE_SOURCE_DIR "/README.md");
}

/// The first block of code of that language after `heading`.
std::string block_after(const std::string& text, const std::string& heading, const std::string& language) {
  const auto start = text.find(heading);
  REQUIRE(start != std::string::npos);
  const auto fence = "```" + language + "\n";
  const auto from = text.find(fence, start);
  REQUIRE(from != std::string::npos);
  const auto first = from + fence.size();
  return text.substr(first, text.find("```", first) - first);
}

std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
    text.replace(at, what.size(), by);
  return text;
}

/// What a shell makes of one line; nothing when the program is not installed.
std::optional<json> answer_of(const std::string& line, const std::filesystem::path& folder) {
  child_process shell;
  const auto log = folder / "answer.txt";
  shell.start({"sh", "-c", line}, {}, folder, log);
  const auto code = shell.wait(std::chrono::seconds(30));
  REQUIRE(code);
  if (*code == 127) return std::nullopt;
  REQUIRE_MESSAGE(*code == 0, read_text(log));
  return json::parse(read_text(log), nullptr, false);
}

std::string first_leaf_of(const json& execution) {
  return execution.at("forecast").at("critical_path").at(0);
}

}  // namespace

TEST_CASE("the README's commands start a plan and the README's agent works it off") {
  server_under_test server;
  const auto text = replaced(readme(), "http://127.0.0.1:8090", server.address().url());
  const auto zip = demo::zip_folder(PLANEXE_SOURCE_DIR "/configs/demo_plan");
  REQUIRE(zip);
  std::ofstream(server.folder() / "my_plan.zip", std::ios::binary) << *zip;

  auto commands = block_after(text, "Give it a plan and start it:", "sh");
  const auto run = [&](std::size_t line) {
    std::size_t at = 0;
    for (std::size_t i = 0; i < line; ++i) at = commands.find('\n', at) + 1;
    const auto address = commands.substr(0, commands.find('\n'));
    return answer_of(address + "; " + commands.substr(at, commands.find('\n', at) - at), server.folder());
  };
  const auto plan = run(1);
  if (!plan) return skip("curl is not installed");
  REQUIRE_MESSAGE(plan->contains("plan_id"), plan->dump());
  commands = replaced(commands, "plan-\u2026", plan->at("plan_id"));
  const auto started = run(2);
  REQUIRE_MESSAGE(started->contains("execution_id"), started->dump());
  const std::string id = started->at("execution_id");
  commands = replaced(commands, "exec-\u2026", id);
  CHECK(run(3)->at("status") == "QUEUED");

  const auto asking =
      replaced(replaced(block_after(text, "Ask why something is not done yet", "sh"), "exec-\u2026", id), "TASK",
               first_leaf_of(*run(3)));
  for (std::size_t from = 0; from < asking.size(); from = asking.find('\n', from) + 1) {
    const auto line =
        replaced(asking.substr(from, asking.find('\n', from) - from), "build/release/planexe-ax", server_program());
    // The README's server is where the commands look for one by themselves.
    const bool asks_server = line.find("--data-dir") == std::string::npos;
    const auto command = line.substr(0, line.find('#')) + (asks_server ? " --url " + server.address().url() : "");
    CHECK_MESSAGE(answer_of(command + " --json", server.folder())->dump().find(id) != std::string::npos, command);
  }

  std::ofstream(server.folder() / "agent.py") << block_after(text, "An agent, in Python", "python");
  child_process agent;
  agent.start({"python3", "agent.py"}, {}, server.folder(), server.folder() / "agent.txt");
  api_client api(server.address());
  const bool done = eventually([&] { return status(api, id) == "COMPLETED" || !agent.runs(); });
  const auto ended = agent.wait(std::chrono::milliseconds(0));
  if (ended == 127) return skip("python3 is not installed");
  CHECK_MESSAGE(done, read_text(server.folder() / "agent.txt"));
  CHECK(status(api, id) == "COMPLETED");
}

}  // namespace planexe::tests
