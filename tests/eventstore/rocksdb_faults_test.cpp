// Faults below the store, at every operation of a small load: whatever was acknowledged is there after the next start,
// and what is there beyond it is a whole number of batches in order.

#include "tests/eventstore/faulty_disk.hpp"
#include "tests/eventstore/lab.hpp"

namespace planexe::eventstore {
namespace {

using namespace testing;

constexpr std::uint64_t batch_count = 12;
constexpr std::uint64_t events_per_batch = 3;
constexpr std::size_t note_bytes = 12'000;                   // so that the load fills several tables
constexpr std::size_t small_buffer = std::size_t{64} << 10;  // the least that RocksDB takes

// Text that does not compress, the same for the same number.
std::string long_note(std::uint64_t number) {
  std::mt19937_64 random(number);
  std::string note(note_bytes, ' ');
  for (char& c : note) c = static_cast<char>(random());
  return note;
}

// Batch `i` (from 0): two events of one stream, one of another, an answer.
std::vector<append_request> batch_at(std::uint64_t i) {
  std::vector<append_request> batch = {noting(execution("a"), 2 * i, {long_note(3 * i), "a"}),
                                       noting(execution("b" + std::to_string(i % 2)), i / 2, {long_note(3 * i + 1)})};
  batch[1].answers.push_back(answer_to("answer " + std::to_string(i), at_second(1'000)));
  return batch;
}

rocksdb_settings with_small_buffer(const std::shared_ptr<faulty_disk>& disk) {
  rocksdb_settings settings = settings_on(disk);
  settings.write_buffer_bytes = small_buffer;
  return settings;
}

struct load_result {
  std::uint64_t acknowledged = 0;  ///< batches
  std::optional<error> opening;
  std::optional<error> appending;
};

derived_store::view_write view_at(std::uint64_t position) {
  return {"count", position, {{"events", std::to_string(position)}}, {}};
}

// Opens, and appends until the first error; a view follows each batch.
load_result run_load(const std::string& folder, const std::shared_ptr<faulty_disk>& disk) {
  load_result result;
  auto store = rocksdb_store::open(folder, with_small_buffer(disk));
  if (!store) {
    result.opening = store.error();
    return result;
  }
  for (std::uint64_t i = 0; i < batch_count; ++i) {
    const auto outcomes = append(**store, batch_at(i));
    if (!outcomes) {
      result.appending = outcomes.error();
      break;
    }
    ++result.acknowledged;
    if (!(*store)->write_view(view_at((i + 1) * events_per_batch))) continue;
  }
  if (!result.appending) return result;
  // The first failure is final, for everything that writes.
  for (int again = 0; again < 3; ++again) {
    const auto later = append(**store, batch_at(result.acknowledged));
    REQUIRE_FALSE(later);
    CHECK(later.error().detail == result.appending->detail);
  }
  CHECK_FALSE((*store)->write_view(view_at(1)));
  CHECK_FALSE((*store)->save_snapshot(execution("a"), {1, "x"}));
  return result;
}

// The log holds the first batches whole, and all that were acknowledged; it can be appended to.
void check_recovered(const std::string& folder, std::uint64_t acknowledged) {
  const auto store = open_store(folder, spared_disk());
  const auto events = store->read_all(0, 1'000);
  if (!events) FAIL(events.error().detail);
  REQUIRE(events->size() % events_per_batch == 0);
  const std::uint64_t batches = events->size() / events_per_batch;
  CHECK(batches >= acknowledged);
  CHECK(batches <= acknowledged + 1);

  memory_store expected;
  for (std::uint64_t i = 0; i < batches; ++i) REQUIRE(append(expected, batch_at(i)));
  CHECK(store->head()->position == expected.head()->position);
  CHECK(store->head()->hash == expected.head()->hash);
  for (const std::string id : {"a", "b0", "b1"}) {
    const auto stream = store->read_stream(execution(id), 0, 1'000);
    REQUIRE(stream);
    CHECK(stream->size() == expected.head_of(execution(id))->version);
    CHECK(store->head_of(execution(id))->hash == expected.head_of(execution(id))->hash);
  }
  for (std::uint64_t i = 0; i < batch_count; ++i)
    CHECK(store->find_answer("answer " + std::to_string(i), at_second(0))->has_value() == (i < batches));

  const auto view = store->load_view("count");
  REQUIRE(view);
  CHECK(view->checkpoint <= store->head()->position);
  if (view->checkpoint != 0) CHECK(view->rows.front().second == std::to_string(view->checkpoint));

  if (batches == batch_count) return;
  REQUIRE(append(*store, batch_at(batches)));
  CHECK(store->head()->position == (batches + 1) * events_per_batch);
}

// Operations of the load without a fault.
std::uint64_t operations_of_load() {
  const scratch_folder folder;
  const auto disk = std::make_shared<faulty_disk>();
  const auto result = run_load(folder.data(), disk);
  REQUIRE(result.acknowledged == batch_count);
  MESSAGE(disk->operations(), " operations");
  return disk->operations();
}

TEST_CASE("the load without a fault fills tables and is all there") {
  const scratch_folder folder;
  const auto disk = std::make_shared<faulty_disk>();
  const auto result = run_load(folder.data(), disk);
  CHECK(result.acknowledged == batch_count);
  CHECK(disk->tables_made() >= 3);
  check_recovered(folder.data(), batch_count);
}

TEST_CASE("a power loss at any operation keeps what was acknowledged") {
  const std::uint64_t operations = operations_of_load();
  REQUIRE(operations > 60);
  std::uint64_t hits = 0;
  for (std::uint64_t at = 1; at <= operations; ++at) {
    CAPTURE(at);
    const scratch_folder folder;
    const auto disk = std::make_shared<faulty_disk>();
    disk->fail_at(at, fault::power_loss);
    const auto result = run_load(folder.data(), disk);
    hits += disk->hit().has_value();
    std::mt19937_64 random(at);
    disk->drop_cache(random);
    check_recovered(folder.data(), result.acknowledged);
  }
  CHECK(hits > operations / 2);
}

TEST_CASE("a failed operation is answered, is final, and loses nothing acknowledged") {
  const std::uint64_t operations = operations_of_load();
  for (const fault kind : {fault::input_output, fault::no_space, fault::short_write}) {
    std::uint64_t failed = 0;
    for (std::uint64_t at = 1; at <= operations; ++at) {
      CAPTURE(static_cast<int>(kind));
      CAPTURE(at);
      const scratch_folder folder;
      const auto disk = std::make_shared<faulty_disk>();
      disk->fail_at(at, kind);
      const auto result = run_load(folder.data(), disk);
      if (result.opening) CHECK((result.opening->code == errc::io || result.opening->code == errc::corrupt));
      if (result.appending) CHECK(result.appending->code == errc::io);
      const bool answered = result.opening || result.appending;
      failed += answered;
      const bool in_log = disk->hit() && disk->hit()->ends_with(".log");
      if (in_log && result.acknowledged < batch_count) CHECK(answered);
      // A sync that failed once may have lost its bytes for good, so the cache goes too.
      std::mt19937_64 random(at);
      disk->drop_cache(random);
      check_recovered(folder.data(), result.acknowledged);
    }
    CHECK(failed > batch_count);
  }
}

TEST_CASE("nothing is answered or published before it is synced") {
  const scratch_folder folder;
  const auto disk = std::make_shared<faulty_disk>();
  auto store = open_store(folder.data(), with_small_buffer(disk));
  int published = 0;
  store->subscribe([&](const auto&) {
    CHECK(disk->unsynced_log_bytes() == 0);
    ++published;
  });
  for (std::uint64_t i = 0; i < batch_count; ++i) {
    bool answered = false;
    store->append(batch_at(i), [&](const auto& outcomes) {
      REQUIRE(outcomes);
      CHECK(disk->unsynced_log_bytes() == 0);
      answered = true;
    });
    CHECK(answered);
    append_request alone;
    alone.stream = execution("a");
    alone.answers.push_back(answer_to("alone", at_second(1'000)));
    store->append({alone}, [&](const auto&) { CHECK(disk->unsynced_log_bytes() == 0); });
    REQUIRE(store->write_view(view_at(store->head()->position)));
    CHECK(disk->unsynced_log_bytes() > 0);  // the measure moves: derived data wait for no sync
  }
  CHECK(published == static_cast<int>(batch_count));
}

}  // namespace
}  // namespace planexe::eventstore
