// The actors put together as the server runs them, with threads of their own: they start, answer, stop and come back.
#include "actors/runtime.hpp"

#include <doctest/doctest.h>
#include <spdlog/spdlog.h>

#include <future>

#include "actors/environment.hpp"
#include "actors/read_side.hpp"
#include "tests/actors/process.hpp"
#include "tests/domain/plan_builder.hpp"

namespace planexe::tests {

using namespace domain;

namespace {

/// Says whether it was delivered; false when it was dropped.
class promised_reply final : public actors::execution_reply {
 public:
  explicit promised_reply(std::promise<bool> told) : told_(std::move(told)) {}
  ~promised_reply() override {
    if (!delivered_) told_.set_value(false);
  }
  std::optional<eventstore::kept_answer> prepare(const execution_id&, const execution_state&,
                                                 const actors::command_outcome&) override {
    return std::nullopt;
  }
  void deliver() override {
    delivered_ = true;
    told_.set_value(true);
  }

 private:
  std::promise<bool> told_;
  bool delivered_ = false;
};

std::future<bool> ask(actors::runtime& server, const std::string& execution, execution_command command) {
  std::promise<bool> told;
  auto answer = told.get_future();
  auto request = std::make_shared<actors::execution_request>();
  request->command = std::move(command);
  request->actor = "person";
  request->reply = std::make_unique<promised_reply>(std::move(told));
  server.parts().directory.tell(execution_id{execution}, actors::command_atom_v, std::move(request));
  return answer;
}

create_execution one_task() {
  return {.source = plan_builder{}.phase("P").task("A").action("do"), .start = true};
}

struct server_room {
  std::unique_ptr<actors::runtime> start() {
    auto started = actors::runtime::start({}, port, port, m.clock, ids, [this](const error&) { ++failures; });
    REQUIRE(started);
    return std::move(*started);
  }
  void recover(actors::runtime& server) {
    std::promise<void> done;
    server.recover([&] { done.set_value(); });
    done.get_future().wait();
  }
  std::shared_ptr<polled> park_a_poll(actors::runtime& server) {
    auto registration = std::make_shared<actors::agent_request>();
    registration->command = able_to({"nothing that anybody asks for"});
    server.parts().directory.tell(agent_id{"ann"}, actors::command_atom_v, std::move(registration));
    auto polled = std::make_shared<tests::polled>();
    auto request = std::make_shared<actors::poll_request>();
    request->wait = hours(1);
    request->answer = [polled](auto answer) { polled->answer = std::move(answer); };
    server.parts().directory.tell(agent_id{"ann"}, actors::poll_atom_v, std::move(request));
    return polled;
  }

  machine m;
  disk_port port{m};
  actors::id_source ids{1};
  std::atomic<int> failures{0};
};

}  // namespace

TEST_CASE("a server starts, answers, stops with its views stored, and recovers what was live") {
  server_room room;
  {
    auto server = room.start();
    room.recover(*server);
    CHECK(ask(*server, "e", one_task()).get());
    server->stop();
    server->stop();
  }
  const auto stored = room.m.derived->load_view("executions.4");
  REQUIRE(stored);
  CHECK_EQ(stored->rows.size(), 1);
  room.m.listeners.clear();
  auto server = room.start();
  room.recover(*server);
  CHECK(ask(*server, "e", pause_execution{}).get());
  CHECK_EQ(room.failures, 0);
}

TEST_CASE("a server stops while polls wait and commands come") {
  server_room room;
  auto server = room.start();
  room.recover(*server);
  CHECK(ask(*server, "e", one_task()).get());
  const auto parked = room.park_a_poll(*server);
  std::vector<std::future<bool>> answers;
  for (int i = 0; i < 50; ++i) answers.push_back(ask(*server, "e" + std::to_string(i), one_task()));
  server->stop();
  std::size_t told = 0;
  for (auto& answer : answers) told += answer.get() ? 1U : 0U;
  server.reset();
  // Each was answered or dropped; whatever was answered is in the log.
  const auto head = room.m.disk.head();
  REQUIRE(head);
  CHECK_GE(head->position, told);
}

TEST_CASE("a server whose disk fails says so and still stops") {
  spdlog::set_level(spdlog::level::off);
  server_room room;
  room.port.fail_append(2);
  auto server = room.start();
  room.recover(*server);
  CHECK(ask(*server, "e", one_task()).get());
  CHECK_FALSE(ask(*server, "f", one_task()).get());
  server->stop();
  CHECK_GE(room.failures, 1);
  spdlog::set_level(spdlog::level::info);
}

}  // namespace planexe::tests
