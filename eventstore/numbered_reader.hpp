// Two readers for keys that end in numbers (keys.hpp), which go on behind blocks that cannot be read: since it is known
// which number comes next, it is known what is missing. Private to the room; a reader belongs to one thread.
#pragma once

#include <rocksdb/db.h>

#include <array>
#include <memory>
#include <utility>

#include "eventstore/keys.hpp"

namespace planexe::eventstore {

/// The key of an event without an allocation.
class event_key {
 public:
  event_key(std::uint64_t stream, std::uint64_t seq) {
    bytes_[0] = 'e';
    put(1, stream);
    put(9, seq);
  }
  rocksdb::Slice slice() const { return {bytes_.data(), bytes_.size()}; }

 private:
  void put(std::size_t at, std::uint64_t number) {
    for (int shift = 56; shift >= 0; shift -= 8) bytes_[at++] = static_cast<char>((number >> shift) & 0xff);
  }
  std::array<char, 17> bytes_{};
};

/// Goes through `prefix | number`, the numbers ascending.
class numbered_reader {
 public:
  /// Behind `last` nothing is expected: a block that cannot be read there ends the reading.
  numbered_reader(rocksdb::DB& database, char prefix, std::uint64_t last)
      : last_(last), prefix_(prefix), end_(keys::after(std::string(1, prefix))), end_slice_(end_) {
    rocksdb::ReadOptions options;
    options.iterate_upper_bound = &end_slice_;
    at_.reset(database.NewIterator(options));
  }

  /// Moves on to the next number that is there, or that cannot be read. False at the end.
  bool next() {
    if (ended_) return false;
    if (std::exchange(seek_, false))
      at_->Seek(keys::numbered(prefix_, number_ + 1));
    else
      at_->Next();
    why_.clear();
    has_number_ = true;
    if (at_->Valid()) {
      std::string_view key = at_->key().ToStringView().substr(1);
      const auto number = keys::take_number(key);
      has_number_ = number && key.empty() && *number > number_;
      if (has_number_)
        number_ = *number;
      else
        why_ = "a key that is none";
      return true;
    }
    ended_ = at_->status().ok() || number_ >= last_;
    if (ended_) return false;
    why_ = at_->status().ToString();
    ++number_;
    seek_ = true;
    return true;
  }
  /// Where the key that it has moved to has none: that of the key before it, 0 before the first.
  std::uint64_t number() const { return number_; }
  bool has_number() const { return has_number_; }
  bool readable() const { return why_.empty(); }
  const std::string& why() const { return why_; }
  std::string_view value() const { return at_->value().ToStringView(); }

 private:
  std::uint64_t last_;
  std::uint64_t number_ = 0;
  char prefix_;
  bool seek_ = true;
  bool ended_ = false;
  bool has_number_ = false;
  std::string why_;
  std::string end_;
  rocksdb::Slice end_slice_;
  std::unique_ptr<rocksdb::Iterator> at_;
};

/// Finds events, cheaply where they are asked for in the order in which they lie.
class event_reader {
 public:
  enum class found { it, later, end, unreadable };

  explicit event_reader(rocksdb::DB& database) : end_(keys::after("e")), end_slice_(end_) {
    rocksdb::ReadOptions options;
    options.iterate_upper_bound = &end_slice_;
    at_.reset(database.NewIterator(options));
  }

  /// Stands at the event then, or at the next one after it.
  found move_to(std::uint64_t stream, std::uint64_t seq) {
    const event_key wanted(stream, seq);
    if (!at_->Valid() || at_->key() != wanted.slice()) at_->Seek(wanted.slice());
    if (at_->Valid()) return at_->key() == wanted.slice() ? found::it : found::later;
    return at_->status().ok() ? found::end : found::unreadable;
  }
  void advance() { at_->Next(); }

  std::string_view value() const { return at_->value().ToStringView(); }
  std::string why() const { return at_->status().ToString(); }
  /// Of the key where it stands: stream and seq; nothing when it is none.
  std::optional<std::pair<std::uint64_t, std::uint64_t>> place() const {
    std::string_view key = at_->key().ToStringView().substr(1);
    const auto stream = keys::take_number(key);
    const auto seq = stream ? keys::take_number(key) : std::nullopt;
    if (!seq || !key.empty()) return std::nullopt;
    return std::pair{*stream, *seq};
  }

 private:
  std::string end_;
  rocksdb::Slice end_slice_;
  std::unique_ptr<rocksdb::Iterator> at_;
};

}  // namespace planexe::eventstore
