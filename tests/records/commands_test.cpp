// `planexe-ax export` and `planexe-ax import-log` on data folders.
#include <sstream>

#include "apps/moving/export_log.hpp"
#include "apps/moving/import_log.hpp"
#include "apps/moving/incident_test.hpp"
#include "records/import.hpp"
#include "tests/records/shelf.hpp"

namespace planexe::records::testing {
namespace {

using eventstore::testing::scratch_folder;
using moving::export_order;
using moving::import_order;

struct told {
  int code = 0;
  std::string out, err;
};

told run(const export_order& order) {
  std::ostringstream out, err;
  const int code = moving::run_export(order, out, err);
  return {code, out.str(), err.str()};
}
told run(const import_order& order) {
  std::ostringstream out, err;
  const int code = moving::run_import_log(order, out, err);
  return {code, out.str(), err.str()};
}

/// A data folder with such a log in it.
void fill(const std::string& folder, const eventstore::event_log& log, const std::string& scratch_file) {
  put(scratch_file, text_of(log));
  const auto store = eventstore::testing::open_store(folder, eventstore::testing::spared_disk());
  REQUIRE(import_file(scratch_file, as_api, *store));
}

domain::sha256_digest head_of(const std::string& folder) {
  const auto store = eventstore::rocksdb_store::open_to_read(folder);
  REQUIRE(store);
  return (*store)->head()->hash;
}

}  // namespace

TEST_CASE("a whole log moves to an empty folder and is the same there") {
  const scratch_folder disk;
  const auto source = chance_log(21, 150);
  const std::string folder = disk.path() + "/source", copy = disk.path() + "/copy";
  fill(folder, source->log, disk.path() + "/scratch");
  CHECK(head_of(folder) == source->log.head()->hash);

  for (const std::string name : {"all.jsonl", "all.jsonl.zst"}) {
    const auto file = disk.path() + "/" + name, again = disk.path() + "/again-" + name;
    const auto written = run(export_order{.output = file, .data_folder = folder});
    REQUIRE_MESSAGE(written.code == 0, written.err);
    const auto events = std::to_string(source->log.head()->position);
    CHECK(written.out == events + " events in " + file + "\n");
    const auto read = run(import_order{.file = file, .data_folder = copy + name});
    REQUIRE_MESSAGE(read.code == 0, read.err);
    CHECK(read.out.starts_with("imported " + events + " events; "));
    CHECK(head_of(copy + name) == head_of(folder));
    REQUIRE(run(export_order{.output = again, .data_folder = copy + name}).code == 0);
    CHECK(content_of(again) == content_of(file));
    const auto twice = run(import_order{.file = file, .data_folder = copy + name});
    CHECK(twice.code == 0);
    CHECK(twice.out.find(events + " events were there already") != std::string::npos);
    CHECK(head_of(copy + name) == head_of(folder));
  }
}

TEST_CASE("an export takes the place of nothing that is there") {
  const scratch_folder disk;
  const auto source = chance_log(21, 150);
  const std::string folder = disk.path() + "/source", file = disk.path() + "/mine";
  fill(folder, source->log, disk.path() + "/scratch");
  put(file, "mine");
  put(disk.path() + "/incident_test.cpp", "mine");
  const auto refused = run(export_order{.execution = "e1", .output = file, .json = true, .data_folder = folder});
  CHECK(refused.code == 1);
  CHECK(refused.err == file + " is there already\n");
  CHECK(refused.out.find("\"conflict\"") != std::string::npos);
  CHECK(content_of(file) == "mine");
  const auto test = disk.path() + "/incident";
  CHECK(run(export_order{.execution = "e1", .output = test, .as_test = true, .data_folder = folder}).code == 1);
  CHECK(content_of(test + "_test.cpp") == "mine");
  CHECK_FALSE(std::filesystem::exists(test + ".jsonl"));
  const auto device = disk.path() + "/device";
  std::filesystem::create_symlink("/dev/null", device);
  const auto nothing = run(export_order{.execution = "e1", .output = device, .data_folder = folder});
  CHECK_MESSAGE(nothing.code == 0, nothing.err);
  CHECK(std::filesystem::is_symlink(device));
}

TEST_CASE("an execution goes to the output where no file is named") {
  const scratch_folder disk;
  const auto source = chance_log(21, 150);
  const std::string folder = disk.path() + "/source";
  fill(folder, source->log, disk.path() + "/scratch");
  const auto all = run(export_order{.execution = "e1", .data_folder = folder});
  CHECK(all.code == 0);
  CHECK(all.out == text_of(source->log, execution("e1")));
  const auto first = run(export_order{.execution = "e1", .last_seq = 2, .data_folder = folder});
  CHECK(first.out == text_of(source->log, execution("e1"), 2));
  CHECK(run(export_order{.execution = "e1", .last_seq = 100'000, .data_folder = folder}).code == 1);
  CHECK(run(export_order{.execution = "nobody", .data_folder = folder}).err == "no execution 'nobody'\n");
}

TEST_CASE("a question that is none is told so") {
  const auto code = [](const export_order& order) { return run(order).code; };
  CHECK(code({.execution = "../x", .data_folder = "."}) == 2);
  CHECK(code({.url = "http://127.0.0.1:1"}) == 2);
  CHECK(code({.last_seq = 3, .data_folder = "."}) == 2);
  CHECK(code({.execution = "e", .last_seq = 0, .data_folder = "."}) == 2);
  CHECK(code({.execution = "e", .as_test = true, .data_folder = "."}) == 2);
  CHECK(code({.output = "x", .as_test = true, .data_folder = "."}) == 2);
  CHECK(code({.execution = "e", .url = "nowhere"}) == 2);
}

TEST_CASE("a file that is wrong makes no folder and one that is right makes none in a dry run") {
  const scratch_folder disk;
  const auto source = chance_log(21, 150);
  const auto text = text_of(source->log), file = disk.path() + "/file", folder = disk.path() + "/new";
  put(file, text.substr(0, text.size() - 5));
  const auto cut = run(import_order{.file = file, .data_folder = folder});
  CHECK(cut.code == 1);
  CHECK(cut.err ==
        file + ": line " + std::to_string(lines_of(text).size()) + ": it has been cut off: its end is missing\n");
  CHECK_FALSE(std::filesystem::exists(folder));
  put(file, "");
  const auto empty = run(import_order{.file = file, .data_folder = folder});
  CHECK(empty.code == 1);
  CHECK(empty.err == file + ": it holds no event\n");
  CHECK_FALSE(std::filesystem::exists(folder));
  put(file, text);
  const auto dry = run(import_order{.file = file, .data_folder = folder, .dry_run = true});
  CHECK(dry.code == 0);
  CHECK(dry.out.starts_with("would import "));
  CHECK_FALSE(std::filesystem::exists(folder));
  CHECK(run(import_order{.file = file + "-not", .data_folder = folder}).code == 1);
}

TEST_CASE("a folder that somebody has open takes nothing") {
  const scratch_folder disk;
  const auto source = chance_log(21, 20);
  put(disk.path() + "/file", text_of(source->log));
  const auto open = eventstore::testing::open_store(disk.data());
  REQUIRE(eventstore::testing::append(*open, {eventstore::testing::noting(execution("mine"), 0, {"here first"})}));
  const auto refused = run(import_order{.file = disk.path() + "/file", .data_folder = disk.data()});
  CHECK(refused.code == 1);
  CHECK(open->head()->position == 1);
}

TEST_CASE("an incident becomes a test and its record file") {
  const scratch_folder disk;
  const auto source = chance_log(21, 150);
  const std::string folder = disk.path() + "/source", name = disk.path() + "/late_friday";
  fill(folder, source->log, disk.path() + "/scratch");
  const auto made = run(export_order{.execution = "e1", .output = name, .as_test = true, .data_folder = folder});
  REQUIRE_MESSAGE(made.code == 0, made.err);
  CHECK(content_of(name + ".jsonl") == text_of(source->log, execution("e1")));
  const auto test = content_of(name + "_test.cpp");
  CHECK(test.find("replay_incident(__FILE__, \"late_friday.jsonl\", \"e1\", moments, tasks);") != std::string::npos);
  const auto head = source->log.head_of(execution("e1"));
  CHECK(test.find("    {" + std::to_string(head->version) + ", \"") != std::string::npos);
  // Of a file with more than one execution no test can be made.
  CHECK_FALSE(moving::incident_test(disk.path() + "/scratch", "scratch"));
}

// Those are compiled and run with the other tests; here each is what its record file gives.
TEST_CASE("every incident that is a test already is what its record file makes") {
  std::size_t count = 0;
  for (const auto& entry : std::filesystem::directory_iterator(INCIDENTS_FOLDER)) {
    if (entry.path().extension() != ".jsonl") continue;
    ++count;
    auto test = entry.path();
    test.replace_filename(entry.path().stem().string() + "_test.cpp");
    const auto made = moving::incident_test(entry.path().string(), entry.path().filename().string());
    REQUIRE_MESSAGE(made, made.error().detail);
    CHECK_MESSAGE(*made == content_of(test.string()), test.string());
  }
  CHECK(count > 0);
}

}  // namespace planexe::records::testing
