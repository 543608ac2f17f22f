// Into a log that has something already: what is there stays, what differs is refused, and nothing is appended where
// anything is wrong.
#include "records/import.hpp"

#include <nlohmann/json.hpp>

#include "tests/records/shelf.hpp"

namespace planexe::records::testing {
namespace {

using eventstore::memory_store;
using eventstore::testing::scratch_folder;

struct files {
  scratch_folder folder;
  std::string put(const std::string& text) const {
    const auto path = folder.path() + "/file.jsonl";
    testing::put(path, text);
    return path;
  }
};

}  // namespace

TEST_CASE("the same file twice brings nothing the second time") {
  const files disk;
  const auto source = chance_log(3, 200);
  const auto path = disk.put(text_of(source->log));
  memory_store target;
  const auto plan = check_import(path, as_api, &target);
  REQUIRE_MESSAGE(plan, plan.error().detail);
  CHECK(target.head()->position == 0);
  const auto first = import_file(path, as_api, target);
  REQUIRE(first);
  CHECK(*first == *plan);
  CHECK(first->new_streams == first->streams);
  const auto head = *target.head();
  const auto second = import_file(path, as_api, target);
  REQUIRE_MESSAGE(second, second.error().detail);
  CHECK(second->lines == first->lines);
  CHECK(second->new_events == 0);
  CHECK(second->new_streams == 0);
  CHECK(target.head()->hash == head.hash);
}

TEST_CASE("an import that was cut off goes on where it was, to the same log") {
  const files disk;
  const auto source = chance_log(3, 200);
  const auto text = text_of(source->log);
  const auto lines = lines_of(text);
  for (const std::size_t before : {std::size_t{1}, lines.size() / 3, lines.size() - 1}) {
    memory_store target;
    REQUIRE(import_file(disk.put(joined({lines.begin(), lines.begin() + static_cast<std::ptrdiff_t>(before)})), as_api,
                        target));
    const auto sum = import_file(disk.put(text), as_api, target);
    REQUIRE_MESSAGE(sum, sum.error().detail);
    CHECK(sum->new_events == lines.size() - before);
    CHECK(target.head()->hash == source->log.head()->hash);
  }
}

TEST_CASE("an older part of what is there brings nothing") {
  const files disk;
  const auto source = chance_log(3, 200);
  const auto sum = import_file(disk.put(text_of(source->log, execution("e1"), 5)), as_api, source->log);
  REQUIRE_MESSAGE(sum, sum.error().detail);
  CHECK(sum->lines == 5);
  CHECK(sum->new_events == 0);
}

TEST_CASE("a single execution joins other ones") {
  const files disk;
  const auto source = chance_log(3, 200), other = chance_log(11, 100);
  auto text = text_of(source->log, execution("e1"));
  memory_store target;
  REQUIRE(import_file(disk.put(text_of(other->log, execution("e2"))), as_api, target));
  const auto sum = import_file(disk.put(text), as_api, target);
  REQUIRE_MESSAGE(sum, sum.error().detail);
  CHECK(sum->new_streams == 1);
  CHECK(text_of(target, execution("e1")) == text);
  CHECK(text_of(target, execution("e2")) == text_of(other->log, execution("e2")));
}

TEST_CASE("a stream that has other events is refused, with the first line that differs, and nothing is imported") {
  const files disk;
  const auto source = chance_log(3, 200), other = chance_log(11, 200);
  const auto text = text_of(source->log);
  for (const std::uint64_t there : {std::uint64_t{1}, std::uint64_t{4}, UINT64_MAX}) {
    memory_store target;
    REQUIRE(import_file(disk.put(text_of(other->log, execution("e1"), there)), as_api, target));
    const auto head = *target.head();
    const auto sum = import_file(disk.put(text), as_api, target);
    REQUIRE_FALSE(sum);
    CHECK(sum.error().code == errc::conflict);
    const auto line = [&] {
      const auto lines = lines_of(text);
      for (std::size_t i = 0; i < lines.size(); ++i)
        if (lines[i].find("\"e1:1\"") != std::string::npos) return i + 1;
      return std::size_t{0};
    }();
    CHECK(sum.error().detail ==
          "line " + std::to_string(line) + ": execution e1 seq 1 is another event in the data folder");
    CHECK(target.head()->hash == head.hash);
  }
}

TEST_CASE("a stream that differs only later is refused with that line") {
  const files disk;
  const auto source = chance_log(3, 200);
  const auto whole = text_of(source->log, execution("e1"));
  REQUIRE(lines_of(whole).size() > 12);
  memory_store target;
  REQUIRE(import_file(disk.put(text_of(source->log, execution("e1"), 9)), as_api, target));
  auto note = eventstore::testing::noting(execution("e1"), 9, {"went on otherwise", "and on", "and on"});
  REQUIRE(eventstore::testing::append(target, {note}));
  for (const std::uint64_t last : {std::uint64_t{10}, std::uint64_t{11}, UINT64_MAX}) {
    const auto sum = import_file(disk.put(text_of(source->log, execution("e1"), last)), as_api, target);
    REQUIRE_FALSE(sum);
    CHECK(sum.error().detail == "line 10: execution e1 seq 10 is another event in the data folder");
  }
  CHECK(target.head()->position == 12);
}

TEST_CASE("nothing is imported when the last line is wrong") {
  const files disk;
  const auto source = chance_log(3, 200);
  auto lines = lines_of(text_of(source->log));
  auto last = nlohmann::ordered_json::parse(lines.back());
  last["data"]["actor"] = "nobody";
  lines.back() = last.dump();
  memory_store target;
  const auto sum = import_file(disk.put(joined(lines)), as_api, target);
  REQUIRE_FALSE(sum);
  CHECK(sum.error().detail ==
        "line " + std::to_string(lines.size()) + ": its 'data' does not agree with its stored bytes");
  CHECK(target.head()->position == 0);
}

}  // namespace planexe::records::testing
