// What every log owes its callers. Each case runs on every store; where it says "reopened", a store on disk is closed
// and opened again.
#include "eventstore/hash_chain.hpp"
#include "tests/eventstore/lab.hpp"
#include "tests/eventstore/members.hpp"

namespace planexe::eventstore {
namespace {

using namespace testing;
using notes = std::vector<std::string>;

TEST_CASE_TEMPLATE("an empty log has nothing", Store, in_memory, on_disk) {
  Store store;
  CHECK(store.log().head()->position == 0);
  CHECK(store.log().head()->hash == domain::sha256_digest{});
  CHECK(store.log().head_of(execution("a"))->version == 0);
  CHECK(store.log().read_all(0, 10)->empty());
  CHECK(store.log().read_all(7, 10)->empty());
  CHECK(store.log().read_stream(execution("a"), 0, 10)->empty());
}

TEST_CASE_TEMPLATE("events are numbered on in their stream and in the log", Store, in_memory, on_disk) {
  Store store;
  const auto first = append(store.log(), {noting(execution("a"), 0, {"a1", "a2"}), noting(execution("b"), 0, {"b1"})});
  REQUIRE(first);
  REQUIRE(first->size() == 2);
  CHECK((*first)[0].committed);
  CHECK((*first)[0].version == 2);
  CHECK((*first)[0].last_position == 2);
  CHECK((*first)[1].version == 1);
  CHECK((*first)[1].last_position == 3);
  REQUIRE(append(store.log(), {noting(execution("a"), 2, {"a3"})}));
  store.reopen();
  REQUIRE(append(store.log(), {noting(execution("b"), 1, {"b2"})}));

  CHECK(notes_of(store.log().read_all(0, 100)) == notes{"a1", "a2", "b1", "a3", "b2"});
  CHECK(notes_of(store.log().read_stream(execution("a"), 0, 100)) == notes{"a1", "a2", "a3"});
  CHECK(notes_of(store.log().read_stream(execution("b"), 0, 100)) == notes{"b1", "b2"});
  const auto all = store.log().read_all(0, 100);
  std::uint64_t position = 0;
  for (const auto& event : *all) CHECK(event.position == ++position);
  const auto stream = store.log().read_stream(execution("a"), 0, 100);
  std::uint64_t seq = 0;
  for (const auto& event : *stream) {
    CHECK(event.seq == ++seq);
    CHECK(event.stream == execution("a"));
  }
}

TEST_CASE_TEMPLATE("streams of the same id but another kind are others", Store, in_memory, on_disk) {
  Store store;
  const domain::stream_id agent{domain::stream_kind::agent, "a"};
  REQUIRE(append(store.log(), {noting(execution("a"), 0, {"execution"}), noting(agent, 0, {"agent"})}));
  store.reopen();
  CHECK(notes_of(store.log().read_stream(agent, 0, 10)) == notes{"agent"});
  CHECK(store.log().read_all(1, 10)->front().stream == agent);
}

TEST_CASE_TEMPLATE("ids of any bytes are kept apart", Store, in_memory, on_disk) {
  Store store;
  const notes ids{"", "a", std::string("a\0", 2), "a|1", std::string(300, '\xff')};
  for (const auto& id : ids) REQUIRE(append(store.log(), {noting(execution(id), 0, {"in " + id})}));
  store.reopen();
  for (const auto& id : ids) CHECK(notes_of(store.log().read_stream(execution(id), 0, 10)) == notes{"in " + id});
}

TEST_CASE_TEMPLATE("reading goes on from any place, at most so many at a time", Store, in_memory, on_disk) {
  Store store;
  REQUIRE(append(store.log(), {noting(execution("b"), 0, {"b1"}), noting(execution("a"), 0, {"1", "2", "3", "4"}),
                               noting(execution("b"), 1, {"b2"})}));
  const auto stream = [&](std::uint64_t after, std::size_t limit) {
    return notes_of(store.log().read_stream(execution("a"), after, limit));
  };
  CHECK(stream(0, 2) == notes{"1", "2"});
  CHECK(stream(2, 2) == notes{"3", "4"});
  CHECK(stream(3, 9) == notes{"4"});
  CHECK(stream(4, 9).empty());
  CHECK(stream(99, 9).empty());
  CHECK(stream(0, 0).empty());
  CHECK(notes_of(store.log().read_all(1, 2)) == notes{"1", "2"});
  CHECK(notes_of(store.log().read_all(4, 9)) == notes{"4", "b2"});
  CHECK(store.log().read_all(6, 9)->empty());
  CHECK(store.log().read_all(0, 0)->empty());
}

TEST_CASE_TEMPLATE("a wrong expected version leaves its request out and stores the others", Store, in_memory, on_disk) {
  Store store;
  REQUIRE(append(store.log(), {noting(execution("a"), 0, {"a1"})}));
  auto late = noting(execution("a"), 0, {"x", "y"});
  late.answers.push_back(answer_to("late", at_second(100)));
  const auto outcomes =
      append(store.log(), {late, noting(execution("b"), 0, {"b1"}), noting(execution("a"), 5, {"z"})});
  REQUIRE(outcomes);
  CHECK_FALSE((*outcomes)[0].committed);
  CHECK((*outcomes)[0].version == 1);
  CHECK((*outcomes)[0].last_position == 0);
  CHECK((*outcomes)[1].committed);
  CHECK_FALSE((*outcomes)[2].committed);
  store.reopen();
  CHECK(notes_of(store.log().read_all(0, 10)) == notes{"a1", "b1"});
  CHECK_FALSE(store.log().find_answer("late", at_second(0))->has_value());
}

TEST_CASE_TEMPLATE("a batch's later requests see its earlier ones", Store, in_memory, on_disk) {
  Store store;
  const auto outcomes = append(store.log(), {noting(execution("a"), 0, {"1"}), noting(execution("a"), 1, {"2", "3"}),
                                             noting(execution("a"), 1, {"no"}), noting(execution("a"), 3, {"4"})});
  REQUIRE(outcomes);
  CHECK((*outcomes)[1].committed);
  CHECK_FALSE((*outcomes)[2].committed);
  CHECK((*outcomes)[2].version == 3);
  CHECK((*outcomes)[3].committed);
  CHECK(notes_of(store.log().read_stream(execution("a"), 0, 10)) == notes{"1", "2", "3", "4"});
}

TEST_CASE_TEMPLATE("what builds on a left-out request is left out, even where the version would fit", Store, in_memory,
                   on_disk) {
  Store store;
  REQUIRE(append(store.log(), {noting(execution("a"), 0, {"1", "2"})}));
  // The writer believed in version 1 and built on its own second event, which was never stored.
  const auto outcomes = append(store.log(), {noting(execution("a"), 1, {"mine"}), noting(execution("a"), 2, {"on it"}),
                                             noting(execution("a"), 3, {"on that"})});
  REQUIRE(outcomes);
  for (const auto& outcome : *outcomes) {
    CHECK_FALSE(outcome.committed);
    CHECK(outcome.version == 2);
  }
  CHECK(store.log().head()->position == 2);
  // In a batch of its own the version alone decides.
  CHECK((*append(store.log(), {noting(execution("a"), 2, {"3"})}))[0].committed);
}

TEST_CASE_TEMPLATE("heads follow the chains, recomputed from the stored bytes alone", Store, in_memory, on_disk) {
  Store store;
  std::map<std::string, domain::sha256_digest> streams;
  domain::sha256_digest head{};
  std::uint64_t position = 0;
  for (int round = 0; round < 3; ++round) {
    std::vector<append_request> batch;
    for (const std::string id : {"a", "b", "a"}) {
      const std::uint64_t expected = id == "b" ? static_cast<std::uint64_t>(round)
                                               : static_cast<std::uint64_t>(2 * round) + (batch.empty() ? 0u : 1u);
      batch.push_back(noting(execution(id), expected, {id + std::to_string(round)}));
      streams[id] = sha256(std::string(as_bytes(streams[id])) + batch.back().bytes.front());
      head = link_log(head, ++position, streams[id]);
    }
    const auto outcomes = append(store.log(), batch);
    REQUIRE(outcomes);
    for (const auto& outcome : *outcomes) REQUIRE(outcome.committed);
  }
  store.reopen();
  CHECK(store.log().head()->position == 9);
  CHECK(store.log().head()->hash == head);
  CHECK(store.log().head_of(execution("a"))->version == 6);
  CHECK(store.log().head_of(execution("a"))->hash == streams["a"]);
  CHECK(store.log().head_of(execution("b"))->hash == streams["b"]);
  CHECK(store.log().read_stream(execution("a"), 5, 1)->front().hash == streams["a"]);
}

TEST_CASE_TEMPLATE("subscribers get every later batch in order, complete, before its answer", Store, in_memory,
                   on_disk) {
  Store store;
  REQUIRE(append(store.log(), {noting(execution("a"), 0, {"before"})}));
  notes heard;
  std::vector<domain::event_record> records;
  store.log().subscribe([&](const auto& batch) {
    for (const auto& event : batch->events) {
      heard.push_back("1:" + note_of(event));
      records.push_back(event);
    }
    // A reader sees at once what subscribers are told.
    CHECK(store.log().head()->position == batch->events.back().position);
  });
  store.log().subscribe([&](const auto& batch) { heard.push_back("2:" + note_of(batch->events.front())); });
  store.log().append({noting(execution("a"), 1, {"x", "y"}), noting(execution("a"), 9, {"left out"})},
                     [&](const auto&) { heard.push_back("done"); });
  store.log().append({noting(execution("a"), 9, {"left out"})}, [&](const auto&) { heard.push_back("nothing"); });
  CHECK(heard == notes{"1:x", "1:y", "2:x", "done", "nothing"});

  const auto stored = store.log().read_all(1, 10);
  REQUIRE(stored);
  REQUIRE(stored->size() == records.size());
  for (std::size_t i = 0; i < records.size(); ++i) CHECK(same_record((*stored)[i], records[i]));
}

TEST_CASE_TEMPLATE("an empty batch is answered and stores nothing", Store, in_memory, on_disk) {
  Store store;
  bool heard = false;
  store.log().subscribe([&](const auto&) { heard = true; });
  const auto outcomes = append(store.log(), {});
  REQUIRE(outcomes);
  CHECK(outcomes->empty());
  CHECK_FALSE(heard);
}

TEST_CASE_TEMPLATE("events that are not numbered on are refused, and the refusal is final", Store, in_memory, on_disk) {
  Store store;
  auto wrong = noting(execution("a"), 0, {"1", "2"});
  SUBCASE("a gap") {
    wrong.events[1].seq = 3;
  }
  SUBCASE("another stream's event") {
    wrong.events[1].stream = execution("b");
  }
  SUBCASE("bytes missing") {
    wrong.bytes.pop_back();
  }
  const auto refused = append(store.log(), {wrong});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code == errc::invalid);
  const auto later = append(store.log(), {noting(execution("a"), 0, {"1"})});
  REQUIRE_FALSE(later);
  CHECK(later.error().detail == refused.error().detail);
  CHECK(store.log().head()->position == 0);
}

}  // namespace
}  // namespace planexe::eventstore
