// Logs whose executions have left for the archive, and logs with persons' words: verified, proven and salvaged as any.
#include <doctest/doctest.h>
#include <rocksdb/db.h>

#include <sstream>

#include "apps/archive/archive_command.hpp"
#include "apps/audit/verify_command.hpp"
#include "apps/erase/erase_folder.hpp"
#include "eventstore/codec.hpp"
#include "eventstore/keys.hpp"
#include "eventstore/salvage.hpp"
#include "eventstore/stored_values.hpp"
#include "gateway/json/render_event.hpp"
#include "records/export.hpp"
#include "tests/audit/recorded_folder.hpp"
#include "tests/folder_files.hpp"
#include "tests/without_rights.hpp"

#include "archive/archiving.hpp"
#include "audit/prove.hpp"
#include "audit/stream_audit.hpp"

namespace planexe::tests {
namespace {

using eventstore::rocksdb_store;

constexpr std::size_t everything = 100'000;
const records::rendering as_api{gateway::event_rendering_version, gateway::render_event};

std::shared_ptr<const archive::archive_folder> archive_of(const std::string& folder) {
  return std::make_shared<const archive::archive_folder>(archive::folder_in(folder));
}

audit::log_verdict verify(const std::string& folder, std::optional<audit::anchor> before = std::nullopt) {
  audit::verify_options options{.archive = archive_of(folder)};
  options.tree = true;
  options.before = std::move(before);
  auto verdict = audit::verify_folder(folder, options);
  REQUIRE(verdict);
  return std::move(*verdict);
}

/// A folder whose execution `e0` was cancelled, and an anchor from before it left for the archive.
struct with_archive {
  recorded_folder folder{1, 60, true};
  whole_log log = log_in(folder.path());
  audit::anchor before = anchor_now();
  std::string file;

  with_archive() {
    const auto attic = archive_of(folder.path());
    const auto store = rocksdb_store::open(folder.path(), {.archive = attic});
    REQUIRE(store);
    const auto gone = archive::archive_execution(**store, **store, *attic, as_api, {"e0"}, {.actor = "system"});
    if (!gone) FAIL(gone.error().detail);
    REQUIRE((*store)->reclaim());
    file = attic->file_of({domain::stream_kind::execution, "e0"});
  }
  audit::anchor anchor_now() const {
    const auto verdict = verify(folder.path());
    REQUIRE(verdict.whole());
    return audit::make_anchor(verdict.scan.head.position, verdict.scan.head.hash, *verdict.tree, {}, audit::draw_key());
  }
};

std::string text_in(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
void write(const std::string& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

std::string reason_of(const rocksdb_store& store, const std::string& execution) {
  const auto events = store.read_stream({domain::stream_kind::execution, execution}, 0, everything);
  REQUIRE(events);
  for (const auto& each : *events)
    if (const auto* of = std::get_if<domain::execution_event>(&each.payload))
      if (const auto* cancelled = std::get_if<domain::execution_cancelled>(of)) return cancelled->reason;
  return "not cancelled";
}

}  // namespace

TEST_CASE("a damaged execution keeps no other from being archived by its age") {
  const recorded_folder folder(1, 60, true);
  folder.tamper([&](rocksdb::DB& database) {
    const auto key = eventstore::keys::event(number_of(database, folder.execution), 1);
    std::string value;
    REQUIRE(database.Get(rocksdb::ReadOptions(), key, &value).ok());
    value.back() = static_cast<char>(value.back() ^ 1);
    REQUIRE(database.Put(rocksdb::WriteOptions(), key, value).ok());
    REQUIRE(database.Delete(rocksdb::WriteOptions(), eventstore::keys::snapshot(folder.execution)).ok());
  });
  std::ostringstream out, err;
  const int code =
      archiving::run_archive({.older_than_days = 0, .data_folder = folder.path(), .actor = "system"}, out, err);
  CHECK(code == 1);
  CHECK_MESSAGE(out.str().starts_with("e0 archived: "), err.str());
  CHECK_MESSAGE(err.str().starts_with("'e1': "), err.str());
  CHECK(std::filesystem::exists(archive_of(folder.path())->file_of({domain::stream_kind::execution, "e0"})));
}

TEST_CASE("a log is whole through its archive and still begins as it was anchored before") {
  const with_archive one;
  const auto verdict = verify(one.folder.path(), one.before);
  CHECK(first_of(verdict) == "");
  CHECK(verdict.anchor_holds);
  CHECK(verdict.scan.archived == 1);
  CHECK(verdict.scan.chain_holds);
  CHECK(verdict.scan.events == one.log.size() + 1);  // and the word that it was archived
  for (const auto& view : verdict.views) CHECK_MESSAGE(view.is == audit::standing::equal, view.name, view.detail);
}

TEST_CASE("without its archive a log is checked as far as it goes") {
  const with_archive one;
  const auto verdict = one.folder.verify({.derived = false});
  CHECK(first_of(verdict) == "");
  CHECK(verdict.scan.archived_unread == 1);
  CHECK(verdict.scan.chain_holds);
}

TEST_CASE("an archive file that was changed or cut or is missing is found and named") {
  constexpr std::size_t usual_stride = 20;
  const with_archive one;
  const auto sound = text_in(one.file);
  const auto is_found = [&] {
    const auto verdict = verify(one.folder.path());
    REQUIRE_FALSE(verdict.whole());
    REQUIRE(verdict.scan.damaged.size() == 1);
    CHECK(verdict.scan.damaged.front().stream.id == "e0");
    CHECK(verdict.scan.chain_holds);  // the log keeps the chain over what has left it
  };
  for (std::size_t at = 0; at < sound.size(); at += damage_stride(usual_stride)) {
    CAPTURE(at);
    auto damaged = sound;
    damaged[at] = static_cast<char>(damaged[at] ^ 0x11);
    write(one.file, damaged);
    is_found();
    write(one.file, sound.substr(0, at));
    is_found();
  }
  std::filesystem::remove(one.file);
  is_found();
  write(one.file, sound);
  CHECK(verify(one.folder.path()).whole());
}

/// What the command tells a person.
std::string told_of(const std::string& folder) {
  std::ostringstream out, err;
  CHECK(auditing::run_verify({.data_folder = folder}, {}, out, err) == 1);
  return out.str() + err.str();
}

TEST_CASE("an archive that cannot be reached is no damage and salvage is not advised") {
  const with_archive one;
  const auto attic = archive::folder_in(one.folder.path());
  std::optional<without_rights> barred;
  SUBCASE("the file is elsewhere") {
    std::filesystem::remove(one.file);
  }
  SUBCASE("the folder is elsewhere") {
    std::filesystem::remove_all(attic);
  }
  SUBCASE("the folder may not be entered") {
    std::filesystem::permissions(one.folder.scratch().path(), std::filesystem::perms::all);
    barred.emplace(attic);
  }
  const auto verdict = verify(one.folder.path());
  CHECK_FALSE(verdict.whole());
  for (const auto& each : verdict.findings) CHECK_MESSAGE(each.fault.unreached, each.fault.what);
  REQUIRE(verdict.scan.damaged.size() == 1);
  CHECK(verdict.scan.damaged.front().unreached);
  const auto told = told_of(one.folder.path());
  CHECK(told.find("Cannot be reached: ") != std::string::npos);
  CHECK(told.find("execution e0: not reached, ") != std::string::npos);
  CHECK(told.find("put it back, or give the right to read it") != std::string::npos);
  CHECK(told.find("planexe-ax salvage") == std::string::npos);
}

TEST_CASE("an archive file that was changed is damage and salvage is advised") {
  const with_archive one;
  write(one.file, text_in(one.file) + "x");
  const auto told = told_of(one.folder.path());
  CHECK(told.find("First bad record: ") != std::string::npos);
  CHECK(told.find("put it back") == std::string::npos);
  CHECK(told.find("planexe-ax salvage " + one.folder.path() + " NEW") != std::string::npos);
}

TEST_CASE("a list of tables that may not be read is no damage and salvage is not advised") {
  const recorded_folder folder;
  std::string list;
  for (const auto& file : std::filesystem::directory_iterator(folder.path()))
    if (file.path().filename().string().starts_with("MANIFEST-")) list = file.path().string();
  std::filesystem::permissions(folder.scratch().path(), std::filesystem::perms::all);
  const without_rights barred(list);
  const auto told = told_of(folder.path());
  CHECK(told.find("The folder cannot be opened: ") != std::string::npos);
  CHECK(told.find("Permission denied") != std::string::npos);
  CHECK(told.find("put it back, or give the right to read it") != std::string::npos);
  CHECK(told.find("planexe-ax salvage") == std::string::npos);
}

TEST_CASE("an archived execution and the whole log say the same of what still stands") {
  const domain::stream_id stream{domain::stream_kind::execution, "e0"};
  const auto check = [&](const std::function<void(const with_archive&, eventstore::stream_entry&)>& change,
                         std::uint64_t lost) {
    const with_archive one;
    std::uint64_t events = 0;
    one.folder.tamper([&](rocksdb::DB& database) {
      std::string value;
      REQUIRE(database.Get(rocksdb::ReadOptions(), eventstore::keys::stream(stream), &value).ok());
      auto entry = *eventstore::parse_stream(value);
      events = entry.head.version;
      change(one, entry);
      REQUIRE(database.Put(rocksdb::WriteOptions(), eventstore::keys::stream(stream), stored_form(entry)).ok());
    });
    const auto store = rocksdb_store::open_to_check(one.folder.path(), {.archive = archive_of(one.folder.path())});
    REQUIRE(store);
    const auto alone = audit::audit_stream(**store, **store, stream);
    REQUIRE(alone);
    CHECK_FALSE(alone->verified());
    CHECK(alone->stands_to == events - std::min(events, lost));
    const auto whole = verify(one.folder.path());
    REQUIRE(whole.scan.damaged.size() == 1);
    CHECK(whole.scan.damaged.front().stream == stream);
    CHECK(whole.scan.damaged.front().stands_to == alone->stands_to);
  };
  constexpr auto all = UINT64_MAX;
  check([](const auto&, auto& entry) { entry.head.hash[3] ^= 1; }, 1);
  check([](const auto&, auto& entry) { entry.head.version += 1; }, 0);
  check([](const auto& one, auto&) { std::filesystem::remove(one.file); }, all);
  check([](const auto& one, auto&) { write(one.file, text_in(one.file) + "x"); }, all);
}

TEST_CASE("a gap that is not what was archived is found") {
  const auto found = [](const std::function<void(rocksdb::DB&, const std::string&)>& change) {
    const with_archive one;
    one.folder.tamper([&](rocksdb::DB& database) {
      const std::unique_ptr<rocksdb::Iterator> at(database.NewIterator(rocksdb::ReadOptions()));
      at->Seek("g");
      REQUIRE(at->Valid());
      REQUIRE(at->key().starts_with("g"));
      change(database, at->key().ToString());
    });
    return first_of(verify(one.folder.path()));
  };
  CHECK(found([](auto& database, const auto& gap) {
          REQUIRE(database.Delete(rocksdb::WriteOptions(), gap).ok());
        }).find("missing") != std::string::npos);
  CHECK(found([](auto& database, const auto& gap) {
          std::string value;
          REQUIRE(database.Get(rocksdb::ReadOptions(), gap, &value).ok());
          value.back() = static_cast<char>(value.back() ^ 1);
          REQUIRE(database.Put(rocksdb::WriteOptions(), gap, value).ok());
        }) != "");
  CHECK(found([](auto& database, const auto& gap) {
          REQUIRE(database.Put(rocksdb::WriteOptions(), gap, "short").ok());
        }) != "");
}

TEST_CASE("an event that was archived can be proven by an anchor from before") {
  const with_archive one;
  const domain::stream_id stream{domain::stream_kind::execution, "e0"};
  for (const std::uint64_t seq : {1u, 2u, 3u}) {
    const auto made = audit::prove(one.folder.path(), archive_of(one.folder.path()), stream, seq, one.before, {});
    if (!made) FAIL(made.error().detail);
    CHECK_FALSE(audit::fault_of(*made));
  }
}

TEST_CASE("an event behind a very large one can be proven and exported") {
  const scratch_folder scratch;
  const auto folder = scratch / "data";
  const domain::stream_id stream{domain::stream_kind::execution, "e"};
  const auto key = audit::draw_key();
  {
    const auto store = rocksdb_store::open(folder);
    REQUIRE(store);
    eventstore::append_request request{.stream = stream};
    for (const std::size_t megabytes : {9u, 0u, 9u, 0u}) {  // more than is read at once
      domain::event_record event{.stream = stream, .seq = request.events.size() + 1};
      event.metadata.actor = "system";
      event.payload = domain::execution_event{domain::task_skipped{{"t"}, std::string(megabytes << 20, 'x')}};
      request.bytes.push_back(eventstore::encode(event.payload, event.metadata));
      request.events.push_back(std::move(event));
    }
    std::vector<eventstore::append_request> batch;
    batch.push_back(std::move(request));
    (*store)->append(std::move(batch), [](const auto& outcomes) { REQUIRE(outcomes); });
    std::uint64_t seq = 0;
    const auto given = records::each_of_log(**store, [&](const auto& event) {
      CHECK(event.seq == ++seq);
      return result<void>{};
    });
    REQUIRE(given);
    CHECK(*given == 4);
  }
  for (const std::uint64_t seq : {1u, 2u, 3u, 4u}) {
    const auto made = audit::prove(folder, archive_of(folder), stream, seq, key, {});
    if (!made) FAIL(made.error().detail);
    CHECK_FALSE(audit::fault_of(*made));
  }
}

TEST_CASE("salvage takes archived executions back into the log") {
  const with_archive one;
  const auto to = one.folder.scratch() / "new";
  const auto archive = archive_of(one.folder.path());
  const auto done = eventstore::salvage(one.folder.path(), to, archive.get());
  if (!done) FAIL(done.error().detail);
  CHECK(done->shortened.empty());
  CHECK(first_of(verify(to)) == "");
  auto log = log_in(to);
  CHECK(log.size() == one.log.size() + 1);
  log.pop_back();
  CHECK(log == one.log);

  std::filesystem::remove(one.file);
  const auto without = eventstore::salvage(one.folder.path(), to + "-without", archive_of(one.folder.path()).get());
  REQUIRE(without);
  REQUIRE(without->shortened.size() == 1);
  CHECK(without->shortened.front().stream.id == "e0");
  CHECK(without->shortened.front().kept == 0);
  CHECK(without->shortened.front().unreached);
  CHECK(first_of(verify(to + "-without")) == "");
}

TEST_CASE("persons' words are verified and salvaged under their keys and stay erased") {
  const recorded_folder folder(1, 20, true);
  CHECK(reason_of(**rocksdb_store::open_to_read(folder.path()), "e0") == "no longer needed");
  CHECK(first_of(folder.verify()) == "");
  const auto to = folder.scratch() / "new";
  REQUIRE(eventstore::salvage(folder.path(), to));
  CHECK(reason_of(**rocksdb_store::open_to_read(to), "e0") == "no longer needed");

  const auto erased = erasing::erase_in_folder(folder.path(), "ann", "asked for it", "person", {});
  if (!erased) FAIL(erased.error().detail);
  CHECK(reason_of(**rocksdb_store::open_to_read(folder.path()), "e0") == "[erased]");
  const auto verdict = verify(folder.path());
  CHECK(first_of(verdict) == "");
  const auto after = folder.scratch() / "after";
  REQUIRE(eventstore::salvage(folder.path(), after));
  CHECK(reason_of(**rocksdb_store::open_to_read(after), "e0") == "[erased]");
  CHECK(first_of(verify(after)) == "");
}

TEST_CASE("while an erasure is still to be finished nothing is taken for damage") {
  const recorded_folder folder(1, 20, true);
  {
    const auto store = rocksdb_store::open(folder.path());
    REQUIRE(store);
    const auto subjects = (*store)->sealing_keys().subjects();
    REQUIRE(subjects.size() == 1);
    const domain::stream_id stream{domain::stream_kind::system, "erasures"};
    eventstore::append_request request{.stream = stream, .expected_version = 0};
    domain::event_record record{.stream = stream, .seq = 1};
    record.metadata.actor = "system";
    record.payload = domain::system_event{domain::subject_erased{subjects.front().erased, "asked for it"}};
    request.bytes.push_back(eventstore::encode(record.payload, record.metadata));
    request.events.push_back(std::move(record));
    (*store)->append({std::move(request)}, [](const auto& outcomes) { REQUIRE(outcomes); });

    const auto verdict = folder.verify();
    CHECK(first_of(verdict) == "");
    CHECK(verdict.erasure_to_finish);
    CHECK(verdict.views.empty());
    const auto one = audit::audit_stream(**store, **store, {domain::stream_kind::execution, "e0"});
    REQUIRE(one);
    CHECK_MESSAGE(one->verified(), one->problem);
  }
  CHECK(rocksdb_store::open(folder.path()));
  const auto verdict = folder.verify();
  CHECK(first_of(verdict) == "");
  CHECK_FALSE(verdict.erasure_to_finish);
}

}  // namespace planexe::tests
