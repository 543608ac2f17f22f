// Replay: the state after any event, with a snapshot or without one.
#include "projections/replay.hpp"

#include <doctest/doctest.h>

#include "eventstore/codec.hpp"
#include "tests/domain/oracle.hpp"
#include "tests/domain/plan_builder.hpp"
#include "tests/projections/chronicle.hpp"

namespace planexe::tests {

using namespace domain;
using namespace projections;

namespace {

const auto one_task = plan_builder{}.phase("P").task("A").build();

execution_state state_after(const std::vector<event_record>& events, std::size_t count) {
  execution_state state;
  for (std::size_t i = 0; i < count; ++i)
    evolve(state, std::get<execution_event>(events[i].payload), {events[i].seq, events[i].metadata.recorded_at});
  return state;
}

/// Another log, and how many of its events were read.
class counting_log final : public eventstore::event_log {
 public:
  explicit counting_log(const event_log& of) : of_(of) {}
  std::size_t events_read() const { return read_; }

  void append(std::vector<eventstore::append_request>, eventstore::append_done done) override {
    done(unexpected{error{errc::io, "it is there to be read"}});
  }
  result<std::vector<event_record>> read_stream(const stream_id& stream, std::uint64_t after_seq,
                                                eventstore::read_limit limit) const override {
    auto events = of_.read_stream(stream, after_seq, limit);
    if (events) read_ += events->size();
    return events;
  }
  result<std::vector<event_record>> read_all(std::uint64_t after_position,
                                             eventstore::read_limit limit) const override {
    return of_.read_all(after_position, limit);
  }
  result<std::vector<eventstore::stored_event>> read_stored(const stream_id& stream, std::uint64_t after_seq,
                                                            eventstore::read_limit limit) const override {
    return of_.read_stored(stream, after_seq, limit);
  }
  result<std::vector<eventstore::listed_stream>> list_streams(std::uint64_t after, std::size_t limit) const override {
    return of_.list_streams(after, limit);
  }
  result<eventstore::stream_head> head_of(const stream_id& stream) const override { return of_.head_of(stream); }
  result<std::vector<eventstore::log_gap>> read_gaps(std::uint64_t after_position, std::size_t limit) const override {
    return of_.read_gaps(after_position, limit);
  }
  result<eventstore::retirement> plan_retirement(const stream_id& stream,
                                                 const sha256_digest& file_digest) const override {
    return of_.plan_retirement(stream, file_digest);
  }
  result<void> reclaim() override { return {}; }
  const eventstore::vault& sealing_keys() const override { return of_.sealing_keys(); }
  result<eventstore::log_head> head() const override { return of_.head(); }
  result<std::optional<eventstore::kept_answer>> find_answer(const std::string& key, timestamp now) const override {
    return of_.find_answer(key, now);
  }
  void subscribe(eventstore::subscriber) override {}

 private:
  const event_log& of_;
  mutable std::size_t read_ = 0;
};

}  // namespace

TEST_CASE("replay up to any seq gives the state that was, with snapshots at any place or without") {
  for (std::uint64_t seed = 1; seed <= walks(20); ++seed) {
    INFO("seed ", seed);
    dice roll{seed};
    chronicle c;
    c.play_randomly(roll, 60);
    for (const auto& [id, last] : c.states()) {
      const execution_id execution{id};
      const auto events = c.events(id);
      eventstore::memory_store derived;
      const auto taken = roll.below(events.size() + 1);
      if (taken > 0) {
        const auto bytes = eventstore::encode_snapshot(state_after(events, taken));
        REQUIRE(derived.save_snapshot(stream_of(execution), {taken, bytes}));
      }
      for (std::size_t seq = 0; seq <= events.size(); ++seq) {
        const auto replayed = replay_execution(c.log, derived, execution, seq);
        REQUIRE(replayed);
        REQUIRE_EQ(difference(replayed->state, state_after(events, seq)), "");
        REQUIRE_EQ(replayed->snapshot_seq, seq >= taken && taken > 0 ? taken : 0);
      }
      const auto whole = replay_execution(c.log, derived, execution);
      REQUIRE(whole);
      REQUIRE_EQ(difference(whole->state, last), "");
    }
  }
}

TEST_CASE("a snapshot that cannot be read costs a longer replay and nothing else") {
  chronicle c;
  c.play("e", create_execution{.source = one_task, .start = true});
  c.assign("e", "A", "ann");
  auto bytes = eventstore::encode_snapshot(c.state("e"));
  eventstore::memory_store derived;
  SUBCASE("a byte of it is wrong") {
    bytes[bytes.size() / 2] = static_cast<char>(~bytes[bytes.size() / 2]);
  }
  SUBCASE("it is cut") {
    bytes.resize(bytes.size() / 2);
  }
  SUBCASE("it is nothing") {
    bytes.clear();
  }
  REQUIRE(derived.save_snapshot(stream_of(execution_id{"e"}), {c.state("e").version, bytes}));
  const auto replayed = replay_execution(c.log, derived, {"e"});
  REQUIRE(replayed);
  CHECK_EQ(replayed->snapshot_seq, 0);
  CHECK_EQ(difference(replayed->state, c.state("e")), "");
}

TEST_CASE("a snapshot that says it is of another seq than it is, is not used") {
  chronicle c;
  c.play("e", create_execution{.source = one_task, .start = true});
  c.assign("e", "A", "ann");
  eventstore::memory_store derived;
  REQUIRE(derived.save_snapshot(stream_of(execution_id{"e"}), {2, eventstore::encode_snapshot(c.state("e"))}));
  const auto replayed = replay_execution(c.log, derived, {"e"}, 3);
  REQUIRE(replayed);
  CHECK_EQ(replayed->snapshot_seq, 0);
  CHECK_EQ(replayed->state.version, 3);
}

TEST_CASE("what was never created does not exist, and events beyond the last one are not waited for") {
  chronicle c;
  c.play("e", create_execution{.source = one_task});
  const auto unknown = replay_execution(c.log, c.log, {"other"});
  REQUIRE(unknown);
  CHECK_FALSE(unknown->state.exists());
  const auto beyond = replay_execution(c.log, c.log, {"e"}, 99);
  REQUIRE(beyond);
  CHECK_EQ(beyond->state.version, 1);
}

TEST_CASE("more events than are read at a time are all applied") {
  chronicle c;
  c.play("e", create_execution{.source = one_task, .start = true});
  for (int i = 0; i < 1'100; ++i) {
    c.play("e", pause_execution{});
    c.play("e", resume_execution{});
  }
  c.play("e", pause_execution{"at last"});
  const auto replayed = replay_execution(c.log, c.log, {"e"});
  REQUIRE(replayed);
  CHECK_EQ(difference(replayed->state, c.state("e")), "");
  const auto last = c.state("e").version;
  const auto found = seq_at(c.log, {"e"}, c.now, last);
  REQUIRE(found);
  CHECK_EQ(*found, last);
  const auto among = seq_at(c.log, {"e"}, c.now, 1'500);
  REQUIRE(among);
  CHECK_EQ(*among, 1'500);
}

TEST_CASE("the seq at a time is that of the last event until then") {
  chronicle c;
  const auto begin = c.now;
  c.play("e", create_execution{.source = one_task});
  c.now += seconds(10);
  c.play("e", queue_execution{});
  c.now += seconds(10);
  c.play("e", pause_execution{});
  c.now += seconds(10);
  c.play("e", resume_execution{});
  const auto at = [&](milliseconds after, std::uint64_t last = 99) {
    const auto found = seq_at(c.log, {"e"}, begin + after, last);
    REQUIRE(found);
    return *found;
  };
  CHECK_EQ(at(milliseconds{-1}), 0);
  CHECK_EQ(at(milliseconds{0}), 1);
  CHECK_EQ(at(seconds(10)), 2);
  CHECK_EQ(at(milliseconds{14'999}), 2);
  CHECK_EQ(at(seconds(15)), 2);
  CHECK_EQ(at(seconds(20)), 3);
  CHECK_EQ(at(seconds(20), 2), 2);
  CHECK_EQ(at(seconds(30)), 4);
  CHECK_EQ(at(seconds(99)), 4);
}

TEST_CASE("where the clock was set back the seq at a time is one after which a later time comes") {
  chronicle c;
  c.play("e", create_execution{.source = one_task, .start = true});
  const auto begin = c.now;
  dice roll{7};
  for (int i = 0; i < 200; ++i) {
    c.now = begin + milliseconds{roll.below(1'000)};
    if (i % 2 == 0)
      c.play("e", pause_execution{});
    else
      c.play("e", resume_execution{});
  }
  const auto events = c.events("e");
  for (int ms = 0; ms <= 1'000; ms += 50) {
    const auto time = begin + milliseconds{ms};
    const auto found = seq_at(c.log, {"e"}, time, events.size());
    REQUIRE(found);
    REQUIRE_GE(*found, 1);
    CHECK_LE(events[*found - 1].metadata.recorded_at, time);
    if (*found < events.size()) CHECK_GT(events[*found].metadata.recorded_at, time);
  }
}

TEST_CASE("the seq at a time is found by reading a few events however many there are") {
  chronicle c;
  c.play("e", create_execution{.source = one_task, .start = true});
  for (int i = 0; i < 1'000; ++i) {
    c.now += seconds(1);
    c.play("e", pause_execution{});
    c.now += seconds(1);
    c.play("e", resume_execution{});
  }
  const counting_log counted{c.log};
  const auto found = seq_at(counted, {"e"}, c.now - seconds(700), c.state("e").version);
  REQUIRE(found);
  CHECK_EQ(c.events("e")[*found - 1].metadata.recorded_at, c.now - seconds(700));
  CHECK_LE(counted.events_read(), 11);  // of 2,003
}

TEST_CASE("an agent and a plan are read back as they were written") {
  chronicle c;
  c.play_agent("ann", register_agent{{.name = "Ann", .roles = {"Cook"}}});
  c.play_agent("ann", change_agent{.standing = agent_standing::paused, .max_concurrent_tasks = 4});
  c.import(one_task);
  const auto ann = replay_agent(c.log, {"ann"});
  REQUIRE(ann);
  CHECK(ann->registered);
  CHECK_EQ(ann->version, 3);
  CHECK_EQ(ann->profile.max_concurrent_tasks, 4);
  CHECK(ann->standing == agent_standing::paused);
  const auto nobody = replay_agent(c.log, {"bob"});
  REQUIRE(nobody);
  CHECK_FALSE(nobody->registered);
  const auto plan = load_plan(c.log, one_task->id);
  REQUIRE(plan);
  CHECK(**plan == *one_task);
  const auto none = load_plan(c.log, {"none"});
  REQUIRE_FALSE(none);
  CHECK(none.error().code == errc::not_found);
}

}  // namespace planexe::tests
