// Any bytes as the documents of a run, put into a well-formed zip (stored, with right checksums).
#include <archive.h>
#include <archive_entry.h>

#include <string>

#include "tests/fuzz/checks.hpp"
#include "tests/fuzz/run_records.hpp"

namespace {

la_ssize_t append_to_string(archive*, void* target, const void* data, std::size_t length) {
  static_cast<std::string*>(target)->append(static_cast<const char*>(data), length);
  return static_cast<la_ssize_t>(length);
}

std::string zip_of(std::string_view records) {
  std::string bytes;
  archive* writer = archive_write_new();
  archive_write_set_format_zip(writer);
  archive_write_set_options(writer, "compression=store");
  archive_write_set_bytes_in_last_block(writer, 1);
  archive_write_open(writer, &bytes, nullptr, append_to_string, nullptr);
  planexe::fuzz::for_each_record(records, [&](std::string_view path, std::string_view content) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, std::string{path}.c_str());
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
    archive_write_header(writer, entry);
    archive_write_data(writer, content.data(), content.size());
    archive_entry_free(entry);
  });
  archive_write_close(writer);
  archive_write_free(writer);
  return bytes;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace planexe;
  fuzz::check_read(plans::read_plan(zip_of(fuzz::text_of(data, size)), plans::plan_format::zip));
  return 0;
}
