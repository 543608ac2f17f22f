// Backups of a log with archived executions: each has its file in the backup, as it was written, or there is no backup.
// Restores onto disks that read wrongly now and then.
#include <fstream>

#include "eventstore/archive_place.hpp"
#include "eventstore/backup.hpp"
#include "eventstore/hash_chain.hpp"
#include "tests/eventstore/faulty_disk.hpp"
#include "tests/eventstore/kept_archive.hpp"

namespace planexe::eventstore {
namespace {

namespace fs = std::filesystem;
using namespace testing;

void write(const fs::path& file, const std::string& content) {
  fs::create_directories(file.parent_path());
  std::ofstream(file, std::ios::binary) << content;
}

/// A store with executions that leave it, each for a file that says only which it is.
struct archived_log {
  scratch_folder folder;
  std::shared_ptr<kept_archive> archive = std::make_shared<kept_archive>();
  std::unique_ptr<rocksdb_store> store = open_store(folder.data(), settings());

  rocksdb_settings settings() const {
    auto chosen = spared_disk();
    chosen.archive = archive;
    return chosen;
  }
  fs::path file_of(const std::string& id) const {
    return fs::path(archive_folder_in(folder.data())) / archive_file_name(execution(id));
  }
  void begin(const std::string& id) { REQUIRE(append(*store, {noting(execution(id), 0, {id + "1", id + "2"})})); }
  void archive_one(const std::string& id) {
    write(file_of(id), "the file of " + id);
    auto events = store->read_stored(execution(id), 0, SIZE_MAX);
    REQUIRE(events);
    archive->put(execution(id), std::move(*events));
    auto planned = store->plan_retirement(execution(id), sha256("the file of " + id));
    REQUIRE(planned);
    append_request request;
    request.stream = {domain::stream_kind::system, "archive"};
    request.retires = std::make_shared<const retirement>(std::move(*planned));
    REQUIRE(append(*store, {std::move(request)})->front().committed);
  }
  backup_order order(const std::string& name) const {
    return {.target = folder.path() + "/backups/" + name, .release = "0.1.0", .now = at_second(7), .go_on = {}};
  }
  /// Both ways to make one.
  std::vector<result<backup_facts>> back_up_both() const {
    std::vector<result<backup_facts>> made;
    made.push_back(back_up(*store, order("served")));
    made.push_back(back_up_folder(folder.data(), order("beside"), spared_disk()));
    return made;
  }
  bool has_no_backup() const {
    return !fs::exists(folder.path() + "/backups") || fs::is_empty(folder.path() + "/backups");
  }
};

}  // namespace

TEST_CASE("a backup has the file of every archived execution and others that the log knows nothing of") {
  archived_log log;
  for (const auto* id : {"a", "b", "c"}) log.begin(id);
  log.archive_one("a");
  log.archive_one("b");
  write(log.file_of("c"), "of a process that was cut off");
  for (const auto& made : log.back_up_both()) {
    if (!made) FAIL(made.error().detail);
    CHECK(made->head.position == 6);
  }
  for (const auto* name : {"served", "beside"})
    for (const auto* id : {"a", "b", "c"})
      CHECK(fs::exists(archive_folder_in(data_in_backup(log.folder.path() + "/backups/" + name)) + "/" +
                       archive_file_name(execution(id))));
}

TEST_CASE("no backup is made where the file of an archived execution is missing or another one") {
  archived_log log;
  for (const auto* id : {"a", "b", "c"}) log.begin(id);
  log.archive_one("a");
  log.archive_one("b");
  std::string expected = "'b' is archived, and its file " + log.file_of("b").string();
  SUBCASE("it is missing") {
    fs::remove(log.file_of("b"));
    expected += " is missing";
  }
  SUBCASE("no file is left") {
    fs::remove_all(log.file_of("b").parent_path());
    expected = "'a' is archived, and its file " + log.file_of("a").string() + " is missing";
  }
  SUBCASE("it has another content of the same length") {
    write(log.file_of("b"), "The file of b");
    expected += " is not the one that was written";
  }
  SUBCASE("it is cut off") {
    fs::resize_file(log.file_of("b"), 5);
    expected += " is not the one that was written";
  }
  for (const auto& made : log.back_up_both()) {
    REQUIRE(!made);
    CHECK(made.error().code == errc::corrupt);
    CHECK(made.error().detail == expected);
  }
  CHECK(log.has_no_backup());
}

TEST_CASE("what is archived while a backup is made does not matter to it") {
  archived_log log;
  for (const auto* id : {"a", "b"}) log.begin(id);
  log.archive_one("a");
  auto order = log.order("first");
  bool done = false;
  order.go_on = [&]() -> result<void> {
    if (std::exchange(done, true)) return {};
    log.archive_one("b");
    fs::remove(log.file_of("b"));
    return {};
  };
  const auto made = back_up(*log.store, order);
  if (!made) FAIL(made.error().detail);
  CHECK(done);
  CHECK(made->head.position == 4);
  const auto again = back_up(*log.store, log.order("second"));
  REQUIRE(!again);
  CHECK(again.error().detail.find(log.file_of("b").string()) != std::string::npos);
}

// Restores.

namespace {

/// A disk that gives one wrong byte when files of a name are read through: at one of the times that this is done.
class misreading_disk final : public faulty_disk {
 public:
  misreading_disk(std::string name, int wrong_time) : name_(std::move(name)), wrong_time_(wrong_time) {}
  int times() const { return times_; }

  rocksdb::IOStatus NewSequentialFile(const std::string& path, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSSequentialFile>* out,
                                      rocksdb::IODebugContext* dbg) override {
    const auto done = FileSystemWrapper::NewSequentialFile(path, options, out, dbg);
    if (done.ok() && fs::path(path).filename() == name_ && ++times_ == wrong_time_)
      *out = std::make_unique<wrong_file>(std::move(*out));
    return done;
  }

 private:
  class wrong_file final : public rocksdb::FSSequentialFileOwnerWrapper {
   public:
    using FSSequentialFileOwnerWrapper::FSSequentialFileOwnerWrapper;
    rocksdb::IOStatus Read(std::size_t bytes, const rocksdb::IOOptions& options, rocksdb::Slice* out, char* room,
                           rocksdb::IODebugContext* dbg) override {
      const auto done = FSSequentialFileOwnerWrapper::Read(bytes, options, out, room, dbg);
      if (!done.ok() || out->empty() || std::exchange(wrong_, true)) return done;
      std::copy(out->data(), out->data() + out->size(), room);
      room[0] = static_cast<char>(room[0] ^ 1);
      *out = rocksdb::Slice(room, out->size());
      return done;
    }

   private:
    bool wrong_ = false;
  };

  std::string name_;
  int wrong_time_;
  int times_ = 0;
};

}  // namespace

TEST_CASE("a byte that is read wrongly at any time of a backup is found and leaves no backup") {
  archived_log log;
  log.begin("a");
  log.archive_one("a");
  const auto name = archive_file_name(execution("a"));
  const auto back_up_misreading = [&](int time) {
    const auto disk = std::make_shared<misreading_disk>(name, time);
    auto made = back_up_folder(log.folder.data(), log.order("first"), settings_on(disk));
    return std::pair{std::move(made), disk->times()};
  };
  const auto [whole, times] = back_up_misreading(0);
  REQUIRE(whole);
  REQUIRE(times == 2);  // copied, read back
  fs::remove_all(log.folder.path() + "/backups/first");
  for (int time = 1; time <= times; ++time) {
    CAPTURE(time);
    const auto made = back_up_misreading(time).first;
    REQUIRE(!made);
    CHECK(made.error().code == errc::corrupt);
    CHECK(made.error().detail.find(name) != std::string::npos);
    CHECK(log.has_no_backup());
  }
}

TEST_CASE("a byte that is read wrongly at any time of a restore is found and leaves no data folder") {
  archived_log log;
  log.begin("a");
  log.archive_one("a");
  REQUIRE(back_up(*log.store, log.order("first")));
  const auto backup = log.folder.path() + "/backups/first";
  const auto name = archive_file_name(execution("a"));
  const auto restore_misreading = [&](int time) {
    const auto disk = std::make_shared<misreading_disk>(name, time);
    auto restored = restore_backup(backup, log.folder.path() + "/restored", settings_on(disk));
    return std::pair{std::move(restored), disk->times()};
  };
  const auto [whole, times] = restore_misreading(0);
  REQUIRE(whole);
  REQUIRE(times == 3);  // verified, copied, read back
  fs::remove_all(log.folder.path() + "/restored");
  for (int time = 1; time <= times; ++time) {
    CAPTURE(time);
    const auto restored = restore_misreading(time).first;
    REQUIRE(!restored);
    CHECK(restored.error().code == errc::corrupt);
    CHECK(restored.error().detail.find(name) != std::string::npos);
    for (const auto& entry : fs::directory_iterator(log.folder.path())) {
      const auto entry_name = entry.path().filename().string();
      CHECK((entry_name == "data" || entry_name == "backups"));
    }
  }
}

}  // namespace planexe::eventstore
