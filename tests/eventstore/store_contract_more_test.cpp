// What every store owes its callers beside the events: kept answers, snapshots and views.
#include "eventstore/hash_chain.hpp"
#include "tests/eventstore/lab.hpp"

namespace planexe::eventstore {
namespace {

using namespace testing;
using rows = std::vector<std::pair<std::string, std::string>>;

append_request answering(std::vector<kept_answer> answers, domain::timestamp at, std::uint64_t expected) {
  auto request = noting(execution("a"), expected, {"x"}, at);
  request.answers = std::move(answers);
  return request;
}

TEST_CASE_TEMPLATE("streams are listed in the order in which they began", Store, in_memory, on_disk) {
  Store store;
  CHECK(store.log().list_streams(0, 10)->empty());
  REQUIRE(append(store.log(), {noting(execution("b"), 0, {"1", "2"}), noting(execution("a"), 0, {"3"})}));
  REQUIRE(append(store.log(), {noting(execution("b"), 2, {"4"})}));
  store.reopen();
  const auto all = store.log().list_streams(0, 10);
  REQUIRE(all);
  REQUIRE(all->size() == 2);
  CHECK((*all)[0].number == 1);
  CHECK((*all)[0].stream == execution("b"));
  CHECK((*all)[0].head.version == 3);
  CHECK((*all)[0].head.hash == store.log().head_of(execution("b"))->hash);
  CHECK((*all)[1].stream == execution("a"));
  CHECK(store.log().list_streams(0, 1)->size() == 1);
  CHECK(store.log().list_streams(1, 10)->front().stream == execution("a"));
  CHECK(store.log().list_streams(2, 10)->empty());
}

TEST_CASE_TEMPLATE("stored events are the bytes that the hashes are over", Store, in_memory, on_disk) {
  Store store;
  auto request = noting(execution("a"), 0, {"1", "2", "3"});
  const auto bytes = request.bytes;
  REQUIRE(append(store.log(), {noting(execution("z"), 0, {"0"}), std::move(request)}));
  const auto some = store.log().read_stored(execution("a"), 1, 10);
  REQUIRE(some);
  REQUIRE(some->size() == 2);
  const auto decoded = store.log().read_stream(execution("a"), 0, 10);
  REQUIRE(decoded);
  for (std::size_t i = 0; i < 2; ++i) {
    const auto& stored = (*some)[i];
    const auto& record = (*decoded)[i + 1];
    CHECK(stored.bytes == bytes[i + 1]);
    CHECK(stored.seq == record.seq);
    CHECK(stored.position == record.position);
    CHECK(stored.hash == record.hash);
    CHECK(stored.hash == link((*decoded)[i].hash, stored.bytes));
  }
  CHECK(store.log().read_stored(execution("a"), 0, 2)->size() == 2);
  CHECK(store.log().read_stored(execution("a"), 3, 2)->empty());
  CHECK(store.log().read_stored(execution("nobody"), 0, 2)->empty());
}

TEST_CASE_TEMPLATE("an answer is kept with its events until it expires", Store, in_memory, on_disk) {
  Store store;
  REQUIRE(append(store.log(), {answering({answer_to("k", at_second(60), "{\"a\":1}")}, at_second(0), 0)}));
  store.reopen();
  const auto found = store.log().find_answer("k", at_second(59));
  REQUIRE(found);
  REQUIRE(found->has_value());
  CHECK((*found)->key == "k");
  CHECK((*found)->payload_digest == "digest");
  CHECK((*found)->status == 201);
  CHECK((*found)->headers == "Location: /x");
  CHECK((*found)->body == "{\"a\":1}");
  CHECK((*found)->expires_at == at_second(60));
  CHECK_FALSE(store.log().find_answer("k", at_second(60))->has_value());
  CHECK_FALSE(store.log().find_answer("other", at_second(0))->has_value());
}

TEST_CASE_TEMPLATE("answers alone are kept whatever the version", Store, in_memory, on_disk) {
  Store store;
  REQUIRE(append(store.log(), {noting(execution("a"), 0, {"1"})}));
  append_request alone;
  alone.stream = execution("a");
  alone.expected_version = 7;
  alone.answers.push_back(answer_to("refused", at_second(60)));
  const auto outcomes = append(store.log(), {alone});
  REQUIRE(outcomes);
  CHECK((*outcomes)[0].committed);
  CHECK((*outcomes)[0].version == 1);
  CHECK((*outcomes)[0].last_position == 0);
  store.reopen();
  CHECK(store.log().find_answer("refused", at_second(0))->has_value());
  CHECK(store.log().head()->position == 1);
}

// An expired answer is still found by a caller whose clock is behind, until it is deleted: that shows the deletion.
TEST_CASE_TEMPLATE("expired answers are deleted as events go on", Store, in_memory, on_disk) {
  Store store;
  REQUIRE(append(store.log(),
                 {answering({answer_to("early", at_second(10)), answer_to("late", at_second(30))}, at_second(0), 0)}));
  REQUIRE(append(store.log(), {answering({answer_to("later", at_second(40))}, at_second(9), 1)}));
  CHECK(store.log().find_answer("early", at_second(0))->has_value());
  store.reopen();
  REQUIRE(append(store.log(), {answering({}, at_second(10), 2)}));
  CHECK_FALSE(store.log().find_answer("early", at_second(0))->has_value());
  CHECK(store.log().find_answer("late", at_second(0))->has_value());
  REQUIRE(append(store.log(), {answering({answer_to("short", at_second(20))}, at_second(15), 3)}));
  REQUIRE(append(store.log(), {answering({}, at_second(20), 4)}));
  CHECK_FALSE(store.log().find_answer("short", at_second(0))->has_value());
  REQUIRE(append(store.log(), {answering({}, at_second(99), 5)}));
  CHECK_FALSE(store.log().find_answer("late", at_second(0))->has_value());
  CHECK_FALSE(store.log().find_answer("later", at_second(0))->has_value());
}

TEST_CASE_TEMPLATE("a key used again after its answer expired keeps the new answer", Store, in_memory, on_disk) {
  Store store;
  REQUIRE(append(store.log(), {answering({answer_to("k", at_second(10), "old")}, at_second(0), 0)}));
  REQUIRE(append(store.log(), {answering({answer_to("k", at_second(50), "new")}, at_second(20), 1)}));
  store.reopen();
  REQUIRE(append(store.log(), {answering({}, at_second(30), 2)}));
  const auto found = store.log().find_answer("k", at_second(40));
  REQUIRE(found);
  REQUIRE(found->has_value());
  CHECK((*found)->body == "new");
}

TEST_CASE_TEMPLATE("an answer kept anew outlives the first one's expiry", Store, in_memory, on_disk) {
  Store store;
  REQUIRE(append(store.log(), {answering({answer_to("k", at_second(10), "old")}, at_second(0), 0)}));
  REQUIRE(append(store.log(), {answering({answer_to("k", at_second(50), "new")}, at_second(5), 1)}));
  REQUIRE(append(store.log(), {answering({}, at_second(20), 2)}));
  store.reopen();
  CHECK(store.log().find_answer("k", at_second(20))->has_value());
}

TEST_CASE_TEMPLATE("many expired answers go in the end", Store, in_memory, on_disk) {
  Store store;
  auto many = noting(execution("a"), 0, {"x"});
  for (int i = 0; i < 1000; ++i) many.answers.push_back(answer_to("k" + std::to_string(i), at_second(1 + i % 5)));
  REQUIRE(append(store.log(), {many}));
  for (std::uint64_t version = 1; version <= 6; ++version)
    REQUIRE(append(store.log(), {answering({}, at_second(100), version)}));
  for (int i = 0; i < 1000; ++i) {
    CAPTURE(i);
    CHECK_FALSE(store.log().find_answer("k" + std::to_string(i), at_second(0))->has_value());
  }
}

TEST_CASE_TEMPLATE("a stream has the snapshot saved last", Store, in_memory, on_disk) {
  Store store;
  CHECK_FALSE(store.derived().load_snapshot(execution("a"))->has_value());
  REQUIRE(store.derived().save_snapshot(execution("a"), {3, std::string("by\0tes", 6)}));
  REQUIRE(store.derived().save_snapshot(execution("a"), {5, std::string("la\0ter", 6)}));
  REQUIRE(store.derived().save_snapshot({domain::stream_kind::agent, "a"}, {1, ""}));
  store.reopen();
  const auto found = store.derived().load_snapshot(execution("a"));
  REQUIRE(found);
  REQUIRE(found->has_value());
  CHECK((*found)->seq == 5);
  CHECK((*found)->bytes == std::string("la\0ter", 6));
  CHECK((*store.derived().load_snapshot({domain::stream_kind::agent, "a"}))->bytes.empty());
}

TEST_CASE_TEMPLATE("a view's rows and checkpoint change together", Store, in_memory, on_disk) {
  Store store;
  auto& derived = store.derived();
  CHECK(derived.load_view("tasks")->checkpoint == 0);
  CHECK(derived.load_view("tasks")->rows.empty());
  REQUIRE(derived.write_view({"tasks", 4, {{"b", "2"}, {"a", "1"}, {std::string("a\xff\0", 3), "3"}, {"", "0"}}, {}}));
  REQUIRE(derived.write_view({"tasks2", 1, {{"other", "view"}}, {}}));
  REQUIRE(derived.write_view({"tasks", 6, {{"c", "4"}, {"a", "changed"}}, {"b", "unknown"}}));
  store.reopen();
  const auto view = store.derived().load_view("tasks");
  REQUIRE(view);
  CHECK(view->checkpoint == 6);
  CHECK(view->rows == rows{{"", "0"}, {"a", "changed"}, {std::string("a\xff\0", 3), "3"}, {"c", "4"}});
}

TEST_CASE_TEMPLATE("a reset view holds only what came with the reset", Store, in_memory, on_disk) {
  Store store;
  auto& derived = store.derived();
  REQUIRE(derived.write_view({"tasks", 4, {{"a", "1"}, {"b", "2"}, {"\xff\xff", "3"}}, {}}));
  REQUIRE(derived.write_view({"tasks2", 4, {{"a", "1"}}, {}}));
  REQUIRE(derived.write_view({"tasks", 2, {{"b", "new"}}, {}, true}));
  const auto check = [&] {
    CHECK(store.derived().load_view("tasks")->checkpoint == 2);
    CHECK(store.derived().load_view("tasks")->rows == rows{{"b", "new"}});
    CHECK(store.derived().load_view("tasks2")->rows == rows{{"a", "1"}});
  };
  check();
  store.reopen();
  check();
}

TEST_CASE_TEMPLATE("a key both deleted and put in one write is there", Store, in_memory, on_disk) {
  Store store;
  REQUIRE(store.derived().write_view({"v", 1, {{"a", "1"}}, {"a"}}));
  CHECK(store.derived().load_view("v")->rows == rows{{"a", "1"}});
}

}  // namespace
}  // namespace planexe::eventstore
