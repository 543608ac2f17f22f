#include "eventstore/rocksdb_open.hpp"

#include <rocksdb/cache.h>
#include <rocksdb/convenience.h>
#include <rocksdb/env.h>
#include <rocksdb/filter_policy.h>
#include <rocksdb/listener.h>
#include <rocksdb/table.h>

#include <algorithm>
#include <filesystem>

#include "eventstore/archive_place.hpp"
#include "eventstore/file_sums.hpp"
#include "eventstore/folder_in_part.hpp"
#include "eventstore/head_mark.hpp"

namespace planexe::eventstore {
namespace {

constexpr int bloom_bits_per_key = 10;            // one wrong look in a hundred
constexpr int background_jobs = 2;                // a flush and a compaction; the cores belong to the server
constexpr int open_tables = 512;                  // well under the usual limit of 1024 descriptors
constexpr std::size_t info_log_bytes = 1u << 20;  // the engine's own log, for a post-mortem
constexpr std::size_t info_logs_kept = 3;
constexpr std::uint64_t sync_table_bytes = 1u << 20;  // spreads the disk's work while tables are written

bool is_supported(rocksdb::CompressionType wanted) {
  const auto supported = rocksdb::GetSupportedCompressions();
  return std::find(supported.begin(), supported.end(), wanted) != supported.end();
}

constexpr std::size_t longest_list_name = 100;  // of what CURRENT says

// After a full disk the engine tries by itself to write on, from a thread that may be stopped halfway: closing the
// database then waits for it for ever. Besides, a write that failed is final here.
class no_recovery final : public rocksdb::EventListener {
 public:
  const char* Name() const override { return "no_recovery"; }
  void OnErrorRecoveryBegin(rocksdb::BackgroundErrorReason, rocksdb::Status, bool* automatic) override {
    *automatic = false;
  }
};

rocksdb::Options options_for(const rocksdb_settings& settings, rocksdb::Env* environment) {
  rocksdb::Options options;
  if (environment != nullptr) options.env = environment;
  options.create_if_missing = true;

  // What makes an acknowledged write stay. A torn record at the end of the write-ahead log was never acknowledged;
  // a bad one before it means damage and stops the opening. The engine must not heal a failed write by itself either.
  options.paranoid_checks = true;
  options.wal_recovery_mode = rocksdb::WALRecoveryMode::kTolerateCorruptedTailRecords;
  options.wal_compression = rocksdb::kNoCompression;
  options.max_bgerror_resume_count = 0;
  options.listeners.push_back(std::make_shared<no_recovery>());

  // A table is as large as what is written out at once, on every level.
  options.write_buffer_size = options.target_file_size_base = settings.write_buffer_bytes;
  options.max_background_jobs = background_jobs;
  options.max_open_files = open_tables;
  options.max_file_opening_threads = background_jobs;
  options.bytes_per_sync = sync_table_bytes;
  options.compression = is_supported(rocksdb::kLZ4Compression) ? rocksdb::kLZ4Compression : rocksdb::kNoCompression;
  if (is_supported(rocksdb::kZSTD)) options.bottommost_compression = rocksdb::kZSTD;
  if (!settings.compressed) options.compression = options.bottommost_compression = rocksdb::kNoCompression;

  rocksdb::BlockBasedTableOptions table;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(bloom_bits_per_key));
  table.block_cache = rocksdb::NewLRUCache(settings.block_cache_bytes);
  table.format_version = 5;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));

  options.info_log_level = rocksdb::WARN_LEVEL;
  options.max_log_file_size = info_log_bytes;
  options.keep_log_file_num = info_logs_kept;
  options.stats_dump_period_sec = 0;
  options.stats_persist_period_sec = 0;
  return options;
}

namespace fs = std::filesystem;

result<void> check_cut_off(const std::string& folder) {
  const auto part = cut_off_in(folder);
  if (part.empty()) return {};
  return unexpected{error{errc::corrupt, "the log in " + folder +
                                             " is not whole: a restore or a salvage to there goes on, or was cut off; "
                                             "do it again, or remove " +
                                             part}};
}

std::string first_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

error unreadable(const fs::path& folder, const std::string& why) {
  return {errc::io, "cannot read the data folder " + folder.string() + ": " + first_line(why)};
}

bool is_absent(const rocksdb::Status& status) {
  return status.IsNotFound() || status.IsPathNotFound();
}

/// What CURRENT says; nothing where there is none.
result<std::optional<std::string>> list_named_in(const fs::path& folder, rocksdb::Env& environment) {
  std::string list;
  const auto status = rocksdb::ReadFileToString(&environment, (folder / "CURRENT").string(), &list);
  if (is_absent(status)) return std::optional<std::string>{};
  if (!status.ok()) return unexpected{unreadable(folder, status.ToString())};
  list.resize(std::min(list.size(), longest_list_name));
  return std::optional{list.substr(0, list.find_first_of("\n/"))};
}

/// The engine finds everything by CURRENT, which names the list of all files. Without CURRENT it would start an empty
/// log over the data. Empty: nothing is missing, or nothing was ever there. `errc::io` where that cannot be seen.
result<std::string> missing_index(const fs::path& folder, rocksdb::Env& environment) {
  std::error_code failed;
  const fs::directory_iterator listed(folder, failed);
  if (failed && failed != std::errc::no_such_file_or_directory && failed != std::errc::not_a_directory)
    return unexpected{unreadable(folder, failed.message())};
  if (failed) return std::string{};
  const auto list = list_named_in(folder, environment);
  if (!list) return unexpected{list.error()};
  if (!*list) return std::string(holds_part_of_a_log(folder.string(), environment) ? "CURRENT" : "");
  if (!(*list)->starts_with("MANIFEST-")) return std::string{};
  const auto there = environment.FileExists((folder / **list).string());
  if (there.ok()) return std::string{};
  if (!is_absent(there)) return unexpected{unreadable(folder, there.ToString())};
  const auto now = list_named_in(folder, environment);
  return now && *now == *list ? **list : std::string{};  // a writer may have begun a new one meanwhile
}

/// Makes the folder with those above it, so that it is still there after a power loss.
result<void> make_folder(const std::string& folder, rocksdb::Env& environment) {
  std::error_code failed, ignored;
  const auto named = fs::absolute(folder).lexically_normal();
  const auto path = named.has_filename() ? named : named.parent_path();
  std::vector<fs::path> grown;  // folders that get a new one
  for (auto at = path; at.has_relative_path() && !fs::exists(at, ignored); at = at.parent_path())
    grown.push_back(at.parent_path());
  fs::create_directories(path, failed);
  if (failed)
    return unexpected{error{errc::io, "cannot use the data folder " + folder + ": " + first_line(failed.message())}};
  for (const auto& parent : grown)
    if (auto synced = sync_folder(environment, parent.string()); !synced) return synced;
  // Who made one that is there may have ended before this. Not everybody may read the folder above its own.
  if (grown.empty()) (void)sync_folder(environment, path.parent_path().string());
  return {};
}

error lost_index(const std::string& folder, const std::string& file) {
  return with_way_on({errc::corrupt, "the log in " + folder + " looks damaged: its file " + file + " is missing"});
}

bool is_lock_refusal(const rocksdb::Status& status) {
  const std::string text = status.ToString();
  return status.IsIOError() &&
         (text.find("lock file") != std::string::npos || text.find("lock hold") != std::string::npos);
}

// The engine would keep a log of its own in the folder.
class silent_log final : public rocksdb::Logger {
 public:
  using rocksdb::Logger::Logv;
  void Logv(const char*, va_list) override {}
};

}  // namespace

error storage_error(const std::string& what, const rocksdb::Status& status) {
  const bool damaged =
      status.IsCorruption() || status.IsNotFound() || status.IsInvalidArgument() || status.IsNotSupported();
  return {damaged ? errc::corrupt : errc::io, what + ": " + first_line(status.ToString())};
}

error with_way_on(error why) {
  if (why.code == errc::corrupt && why.detail.find("salvage") == std::string::npos)
    why.detail += "; planexe-ax salvage takes what stands into a new folder";
  return why;
}

result<opened_database> open_database(const std::string& folder, const rocksdb_settings& settings) {
  if (auto made = make_folder(folder, environment_of(settings)); !made) return unexpected{made.error()};
  if (auto whole = check_cut_off(folder); !whole) return unexpected{whole.error()};
  const auto missing = missing_index(folder, environment_of(settings));
  if (!missing) return unexpected{missing.error()};
  if (!missing->empty()) return unexpected{lost_index(folder, *missing)};

  opened_database opened;
  opened.environment = std::static_pointer_cast<rocksdb::Env>(settings.environment);
  rocksdb::DB* database = nullptr;
  const auto status = rocksdb::DB::Open(options_for(settings, opened.environment.get()), folder, &database);
  opened.database.reset(database);
  if (status.ok()) return opened;
  if (is_lock_refusal(status))
    return unexpected{error{errc::locked, "another server has the data folder " + folder + " open"}};
  return unexpected{storage_error("cannot open the data folder " + folder, status)};
}

namespace {

rocksdb::Options options_to_read(const rocksdb_settings& settings, rocksdb::Env* environment) {
  auto options = options_for(settings, environment);
  options.create_if_missing = false;
  options.max_open_files = -1;  // tables that the writer deletes can still be read
  options.info_log = std::make_shared<silent_log>();
  return options;
}

}  // namespace

result<opened_database> open_database_to_read(const std::string& folder, const rocksdb_settings& settings) {
  if (auto there = check_index(folder, settings); !there) return unexpected{there.error()};
  opened_database opened;
  opened.environment = std::static_pointer_cast<rocksdb::Env>(settings.environment);
  const auto options = options_to_read(settings, opened.environment.get());
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  rocksdb::DB* database = nullptr;
  // With the families named, for otherwise the engine may choose a reader that takes no heed of the write-ahead log.
  const auto status = rocksdb::DB::OpenForReadOnly(options, folder, {{rocksdb::kDefaultColumnFamilyName, options}},
                                                   &families, &database);
  opened.database.reset(database);
  for (auto* family : families) delete family;  // the database holds one of its own
  if (!status.ok()) return unexpected{storage_error("cannot read the data folder " + folder, status)};
  return opened;
}

result<opened_database> open_what_is_left(const std::string& folder, const rocksdb_settings& settings) {
  if (auto there = check_index(folder, settings); !there) return unexpected{there.error()};
  opened_database opened;
  opened.environment = std::static_pointer_cast<rocksdb::Env>(settings.environment);
  rocksdb::DB* database = nullptr;
  // The second path is where the info log would go; with one of our own nothing is ever made there.
  const auto status = rocksdb::DB::OpenAsSecondary(options_to_read(settings, opened.environment.get()), folder,
                                                   folder + "/no-secondary-files", &database);
  opened.database.reset(database);
  if (!status.ok()) return unexpected{storage_error("cannot read the data folder " + folder, status)};
  return opened;
}

result<void> check_index(const std::string& folder, const rocksdb_settings& settings) {
  if (auto whole = check_cut_off(folder); !whole) return whole;
  auto& environment = environment_of(settings);
  const auto missing = missing_index(folder, environment);
  if (!missing) return unexpected{missing.error()};
  if (!missing->empty()) return unexpected{lost_index(folder, *missing)};
  if (environment.FileExists(folder + "/CURRENT").ok()) return {};
  return unexpected{error{errc::not_found, "no data in the folder " + folder}};
}

bool holds_part_of_a_log(const std::string& folder, rocksdb::Env& environment) {
  std::error_code ignored;
  for (const auto& file : fs::directory_iterator(folder, ignored)) {
    const auto extension = file.path().extension();
    if (extension == ".sst" || (extension == ".log" && file.file_size(ignored) > 0)) return true;
  }
  const auto mark = read_head_mark(environment, folder);
  if (!mark || (*mark && (*mark)->position > 0)) return true;
  for (const auto& file : fs::directory_iterator(archive_folder_in(folder), ignored))
    if (file.path().filename().string().ends_with(archive_file_ending)) return true;
  return false;
}

rocksdb::Env& environment_of(const rocksdb_settings& settings) {
  return settings.environment ? *static_cast<rocksdb::Env*>(settings.environment.get()) : *rocksdb::Env::Default();
}

std::string layout_of(const std::string& folder) {
  std::vector<std::string> files;
  std::error_code ignored;
  for (const auto& file : std::filesystem::directory_iterator(folder, ignored)) {
    const auto name = file.path().filename().string();
    const bool is_list = name.starts_with("MANIFEST-");
    if (is_list || name.ends_with(".sst") || name.ends_with(".log"))
      files.push_back(name + (is_list ? ":" + std::to_string(file.file_size(ignored)) : ""));
  }
  std::sort(files.begin(), files.end());
  std::string layout;
  for (const auto& file : files) layout += file + '\n';
  return layout;
}

}  // namespace planexe::eventstore
