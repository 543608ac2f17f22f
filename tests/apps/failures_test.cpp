// How the commands say that they did not do what was asked: to people, and with --json to programs.
#include <doctest/doctest.h>
#include <pwd.h>
#include <unistd.h>

#include <fstream>

#include "tests/apps/server_harness.hpp"

namespace planexe::tests {
namespace {

struct ended {
  int code = -1;
  std::string out, err;
};

/// In a folder with a file `plan.md`, which is no plan, and an empty folder `empty`. Nobody listens at port 1.
class shell {
 public:
  shell() {
    std::ofstream(folder_.path() / "plan.md") << "\xff\xfe";
    std::filesystem::create_directory(folder_.path() / "empty");
  }
  ended run(const std::string& words) const {
    child_process process;
    const auto out = folder_.path() / "out", err = folder_.path() / "err";
    process.start({"sh", "-c", server_program() + " " + words + " >" + out.string() + " 2>" + err.string()}, {},
                  folder_.path(), folder_.path() / "log");
    const auto code = process.wait(std::chrono::seconds(60));
    return {code.value_or(-1), read_text(out), read_text(err)};
  }
  const std::filesystem::path& path() const { return folder_.path(); }

 private:
  scratch_folder folder_;
};

}  // namespace

TEST_CASE("with --json every command tells its failure as one object beside the line for people") {
  const shell here;
  const std::string nobody = " --url http://127.0.0.1:1", nothing = " --data-dir nothing";
  for (const auto& words : std::vector<std::string>{"verify" + nothing,
                                                    "verify e1" + nothing,
                                                    "verify" + nobody,
                                                    "verify e1" + nobody,
                                                    "verify e1 --url nonsense",
                                                    "verify lost.jsonl",
                                                    "verify --key k --write-anchor a" + nothing,
                                                    "audit check lost",
                                                    "audit prove e1 1 --key lost" + nothing,
                                                    "salvage nothing new",
                                                    "export e1" + nothing,
                                                    "export e1 -o file" + nothing,
                                                    "export e1" + nobody,
                                                    "export --all",
                                                    "export e1 --url nonsense",
                                                    "import-log lost.jsonl" + nothing,
                                                    "archive e1" + nothing,
                                                    "archive e1" + nobody,
                                                    "archive" + nobody,
                                                    "archive --older-than 1" + nobody,
                                                    "backup copy" + nothing,
                                                    "backup verify lost",
                                                    "backup verify empty",
                                                    "backup" + nobody,
                                                    "backup list" + nobody,
                                                    "restore empty" + nothing,
                                                    "restore lost" + nothing,
                                                    "erase ann" + nothing,
                                                    "erase --list" + nothing,
                                                    "erase" + nothing,
                                                    "keys list" + nothing,
                                                    "keys list" + nobody,
                                                    "keys revoke k" + nothing,
                                                    "keys revoke k" + nobody,
                                                    "keys create --role admin" + nobody,
                                                    "keys create --role nobody" + nothing,
                                                    "replay e1" + nothing,
                                                    "replay e1" + nobody,
                                                    "replay lost.jsonl",
                                                    "replay e1 --diff 1 2 --step",
                                                    "replay e1 --speed 0" + nobody,
                                                    "fork e1 --at 1" + nobody,
                                                    "fork lost.jsonl --at 1",
                                                    "fork e1 --at 0" + nobody,
                                                    "compare e1 e2" + nothing,
                                                    "compare e1 e2" + nobody,
                                                    "status" + nothing,
                                                    "status e1" + nobody,
                                                    "why e1" + nothing,
                                                    "why e1" + nobody,
                                                    "import plan.md" + nobody,
                                                    "import plan.md --dry-run",
                                                    "import lost"}) {
    CAPTURE(words);
    const auto told = here.run(words);
    CHECK(told.code > 0);
    CHECK_MESSAGE(told.out.empty(), told.out);
    CHECK_FALSE(told.err.empty());
    const auto as_json = here.run(words + " --json");
    CHECK(as_json.code == told.code);
    CHECK_FALSE(as_json.err.empty());
    const auto value = json::parse(as_json.out, nullptr, false);
    REQUIRE_MESSAGE(value.is_object(), as_json.out);
    REQUIRE_MESSAGE(value.contains("error"), as_json.out);
    CHECK_FALSE(value.at("error").at("code").get<std::string>().empty());
    CHECK_FALSE(value.at("error").at("detail").get<std::string>().empty());
    CHECK((value.at("error").at("code") == "invalid") == (told.code == 2));
  }
}

TEST_CASE("a word that is meant as a file and is not there is not asked of a server") {
  const shell here;
  for (const auto& file : std::vector<std::string>{"lost.jsonl", "some/lost.jsonl", "./lost", "lost.jsonl.zst"})
    for (const auto& words : std::vector<std::string>{"verify " + file, "replay " + file, "fork " + file + " --at 1"}) {
      CAPTURE(words);
      const auto told = here.run(words);
      CHECK(told.code == 2);
      CHECK(told.err == "there is no file '" + file + "'\n");
    }
  const auto folder = here.run("verify ./empty");
  CHECK(folder.code == 2);
  CHECK(folder.err == "'./empty' is a folder; a data folder is given with --data-dir\n");
  std::ofstream(here.path() / "there.jsonl") << "x";
  CHECK(here.run("fork there.jsonl --at 1").err.find("'there.jsonl' is a file") != std::string::npos);
  // What is wrong with a file names it once.
  CHECK(here.run("import-log lost.jsonl --data-dir new").err == "cannot read lost.jsonl: No such file or directory\n");
  CHECK(here.run("replay there.jsonl").err.starts_with("there.jsonl: line 1: "));
}

TEST_CASE("a number that must be over 0 is asked for in a few words") {
  const shell here;
  for (const auto& words : std::vector<std::string>{
           "replay e1 --speed 0", "replay e1 --speed -1", "why e1 --at 0", "fork e1 --at 0", "export e1 --at 0",
           "audit prove e1 0 --data-dir empty", "demo --task-seconds 0", "replay e1 --speed nan",
           "replay e1 --speed +nan", "replay e1 --speed +0", "fork e1 --at 0x0"}) {
    CAPTURE(words);
    const auto told = here.run(words);
    CHECK(told.code == 2);
    CHECK(told.err.size() < 120);
    CHECK_MESSAGE(told.err.find("is not over 0") != std::string::npos, told.err);
  }
}

TEST_CASE("a speed or a time without an end is refused") {
  const shell here;
  for (const std::string words : {"replay e1 --speed inf", "demo --task-seconds +inf"}) {
    CAPTURE(words);
    const auto told = here.run(words);
    CHECK(told.code == 2);
    CHECK_MESSAGE(told.err.find("has no end") != std::string::npos, told.err);
  }
}

TEST_CASE("what cannot be written where it was sent does not end well") {
  const shell here;
  REQUIRE(here.run("keys create --role admin --data-dir data").code == 0);
  for (const std::string words : {"--version", "--help", "keys list --data-dir data --json", "verify --data-dir data",
                                  "verify --data-dir data --json"}) {
    CAPTURE(words);
    CHECK(here.run(words).code == 0);
    const auto told = here.run(words + " >/dev/full 2>told; echo $?");
    CHECK(told.out == "1\n");
    CHECK(read_text(here.path() / "told") == "planexe-ax: the output cannot be written\n");
  }
}

TEST_CASE("where the shell does not say whose it is the record has the account's name") {
  const passwd* account = getpwuid(getuid());
  const std::string expected =
      "shell:" + (account != nullptr ? std::string(account->pw_name) : std::to_string(getuid()));
  const shell here;
  REQUIRE(here.run("keys create --role admin --name ann --data-dir data").code == 0);
  const auto listed = here.run("keys list --json --data-dir data");
  REQUIRE(listed.code == 0);
  CHECK(json::parse(listed.out).at(0).at("created_by") == expected);
  REQUIRE(here.run("keys create --role admin --name bob --data-dir data").code == 0);
}

}  // namespace planexe::tests
