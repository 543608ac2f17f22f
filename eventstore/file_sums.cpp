#include "eventstore/file_sums.hpp"

#include <algorithm>
#include <filesystem>
#include <optional>

#include "eventstore/hash_chain.hpp"

namespace planexe::eventstore {
namespace {

namespace fs = std::filesystem;
using rocksdb::Env;

constexpr std::size_t piece_bytes = std::size_t{1} << 20;  // read at once, and between two questions whether to go on
constexpr std::size_t sum_letters = 64;
constexpr std::string_view between = "  ";

/// Reads a file to its end; `take` gets each piece.
template <class Take>
result<std::uint64_t> read_through(Env& environment, const std::string& path, const may_go_on& go_on, Take take) {
  std::unique_ptr<rocksdb::SequentialFile> file;
  auto status = environment.NewSequentialFile(path, &file, rocksdb::EnvOptions());
  if (status.IsNotFound() || status.IsPathNotFound()) return unexpected{error{errc::not_found, path + " is missing"}};
  if (!status.ok()) return unexpected{file_error("cannot read " + path, status)};
  std::string room(piece_bytes, '\0');
  std::uint64_t bytes = 0;
  while (true) {
    if (auto allowed = go_on(); !allowed) return unexpected{allowed.error()};
    rocksdb::Slice piece;
    status = file->Read(room.size(), &piece, room.data());
    if (!status.ok()) return unexpected{file_error("cannot read " + path, status)};
    if (piece.empty()) return bytes;
    bytes += piece.size();
    if (result<void> taken = take(piece); !taken) return unexpected{taken.error()};
  }
}

}  // namespace

error file_error(const std::string& what, const rocksdb::Status& status) {
  auto words = status.ToString();
  std::replace(words.begin(), words.end(), '\n', ' ');
  return {errc::io, what + ": " + words};
}

result<file_sum> sum_of(Env& environment, const std::string& folder, const std::string& path, const may_go_on& go_on) {
  running_sha256 sum;
  const auto bytes = read_through(environment, folder + "/" + path, go_on, [&](const rocksdb::Slice& piece) {
    sum.take(piece.ToStringView());
    return result<void>{};
  });
  if (!bytes) return unexpected{bytes.error()};
  return file_sum{path, to_hex(sum.finish()), *bytes};
}

result<file_sum> copy_file(Env& environment, const std::string& from, const std::string& folder,
                           const std::string& path, const may_go_on& go_on) {
  const std::string to = folder + "/" + path;
  std::unique_ptr<rocksdb::WritableFile> file;
  auto status = environment.NewWritableFile(to, &file, rocksdb::EnvOptions());
  if (!status.ok()) return unexpected{file_error("cannot write " + to, status)};
  running_sha256 sum;
  std::uint64_t written = 0;
  const auto bytes = read_through(environment, from, go_on, [&](const rocksdb::Slice& piece) {
    sum.take(piece.ToStringView());
    auto done = file->Append(piece);
    // Handed to the disk bit by bit: a sync of everything at the end would hold up whoever else syncs.
    if (done.ok()) done = file->RangeSync(written, piece.size());
    written += piece.size();
    return done.ok() ? result<void>{} : result<void>{unexpected{file_error("cannot write " + to, done)}};
  });
  if (!bytes) return unexpected{bytes.error()};
  status = file->Fsync();
  // On purpose, for backups as for restores: what is read back shall come from the disk, as far as there is one, and
  // not be what was just handed over. So a table of a backup that a server makes, which nobody reads back, does not
  // push what the server reads out of the memory either.
  if (status.ok()) (void)file->InvalidateCache(0, 0);
  if (status.ok()) status = file->Close();
  if (!status.ok()) return unexpected{file_error("cannot write " + to, status)};
  return file_sum{path, to_hex(sum.finish()), *bytes};
}

bool lies_in(const std::string& path, const std::string& folder) {
  std::error_code failed;
  auto at = fs::weakly_canonical(fs::absolute(path), failed);
  if (failed) at = fs::absolute(path).lexically_normal();
  while (true) {
    if (std::error_code absent; fs::equivalent(at, folder, absent)) return true;
    if (at == at.parent_path()) return false;
    at = at.parent_path();
  }
}

result<std::vector<std::string>> files_below(const std::string& folder) {
  std::vector<std::string> paths;
  std::error_code failed;
  for (fs::recursive_directory_iterator at(folder, failed), end; !failed && at != end; at.increment(failed)) {
    const auto path = fs::path(at->path()).lexically_relative(folder).generic_string();
    if (at->is_symlink(failed) || (!at->is_regular_file(failed) && !at->is_directory(failed)))
      return unexpected{error{errc::corrupt, folder + "/" + path + " is neither a file nor a folder"}};
    if (at->is_regular_file(failed)) paths.push_back(path);
  }
  if (failed) return unexpected{error{errc::io, "cannot list " + folder + ": " + failed.message()}};
  std::sort(paths.begin(), paths.end());
  return paths;
}

// Files by way of the environment, whose disk may be one that tests have switched off.
result<void> remove_folder(Env& environment, const std::string& folder) {
  std::error_code failed;
  if (!fs::exists(folder, failed)) return {};
  const auto paths = files_below(folder);
  if (!paths) return unexpected{paths.error()};
  for (const auto& path : *paths)
    if (const auto gone = environment.DeleteFile(folder + "/" + path); !gone.ok())
      return unexpected{file_error("cannot remove " + folder, gone)};
  fs::remove_all(folder, failed);
  if (failed) return unexpected{error{errc::io, "cannot remove " + folder + ": " + failed.message()}};
  return {};
}

result<void> sync_folder(Env& environment, const std::string& folder) {
  std::unique_ptr<rocksdb::Directory> directory;
  auto status = environment.NewDirectory(folder, &directory);
  if (status.ok()) status = directory->Fsync();
  if (status.ok()) return {};
  return unexpected{file_error("cannot sync " + folder, status)};
}

std::string sums_text(const std::vector<file_sum>& sums) {
  std::string text;
  for (const auto& each : sums) text.append(each.sha256).append(between).append(each.path).append("\n");
  return text;
}

std::optional<std::vector<file_sum>> parse_sums(std::string_view text) {
  std::vector<file_sum> sums;
  while (!text.empty()) {
    const auto end = text.find('\n');
    if (end == std::string_view::npos) return std::nullopt;  // cut off
    const auto line = text.substr(0, end);
    text.remove_prefix(end + 1);
    const auto sum = line.substr(0, sum_letters);
    const bool is_sum =
        sum.size() == sum_letters && sum.find_first_not_of("0123456789abcdef") == std::string_view::npos;
    if (!is_sum || line.substr(sum_letters, between.size()) != between) return std::nullopt;
    const std::string path(line.substr(sum_letters + between.size()));
    // A list from elsewhere must not lead out of its folder.
    const fs::path parts(path);
    const bool stays =
        !path.empty() && parts.is_relative() && parts.lexically_normal() == parts && *parts.begin() != fs::path("..");
    if (!stays) return std::nullopt;
    sums.push_back({path, std::string(sum), 0});
  }
  return sums;
}

}  // namespace planexe::eventstore
