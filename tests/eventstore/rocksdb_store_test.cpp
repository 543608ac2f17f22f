// What the store on disk owes beside the contract: who may open it, what it refuses, and damage that it finds.
#include "eventstore/rocksdb_store.hpp"

#include <rocksdb/db.h>
#include <rocksdb/file_system.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <fstream>
#include <mutex>
#include <set>

#include "eventstore/backup.hpp"
#include "eventstore/keys.hpp"
#include "eventstore/stored_values.hpp"
#include "tests/eventstore/lab.hpp"

namespace planexe::eventstore {
namespace {

using namespace testing;

error refusal(const std::string& folder) {
  auto store = rocksdb_store::open(folder);
  REQUIRE_FALSE(store);
  CHECK(store.error().detail.find('\n') == std::string::npos);
  return store.error();
}

// The database itself, to damage it.
class raw_database {
 public:
  explicit raw_database(const std::string& folder) {
    rocksdb::DB* opened = nullptr;
    REQUIRE(rocksdb::DB::Open({}, folder, &opened).ok());
    database_.reset(opened);
  }
  std::string get(const std::string& key) const {
    std::string value;
    REQUIRE(database_->Get({}, key, &value).ok());
    return value;
  }
  void put(const std::string& key, const std::string& value) { REQUIRE(database_->Put({}, key, value).ok()); }
  void remove(const std::string& key) { REQUIRE(database_->Delete({}, key).ok()); }
  std::vector<std::string> keys_of(char kind) const {
    std::vector<std::string> found;
    const std::unique_ptr<rocksdb::Iterator> at(database_->NewIterator({}));
    for (at->Seek(std::string(1, kind)); at->Valid() && at->key()[0] == kind; at->Next())
      found.push_back(at->key().ToString());
    return found;
  }

 private:
  std::unique_ptr<rocksdb::DB> database_;
};

void fill(const std::string& folder) {
  const auto store = open_store(folder);
  REQUIRE(append(*store, {noting(execution("a"), 0, {"a1", "a2"}), noting(execution("b"), 0, {"b1"})}));
  REQUIRE(append(*store, {noting(execution("a"), 2, {"a3"}), noting(execution("b"), 1, {"b2"})}));
}

TEST_CASE("a folder that another process has open is refused and named") {
  const scratch_folder folder;
  int ready[2], leave[2];
  REQUIRE(::pipe(ready) == 0);
  REQUIRE(::pipe(leave) == 0);
  const pid_t other = ::fork();
  REQUIRE(other >= 0);
  if (other == 0) {
    auto store = rocksdb_store::open(folder.data());
    const char opened = store ? 'y' : 'n';
    char asked = 0;
    const bool told = ::write(ready[1], &opened, 1) == 1 && ::read(leave[0], &asked, 1) == 1;
    ::_exit(told ? 0 : 1);
  }
  char opened = 0;
  REQUIRE(::read(ready[0], &opened, 1) == 1);
  REQUIRE(opened == 'y');
  const auto refused = refusal(folder.data());
  CHECK(refused.code == errc::locked);
  CHECK(refused.detail == "another server has the data folder " + folder.data() + " open");
  REQUIRE(::write(leave[1], "x", 1) == 1);
  int status = 0;
  REQUIRE(::waitpid(other, &status, 0) == other);
  CHECK(status == 0);
  for (const int end : {ready[0], ready[1], leave[0], leave[1]}) ::close(end);
  CHECK(rocksdb_store::open(folder.data()));
}

TEST_CASE("a folder that this process has open already is refused too") {
  const scratch_folder folder;
  const auto store = open_store(folder.data());
  CHECK(refusal(folder.data()).code == errc::locked);
}

TEST_CASE("a folder of a newer format is refused, naming both formats") {
  const scratch_folder folder;
  fill(folder.data());
  raw_database(folder.data()).put(keys::format(), "3");
  const auto refused = refusal(folder.data());
  CHECK(refused.code == errc::newer_version);
  CHECK(refused.detail ==
        "the data folder " + folder.data() + " has format 3, written by a newer release; this one reads up to 2");
}

TEST_CASE("a folder of the first format is read as it is, and carried on when it is written") {
  const scratch_folder folder;
  fill(folder.data());
  raw_database(folder.data()).put(keys::format(), "1");
  CHECK(rocksdb_store::open_to_read(folder.data()));
  CHECK(raw_database(folder.data()).get(keys::format()) == "1");
  CHECK(open_store(folder.data())->head()->position > 0);
  CHECK(raw_database(folder.data()).get(keys::format()) == "2");
}

TEST_CASE("a folder without a readable format is corrupt") {
  const scratch_folder folder;
  fill(folder.data());
  SUBCASE("garbled") {
    raw_database(folder.data()).put(keys::format(), "one");
  }
  SUBCASE("missing") {
    raw_database(folder.data()).remove(keys::format());
  }
  CHECK(refusal(folder.data()).code == errc::corrupt);
}

TEST_CASE("a folder that cannot be made or written is an I/O error") {
  const scratch_folder folder;
  std::ofstream(folder.path() + "/file") << "x";
  CHECK(refusal(folder.path() + "/file").code == errc::io);
  CHECK(refusal(folder.path() + "/file/data").code == errc::io);
  CHECK(refusal("/proc/planexe").code == errc::io);
}

/// Notes which folders were synced.
class noting_disk : public rocksdb::FileSystemWrapper {
 public:
  noting_disk() : FileSystemWrapper(rocksdb::FileSystem::Default()) {}
  const char* Name() const override { return "noting_disk"; }
  rocksdb::IOStatus NewDirectory(const std::string& name, const rocksdb::IOOptions& options,
                                 std::unique_ptr<rocksdb::FSDirectory>* out, rocksdb::IODebugContext* dbg) override {
    std::unique_ptr<rocksdb::FSDirectory> below;
    auto done = FileSystemWrapper::NewDirectory(name, options, &below, dbg);
    if (done.ok()) *out = std::make_unique<noted>(std::move(below), name, *this);
    return done;
  }
  bool has_synced(const std::string& folder) const {
    const std::lock_guard lock(mutex_);
    return synced_.contains(folder);
  }

 private:
  class noted : public rocksdb::FSDirectoryWrapper {
   public:
    noted(std::unique_ptr<rocksdb::FSDirectory> below, std::string name, noting_disk& disk)
        : FSDirectoryWrapper(std::move(below)), name_(std::move(name)), disk_(disk) {}
    rocksdb::IOStatus FsyncWithDirOptions(const rocksdb::IOOptions& options, rocksdb::IODebugContext* dbg,
                                          const rocksdb::DirFsyncOptions& why) override {
      {
        const std::lock_guard lock(disk_.mutex_);
        disk_.synced_.insert(name_);
      }
      return FSDirectoryWrapper::FsyncWithDirOptions(options, dbg, why);
    }

   private:
    std::string name_;
    noting_disk& disk_;
  };
  mutable std::mutex mutex_;
  std::set<std::string> synced_;
};

TEST_CASE("a folder is made with those above it and lasts with them") {
  const scratch_folder folder;
  const auto made = folder.path() + "/a/b/c";
  const auto open_noting = [&] {
    const auto disk = std::make_shared<noting_disk>();
    rocksdb_settings settings;
    settings.environment = std::shared_ptr<rocksdb::Env>(rocksdb::NewCompositeEnv(disk));
    CHECK(rocksdb_store::open(made, settings));
    return disk;
  };
  const auto disk = open_noting();
  for (const auto* each : {"", "/a", "/a/b"}) CHECK_MESSAGE(disk->has_synced(folder.path() + each), each);
  CHECK(open_noting()->has_synced(folder.path() + "/a/b"));  // who made it may have ended before this
}

TEST_CASE("lost or damaged files of the engine are found on opening") {
  const scratch_folder folder;
  fill(folder.data());
  open_store(folder.data()).reset();  // the first events now stand in a table
  const auto first_with = [&](const std::string& extension) {
    for (const auto& file : std::filesystem::directory_iterator(folder.data()))
      if (file.path().extension() == extension) return file.path();
    FAIL("no such file");
    return std::filesystem::path();
  };
  SUBCASE("CURRENT") {
    std::filesystem::remove(folder.data() + "/CURRENT");
  }
  SUBCASE("CURRENT is empty") {
    std::filesystem::resize_file(folder.data() + "/CURRENT", 0);
  }
  SUBCASE("a table") {
    std::filesystem::remove(first_with(".sst"));
  }
  SUBCASE("a table is cut") {
    std::filesystem::resize_file(first_with(".sst"), 100);
  }
  CHECK(refusal(folder.data()).code == errc::corrupt);
}

TEST_CASE("a log whose list of files is lost is named as damaged and no new one is begun over it") {
  const scratch_folder folder;
  fill(folder.data());
  open_store(folder.data()).reset();
  std::string lost = "CURRENT";
  SUBCASE("CURRENT") {
    std::filesystem::remove(folder.data() + "/CURRENT");
  }
  SUBCASE("the list that CURRENT names") {
    std::ifstream current(folder.data() + "/CURRENT");
    REQUIRE(std::getline(current, lost));
    REQUIRE(std::filesystem::remove(folder.data() + "/" + lost));
  }
  SUBCASE("all but the mark of where the log once ended") {
    for (const auto& file : std::filesystem::directory_iterator(folder.data()))
      if (file.path().filename() != "HEAD") std::filesystem::remove_all(file.path());
  }
  SUBCASE("all but the files of archived executions") {
    std::filesystem::remove_all(folder.data());
    std::filesystem::create_directories(folder.data() + "/archive");
    std::ofstream(folder.data() + "/archive/e1.jsonl.zst") << "x";
  }
  const auto files = [&] {
    std::vector<std::string> found;
    for (const auto& file : std::filesystem::recursive_directory_iterator(folder.data()))
      found.push_back(file.path().string());
    std::sort(found.begin(), found.end());
    return found;
  };
  const auto before = files();
  const auto check_named = [&](const error& why) {
    CHECK(why.code == errc::corrupt);
    CHECK(why.detail.find("looks damaged: its file " + lost + " is missing") != std::string::npos);
    CHECK(why.detail.find("planexe-ax salvage") != std::string::npos);
  };
  check_named(refusal(folder.data()));
  const auto reader = rocksdb_store::open_to_read(folder.data());
  REQUIRE_FALSE(reader);
  check_named(reader.error());
  const auto backed_up = back_up_folder(folder.data(), {.target = folder.path() + "/copy"});
  REQUIRE_FALSE(backed_up);
  check_named(backed_up.error());
  CHECK(files() == before);
}

TEST_CASE("a tail that does not fit to the head is found on opening") {
  const scratch_folder folder;
  fill(folder.data());
  {
    raw_database raw(folder.data());
    const auto places = raw.keys_of('p');
    const auto events = raw.keys_of('e');
    REQUIRE(places.size() == 5);
    REQUIRE(events.size() == 5);
    SUBCASE("last index entry") {
      raw.remove(places.back());
    }
    SUBCASE("last event") {
      raw.remove(keys::event(2, 2));
    }
    SUBCASE("head lost") {
      raw.remove(keys::log_head());
    }
    SUBCASE("head cut") {
      raw.put(keys::log_head(), raw.get(keys::log_head()).substr(1));
    }
    SUBCASE("head behind") {
      raw.put(keys::log_head(), stored_form(log_place{{4, {}}, 2}));
    }
    SUBCASE("stream head lost") {
      raw.remove(keys::stream(execution("b")));
    }
    SUBCASE("one event more than the head knows") {
      raw.put(keys::position(6), stored_form(stored_place{1, 4}));
    }
  }
  CHECK(refusal(folder.data()).code == errc::corrupt);
}

bool any_read_fails(const event_log& log, std::string& detail) {
  bool failed = false;
  const auto note = [&](const auto& events) {
    if (events) return;
    CHECK(events.error().code == errc::corrupt);
    detail = events.error().detail;
    failed = true;
  };
  note(log.read_stream(execution("a"), 0, 100));
  note(log.read_stream(execution("b"), 0, 100));
  note(log.read_all(0, 100));
  return failed;
}

TEST_CASE("any changed byte of a stored event is found on reading, by stream and by position") {
  const scratch_folder folder;
  fill(folder.data());
  const std::string key = keys::event(1, 2);
  const std::string sound = raw_database(folder.data()).get(key);
  for (std::size_t at = 0; at < sound.size(); ++at) {
    CAPTURE(at);
    std::string damaged = sound;
    damaged[at] = static_cast<char>(damaged[at] ^ 1);
    raw_database(folder.data()).put(key, damaged);
    const auto store = open_store(folder.data());  // the log's end is sound
    std::string detail;
    CHECK(any_read_fails(*store, detail));
    const bool in_position = at < 8;
    if (!in_position) {
      CHECK_FALSE(store->read_stream(execution("a"), 0, 100));
      CHECK_FALSE(store->read_stream(execution("a"), 1, 1));
      CHECK(detail.find("execution a seq 2") == 0);
    }
    CHECK_FALSE(store->read_all(0, 100));
    CHECK(store->read_stream(execution("b"), 0, 100));  // what is sound stays readable
  }
}

TEST_CASE("missing and displaced events are found on reading") {
  const scratch_folder folder;
  fill(folder.data());
  {
    raw_database raw(folder.data());
    SUBCASE("an event is gone") {
      raw.remove(keys::event(1, 2));
    }
    SUBCASE("an index entry is gone") {
      raw.remove(keys::position(2));
    }
    SUBCASE("an index entry names another event") {
      raw.put(keys::position(2), stored_form(stored_place{1, 1}));
    }
    SUBCASE("a stream's name is gone") {
      raw.remove(keys::stream_name(1));
    }
    SUBCASE("two events have changed places") {
      const std::string first = raw.get(keys::event(1, 1)), second = raw.get(keys::event(1, 2));
      raw.put(keys::event(1, 1), second);
      raw.put(keys::event(1, 2), first);
    }
    SUBCASE("an event is replaced by its equal in another stream") {
      raw.put(keys::event(1, 2), raw.get(keys::event(2, 1)));
    }
    SUBCASE("a stream's last event is gone and its head is not") {
      raw.remove(keys::event(1, 3));
    }
  }
  const auto store = open_store(folder.data());
  std::string detail;
  CHECK(any_read_fails(*store, detail));
}

TEST_CASE("a store that remembers few heads appends as well as one that remembers all") {
  const scratch_folder folder;
  rocksdb_settings settings;
  settings.remembered_heads = 2;
  auto store = open_store(folder.data(), settings);
  for (std::uint64_t round = 0; round < 4; ++round)
    for (const std::string id : {"a", "b", "c", "d", "e"}) {
      const auto outcomes = append(*store, {noting(execution(id), round, {id})});
      REQUIRE(outcomes);
      CHECK((*outcomes)[0].committed);
    }
  CHECK(store->read_all(0, 100)->size() == 20);
  for (const std::string id : {"a", "e"}) CHECK(store->read_stream(execution(id), 0, 100)->size() == 4);
}

}  // namespace
}  // namespace planexe::eventstore
