#include "eventstore/backup.hpp"

#include <fcntl.h>
#include <rocksdb/env.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <map>
#include <set>
#include <thread>
#include <tuple>

#include "eventstore/archive_place.hpp"
#include "eventstore/archived_files.hpp"
#include "eventstore/file_sums.hpp"
#include "eventstore/folder_in_part.hpp"
#include "eventstore/hash_chain.hpp"
#include "eventstore/head_mark.hpp"
#include "eventstore/rocksdb_open.hpp"

namespace planexe::eventstore {
namespace {

namespace fs = std::filesystem;
using rocksdb::Env;

constexpr std::string_view facts_name = "BACKUP", sums_name = "SHA256SUMS", data_name = "data";
// Of what is not whole yet. Nobody else's folder is called so, for what is left of a backup is taken away.
constexpr std::string_view backup_ending = ".planexe-backup", restore_ending = ".planexe-restore";
constexpr std::string_view first_line = "planexe-ax backup ";
constexpr std::string_view backup_format = "1";
constexpr std::size_t longest_name = 100;
constexpr std::size_t longest_facts = 4'096;
// A busy writer moves files a few times a minute; each look copies only what is new.
constexpr int looks_at_a_folder = 50;
constexpr std::chrono::milliseconds between_looks{20};

unexpected<error> corrupt(std::string detail) {
  return unexpected{error{errc::corrupt, std::move(detail)}};
}

/// One backup at a time is made in a folder. The lock goes with the process; a folder that knows no locks is not
/// locked.
class making_lock {
 public:
  explicit making_lock(const std::string& folder) : folder_(open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC)) {
    taken_ = folder_ >= 0 && flock(folder_, LOCK_EX | LOCK_NB) != 0 && errno == EWOULDBLOCK;
  }
  making_lock(const making_lock&) = delete;
  making_lock& operator=(const making_lock&) = delete;
  ~making_lock() {
    if (folder_ >= 0) close(folder_);
  }
  bool taken_by_another() const { return taken_; }

 private:
  int folder_;
  bool taken_ = false;
};

/// What backups that were killed have left. Under the lock.
result<void> remove_leftovers(Env& environment, const std::string& folder) {
  std::error_code failed;
  for (fs::directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed)) {
    const auto name = at->path().filename().string();
    if (!name.starts_with('.') || !name.ends_with(backup_ending) || !at->is_directory(failed)) continue;
    if (auto removed = remove_folder(environment, at->path().string()); !removed) return removed;
  }
  if (failed) return unexpected{error{errc::io, "cannot list " + folder + ": " + failed.message()}};
  return {};
}

// What a backup says of itself.

std::string facts_text(const backup_facts& facts) {
  std::string text;
  text.append(first_line).append(backup_format).append("\n");
  text.append("release ").append(facts.release).append("\n");
  text.append("made ").append(domain::format_rfc3339(facts.made_at)).append("\n");
  text.append("events ").append(std::to_string(facts.head.position)).append("\n");
  text.append("head ").append(to_hex(facts.head.hash)).append("\n");
  text.append("files ").append(std::to_string(facts.files)).append("\n");
  text.append("bytes ").append(std::to_string(facts.bytes)).append("\n");
  return text;
}

/// Takes a line of the form `name value` off the text.
std::optional<std::string> take_line(std::string_view& text, std::string_view name) {
  const auto end = text.find('\n');
  if (end == std::string_view::npos || !text.starts_with(name)) return std::nullopt;
  std::string value(text.substr(name.size(), end - name.size()));
  text.remove_prefix(end + 1);
  return value;
}

std::optional<std::uint64_t> number_in(const std::optional<std::string>& text) {
  std::uint64_t number = 0;
  if (!text) return std::nullopt;
  const char* const end = text->data() + text->size();
  const auto [rest, failed] = std::from_chars(text->data(), end, number);
  return failed == std::errc{} && rest == end ? std::optional{number} : std::nullopt;
}

result<backup_facts> parse_facts(const std::string& folder, std::string_view text) {
  const auto malformed = [&] { return corrupt("what the backup " + folder + " says of itself is malformed"); };
  const auto format = take_line(text, first_line);
  if (!format) return malformed();
  if (*format != backup_format) {
    if (const auto newer = number_in(format); newer && *newer > 1)
      return unexpected{error{errc::newer_version, "the backup " + folder + " has format " + *format +
                                                       ", made by a newer release; this one reads up to " +
                                                       std::string(backup_format)}};
    return malformed();
  }
  backup_facts facts;
  const auto release = take_line(text, "release "), made = take_line(text, "made ");
  const auto events = number_in(take_line(text, "events "));
  const auto head = take_line(text, "head ");
  const auto files = number_in(take_line(text, "files ")), bytes = number_in(take_line(text, "bytes "));
  const auto made_at = made ? domain::parse_rfc3339(*made) : std::nullopt;
  const auto hash = head ? from_hex(*head) : std::nullopt;
  if (!release || !made_at || !events || !hash || !files || !bytes || !text.empty()) return malformed();
  facts = {*release, *made_at, {*events, *hash}, *files, *bytes};
  return facts;
}

result<std::string> read_small_file(Env& environment, const std::string& folder, std::string_view name,
                                    std::uint64_t most_bytes) {
  const std::string path = folder + "/" + std::string(name);
  std::uint64_t bytes = 0;
  std::string text;
  auto status = environment.GetFileSize(path, &bytes);
  if (status.ok() && bytes > most_bytes) return corrupt(path + " is too large to be what it should be");
  if (status.ok()) status = rocksdb::ReadFileToString(&environment, path, &text);
  if (status.ok()) return text;
  if (status.IsNotFound() || status.IsPathNotFound()) return unexpected{error{errc::not_found, path + " is missing"}};
  return unexpected{file_error("cannot read " + path, status)};
}

result<void> write_small_file(Env& environment, const std::string& folder, std::string_view name,
                              const std::string& text) {
  const std::string path = folder + "/" + std::string(name);
  const auto status = rocksdb::WriteStringToFile(&environment, text, path, true);
  if (status.ok()) return {};
  return unexpected{file_error("cannot write " + path, status)};
}

// Copying.

/// Where the log in a folder ends.
result<log_head> head_in(const std::string& folder, const rocksdb_settings& settings) {
  const auto store = rocksdb_store::open_to_read(folder, settings);
  if (!store) return unexpected{store.error()};
  return (*store)->head();
}

/// What belongs to the log, of the files in a data folder: the list of tables first, then tables, then what is written
/// to them, so that a copy in this order has no hole.
std::vector<std::string> log_files(const std::string& folder) {
  std::vector<std::string> lists, tables, logs;
  std::error_code ignored;
  for (const auto& file : fs::directory_iterator(folder, ignored)) {
    const auto name = file.path().filename().string();
    if (name == "CURRENT" || name == "HEAD" || name == "IDENTITY" || name.starts_with("MANIFEST-") ||
        name.starts_with("OPTIONS-"))
      lists.push_back(name);
    else if (name.ends_with(".sst"))
      tables.push_back(name);
    else if (name.ends_with(".log"))
      logs.push_back(name);
  }
  for (auto* each : {&lists, &tables, &logs}) std::sort(each->begin(), each->end());
  lists.insert(lists.end(), tables.begin(), tables.end());
  lists.insert(lists.end(), logs.begin(), logs.end());
  return lists;
}

/// Tables never change; everything else may have grown.
bool is_there_already(const std::string& from, const std::string& to) {
  std::error_code failed;
  return to.ends_with(".sst") && fs::exists(to, failed) && fs::file_size(from, failed) == fs::file_size(to, failed) &&
         !failed;
}

/// What a file was when it was read to be copied, by its path in the data folder.
using sums_of_copies = std::map<std::string, std::string>;

/// Copies a data folder that a server may be writing to: again, until nothing was moved in it meanwhile.
result<sums_of_copies> copy_log(Env& environment, const std::string& from, const std::string& to,
                                const may_go_on& go_on) {
  sums_of_copies sums;
  for (int look = 0; look < looks_at_a_folder; ++look) {
    if (look > 0) std::this_thread::sleep_for(between_looks);
    const auto layout = layout_of(from);
    const auto names = log_files(from);
    bool whole = true;
    for (const auto& name : names) {
      if (is_there_already(from + "/" + name, to + "/" + name)) continue;
      const auto copied = copy_file(environment, from + "/" + name, to, name, go_on);
      whole = whole && copied;
      if (copied) sums.insert_or_assign(name, copied->sha256);
      if (!copied && copied.error().code != errc::not_found) return unexpected{copied.error()};
    }
    if (!whole || layout_of(from) != layout) continue;
    for (const auto& name : log_files(to))  // what an earlier look found, and has gone since
      if (std::find(names.begin(), names.end(), name) == names.end()) (void)environment.DeleteFile(to + "/" + name);
    return sums;
  }
  return unexpected{error{errc::io, "the data folder " + from + " is written too busily to be copied"}};
}

/// Gives every file of the folder its own bytes, makes them durable, and sums them up. What a checkpoint has copied is
/// durable already; what it has linked is the server's file. What has been copied before is read back.
result<std::vector<file_sum>> settle_files(Env& environment, const std::string& folder, const may_go_on& go_on) {
  const auto paths = files_below(folder);
  if (!paths) return unexpected{paths.error()};
  std::vector<file_sum> sums;
  std::set<std::string> folders;
  for (const auto& path : *paths) {
    std::error_code failed;
    const auto whole = folder + "/" + path;
    folders.insert(fs::path(whole).parent_path().string());
    if (fs::hard_link_count(whole, failed) <= 1 && !failed) {
      auto sum = sum_of(environment, folder, path, go_on);
      if (!sum) return unexpected{sum.error()};
      sums.push_back(std::move(*sum));
      continue;
    }
    auto sum = copy_file(environment, whole, folder, path + ".own", go_on);
    if (!sum) return unexpected{sum.error()};
    const auto status = environment.RenameFile(whole + ".own", whole);
    if (!status.ok()) return unexpected{file_error("cannot make " + whole, status)};
    sum->path = path;
    sums.push_back(std::move(*sum));
  }
  for (const auto& each : folders)
    if (auto synced = sync_folder(environment, each); !synced) return unexpected{synced.error()};
  return sums;
}

/// Whether what was read back is what was read when it was copied. The mark of the head is the backup's own.
result<void> check_read_back(const std::vector<file_sum>& read_back, const sums_of_copies& copies,
                             const std::string& folder) {
  const auto data = std::string(data_name) + "/";
  for (const auto& file : read_back) {
    if (!file.path.starts_with(data) || file.path == data + "HEAD") continue;
    const auto known = copies.find(file.path.substr(data.size()));
    if (known != copies.end() && known->second != file.sha256)
      return corrupt(folder + "/" + file.path + " is not what was copied: it was read or written wrongly");
  }
  return {};
}

/// With the log copied into `data`: what else belongs to it. Where the log ends.
result<log_head> complete_data(Env& environment, const std::string& data, const std::string& data_folder,
                               const rocksdb_settings& settings, const may_go_on& go_on, sums_of_copies& copies) {
  const auto copied = rocksdb_store::open_to_read(data, settings);
  if (!copied && copied.error().code == errc::corrupt)
    return unexpected{with_way_on(
        {errc::corrupt, "no backup can be made of " + data_folder + ", which is damaged: " + copied.error().detail})};
  if (!copied) return unexpected{copied.error()};
  auto head = (*copied)->head();
  if (!head) return head;
  if (auto marked = write_head_mark(environment, data, *head); !marked) return unexpected{marked.error()};
  const auto files = copy_archive(environment, data_folder, data, go_on);
  if (!files) return unexpected{files.error()};
  if (auto whole = check_archive(**copied, *files, data_folder); !whole) return unexpected{whole.error()};
  const auto archive = fs::path(archive_folder_in({})).relative_path();
  for (const auto& file : *files) copies.insert_or_assign((archive / file.path).generic_string(), file.sha256);
  return head;
}

/// With the log copied into `data/`: everything else that makes it a backup.
result<backup_facts> finish(Env& environment, folder_in_part& part, const std::string& data_folder,
                            const backup_order& order, const rocksdb_settings& settings, const may_go_on& go_on,
                            sums_of_copies copies) {
  const auto data = data_in_backup(part.path());
  const auto head = complete_data(environment, data, data_folder, settings, go_on, copies);
  if (!head) return unexpected{head.error()};
  auto sums = settle_files(environment, part.path(), go_on);
  if (!sums) return unexpected{sums.error()};
  if (auto equal = check_read_back(*sums, copies, part.target()); !equal) return unexpected{equal.error()};
  backup_facts facts{order.release, order.now, *head, sums->size(), 0};
  for (const auto& each : *sums) facts.bytes += each.bytes;
  const auto text = facts_text(facts);
  if (auto written = write_small_file(environment, part.path(), facts_name, text); !written)
    return unexpected{written.error()};
  sums->push_back({std::string(facts_name), to_hex(sha256(text)), text.size()});
  if (auto written = write_small_file(environment, part.path(), sums_name, sums_text(*sums)); !written)
    return unexpected{written.error()};
  if (auto kept = part.keep(); !kept) return unexpected{kept.error()};
  return facts;
}

may_go_on asked_of(const backup_order& order) {
  return order.go_on ? order.go_on : [] { return result<void>{}; };
}

/// `copy(data, go_on)` puts the log into the folder `data`, which is not there yet, and gives the sums that it knows.
template <class Copy>
result<backup_facts> make_backup(Env& environment, const std::string& data_folder, const backup_order& order,
                                 const rocksdb_settings& settings, Copy copy) {
  const auto go_on = asked_of(order);
  if (auto place = check_place(order.target, data_folder); !place) return unexpected{place.error()};
  folder_in_part part(environment, order.target, backup_ending);
  std::error_code failed;
  fs::create_directories(part.parent(), failed);
  if (failed) return unexpected{error{errc::io, "cannot make " + part.parent() + ": " + failed.message()}};
  const making_lock lock(part.parent());
  if (lock.taken_by_another())
    return unexpected{error{errc::locked, "another backup is being made in " + part.parent()}};
  if (fs::exists(fs::symlink_status(part.target(), failed)))
    return unexpected{error{errc::conflict, part.target() + " is there already"}};
  if (auto removed = remove_leftovers(environment, part.parent()); !removed) return unexpected{removed.error()};
  if (auto begun = part.begin(); !begun) return unexpected{begun.error()};
  result<sums_of_copies> copied = copy(data_in_backup(part.path()), go_on);
  if (!copied) return unexpected{copied.error()};
  return finish(environment, part, data_folder, order, settings, go_on, std::move(*copied));
}

}  // namespace

result<void> check_place(const std::string& target, const std::string& data_folder) {
  const auto made = fs::absolute(target).lexically_normal().string();
  if (!lies_in(made, data_folder) && !lies_in(made, archive_folder_in(data_folder))) return {};
  return unexpected{error{errc::invalid, "a backup of the data folder " + data_folder +
                                             " cannot be made in it: " + made + " is in the wrong place"}};
}

result<backup_facts> back_up(const rocksdb_store& store, const backup_order& order) {
  rocksdb_settings settings;
  settings.environment = store.environment();
  return make_backup(environment_of(settings), store.folder(), order, settings,
                     [&](const std::string& data, const may_go_on&) -> result<sums_of_copies> {
                       if (auto made = store.checkpoint(data); !made) return unexpected{made.error()};
                       return sums_of_copies{};
                     });
}

result<backup_facts> back_up_folder(const std::string& data_folder, const backup_order& order,
                                    const rocksdb_settings& settings) {
  auto& environment = environment_of(settings);
  if (auto there = check_index(data_folder, settings); !there) return unexpected{there.error()};
  return make_backup(environment, data_folder, order, settings,
                     [&](const std::string& data, const may_go_on& go_on) -> result<sums_of_copies> {
                       if (const auto made = environment.CreateDir(data); !made.ok())
                         return unexpected{file_error("cannot make " + data, made)};
                       return copy_log(environment, data_folder, data, go_on);
                     });
}

result<backup_facts> read_backup(const std::string& folder) {
  const auto text = read_small_file(*Env::Default(), folder, facts_name, longest_facts);
  if (!text && text.error().code == errc::not_found)
    return unexpected{error{errc::not_found, folder + " is no backup"}};
  if (!text) return unexpected{text.error()};
  return parse_facts(folder, *text);
}

result<std::vector<named_backup>> list_backups(const std::string& folder) {
  std::vector<named_backup> list;
  std::error_code failed;
  if (!fs::exists(folder, failed)) return list;
  for (fs::directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed)) {
    const auto name = at->path().filename().string();
    if (!is_backup_name(name)) continue;
    if (auto facts = read_backup(at->path().string())) list.push_back({name, std::move(*facts)});
  }
  if (failed) return unexpected{error{errc::io, "cannot list " + folder + ": " + failed.message()}};
  std::sort(list.begin(), list.end(), [](const named_backup& a, const named_backup& b) {
    return std::tie(b.facts.made_at, b.name) < std::tie(a.facts.made_at, a.name);
  });
  return list;
}

namespace {

struct whole_backup {
  backup_facts facts;
  std::vector<file_sum> sums;
};

/// As `verify_backup`, and gives the sums too.
result<whole_backup> verified(const std::string& folder, const rocksdb_settings& settings) {
  auto& environment = environment_of(settings);
  const may_go_on always = [] { return result<void>{}; };
  auto facts = read_backup(folder);
  if (!facts) return unexpected{facts.error()};
  constexpr std::uint64_t longest_list = std::uint64_t{1} << 28;  // a million files and more
  const auto text = read_small_file(environment, folder, sums_name, longest_list);
  if (!text && text.error().code == errc::not_found) return corrupt(text.error().detail);
  if (!text) return unexpected{text.error()};
  auto sums = parse_sums(*text);
  if (!sums) return corrupt(folder + "/" + std::string(sums_name) + " is malformed");
  auto files = files_below(folder);
  if (!files) return unexpected{files.error()};
  std::set<std::string> unnamed(files->begin(), files->end());
  unnamed.erase(std::string(sums_name));
  std::uint64_t bytes = 0;
  for (const auto& each : *sums) {
    if (unnamed.erase(each.path) == 0) return corrupt(folder + "/" + each.path + " is missing");
    const auto now = sum_of(environment, folder, each.path, always);
    if (!now) return unexpected{now.error()};
    if (now->sha256 != each.sha256) return corrupt(folder + "/" + each.path + " is not what was written");
    if (each.path != facts_name) bytes += now->bytes;
  }
  if (!unnamed.empty()) return corrupt(folder + "/" + *unnamed.begin() + " is no part of the backup");
  const bool has_facts =
      std::any_of(sums->begin(), sums->end(), [](const auto& each) { return each.path == facts_name; });
  if (!has_facts || sums->size() != facts->files + 1 || bytes != facts->bytes)
    return corrupt(folder + "/" + std::string(sums_name) + " is not the list of this backup");
  const auto head = head_in(data_in_backup(folder), settings);
  if (!head) return unexpected{head.error()};
  if (head->position != facts->head.position || head->hash != facts->head.hash)
    return corrupt("the log in " + folder + " does not end where the backup says");
  return whole_backup{std::move(*facts), std::move(*sums)};
}

/// Whether the files are those that the backup has in `data/`, each with its sum there.
result<void> check_copies(const std::vector<file_sum>& files, const whole_backup& backup, const std::string& folder) {
  std::map<std::string, std::string> expected;
  for (const auto& each : backup.sums)
    if (each.path.starts_with(std::string(data_name) + "/")) expected.emplace(each.path, each.sha256);
  for (const auto& file : files) {
    const auto known = expected.find(std::string(data_name) + "/" + file.path);
    if (known == expected.end()) return corrupt(folder + "/" + file.path + " is no part of the backup");
    if (known->second != file.sha256)
      return corrupt(folder + "/" + file.path + " is not what the backup has: it was read or written wrongly");
    expected.erase(known);
  }
  if (!expected.empty()) return corrupt(expected.begin()->first + " of the backup was not copied to " + folder);
  return {};
}

/// Copies a verified backup's data into a folder, makes them durable and reads them back: a disk that reads wrongly now
/// and then may have done so since the backup was verified.
result<void> copy_back(Env& environment, const whole_backup& backup, const std::string& from, const std::string& to) {
  const may_go_on always = [] { return result<void>{}; };
  const auto paths = files_below(from);
  if (!paths) return unexpected{paths.error()};
  for (const auto& path : *paths) {
    std::error_code failed;
    fs::create_directories((fs::path(to) / path).parent_path(), failed);
    if (auto copied = copy_file(environment, from + "/" + path, to, path, always); !copied)
      return unexpected{copied.error()};
  }
  const auto read_back = settle_files(environment, to, always);
  if (!read_back) return unexpected{read_back.error()};
  return check_copies(*read_back, backup, to);
}

}  // namespace

result<backup_facts> verify_backup(const std::string& folder, const rocksdb_settings& settings) {
  auto whole = verified(folder, settings);
  if (!whole) return unexpected{whole.error()};
  return std::move(whole->facts);
}

result<backup_facts> restore_backup(const std::string& folder, const std::string& data_folder,
                                    const rocksdb_settings& settings) {
  auto& environment = environment_of(settings);
  folder_in_part part(environment, data_folder, restore_ending);
  if (lies_in(part.target(), folder))
    return unexpected{
        error{errc::invalid, part.target() + " lies in the backup; it is restored to a folder elsewhere"}};
  if (part.is_taken())
    return unexpected{error{errc::conflict, part.target() + " is not empty; a backup is restored to a new folder"}};
  const auto backup = verified(folder, settings);
  if (!backup) return unexpected{backup.error()};
  const auto& facts = backup->facts;
  if (auto begun = part.begin(); !begun) return unexpected{begun.error()};
  if (auto copied = copy_back(environment, *backup, data_in_backup(folder), part.path()); !copied)
    return unexpected{copied.error()};
  const auto head = head_in(part.path(), settings);
  if (!head) return unexpected{head.error()};
  if (head->position != facts.head.position || head->hash != facts.head.hash)
    return corrupt("the log does not end where the backup says after it was copied");
  if (auto kept = part.keep(); !kept) return unexpected{kept.error()};
  return facts;
}

std::string data_in_backup(const std::string& folder) {
  return folder + "/" + std::string(data_name);
}

std::uint64_t backup_bytes(const std::string& data_folder) {
  std::uint64_t bytes = 0;
  std::error_code failed;
  const auto files = files_below(data_folder);
  if (!files) return 0;
  for (const auto& path : *files) {
    const auto size = fs::file_size(fs::path(data_folder) / path, failed);
    if (!failed) bytes += size;
  }
  return bytes;
}

bool is_backup_name(std::string_view name) {
  const auto is_letter_or_digit = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  };
  return !name.empty() && name.size() <= longest_name && is_letter_or_digit(name.front()) &&
         std::all_of(name.begin(), name.end(),
                     [&](char c) { return is_letter_or_digit(c) || c == '.' || c == '_' || c == '-'; });
}

}  // namespace planexe::eventstore
