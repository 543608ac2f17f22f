// Streams leave the log for an archive: what is read stays the same, the chain can still be checked, and nothing is
// lost in between.
#include <algorithm>
#include <random>

#include "eventstore/hash_chain.hpp"
#include "tests/eventstore/kept_archive.hpp"
#include "tests/eventstore/members.hpp"

namespace planexe::eventstore {
namespace {

using namespace testing;
using notes = std::vector<std::string>;

// a1 a2 b1 a3 b2 c1
void fill(event_log& log) {
  REQUIRE(append(log, {noting(execution("a"), 0, {"a1", "a2"}), noting(execution("b"), 0, {"b1"})}));
  REQUIRE(append(
      log, {noting(execution("a"), 2, {"a3"}), noting(execution("b"), 1, {"b2"}), noting(execution("c"), 0, {"c1"})}));
}

TEST_CASE_TEMPLATE("a stream that has left is read as before", Store, archiving_memory, archiving_disk) {
  Store store;
  fill(store.log());
  const auto before = store.log().read_stream(execution("a"), 0, 10);
  const auto stored_before = store.log().read_stored(execution("a"), 0, 10);
  const auto all_before = store.log().read_all(0, 10);
  const auto head = store.log().head_of(execution("a"));
  const auto log_before = store.log().head();
  retire(store, "a");
  for (int look = 0; look < 2; ++look) {
    const auto after = store.log().read_stream(execution("a"), 0, 10);
    REQUIRE(after);
    REQUIRE(after->size() == before->size());
    for (std::size_t i = 0; i < before->size(); ++i) CHECK(same_record((*after)[i], (*before)[i]));
    CHECK(*store.log().read_stored(execution("a"), 0, 10) == *stored_before);
    CHECK(notes_of(store.log().read_stream(execution("a"), 1, 1)) == notes{"a2"});
    CHECK(notes_of(store.log().read_stream(execution("a"), 2, 9)) == notes{"a3"});
    CHECK(store.log().read_stream(execution("a"), 3, 9)->empty());
    const auto all = store.log().read_all(0, 10);
    REQUIRE(all);
    REQUIRE(all->size() == all_before->size());
    for (std::size_t i = 0; i < all->size(); ++i) CHECK(same_record((*all)[i], (*all_before)[i]));
    const auto head_after = store.log().head_of(execution("a"));
    CHECK(head_after->archived);
    CHECK(head_after->version == head->version);
    CHECK(head_after->hash == head->hash);
    CHECK_FALSE(store.log().head_of(execution("b"))->archived);
    CHECK(store.log().head()->position == log_before->position);
    CHECK(store.log().head()->hash == log_before->hash);
    const auto listed = store.log().list_streams(0, 10);
    REQUIRE(listed);
    REQUIRE(listed->size() == 3);
    REQUIRE(listed->front().archived);
    CHECK(*listed->front().archived == archive_entry{1, 4, domain::sha256_digest{7}});
    CHECK_FALSE((*listed)[1].archived);
    store.reopen();
  }
}

TEST_CASE_TEMPLATE("what has left takes its snapshot with it, and a late one is not kept", Store, archiving_memory,
                   archiving_disk) {
  Store store;
  fill(store.log());
  REQUIRE(store.derived().save_snapshot(execution("a"), {2, "x"}));
  REQUIRE(store.derived().save_snapshot(execution("b"), {1, "y"}));
  retire(store, "a");
  CHECK_FALSE(store.derived().load_snapshot(execution("a"))->has_value());
  CHECK(store.derived().load_snapshot(execution("b"))->has_value());
  REQUIRE(store.derived().save_snapshot(execution("a"), {3, "late"}));
  CHECK_FALSE(store.derived().load_snapshot(execution("a"))->has_value());
}

TEST_CASE_TEMPLATE("nothing can be appended to what has left", Store, archiving_memory, archiving_disk) {
  Store store;
  fill(store.log());
  retire(store, "a");
  for (int look = 0; look < 2; ++look) {
    const auto outcomes =
        append(store.log(), {noting(execution("a"), 3, {"late"}),
                             noting(execution("b"), static_cast<std::uint64_t>(2 + look), {"goes on"})});
    REQUIRE(outcomes);
    CHECK_FALSE((*outcomes)[0].committed);
    CHECK((*outcomes)[0].version == 3);
    CHECK((*outcomes)[1].committed);
    store.reopen();
  }
  CHECK(store.log().read_stream(execution("a"), 0, 10)->size() == 3);
}

TEST_CASE_TEMPLATE("a stream leaves as it was planned, or not at all", Store, archiving_memory, archiving_disk) {
  Store store;
  fill(store.log());
  auto request = leaving(store.log(), *store.archive, execution("a"));
  SUBCASE("it has gone on") {
    REQUIRE(append(store.log(), {noting(execution("a"), 3, {"a4"})}));
    CHECK_FALSE(append(store.log(), {request})->front().committed);
  }
  SUBCASE("it goes on in the same batch") {
    CHECK_FALSE(append(store.log(), {noting(execution("a"), 3, {"a4"}), request})->back().committed);
  }
  SUBCASE("its step is refused for its own stream") {
    request.expected_version = 5;
    request.events.push_back(noted(request.stream, 6, "x"));
    request.bytes.push_back(encode(request.events.back().payload, request.events.back().metadata));
    CHECK_FALSE(append(store.log(), {request})->front().committed);
  }
  CHECK_FALSE(store.log().head_of(execution("a"))->archived);
  CHECK(store.log().read_gaps(0, 10)->empty());
  store.archive->remove(execution("a"));
  CHECK(notes_of(store.log().read_stream(execution("a"), 0, 2)) == notes{"a1", "a2"});
}

TEST_CASE_TEMPLATE("one leaves with a batch, and what comes after it in the batch is refused", Store, archiving_memory,
                   archiving_disk) {
  Store store;
  fill(store.log());
  const auto outcomes =
      append(store.log(), {leaving(store.log(), *store.archive, execution("a")),
                           leaving(store.log(), *store.archive, execution("b")), noting(execution("a"), 3, {"late"})});
  REQUIRE(outcomes);
  CHECK((*outcomes)[0].committed);
  CHECK_FALSE((*outcomes)[1].committed);
  CHECK_FALSE((*outcomes)[2].committed);
  store.reopen();
  CHECK(store.log().head_of(execution("a"))->archived);
  CHECK_FALSE(store.log().head_of(execution("b"))->archived);
  // Planned before its neighbour left.
  retire(store, "b");
  CHECK(store.log().plan_retirement(execution("a"), {}).error().code == errc::archived);
  CHECK(store.log().plan_retirement(execution("nobody"), {}).error().code == errc::not_found);
}

TEST_CASE_TEMPLATE("what its step says is recorded with it", Store, archiving_memory, archiving_disk) {
  Store store;
  fill(store.log());
  auto request = leaving(store.log(), *store.archive, execution("a"));
  auto said = noting(request.stream, 0, {"a has left"});
  request.events = said.events;
  request.bytes = said.bytes;
  notes heard;
  store.log().subscribe([&](const auto& batch) {
    for (const auto& event : batch->events) heard.push_back(note_of(event));
  });
  REQUIRE(append(store.log(), {request})->front().committed);
  CHECK(heard == notes{"a has left"});
  CHECK(notes_of(store.log().read_all(3, 10)) == notes{"a3", "b2", "c1", "a has left"});
}

TEST_CASE_TEMPLATE("the last event may have left", Store, archiving_memory, archiving_disk) {
  Store store;
  fill(store.log());
  retire(store, "c");
  store.reopen();
  CHECK(store.log().head()->position == 6);
  CHECK(notes_of(store.log().read_all(4, 10)) == notes{"b2", "c1"});
  retire(store, "b");
  retire(store, "a");
  store.reopen();
  CHECK(store.log().head()->position == 6);
  const auto gaps = store.log().read_gaps(0, 10);
  REQUIRE(gaps->size() == 1);
  CHECK(gaps->front().first == 1);
  CHECK(gaps->front().last == 6);
  CHECK(gaps->front().before == domain::sha256_digest{});
  CHECK(gaps->front().after == store.log().head()->hash);
  CHECK(store.log().read_all(0, 10)->size() == 6);
  REQUIRE(append(store.log(), {noting(execution("d"), 0, {"d1"})}));
  store.reopen();
  CHECK(notes_of(store.log().read_all(5, 10)) == notes{"c1", "d1"});
}

TEST_CASE_TEMPLATE("a missing or changed archive is named and never served", Store, archiving_memory, archiving_disk) {
  Store store;
  fill(store.log());
  retire(store, "a");
  auto events = *store.log().read_stored(execution("a"), 0, 10);
  auto expected = errc::corrupt;
  std::string names = "execution a seq ";
  SUBCASE("missing") {
    store.archive->remove(execution("a"));
    expected = errc::not_found;
    names = "no file of a";
  }
  SUBCASE("a byte changed") {
    events[1].bytes[5] = static_cast<char>(events[1].bytes[5] ^ 1);
    store.archive->put(execution("a"), events);
    names = "execution a seq 2";
  }
  SUBCASE("cut") {
    events.pop_back();
    store.archive->put(execution("a"), events);
    names = "execution a seq 3";
  }
  SUBCASE("events left out") {
    events.erase(events.begin());
    store.archive->put(execution("a"), events);
    names = "execution a seq 1";
  }
  SUBCASE("another history of the same length") {
    memory_store other;
    REQUIRE(append(other, {noting(execution("a"), 0, {"x", "y"}), noting(execution("z"), 0, {"z"}),
                           noting(execution("a"), 2, {"w"})}));
    store.archive->put(execution("a"), *other.read_stored(execution("a"), 0, 10));
    names = "execution a seq 3";
  }
  for (const auto& failed : {store.log().read_stream(execution("a"), 0, 10), store.log().read_all(0, 10)}) {
    REQUIRE_FALSE(failed);
    CHECK(failed.error().code == expected);
    CHECK(failed.error().detail.find(names) != std::string::npos);
  }
  CHECK_FALSE(store.log().read_stored(execution("a"), 0, 10));
  CHECK(notes_of(store.log().read_stream(execution("b"), 0, 10)) == notes{"b1", "b2"});
}

TEST_CASE("without an archive the log says that a stream is archived, and passes over its gaps") {
  const scratch_folder folder;
  const auto archive = std::make_shared<kept_archive>();
  {
    auto settings = spared_disk();
    settings.archive = archive;
    const auto store = open_store(folder.data(), settings);
    fill(*store);
    REQUIRE(append(*store, {leaving(*store, *archive, execution("a"))})->front().committed);
  }
  for (int look = 0; look < 2; ++look) {
    std::unique_ptr<const rocksdb_store> store;
    if (look == 0)
      store = open_store(folder.data(), spared_disk());
    else
      store = std::move(*rocksdb_store::open_to_read(folder.data()));
    CHECK(store->read_stream(execution("a"), 0, 10).error().code == errc::archived);
    CHECK(store->read_stored(execution("a"), 0, 10).error().code == errc::archived);
    CHECK(notes_of(store->read_all(0, 10)) == notes{"b1", "b2", "c1"});
    CHECK(notes_of(store->read_all(0, 2)) == notes{"b1", "b2"});
    CHECK(notes_of(store->read_all(3, 1)) == notes{"b2"});
    CHECK(follow_chain(*store).hash == store->head()->hash);
  }
}

// Streams of any length, interleaved at random, leave in a random order: nothing that can be read ever changes.
template <class Store>
void shuffle_and_leave(std::uint64_t seed) {
  CAPTURE(seed);
  std::mt19937_64 random(seed);
  const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
  Store store;
  memory_store twin;  // nothing leaves it
  const std::size_t streams = 2 + below(6);
  std::vector<std::uint64_t> versions(streams, 0);
  for (std::size_t step = 0, steps = 10 + below(40); step < steps; ++step) {
    const auto which = below(streams);
    notes said;
    for (std::size_t i = 0, count = 1 + below(3); i < count; ++i) said.push_back(std::to_string(step));
    const auto request = noting(execution(std::to_string(which)), versions[which], said);
    REQUIRE(append(store.log(), {request}));
    REQUIRE(append(twin, {request}));
    versions[which] += said.size();
  }
  std::vector<std::size_t> order(streams);
  for (std::size_t i = 0; i < streams; ++i) order[i] = i;
  std::shuffle(order.begin(), order.end(), random);
  for (const auto which : order) {
    if (versions[which] == 0) continue;
    retire(store, std::to_string(which));
    if (below(3) == 0) store.reopen();
    for (int look = 0; look < 4; ++look) {
      const auto after = below(twin.head()->position + 2), limit = below(20);
      const auto expected = twin.read_all(after, limit), found = store.log().read_all(after, limit);
      if (!found) FAIL(found.error().detail);
      REQUIRE(found->size() == expected->size());
      for (std::size_t i = 0; i < found->size(); ++i) CHECK(same_record((*found)[i], (*expected)[i]));
    }
    // From the beginning, a little at a time, as a view is made anew.
    for (std::uint64_t at = 0; at < twin.head()->position;) {
      const auto some = store.log().read_all(at, 1 + below(7));
      if (!some) FAIL(some.error().detail);
      REQUIRE_FALSE(some->empty());
      for (const auto& event : *some) REQUIRE(event.position == ++at);
    }
    CHECK(store.log().head()->hash == twin.head()->hash);
    std::uint64_t last = 0;
    const auto gaps = store.log().read_gaps(0, SIZE_MAX);
    REQUIRE(gaps);
    for (const auto& gap : *gaps) {
      CHECK((last == 0 || gap.first > last + 1));
      last = gap.last;
    }
  }
}

TEST_CASE_TEMPLATE("whatever leaves in whatever order, the log reads as if nothing had", Store, archiving_memory,
                   archiving_disk) {
  for (std::uint64_t seed = 1; seed <= 40; ++seed) shuffle_and_leave<Store>(seed);
}

TEST_CASE("the chain leads over gaps without any archive, and a changed gap breaks it") {
  const scratch_folder folder;
  const auto archive = std::make_shared<kept_archive>();
  auto settings = spared_disk();
  settings.archive = archive;
  std::mt19937_64 random(11);
  {
    const auto store = open_store(folder.data(), settings);
    std::vector<std::uint64_t> versions(30, 0);
    for (int step = 0; step < 400; ++step) {
      const auto which = random() % versions.size();
      REQUIRE(append(*store, {noting(execution(std::to_string(which)), versions[which]++, {"x"})}));
    }
    for (std::size_t which = 0; which < versions.size(); which += 2)
      REQUIRE(append(*store, {leaving(*store, *archive, execution(std::to_string(which)))})->front().committed);
  }
  const auto store = open_store(folder.data(), spared_disk());
  const auto head = follow_chain(*store);
  CHECK(head.position == 400);
  CHECK(head.hash == store->head()->hash);
  CHECK(store->read_gaps(0, SIZE_MAX)->size() > 50);
  CHECK(store->read_gaps(0, 3)->size() == 3);
  const auto third = (*store->read_gaps(0, 3))[2];
  CHECK(store->read_gaps(third.first - 1, 1)->front() == third);
}

std::uintmax_t size_of(const std::string& folder) {
  std::uintmax_t bytes = 0;
  for (const auto& file : std::filesystem::directory_iterator(folder))
    if (file.path().extension() == ".sst") bytes += file.file_size();
  return bytes;
}

TEST_CASE("the space of what has left returns") {
  const scratch_folder folder;
  const auto archive = std::make_shared<kept_archive>();
  auto settings = spared_disk();
  settings.archive = archive;
  settings.write_buffer_bytes = std::size_t{256} << 10;
  std::mt19937_64 random(5);
  constexpr std::uint64_t streams = 8, events = 200;
  {
    const auto store = open_store(folder.data(), settings);
    for (std::uint64_t seq = 0; seq < events; ++seq)
      for (std::uint64_t which = 0; which < streams; ++which) {
        std::string note(1'000, ' ');
        for (char& c : note) c = static_cast<char>(random());
        REQUIRE(append(*store, {noting(execution(std::to_string(which)), seq, {note})}));
      }
  }
  auto store = open_store(folder.data(), settings);
  const auto before = size_of(folder.data());
  CHECK(before > streams * events * 1'000);
  for (std::uint64_t which = 0; which < streams - 1; ++which)
    REQUIRE(append(*store, {leaving(*store, *archive, execution(std::to_string(which)))})->front().committed);
  SUBCASE("at once") {
    REQUIRE(store->reclaim());
  }
  SUBCASE("by the next process") {
    store.reset();
    store = open_store(folder.data(), settings);
    REQUIRE(store->reclaim());
  }
  REQUIRE(store->reclaim());  // nothing is left to do
  store.reset();
  const auto after = size_of(folder.data());
  MESSAGE(before, " bytes of tables before, ", after, " after");
  CHECK(after < before / streams * 2);
  store = open_store(folder.data(), settings);
  CHECK(store->read_all(0, SIZE_MAX)->size() == streams * events);
}

}  // namespace
}  // namespace planexe::eventstore
