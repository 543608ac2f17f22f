// Zips: where the run may be in them, and every trick by which one could hurt.
#include "tests/plans/zip_builder.hpp"

using namespace planexe;
using namespace planexe::plans;
using namespace planexe::plans::testing;

namespace {

const std::string wbs_name = "wbs_project_level1_and_level2_and_level3.json";

bool is_too_large(const outcome& read) {
  return !read && read.error().too_large;
}
bool is_wrong(const outcome& read) {
  return !read && !read.error().too_large && !read.error().problems.empty();
}

std::string reason(const outcome& read) {
  REQUIRE_FALSE(read.has_value());
  REQUIRE_FALSE(read.error().problems.empty());
  return read.error().problems.front().message;
}

}  // namespace

TEST_CASE("a run is found at the top of a zip, in one folder, and among litter") {
  const auto top = read_zip_bytes(zip_of(small_run()));
  REQUIRE(top.has_value());
  CHECK(top->tasks.size() == 9);
  CHECK(top->warnings.empty());

  const auto in_folder = read_zip_bytes(zip_of(small_run(), "20250101_run/"));
  REQUIRE(in_folder.has_value());
  CHECK(*in_folder == *top);

  file_map littered;
  for (const auto& [name, content] : small_run()) {
    littered["run/" + name] = content;
    littered["__MACOSX/run/._" + name] = "litter";
    littered["__MACOSX/run/" + name] = "{litter";
  }
  littered["run/.DS_Store"] = "litter";
  littered["run/track_activity.jsonl"] = "{}\n{}";
  littered["run/030-report.html"] = "<html>";
  const auto clean = read_zip_bytes(zip_of(littered));
  REQUIRE(clean.has_value());
  CHECK(*clean == *top);
}

TEST_CASE("the outermost run counts and two side by side are refused") {
  file_map nested = small_run();
  nested["old/" + wbs_name] = "{}";
  CHECK(read_zip_bytes(zip_of(nested)).has_value());
  file_map two;
  for (const auto& [name, content] : small_run()) {
    two["a/" + name] = content;
    two["b/" + name] = content;
  }
  CHECK(is_wrong(read_zip_bytes(zip_of(two))));
}

TEST_CASE("a folder with letters beyond ASCII holds a run as well") {
  CHECK(read_zip_bytes(zip_of(small_run(), "r\xc3\xa9paration/")).has_value());
}

TEST_CASE("what is no zip is refused") {
  CHECK(reason(read_zip_bytes("")) == "not a complete zip file");
  CHECK(reason(read_zip_bytes("PK\3\4 and then nothing")) == "not a complete zip file");
  CHECK(reason(read_zip_bytes(R"({"goal": "g"})")) == "not a complete zip file");
  CHECK(is_wrong(read_zip_bytes(zip_of({{"readme.txt", "hello"}}))));
  CHECK(is_wrong(read_zip_bytes(zip_of({}))));
}

TEST_CASE("a zip cut anywhere is refused") {
  const std::string whole = zip_of(small_run());
  for (std::size_t length = 0; length < whole.size(); length += 7)
    CHECK(is_wrong(read_zip_bytes(whole.substr(0, length))));
  CHECK(is_wrong(read_zip_bytes(whole.substr(0, whole.size() - 1))));
}

TEST_CASE("a changed byte never crashes, and never goes through with other contents unnoticed") {
  const std::string whole = zip_of({{wbs_name, small_run().at("023-3-" + wbs_name)}});
  const auto sound = read_zip_bytes(whole);
  REQUIRE(sound.has_value());
  for (std::size_t at = 0; at < whole.size(); ++at) {
    std::string spoiled = whole;
    spoiled[at] = static_cast<char>(spoiled[at] ^ 0x20);
    if (const auto read = read_zip_bytes(spoiled)) CHECK(*read == *sound);
  }
}

TEST_CASE("names that climb, are absolute or hold a NUL are refused") {
  const auto with = [](const std::string& name) {
    file_map files = small_run();
    files[name] = "x";
    return read_zip_bytes(zip_of(files));
  };
  CHECK(reason(with("../evil.txt")) == "an entry's path climbs out with '..': '../evil.txt'");
  CHECK(reason(with("a/../../evil.txt")) == "an entry's path climbs out with '..': 'a/../../evil.txt'");
  CHECK(reason(with("a\\..\\evil.txt")) == "an entry's path climbs out with '..': 'a\\..\\evil.txt'");
  CHECK(reason(with("/etc/evil.txt")) == "an entry has an absolute path: '/etc/evil.txt'");
  CHECK(reason(with("\\evil.txt")) == "an entry has an absolute path: '\\evil.txt'");
  CHECK(reason(with("C:evil.txt")) == "an entry has an absolute path: 'C:evil.txt'");
  CHECK(with("a..b/fine..txt").has_value());

  std::string zip = zip_of(small_run());
  zip[directory_headers(zip).front() + 46 + 3] = '\0';
  CHECK(reason(read_zip_bytes(zip)).starts_with("an entry's name holds a NUL"));
}

TEST_CASE("more than 10,000 entries are refused") {
  file_map files = small_run();
  for (int i = 0; i < 10'001; ++i) files["litter/" + std::to_string(i)] = "";
  CHECK(is_too_large(read_zip_bytes(zip_of(files))));
}

TEST_CASE("a zip that unpacks to 200 times its size is refused") {
  file_map files = small_run();
  files["zeros.bin"] = std::string(std::size_t{20} << 20, '\0');
  CHECK(is_too_large(read_zip_bytes(zip_of(files))));
}

TEST_CASE("a zip that claims to unpack to more than 256 MiB is refused") {
  // Random-looking filler keeps the ratio low, so that the size alone decides.
  std::string filler(std::size_t{2} << 20, '\0');
  std::uint32_t state = 1;
  for (char& c : filler) c = static_cast<char>((state = state * 1664525 + 1013904223) >> 24);
  file_map files = small_run();
  files["zz_filler.bin"] = filler;
  std::string zip = zip_of(files);
  CHECK(read_zip_bytes(zip).has_value());
  put_u32(zip, directory_headers(zip).back() + 24, (256u << 20) + 1);
  const auto read = read_zip_bytes(zip);
  CHECK(is_too_large(read));
  CHECK(reason(read) == "unpacks to more than 256 MiB");
}

TEST_CASE("an entry that lies about its size is stopped while it unpacks") {
  file_map files = {{wbs_name, std::string(std::size_t{32} << 20, ' ')}};
  std::string zip = zip_of(files);
  put_u32(zip, directory_headers(zip).front() + 24, 100);
  CHECK_FALSE(read_zip_bytes(zip).has_value());
}

TEST_CASE("a directory that does not say the truth about itself is refused") {
  std::string zip = zip_of(small_run());
  const std::size_t end = zip.rfind("PK\5\6");
  SUBCASE("fewer entries than there are") {
    zip[end + 10] = 1;
  }
  SUBCASE("more entries than there are") {
    zip[end + 10] = 100;
  }
  SUBCASE("an offset beyond the end") {
    put_u32(zip, end + 16, 0xFFFFFFF0u);
  }
  SUBCASE("an offset into the data") {
    put_u32(zip, end + 16, 0);
  }
  SUBCASE("a name that runs out of the directory") {
    zip[directory_headers(zip).back() + 29] = '\x7f';
  }
  CHECK(is_wrong(read_zip_bytes(zip)));
}

TEST_CASE("a zip over 64 MiB is refused unread") {
  CHECK(is_too_large(read_zip_bytes(std::string(max_upload_bytes + 1, 'P'))));
}
