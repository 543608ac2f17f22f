// A plan on disk becomes an upload: a folder is packed, other files go as they are.
#include <archive.h>
#include <archive_entry.h>
#include <doctest/doctest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "apps/demo/plan_upload.hpp"

namespace planexe::tests {
namespace {

namespace fs = std::filesystem;

class scratch_folder {
 public:
  scratch_folder() {
    auto pattern = (fs::temp_directory_path() / "planexe-upload-XXXXXX").string();
    path_ = mkdtemp(pattern.data());
  }
  ~scratch_folder() { fs::remove_all(path_); }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;

  std::string write(const std::string& name, const std::string& text) const {
    std::ofstream(path_ / name, std::ios::binary) << text;
    return (path_ / name).string();
  }
  std::string path() const { return path_.string(); }

 private:
  fs::path path_;
};

std::map<std::string, std::string> unpack(const std::string& bytes) {
  std::map<std::string, std::string> files;
  archive* zip = archive_read_new();
  archive_read_support_format_zip(zip);
  REQUIRE(archive_read_open_memory(zip, bytes.data(), bytes.size()) == ARCHIVE_OK);
  archive_entry* entry = nullptr;
  while (archive_read_next_header(zip, &entry) == ARCHIVE_OK) {
    std::string text(static_cast<std::size_t>(archive_entry_size(entry)), '\0');
    archive_read_data(zip, text.data(), text.size());
    files[archive_entry_pathname(entry)] = text;
  }
  archive_read_free(zip);
  return files;
}

}  // namespace

TEST_CASE("a run folder is packed with its structured files alone") {
  const scratch_folder folder;
  folder.write("wbs.json", "{\"a\": 1}");
  folder.write("plan.txt", "Open a restaurant");
  folder.write("team.md", "# Team");
  folder.write("report.html", "<html>");
  folder.write("huge.json", std::string((8U << 20) + 1, ' '));
  fs::create_directory(folder.path() + "/inner");
  const auto upload = demo::read_plan(folder.path());
  REQUIRE(upload);
  CHECK(upload->content_type == "application/zip");
  const std::map<std::string, std::string> expected = {
      {"wbs.json", "{\"a\": 1}"}, {"plan.txt", "Open a restaurant"}, {"team.md", "# Team"}};
  CHECK(unpack(upload->bytes) == expected);
}

TEST_CASE("files go as they are, their kind told by name and content") {
  const scratch_folder folder;
  const auto markdown = demo::read_plan(folder.write("plan.md", "# Plan"));
  REQUIRE(markdown);
  CHECK(markdown->content_type == "text/markdown");
  CHECK(markdown->bytes == "# Plan");
  const auto json = demo::read_plan(folder.write("plan.json", "{}"));
  REQUIRE(json);
  CHECK(json->content_type == "application/json");
  const auto table = demo::read_plan(folder.write("WBS.CSV", "Level 1;Level 2"));
  REQUIRE(table);
  CHECK(table->content_type == "text/csv");
  const auto zip = demo::read_plan(folder.write("plan.bin", "PK\x03\x04"));
  REQUIRE(zip);
  CHECK(zip->content_type == "application/zip");
}

TEST_CASE("a missing path and an empty folder say so") {
  const scratch_folder folder;
  CHECK(demo::read_plan(folder.path()).error().code == errc::invalid);
  CHECK(demo::read_plan(folder.path() + "/nothing").error().code == errc::not_found);
}

}  // namespace planexe::tests
