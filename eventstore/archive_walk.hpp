// Reading what has left the log, checked as what has stayed is: every event hangs on the one before it, and the last
// one has the hash that the log has kept. Shared by the stores. Private to the room. Any thread, one at a time.
#pragma once

#include <deque>
#include <map>

#include "eventstore/append_plan.hpp"
#include "eventstore/archive_reader.hpp"

namespace planexe::eventstore {

/// Is given each event, unchecked, with the hash that it must hang on.
using take_event = std::function<result<void>(const event_at_rest&, const domain::sha256_digest& previous)>;

/// The events after `after_seq`, as many as the limit lets through; a few at a time, whatever it is. `archive` may be
/// null: `errc::archived` then.
result<void> walk_archived(const archive_reader* archive, const archived_stream& stream, std::uint64_t after_seq,
                           read_limit limit, const take_event& take);

/// Goes along the log's gaps and finds the events that stood there, each in its stream's archive. Holds some events of
/// every archived stream that it is in the midst of.
class archive_sweep {
 public:
  /// At most `limit` archived streams whose first position is after the given one, in the order of these.
  using stream_list = std::function<result<std::vector<archived_stream>>(std::uint64_t after, std::size_t limit)>;

  /// `keys` open what is sealed.
  archive_sweep(const archive_reader& archive, const vault& keys, stream_list list)
      : archive_(archive), keys_(keys), list_(std::move(list)) {}

  /// The event at a position that lies in a gap; gives the size of its stored bytes. Positions must ascend from call to
  /// call.
  result<std::size_t> at(std::uint64_t position, std::vector<domain::event_record>& events);
  /// No earlier position can be asked for.
  std::uint64_t reached() const { return reached_; }

 private:
  struct cursor {
    archived_stream stream;
    std::uint64_t seq = 0;  ///< of the last event that was passed
    domain::sha256_digest previous{};
    std::deque<stored_event> ahead;
  };

  result<void> begin_streams(std::uint64_t position);
  /// Puts a cursor where its next event stands that is not before `position`; drops one that has none.
  result<void> place(cursor moved, std::uint64_t position);
  result<void> refill(cursor& moved);

  const archive_reader& archive_;
  const vault& keys_;
  stream_list list_;
  std::deque<archived_stream> upcoming_;
  std::uint64_t listed_ = 0;  ///< first position of the last stream that was listed
  bool all_listed_ = false;
  std::uint64_t reached_ = 0;
  std::size_t bytes_held_ = 0;
  std::map<std::uint64_t, cursor> under_way_;  ///< by the position of each one's next event
};

}  // namespace planexe::eventstore
