// The archive's files: what is written is what is read, in pages from any place, and nothing else is ever served.
#include "tests/archive/attic.hpp"
#include "tests/without_rights.hpp"

namespace planexe::archive {
namespace {

using namespace testing;

TEST_CASE("a history of many pages is read from any place as the log had it") {
  attic a;
  a.note("long", 1'730);
  a.note("short", 3);
  const auto before = a.store->read_stored(execution("long"), 0, SIZE_MAX);
  const auto written = a.leave("long");
  CHECK(written.events == 1'730);
  CHECK(written.bytes < 1'730 * 200);
  CHECK(written.digest == *records::digest_of_file(a.file_of("long")));
  CHECK(a.store->list_streams(0, 1)->front().archived->file_digest == written.digest);
  for (int look = 0; look < 2; ++look) {
    CHECK(*a.store->read_stored(execution("long"), 0, SIZE_MAX) == *before);
    // Backwards, as a history is shown, and across the chunks.
    for (std::uint64_t from = 1'700; from + 100 > 100; from -= 100) {
      const auto page = a.store->read_stored(execution("long"), from, 130);
      if (!page) FAIL(page.error().detail);
      REQUIRE(page->size() == std::min<std::uint64_t>(130, 1'730 - from));
      CHECK(page->front() == (*before)[from]);
      CHECK(page->back() == (*before)[from + page->size() - 1]);
    }
    a.open();
  }
  CHECK(a.store->read_all(0, SIZE_MAX)->size() == 1'733);
}

TEST_CASE("a history of large events is read from any place as the log had it and a few at a time") {
  constexpr std::uint64_t events = 20;
  constexpr std::size_t large = std::size_t{900} << 10;
  attic a;
  a.note("large", 3);
  for (std::uint64_t seq = 3; seq < events; ++seq)
    REQUIRE(append(*a.store, {noting(execution("large"), seq, {std::to_string(seq) + std::string(large, 'x')})}));
  const auto before = *a.store->read_stored(execution("large"), 0, {SIZE_MAX, SIZE_MAX});
  REQUIRE(before.size() == events);
  CHECK(a.leave("large").events == events);
  a.open();
  const auto row = a.store->list_streams(0, 1)->front();
  const eventstore::archived_stream left{row.stream, row.head, *row.archived};
  for (const std::uint64_t from : {0u, 19u, 7u, 2u, 11u, 3u, 0u}) {
    CAPTURE(from);
    const auto some = a.folder->read(left, from, 500);
    if (!some) FAIL(some.error().detail);
    REQUIRE(!some->empty());
    std::size_t bytes = 0;
    for (std::size_t i = 0; i < some->size(); ++i) {
      CHECK((*some)[i] == before[from + i]);
      bytes += (*some)[i].bytes.size();
    }
    CHECK(bytes < eventstore::most_bytes_at_once + 2 * large);
    CHECK((bytes >= eventstore::most_bytes_at_once || from + some->size() == events));
    CHECK(a.folder->read(left, from, 1)->size() == 1);
  }
  CHECK(a.folder->read(left, events, 500)->empty());
}

TEST_CASE("more files than are kept open are read side by side") {
  attic a;
  constexpr int streams = 40;
  constexpr std::uint64_t events = 30;
  for (std::uint64_t seq = 0; seq < events; ++seq)
    for (int which = 0; which < streams; ++which)
      REQUIRE(append(*a.store, {noting(execution("s" + std::to_string(which)), seq, {std::to_string(which)})}));
  const auto before = a.store->read_all(0, SIZE_MAX);
  for (int which = 0; which < streams; ++which) a.leave("s" + std::to_string(which));
  a.open();
  std::uint64_t position = 0;
  while (position < streams * events) {
    const auto some = a.store->read_all(position, 77);
    if (!some) FAIL(some.error().detail);
    for (const auto& event : *some) {
      CHECK(note_of(event) == note_of((*before)[position]));
      REQUIRE(event.position == ++position);
    }
  }
}

TEST_CASE("a file is written anew in the place of one that a cut-off attempt has left") {
  attic a;
  a.note("e", 5);
  const auto first = a.folder->write(*a.store, execution("e"), as_api);
  REQUIRE(first);
  REQUIRE(append(*a.store, {noting(execution("e"), 5, {"it went on"})}));
  const auto second = a.leave("e");
  CHECK(second.events == 6);
  CHECK(notes_of(a.store->read_stream(execution("e"), 5, 1)) == std::vector<std::string>{"it went on"});
  attic other;
  other.note("e", 5);
  const auto same = other.folder->write(*other.store, execution("e"), as_api);
  REQUIRE(same);
  CHECK(same->digest == first->digest);  // the same events give the same file
}

TEST_CASE("a missing file is named, and all else can still be read") {
  attic a;
  a.note("e", 5);
  a.note("stays", 2);
  a.leave("e");
  std::filesystem::remove(a.file_of("e"));
  a.open();
  const auto failed = a.store->read_stream(execution("e"), 0, 10);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == errc::not_found);
  CHECK(failed.error().detail == "execution e is archived, and its file " + a.file_of("e") + " is missing");
  CHECK_FALSE(a.store->read_all(0, 10));
  CHECK(a.store->read_stream(execution("stays"), 0, 10)->size() == 2);
  const auto listed = a.store->list_streams(0, 1);
  REQUIRE(listed);
  const auto checked = a.folder->check({listed->front().stream, listed->front().head, *listed->front().archived});
  REQUIRE_FALSE(checked);
  CHECK(checked.error().code == errc::not_found);
}

TEST_CASE("no changed or cut byte of a file is ever served") {
  attic a;
  a.note("e", 4);
  a.leave("e");
  const auto whole = content_of(a.file_of("e"));
  REQUIRE(whole.size() > 100);
  const auto listed = a.store->list_streams(0, 1);
  REQUIRE(listed);
  const eventstore::archived_stream left{listed->front().stream, listed->front().head, *listed->front().archived};
  const auto refused = [&] {
    const archive_folder fresh(a.folder->path());  // has read nothing yet
    const auto read = fresh.read(left, 0, 10);
    return !read && read.error().code == errc::corrupt && read.error().detail.find(a.file_of("e")) != std::string::npos;
  };
  for (std::size_t at = 0; at < whole.size(); ++at) {
    auto changed = whole;
    changed[at] = static_cast<char>(changed[at] ^ 0x20);
    put(a.file_of("e"), changed);
    CAPTURE(at);
    REQUIRE(refused());
  }
  put(a.file_of("e"), whole.substr(0, whole.size() - 1));
  CHECK(refused());
  put(a.file_of("e"), whole + "x");
  CHECK(refused());
  put(a.file_of("e"), "");
  CHECK(refused());
  put(a.file_of("e"), whole);
  CHECK_FALSE(refused());
  CHECK(a.store->read_stream(execution("e"), 0, 10)->size() == 4);
}

TEST_CASE("a file that has changed or gone since it was read is told of, whatever was kept of it") {
  attic a;
  a.note("long", 4'000, 30);
  const auto before = *a.store->read_stored(execution("long"), 0, SIZE_MAX);
  a.leave("long");
  const auto file = a.file_of("long");
  const auto whole = content_of(file);
  REQUIRE(whole.size() > 200'000);  // so that its end is not in memory yet once its begin has been read
  auto changed = whole;
  for (auto at = whole.size() * 3 / 4; at < whole.size(); ++at) changed[at] = static_cast<char>(changed[at] ^ 0x55);

  a.open();
  REQUIRE(a.store->read_stored(execution("long"), 0, 10));
  put(file + ".other", changed);
  std::filesystem::rename(file + ".other", file);
  const auto refused = a.store->read_stored(execution("long"), 0, SIZE_MAX);
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::corrupt);
  std::filesystem::remove(file);
  const auto missing = a.store->read_stored(execution("long"), 0, 10);  // though these were read before
  REQUIRE_FALSE(missing);
  CHECK(missing.error().code == errc::not_found);

  put(file, whole);
  CHECK(*a.store->read_stored(execution("long"), 0, SIZE_MAX) == before);
  a.open();
  REQUIRE(a.store->read_stored(execution("long"), 0, 10));
  put(file, changed);
  const auto failed = a.store->read_stored(execution("long"), 0, SIZE_MAX);
  REQUIRE_FALSE(failed);
  CHECK(failed.error().code == errc::corrupt);
  CHECK(failed.error().detail.starts_with("the archive file " + file));
}

TEST_CASE("only executions whose names can be files' are archived") {
  attic a;
  a.note("..", 1);
  CHECK(a.folder->write(*a.store, execution(".."), as_api).error().code == errc::invalid);
  CHECK(a.folder->write(*a.store, {domain::stream_kind::agent, "ann"}, as_api).error().code == errc::invalid);
  CHECK_FALSE(std::filesystem::exists(a.folder->path()));
}

// Who made the folder may have ended before it was durable: it would be gone, with its files, after a power loss.
TEST_CASE("a folder that was found is made to last before anything leaves for it") {
  attic a;
  a.note("e", 1);
  std::filesystem::create_directory(a.folder->path());
  using std::filesystem::perms;
  std::filesystem::permissions(a.folder->path(), perms::all);
  std::filesystem::permissions(a.place.path(), perms::all);
  const auto to_pass = static_cast<perms>(0333);
  const tests::without_rights unlisted(a.place.data(), to_pass);  // a folder that cannot be opened cannot be synced
  const auto written = a.folder->write(*a.store, execution("e"), as_api);
  REQUIRE_FALSE(written);
  CHECK_MESSAGE(written.error().detail.find("cannot sync the folder " + a.place.data()) != std::string::npos,
                written.error().detail);
}

TEST_CASE("a file in a folder that may not be entered is not said to be missing") {
  attic a;
  a.note("e", 3);
  a.leave("e");
  std::filesystem::permissions(a.place.path(), std::filesystem::perms::all);
  const tests::without_rights closed(a.folder->path());
  const auto read = a.store->read_stream(execution("e"), 0, 10);
  REQUIRE_FALSE(read);
  CHECK(read.error().code == errc::io);
  CHECK(read.error().detail.find("Permission denied") != std::string::npos);
  CHECK(read.error().detail.find("missing") == std::string::npos);
}

TEST_CASE("a folder that cannot be written is said, and nothing has left") {
  attic a;
  a.note("e", 1);
  put(a.folder->path(), "a file in its place");
  const auto written = a.folder->write(*a.store, execution("e"), as_api);
  REQUIRE_FALSE(written);
  CHECK(written.error().code == errc::io);
  CHECK(written.error().detail.find(a.folder->path()) != std::string::npos);
  CHECK_FALSE(a.store->head_of(execution("e"))->archived);
}

}  // namespace
}  // namespace planexe::archive
