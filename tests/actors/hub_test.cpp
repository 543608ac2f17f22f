// Who is told what, and who is let go.
#include "actors/hub.hpp"

#include <doctest/doctest.h>

#include "eventstore/event_log.hpp"

namespace planexe::tests {

using namespace domain;

namespace {

/// Writes down what it is told.
class noting final : public actors::follower {
 public:
  explicit noting(std::vector<std::uint64_t>& seen, std::size_t patience = 100) : seen_(seen), patience_(patience) {}
  bool on_events(std::span<const event_record* const> events, const projections::execution_row&) override {
    for (const auto* event : events) seen_.push_back(event->seq);
    if (on_told) on_told();
    return --patience_ > 0;
  }
  bool on_time(timestamp) override { return --patience_ > 0; }
  std::function<void()> on_told;

 private:
  std::vector<std::uint64_t>& seen_;
  std::size_t patience_;
};

eventstore::committed_batch batch_of(const std::vector<std::pair<std::string, std::uint64_t>>& events) {
  eventstore::committed_batch batch;
  for (const auto& [id, seq] : events)
    batch.events.push_back({.stream = {stream_kind::execution, id}, .seq = seq, .payload = execution_event{}});
  return batch;
}

struct told_hub {
  actors::hub hub;
  projections::execution_row row;
  void publish(const std::vector<std::pair<std::string, std::uint64_t>>& events) {
    hub.publish(batch_of(events), [this](const execution_id&) { return &row; });
  }
};

}  // namespace

TEST_CASE("followers are told of their own execution, in order") {
  told_hub told;
  std::vector<std::uint64_t> first, second;
  told.hub.follow({"a"}, std::make_shared<noting>(first));
  told.hub.follow({"b"}, std::make_shared<noting>(second));
  told.publish({{"a", 1}, {"b", 7}, {"a", 2}, {"c", 1}});
  told.publish({{"b", 8}});
  CHECK(first == std::vector<std::uint64_t>{1, 2});
  CHECK(second == std::vector<std::uint64_t>{7, 8});
}

TEST_CASE("who wants no more is let go at once, by an event or by the time") {
  told_hub told;
  std::vector<std::uint64_t> seen;
  const auto by_event = std::make_shared<noting>(seen, 1);
  const auto by_time = std::make_shared<noting>(seen, 2);
  told.hub.follow({"a"}, by_event);
  told.hub.follow({"a"}, by_time);
  told.publish({{"a", 1}});
  CHECK(by_event.use_count() == 1);
  CHECK(by_time.use_count() == 2);
  told.hub.tick({});
  CHECK(by_time.use_count() == 1);
  told.publish({{"a", 2}});
  CHECK(seen.size() == 2);
}

TEST_CASE("a follower may let another follow while it is told") {
  told_hub told;
  std::vector<std::uint64_t> first, second;
  const auto inviting = std::make_shared<noting>(first, 2);
  inviting->on_told = [&] {
    if (second.empty()) told.hub.follow({"a"}, std::make_shared<noting>(second));
  };
  told.hub.follow({"a"}, inviting);
  told.publish({{"a", 1}});
  CHECK(second.empty());
  told.publish({{"a", 2}});
  CHECK(second == std::vector<std::uint64_t>{2});
}

TEST_CASE("a hub that is cleared keeps nobody") {
  told_hub told;
  std::vector<std::uint64_t> seen;
  const auto one = std::make_shared<noting>(seen);
  told.hub.follow({"a"}, one);
  told.hub.clear();
  told.publish({{"a", 1}});
  CHECK(one.use_count() == 1);
  CHECK(seen.empty());
}

}  // namespace planexe::tests
