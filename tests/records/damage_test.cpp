// Files that are not what was written: each is refused, and the first wrong line is named.
#include <nlohmann/json.hpp>
#include <zstd.h>

#include "tests/folder_files.hpp"
#include "tests/records/shelf.hpp"

namespace planexe::records::testing {
namespace {

std::string packed(const std::string& text) {
  std::string out(ZSTD_compressBound(text.size()), '\0');
  const auto size = ZSTD_compress(out.data(), out.size(), text.data(), text.size(), 3);
  REQUIRE_FALSE(ZSTD_isError(size));
  out.resize(size);
  return out;
}

std::string line_name(std::size_t index) {
  return "line " + std::to_string(index + 1) + ": ";
}

}  // namespace

TEST_CASE("any changed byte of a file is found and its line is named") {
  const auto text = text_of(chance_log(6, 4)->log);
  const auto share = tests::damage_stride(7);
  std::size_t line = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const unsigned bit : {0U, 5U}) {
      auto changed = text;
      changed[i] = static_cast<char>(static_cast<unsigned char>(changed[i]) ^ (1U << bit));
      if ((i + bit) % share == 0) {
        const auto found = complaint(changed);
        CHECK_MESSAGE(found.starts_with(line_name(line)), "byte ", i, " of line ", line + 1, ": ", found);
      }
    }
    if (text[i] == '\n') ++line;
  }
}

TEST_CASE("a file that was cut off is found wherever no line ends") {
  const auto text = text_of(chance_log(6, 12)->log);
  const auto lines = lines_of(text);
  std::size_t line = 0;
  for (std::size_t size = 0; size <= text.size(); ++size) {
    const bool whole = size == 0 || text[size - 1] == '\n';
    if (size % 11 != 0 && !whole) continue;
    const auto found = complaint(text.substr(0, size));
    line = static_cast<std::size_t>(std::count(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(size), '\n'));
    if (whole)
      CHECK_EQ(found, "");
    else
      CHECK_EQ(found, line_name(line) + "it has been cut off: its end is missing");
  }
}

TEST_CASE("a line that is missing or repeated or moved breaks its stream") {
  const auto source = noted_log(150);
  const auto lines = lines_of(text_of(*source, execution("n1")));
  REQUIRE(lines.size() > 10);
  const auto with = [&](auto change) {
    auto changed = lines;
    change(changed);
    return complaint(joined(changed));
  };
  CHECK(with([](auto& all) { all.erase(all.begin()); }) == "line 1: execution n1 seq 2: seq 1 was to come");
  CHECK(with([](auto& all) { all.erase(all.begin() + 4); }) == "line 5: execution n1 seq 6: seq 5 was to come");
  CHECK(with([](auto& all) { all.insert(all.begin() + 4, all[3]); }) ==
        "line 5: execution n1 seq 4: seq 5 was to come");
  CHECK(with([](auto& all) { std::swap(all[4], all[5]); }) == "line 5: execution n1 seq 6: seq 5 was to come");
  CHECK(with([](auto& all) { all[2] = ""; }) == "line 3: it is not JSON");
}

TEST_CASE("an event that was made up does not fit the hash chain") {
  const auto source = chance_log(9, 40);
  auto lines = lines_of(text_of(source->log, execution("e1")));
  const auto other = chance_log(10, 40);
  const auto others = lines_of(text_of(other->log, execution("e1")));
  lines[3] = others[3];
  CHECK(complaint(joined(lines)) == "line 4: execution e1 seq 4: the hash chain is broken");
}

TEST_CASE("words in data that the stored bytes do not have are found") {
  const auto source = chance_log(9, 40);
  auto lines = lines_of(text_of(source->log, execution("e1")));
  auto line = nlohmann::ordered_json::parse(lines[2]);
  line["data"]["actor"] = "somebody else";
  lines[2] = line.dump();
  CHECK(complaint(joined(lines)) == "line 3: its 'data' does not agree with its stored bytes");
  // Whoever does not look at it is not told.
  CHECK(load_text(joined(lines)));
}

TEST_CASE("positions are in all lines or in none and only rise") {
  const auto source = chance_log(9, 40);
  const auto events = source->log.read_stored(execution("e1"), 0, 3);
  const auto complaint_about = [&](std::vector<std::uint64_t> places) {
    std::string text;
    for (std::size_t i = 0; i < places.size(); ++i) {
      auto event = (*events)[i];
      event.position = places[i];
      REQUIRE(append_line(text, event, as_api, places[i] == 0 ? positions::left_out : positions::written));
    }
    return complaint(text);
  };
  CHECK(complaint_about({4, 5, 9}) == "");
  CHECK(complaint_about({0, 0, 0}) == "");
  CHECK(complaint_about({4, 4, 9}) == "line 2: its 'logposition' is not after the one before");
  CHECK(complaint_about({4, 5, 0}) == "line 3: it has no 'logposition', which earlier lines have");
  CHECK(complaint_about({0, 5, 6}) == "line 2: it has a 'logposition', which earlier lines do not have");
}

TEST_CASE("compressed files are read like plain ones and damage to them is found") {
  const auto text = text_of(chance_log(6, 30)->log);
  const auto bytes = packed(text);
  CHECK(complaint(bytes) == "");
  CHECK(complaint(bytes + packed("")) == "");
  const auto two = text.find('\n', text.size() / 2) + 1;
  CHECK(complaint(packed(text.substr(0, two)) + packed(text.substr(two))) == "");
  for (std::size_t size = 5; size < bytes.size(); size += 97)
    CHECK_MESSAGE(complaint(bytes.substr(0, size)).find("has been cut off") != std::string::npos, size);
  CHECK(complaint(bytes + "more").find("the compressed data is damaged") != std::string::npos);
  auto damaged = bytes;
  damaged[bytes.size() / 2] = static_cast<char>(damaged[bytes.size() / 2] ^ 0x10);
  CHECK(complaint(damaged) != "");
}

TEST_CASE("nothing is a log without events and a folder is no file") {
  const auto nothing = load_text("", as_api);
  REQUIRE(nothing);
  CHECK((*nothing)->head()->position == 0);
  const eventstore::testing::scratch_folder folder;
  CHECK(load(folder.path()).error().code == errc::io);
  CHECK(load(folder.path() + "/missing").error().code == errc::not_found);
}

}  // namespace planexe::records::testing
