// A data folder as it lies there, whether or not a server has it open: never written to, never locked. Gives the JSON
// that the server would, by the same code; what a server knows beside its log, as who was heard of when, is not in it.
// One thread; blocks.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>

#include "domain/ids.hpp"
#include "domain/result.hpp"
#include "domain/time.hpp"

namespace planexe::eventstore {
class rocksdb_store;
}

namespace planexe::asking {

/// `errc::not_found` for what is not there.
class log_reader {
 public:
  static result<log_reader> open(const std::string& folder);
  log_reader(log_reader&&) noexcept;
  log_reader& operator=(log_reader&&) noexcept;
  ~log_reader();

  /// `task` empty: the whole execution. With `at_seq` as it was after that event, else as it is at `now`.
  result<std::string> why(const domain::execution_id& id, const domain::task_id& task,
                          std::optional<std::uint64_t> at_seq, domain::timestamp now) const;
  result<std::string> execution(const domain::execution_id& id, domain::timestamp now) const;
  result<std::string> comparison(const domain::execution_id& here, const domain::execution_id& there,
                                 domain::timestamp now) const;
  /// A line each, the newest first, at most `limit`.
  result<std::string> executions(std::size_t limit) const;

 private:
  explicit log_reader(std::unique_ptr<const eventstore::rocksdb_store> store);
  std::unique_ptr<const eventstore::rocksdb_store> store_;
};

}  // namespace planexe::asking
