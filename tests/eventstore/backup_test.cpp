// Backups: whole or not there, a prefix of the log with all that was acknowledged, independent of the folder they were
// made of, and found out when a byte of them is wrong.
#include "eventstore/backup.hpp"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <fstream>
#include <future>
#include <thread>

#include "tests/eventstore/faulty_disk.hpp"
#include "tests/eventstore/lab.hpp"

namespace planexe::eventstore {
namespace {

namespace fs = std::filesystem;
using namespace testing;

constexpr std::size_t small_buffer = std::size_t{64} << 10;  // the least that RocksDB takes
constexpr std::size_t note_bytes = 12'000;                   // so that a few events fill a table

// Text that does not compress, the same for the same number.
std::string long_note(std::uint64_t number) {
  std::mt19937_64 random(number);
  std::string note(note_bytes, ' ');
  for (char& c : note) c = static_cast<char>(random());
  return note;
}

void append_events(event_log& log, std::uint64_t count) {
  auto version = log.head_of(execution("a"))->version;
  for (std::uint64_t i = 0; i < count; ++i, ++version)
    REQUIRE(append(log, {noting(execution("a"), version, {long_note(version)})}));
}

rocksdb_settings with_tables(rocksdb_settings settings) {
  settings.write_buffer_bytes = small_buffer;
  return settings;
}

backup_order order_for(const scratch_folder& folder, const std::string& name = "backups/first") {
  return {.target = folder.path() + "/" + name, .release = "0.1.0", .now = at_second(7), .go_on = {}};
}

std::string content_of(const fs::path& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
void write(const fs::path& file, const std::string& content) {
  std::ofstream(file, std::ios::binary) << content;
}

std::vector<std::string> entries_of(const fs::path& folder) {
  std::vector<std::string> names;
  if (!fs::exists(folder)) return names;
  for (const auto& entry : fs::directory_iterator(folder)) names.push_back(entry.path().filename().string());
  std::sort(names.begin(), names.end());
  return names;
}

std::vector<fs::path> files_of(const fs::path& folder) {
  std::vector<fs::path> files;
  for (const auto& entry : fs::recursive_directory_iterator(folder))
    if (entry.is_regular_file()) files.push_back(entry.path());
  std::sort(files.begin(), files.end());
  return files;
}

template <class T>
const T& got(const result<T>& outcome) {
  if (!outcome) FAIL(outcome.error().detail);
  return *outcome;
}

void check_same_log(const event_log& one, const event_log& other) {
  CHECK(one.head()->position == other.head()->position);
  CHECK(one.head()->hash == other.head()->hash);
  CHECK(notes_of(one.read_all(0, 10'000)) == notes_of(other.read_all(0, 10'000)));
}

}  // namespace

TEST_CASE("a backup of a store in use is restored to the same log and goes on") {
  const scratch_folder folder;
  auto store = open_store(folder.data(), with_tables({}));
  append_events(*store, 20);
  REQUIRE(append(*store, {noting(execution("b"), 0, {"in the write-ahead log"})}));
  fs::create_directories(folder.data() + "/archive");
  write(folder.data() + "/archive/old.jsonl.zst", "archived");
  const auto made = got(back_up(*store, order_for(folder)));
  CHECK(made.head.position == 21);
  CHECK(made.head.hash == store->head()->hash);
  CHECK(made.release == "0.1.0");
  CHECK(made.made_at == at_second(7));

  const auto backup = folder.path() + "/backups/first";
  CHECK(entries_of(folder.path() + "/backups") == std::vector<std::string>{"first"});
  CHECK(entries_of(backup) == std::vector<std::string>{"BACKUP", "SHA256SUMS", "data"});
  const auto verified = got(verify_backup(backup));
  CHECK(verified.head.hash == made.head.hash);
  CHECK(verified.files == made.files);
  CHECK(verified.bytes == made.bytes);

  const auto before = store->read_all(0, 1'000);
  append_events(*store, 10);  // after it, and not in it
  const auto restored = folder.path() + "/restored";
  CHECK(got(restore_backup(backup, restored)).head.hash == made.head.hash);
  CHECK(content_of(restored + "/archive/old.jsonl.zst") == "archived");
  auto again = open_store(restored, with_tables({}));
  CHECK(again->head()->hash == made.head.hash);
  CHECK(notes_of(again->read_all(0, 1'000)) == notes_of(before));
  append_events(*again, 10);
  check_same_log(*again, *store);
}

TEST_CASE("a backup shares no file with the data folder") {
  const scratch_folder folder;
  auto store = open_store(folder.data(), with_tables({}));
  append_events(*store, 20);
  got(back_up(*store, order_for(folder)));
  std::size_t tables = 0;
  for (const auto& file : files_of(folder.path() + "/backups/first")) {
    CHECK(fs::hard_link_count(file) == 1);
    tables += file.extension() == ".sst";
  }
  CHECK(tables > 0);
  for (const auto& file : files_of(folder.data())) CHECK(fs::hard_link_count(file) == 1);
}

TEST_CASE("an empty log is backed up too") {
  const scratch_folder folder;
  const auto store = open_store(folder.data());
  CHECK(got(back_up(*store, order_for(folder))).head.position == 0);
  got(restore_backup(folder.path() + "/backups/first", folder.path() + "/restored"));
  CHECK(open_store(folder.path() + "/restored")->head()->position == 0);
}

TEST_CASE("a data folder is backed up whether or not a store has it open and is not written to") {
  const scratch_folder folder;
  auto store = open_store(folder.data(), with_tables({}));
  append_events(*store, 20);
  const auto beside = got(back_up_folder(folder.data(), order_for(folder, "backups/beside")));
  CHECK(beside.head.hash == store->head()->hash);
  store.reset();
  std::vector<std::string> contents;
  for (const auto& file : files_of(folder.data())) contents.push_back(file.string() + content_of(file));
  const auto closed = got(back_up_folder(folder.data(), order_for(folder, "backups/closed")));
  CHECK(closed.head.hash == beside.head.hash);
  std::vector<std::string> afterwards;
  for (const auto& file : files_of(folder.data())) afterwards.push_back(file.string() + content_of(file));
  CHECK(afterwards == contents);
  for (const auto* name : {"beside", "closed"}) {
    CAPTURE(name);
    got(verify_backup(folder.path() + "/backups/" + name));
    got(restore_backup(folder.path() + "/backups/" + name, folder.path() + "/" + name));
    check_same_log(*open_store(folder.path() + "/" + name), *open_store(folder.data()));
  }
}

TEST_CASE("backups beside a writer hold what was acknowledged before each") {
  const scratch_folder folder;
  auto settings = spared_disk();
  settings.write_buffer_bytes = 8 * small_buffer;  // some tables while each backup is made
  auto store = open_store(folder.data(), settings);
  std::atomic<std::uint64_t> acknowledged{0};
  std::atomic<bool> stop{false};
  auto writing = std::async(std::launch::async, [&] {
    for (std::uint64_t i = 0; !stop; ++i) {
      std::optional<bool> stored;
      store->append({noting(execution("a"), i, {long_note(i)})},
                    [&](const auto& outcomes) { stored = outcomes && outcomes->front().committed; });
      if (stored != true) return false;
      acknowledged = i + 1;
      std::this_thread::sleep_for(std::chrono::milliseconds(1));  // or the log outgrows its backups
    }
    return true;
  });
  for (int i = 0; i < 8; ++i) {
    const auto enough = acknowledged + 50;
    while (acknowledged < enough) std::this_thread::sleep_for(std::chrono::milliseconds(1));
    const std::uint64_t before = acknowledged;
    const auto name = "backups/b" + std::to_string(i);
    const bool online = i % 2 == 0;
    const auto made = got(online ? back_up(*store, order_for(folder, name))
                                 : back_up_folder(folder.data(), order_for(folder, name), spared_disk()));
    CAPTURE(online);
    CHECK(made.head.position >= before);
    got(restore_backup(folder.path() + "/" + name, folder.path() + "/r" + std::to_string(i), spared_disk()));
    const auto restored = open_store(folder.path() + "/r" + std::to_string(i), spared_disk());
    const auto notes = notes_of(restored->read_all(0, {SIZE_MAX, SIZE_MAX}));
    REQUIRE(notes.size() == made.head.position);
    for (std::uint64_t seq = 0; seq < notes.size(); ++seq) REQUIRE(notes[seq] == long_note(seq));
  }
  stop = true;
  CHECK(writing.get());
}

TEST_CASE("a backup is not made in the folder that it copies nor restored into itself whichever way that is named") {
  const scratch_folder folder;
  auto store = open_store(folder.data());
  append_events(*store, 2);
  fs::create_directory(folder.path() + "/elsewhere");
  fs::create_directory_symlink(folder.data(), folder.path() + "/link");
  fs::create_directory_symlink(folder.path() + "/elsewhere", folder.data() + "/archive");
  const auto before = entries_of(folder.data());
  for (const auto* place : {"data", "data/", "data/first", "data/new/first", "elsewhere/../data/first", "link",
                            "link/first", "link/new/first", "data/archive/first", "elsewhere/first"}) {
    CAPTURE(place);
    const auto served = back_up(*store, order_for(folder, place));
    const auto beside = back_up_folder(folder.data(), order_for(folder, place));
    const auto through_link = back_up_folder(folder.path() + "/link", order_for(folder, place));
    for (const auto* refused : {&served, &beside, &through_link}) {
      REQUIRE(!*refused);
      CHECK(refused->error().code == errc::invalid);
    }
    CHECK(entries_of(folder.data()) == before);
    CHECK(entries_of(folder.path() + "/elsewhere").empty());
  }
  got(back_up(*store, order_for(folder, "data-beside/first")));  // whose name only begins like the folder's

  const auto backup = folder.path() + "/data-beside/first";
  const auto of_backup = entries_of(backup);
  fs::create_directory_symlink(backup, folder.path() + "/way");
  for (const auto& place : {backup, backup + "/restored", backup + "/data/x", folder.path() + "/way/restored"}) {
    CAPTURE(place);
    const auto refused = restore_backup(backup, place);
    REQUIRE(!refused);
    CHECK(refused.error().code == errc::invalid);
    CHECK(entries_of(backup) == of_backup);
  }
  got(verify_backup(backup));
}

TEST_CASE("a backup is never made over something nor restored over data") {
  const scratch_folder folder;
  auto store = open_store(folder.data());
  append_events(*store, 2);
  got(back_up(*store, order_for(folder)));
  const auto again = back_up(*store, order_for(folder));
  REQUIRE(!again);
  CHECK(again.error().code == errc::conflict);
  CHECK(again.error().detail.find("is there already") != std::string::npos);

  const auto backup = folder.path() + "/backups/first";
  const auto over = restore_backup(backup, folder.data());
  REQUIRE(!over);
  CHECK(over.error().code == errc::conflict);
  write(folder.path() + "/file", "mine");
  REQUIRE(!restore_backup(backup, folder.path() + "/file"));
  CHECK(content_of(folder.path() + "/file") == "mine");
  fs::create_directory(folder.path() + "/empty");
  got(restore_backup(backup, folder.path() + "/empty"));
  CHECK(open_store(folder.path() + "/empty")->head()->position == 2);
  REQUIRE(!restore_backup(folder.path() + "/nothing", folder.path() + "/new"));
  CHECK(!fs::exists(folder.path() + "/new"));
  CHECK(restore_backup(folder.path() + "/nothing", folder.path() + "/new").error().code == errc::not_found);
}

TEST_CASE("one backup at a time is made in a folder") {
  const scratch_folder folder;
  auto store = open_store(folder.data());
  fs::create_directory(folder.path() + "/backups");
  const int other = open((folder.path() + "/backups").c_str(), O_RDONLY | O_DIRECTORY);
  REQUIRE(flock(other, LOCK_EX) == 0);
  const auto refused = back_up(*store, order_for(folder));
  REQUIRE(!refused);
  CHECK(refused.error().code == errc::locked);
  close(other);
  CHECK(back_up(*store, order_for(folder)));
}

TEST_CASE("whoever is asked may end a backup at any piece and nothing is left") {
  const scratch_folder folder;
  auto store = open_store(folder.data(), with_tables(spared_disk()));
  append_events(*store, 12);
  int pieces = 0;
  auto order = order_for(folder);
  order.go_on = [&] {
    ++pieces;
    return result<void>{};
  };
  got(back_up(*store, order));
  REQUIRE(pieces > 5);
  for (int last = 0; last < pieces; ++last) {
    CAPTURE(last);
    auto cut = order_for(folder, "backups/second");
    int asked = 0;
    cut.go_on = [&]() -> result<void> {
      if (asked++ < last) return {};
      return unexpected{error{errc::io, "enough"}};
    };
    const auto made = back_up(*store, cut);
    REQUIRE(!made);
    CHECK(made.error().detail == "enough");
    CHECK(entries_of(folder.path() + "/backups") == std::vector<std::string>{"first"});
  }
}

TEST_CASE("what a backup that was killed left is taken away by the next one") {
  const scratch_folder folder;
  auto store = open_store(folder.data());
  append_events(*store, 2);
  fs::create_directories(folder.path() + "/backups/.earlier.planexe-backup/data");
  write(folder.path() + "/backups/.earlier.planexe-backup/data/000001.sst", "half");
  CHECK(!verify_backup(folder.path() + "/backups/.earlier.planexe-backup"));
  got(back_up(*store, order_for(folder)));
  CHECK(entries_of(folder.path() + "/backups") == std::vector<std::string>{"first"});
  got(verify_backup(folder.path() + "/backups/first"));
}

TEST_CASE("every flipped byte of a backup is found and so is every file that was cut or lost or added") {
  const scratch_folder folder;
  {
    auto store = open_store(folder.data());
    REQUIRE(append(*store, {noting(execution("a"), 0, {"one", "two"})}));
    got(back_up(*store, order_for(folder)));
  }
  const auto backup = folder.path() + "/backups/first";
  const auto files = files_of(backup);
  REQUIRE(files.size() >= 6);
  for (const auto& file : files) {
    const auto content = content_of(file);
    CAPTURE(file.string());
    CAPTURE(content.size());
    const std::size_t step = std::max<std::size_t>(1, content.size() / 40);
    for (std::size_t at = 0; at < content.size(); at += step) {
      auto wrong = content;
      wrong[at] = static_cast<char>(wrong[at] ^ 4);
      write(file, wrong);
      CAPTURE(at);
      CHECK(!verify_backup(backup));
    }
    if (!content.empty()) {
      write(file, content.substr(0, content.size() - 1));
      CHECK(!verify_backup(backup));
    }
    write(file, content + "x");
    CHECK(!verify_backup(backup));
    fs::remove(file);
    const auto lost = verify_backup(backup);
    REQUIRE(!lost);
    if (file.filename() != "BACKUP") CHECK(lost.error().detail.find(file.filename().string()) != std::string::npos);
    CHECK(!restore_backup(backup, folder.path() + "/restored"));
    CHECK(!fs::exists(folder.path() + "/restored"));
    write(file, content);
  }
  write(backup + "/data/another", "");
  const auto added = verify_backup(backup);
  REQUIRE(!added);
  CHECK(added.error().detail == backup + "/data/another is no part of the backup");
  fs::remove(backup + "/data/another");
  got(verify_backup(backup));
}

TEST_CASE("a list of sums does not lead out of its folder") {
  const scratch_folder folder;
  const auto store = open_store(folder.data());
  got(back_up(*store, order_for(folder)));
  const auto sums = folder.path() + "/backups/first/SHA256SUMS";
  const auto before = content_of(sums);
  for (const std::string path : {"../../data/CURRENT", "/etc/hostname", "data/../BACKUP", "./BACKUP", ""}) {
    write(sums, before + std::string(64, '0') + "  " + path + "\n");
    const auto refused = verify_backup(folder.path() + "/backups/first");
    REQUIRE(!refused);
    CHECK(refused.error().detail == sums + " is malformed");
  }
}

TEST_CASE("a backup by a newer release is refused by the numbers of both formats") {
  const scratch_folder folder;
  const auto store = open_store(folder.data());
  got(back_up(*store, order_for(folder)));
  const auto facts = folder.path() + "/backups/first/BACKUP";
  auto text = content_of(facts);
  text.replace(text.find("backup 1"), 8, "backup 2");
  write(facts, text);
  const auto refused = verify_backup(folder.path() + "/backups/first");
  REQUIRE(!refused);
  CHECK(refused.error().code == errc::newer_version);
  CHECK(refused.error().detail ==
        "the backup " + folder.path() + "/backups/first has format 2, made by a newer release; this one reads up to 1");
}

TEST_CASE("a log whose end was cut off is not backed up as if it were whole") {
  const scratch_folder folder;
  {
    auto store = open_store(folder.data());
    append_events(*store, 3);
  }
  const auto earlier = folder.path() + "/earlier";
  fs::copy(folder.data(), earlier, fs::copy_options::recursive);
  {
    auto store = open_store(folder.data());
    append_events(*store, 1);
  }
  fs::copy_file(folder.data() + "/HEAD", earlier + "/HEAD", fs::copy_options::overwrite_existing);
  const auto refused = back_up_folder(earlier, order_for(folder));
  REQUIRE(!refused);
  CHECK(refused.error().code == errc::corrupt);
  CHECK(entries_of(folder.path() + "/backups").empty());
}

TEST_CASE("names of backups are plain") {
  for (const auto* name : {"a", "backup-20261123T090000Z", "2026.11_23"}) CHECK(is_backup_name(name));
  for (const auto* name : {"", ".", "..", ".first.planexe-backup", "a/b", "a b", "-a", "ä"})
    CHECK(!is_backup_name(name));
  CHECK(is_backup_name(std::string(100, 'a')));
  CHECK(!is_backup_name(std::string(101, 'a')));
}

TEST_CASE("an empty folder that is there is filled in place and may be named by a link") {
  const scratch_folder folder;
  {
    auto store = open_store(folder.data(), with_tables({}));
    append_events(*store, 20);
    fs::create_directories(folder.data() + "/archive");
    write(folder.data() + "/archive/old.jsonl.zst", "archived");
    got(back_up(*store, order_for(folder)));
  }
  const auto backup = folder.path() + "/backups/first", target = folder.path() + "/volume",
             link = folder.path() + "/link";
  fs::create_directory(target);
  fs::create_directory_symlink(target, link);
  struct stat before {
  }, after{};
  REQUIRE(::stat(target.c_str(), &before) == 0);
  got(restore_backup(backup, link));
  REQUIRE(::stat(target.c_str(), &after) == 0);
  CHECK(after.st_ino == before.st_ino);  // a mounted disk cannot be replaced
  CHECK(fs::is_symlink(link));
  CHECK(entries_of(folder.path()) == std::vector<std::string>{"backups", "data", "link", "volume"});
  for (const auto& entry : entries_of(target)) CHECK_FALSE(entry.starts_with(".planexe"));
  CHECK(content_of(target + "/archive/old.jsonl.zst") == "archived");
  check_same_log(*open_store(target), *open_store(folder.data()));
  CHECK(restore_backup(backup, target).error().code == errc::conflict);

  fs::create_directory(folder.path() + "/used");
  write(folder.path() + "/used/precious", "mine");
  CHECK(restore_backup(backup, folder.path() + "/used").error().code == errc::conflict);
  CHECK(entries_of(folder.path() + "/used") == std::vector<std::string>{"precious"});
}

TEST_CASE("a power loss at any operation of a restore into an empty folder leaves all of the log or none that opens") {
  const scratch_folder source;
  {
    auto store = open_store(source.data(), with_tables({}));
    append_events(*store, 8);
    got(back_up(*store, order_for(source)));
  }
  const auto backup = source.path() + "/backups/first";
  const auto restore = [&](const std::string& target, std::uint64_t at) {
    fs::create_directory(target);
    const auto disk = std::make_shared<faulty_disk>();
    if (at > 0) disk->fail_at(at, fault::power_loss);
    const bool made = restore_backup(backup, target, settings_on(disk)).has_value();
    CHECK(made == (at == 0));
    const auto operations = disk->operations();
    std::mt19937_64 random(at);
    if (at > 0) disk->drop_cache(random);
    return operations;
  };
  const auto operations = restore(source.path() + "/all", 0);
  REQUIRE(operations > 20);
  std::uint64_t cut = 0, finished = 0;
  for (std::uint64_t at = 1; at <= operations; ++at) {
    CAPTURE(at);
    const scratch_folder folder;
    const auto target = folder.path() + "/volume";
    restore(target, at);
    if (fs::is_empty(target)) continue;  // what failed was taken away again
    if (const auto opened = rocksdb_store::open(target, spared_disk()); opened) {
      CHECK((*opened)->head()->position == 8);
      continue;
    } else {
      ++cut;
      CHECK(opened.error().detail.find("cut off") != std::string::npos);
    }
    const auto again = restore_backup(backup, target);
    if (!again) {
      ++finished;
      CHECK_MESSAGE(again.error().detail.find("is whole now") != std::string::npos, again.error().detail);
    }
    CHECK(open_store(target, spared_disk())->head()->position == 8);
    for (const auto& entry : entries_of(target)) CHECK_FALSE(entry.starts_with(".planexe"));
  }
  CHECK(cut > operations / 2);
  CHECK(finished > 3);
}

// What a fault at each operation of a backup leaves.

namespace {

struct faulty_run {
  bool made = false;
  bool hit_the_store = false;  ///< a table that it was writing out at that moment
  std::uint64_t operations = 0;
};

/// A small store on a disk that fails at one operation of the backup; the store itself must not mind.
faulty_run back_up_with_fault(const scratch_folder& folder, std::uint64_t at, fault kind, std::uint64_t seed) {
  const auto disk = std::make_shared<faulty_disk>();
  faulty_run run;
  {
    auto store = open_store(folder.data(), with_tables(settings_on(disk)));
    append_events(*store, 8);
    fs::create_directories(folder.data() + "/archive");
    write(folder.data() + "/archive/old.jsonl.zst", "archived");
    const auto before = disk->operations();
    if (at > 0) disk->fail_at(before + at, kind);
    run.made = back_up(*store, order_for(folder)).has_value();
    run.operations = disk->operations() - before;
    if (kind != fault::power_loss) disk->fail_at(0, fault::none);
    // Its tables are written in the background; the folder itself is synced for them.
    run.hit_the_store = disk->hit().value_or("").starts_with(folder.data());
    if (at > 0 && kind != fault::power_loss && !run.hit_the_store) append_events(*store, 1);
  }
  if (kind != fault::power_loss) return run;
  std::mt19937_64 random(seed);
  disk->drop_cache(random);
  return run;
}

}  // namespace

TEST_CASE("a power loss at any operation leaves a backup that verifies or none") {
  const auto operations = [] {
    const scratch_folder folder;
    return back_up_with_fault(folder, 0, fault::none, 0).operations;
  }();
  REQUIRE(operations > 30);
  MESSAGE(operations, " operations");
  std::uint64_t whole = 0;
  for (std::uint64_t at = 1; at <= operations; ++at) {
    CAPTURE(at);
    const scratch_folder folder;
    const auto run = back_up_with_fault(folder, at, fault::power_loss, at);
    const auto target = folder.path() + "/backups/first";
    if (run.made) CHECK(fs::exists(target));
    if (fs::exists(target)) {
      ++whole;
      CHECK(got(verify_backup(target)).head.position == 8);
    }
    // Under its first name it may be whole too: then only the renaming was lost.
    for (const auto& name : entries_of(folder.path() + "/backups"))
      if (const auto left = verify_backup(folder.path() + "/backups/" + name)) CHECK(left->head.position == 8);
    auto store = open_store(folder.data(), spared_disk());
    CHECK(store->head()->position == 8);
    if (!fs::exists(target)) got(back_up(*store, order_for(folder)));
    got(verify_backup(target));
  }
  CHECK(whole < operations / 4);  // the faults do reach it
}

TEST_CASE("a full disk or a failed one at any operation of a backup does the store no harm") {
  const auto operations = [] {
    const scratch_folder folder;
    return back_up_with_fault(folder, 0, fault::none, 0).operations;
  }();
  std::uint64_t hits = 0, tries = 0;
  for (const auto kind : {fault::no_space, fault::input_output, fault::short_write})
    for (std::uint64_t at = 1; at <= operations; ++at) {
      CAPTURE(at);
      const scratch_folder folder;
      const auto run = back_up_with_fault(folder, at, kind, at);
      ++tries;
      if (run.hit_the_store) continue;
      ++hits;
      // Where only the last sync failed, of the folder above it, the backup is there and whole.
      for (const auto& name : entries_of(folder.path() + "/backups")) CHECK(name == "first");
      if (run.made) CHECK(fs::exists(folder.path() + "/backups/first"));
      if (fs::exists(folder.path() + "/backups/first")) got(verify_backup(folder.path() + "/backups/first"));
      CHECK(open_store(folder.data(), spared_disk())->head()->position == 9);
    }
  CHECK(hits > tries / 2);
}

}  // namespace planexe::eventstore
