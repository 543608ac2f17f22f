// How much one call hands over where events are large: bounded in bytes, from the log as from an archive, and nothing
// is left out by it.
#include "eventstore/read_limit.hpp"

#include <algorithm>

#include "eventstore/hash_chain.hpp"
#include "eventstore/log_scan.hpp"
#include "eventstore/read_back.hpp"
#include "tests/eventstore/kept_archive.hpp"

namespace planexe::eventstore {
namespace {

using namespace testing;

constexpr std::size_t megabyte = std::size_t{1} << 20;
constexpr std::size_t everything = SIZE_MAX;

void append_large(event_log& log, const std::string& id, std::uint64_t count, std::size_t bytes = megabyte) {
  for (auto version = log.head_of(execution(id))->version; count > 0; --count, ++version)
    REQUIRE(append(log, {noting(execution(id), version, {std::string(bytes, 'x')})})->front().committed);
}

template <class Events>
std::vector<std::uint64_t> seqs_of(const result<Events>& events) {
  REQUIRE(events);
  std::vector<std::uint64_t> seqs;
  for (const auto& event : *events) seqs.push_back(event.seq);
  return seqs;
}

using seqs = std::vector<std::uint64_t>;

}  // namespace

TEST_CASE_TEMPLATE("one call hands over so many bytes at most and one event at least", Store, archiving_memory,
                   archiving_disk) {
  constexpr std::uint64_t count = 12;
  constexpr std::size_t at_once = most_bytes_at_once / megabyte;  // each event has some bytes more than a megabyte
  Store store;
  append_large(store.log(), "a", count);
  for (const bool archived : {false, true}) {
    CAPTURE(archived);
    if (archived) retire(store, "a");
    const auto each_way = [&](std::uint64_t after, read_limit limit) {
      const auto stored = seqs_of(store.log().read_stored(execution("a"), after, limit));
      CHECK(seqs_of(store.log().read_stream(execution("a"), after, limit)) == stored);
      CHECK(seqs_of(store.log().read_all(after, limit)) == stored);
      return stored;
    };
    CHECK(each_way(0, 100).size() == at_once);
    CHECK(each_way(0, 3) == seqs{1, 2, 3});
    CHECK(each_way(2, {100, 3 * megabyte}) == seqs{3, 4, 5});
    CHECK(each_way(5, {100, 1}) == seqs{6});
    CHECK(each_way(10, {100, everything}) == seqs{11, 12});
    CHECK(each_way(0, {everything, everything}).size() == count);
    CHECK(each_way(count, 100).empty());
    seqs all;
    while (all.size() < count) {
      const auto next = each_way(all.size(), 100);
      REQUIRE(!next.empty());
      all.insert(all.end(), next.begin(), next.end());
    }
    CHECK(std::is_sorted(all.begin(), all.end()));
  }
  CHECK(store.archive->most_given() < most_bytes_at_once + 2 * megabyte);
}

TEST_CASE_TEMPLATE("a stream is read back from its end however large its events are", Store, in_memory, on_disk) {
  Store store;
  append_large(store.log(), "a", 10);
  append_large(store.log(), "a", 10, 10);
  append_large(store.log(), "a", 3);
  std::uint64_t last = 23;
  CHECK(seqs_of(read_up_to(store.log(), execution("a"), last, 2)) == seqs{22, 23});
  while (last > 0) {
    const auto events = read_up_to(store.log(), execution("a"), last, 100);
    const auto found = seqs_of(events);
    REQUIRE(!found.empty());
    CHECK(found.size() <= 11);
    CHECK(found.back() == last);
    last = found.front() - 1;
  }
}

TEST_CASE("a walk along many archived streams holds so many bytes at most") {
  constexpr std::size_t held = 32 * megabyte, streams = 10;
  archiving_disk store;
  for (std::size_t i = 0; i < streams; ++i) append_large(store.log(), "s" + std::to_string(i), 1);
  for (std::size_t i = 0; i < streams; ++i) append_large(store.log(), "s" + std::to_string(i), 7);
  for (std::size_t i = 0; i < streams; ++i) retire(store, "s" + std::to_string(i));
  const auto before = store.archive->given();
  // By now it is in the midst of all of them.
  REQUIRE(store.log().read_all(0, {streams, everything})->size() == streams);
  CHECK(store.archive->given() - before < held + 2 * streams * megabyte);
  std::uint64_t position = 0;
  while (position < 8 * streams) {
    const auto events = store.log().read_all(position, 100);
    REQUIRE(events);
    REQUIRE(!events->empty());
    for (const auto& event : *events) REQUIRE(event.position == ++position);
  }
}

TEST_CASE("a scan gives all of the large events in small windows and as they are") {
  constexpr std::size_t count = 44, window = 32 * megabyte, beside = 10 * megabyte;
  archiving_disk store;
  append_large(store.log(), "a", count);
  for (const bool archived : {false, true}) {
    CAPTURE(archived);
    if (archived) retire(store, "a");
    const auto opened = rocksdb_store::open_to_check(store.folder.data(), {.archive = store.archive});
    REQUIRE(opened);
    std::uint64_t seen = 0;
    domain::sha256_digest previous{};
    const auto scanned = scan_log(**opened, [&](const auto& given, const auto&) {
      CHECK((given->memory ? given->memory->size() : 0) <= window);
      std::size_t large = given->archived.size() * megabyte;
      for (const auto& each : given->large) large += each.size();
      CHECK(large <= beside);
      for (const auto& event : given->events) {
        CHECK(event.seq == ++seen);
        CHECK(event.stands);
        if (!archived) CHECK(link(previous, event.bytes) == event.hash);
        if (archived) CHECK(event.archived->hash == event.hash);
        previous = event.hash;
      }
      return true;
    });
    REQUIRE(scanned);
    CHECK(seen == count);
    CHECK(scanned->faults_found == 0);
    CHECK(scanned->chain_holds);
    CHECK(scanned->events == count);
  }
}

}  // namespace planexe::eventstore
