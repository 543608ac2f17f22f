// The projector: who was answered finds what was written, views are stored now and then, and a view that cannot go on
// stops the server. And plans, which have no actor of their own.
#include <caf/send.hpp>
#include <doctest/doctest.h>

#include "actors/plan_import.hpp"
#include "eventstore/codec.hpp"
#include "projections/replay.hpp"
#include "tests/actors/process.hpp"
#include "tests/domain/plan_builder.hpp"

namespace planexe::tests {

using namespace domain;

namespace {

const auto one_task = plan_builder{}.phase("P").task("A").action("do").build();

void look(process& p, std::function<void()> at) {
  caf::anon_send(p.env().projector, actors::run_atom_v, std::make_shared<std::function<void()>>(std::move(at)));
}

class noted_reply final : public actors::plan_reply {
 public:
  explicit noted_reply(std::string& log) : log_(log) {}
  ~noted_reply() override { log_ += "gone"; }
  std::optional<eventstore::kept_answer> prepare(const plan_id& id, const plan&,
                                                 const actors::command_outcome& outcome) override {
    log_ += "prepared " + id.value + " ";
    return eventstore::kept_answer{.key = "k", .expires_at = outcome.recorded_at + hours(1)};
  }
  void deliver() override { log_ += "delivered "; }

 private:
  std::string& log_;
};

}  // namespace

TEST_CASE("who was answered and looks afterwards finds what was written") {
  machine m;
  process p{m};
  std::uint64_t seen = 0;
  const auto told = p.ask("e", create_execution{.source = one_task, .start = true}, {.on_delivered = [&] {
                            look(p, [&] {
                              const auto* row = p.views().executions.row({"e"});
                              seen = row == nullptr ? 0 : row->version;
                            });
                          }});
  p.run();
  CHECK(told->accepted());
  CHECK_EQ(seen, 2);
}

TEST_CASE("views are stored now and then, and found by the next start") {
  machine m;
  auto p = std::make_unique<process>(m);
  p->ask("e", create_execution{.source = one_task});
  p->run();
  p->wait(p->env().settings.store_views_every);
  const auto stored = m.derived->load_view("executions.4");
  REQUIRE(stored);
  CHECK_EQ(stored->rows.size(), 1);
  CHECK_EQ(stored->checkpoint, 1);
  p = std::make_unique<process>(m);
  CHECK_EQ(p->views().runner.unstored(), 0);
  CHECK(p->views().executions.row({"e"}) != nullptr);
}

TEST_CASE("a projector that is told to stop stores what it has and hangs up on followers") {
  machine m;
  process p{m};
  p.ask("e", create_execution{.source = one_task});
  p.run();
  caf::anon_send(p.env().projector, actors::stop_atom_v);
  p.run();
  const auto stored = m.derived->load_view("executions.4");
  REQUIRE(stored);
  CHECK_EQ(stored->checkpoint, 1);
}

TEST_CASE("an imported plan is durable when it is told, with its answer kept, and read back whole") {
  machine m;
  process p{m};
  std::string log;
  actors::import_plan(p.env(), one_task, "person", std::make_unique<noted_reply>(log));
  CHECK_EQ(log, "prepared plan-1 ");
  p.run();
  CHECK_EQ(log, "prepared plan-1 delivered gone");
  const auto read = projections::load_plan(m.disk, one_task->id);
  REQUIRE(read);
  CHECK(**read == *one_task);
  const auto kept = m.disk.find_answer("k", m.clock.now());
  REQUIRE(kept);
  CHECK(kept->has_value());
  CHECK(p.views().plans.row(one_task->id) != nullptr);
  actors::import_plan(p.env(), one_task, "person", std::make_unique<noted_reply>(log));
  p.run();
  CHECK_EQ(log, "prepared plan-1 delivered goneprepared plan-1 gone");
}

}  // namespace planexe::tests
