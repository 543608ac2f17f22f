#include "eventstore/raw_files.hpp"

#include <rocksdb/options.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/write_batch.h>

#include <algorithm>
#include <array>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <utility>

#include "eventstore/keys.hpp"

namespace planexe::eventstore {
namespace {

std::string name_of(const std::string& path) {
  return std::filesystem::path(path).filename().string();
}

std::string one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

// Tables.

// Keys that might be the next one behind a block that cannot be read, the nearest first: numbers go on by one, in an
// event's key first the seq, then the stream; then come ever wider jumps, each behind all keys that begin as this one.
class way_around {
 public:
  /// `last`: the last key before the block; empty where the table begins with it.
  explicit way_around(const std::string& last) : base_(last.empty() ? keys::event(1, 0) : last) {}

  /// Nothing when everything behind has been tried.
  std::optional<std::string> next() {
    // The engine's index may name a bad block by the very key at which the next one could begin, and would look into
    // the bad one for it again.
    if (behind_) return std::exchange(behind_, std::nullopt);
    const bool is_event = base_.front() == 'e' && base_.size() == event_key_size;
    const bool is_numbered =
        is_event || (base_.size() == numbered_key_size && numbered.find(base_.front()) != std::string_view::npos);
    if (is_numbered && steps_ < most_steps)
      if (auto key = ahead(base_.size() - number_size, ++steps_)) return key;
    if (is_event && jumps_ < most_steps)
      if (auto key = ahead(1, ++jumps_)) return and_behind(std::move(*key));
    while (length_ > 0) {
      const auto begin = base_.substr(0, length_--);
      if (begin.find_first_not_of('\xff') != std::string::npos) return and_behind(keys::after(begin));
    }
    return std::nullopt;
  }

 private:
  static constexpr std::size_t number_size = 8, numbered_key_size = 9, event_key_size = 17;
  static constexpr std::uint64_t most_steps = 4'096;  // far more than a block holds keys
  static constexpr std::string_view numbered = "pr";

  std::string and_behind(std::string key) {
    behind_ = key + '\0';
    return key;
  }

  /// The key whose number at that place is so much greater, without what stands behind it. Nothing behind the greatest
  /// number.
  std::optional<std::string> ahead(std::size_t place, std::uint64_t by) const {
    std::string_view digits = std::string_view(base_).substr(place);
    const auto number = *keys::take_number(digits);
    if (number + by < number) return std::nullopt;
    std::string key = base_.substr(0, place);
    keys::put_number(key, number + by);
    return key;
  }

  std::string base_;
  std::optional<std::string> behind_;
  std::uint64_t steps_ = 0, jumps_ = 0;
  std::size_t length_ = base_.size();
};

}  // namespace

file_reading read_table(const std::string& path, const take_record& take) {
  file_reading reading{.name = name_of(path)};
  rocksdb::Options options;
  rocksdb::SstFileReader table(options);
  if (const auto opened = table.Open(path); !opened.ok()) {
    reading.damage = one_line(opened.ToString());
    reading.unreached = opened.IsIOError();
    reading.lost = true;
    return reading;
  }
  const std::unique_ptr<rocksdb::Iterator> at(table.NewIterator(rocksdb::ReadOptions()));
  std::string last;
  at->SeekToFirst();
  while (true) {
    for (; at->Valid(); at->Next()) {
      last.assign(at->key().data(), at->key().size());
      take(last, at->value().ToStringView());
      ++reading.records;
    }
    if (at->status().ok()) return reading;
    if (reading.damage.empty()) reading.damage = one_line(at->status().ToString());
    way_around candidates(last);
    while (const auto next = candidates.next()) {
      at->Seek(*next);
      if (at->Valid() || at->status().ok()) break;
    }
    if (!at->Valid()) return reading;
  }
}

// Write-ahead logs: blocks of 32 KiB, in them records with a header of seven bytes (checksum, length, kind), a batch
// over one or more of them. https://github.com/facebook/rocksdb/wiki/Write-Ahead-Log-File-Format

namespace {

constexpr std::size_t block_size = 32'768, header_size = 7;
enum record_kind : unsigned { whole = 1, first = 2, middle = 3, last_part = 4 };

constexpr auto checksum_table = [] {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit) value = (value >> 1) ^ ((value & 1) != 0 ? 0x82f63b78u : 0u);
    table[i] = value;
  }
  return table;
}();

// CRC-32C, masked as the format has it.
std::uint32_t checksum_of(std::string_view bytes) {
  std::uint32_t value = 0xffffffffu;
  for (const char byte : bytes)
    value = checksum_table[(value ^ static_cast<unsigned char>(byte)) & 0xff] ^ (value >> 8);
  value = ~value;
  return ((value >> 15) | (value << 17)) + 0xa282ead8u;
}

std::uint32_t little_endian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t i = bytes.size(); i-- > 0;) value = (value << 8) | static_cast<unsigned char>(bytes[i]);
  return value;
}

class put_taker final : public rocksdb::WriteBatch::Handler {
 public:
  put_taker(const take_record& take, std::uint64_t& records) : take_(take), records_(records) {}
  rocksdb::Status PutCF(std::uint32_t, const rocksdb::Slice& key, const rocksdb::Slice& value) override {
    take_(key.ToStringView(), value.ToStringView());
    ++records_;
    return rocksdb::Status::OK();
  }
  rocksdb::Status DeleteCF(std::uint32_t, const rocksdb::Slice&) override { return rocksdb::Status::OK(); }
  rocksdb::Status SingleDeleteCF(std::uint32_t, const rocksdb::Slice&) override { return rocksdb::Status::OK(); }
  rocksdb::Status DeleteRangeCF(std::uint32_t, const rocksdb::Slice&, const rocksdb::Slice&) override {
    return rocksdb::Status::OK();
  }
  void LogData(const rocksdb::Slice&) override {}

 private:
  const take_record& take_;
  std::uint64_t& records_;
};

class wal_reading {
 public:
  wal_reading(file_reading& reading, const take_record& take) : reading_(reading), taker_(take, reading.records) {}

  void read(std::string_view file) {
    for (std::size_t begin = 0; begin < file.size(); begin += block_size) {
      read_block(file.substr(begin, block_size));
    }
    if (!batch_.empty()) damage("its last batch is not there as a whole");
  }

 private:
  // A record whose checksum is wrong is passed over by its length; where that is wrong too, nothing of the block's rest
  // has a right checksum.
  void read_block(std::string_view block) {
    while (block.size() >= header_size) {
      const std::uint32_t checksum = little_endian(block.substr(0, 4));
      const std::size_t length = little_endian(block.substr(4, 2));
      const unsigned kind = static_cast<unsigned char>(block[6]);
      if (kind == 0 && length == 0 && checksum == 0) return;  // space that was set aside and not used
      if (header_size + length > block.size()) return drop("a record goes on behind its block");
      const auto checked = block.substr(6, 1 + length);
      block.remove_prefix(header_size + length);
      if (checksum_of(checked) == checksum)
        take(kind, checked.substr(1));
      else
        drop("the checksum of a record is wrong");
    }
  }

  void take(unsigned kind, std::string_view part) {
    if (kind == whole || kind == first) {
      if (!batch_.empty()) drop("a batch is not there as a whole");
      batch_.assign(part);
      open_ = true;
    } else if (kind == middle || kind == last_part) {
      if (!open_) return damage("the beginning of a batch is missing");
      batch_ += part;
    } else {
      return drop("a record of an unknown kind");
    }
    if (kind == whole || kind == last_part) apply();
  }

  void apply() {
    const rocksdb::WriteBatch batch(std::exchange(batch_, {}));
    open_ = false;
    if (const auto applied = batch.Iterate(&taker_); !applied.ok()) damage(one_line(applied.ToString()));
  }

  void drop(const std::string& why) {
    batch_.clear();
    open_ = false;
    damage(why);
  }
  void damage(const std::string& why) {
    if (reading_.damage.empty()) reading_.damage = why;
  }

  file_reading& reading_;
  put_taker taker_;
  std::string batch_;
  bool open_ = false;
};

}  // namespace

file_reading read_write_ahead_log(const std::string& path, const take_record& take) {
  file_reading reading{.name = name_of(path)};
  std::ifstream in(path, std::ios::binary);
  const std::string content(std::istreambuf_iterator<char>(in), {});
  if (!in.is_open() || in.bad()) {
    reading.damage = "it cannot be read";
    reading.unreached = !in.is_open();
    reading.lost = true;
    return reading;
  }
  wal_reading(reading, take).read(content);
  return reading;
}

}  // namespace planexe::eventstore
