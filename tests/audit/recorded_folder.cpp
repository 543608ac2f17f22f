#include "tests/audit/recorded_folder.hpp"

#include <doctest/doctest.h>
#include <rocksdb/db.h>
#include <stdlib.h>

#include <algorithm>
#include <filesystem>

#include "eventstore/codec.hpp"
#include "eventstore/stored_values.hpp"
#include "projections/replay.hpp"
#include "tests/projections/chronicle.hpp"

namespace planexe::tests {
namespace {

constexpr std::size_t everything = 100'000;

eventstore::append_request to_append(const domain::event_record& record) {
  eventstore::append_request request;
  request.stream = record.stream;
  request.expected_version = record.seq - 1;
  request.bytes.push_back(eventstore::encode(record.payload, record.metadata));
  request.events.push_back(record);
  return request;
}

void append(eventstore::event_log& log, std::vector<eventstore::append_request> batch) {
  log.append(std::move(batch), [](const auto& outcomes) { REQUIRE(outcomes); });
}

void copy_log(const chronicle& from, eventstore::event_log& to) {
  constexpr std::size_t at_once = 16;  // events: several writes, as a server makes
  std::vector<eventstore::append_request> batch;
  for (const auto& written : from.batches) {
    for (const auto& record : written->events) batch.push_back(to_append(record));
    if (batch.size() >= at_once) append(to, std::exchange(batch, {}));
  }
  if (!batch.empty()) append(to, std::move(batch));
}

void take_snapshots(const chronicle& from, eventstore::rocksdb_store& store) {
  for (const auto& [id, state] : from.states()) {
    const auto stream = projections::stream_of(domain::execution_id{id});
    REQUIRE(store.save_snapshot(stream, {state.version, eventstore::encode_snapshot(state)}));
  }
}

}  // namespace

scratch_folder::scratch_folder() {
  std::string name = (std::filesystem::temp_directory_path() / "planexe-XXXXXX").string();
  REQUIRE(::mkdtemp(name.data()) != nullptr);
  path_ = name;
}

scratch_folder::~scratch_folder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

recorded_folder::recorded_folder(std::uint64_t seed, int commands, bool ended) {
  chronicle told;
  dice roll{seed};
  auto plan = std::make_shared<domain::plan>(*random_plan(roll, 5));
  plan->id = {"plan-1"};
  told.import(plan);
  told.play_agent("ann", domain::register_agent{{.name = "an agent"}});
  for (const auto* id : {"e0", "e1", "e2"})
    told.play(id, domain::create_execution{.source = random_plan(roll, 9), .start = true});
  told.play_randomly(roll, commands);
  if (ended) told.play("e0", domain::cancel_execution{"no longer needed"}, "ann");
  auto store = eventstore::rocksdb_store::open(path());
  REQUIRE(store);
  copy_log(told, **store);
  followed_views views{**store, **store};
  REQUIRE(views.runner.start());
  REQUIRE(views.runner.store());
  take_snapshots(told, **store);
}

void recorded_folder::tamper(const std::function<void(rocksdb::DB&)>& change) const {
  rocksdb::DB* opened = nullptr;
  REQUIRE(rocksdb::DB::Open(rocksdb::Options(), path(), &opened).ok());
  const std::unique_ptr<rocksdb::DB> database(opened);
  change(*database);
  REQUIRE(database->Flush(rocksdb::FlushOptions()).ok());
}

audit::log_verdict recorded_folder::verify(const audit::verify_options& options) const {
  auto verdict = audit::verify_folder(path(), options);
  if (!verdict) FAIL(verdict.error().detail);
  return std::move(*verdict);
}

whole_log log_in(const std::string& folder) {
  const auto store = eventstore::rocksdb_store::open_to_read(folder);
  if (!store) FAIL(store.error().detail);
  const auto streams = (*store)->list_streams(0, everything);
  REQUIRE(streams);
  whole_log log;
  for (const auto& each : *streams) {
    const auto events = (*store)->read_stored(each.stream, 0, everything);
    REQUIRE(events);
    log.insert(log.end(), events->begin(), events->end());
  }
  std::sort(log.begin(), log.end(), [](const auto& a, const auto& b) { return a.position < b.position; });
  return log;
}

std::string get(rocksdb::DB& database, const std::string& key) {
  std::string value;
  REQUIRE(database.Get(rocksdb::ReadOptions(), key, &value).ok());
  return value;
}

void put(rocksdb::DB& database, const std::string& key, const std::string& value) {
  REQUIRE(database.Put(rocksdb::WriteOptions(), key, value).ok());
}

std::uint64_t number_of(rocksdb::DB& database, const domain::stream_id& stream) {
  const auto entry = eventstore::parse_stream(get(database, eventstore::keys::stream(stream)));
  REQUIRE(entry);
  return entry->number;
}

std::string first_of(const audit::log_verdict& verdict) {
  if (verdict.unopened) return verdict.unopened->detail;
  if (verdict.findings.empty()) return "";
  const auto& first = verdict.findings.front();
  return std::string(first.in) + ": " + first.fault.what;
}

}  // namespace planexe::tests
