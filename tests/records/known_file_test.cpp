// Reading the stored bytes alone: the same as reading all of a line, for lines that are right, damaged or spelled
// otherwise; and never from another file than the one that is known.
#include "records/known_file.hpp"

#include <nlohmann/json.hpp>

#include "tests/records/shelf.hpp"

namespace planexe::records::testing {
namespace {

enum class verdict : std::uint8_t { both, neither, stored_alone };

/// Whether what `read_stored` did not look at is what is wrong.
bool is_elsewhere(const std::string& why) {
  for (const auto* seen : {"its 'streamkind'", "its 'streamid'", "its 'sequence'", "its 'logposition'", "its 'hash'",
                           "its 'stored' ", "it has no '"})
    if (why.starts_with(seen)) return false;
  return true;
}

verdict compared(const std::string& line) {
  CAPTURE(line);
  const auto whole = read_line(line, as_api);
  const auto stored = read_stored(line);
  if (whole) {
    REQUIRE_MESSAGE(stored, stored.error().detail);
    CHECK(*stored == whole->stored);
    return verdict::both;
  }
  if (stored) {
    CHECK_MESSAGE(is_elsewhere(whole.error().detail), whole.error().detail);
    return verdict::stored_alone;
  }
  CHECK_EQ(stored.error().code, whole.error().code);
  CHECK_EQ(stored.error().detail, whole.error().detail);
  return verdict::neither;
}

/// Lines of every kind of stream, with their positions and without.
std::vector<std::string> sample_lines() {
  const auto source = chance_log(6, 30);
  std::string text;
  for (const auto placed : {positions::left_out, positions::written})
    REQUIRE(each_of_log(
        source->log, [&](const eventstore::stored_event& event) { return append_line(text, event, as_api, placed); }));
  return lines_of(text);
}

std::string damaged(std::string line, const std::vector<std::string>& all, tests::dice& roll) {
  // Where the attributes are as a rule: what is shown may be long.
  const auto at = roll.below(roll.below(4) == 0 ? line.size() : std::min<std::size_t>(line.size(), 700));
  const auto length = 1 + roll.below(12);
  switch (roll.below(6)) {
    case 0:
      line[at] = static_cast<char>(static_cast<unsigned char>(line[at]) ^ (1U << roll.below(8)));
      return line;
    case 1:
      return line.substr(0, at);
    case 2:
      return line.erase(at, length);
    case 3:
      return line.insert(at, line.substr(at, length));
    case 4:
      return line.insert(at, 1, "\"\\{}:,=A0 "[roll.below(10)]);
    default: {
      const auto& other = all[roll.below(all.size())];
      return line.substr(0, at) + other.substr(std::min<std::size_t>(at, other.size()));
    }
  }
}

}  // namespace

TEST_CASE("the stored bytes alone are read as with all of the line around them") {
  for (const auto& line : sample_lines()) {
    CHECK(compared(line) == verdict::both);
    CHECK(compared(nlohmann::json::parse(line).dump(1) + "\r") == verdict::both);
  }
}

TEST_CASE("a damaged line is refused in the same words or its damage is where nobody looks") {
  const auto lines = sample_lines();
  tests::dice roll{11};
  std::array<int, 3> found{};
  for (int round = 0; round < 20'000; ++round)
    ++found[static_cast<std::size_t>(compared(damaged(lines[roll.below(lines.size())], lines, roll)))];
  for (const auto count : found) CHECK(count > 100);
}

TEST_CASE("each attribute that is missing or another is told as reading all of the line tells it") {
  for (const auto& line : sample_lines()) {
    const auto parts = nlohmann::json::parse(line);
    for (const auto& [name, value] : parts.items()) {
      auto without = parts;
      without.erase(name);
      compared(without.dump());
      for (const nlohmann::json& other : {nlohmann::json(7), nlohmann::json(""), nlohmann::json("0")}) {
        auto changed = parts;
        changed[name] = other;
        compared(changed.dump());
      }
    }
  }
}

TEST_CASE("a known file is read to its end and no other one is") {
  const eventstore::testing::scratch_folder folder;
  const auto source = noted_log(40);
  for (const auto packed : {packing::plain, packing::zstd}) {
    const auto path = folder.path() + (packed == packing::plain ? "/a.jsonl" : "/a.jsonl.zst");
    auto writer = record_writer::create(path, {.shown = as_api, .packed = packed, .placed = positions::written});
    REQUIRE(writer);
    std::vector<eventstore::stored_event> events;
    REQUIRE(each_of_log(*source, [&](const eventstore::stored_event& event) {
      events.push_back(event);
      return writer->write(event);
    }));
    const auto written = writer->finish();
    REQUIRE(written);
    auto file = known_file::open(path, written->digest);
    REQUIRE(file);
    for (const auto& event : events) CHECK(**file->next() == event);
    CHECK_FALSE(*file->next());
    CHECK_FALSE(*file->next());

    const auto whole = content_of(path);
    for (std::size_t at = 0; at < whole.size(); at += 5) {
      auto changed = whole;
      changed[at] = static_cast<char>(changed[at] ^ 1);
      put(path, changed);
      const auto other = known_file::open(path, written->digest);
      REQUIRE_FALSE(other);
      CHECK(other.error().code == errc::corrupt);
    }
    std::filesystem::remove(path);
    CHECK(known_file::open(path, written->digest).error().code == errc::not_found);
  }
  CHECK(known_file::open(folder.path(), {}).error().code == errc::io);
}

TEST_CASE("a line that cannot be read is named again and again") {
  const eventstore::testing::scratch_folder folder;
  const auto path = folder.path() + "/a.jsonl";
  auto lines = lines_of(text_of(*noted_log(20)));
  lines[2] = "{}";
  put(path, joined(lines));
  auto file = known_file::open(path, *digest_of_file(path));
  REQUIRE(file);
  CHECK(file->next());
  CHECK(file->next());
  for (int look = 0; look < 2; ++look)
    CHECK(file->next().error().detail == "line 3: it is not a CloudEvent of specversion 1.0");
}

}  // namespace planexe::records::testing
