// The notifier: what people are told is durable before it is sent, sent until it is delivered or given up, and neither
// lost nor queued twice by a crash at any point.
#include <caf/send.hpp>
#include <doctest/doctest.h>
#include <spdlog/spdlog.h>

#include "actors/notifier_process.hpp"
#include "eventstore/codec.hpp"
#include "tests/actors/process.hpp"
#include "tests/domain/plan_builder.hpp"

namespace planexe::tests {

using namespace domain;

namespace {

using outcome_kind = delivery_outcome::kind;

/// A plan whose only task waits for a person as soon as it is started.
std::shared_ptr<const plan> asking_plan() {
  return plan_builder{}.phase("P").task("A").confidence(0.5);
}

/// Where notifications arrive. Answers at once where it has an answer, else when a test lets it.
struct target {
  struct arrival {
    actors::outgoing_notification what;
    std::function<void(delivery_outcome)> done;
  };
  std::vector<arrival> arrivals;
  std::optional<delivery_outcome> answer;

  actors::notification_sender sender() {
    return [this](actors::outgoing_notification what, std::function<void(delivery_outcome)> done) {
      arrivals.push_back({std::move(what), std::move(done)});
      if (answer) arrivals.back().done(*answer);
    };
  }
  process_options options(bool notifies_server = true) {
    process_options chosen;
    chosen.send_notification = sender();
    chosen.settings.notifies_server = notifies_server;
    return chosen;
  }
};

const delivery_outcome good{outcome_kind::delivered, 204, {}, {}};
const delivery_outcome bad{outcome_kind::failed, 500, "answered with status 500", {}};

struct notified {
  explicit notified(bool notifies_server = true) : server(notifies_server) { start(); }

  void start() {
    p.reset();
    p = std::make_unique<process>(m, where.options(server));
    p->recover();
    p->run();
  }
  void crash() {
    where.arrivals.clear();
    start();
  }
  void ask(const std::string& execution = "e") {
    create_execution command{.source = asking_plan(), .start = true};
    command.options.ladder = {{hours(10'000), ""}};  // nothing else comes of it while a test lasts
    p->ask(execution, command);
    p->run();
  }
  void answer(std::size_t arrival, const delivery_outcome& outcome) {
    where.arrivals.at(arrival).done(outcome);
    p->run();
  }
  const notification& view(std::uint64_t number = 1) {
    const auto* known = p->views().notifications.outbox().find(number);
    REQUIRE(known != nullptr);
    return *known;
  }
  void give_agent(const std::string& id, const std::string& url) {
    auto agent = able_to({"nothing"});
    agent.profile.webhook_url = url;
    p->ask_agent(id, agent);
    p->run();
  }
  /// Lets an execution escalate to somebody.
  void escalate_to(const std::string& execution, const std::string& to) {
    create_execution command{.source = plan_builder{}.phase("P").task("A"), .start = true};
    command.options.ladder = {{hours(1), to}};
    p->ask(execution, command);
    p->run();
    p->wait(hours(1));
  }

  machine m;
  target where;
  bool server;
  std::unique_ptr<process> p;
};

std::vector<event_record> outbox_events(const machine& on) {
  return events_of(on, notification_stream);
}

std::string outbox_types(const machine& on) {
  std::string text;
  for (const auto& record : outbox_events(on)) {
    auto type = std::string(eventstore::type_name(record.payload));
    constexpr std::string_view prefix = "notification_";
    REQUIRE(type.starts_with(prefix));
    text += (text.empty() ? "" : " ") + type.substr(prefix.size());
  }
  return text;
}

class noted_reply final : public actors::notification_reply {
 public:
  explicit noted_reply(std::string& told) : told_(told) {}
  std::optional<eventstore::kept_answer> prepare(const std::string&, const notification& after,
                                                 const actors::command_outcome& outcome) override {
    if (outcome.rejection)
      said_ = outcome.rejection->code == rejection_code::not_found ? "not found" : "refused";
    else
      said_ = after.stage == notification_stage::pending ? "pending" : "?";
    return std::nullopt;
  }
  void deliver() override { told_ = said_; }

 private:
  std::string& told_;
  std::string said_;
};

std::string redrive(notified& n, const std::string& id) {
  std::string told;
  auto request = std::make_shared<actors::redrive_request>();
  request->id = id;
  request->actor = "person";
  request->reply = std::make_unique<noted_reply>(told);
  caf::anon_send(n.p->env().notifier, actors::command_atom_v, std::move(request));
  n.p->run();
  return told;
}

struct quiet_log {
  quiet_log() { spdlog::set_level(spdlog::level::off); }
  ~quiet_log() { spdlog::set_level(spdlog::level::info); }
};

}  // namespace

TEST_CASE("what people are told is sent when it is durable and its delivery is on the record") {
  notified n;
  n.p->ask("e", create_execution{.source = asking_plan(), .start = true});
  n.p->run_without_commits();
  n.p->run_only("committer");
  n.p->run_without_commits();
  CHECK(n.where.arrivals.empty());  // decided, and not durable yet
  n.p->run();
  REQUIRE_EQ(n.where.arrivals.size(), 1);
  CHECK_EQ(outbox_types(n.m), "queued");
  const auto& sent = n.where.arrivals[0].what;
  CHECK(sent.id.starts_with("ntf_1_"));
  CHECK(sent.address.empty());
  CHECK(sent.content.kind == notification_kind::review_requested);
  CHECK_EQ(sent.content.execution.value, "e");
  n.answer(0, good);
  CHECK_EQ(outbox_types(n.m), "queued delivered");
  CHECK(n.view().stage == notification_stage::delivered);
  CHECK_EQ(n.view().status, 204);
  CHECK(notification_id_of(n.view()) == sent.id);
  const auto queued = std::get<notification_queued>(std::get<system_event>(outbox_events(n.m)[0].payload));
  const auto of_execution = events_of(n.m, {stream_kind::execution, "e"});
  CHECK_EQ(queued.position, of_execution.at(queued.content.last_seq - 1).position);
}

TEST_CASE("a failed attempt is made again later under the same id and waits as long as the target asks") {
  notified n;
  n.ask();
  n.answer(0, bad);
  CHECK_EQ(outbox_types(n.m), "queued failed");
  n.p->wait(seconds(4));
  CHECK_EQ(n.where.arrivals.size(), 1);
  n.p->wait(seconds(2));
  REQUIRE_EQ(n.where.arrivals.size(), 2);
  n.answer(1, {outcome_kind::failed, 503, "busy", seconds(600)});
  n.p->wait(seconds(590));
  CHECK_EQ(n.where.arrivals.size(), 2);
  n.p->wait(seconds(20));
  REQUIRE_EQ(n.where.arrivals.size(), 3);
  n.answer(2, good);
  CHECK_EQ(n.where.arrivals[0].what.id, n.where.arrivals[2].what.id);
  CHECK(n.where.arrivals[0].what.content == n.where.arrivals[2].what.content);
  CHECK_EQ(outbox_types(n.m), "queued failed failed delivered");
  CHECK_EQ(n.view().attempts, 3);
}

TEST_CASE("nothing is lost and nothing is queued twice wherever a crash comes") {
  const quiet_log quiet;
  std::size_t crashes_after_queueing = 0, sent_twice = 0;
  for (std::uint32_t seed = 0; seed < 8; ++seed) {
    for (std::size_t point = 0;; ++point) {
      machine m;
      target where;
      where.answer = good;
      std::mt19937 chance(seed);
      auto p = std::make_unique<process>(m, where.options());
      p->recover();
      p->ask("e", create_execution{.source = asking_plan(), .start = true});
      std::size_t steps = 0;
      for (; steps < point && p->busy() > 0; ++steps) p->step(seed == 0 ? 0 : chance() % p->busy());
      const bool finished = p->busy() == 0;
      const bool begun = !events_of(m, {stream_kind::execution, "e"}).empty();
      p.reset();
      const auto before = outbox_types(m);
      const auto sent_before = where.arrivals.size();
      if (before == "queued") ++crashes_after_queueing;
      p = std::make_unique<process>(m, where.options());
      p->recover();
      p->run();
      CAPTURE(seed);
      CAPTURE(point);
      CAPTURE(before);
      CHECK_EQ(outbox_types(m), begun ? "queued delivered" : "");
      if (sent_before == 1 && where.arrivals.size() == 2) ++sent_twice;
      CHECK_LE(where.arrivals.size(), 2);
      CHECK_EQ(where.arrivals.empty(), !begun);
      if (where.arrivals.size() == 2) CHECK_EQ(where.arrivals[0].what.id, where.arrivals[1].what.id);
      if (finished) break;
    }
  }
  CHECK_GT(crashes_after_queueing, 8);  // the loop came by every place that matters
  CHECK_GT(sent_twice, 8);
}

TEST_CASE("a crash before the views were ever stored loses nothing and one that takes them away queues nothing twice") {
  machine m;
  target where;
  {
    process p{m, where.options()};
    p.recover();
    p.run_only("committer");  // the log is empty, and it is the notifier's first start
    p.ask("e", create_execution{.source = asking_plan(), .start = true});
    p.run_only("execution");
    p.run_only("committer");
    CHECK_FALSE(events_of(m, {stream_kind::execution, "e"}).empty());
  }
  CHECK(where.arrivals.empty());
  {
    process p{m, where.options()};
    p.recover();
    p.run();
    CHECK_EQ(outbox_types(m), "queued");
  }
  m.derived = std::make_unique<eventstore::memory_store>();
  process p{m, where.options()};
  p.recover();
  p.run();
  CHECK_EQ(outbox_types(m), "queued");
  CHECK_EQ(where.arrivals.size(), 2);
}

TEST_CASE("a large step that the next start finds is one notification") {
  machine m;
  target where;
  plan_builder plan;
  plan.phase("P");
  int leaves = 0;
  std::string title = "A task";
  SUBCASE("of more events than are read at a time") {
    leaves = 2'500;
  }
  SUBCASE("whose first event is larger than what is read at a time") {
    leaves = 30;
    title = std::string(std::size_t{400} << 10, 'x');
  }
  for (int i = 0; i < leaves; ++i) plan.task("T" + std::to_string(i)).title(title).confidence(0.5);
  {
    process p{m, where.options()};
    p.recover();
    p.run();
    p.ask("e", create_execution{.source = plan, .start = true});
    p.run_only("execution");
    p.run_only("committer");
  }
  process p{m, where.options()};
  p.recover();
  p.run();
  REQUIRE_EQ(where.arrivals.size(), 1);
  CHECK_EQ(where.arrivals[0].what.content.more_tasks, leaves - 20);
}

TEST_CASE("what is pending is sent after a restart, under the same id and not before its time") {
  notified n;
  n.ask("e");
  n.ask("f");
  REQUIRE_EQ(n.where.arrivals.size(), 2);
  n.answer(1, bad);
  const auto first = n.where.arrivals[0].what.id, second = n.where.arrivals[1].what.id;
  n.crash();
  REQUIRE_EQ(n.where.arrivals.size(), 1);
  CHECK_EQ(n.where.arrivals[0].what.id, first);
  n.p->wait(seconds(6));
  REQUIRE_EQ(n.where.arrivals.size(), 2);
  CHECK_EQ(n.where.arrivals[1].what.id, second);
}

TEST_CASE("a cancelled attempt is none and nothing is sent after it") {
  notified n;
  n.ask();
  n.answer(0, {outcome_kind::cancelled, 0, {}, {}});
  n.ask("f");
  n.p->wait(hours(1));
  CHECK_EQ(n.where.arrivals.size(), 1);
  CHECK_EQ(outbox_types(n.m), "queued queued");
  n.crash();
  CHECK_EQ(n.where.arrivals.size(), 2);
}

TEST_CASE("what has arrived is on the record also when other attempts are cut off") {
  notified n;
  n.ask("e");
  n.ask("f");
  n.answer(0, {outcome_kind::cancelled, 0, {}, {}});
  n.answer(1, good);
  CHECK_EQ(outbox_types(n.m), "queued queued delivered");
  CHECK(n.view(2).stage == notification_stage::delivered);
}

TEST_CASE("it is given up after a day of failures and a person can have it sent again") {
  const quiet_log quiet;
  notified n;
  n.where.answer = bad;
  n.ask();
  const auto begin = n.m.clock.now();
  while (n.view().stage == notification_stage::pending && n.m.clock.now() < begin + hours(48))
    n.p->wait(std::max<milliseconds>(milliseconds{1}, n.view().next_attempt_at - n.m.clock.now()));
  CHECK(n.view().stage == notification_stage::dead);
  const auto lasted = n.view().settled_at - begin;
  CHECK_GE(lasted / milliseconds{1}, hours(24) / milliseconds{1});
  CHECK_LT(lasted / milliseconds{1}, hours(25.2) / milliseconds{1});
  CHECK_GE(n.view().attempts, 30);  // ten that double, then each hour
  CHECK_LE(n.view().attempts, 36);
  const auto attempts = n.where.arrivals.size();
  CHECK_EQ(attempts, n.view().attempts);
  n.p->wait(hours(30));
  CHECK_EQ(n.where.arrivals.size(), attempts);
  n.where.answer = good;
  CHECK_EQ(redrive(n, n.where.arrivals[0].what.id), "pending");
  CHECK_EQ(n.where.arrivals.size(), attempts + 1);
  CHECK(n.view().stage == notification_stage::delivered);
  CHECK(outbox_types(n.m).ends_with("failed dead_lettered redriven delivered"));
  CHECK_EQ(redrive(n, n.where.arrivals[0].what.id), "refused");
}

TEST_CASE("a target that wants no more is not asked again") {
  const quiet_log quiet;
  notified n;
  n.where.answer = {outcome_kind::refused, 410, "answered with status 410", {}};
  n.ask();
  CHECK_EQ(outbox_types(n.m), "queued dead_lettered");
  n.p->wait(hours(2));
  CHECK_EQ(n.where.arrivals.size(), 1);
}

TEST_CASE("a person can have a pending one sent at once and is told what there is not") {
  notified n;
  n.ask();
  n.answer(0, bad);
  const auto id = n.where.arrivals[0].what.id;
  CHECK_EQ(redrive(n, "ntf_2_" + id.substr(6)), "not found");
  CHECK_EQ(redrive(n, "ntf_1_0000000000000000"), "not found");
  CHECK_EQ(redrive(n, "x"), "not found");
  CHECK_EQ(redrive(n, id), "pending");
  CHECK_EQ(n.where.arrivals.size(), 2);
  CHECK_EQ(redrive(n, id), "pending");  // while it is under way: not a second time
  CHECK_EQ(n.where.arrivals.size(), 2);
  n.answer(1, good);
  CHECK_EQ(outbox_types(n.m), "queued failed redriven redriven delivered");
}

TEST_CASE("a slow target leaves the others room") {
  notified n;
  n.give_agent("ann", "https://ann.example/hook");
  for (int i = 0; i < 10; ++i) n.ask("e" + std::to_string(i));
  CHECK_EQ(n.where.arrivals.size(), actors::most_sends_to_one);
  n.escalate_to("x", "ann");
  REQUIRE_EQ(n.where.arrivals.size(), actors::most_sends_to_one + 1);
  CHECK_EQ(n.where.arrivals.back().what.address, "https://ann.example/hook");
  n.answer(actors::most_sends_to_one, good);
  CHECK_EQ(outbox_types(n.m).substr(outbox_types(n.m).size() - 9), "delivered");
  for (std::size_t i = 0; i < n.where.arrivals.size(); ++i)
    if (n.where.arrivals[i].what.address.empty()) n.answer(i, good);
  CHECK_EQ(n.p->views().notifications.outbox().pending, 0);
}

TEST_CASE("no more than so many are sent at the same time") {
  notified n;
  for (const std::string id : {"a", "b", "c"}) {
    n.give_agent(id, "https://" + id + ".example");
    for (const std::string place : {"1", "2", "3"}) n.escalate_to(id + place, id);
  }
  CHECK_EQ(n.where.arrivals.size(), actors::most_sends_to_agents);
  for (int i = 0; i < 5; ++i) n.ask("e" + std::to_string(i));
  CHECK_EQ(n.where.arrivals.size(), actors::most_sends);
  CHECK(n.where.arrivals.back().what.address.empty());  // agents alone cannot take every place
  n.answer(0, good);
  CHECK_EQ(n.where.arrivals.size(), actors::most_sends + 1);
}

TEST_CASE("what the notifier hears of twice is told once") {
  notified n;
  n.ask();
  const auto queued = std::get<notification_queued>(std::get<system_event>(outbox_events(n.m)[0].payload));
  const actors::notices again{{queued}, queued.position};
  caf::anon_send(n.p->env().notifier, actors::notice_atom_v, std::make_shared<const actors::notices>(again));
  n.p->run();
  CHECK_EQ(outbox_types(n.m), "queued");
}

TEST_CASE("an escalation goes to the agent's own address as it is when it is sent") {
  notified n;
  n.give_agent("ann", "https://old.example");
  n.escalate_to("e", "ann");
  REQUIRE_EQ(n.where.arrivals.size(), 1);
  CHECK_EQ(n.where.arrivals[0].what.address, "https://old.example");
  CHECK_EQ(n.view().agent.value, "ann");
  n.p->ask_agent("ann", change_agent{.webhook_url = "https://new.example"});
  n.answer(0, bad);
  n.p->wait(seconds(6));
  REQUIRE_EQ(n.where.arrivals.size(), 2);
  CHECK_EQ(n.where.arrivals[1].what.address, "https://new.example");
  n.p->ask_agent("ann", change_agent{.webhook_url = ""});
  n.answer(1, bad);
  n.p->wait(seconds(12));
  REQUIRE_EQ(n.where.arrivals.size(), 3);
  CHECK_EQ(n.where.arrivals[2].what.address, "");  // somebody must hear of it
}

TEST_CASE("without the server's address only those are told who have one of their own") {
  notified n{false};
  n.ask();
  n.escalate_to("f", "nobody");
  CHECK_EQ(outbox_types(n.m), "");
  n.give_agent("ann", "https://ann.example");
  n.escalate_to("g", "ann");
  CHECK_EQ(outbox_types(n.m), "queued");
  n.p->ask_agent("ann", change_agent{.standing = agent_standing::retired});
  n.answer(0, bad);
  n.p->wait(seconds(6));
  CHECK_EQ(n.where.arrivals.size(), 1);
  CHECK_EQ(n.view().detail, "there is no address to send it to any more");
  CHECK(n.view().stage == notification_stage::pending);
}

TEST_CASE("a log from before is not told of and neither is what nobody was to be told at its time") {
  machine m;
  target where;
  {
    process silent{m};
    silent.recover();
    silent.ask("old", create_execution{.source = asking_plan(), .start = true});
    silent.run();
  }
  {
    process p{m, where.options(false)};
    p.recover();
    p.ask("e", create_execution{.source = asking_plan(), .start = true});
    p.run();
    p.wait(p.env().settings.store_views_every);
  }
  process p{m, where.options()};
  p.recover();
  p.run();
  CHECK_EQ(outbox_types(m), "");
  p.ask("f", create_execution{.source = asking_plan(), .start = true});
  p.run();
  REQUIRE_EQ(where.arrivals.size(), 1);
  CHECK_EQ(where.arrivals[0].what.content.execution.value, "f");
}

TEST_CASE("an outbox that nobody empties does not grow for ever") {
  const quiet_log quiet;
  machine m;
  target where;
  auto options = where.options();
  options.settings.delivery.most_pending = 5;
  process p{m, options};
  p.recover();
  p.run();
  for (int i = 0; i < 9; ++i) {
    p.ask("e" + std::to_string(i), create_execution{.source = asking_plan(), .start = true});
    p.run();
  }
  const auto& outbox = p.views().notifications.outbox();
  CHECK_EQ(outbox.pending, 5);
  CHECK(outbox.find(1)->stage == notification_stage::pending);  // under way
  CHECK(outbox.find(3)->stage == notification_stage::dead);
  CHECK(outbox.find(9)->stage == notification_stage::pending);
  CHECK_EQ(outbox.find(3)->detail, "more than 5 notifications wait");
}

}  // namespace planexe::tests
