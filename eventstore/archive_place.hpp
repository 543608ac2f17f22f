// Where the files of archived streams are, beside the log. Any thread.
#pragma once

#include <string>

#include "domain/event_record.hpp"

namespace planexe::eventstore {

/// The folder, in a data folder.
inline std::string archive_folder_in(const std::string& data_folder) {
  return data_folder + "/archive";
}
inline constexpr const char* archive_file_ending = ".jsonl.zst";
/// A stream's file, in that folder.
inline std::string archive_file_name(const domain::stream_id& stream) {
  return stream.id + archive_file_ending;
}

}  // namespace planexe::eventstore
