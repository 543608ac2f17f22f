// The committer: what is queued becomes one durable write, in order, and nothing is told before it is durable.
#include "actors/committer.hpp"

#include <caf/send.hpp>
#include <doctest/doctest.h>

#include "eventstore/codec.hpp"
#include "tests/actors/process.hpp"

namespace planexe::tests {

using namespace actors;

namespace {

/// A writer's step of so many agent events; notes in `log` what became of it.
commit_item_ptr step(const std::string& stream, std::uint64_t version, std::size_t events, const std::string& name,
                     std::vector<std::string>& log) {
  auto item = std::make_shared<commit_item>();
  item->append.stream = {domain::stream_kind::agent, stream};
  item->append.expected_version = version;
  for (std::size_t i = 0; i < events; ++i) {
    domain::event event{domain::agent_event{domain::agent_standing_changed{}}};
    item->append.bytes.push_back(eventstore::encode(event, {}));
    item->append.events.push_back({item->append.stream, version + i + 1, 0, {}, event, {}});
  }
  item->on_durable = [&log, name] { log.push_back(name); };
  item->on_conflict = [&log, name] { log.push_back("conflict " + name); };
  return item;
}

using lines = std::vector<std::string>;
using sizes = std::vector<std::vector<std::size_t>>;

}  // namespace

TEST_CASE("what is queued is one append, told in order, and an empty item waits for what came before it") {
  machine m;
  process p{m};
  lines log;
  const auto send = [&](commit_item_ptr item) { caf::anon_send(p.env().committer, append_atom_v, std::move(item)); };
  send(step("a", 0, 2, "a1", log));
  send(step("b", 0, 1, "b1", log));
  send(step("a", 2, 0, "answer", log));
  send(step("a", 2, 1, "a2", log));
  p.run();
  CHECK_EQ(log, lines{"a1", "b1", "answer", "a2"});
  CHECK_EQ(p.disk().appends(), sizes{{2, 1, 1}});
  send(step("a", 3, 0, "alone", log));
  p.run();
  CHECK_EQ(log.back(), "alone");
  CHECK_EQ(p.disk().appends().size(), 1);
}

TEST_CASE("nothing is told before the append, and a batch is cut where it has grown large") {
  machine m;
  process_options options;
  options.settings.batch_items = 2;
  process p{m, options};
  lines log;
  for (std::uint64_t i = 0; i < 5; ++i)
    caf::anon_send(p.env().committer, append_atom_v, step("a", i, 1, std::to_string(i), log));
  p.step(0);
  CHECK(log.empty());
  CHECK(p.disk().appends().empty());
  p.run();
  CHECK_EQ(log, lines{"0", "1", "2", "3", "4"});
  CHECK_EQ(p.disk().appends(), sizes{{1, 1}, {1, 1}, {1}});
}

TEST_CASE("a step on a wrong version is told so, and the others of its batch are stored") {
  machine m;
  process p{m};
  lines log;
  caf::anon_send(p.env().committer, append_atom_v, step("a", 7, 1, "a", log));
  caf::anon_send(p.env().committer, append_atom_v, step("b", 0, 1, "b", log));
  p.run();
  CHECK_EQ(log, lines{"conflict a", "b"});
}

TEST_CASE("after a failed append nothing is told any more, and what waits is let go") {
  machine m;
  process p{m};
  lines log;
  p.disk().fail_append(2);
  caf::anon_send(p.env().committer, append_atom_v, step("a", 0, 1, "a1", log));
  p.run();
  auto second = step("a", 1, 1, "a2", log);
  auto empty = step("a", 2, 0, "empty", log);
  const std::weak_ptr<commit_item> waits = second, rejection = empty;
  caf::anon_send(p.env().committer, append_atom_v, std::move(second));
  caf::anon_send(p.env().committer, append_atom_v, std::move(empty));
  p.run();
  auto late = step("b", 0, 1, "b1", log);
  const std::weak_ptr<commit_item> comes = late;
  caf::anon_send(p.env().committer, append_atom_v, std::move(late));
  p.run();
  CHECK_EQ(log, lines{"a1"});
  CHECK(waits.expired());
  CHECK(rejection.expired());
  CHECK(comes.expired());
  REQUIRE_EQ(p.failures().size(), 1);
  CHECK_EQ(p.failures().front().detail, "the disk is gone");
  CHECK_EQ(p.disk().appends().size(), 2);
}

}  // namespace planexe::tests
