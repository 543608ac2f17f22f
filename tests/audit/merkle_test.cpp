// The tree against RFC 6962: its own test vectors, and a plain recursive tree of every small size.
#include "audit/merkle.hpp"

#include <doctest/doctest.h>

#include "eventstore/hash_chain.hpp"

#include "audit/text_forms.hpp"

namespace planexe::tests {
namespace {

using namespace audit;
using leaves = std::vector<sha256_digest>;

sha256_digest node(const sha256_digest& left, const sha256_digest& right) {
  return eventstore::sha256("\x01" + std::string(eventstore::as_bytes(left)) +
                            std::string(eventstore::as_bytes(right)));
}

/// The definition of section 2.1, as it stands there.
sha256_digest plain_root(const leaves& all, std::size_t from, std::size_t to) {
  if (to - from == 1) return all[from];
  std::size_t half = 1;
  while (2 * half < to - from) half *= 2;
  return node(plain_root(all, from, from + half), plain_root(all, from + half, to));
}

leaves some_leaves(std::size_t count) {
  leaves all;
  for (std::size_t i = 0; i < count; ++i) all.push_back(eventstore::sha256("leaf " + std::to_string(i)));
  return all;
}

}  // namespace

TEST_CASE("the tree of nothing and the tree of the test vectors have the roots that others publish") {
  CHECK(hex_of(merkle_tree().root()) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  // The leaves of the reference implementation of Certificate Transparency.
  const std::vector<std::string> inputs{
      "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"};
  merkle_tree tree;
  for (const auto& hex : inputs) {
    std::string bytes(hex.size() / 2, '\0');
    REQUIRE(read_hex(hex, reinterpret_cast<std::uint8_t*>(bytes.data()), bytes.size()));
    tree.add(eventstore::sha256(std::string(1, '\0') + bytes));
  }
  CHECK(hex_of(tree.root()) == "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");
}

TEST_CASE("trees of every size have the root of the definition, and every leaf has its path") {
  for (std::size_t size = 1; size <= 70; ++size) {
    const auto all = some_leaves(size);
    const auto root = plain_root(all, 0, size);
    for (std::size_t index = 0; index < size; ++index) {
      merkle_tree tree;
      tree.follow(index);
      for (const auto& leaf : all) tree.add(leaf);
      REQUIRE(tree.root() == root);
      const auto path = tree.path();
      REQUIRE(root_by(all[index], index, size, path) == root);
      // The same path leads nowhere from another leaf, another place, or in another tree.
      CHECK(root_by(eventstore::sha256("stranger"), index, size, path) != root);
      if (size > 1) CHECK(root_by(all[index], (index + 1) % size, size, path) != root);
      auto longer = path;
      longer.push_back(root);
      CHECK(root_by(all[index], index, size, longer) != root);
      if (!path.empty()) CHECK(root_by(all[index], index, size, std::span(path).first(path.size() - 1)) != root);
    }
    CHECK_FALSE(root_by(all[0], size, size, {}));
  }
}

TEST_CASE("a leaf binds stream and seq and position and hash") {
  const domain::stream_id stream{domain::stream_kind::execution, "a"};
  const auto hash = eventstore::sha256("event");
  const auto leaf = leaf_of(stream, 1, 2, hash);
  CHECK(leaf != leaf_of({domain::stream_kind::agent, "a"}, 1, 2, hash));
  CHECK(leaf != leaf_of({domain::stream_kind::execution, "b"}, 1, 2, hash));
  CHECK(leaf != leaf_of(stream, 2, 2, hash));
  CHECK(leaf != leaf_of(stream, 1, 1, hash));
  CHECK(leaf != leaf_of(stream, 1, 2, eventstore::sha256("other")));
}

TEST_CASE("bytes keep their text forms") {
  for (std::size_t size = 0; size < 40; ++size) {
    std::string bytes;
    for (std::size_t i = 0; i < size; ++i) bytes.push_back(static_cast<char>(i * 37 + size));
    CHECK(from_base64(to_base64(bytes)) == bytes);
  }
  CHECK(to_base64("any carnal pleas") == "YW55IGNhcm5hbCBwbGVhcw==");
  CHECK_FALSE(from_base64("YW55IGNhcm5hbCBwbGVhcx=="));  // bits behind the last byte
  CHECK_FALSE(from_base64("YW5"));
  CHECK_FALSE(from_base64("Y=55"));
  CHECK_FALSE(from_base64("YW5*"));
  CHECK_FALSE(from_hex<2>("12g4"));
  CHECK_FALSE(from_hex<2>("123"));
}

}  // namespace planexe::tests
