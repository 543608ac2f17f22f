// Copies of a log in use. See rocksdb_store.hpp.
#include <rocksdb/utilities/checkpoint.h>

#include <limits>

#include "eventstore/rocksdb_impl.hpp"

namespace planexe::eventstore {

result<void> rocksdb_store::checkpoint(const std::string& to) const {
  rocksdb::Checkpoint* made = nullptr;
  auto status = rocksdb::Checkpoint::Create(impl_->database.get(), &made);
  const std::unique_ptr<rocksdb::Checkpoint> copier(made);
  // A flush that fails for want of space would be this store's failure; the write-ahead log is copied instead.
  constexpr auto without_flush = std::numeric_limits<std::uint64_t>::max();
  if (status.ok()) status = copier->CreateCheckpoint(to, without_flush);
  if (status.ok()) return {};
  return unexpected{error{errc::io, storage_error("cannot copy the log to " + to, status).detail}};
}

const std::string& rocksdb_store::folder() const {
  return impl_->folder;
}

std::shared_ptr<void> rocksdb_store::environment() const {
  return impl_->environment;
}

}  // namespace planexe::eventstore
