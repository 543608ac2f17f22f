#include "eventstore/head_mark.hpp"

#include <rocksdb/env.h>

#include <charconv>

#include "eventstore/hash_chain.hpp"
#include "eventstore/rocksdb_open.hpp"

namespace planexe::eventstore {
namespace {

// One line: `position hash`, decimal and hexadecimal.
std::string mark_in(const std::string& folder) {
  return folder + "/HEAD";
}

}  // namespace

result<std::optional<log_head>> read_head_mark(rocksdb::Env& environment, const std::string& folder) {
  const std::string path = mark_in(folder);
  std::string line;
  const auto status = rocksdb::ReadFileToString(&environment, path, &line);
  if (status.IsNotFound() || status.IsPathNotFound()) return std::optional<log_head>{};
  if (!status.ok()) return unexpected{storage_error("cannot read " + path, status)};
  log_head head;
  const char* const end = line.data() + line.size();
  const auto [rest, failed] = std::from_chars(line.data(), end, head.position);
  const bool is_line = failed == std::errc{} && end - rest > 1 && *rest == ' ' && end[-1] == '\n';
  const auto hash = is_line ? from_hex({rest + 1, static_cast<std::size_t>(end - rest - 2)}) : std::nullopt;
  if (!hash) return unexpected{error{errc::corrupt, "the mark of the log's head, " + path + ", is malformed"}};
  head.hash = *hash;
  return std::optional{head};
}

result<void> write_head_mark(rocksdb::Env& environment, const std::string& folder, const log_head& head) {
  const std::string path = mark_in(folder), fresh = path + ".new";
  const std::string line = std::to_string(head.position) + " " + to_hex(head.hash) + "\n";
  std::unique_ptr<rocksdb::Directory> directory;
  auto status = rocksdb::WriteStringToFile(&environment, line, fresh, true);
  if (status.ok()) status = environment.RenameFile(fresh, path);
  if (status.ok()) status = environment.NewDirectory(folder, &directory);
  if (status.ok()) status = directory->Fsync();
  if (status.ok()) return {};
  return unexpected{error{errc::io, storage_error("cannot write " + path, status).detail}};
}

}  // namespace planexe::eventstore
