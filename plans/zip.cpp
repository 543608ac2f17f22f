#include "plans/zip.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "plans/plan_reader.hpp"
#include "plans/words.hpp"

namespace planexe::plans {
namespace {

constexpr std::string_view directory_end_mark{"PK\5\6", 4};
constexpr std::string_view directory_entry_mark{"PK\1\2", 4};
constexpr std::size_t directory_end_bytes = 22;
constexpr std::size_t directory_entry_bytes = 46;
constexpr std::string_view zip64_locator_mark{"PK\6\7", 4};
constexpr std::size_t zip64_locator_bytes = 20;
constexpr std::size_t max_comment_bytes = 0xFFFF;
constexpr std::size_t max_shown_name = 100;

zip_failure refused(std::string message, bool too_large = false) {
  return {too_large, {{"zip", std::move(message)}}};
}

std::uint32_t little_endian(std::string_view bytes, std::size_t at, std::size_t width) {
  std::uint32_t value = 0;
  for (std::size_t i = width; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

/// What is wrong with a path, or nothing.
std::optional<std::string> path_problem(std::string_view path) {
  if (path.empty()) return "an entry has no name";
  if (path.find('\0') != std::string_view::npos) return "an entry's name holds a NUL";
  const bool drive = path.size() > 1 && path[1] == ':';
  if (path.front() == '/' || path.front() == '\\' || drive) return "an entry has an absolute path";
  for (std::size_t start = 0; start <= path.size();) {
    const std::size_t end = std::min(path.find_first_of("/\\", start), path.size());
    if (path.substr(start, end - start) == "..") return "an entry's path climbs out with '..'";
    start = end + 1;
  }
  return std::nullopt;
}

/// An entry of the directory, as far as it matters here; offsets as in PKWARE's APPNOTE 4.3.12.
struct directory_entry {
  std::string_view name;
  std::size_t bytes = 0;  ///< of the whole entry in the directory
  std::uint32_t packed = 0;
  std::uint32_t unpacked = 0;
  std::uint32_t offset = 0;
  bool encrypted = false;
  std::uint32_t file_type = 0;  ///< the type bits of a Unix mode; 0 where it was made elsewhere
};

/// Nothing when there is no whole entry at `at`.
std::optional<directory_entry> entry_at(std::string_view bytes, std::size_t at, std::size_t end) {
  if (at > end || end - at < directory_entry_bytes || bytes.substr(at, 4) != directory_entry_mark) return std::nullopt;
  const std::size_t name = little_endian(bytes, at + 28, 2);
  const std::size_t extra = name + little_endian(bytes, at + 30, 2) + little_endian(bytes, at + 32, 2);
  if (end - at - directory_entry_bytes < extra) return std::nullopt;
  constexpr std::uint32_t made_on_unix = 3;
  constexpr std::uint32_t made_on_darwin = 19;
  const std::uint32_t made_on = little_endian(bytes, at + 5, 1);
  const std::uint32_t mode = little_endian(bytes, at + 40, 2);
  return directory_entry{bytes.substr(at + directory_entry_bytes, name),
                         directory_entry_bytes + extra,
                         little_endian(bytes, at + 20, 4),
                         little_endian(bytes, at + 24, 4),
                         little_endian(bytes, at + 42, 4),
                         (little_endian(bytes, at + 8, 2) & 1) != 0,
                         made_on == made_on_unix || made_on == made_on_darwin ? mode & 0170000 : 0};
}

/// What is wrong with an entry, or nothing.
std::optional<std::string> entry_problem(const directory_entry& entry) {
  constexpr std::uint32_t regular_file = 0100000;
  constexpr std::uint32_t folder = 0040000;
  constexpr std::uint32_t symbolic_link = 0120000;
  constexpr std::uint32_t elsewhere = 0xFFFFFFFF;  // in the ZIP64 fields
  if (auto problem = path_problem(entry.name)) return problem;
  if (entry.encrypted) return "an entry is encrypted";
  if (entry.file_type == symbolic_link) return "an entry is a symbolic link";
  if (entry.file_type != 0 && entry.file_type != regular_file && entry.file_type != folder)
    return "an entry is neither a file nor a folder";
  if (entry.packed == elsewhere || entry.unpacked == elsewhere || entry.offset == elsewhere)
    return "an entry is in ZIP64 form, which no zip within the limits needs";
  return std::nullopt;
}

/// Walks the zip's own directory before any library sees it: names as they are stored, NULs included, at a cost that
/// the number of entries bounds. A zip cut short has no directory and is refused here.
std::optional<zip_failure> check_directory(std::string_view bytes) {
  const std::size_t tail = std::min(bytes.size(), max_comment_bytes + directory_end_bytes);
  const std::size_t found = bytes.substr(bytes.size() - tail).rfind(directory_end_mark);
  const std::size_t end = bytes.size() - tail + found;
  if (found == std::string_view::npos || bytes.size() - end < directory_end_bytes)
    return refused("not a complete zip file");
  const std::size_t count = little_endian(bytes, end + 10, 2);
  const bool zip64 = end >= zip64_locator_bytes && bytes.substr(end - zip64_locator_bytes, 4) == zip64_locator_mark;
  if (zip64) return refused("in ZIP64 form, which no zip within the limits needs");
  if (count > max_zip_entries) return refused("more than " + std::to_string(max_zip_entries) + " entries", true);
  problem_list problems;
  std::uint64_t unpacked = 0;
  std::size_t at = little_endian(bytes, end + 16, 4);
  for (std::size_t i = 0; i < count; ++i) {
    const auto entry = entry_at(bytes, at, end);
    if (!entry) return refused("the zip's directory is damaged");
    if (const auto problem = entry_problem(*entry))
      problems.add("zip", *problem + (entry->name.empty() ? "" : ": '" + clipped(entry->name, max_shown_name) + "'"));
    unpacked += entry->unpacked;
    at += entry->bytes;
  }
  // The library reads on as long as it sees entries, whatever the count says; so the count must be true.
  if (at != end) return refused("the zip's directory is damaged or in a form that is not supported");
  if (!problems.empty()) return zip_failure{false, problems.take()};
  if (unpacked > max_unpacked_bytes)
    return refused("unpacks to more than " + std::to_string(max_unpacked_bytes >> 20) + " MiB", true);
  if (unpacked / max_zip_ratio > bytes.size())
    return refused("unpacks to more than " + std::to_string(max_zip_ratio) + " times its size", true);
  return std::nullopt;
}

struct archive_closer {
  void operator()(archive* handle) const { archive_read_free(handle); }
};
using archive_reader = std::unique_ptr<archive, archive_closer>;

/// The entry's bytes, at most `room` of them; the library's word on a size is not taken.
expected<std::string, zip_failure> read_entry(archive* reader, std::string_view path, std::size_t room) {
  std::string content;
  std::array<char, 64 * 1024> buffer{};
  for (;;) {
    const la_ssize_t got = archive_read_data(reader, buffer.data(), buffer.size());
    if (got == 0) return content;
    if (got < 0) return unexpected{refused("cannot unpack '" + clipped(path, 200) + "'")};
    const auto length = static_cast<std::size_t>(got);
    if (length > room - content.size())
      return unexpected{refused("'" + clipped(path, 200) + "' unpacks to more than is allowed", true)};
    content.append(buffer.data(), length);
  }
}

}  // namespace

expected<std::vector<run_file>, zip_failure> read_zip(std::string_view bytes,
                                                      const std::function<bool(std::string_view path)>& wanted) {
  if (auto failure = check_directory(bytes)) return unexpected{std::move(*failure)};
  const archive_reader reader{archive_read_new()};
  archive_read_support_format_zip_seekable(reader.get());
  if (archive_read_open_memory(reader.get(), bytes.data(), bytes.size()) != ARCHIVE_OK)
    return unexpected{refused("not a readable zip file")};
  std::vector<run_file> files;
  const std::size_t allowed = std::min({max_unpacked_bytes, max_upload_bytes, bytes.size() * max_zip_ratio});
  std::size_t used = 0;
  for (std::size_t entries = 0;; ++entries) {
    archive_entry* entry = nullptr;
    const int status = archive_read_next_header(reader.get(), &entry);
    if (status == ARCHIVE_EOF) return files;
    if (status < ARCHIVE_WARN || entries > max_zip_entries) return unexpected{refused("the zip file is damaged")};
    const char* name = archive_entry_pathname(entry);
    if (name == nullptr) name = archive_entry_pathname_utf8(entry);
    // A name that no text can be made of belongs to none of the files a plan needs.
    if (name == nullptr || archive_entry_filetype(entry) != AE_IFREG || !wanted(name)) continue;
    auto content = read_entry(reader.get(), name, allowed - used);
    if (!content) return unexpected{std::move(content).error()};
    used += content->size();
    files.push_back({name, *std::move(content)});
  }
}

}  // namespace planexe::plans
