// Keys: what may be made, what revoking comes to, and that a replay gives the same ring.
#include "domain/keys.hpp"

#include <doctest/doctest.h>

namespace planexe::tests {

using namespace domain;

namespace {

const timestamp start = timestamp{milliseconds{1'700'000'000'000}};

create_key wanted_key(std::string id, key_role role, std::string name, std::string agent = {}) {
  return {std::move(id), std::move(name), role, {std::move(agent)}, std::string(key_digest_bytes, 'd'), {}};
}

/// Decides and applies; the rejection's code where it was refused.
std::optional<rejection> run(key_ring& ring, const key_command& command, timestamp now = start) {
  const auto decided = decide(ring, command, now);
  if (!decided) return decided.error();
  if (*decided) evolve(ring, **decided, {ring.version + 1, now}, "ann");
  return std::nullopt;
}

std::string wrong_field(const std::optional<rejection>& refused) {
  REQUIRE(refused);
  REQUIRE(refused->code == rejection_code::validation_failed);
  REQUIRE(refused->errors.size() == 1);
  return refused->errors.front().field;
}

}  // namespace

TEST_CASE("a key is live from its making to its end or its revocation") {
  key_ring ring;
  auto lasting = wanted_key("key-1", key_role::admin, "ann");
  auto passing = wanted_key("key-2", key_role::viewer, "bob");
  passing.expires_at = start + hours(1);
  CHECK(!run(ring, lasting));
  CHECK(!run(ring, passing));
  CHECK(has_live_key(ring, key_role::admin, start));
  CHECK(has_live_key(ring, key_role::viewer, start + hours(1) - milliseconds{1}));
  CHECK(!has_live_key(ring, key_role::viewer, start + hours(1)));
  CHECK(!has_live_key(ring, key_role::operator_, start));
  CHECK(!run(ring, revoke_key{"key-1"}, start + hours(2)));
  CHECK(!has_live_key(ring, key_role::admin, start + hours(2)));
  const auto& revoked = ring.keys.at("key-1");
  CHECK(revoked.revoked_at == start + hours(2));
  CHECK(revoked.revoked_by == "ann");
  CHECK(revoked.created_by == "ann");
}

TEST_CASE("any number of keys of one name live beside each other, for rotation") {
  key_ring ring;
  for (const auto* id : {"key-1", "key-2", "key-3"}) CHECK(!run(ring, wanted_key(id, key_role::operator_, "ann")));
  CHECK(ring.keys.size() == 3);
  CHECK(!run(ring, revoke_key{"key-2"}));
  CHECK(is_live(ring.keys.at("key-1"), start));
  CHECK(!is_live(ring.keys.at("key-2"), start));
}

TEST_CASE("revoking again changes nothing, and what is not there cannot be revoked") {
  key_ring ring;
  run(ring, wanted_key("key-1", key_role::viewer, "ann"));
  run(ring, revoke_key{"key-1"});
  const auto version = ring.version;
  const auto again = decide(ring, revoke_key{"key-1"}, start + hours(1));
  REQUIRE(again);
  CHECK(!*again);
  CHECK(ring.version == version);
  const auto unknown = run(ring, revoke_key{"key-9"});
  REQUIRE(unknown);
  CHECK(unknown->code == rejection_code::not_found);
}

TEST_CASE("no name can pass for the server, for somebody without a key, or for an agent") {
  key_ring ring;
  for (const std::string name : {"", "system", "person", "agent:bob", "shell:ann", "erased:0a", "sealed:0a", " ann",
                                 "ann ", "an\nn", "an\x7fn"}) {
    CAPTURE(name);
    CHECK(wrong_field(run(ring, wanted_key("key-1", key_role::operator_, name))) == "name");
  }
  CHECK(wrong_field(run(ring, wanted_key("key-1", key_role::viewer, std::string(longest_key_name + 1, 'n')))) ==
        "name");
  CHECK(!run(ring, wanted_key("key-1", key_role::viewer, std::string(longest_key_name, 'n'))));
  CHECK(!run(ring, wanted_key("key-2", key_role::admin, "Ann of the bakery")));
  CHECK(ring.keys.size() == 2);
}

TEST_CASE("an agent's key names its agent and needs no other name") {
  key_ring ring;
  CHECK(wrong_field(run(ring, wanted_key("key-1", key_role::agent, "bob"))) == "agent_id");
  CHECK(wrong_field(run(ring, wanted_key("key-1", key_role::agent, "", "bob the baker"))) == "agent_id");
  CHECK(!run(ring, wanted_key("key-1", key_role::agent, "", "bob")));
  CHECK(ring.keys.at("key-1").name == "bob");
  CHECK(ring.keys.at("key-1").agent.value == "bob");
}

TEST_CASE("a key that would be dead at once is not made") {
  key_ring ring;
  auto late = wanted_key("key-1", key_role::viewer, "ann");
  late.expires_at = start;
  CHECK(wrong_field(run(ring, late)) == "expires_at");
  CHECK(ring.keys.empty());
}

TEST_CASE("events of others and of keys that are gone leave the ring as it is") {
  key_ring ring;
  evolve(ring, everything_paused{"smoke"}, {1, start}, "ann");
  evolve(ring, key_revoked{"key-9"}, {2, start}, "ann");
  CHECK(ring.version == 2);
  CHECK(ring.keys.empty());
}

TEST_CASE("every role has its word") {
  for (const auto role : {key_role::admin, key_role::operator_, key_role::viewer, key_role::agent})
    CHECK(key_role_named(name_of(role)) == role);
  CHECK(!key_role_named("root"));
  CHECK(!key_role_named(""));
}

}  // namespace planexe::tests
