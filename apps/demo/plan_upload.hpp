// A plan on disk, made ready to be posted. Any thread; nothing is kept.
#pragma once

#include <string>

#include "domain/result.hpp"

namespace planexe::demo {

struct plan_upload {
  std::string bytes;
  std::string content_type;  ///< application/zip, application/json, text/markdown or text/csv
};

/// Packs the structured files (JSON, CSV, text, Markdown) of one run folder into a zip in memory, without a top folder
/// and without files over 8 MiB. `errc::not_found` when the folder is missing, `errc::invalid` when it holds none.
result<std::string> zip_folder(const std::string& path);

/// Reads a zip, a folder (packed by `zip_folder`), a JSON, Markdown or CSV file; the kind is told by name, then
/// content.
result<plan_upload> read_plan(const std::string& path);

}  // namespace planexe::demo
