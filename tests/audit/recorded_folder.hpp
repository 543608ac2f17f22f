// A data folder with a small log of everything, its views and its snapshots, closed in good order; and ways to change
// it that no store would take.
#pragma once

#include <functional>
#include <map>
#include <memory>

#include "eventstore/rocksdb_store.hpp"

#include "audit/verify.hpp"

namespace rocksdb {
class DB;
}

namespace planexe::tests {

/// A new folder under the system's temporary one, removed at the end.
class scratch_folder {
 public:
  scratch_folder();
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  ~scratch_folder();
  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }

 private:
  std::string path_;
};

/// All of a log, as its readers give it.
using whole_log = std::vector<eventstore::stored_event>;

class recorded_folder {
 public:
  /// Executions `e0` to `e2`, some agents, a plan, the switch and notifications. The same seed gives the same log.
  /// With `ended`, a person with a key named ann has cancelled `e0`: "no longer needed".
  explicit recorded_folder(std::uint64_t seed = 1, int commands = 60, bool ended = false);

  std::string path() const { return scratch_ / "data"; }
  /// Changes what is stored, under the checksums that RocksDB gives it.
  void tamper(const std::function<void(rocksdb::DB&)>& change) const;
  /// The verdict, which must not be an error.
  audit::log_verdict verify(const audit::verify_options& options = {}) const;

  const domain::stream_id execution{domain::stream_kind::execution, "e1"};
  const scratch_folder& scratch() const { return scratch_; }

 private:
  scratch_folder scratch_;
};

/// In log order. Fails the test where the log cannot be read.
whole_log log_in(const std::string& folder);
/// What is stored under a key, for `tamper`. Fails the test where nothing is, or where it cannot be written.
std::string get(rocksdb::DB& database, const std::string& key);
void put(rocksdb::DB& database, const std::string& key, const std::string& value);
/// Number of the stream in the keys.
std::uint64_t number_of(rocksdb::DB& database, const domain::stream_id& stream);

/// What is first in a verdict that is not clean, in one line with the place.
std::string first_of(const audit::log_verdict& verdict);

}  // namespace planexe::tests
