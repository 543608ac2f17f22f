// Damage to the files of a folder that was closed in good order: found on opening or reading, or harmless; never a log
// that differs from what was written.
#include "tests/eventstore/lab.hpp"
#include "tests/folder_files.hpp"

namespace planexe::eventstore {
namespace {

using namespace testing;
using tests::contents;
using tests::damage_stride;
using tests::read_files;
using tests::write_files;

// A small log, some of it in one table and some in another.
contents small_log() {
  const scratch_folder folder;
  for (std::uint64_t round = 0; round < 2; ++round) {
    const auto store = open_store(folder.data(), spared_disk());
    auto request = noting(execution("a"), 2 * round, {"a one", "a two"});
    request.answers.push_back(answer_to("k" + std::to_string(round), at_second(1'000)));
    REQUIRE(append(*store, {request, noting(execution("b"), round, {"b"})}));
  }
  return read_files(folder.data());
}

constexpr std::size_t usual_stride = 20;

std::vector<std::string> all_notes() {
  return {"a one", "a two", "b", "a one", "a two", "b"};
}

/// Whether a look at everything in the folder finds nothing wrong.
bool passes_every_check(const std::string& folder) {
  const auto opened = rocksdb_store::open_to_check(folder, spared_disk());
  if (!opened || check_opening(**opened) || !check_tables(**opened).empty()) return false;
  const auto found = scan_log(**opened, [](const auto&, const auto&) { return true; });
  return found && found->faults_found == 0;
}

// The log as written, or an error somewhere on the way to it; and no server is refused a folder that passes.
bool is_found_or_harmless(const std::string& folder) {
  const bool passes = passes_every_check(folder);
  auto opened = rocksdb_store::open(folder, spared_disk());
  if (!opened) return !passes && !opened.error().detail.empty();
  const rocksdb_store& store = **opened;
  const auto all = store.read_all(0, 100);
  const auto a = store.read_stream(execution("a"), 0, 100);
  const auto b = store.read_stream(execution("b"), 0, 100);
  const auto head = store.head();
  if (!all || !a || !b || !head) return true;
  return notes_of(all) == all_notes() && a->size() == 4 && b->size() == 2 && head->position == 6;
}

TEST_CASE("the small log is whole where nothing is damaged") {
  const scratch_folder folder;
  write_files(folder.data(), small_log());
  const auto store = open_store(folder.data(), spared_disk());
  CHECK(notes_of(store->read_all(0, 100)) == all_notes());
}

TEST_CASE("a changed byte of any file is found or harmless") {
  const scratch_folder folder;
  const contents sound = small_log();
  for (const auto& [name, content] : sound) {
    if (name.starts_with("LOG")) continue;
    CAPTURE(name);
    for (std::size_t at = 0; at < content.size(); at += damage_stride(usual_stride)) {
      CAPTURE(at);
      contents damaged = sound;
      damaged[name][at] = static_cast<char>(content[at] ^ 0x11);
      write_files(folder.data(), damaged);
      CHECK(is_found_or_harmless(folder.data()));
    }
  }
}

TEST_CASE("any file cut anywhere is found or harmless") {
  const scratch_folder folder;
  const contents sound = small_log();
  for (const auto& [name, content] : sound) {
    if (name.starts_with("LOG")) continue;
    CAPTURE(name);
    for (std::size_t length = 0; length < content.size(); length += damage_stride(usual_stride)) {
      CAPTURE(length);
      contents damaged = sound;
      damaged[name].resize(length);
      write_files(folder.data(), damaged);
      CHECK(is_found_or_harmless(folder.data()));
    }
  }
}

// Where a table's index, filter, properties and footer lie, and the files that the engine begins with.
TEST_CASE("a changed or cut byte at a table's end or in a list of files is found or harmless") {
  const scratch_folder folder;
  const contents sound = small_log();
  constexpr std::size_t table_end = 1'300;  // bytes; more than all but the data blocks of so small a table
  std::size_t passed = 0, tables = 0;
  for (const auto& [name, content] : sound) {
    const bool is_table = name.ends_with(".sst");
    if (!is_table && !name.starts_with("MANIFEST") && name != "CURRENT" && name != "IDENTITY" && name != "HEAD")
      continue;
    CAPTURE(name);
    tables += is_table ? 1 : 0;
    const auto begin = is_table ? content.size() - std::min(content.size(), table_end) : 0;
    for (std::size_t at = begin; at < content.size(); at += damage_stride(usual_stride / 5)) {
      CAPTURE(at);
      for (const bool cut : {false, true}) {
        contents damaged = sound;
        if (cut)
          damaged[name].resize(at);
        else
          damaged[name][at] = static_cast<char>(content[at] ^ 0x01);
        write_files(folder.data(), damaged);
        const bool passes = passes_every_check(folder.data());
        if (is_table && cut) CHECK_FALSE(passes);
        passed += passes ? 1 : 0;
        CHECK(is_found_or_harmless(folder.data()));
      }
    }
  }
  CHECK(tables >= 2);
  CHECK(passed > 0);  // the identity of the database is nothing that anybody asks for
}

TEST_CASE("any missing file is found or harmless") {
  const scratch_folder folder;
  const contents sound = small_log();
  for (const auto& [name, content] : sound) {
    CAPTURE(name);
    contents damaged = sound;
    damaged.erase(name);
    write_files(folder.data(), damaged);
    CHECK(is_found_or_harmless(folder.data()));
  }
}

}  // namespace
}  // namespace planexe::eventstore
