#include "tests/eventstore/faulty_disk.hpp"

#include <rocksdb/system_clock.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "tests/eventstore/lab.hpp"

namespace planexe::eventstore::testing {
namespace {

using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;

bool is_counted(const std::string& file) {
  const std::string name = std::filesystem::path(file).filename().string();
  return name.rfind("LOG", 0) != 0 && name != "LOCK";
}

bool is_log(const std::string& file) {
  return std::filesystem::path(file).extension() == ".log";
}

std::string content_of(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class faulty_file final : public rocksdb::FSWritableFileOwnerWrapper {
 public:
  faulty_file(std::unique_ptr<rocksdb::FSWritableFile> below, std::string name, faulty_disk& disk)
      : FSWritableFileOwnerWrapper(std::move(below)), name_(std::move(name)), disk_(disk) {}

  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, IODebugContext* dbg) override {
    const auto verdict = disk_.begin(name_, data.size());
    const auto done = target()->Append(rocksdb::Slice(data.data(), verdict.bytes), options, dbg);
    if (done.ok()) disk_.appended(name_, verdict.bytes);
    return verdict.status.ok() ? done : verdict.status;
  }
  IOStatus Append(const rocksdb::Slice& data, const IOOptions& options, const rocksdb::DataVerificationInfo&,
                  IODebugContext* dbg) override {
    return Append(data, options, dbg);
  }
  IOStatus Sync(const IOOptions&, IODebugContext*) override { return sync(); }
  IOStatus Fsync(const IOOptions&, IODebugContext*) override { return sync(); }
  IOStatus RangeSync(uint64_t, uint64_t, const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }

 private:
  // The real disk is spared: what counts as synced is kept by the faulty one.
  IOStatus sync() {
    const auto verdict = disk_.begin(name_, 0);
    if (verdict.status.ok()) disk_.synced(name_);
    return verdict.status;
  }

  std::string name_;
  faulty_disk& disk_;
};

class faulty_folder final : public rocksdb::FSDirectoryWrapper {
 public:
  faulty_folder(std::unique_ptr<rocksdb::FSDirectory> below, std::string name, faulty_disk& disk)
      : FSDirectoryWrapper(std::move(below)), name_(std::move(name)), disk_(disk) {}

  IOStatus Fsync(const IOOptions&, IODebugContext*) override {
    const auto verdict = disk_.begin(name_, 0);
    if (verdict.status.ok()) disk_.folder_synced();
    return verdict.status;
  }
  IOStatus FsyncWithDirOptions(const IOOptions& options, IODebugContext* dbg,
                               const rocksdb::DirFsyncOptions&) override {
    return Fsync(options, dbg);
  }

 private:
  std::string name_;
  faulty_disk& disk_;
};

// The engine sleeps for a second after a failed flush. Nothing here waits for that.
class restless_clock final : public rocksdb::SystemClockWrapper {
 public:
  restless_clock() : SystemClockWrapper(rocksdb::SystemClock::Default()) {}
  const char* Name() const override { return "restless_clock"; }
  void SleepForMicroseconds(int) override {}
};

class restless_environment final : public rocksdb::EnvWrapper {
 public:
  explicit restless_environment(const std::shared_ptr<faulty_disk>& disk) : EnvWrapper(rocksdb::NewCompositeEnv(disk)) {
    file_system_ = disk;
    system_clock_ = std::make_shared<restless_clock>();
  }
  const char* Name() const override { return "restless_environment"; }
};

}  // namespace

void faulty_disk::fail_at(std::uint64_t operation, fault kind) {
  const std::lock_guard lock(mutex_);
  fail_at_ = operation;
  kind_ = kind;
}

std::uint64_t faulty_disk::operations() const {
  const std::lock_guard lock(mutex_);
  return operations_;
}

std::uint64_t faulty_disk::tables_made() const {
  const std::lock_guard lock(mutex_);
  return tables_made_;
}

std::optional<std::string> faulty_disk::hit() const {
  const std::lock_guard lock(mutex_);
  return hit_;
}

std::uint64_t faulty_disk::unsynced_log_bytes() const {
  const std::lock_guard lock(mutex_);
  std::uint64_t bytes = 0;
  for (const auto& [name, file] : files_)
    if (is_log(name)) bytes += file.size - file.synced;
  return bytes;
}

std::uint64_t faulty_disk::most_unsynced_log_bytes() const {
  const std::lock_guard lock(mutex_);
  return most_unsynced_;
}

faulty_disk::verdict faulty_disk::begin(const std::string& file, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  ++operations_;
  const bool now = operations_ == fail_at_;
  const bool dead = kind_ == fault::power_loss && fail_at_ != 0 && operations_ > fail_at_;
  if (kind_ == fault::none || (!now && !dead)) return {IOStatus::OK(), bytes};
  if (now) hit_ = file;
  if (dead) return {IOStatus::IOError("no power"), 0};
  switch (kind_) {
    case fault::power_loss:
      return {IOStatus::IOError("no power"), bytes};
    case fault::no_space:
      return {IOStatus::NoSpace("no space left on device"), 0};
    case fault::short_write:
      return {IOStatus::IOError("short write"), bytes / 2};
    default:
      return {IOStatus::IOError("input/output error"), 0};
  }
}

void faulty_disk::appended(const std::string& file, std::size_t bytes) {
  const std::lock_guard lock(mutex_);
  auto& cached = files_[file];
  cached.size += bytes;
  if (is_log(file)) most_unsynced_ = std::max(most_unsynced_, cached.size - cached.synced);
}

void faulty_disk::synced(const std::string& file) {
  const std::lock_guard lock(mutex_);
  files_[file].synced = files_[file].size;
}

void faulty_disk::folder_synced() {
  const std::lock_guard lock(mutex_);
  changes_.clear();
}

void faulty_disk::drop_cache(std::mt19937_64& random) {
  const std::lock_guard lock(mutex_);
  for (auto change = changes_.rbegin(); change != changes_.rend(); ++change) {
    if (!change->source.empty()) {
      std::filesystem::rename(change->file, change->source);
      move_files(change->file, change->source);
    } else {
      std::filesystem::remove(change->file);
    }
    files_.erase(change->file);
    if (change->replaced) std::ofstream(change->file, std::ios::binary) << *change->replaced;
  }
  changes_.clear();
  for (const auto& [name, file] : files_) {
    if (!std::filesystem::exists(name) || file.size == file.synced) continue;
    const std::uint64_t kept = random() % 3 == 0 ? 0 : random() % (file.size - file.synced + 1);
    std::filesystem::resize_file(name, file.synced + kept);
  }
}

IOStatus faulty_disk::NewWritableFile(const std::string& name, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* out, IODebugContext* dbg) {
  if (!is_counted(name)) return FileSystemWrapper::NewWritableFile(name, options, out, dbg);
  const auto allowed = begin(name, 0);
  if (!allowed.status.ok()) return allowed.status;
  std::unique_ptr<rocksdb::FSWritableFile> below;
  const bool existed = std::filesystem::exists(name);
  const auto done = FileSystemWrapper::NewWritableFile(name, options, &below, dbg);
  if (!done.ok()) return done;
  const std::lock_guard lock(mutex_);
  files_[name] = {};
  tables_made_ += std::filesystem::path(name).extension() == ".sst";
  if (!existed) changes_.push_back({name, "", std::nullopt});
  *out = std::make_unique<faulty_file>(std::move(below), name, *this);
  return done;
}

// With a folder go the files in it.
void faulty_disk::move_files(const std::string& from, const std::string& to) {
  std::map<std::string, cached_file> moved;
  std::erase_if(files_, [&](const auto& known) {
    const auto& [name, file] = known;
    const bool moves = name == from || name.starts_with(from + "/");
    if (moves) moved[to + name.substr(from.size())] = file;
    return moves;
  });
  for (auto& [name, file] : moved) files_[name] = file;
}

IOStatus faulty_disk::NewDirectory(const std::string& name, const IOOptions& options,
                                   std::unique_ptr<rocksdb::FSDirectory>* out, IODebugContext* dbg) {
  std::unique_ptr<rocksdb::FSDirectory> below;
  const auto done = FileSystemWrapper::NewDirectory(name, options, &below, dbg);
  if (done.ok()) *out = std::make_unique<faulty_folder>(std::move(below), name, *this);
  return done;
}

IOStatus faulty_disk::RenameFile(const std::string& from, const std::string& to, const IOOptions& options,
                                 IODebugContext* dbg) {
  if (!is_counted(to) || !is_counted(from)) return FileSystemWrapper::RenameFile(from, to, options, dbg);
  const auto allowed = begin(to, 0);
  if (!allowed.status.ok()) return allowed.status;
  std::optional<std::string> replaced;
  if (std::filesystem::is_regular_file(to)) replaced = content_of(to);
  const auto done = FileSystemWrapper::RenameFile(from, to, options, dbg);
  if (!done.ok()) return done;
  const std::lock_guard lock(mutex_);
  move_files(from, to);
  changes_.push_back({to, from, std::move(replaced)});
  return done;
}

// Takes effect at once: the harshest order, for a file must not be missed after it was deleted.
IOStatus faulty_disk::DeleteFile(const std::string& name, const IOOptions& options, IODebugContext* dbg) {
  {
    const std::lock_guard lock(mutex_);
    const bool dead = kind_ == fault::power_loss && fail_at_ != 0 && operations_ >= fail_at_;
    if (dead) return IOStatus::IOError("no power");
    files_.erase(name);
    std::erase_if(changes_, [&](const folder_change& change) { return change.file == name; });
  }
  return FileSystemWrapper::DeleteFile(name, options, dbg);
}

rocksdb_settings settings_on(const std::shared_ptr<faulty_disk>& disk) {
  rocksdb_settings settings;
  const std::shared_ptr<rocksdb::Env> environment = std::make_shared<restless_environment>(disk);
  settings.environment = environment;
  return settings;
}

rocksdb_settings spared_disk() {
  return settings_on(std::make_shared<faulty_disk>());
}

}  // namespace planexe::eventstore::testing
