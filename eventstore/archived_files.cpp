#include "eventstore/archived_files.hpp"

#include <filesystem>
#include <unordered_map>

#include "eventstore/archive_place.hpp"
#include "eventstore/each_stream.hpp"
#include "eventstore/hash_chain.hpp"

namespace planexe::eventstore {

namespace fs = std::filesystem;

result<std::vector<file_sum>> copy_archive(rocksdb::Env& environment, const std::string& data_folder,
                                           const std::string& into, const may_go_on& go_on) {
  std::vector<file_sum> sums;
  const fs::path from = archive_folder_in(data_folder), to = archive_folder_in(into);
  std::error_code failed;
  const bool is_there = fs::is_directory(from, failed);
  if (failed && failed != std::errc::no_such_file_or_directory)
    return unexpected{error{errc::io, "cannot read " + from.string() + ": " + failed.message()}};
  if (!is_there) return sums;
  fs::create_directory(to, failed);
  if (failed) return unexpected{error{errc::io, "cannot make " + to.string() + ": " + failed.message()}};
  const auto paths = files_below(from.string());
  if (!paths) return unexpected{paths.error()};
  for (const auto& path : *paths) {
    fs::create_directories((to / path).parent_path(), failed);
    auto copied = copy_file(environment, (from / path).string(), to.string(), path, go_on);
    // One that was being written has another name by now.
    if (!copied && copied.error().code != errc::not_found) return unexpected{copied.error()};
    if (copied)
      sums.push_back(std::move(*copied));
    else
      (void)environment.DeleteFile((to / path).string());
  }
  return sums;
}

result<void> check_archive(const event_log& copied, const std::vector<file_sum>& files,
                           const std::string& data_folder) {
  std::unordered_map<std::string, const file_sum*> found;
  for (const auto& file : files) found.emplace(file.path, &file);
  return each_stream(copied, [&](const listed_stream& each) -> result<void> {
    if (!each.archived) return {};
    const auto name = archive_file_name(each.stream);
    const auto file = found.find(name);
    const auto wrong = [&](const char* what) {
      return unexpected{error{errc::corrupt, "'" + each.stream.id + "' is archived, and its file " +
                                                 archive_folder_in(data_folder) + "/" + name + what}};
    };
    if (file == found.end()) return wrong(" is missing");
    if (file->second->sha256 != to_hex(each.archived->file_digest)) return wrong(" is not the one that was written");
    return {};
  });
}

}  // namespace planexe::eventstore
