// The outbox as a view: what is stored of it comes back the same, and what is forgotten goes.
#include "projections/notification_views.hpp"

#include <doctest/doctest.h>

#include "eventstore/memory_store.hpp"

namespace planexe::tests {

using namespace domain;

namespace {

struct followed_outbox {
  void happens(const system_event& what, const stream_id& stream = notification_stream) {
    event_record record;
    record.stream = stream;
    record.seq = ++seq;
    record.metadata.recorded_at = timestamp{seconds(1'000 + static_cast<double>(seq))};
    record.payload = what;
    REQUIRE(view.apply(record));
  }
  void queue(std::uint64_t number) {
    notification_queued event{number, number, {"ann"}, {}};
    event.content.execution = {"e"};
    event.content.execution_title = "A plan";
    event.content.level = 2;
    event.content.to = "ann";
    event.content.tasks = {{{"t"}, "T", "late"}};
    happens(event);
  }
  void store() {
    eventstore::derived_store::view_write write;
    write.view = std::string(view.name());
    write.checkpoint = seq;
    REQUIRE(view.changes(write));
    REQUIRE(derived.write_view(write));
  }
  eventstore::derived_store::view_rows stored() {
    auto rows = derived.load_view(std::string(view.name()));
    REQUIRE(rows);
    return std::move(*rows);
  }

  std::uint64_t seq = 0;
  projections::notification_views view;
  eventstore::memory_store derived;
};

}  // namespace

TEST_CASE("a stored outbox comes back as it was") {
  followed_outbox f;
  for (std::uint64_t n = 1; n <= 12; ++n) f.queue(n);
  f.happens(notification_failed{2, 1, "no", timestamp{seconds(9'000)}});
  f.happens(notification_delivered{3, 1, 204});
  f.store();
  f.happens(notification_dead_lettered{4, 5, "gone"});
  f.happens(notification_redriven{4});
  f.happens(notification_dead_lettered{5, 5, "gone"});
  f.store();
  projections::notification_views again;
  REQUIRE(again.restore(f.stored()));
  CHECK(again.outbox().known == f.view.outbox().known);
  CHECK(again.outbox().dead == f.view.outbox().dead);
  CHECK(again.outbox().delivered == f.view.outbox().delivered);
  CHECK_EQ(again.outbox().pending, 10);
  CHECK_EQ(again.outbox().version, f.seq);
  CHECK_EQ(again.outbox().last_number, 12);
  CHECK_EQ(again.outbox().last_position, 12);
  again.reset();
  CHECK(again.outbox().known.empty());
}

TEST_CASE("what the outbox forgets is taken out of the store and other streams say nothing to it") {
  followed_outbox f;
  f.happens(everything_paused{"x"}, {stream_kind::system, "switch"});
  CHECK_EQ(f.view.outbox().version, 0);
  for (std::uint64_t n = 1; n <= most_delivered_kept; ++n) {
    f.queue(n);
    f.happens(notification_delivered{n, 1, 204});
  }
  f.store();
  CHECK_EQ(f.stored().rows.size(), most_delivered_kept + 1);
  f.queue(most_delivered_kept + 1);
  f.happens(notification_delivered{most_delivered_kept + 1, 1, 204});
  f.store();
  const auto rows = f.stored().rows;
  CHECK_EQ(rows.size(), most_delivered_kept + 1);
  CHECK_EQ(rows.front().first, "00000000000000000002");
  CHECK_EQ(rows.back().first, "head");
}

TEST_CASE("damaged rows are refused") {
  followed_outbox f;
  f.queue(1);
  f.store();
  auto rows = f.stored();
  projections::notification_views again;
  rows.rows[0].first = "00000000000000000002";
  CHECK_FALSE(again.restore(rows));
  again.reset();
  rows = f.stored();
  rows.rows[1].second = "\xff";
  CHECK_FALSE(again.restore(rows));
}

}  // namespace planexe::tests
