#include "audit/merkle.hpp"

#include "eventstore/hash_chain.hpp"

namespace planexe::audit {
namespace {

constexpr char leaf_mark = 0, node_mark = 1;  // so that no leaf can pass for a node

void put_number(std::string& out, std::uint64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) out.push_back(static_cast<char>((number >> shift) & 0xff));
}

sha256_digest node_of(const sha256_digest& left, const sha256_digest& right) {
  std::string bytes(1, node_mark);
  bytes += eventstore::as_bytes(left);
  bytes += eventstore::as_bytes(right);
  return eventstore::sha256(bytes);
}

}  // namespace

sha256_digest leaf_of(const domain::stream_id& stream, std::uint64_t seq, std::uint64_t position,
                      const sha256_digest& event_hash) {
  std::string bytes(1, leaf_mark);
  put_number(bytes, position);
  bytes.push_back(static_cast<char>(stream.kind));
  put_number(bytes, seq);
  bytes += eventstore::as_bytes(event_hash);
  bytes += stream.id;
  return eventstore::sha256(bytes);
}

merkle_tree::subtree merkle_tree::join(const subtree& left, const subtree& right,
                                       std::vector<sha256_digest>& path) const {
  if (left.has_followed) path.push_back(right.hash);
  if (right.has_followed) path.push_back(left.hash);
  return {node_of(left.hash, right.hash), left.leaves + right.leaves, left.has_followed || right.has_followed};
}

void merkle_tree::add(const sha256_digest& leaf) {
  subtrees_.push_back({leaf, 1, size_ == followed_});
  ++size_;
  while (subtrees_.size() > 1 && subtrees_.back().leaves == subtrees_[subtrees_.size() - 2].leaves) {
    const subtree right = subtrees_.back();
    subtrees_.pop_back();
    subtrees_.back() = join(subtrees_.back(), right, path_);
  }
}

merkle_tree::subtree merkle_tree::whole(std::vector<sha256_digest>& path) const {
  if (subtrees_.empty()) return {eventstore::sha256({}), 0, false};
  subtree right = subtrees_.back();
  for (std::size_t i = subtrees_.size() - 1; i-- > 0;) right = join(subtrees_[i], right, path);
  return right;
}

sha256_digest merkle_tree::root() const {
  std::vector<sha256_digest> ignored;
  return whole(ignored).hash;
}

std::vector<sha256_digest> merkle_tree::path() const {
  std::vector<sha256_digest> path = path_;
  whole(path);
  return path;
}

// RFC 9162, section 2.1.3.2.
std::optional<sha256_digest> root_by(const sha256_digest& leaf, std::uint64_t index, std::uint64_t size,
                                     std::span<const sha256_digest> path) {
  if (index >= size) return std::nullopt;
  std::uint64_t at = index, last = size - 1;
  sha256_digest hash = leaf;
  for (const sha256_digest& beside : path) {
    if (last == 0) return std::nullopt;
    if (at % 2 == 1 || at == last) {
      hash = node_of(beside, hash);
      while (at % 2 == 0 && at != 0) {
        at /= 2;
        last /= 2;
      }
    } else {
      hash = node_of(hash, beside);
    }
    at /= 2;
    last /= 2;
  }
  if (last != 0) return std::nullopt;
  return hash;
}

}  // namespace planexe::audit
