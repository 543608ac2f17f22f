// Small files that a person names on the command line. Any thread.
#pragma once

#include <memory>
#include <string>

#include "domain/result.hpp"
#include "eventstore/archive_reader.hpp"

namespace planexe::auditing {

/// At most 16 MiB: more is no anchor and no proof.
result<std::string> read_file(const std::string& name);
/// `errc::conflict` where the file is there already: nothing is ever overwritten.
result<void> write_new_file(const std::string& name, const std::string& text);

/// Where the archived executions of a data folder are.
std::shared_ptr<const eventstore::archive_reader> archive_of(const std::string& data_folder);

}  // namespace planexe::auditing
