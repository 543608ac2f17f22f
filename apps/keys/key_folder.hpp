// The keys of a data folder, read and written without a server. One thread; blocks.
#pragma once

#include <string>

#include "domain/keys.hpp"
#include "domain/result.hpp"

namespace planexe::keys {

/// Also while a server has the folder open.
result<domain::key_ring> read_key_folder(const std::string& folder);

/// Records what the command comes to; the key as it is then. `errc::locked` while a server has the folder open. A
/// folder that is not there is made for a new key, and `errc::not_found` for anything else.
result<domain::api_key> change_key_folder(const std::string& folder, const domain::key_command& command,
                                          const std::string& actor, domain::timestamp now);

}  // namespace planexe::keys
