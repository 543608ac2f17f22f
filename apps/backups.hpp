// Where a running server makes backups: one folder, set at the start. Its functions are called by one thread at a time,
// which they block.
#pragma once

#include <filesystem>
#include <memory>

#include "actors/disk_board.hpp"
#include "eventstore/rocksdb_store.hpp"
#include "gateway/actor_bridge/bridge.hpp"

namespace planexe::apps {

/// Nothing where `folder` is empty. `store` must outlive what is given back.
std::optional<gateway::backup_place> make_backup_place(const std::filesystem::path& folder,
                                                       const eventstore::rocksdb_store& store,
                                                       std::shared_ptr<const actors::disk_board> disk,
                                                       std::string release);

}  // namespace planexe::apps
