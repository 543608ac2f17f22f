// What salvage keeps of a damaged folder: never an event that was not written, never one behind a lost one, and all
// that stands; and it leaves the damaged folder as it found it.
#include "eventstore/salvage.hpp"

#include <doctest/doctest.h>
#include <rocksdb/db.h>

#include <set>

#include "eventstore/codec.hpp"
#include "eventstore/keys.hpp"
#include "tests/audit/recorded_folder.hpp"
#include "tests/folder_files.hpp"

namespace planexe::tests {
namespace {

using eventstore::salvage_result;
using streams = std::map<domain::stream_id, std::vector<std::pair<domain::sha256_digest, std::string>>>;

streams streams_in(const std::string& folder) {
  streams found;
  for (const auto& event : log_in(folder)) found[event.stream].emplace_back(event.hash, event.bytes);
  return found;
}

std::size_t events_in(const streams& all) {
  std::size_t events = 0;
  for (const auto& [stream, each] : all) events += each.size();
  return events;
}

std::set<std::string> names_in(const std::string& folder) {
  std::set<std::string> names;
  for (const auto& each : std::filesystem::directory_iterator(folder)) names.insert(each.path().filename().string());
  return names;
}

salvage_result salvaged(const std::string& from, const std::string& to) {
  auto done = eventstore::salvage(from, to);
  if (!done) FAIL(done.error().detail);
  return std::move(*done);
}

/// By its first event where its own name is lost.
streams::const_iterator original_of(const streams& original, const domain::stream_id& stream,
                                    const std::pair<domain::sha256_digest, std::string>& first) {
  if (!stream.id.starts_with("salvaged-")) return original.find(stream);
  return std::find_if(original.begin(), original.end(), [&](const auto& each) { return each.second.front() == first; });
}

/// The new folder verifies, and holds a beginning of every stream that it has.
streams check_new(const std::string& folder, const streams& original) {
  const auto verdict = audit::verify_folder(folder);
  REQUIRE(verdict);
  CHECK_MESSAGE(verdict->whole(), first_of(*verdict));
  auto kept = streams_in(folder);
  for (const auto& [stream, events] : kept) {
    const auto before = original_of(original, stream, events.front());
    REQUIRE(before != original.end());
    REQUIRE(events.size() <= before->second.size());
    CHECK(std::equal(events.begin(), events.end(), before->second.begin()));
  }
  return kept;
}

void append_to(eventstore::rocksdb_store& store, const domain::event_record& like, const std::string& id,
               std::uint64_t seq) {
  eventstore::append_request request{.stream = {domain::stream_kind::execution, id}, .expected_version = seq - 1};
  auto record = like;
  record.stream = request.stream;
  record.seq = seq;
  request.bytes.push_back(eventstore::encode(record.payload, record.metadata));
  request.events.push_back(std::move(record));
  store.append({std::move(request)}, [](const auto& outcomes) { REQUIRE(outcomes); });
}

}  // namespace

TEST_CASE("all of a sound folder is kept") {
  const recorded_folder folder;
  const auto before = read_files(folder.path());
  const auto original = streams_in(folder.path());
  const auto to = folder.scratch() / "new";
  const auto done = salvaged(folder.path(), to);
  CHECK(done.shortened.empty());
  CHECK(done.damaged_files.empty());
  CHECK(done.events == events_in(original));
  CHECK(done.streams == original.size());
  CHECK(check_new(to, original) == original);
  CHECK(log_in(to) == log_in(folder.path()));  // the same positions, too
  CHECK(read_files(folder.path()) == before);
  CHECK(names_in(folder.scratch().path()) == std::set<std::string>{"data", "new"});
}

TEST_CASE("a salvage that is ended anywhere leaves no log to serve and the next one takes its leftovers away") {
  namespace fs = std::filesystem;
  const recorded_folder folder;
  const auto original = streams_in(folder.path());
  const auto to = folder.scratch() / "new", part = folder.scratch() / ".new.planexe-salvage";
  const scratch_folder stopped;
  std::size_t moments = 0;
  const auto keep_moment = [&] {
    CHECK_FALSE(fs::exists(to));
    fs::copy(part, stopped / std::to_string(moments++), fs::copy_options::recursive);
  };
  const auto done = eventstore::salvage(
      folder.path(), to, nullptr, [&](const eventstore::salvage_step&) { keep_moment(); },
      [&](const std::string& new_folder) {
        CHECK(streams_in(new_folder) == original);
        keep_moment();
        return result<void>{};
      });
  REQUIRE_MESSAGE(done, done.error().detail);
  CHECK(check_new(to, original) == original);
  REQUIRE(moments > 3);
  for (std::size_t moment = 0; moment < moments; ++moment) {
    CAPTURE(moment);
    fs::remove_all(to);
    fs::rename(stopped / std::to_string(moment), part);
    salvaged(folder.path(), to);
    CHECK(check_new(to, original) == original);
    CHECK(names_in(folder.scratch().path()) == std::set<std::string>{"data", "new"});
  }
}

TEST_CASE("a salvage that is ended in a folder that was there leaves nothing that opens") {
  namespace fs = std::filesystem;
  const recorded_folder folder;
  const auto original = streams_in(folder.path());
  const auto to = folder.scratch() / "new", link = folder.scratch() / "link";
  fs::create_directories(to);
  fs::create_directory_symlink(to, link);
  const scratch_folder stopped;
  const auto done = eventstore::salvage(folder.path(), link, nullptr, {}, [&](const std::string&) {
    fs::copy(to, stopped / "new", fs::copy_options::recursive);
    return result<void>{};
  });
  REQUIRE_MESSAGE(done, done.error().detail);
  CHECK(fs::is_symlink(link));
  CHECK(check_new(to, original) == original);
  CHECK_FALSE(names_in(to).contains(".planexe-salvage"));
  const auto opened = eventstore::rocksdb_store::open(stopped / "new");
  REQUIRE_FALSE(opened);
  CHECK(opened.error().detail.find("cut off") != std::string::npos);
  CHECK(eventstore::rocksdb_store::open_to_read(stopped / "new").error().code == errc::corrupt);
  salvaged(folder.path(), stopped / "new");
  CHECK(check_new(stopped / "new", original) == original);
}

TEST_CASE("of a salvage that is found wrong or is made twice at once nothing is left") {
  const recorded_folder folder;
  const auto to = folder.scratch() / "new";
  const auto wrong = eventstore::salvage(folder.path(), to, nullptr, {}, [&](const std::string&) -> result<void> {
    CHECK(eventstore::salvage(folder.path(), to).error().code == errc::locked);
    return unexpected{error{errc::corrupt, "wrong"}};
  });
  REQUIRE_FALSE(wrong);
  CHECK(wrong.error().detail == "wrong");
  CHECK(names_in(folder.scratch().path()) == std::set<std::string>{"data"});
}

TEST_CASE("a stream is kept up to its first bad event and the others as a whole") {
  const recorded_folder folder;
  const auto original = streams_in(folder.path());
  folder.tamper([&](rocksdb::DB& database) {
    const auto key = eventstore::keys::event(number_of(database, folder.execution), 3);
    std::string value;
    REQUIRE(database.Get(rocksdb::ReadOptions(), key, &value).ok());
    value.back() = static_cast<char>(value.back() ^ 1);
    REQUIRE(database.Put(rocksdb::WriteOptions(), key, value).ok());
    REQUIRE(database.CompactRange(rocksdb::CompactRangeOptions(), nullptr, nullptr).ok());
  });
  const auto to = folder.scratch() / "new";
  const auto done = salvaged(folder.path(), to);
  REQUIRE(done.shortened.size() == 1);
  CHECK(done.shortened.front().stream == folder.execution);
  CHECK(done.shortened.front().kept == 2);
  CHECK(done.shortened.front().known == original.at(folder.execution).size());
  CHECK(done.shortened.front().why == "its hash is wrong");
  CHECK(done.events_lost() == original.at(folder.execution).size() - 2);
  auto expected = original;
  expected.at(folder.execution).resize(2);
  CHECK(check_new(to, original) == expected);
}

TEST_CASE("without the engine's lists everything is kept all the same") {
  const recorded_folder folder;
  const auto original = streams_in(folder.path());
  auto files = read_files(folder.path());
  std::erase_if(files, [](const auto& file) {
    return file.first.starts_with("MANIFEST") || file.first.starts_with("OPTIONS") || file.first == "CURRENT" ||
           file.first == "HEAD" || file.first == "IDENTITY";
  });
  const auto from = folder.scratch() / "damaged", to = folder.scratch() / "new";
  write_files(from, files);
  CHECK(salvaged(from, to).shortened.empty());
  CHECK(check_new(to, original) == original);
}

TEST_CASE("behind a bad block of a table the streams there are kept") {
  const recorded_folder folder(7, 900);  // many blocks
  const auto original = streams_in(folder.path());
  auto files = read_files(folder.path());
  auto largest = files.begin();
  for (auto file = files.begin(); file != files.end(); ++file)
    if (file->first.ends_with(".sst") && file->second.size() > largest->second.size()) largest = file;
  REQUIRE(largest->second.size() > 20'000);
  const auto from = folder.scratch() / "damaged";
  bool lost = false, kept = false;
  for (std::size_t part = 1; part < 10; ++part) {
    CAPTURE(part);
    auto damaged = files;
    auto& bytes = damaged[largest->first];
    bytes[bytes.size() * part / 10] = static_cast<char>(bytes[bytes.size() * part / 10] ^ 0x11);
    write_files(from, damaged);
    const auto to = folder.scratch() / ("new-" + std::to_string(part));
    const auto done = salvaged(from, to);
    REQUIRE(done.damaged_files.size() == 1);
    CHECK_FALSE(done.damaged_files.front().lost);
    const auto after = check_new(to, original);
    CHECK(done.last_position == events_in(original));
    CHECK(done.events + done.events_lost() + done.events_unknown() == events_in(original));
    lost = lost || done.events_lost() > 0;
    kept = kept || after.size() > 1;
  }
  CHECK(lost);
  CHECK(kept);
}

TEST_CASE("behind a bad record of a write-ahead log the streams there are kept") {
  const recorded_folder folder;
  contents files;
  {
    const auto store = eventstore::rocksdb_store::open(folder.path());
    REQUIRE(store);
    const auto like = (*store)->read_stream(folder.execution, 0, 1);
    REQUIRE(like);
    for (std::uint64_t seq = 1; seq <= 3; ++seq)
      for (const auto* id : {"late-a", "late-b"}) append_to(**store, like->front(), id, seq);
    files = read_files(folder.path());
  }
  const auto original = streams_in(folder.path());
  auto& log = std::find_if(files.begin(), files.end(), [](const auto& file) {
                return file.first.ends_with(".log") && !file.second.empty();
              })->second;
  log[log.size() / 3] = static_cast<char>(log[log.size() / 3] ^ 0x11);  // in the second of six batches, of late-b
  const auto from = folder.scratch() / "damaged", to = folder.scratch() / "new";
  write_files(from, files);
  CHECK_FALSE(eventstore::rocksdb_store::open_to_read(from));
  const auto done = salvaged(from, to);
  const auto kept = check_new(to, original);
  CHECK(done.damaged_files.size() == 1);
  CHECK(kept.size() + 1 >= original.size());
  CHECK(events_in(kept) < events_in(original));
  CHECK(events_in(kept) + done.events_lost() == events_in(original));
}

TEST_CASE("a log that was changed or cut anywhere can be salvaged to something that verifies") {
  constexpr std::size_t usual_stride = 150;
  const recorded_folder folder(3, 6);
  const auto sound = read_files(folder.path());
  const auto original = streams_in(folder.path());
  const auto from = folder.scratch() / "damaged", to = folder.scratch() / "new";
  for (const auto& [name, content] : sound) {
    if (name.starts_with("LOG") || name.starts_with("OPTIONS")) continue;  // which salvage does not look at
    CAPTURE(name);
    for (std::size_t at = 0; at < content.size(); at += damage_stride(usual_stride)) {
      CAPTURE(at);
      for (const bool cut : {false, true}) {
        auto damaged = sound;
        if (cut)
          damaged[name].resize(at);
        else
          damaged[name][at] = static_cast<char>(content[at] ^ 0x11);
        write_files(from, damaged);
        std::filesystem::remove_all(to);
        const auto done = salvaged(from, to);
        const auto kept = check_new(to, original);
        CHECK(done.events == events_in(kept));
        CHECK(read_files(from) == damaged);
        if (kept != original) CHECK(done.last_position + done.shortened.size() + done.damaged_files.size() > 0);
      }
    }
  }
}

TEST_CASE("a stream whose name is lost is kept under one that was made up") {
  const recorded_folder folder;
  const auto original = streams_in(folder.path());
  std::uint64_t number = 0;
  folder.tamper([&](rocksdb::DB& database) {
    number = number_of(database, folder.execution);
    REQUIRE(database.Delete(rocksdb::WriteOptions(), eventstore::keys::stream_name(number)).ok());
    REQUIRE(database.Delete(rocksdb::WriteOptions(), eventstore::keys::stream(folder.execution)).ok());
    REQUIRE(database.CompactRange(rocksdb::CompactRangeOptions(), nullptr, nullptr).ok());
  });
  const auto to = folder.scratch() / "new";
  const auto done = salvaged(folder.path(), to);
  REQUIRE(done.shortened.size() == 1);
  CHECK(done.shortened.front().renamed);
  const domain::stream_id made_up{domain::stream_kind::execution, "salvaged-" + std::to_string(number)};
  CHECK(done.shortened.front().stream == made_up);
  CHECK(streams_in(to).at(made_up) == original.at(folder.execution));
  CHECK(audit::verify_folder(to)->whole());
}

TEST_CASE("nothing is overwritten and nothing is taken from a server") {
  const recorded_folder folder;
  const auto to = folder.scratch() / "new";
  std::filesystem::create_directories(to);
  std::ofstream(to + "/precious") << "data";
  CHECK(eventstore::salvage(folder.path(), to).error().code == errc::conflict);
  CHECK(read_files(to) == contents{{"precious", "data"}});
  CHECK(eventstore::salvage(folder.scratch() / "nothing", folder.scratch() / "x").error().code == errc::not_found);
  CHECK(eventstore::salvage(folder.path(), folder.path() + "/inside").error().code == errc::invalid);
  folder.tamper([](rocksdb::DB& database) {
    REQUIRE(database.Put(rocksdb::WriteOptions(), eventstore::keys::format(), "99").ok());
  });
  CHECK(eventstore::salvage(folder.path(), folder.scratch() / "x").error().code == errc::newer_version);
  CHECK_FALSE(std::filesystem::exists(folder.scratch() / "x"));
}

}  // namespace planexe::tests
