// The tree over a log that an anchor's signature covers: a Merkle tree shaped as RFC 6962 (section 2.1) has it, with a
// leaf for each event in log order. A leaf binds where the event stands, not only what it says. Pure, any thread.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "domain/event_record.hpp"

namespace planexe::audit {

using domain::sha256_digest;

/// Leaf of the event: SHA-256(0x00 ‖ position ‖ stream kind ‖ seq ‖ event hash ‖ stream id); numbers as 8 bytes,
/// greatest first, the kind as one.
sha256_digest leaf_of(const domain::stream_id& stream, std::uint64_t seq, std::uint64_t position,
                      const sha256_digest& event_hash);

/// A tree that grows leaf by leaf. Holds one hash for each of its levels, whatever its size.
class merkle_tree {
 public:
  /// Keeps the way from the leaf `index`, counted from 0, to the root as well.
  void follow(std::uint64_t index) { followed_ = index; }
  void add(const sha256_digest& leaf);
  std::uint64_t size() const { return size_; }
  /// Of an empty tree: SHA-256 of nothing.
  sha256_digest root() const;
  /// The hashes beside the way from the followed leaf to the root, the lowest first (RFC 6962, section 2.1.1).
  std::vector<sha256_digest> path() const;

 private:
  struct subtree {
    sha256_digest hash{};
    std::uint64_t leaves = 0;
    bool has_followed = false;
  };
  subtree join(const subtree& left, const subtree& right, std::vector<sha256_digest>& path) const;
  subtree whole(std::vector<sha256_digest>& path) const;

  std::vector<subtree> subtrees_;  // each larger than the ones after it, all of them full
  std::vector<sha256_digest> path_;
  std::uint64_t size_ = 0;
  std::uint64_t followed_ = UINT64_MAX;
};

/// The root that a path leads to, from the leaf `index` of a tree of `size` leaves; nothing when no such tree has a
/// path of that length.
std::optional<sha256_digest> root_by(const sha256_digest& leaf, std::uint64_t index, std::uint64_t size,
                                     std::span<const sha256_digest> path);

}  // namespace planexe::audit
