// Faults below the store while streams leave it: after the next start each stream has either left as a whole or not at
// all, its file is there in both cases, and nothing that was acknowledged is missing.
#include "tests/eventstore/faulty_disk.hpp"
#include "tests/eventstore/kept_archive.hpp"

namespace planexe::eventstore {
namespace {

using namespace testing;

constexpr std::uint64_t rounds = 4;

struct load_result {
  std::uint64_t noted = 0;  ///< rounds of events that were acknowledged
  std::uint64_t left = 0;   ///< streams whose leaving was
};

std::string note_of_round(std::uint64_t round) {
  std::mt19937_64 random(round);
  std::string note(9'000, ' ');  // so that the load fills a table
  for (char& c : note) c = static_cast<char>(random());
  return note;
}

std::vector<append_request> round_at(std::uint64_t round) {
  return {noting(execution("stays"), round, {"s"}),
          noting(execution(std::to_string(round)), 0, {note_of_round(round), "2"})};
}

/// In each round a stream begins and ends, and the one of the round before leaves; then the space is given back.
load_result run_load(const std::string& folder, const std::shared_ptr<faulty_disk>& disk,
                     const std::shared_ptr<kept_archive>& archive) {
  load_result result;
  auto settings = settings_on(disk);
  settings.archive = archive;
  settings.write_buffer_bytes = std::size_t{64} << 10;
  const auto store = rocksdb_store::open(folder, settings);
  if (!store) return result;
  for (std::uint64_t round = 0; round < rounds; ++round) {
    if (!append(**store, round_at(round))) return result;
    ++result.noted;
    if (round == 0) continue;
    const auto stream = execution(std::to_string(round - 1));
    auto events = (*store)->read_stored(stream, 0, 10);
    if (!events) return result;
    archive->put(stream, std::move(*events));
    auto planned = (*store)->plan_retirement(stream, domain::sha256_digest{7});
    if (!planned) return result;
    append_request request;
    request.stream = {domain::stream_kind::system, "archive"};
    request.retires = std::make_shared<const retirement>(std::move(*planned));
    const auto outcomes = append(**store, {request});
    if (!outcomes) return result;
    CHECK(outcomes->front().committed);
    ++result.left;
    if (!(*store)->reclaim()) return result;
  }
  return result;
}

void check_recovered(const std::string& folder, const std::shared_ptr<kept_archive>& archive,
                     const load_result& before) {
  memory_store expected;
  {
    auto settings = spared_disk();
    settings.archive = archive;
    const auto store = open_store(folder, settings);
    const auto events = store->read_all(0, 1'000);
    if (!events) FAIL(events.error().detail);
    REQUIRE(events->size() % 3 == 0);
    const auto noted = events->size() / 3;
    CHECK(noted >= before.noted);
    CHECK(noted <= before.noted + 1);
    for (std::uint64_t round = 0; round < noted; ++round) REQUIRE(append(expected, round_at(round)));
    CHECK(store->head()->hash == expected.head()->hash);
    std::uint64_t left = 0;
    for (std::uint64_t round = 0; round < noted; ++round) {
      const auto stream = execution(std::to_string(round));
      left += store->head_of(stream)->archived ? 1U : 0U;
      CHECK(store->head_of(stream)->archived == (round < left));
      CHECK(*store->read_stored(stream, 0, 10) == *expected.read_stored(stream, 0, 10));
    }
    CHECK(left >= before.left);
    CHECK(left <= before.left + 1);
    // What was begun is gone on with.
    for (std::uint64_t round = left; round < noted; ++round)
      REQUIRE(append(*store, {leaving(*store, *archive, execution(std::to_string(round)))})->front().committed);
    REQUIRE(store->reclaim());
  }
  const auto without = open_store(folder, spared_disk());
  CHECK(follow_chain(*without).hash == expected.head()->hash);
}

std::uint64_t operations_of_load() {
  const scratch_folder folder;
  const auto disk = std::make_shared<faulty_disk>();
  const auto archive = std::make_shared<kept_archive>();
  const auto result = run_load(folder.data(), disk, archive);
  REQUIRE(result.noted == rounds);
  REQUIRE(result.left == rounds - 1);
  check_recovered(folder.data(), archive, result);
  MESSAGE(disk->operations(), " operations");
  return disk->operations();
}

TEST_CASE("a power loss at any operation leaves each stream either in the log or in the archive") {
  const auto operations = operations_of_load();
  std::uint64_t hits = 0;
  for (std::uint64_t at = 1; at <= operations; ++at) {
    CAPTURE(at);
    const scratch_folder folder;
    const auto disk = std::make_shared<faulty_disk>();
    const auto archive = std::make_shared<kept_archive>();
    disk->fail_at(at, fault::power_loss);
    const auto result = run_load(folder.data(), disk, archive);
    hits += disk->hit().has_value() ? 1U : 0U;
    std::mt19937_64 random(at);
    disk->drop_cache(random);
    check_recovered(folder.data(), archive, result);
  }
  CHECK(hits > operations / 2);
}

TEST_CASE("a failed operation while streams leave loses nothing") {
  const auto operations = operations_of_load();
  constexpr fault kinds[] = {fault::input_output, fault::no_space, fault::short_write};
  for (std::uint64_t at = 1; at <= operations; ++at) {
    const auto kind = kinds[at % std::size(kinds)];
    CAPTURE(static_cast<int>(kind));
    CAPTURE(at);
    const scratch_folder folder;
    const auto disk = std::make_shared<faulty_disk>();
    const auto archive = std::make_shared<kept_archive>();
    disk->fail_at(at, kind);
    const auto result = run_load(folder.data(), disk, archive);
    std::mt19937_64 random(at);
    disk->drop_cache(random);
    check_recovered(folder.data(), archive, result);
  }
}

}  // namespace
}  // namespace planexe::eventstore
