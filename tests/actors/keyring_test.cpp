// The keyring: what it answers is durable and known to whoever checks keys, what is not answered is nothing, and a
// restart finds the same keys.
#include <doctest/doctest.h>

#include "projections/replay.hpp"
#include "tests/actors/process.hpp"

namespace planexe::tests {

using namespace domain;

namespace {

struct keyed_process {
  keyed_process() { start(); }
  void start() {
    p.reset();
    p = std::make_unique<process>(m);
    p->env().on_key = [this](const api_key& key) { told.push_back(key); };
  }
  std::shared_ptr<tests::told<api_key>> make(const std::string& id) {
    return p->change_key(create_key{id, "ann", key_role::admin, {}, std::string(key_digest_bytes, 'd'), {}});
  }
  key_ring replayed() {
    const auto ring = projections::replay_keys(p->env().log);
    REQUIRE(ring);
    return *ring;
  }

  machine m;
  std::vector<api_key> told;
  std::unique_ptr<process> p;
};

}  // namespace

TEST_CASE("a key that was answered for is on the disk and known to whoever checks it") {
  keyed_process s;
  const auto made = s.make("key-1");
  s.p->run_without_commits();
  CHECK(made->prepared);
  CHECK(!made->delivered);
  CHECK(s.told.empty());
  s.p->run();
  CHECK(made->accepted());
  REQUIRE(s.told.size() == 1);
  CHECK(s.told[0].id == "key-1");
  CHECK(s.replayed().keys.at("key-1").created_by == "person");

  const auto revoked = s.p->change_key(revoke_key{"key-1"});
  s.p->run();
  CHECK(revoked->accepted());
  REQUIRE(s.told.size() == 2);
  CHECK(s.told[1].revoked_at);
  CHECK(s.p->failures().empty());
}

TEST_CASE("a refusal and a second revocation record nothing and tell nobody") {
  keyed_process s;
  s.make("key-1");
  s.p->change_key(revoke_key{"key-1"});
  s.p->run();
  const auto version = s.replayed().version;
  const auto again = s.p->change_key(revoke_key{"key-1"});
  const auto unknown = s.p->change_key(revoke_key{"key-2"});
  s.p->run();
  CHECK(again->accepted());
  CHECK(again->outcome.recorded == 0);
  CHECK(unknown->refused(rejection_code::not_found));
  CHECK(s.replayed().version == version);
  CHECK(s.told.size() == 2);
}

TEST_CASE("a crash before the disk has a key leaves none, and one after it leaves it") {
  keyed_process s;
  s.make("key-1");
  s.p->run();
  s.make("key-2");
  s.p->run_without_commits();
  s.start();
  s.p->run();
  CHECK(s.replayed().keys.size() == 1);
  const auto third = s.make("key-3");
  s.p->run();
  CHECK(third->accepted());
  CHECK(s.replayed().keys.size() == 2);
  CHECK(s.p->failures().empty());
}

}  // namespace planexe::tests
