// Builds zips in memory, well formed; the tests then spoil them byte by byte.
#pragma once

#include <archive.h>
#include <archive_entry.h>

#include <string>
#include <string_view>
#include <vector>

#include "tests/plans/reading.hpp"

namespace planexe::plans::testing {

inline la_ssize_t append_to_string(archive*, void* target, const void* data, std::size_t length) {
  static_cast<std::string*>(target)->append(static_cast<const char*>(data), length);
  return static_cast<la_ssize_t>(length);
}

/// A deflated zip of the files, each below `folder` (for example "run/").
inline std::string zip_of(const file_map& files, const std::string& folder = "") {
  std::string bytes;
  archive* writer = archive_write_new();
  archive_write_set_format_zip(writer);
  archive_write_set_options(writer, "compression=deflate");
  archive_write_set_bytes_in_last_block(writer, 1);
  archive_write_open(writer, &bytes, nullptr, append_to_string, nullptr);
  for (const auto& [name, content] : files) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, (folder + name).c_str());
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
    REQUIRE(archive_write_header(writer, entry) == ARCHIVE_OK);
    REQUIRE(archive_write_data(writer, content.data(), content.size()) == static_cast<la_ssize_t>(content.size()));
    archive_entry_free(entry);
  }
  REQUIRE(archive_write_close(writer) == ARCHIVE_OK);
  archive_write_free(writer);
  return bytes;
}

/// Offsets of the headers in the zip's directory.
inline std::vector<std::size_t> directory_headers(const std::string& zip) {
  std::vector<std::size_t> found;
  for (std::size_t at = zip.find("PK\1\2"); at != std::string::npos; at = zip.find("PK\1\2", at + 4))
    found.push_back(at);
  return found;
}

inline void put_u32(std::string& bytes, std::size_t at, std::uint32_t value) {
  for (std::size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<char>(value >> (8 * i) & 0xFF);
}

inline outcome read_zip_bytes(std::string_view bytes) {
  return read_plan(bytes, plan_format::zip);
}

}  // namespace planexe::plans::testing
