#include "apps/demo/plan_upload.hpp"

#include <archive.h>
#include <archive_entry.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <vector>

namespace planexe::demo {
namespace {

namespace fs = std::filesystem;

// Structured files of real runs stay under 1 MiB; what is bigger is a log or a rendered report.
constexpr std::uintmax_t largest_file_bytes = 8ULL << 20;
// The server takes plans up to 64 MiB.
constexpr std::uintmax_t largest_plan_bytes = 64ULL << 20;

error failure(errc code, std::string detail) {
  return error{code, std::move(detail)};
}

result<std::string> read_file(const fs::path& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) return unexpected{failure(errc::not_found, "cannot read " + path.string())};
  std::string bytes{std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
  if (in.bad()) return unexpected{failure(errc::io, "cannot read " + path.string())};
  return bytes;
}

bool is_structured(const fs::path& path) {
  const auto extension = path.extension();
  return extension == ".json" || extension == ".csv" || extension == ".txt" || extension == ".md";
}

result<std::vector<fs::path>> structured_files(const fs::path& folder) {
  std::error_code error;
  std::vector<fs::path> files;
  for (fs::directory_iterator entry(folder, error), end; !error && entry != end; entry.increment(error)) {
    std::error_code unreadable;
    if (!entry->is_regular_file(unreadable) || !is_structured(entry->path())) continue;
    const auto bytes = entry->file_size(unreadable);
    if (!unreadable && bytes <= largest_file_bytes) files.push_back(entry->path());
  }
  if (error)
    return unexpected{failure(errc::not_found, "cannot read folder " + folder.string() + ": " + error.message())};
  if (files.empty()) return unexpected{failure(errc::invalid, "no plan files in " + folder.string())};
  std::sort(files.begin(), files.end());
  return files;
}

la_ssize_t append_bytes(archive*, void* target, const void* bytes, std::size_t count) {
  static_cast<std::string*>(target)->append(static_cast<const char*>(bytes), count);
  return static_cast<la_ssize_t>(count);
}

using archive_writer = std::unique_ptr<archive, int (*)(archive*)>;
using entry_pointer = std::unique_ptr<archive_entry, void (*)(archive_entry*)>;

bool add_file(archive* zip, const std::string& name, const std::string& bytes) {
  const entry_pointer entry(archive_entry_new(), archive_entry_free);
  archive_entry_set_pathname(entry.get(), name.c_str());
  archive_entry_set_size(entry.get(), static_cast<la_int64_t>(bytes.size()));
  archive_entry_set_filetype(entry.get(), AE_IFREG);
  archive_entry_set_perm(entry.get(), 0644);
  return archive_write_header(zip, entry.get()) == ARCHIVE_OK &&
         archive_write_data(zip, bytes.data(), bytes.size()) == static_cast<la_ssize_t>(bytes.size());
}

std::string content_type_of(const fs::path& path, const std::string& bytes) {
  std::string extension = path.extension().string();
  for (char& c : extension)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  if (extension == ".md" || extension == ".markdown") return "text/markdown";
  if (extension == ".csv") return "text/csv";
  if (extension == ".zip" || (extension != ".json" && bytes.starts_with("PK"))) return "application/zip";
  return "application/json";
}

}  // namespace

result<std::string> zip_folder(const std::string& path) {
  const auto files = structured_files(path);
  if (!files) return unexpected{files.error()};
  std::string bytes;
  const archive_writer zip(archive_write_new(), archive_write_free);
  if (archive_write_set_format_zip(zip.get()) != ARCHIVE_OK ||
      archive_write_open(zip.get(), &bytes, nullptr, append_bytes, nullptr) != ARCHIVE_OK) {
    return unexpected{failure(errc::io, "cannot pack " + path)};
  }
  for (const auto& file : *files) {
    const auto content = read_file(file);
    if (!content) return unexpected{content.error()};
    if (!add_file(zip.get(), file.filename().string(), *content)) {
      return unexpected{failure(errc::io, "cannot pack " + file.string())};
    }
    if (bytes.size() > largest_plan_bytes) return unexpected{failure(errc::too_large, path + " is over 64 MiB packed")};
  }
  if (archive_write_close(zip.get()) != ARCHIVE_OK) return unexpected{failure(errc::io, "cannot pack " + path)};
  return bytes;
}

result<plan_upload> read_plan(const std::string& path) {
  std::error_code error;
  if (fs::is_directory(path, error)) {
    auto bytes = zip_folder(path);
    if (!bytes) return unexpected{bytes.error()};
    return plan_upload{*std::move(bytes), "application/zip"};
  }
  if (!fs::exists(path, error)) return unexpected{failure(errc::not_found, "no plan at " + path)};
  if (const auto size = fs::file_size(path, error); error || size > largest_plan_bytes) {
    return unexpected{failure(errc::too_large, path + " is no file of at most 64 MiB")};
  }
  auto bytes = read_file(path);
  if (!bytes) return unexpected{bytes.error()};
  auto content_type = content_type_of(path, *bytes);
  return plan_upload{*std::move(bytes), std::move(content_type)};
}

}  // namespace planexe::demo
