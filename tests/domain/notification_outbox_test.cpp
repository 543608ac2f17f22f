// The outbox: what its events add up to, and when an attempt that failed is made again.
#include <doctest/doctest.h>

#include "domain/notifications.hpp"
#include "tests/domain/scenario.hpp"

namespace planexe::tests {

using namespace domain;

namespace {

notification_queued queued(std::uint64_t number) {
  notification_queued event;
  event.number = number;
  event.position = 100 + number;
  event.content.execution = {"exec-" + std::to_string(number)};
  event.content.message = "a message";
  event.content.occurred_at = epoch;
  return event;
}

struct played_outbox {
  notification_outbox box;
  timestamp now = epoch;
  std::vector<std::uint64_t> touched;

  played_outbox& with(const system_event& event, milliseconds later = {}) {
    now += later;
    evolve(box, event, {box.version + 1, now}, &touched);
    return *this;
  }
  const notification& at(std::uint64_t number) const {
    REQUIRE(box.find(number) != nullptr);
    return *box.find(number);
  }
};

delivery_outcome failed(std::optional<milliseconds> retry_after = {}) {
  return {delivery_outcome::kind::failed, 500, "it said\n500", retry_after};
}

}  // namespace

TEST_CASE("what is queued is pending at once and remembers where the log was") {
  played_outbox o;
  o.with(queued(1)).with(queued(2), seconds(1));
  CHECK_EQ(o.box.pending, 2);
  CHECK_EQ(o.box.last_number, 2);
  CHECK_EQ(o.box.last_position, 102);
  CHECK_EQ(o.box.version, 2);
  CHECK(o.at(2).next_attempt_at == epoch + seconds(1));
  CHECK(o.at(2).queued_at == epoch + seconds(1));
  CHECK(o.at(2).stage == notification_stage::pending);
  CHECK(o.touched == std::vector<std::uint64_t>{1, 2});
}

TEST_CASE("failures count and the next attempt waits") {
  played_outbox o;
  o.with(queued(1)).with(notification_failed{1, 1, "no", epoch + seconds(5)});
  CHECK_EQ(o.at(1).attempts, 1);
  CHECK_EQ(o.at(1).failures, 1);
  CHECK_EQ(o.at(1).detail, "no");
  CHECK(o.at(1).next_attempt_at == epoch + seconds(5));
  CHECK_EQ(o.at(1).seq, 2);
}

TEST_CASE("a delivered one is kept to look back at and nothing moves it any more") {
  played_outbox o;
  o.with(queued(1)).with(notification_delivered{1, 3, 204}, seconds(1));
  const auto& known = o.at(1);
  CHECK(known.stage == notification_stage::delivered);
  CHECK_EQ(known.status, 204);
  CHECK_EQ(known.attempts, 3);
  CHECK(known.settled_at == epoch + seconds(1));
  CHECK_EQ(o.box.pending, 0);
  const auto before = known;
  o.with(notification_redriven{1}).with(notification_failed{1, 4, "x", {}}).with(notification_dead_lettered{1, 4, "x"});
  CHECK(o.at(1) == before);
  CHECK(o.box.dead.empty());
}

TEST_CASE("a dead one begins anew when it is asked for") {
  played_outbox o;
  o.with(queued(1)).with(notification_failed{1, 1, "a", epoch}).with(notification_dead_lettered{1, 2, "b"}, hours(24));
  CHECK(o.at(1).stage == notification_stage::dead);
  CHECK_EQ(o.at(1).detail, "b");
  CHECK_EQ(o.box.pending, 0);
  o.with(notification_redriven{1}, hours(3));
  CHECK(o.at(1).stage == notification_stage::pending);
  CHECK_EQ(o.at(1).attempts, 2);  // which go on
  CHECK_EQ(o.at(1).failures, 0);  // which do not
  CHECK(o.at(1).next_attempt_at == epoch + hours(27));
  CHECK(o.at(1).tried_since == epoch + hours(27));
  CHECK(o.at(1).queued_at == epoch);
  CHECK(o.box.dead.empty());
  CHECK_EQ(o.box.pending, 1);
}

TEST_CASE("the outbox takes any event and forgets the oldest of what is over") {
  played_outbox o;
  o.with(notification_delivered{7, 1, 200}).with(notification_failed{7, 1, "", {}}).with(notification_redriven{7});
  o.with(notification_dead_lettered{7, 1, ""}).with(everything_paused{}).with(everything_resumed{});
  CHECK(o.box.known.empty());
  CHECK_EQ(o.box.version, 6);
  for (std::uint64_t n = 1; n <= most_delivered_kept + 1; ++n) o.with(queued(n));
  o.with(queued(1));  // known already
  CHECK_EQ(o.box.pending, most_delivered_kept + 1);
  for (std::uint64_t n = most_delivered_kept + 1; n > 1; --n) o.with(notification_delivered{n, 1, 200});
  CHECK_EQ(o.box.known.size(), most_delivered_kept + 1);
  o.touched.clear();
  o.with(notification_delivered{1, 1, 200});
  CHECK_EQ(o.box.known.size(), most_delivered_kept);
  CHECK(o.box.find(most_delivered_kept + 1) == nullptr);  // delivered first
  CHECK(o.box.find(1) != nullptr);
  CHECK(o.touched == std::vector<std::uint64_t>{1, most_delivered_kept + 1});
}

TEST_CASE("an outbox that is put together from what was kept is the same") {
  played_outbox o;
  for (std::uint64_t n = 1; n <= 5; ++n) o.with(queued(n));
  o.with(notification_delivered{4, 1, 200}).with(notification_dead_lettered{2, 1, "x"});
  o.with(notification_delivered{1, 1, 200}).with(notification_dead_lettered{5, 1, "x"});
  notification_outbox again;
  for (const auto& [number, known] : o.box.known) again.restore(known);
  CHECK_EQ(again.pending, o.box.pending);
  CHECK(again.known == o.box.known);
  CHECK(again.delivered == o.box.delivered);
  CHECK(again.dead == o.box.dead);
}

TEST_CASE("an id names its number, stays the same and is another one's on another server") {
  played_outbox one, other;
  one.with(queued(17));
  auto elsewhere = queued(17);
  elsewhere.content.execution = {"exec-of-another-server"};
  other.with(elsewhere);
  const auto id = notification_id_of(one.at(17));
  CHECK(id.starts_with("ntf_17_"));
  CHECK_EQ(id.find('.'), std::string::npos);
  CHECK_NE(id, notification_id_of(other.at(17)));
  one.with(notification_failed{17, 1, "x", epoch}).with(notification_redriven{17}, hours(1));
  CHECK_EQ(id, notification_id_of(one.at(17)));
  CHECK(number_in_notification_id(id) == 17U);
  for (const char* text : {"", "ntf_", "ntf_x_1", "ntf_17", "17", "ntf_99999999999999999999_1", "ntf_-1_1", "NTF_1_1"})
    CHECK_MESSAGE(!number_in_notification_id(text), text);
}

TEST_CASE("the wait doubles up to an hour and chance never makes it shorter") {
  const delivery_policy policy;
  CHECK(delivery_backoff(policy, 1, 0) == seconds(5));
  CHECK(delivery_backoff(policy, 2, 0) == seconds(10));
  CHECK(delivery_backoff(policy, 10, 0) == seconds(2'560));
  CHECK(delivery_backoff(policy, 11, 0) == hours(1));
  CHECK(delivery_backoff(policy, 4'000'000'000U, 0) == hours(1));
  CHECK(delivery_backoff(policy, 1, 1) == seconds(5.5));
  CHECK(delivery_backoff(policy, 11, 5) == hours(1.1));
  CHECK(delivery_backoff({.backoff = hours(2)}, 3, 0) == hours(2));
  CHECK(delivery_backoff({.backoff = milliseconds{0}}, 3, 0) == milliseconds{1});
}

TEST_CASE("a failed attempt is made again, not before the target wants it") {
  played_outbox o;
  o.with(queued(1));
  auto next = after_attempt(o.at(1), failed(), {}, 0, epoch);
  const auto* again = std::get_if<notification_failed>(&next);
  REQUIRE(again != nullptr);
  CHECK_EQ(again->attempt, 1);
  CHECK_EQ(again->detail, "it said 500");
  CHECK(again->retry_at == epoch + seconds(5));
  next = after_attempt(o.at(1), failed(seconds(90)), {}, 0, epoch);
  CHECK(std::get<notification_failed>(next).retry_at == epoch + seconds(90));
  next = after_attempt(o.at(1), failed(seconds(1)), {}, 0, epoch);
  CHECK(std::get<notification_failed>(next).retry_at == epoch + seconds(5));
}

TEST_CASE("it is given up after a day, or at once where no attempt can help, and redriving starts the day anew") {
  played_outbox o;
  o.with(queued(1)).with(notification_failed{1, 1, "x", epoch});
  const auto outcome_at = [&](milliseconds later, const delivery_outcome& outcome) {
    return after_attempt(o.at(1), outcome, {}, 0, epoch + later);
  };
  CHECK(std::holds_alternative<notification_failed>(outcome_at(hours(24) - milliseconds{1}, failed())));
  auto end = outcome_at(hours(24), failed());
  REQUIRE(std::holds_alternative<notification_dead_lettered>(end));
  CHECK_EQ(std::get<notification_dead_lettered>(end).attempt, 2);
  CHECK_EQ(std::get<notification_dead_lettered>(end).detail, "it said 500");
  end = outcome_at({}, {delivery_outcome::kind::refused, 410, "gone", {}});
  CHECK(std::holds_alternative<notification_dead_lettered>(end));
  end = outcome_at(hours(30), {delivery_outcome::kind::delivered, 204, {}, {}});
  REQUIRE(std::holds_alternative<notification_delivered>(end));
  CHECK_EQ(std::get<notification_delivered>(end).status, 204);
  o.with(notification_redriven{1}, hours(20));
  CHECK(std::holds_alternative<notification_failed>(outcome_at(hours(30), failed())));
}

}  // namespace planexe::tests
