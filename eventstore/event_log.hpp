// The log: the only truth. An interface, so that one contract suite drives every store and a shared log for several
// nodes can follow. Asynchronous in shape: `append` answers through a completion, which an embedded store calls before
// it returns.
//
// Threads: one thread appends (the committer); any thread reads. What a reader finds has been made durable.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "domain/event_record.hpp"
#include "domain/result.hpp"
#include "eventstore/read_limit.hpp"
#include "eventstore/vault.hpp"

namespace planexe::eventstore {

/// The first answer to a request with an idempotency key, kept with the events that it speaks of.
struct kept_answer {
  std::string key;             ///< scoped by the caller: who asks, and the client's key
  std::string payload_digest;  ///< tells the same request from another one under the same key
  std::uint32_t status = 0;    ///< HTTP status
  std::string headers;         ///< as the gateway wrote them; opaque here
  std::string body;
  domain::timestamp expires_at{};
};

struct retirement;

/// One writer's step: all of its events are stored, or none.
struct append_request {
  domain::stream_id stream;
  std::uint64_t expected_version = 0;        ///< seq of the stream's last event; 0 for a new stream
  std::vector<domain::event_record> events;  ///< stream, seq, metadata and payload set; position and hash not yet
  std::vector<std::string> bytes;            ///< the same events as stored (codec.hpp), one each
  std::vector<kept_answer> answers;          ///< with no events: kept whatever the stream's version is
  /// A stream that leaves the log with this step, and its snapshot with it. The step is left out where the stream is
  /// not as it was planned, and where another one leaves in the same batch. May be null.
  std::shared_ptr<const retirement> retires;
  /// The bytes are another log's. Otherwise the store seals in them what persons wrote (vault.hpp).
  bool keep_bytes = false;
};

/// What became of one request of a batch. Its order in the result is its order in the batch.
struct append_outcome {
  bool committed = false;           ///< false: the stream was not as expected, or is archived; nothing was stored
  std::uint64_t version = 0;        ///< the stream's version afterwards
  std::uint64_t last_position = 0;  ///< of the request's last event; 0 without events
};

/// A durable batch, in log order: what subscribers get.
struct committed_batch {
  std::vector<domain::event_record> events;
};

struct stream_head {
  std::uint64_t version = 0;  ///< 0: no such stream
  domain::sha256_digest hash{};
  bool archived = false;  ///< its events have left the log, and no more can be appended
};

struct log_head {
  std::uint64_t position = 0;
  domain::sha256_digest hash{};  ///< chained over every event of the log
};

/// An event as it is stored: what its hash is over, and what is moved from one log to another.
struct stored_event {
  domain::stream_id stream;
  std::uint64_t seq = 0;
  std::uint64_t position = 0;
  domain::sha256_digest hash{};
  std::string bytes;  ///< see codec.hpp
  friend bool operator==(const stored_event&, const stored_event&) = default;
};

/// What the log keeps of a stream that is archived, beside its head.
struct archive_entry {
  std::uint64_t first_position = 0;  ///< of its events, as they stood in the log
  std::uint64_t last_position = 0;
  domain::sha256_digest file_digest{};  ///< SHA-256 of the file that has them now
  friend bool operator==(const archive_entry&, const archive_entry&) = default;
};

struct listed_stream {
  std::uint64_t number = 0;  ///< 1, 2, 3, … in the order in which the streams began
  domain::stream_id stream;
  stream_head head;
  std::optional<archive_entry> archived;
};

/// Positions next to each other that have left the log with archived streams, and the log's chained hash around them:
/// with it the chain over what has stayed can still be checked.
struct log_gap {
  std::uint64_t first = 0;
  std::uint64_t last = 0;
  domain::sha256_digest before{};  ///< the log's head as it was at `first` - 1
  domain::sha256_digest after{};   ///< and at `last`
  friend bool operator==(const log_gap&, const log_gap&) = default;
};

/// A stream that is to leave the log, as it was found by `plan_retirement`.
struct retirement {
  domain::stream_id stream;
  stream_head head;
  archive_entry entry;
  std::vector<log_gap> gaps;  ///< the stretches of its positions, in order
};

using append_done = std::function<void(result<std::vector<append_outcome>>)>;
using subscriber = std::function<void(const std::shared_ptr<const committed_batch>&)>;

class event_log {
 public:
  event_log() = default;
  event_log(const event_log&) = delete;
  event_log& operator=(const event_log&) = delete;
  virtual ~event_log() = default;

  /// Stores a batch as one atomic, durable write. Versions are those that the batch's earlier requests leave. A request
  /// whose expected version is wrong is left out (and so is any later one that builds on it); the others are stored.
  /// After an error nothing more can be appended: every further call answers the same error. `done` is called once,
  /// after the subscribers.
  virtual void append(std::vector<append_request> batch, append_done done) = 0;

  /// The events of a stream after `after_seq`, in order, as many as the limit lets through; none only where the stream
  /// has none. Those of an archived stream come from its archive; `errc::archived` where none is known to the log.
  virtual result<std::vector<domain::event_record>> read_stream(const domain::stream_id& stream,
                                                                std::uint64_t after_seq, read_limit limit) const = 0;
  /// The events of the log after `after_position`, in order, as many as the limit lets through; none only at the log's
  /// end. Those of archived streams come from their archives; where the log knows of no archive, they are passed over.
  virtual result<std::vector<domain::event_record>> read_all(std::uint64_t after_position, read_limit limit) const = 0;

  /// As `read_stream`, undecoded; that every event hangs on the one before it has been checked.
  virtual result<std::vector<stored_event>> read_stored(const domain::stream_id& stream, std::uint64_t after_seq,
                                                        read_limit limit) const = 0;
  /// At most `limit` streams with a number after `after`, in order.
  virtual result<std::vector<listed_stream>> list_streams(std::uint64_t after, std::size_t limit) const = 0;

  virtual result<stream_head> head_of(const domain::stream_id& stream) const = 0;
  virtual result<log_head> head() const = 0;

  /// At most `limit` gaps that begin after `after_position`, in order. No two of them touch.
  virtual result<std::vector<log_gap>> read_gaps(std::uint64_t after_position, std::size_t limit) const = 0;
  /// What it takes for a stream to leave the log: reads the log from its first event to its last. The stream's file
  /// must be written and checked by then. `errc::not_found` for no stream, `errc::archived` for one that has left.
  virtual result<retirement> plan_retirement(const domain::stream_id& stream,
                                             const domain::sha256_digest& file_digest) const = 0;
  /// Gives the space back that streams have left. Takes as long as reading and writing what lies between them does; any
  /// thread.
  virtual result<void> reclaim() = 0;
  /// What opens the words that persons wrote here. Any thread; lives as long as the log.
  virtual const vault& sealing_keys() const = 0;

  /// Nothing when the key is unknown or has expired at `now`.
  virtual result<std::optional<kept_answer>> find_answer(const std::string& key, domain::timestamp now) const = 0;

  /// Calls `on_commit` for every later batch, in order, on the appending thread, before its `done`. Not while
  /// appending.
  virtual void subscribe(subscriber on_commit) = 0;
};

/// Snapshots and views: derived, written without a sync of their own, and lost without harm. A crash keeps a prefix of
/// the writes, in order with the log's.
class derived_store {
 public:
  derived_store() = default;
  derived_store(const derived_store&) = delete;
  derived_store& operator=(const derived_store&) = delete;
  virtual ~derived_store() = default;

  struct snapshot {
    std::uint64_t seq = 0;
    std::string bytes;
  };
  /// Replaces the stream's snapshot.
  virtual result<void> save_snapshot(const domain::stream_id& stream, const snapshot& taken) = 0;
  virtual result<std::optional<snapshot>> load_snapshot(const domain::stream_id& stream) const = 0;

  struct view_write {
    std::string view;
    std::uint64_t checkpoint = 0;  ///< position of the last event that the view includes
    std::vector<std::pair<std::string, std::string>> puts;
    std::vector<std::string> deletes;
    bool reset = false;  ///< removes every row first; then come the deletes, then the puts
  };
  /// Rows and checkpoint change together or not at all.
  virtual result<void> write_view(const view_write& write) = 0;
  struct view_rows {
    std::uint64_t checkpoint = 0;                           ///< 0: never written
    std::vector<std::pair<std::string, std::string>> rows;  ///< in key order
  };
  virtual result<view_rows> load_view(const std::string& view) const = 0;
};

}  // namespace planexe::eventstore
