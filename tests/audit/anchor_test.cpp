// Anchors, proofs and the keys that sign them: what fits passes, anything changed does not.
#include "audit/anchor.hpp"

#include <doctest/doctest.h>
#include <sys/stat.h>

#include <fstream>

#include "eventstore/hash_chain.hpp"
#include "tests/audit/recorded_folder.hpp"

#include "audit/text_forms.hpp"

namespace planexe::tests {
namespace {

using namespace audit;

const domain::timestamp noon = *domain::parse_rfc3339("2026-01-31T12:00:00.250Z");

proof some_proof(const signing_key& key) {
  const recorded_folder folder;
  const auto log = log_in(folder.path());
  const auto& event = log[6];
  merkle_tree tree;
  tree.follow(event.position - 1);
  sha256_digest head{};
  for (const auto& each : log) {
    tree.add(leaf_of(each.stream, each.seq, each.position, each.hash));
    head = eventstore::link_log(head, each.position, each.hash);
  }
  proof made{event.stream, event.seq, event.position, event.bytes, {}, tree.path(), {}, R"({"event_type":"x"})"};
  for (const auto& each : log)
    if (each.stream == event.stream && each.seq + 1 == event.seq) made.previous = each.hash;
  made.head = make_anchor(log.size(), head, tree.root(), noon, key);
  return made;
}

}  // namespace

TEST_CASE("an anchor keeps its content as JSON, and any change to it shows") {
  const auto key = draw_key();
  const auto taken = make_anchor(7, eventstore::sha256("head"), eventstore::sha256("tree"), noon, key);
  CHECK(is_genuine(taken));
  const auto text = to_json(taken);
  const auto read = parse_anchor(text);
  REQUIRE(read);
  CHECK(to_json(*read) == text);
  CHECK(is_genuine(*read));
  for (const auto change :
       {+[](anchor& other) { other.position = 8; }, +[](anchor& other) { other.head[3] ^= 1; },
        +[](anchor& other) { other.tree[3] ^= 1; }, +[](anchor& other) { other.taken_at += domain::milliseconds{1}; },
        +[](anchor& other) { other.signer = draw_key().open; }, +[](anchor& other) { other.signed_as[9] ^= 1; }}) {
    auto other = taken;
    change(other);
    CHECK_FALSE(is_genuine(other));
  }
}

TEST_CASE("what is no anchor is refused with a reason") {
  const auto text = to_json(make_anchor(7, {}, {}, noon, draw_key()));
  CHECK(parse_anchor("").error().code == errc::invalid);
  CHECK(parse_anchor("[]").error().code == errc::invalid);
  CHECK(parse_anchor(std::string(100'000, '[')).error().code == errc::invalid);
  CHECK(parse_anchor(R"({"format": "planexe-anchor/2"})").error().detail.find("planexe-anchor/1") != std::string::npos);
  for (const std::string member : {"position", "head_hash", "tree_root", "taken_at", "public_key", "signature"}) {
    auto without = text;
    without.replace(without.find("\"" + member), member.size() + 2, "\"other\"");
    const auto read = parse_anchor(without);
    REQUIRE_FALSE(read);
    CHECK(read.error().detail.find(member) != std::string::npos);
  }
}

TEST_CASE("a proof holds without the log, and any change to it shows") {
  const auto key = draw_key();
  const auto given = some_proof(key);
  CHECK_FALSE(fault_of(given));
  const auto text = to_json(given);
  const auto read = parse_proof(text);
  REQUIRE(read);
  CHECK(to_json(*read) == text);
  CHECK_FALSE(fault_of(*read));
  for (const auto change :
       {+[](proof& other) { other.stored.back() = static_cast<char>(other.stored.back() ^ 1); },
        +[](proof& other) { ++other.seq; }, +[](proof& other) { --other.position; },
        +[](proof& other) { other.stream.id += "x"; }, +[](proof& other) { other.previous[0] ^= 1; },
        +[](proof& other) { other.path.front()[0] ^= 1; }, +[](proof& other) { other.path.pop_back(); },
        +[](proof& other) { other.head.tree[0] ^= 1; }, +[](proof& other) { other.position = 1'000'000; },
        +[](proof& other) { other.position = 0; }}) {
    auto other = given;
    change(other);
    CHECK(fault_of(other));
  }
}

TEST_CASE("what is no proof is refused with a reason") {
  const auto text = to_json(some_proof(draw_key()));
  for (const std::string member : {"stream", "seq", "position", "event", "stored", "previous_hash", "path", "anchor"}) {
    auto without = text;
    without.replace(without.find("\"" + member + "\":"), member.size() + 3, "\"other\":");
    CHECK_MESSAGE(parse_proof(without).error().code == errc::invalid, member);
  }
  CHECK(parse_proof("{}").error().code == errc::invalid);
}

TEST_CASE("a key keeps to its file, which is its owner's alone") {
  const scratch_folder folder;
  const auto file = folder / "anchor.pem";
  const auto key = draw_key();
  REQUIRE(write_key(key, file));
  struct stat about {};
  REQUIRE(::stat(file.c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0600);
  const auto read = read_key(file);
  REQUIRE(read);
  CHECK(read->seed == key.seed);
  CHECK(read->open == key.open);
  CHECK(*read_public_key(file + ".pub") == key.open);
  CHECK(write_key(draw_key(), file).error().code == errc::conflict);
  CHECK(read_key(file)->seed == key.seed);

  CHECK(read_key(folder / "nothing").error().code == errc::not_found);
  CHECK(read_key(file + ".pub").error().code == errc::invalid);
  CHECK(read_public_key(file).error().code == errc::invalid);
  std::ofstream(folder / "rubbish") << "rubbish";
  CHECK(read_key(folder / "rubbish").error().code == errc::invalid);
}

TEST_CASE("signatures are those of RFC 8032") {
  // Its first test vector: an empty message.
  signing_key key;
  key.seed.resize(32);
  REQUIRE(read_hex("9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
                   reinterpret_cast<std::uint8_t*>(key.seed.data()), 32));
  key.open = *from_hex<32>("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a");
  CHECK(hex_of(sign(key, "")) ==
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe"
        "2465"
        "5141438e7a100b");
  CHECK(is_signed(key.open, "", sign(key, "")));
  CHECK_FALSE(is_signed(key.open, "x", sign(key, "")));
}

}  // namespace planexe::tests
