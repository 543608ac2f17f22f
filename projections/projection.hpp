// A projection turns the log into a view. It sees every event once, in the log's order, and keeps with its view the
// position that it has reached; deleting the view and reading the log again gives the same bytes.
//
// Threads: one thread owns a projection and everything in this room (the projections' actor).
#pragma once

#include <memory>
#include <string_view>
#include <vector>

#include "domain/event_record.hpp"
#include "eventstore/event_log.hpp"

namespace planexe::projections {

/// What an event says of an execution that has left the log; null for any other event.
inline const domain::execution_archived* archived_in(const domain::event_record& record) {
  const auto* event = std::get_if<domain::system_event>(&record.payload);
  return event == nullptr ? nullptr : std::get_if<domain::execution_archived>(event);
}

class projection {
 public:
  projection() = default;
  projection(const projection&) = delete;
  projection& operator=(const projection&) = delete;
  virtual ~projection() = default;

  /// The view's name in the store. Carries a version: a new form of rows is a new view, rebuilt from the log.
  virtual std::string_view name() const = 0;
  /// Takes the rows of a stored view. `errc::corrupt` when they are not what `changes` wrote; it is rebuilt then.
  virtual result<void> restore(const eventstore::derived_store::view_rows& rows) = 0;
  /// Back to the state before the first event.
  virtual void reset() = 0;
  virtual result<void> apply(const domain::event_record& record) = 0;
  /// Adds the rows changed since the last call to `write`. After a failure nothing of the view is written.
  virtual result<void> changes(eventstore::derived_store::view_write& write) = 0;
  /// Gives `other`, a view of the same class, what this one holds, and takes what that one does. What each looks at
  /// stays its own.
  virtual void exchange(projection& other) = 0;
  /// How many things the view has rows of.
  virtual std::size_t size() const = 0;
};

/// How far a view is.
struct view_standing {
  std::string_view name;
  std::uint64_t checkpoint = 0;  ///< position that is stored
  std::uint64_t position = 0;    ///< position that is answered from
  std::size_t rows = 0;
};

/// Runs projections over the log: catches up at the start, applies committed batches, and stores views with their
/// checkpoints now and then. A view that cannot be restored is rebuilt from nothing.
class projection_runner {
 public:
  /// Both must outlive the runner.
  projection_runner(const eventstore::event_log& log, eventstore::derived_store& views);

  /// Before `start`. The projection must outlive the runner.
  void add(projection& projection);
  /// Restores every view and applies what the log holds after its checkpoint.
  result<void> start();
  /// Events up to the runner's position are skipped, so that a batch seen while catching up is not applied twice.
  result<void> apply(const eventstore::committed_batch& batch);
  /// Writes every changed row and the checkpoints. While stores are held, nothing; the next one writes it all.
  result<void> store();
  /// While what is stored is looked at elsewhere, it must not move.
  void hold_stores(bool held) { stores_held_ = held; }
  /// Position of the last event applied.
  std::uint64_t position() const { return position_; }
  /// Events applied since the last `store`.
  std::uint64_t unstored() const { return unstored_; }
  /// Of each view, in the order in which they were added.
  std::vector<view_standing> standings() const;

 private:
  struct runner_entry {
    projection* target;
    std::uint64_t checkpoint = 0;
    bool rebuilt = false;  ///< what is stored of it must go
  };
  result<void> restore(runner_entry& entry);
  result<void> apply(const domain::event_record& record);

  const eventstore::event_log& log_;
  eventstore::derived_store& views_;
  std::vector<runner_entry> entries_;
  std::uint64_t position_ = 0;
  std::uint64_t unstored_ = 0;
  bool stores_held_ = false;
};

}  // namespace planexe::projections
