#include "records/reader.hpp"

#include "eventstore/hash_chain.hpp"
#include "records/byte_source.hpp"

namespace planexe::records {

struct record_reader::impl {
  impl(std::unique_ptr<byte_source> bytes, reading options) : lines(std::move(bytes)), how(std::move(options)) {}

  result<std::optional<record>> read();
  result<void> check_place(const record& found);
  result<void> check_position(const record& found);

  line_source lines;
  reading how;
  stream_heads heads;
  std::uint64_t last_position = 0;
  std::optional<error> failure;
};

record_reader::record_reader(std::unique_ptr<impl> content) : impl_(std::move(content)) {}
record_reader::record_reader(record_reader&&) noexcept = default;
record_reader& record_reader::operator=(record_reader&&) noexcept = default;
record_reader::~record_reader() = default;

result<record_reader> record_reader::open(const std::string& path, reading how) {
  auto bytes = open_source(path);
  if (!bytes) return unexpected{bytes.error()};
  return record_reader{std::make_unique<impl>(std::move(*bytes), std::move(how))};
}

result<record_reader> record_reader::over(std::string text, reading how) {
  auto bytes = source_over(std::move(text));
  if (!bytes) return unexpected{bytes.error()};
  return record_reader{std::make_unique<impl>(std::move(*bytes), std::move(how))};
}

result<std::optional<record>> record_reader::next() {
  if (impl_->failure) return unexpected{*impl_->failure};
  auto read = impl_->read();
  if (read) return read;
  impl_->failure = impl_->lines.in_line(read.error());
  return unexpected{*impl_->failure};
}

std::uint64_t record_reader::line() const {
  return impl_->lines.line();
}

const stream_heads& record_reader::heads() const {
  return impl_->heads;
}

result<std::optional<record>> record_reader::impl::read() {
  const auto text = lines.next();
  if (!text) return unexpected{text.error()};
  if (!*text) return std::optional<record>{};
  auto found = read_line(**text, how.shown);
  if (!found) return unexpected{found.error()};
  if (auto sound = check_position(*found); !sound) return unexpected{sound.error()};
  if (auto sound = check_place(*found); !sound) return unexpected{sound.error()};
  return std::optional{std::move(*found)};
}

// Archives have a position in every line, other files in none.
result<void> record_reader::impl::check_position(const record& found) {
  const auto position = found.stored.position;
  const auto invalid = [](const char* why) { return unexpected{error{errc::invalid, why}}; };
  if (lines.line() > 1 && (position == 0) != (last_position == 0))
    return invalid(position == 0 ? "it has no 'logposition', which earlier lines have"
                                 : "it has a 'logposition', which earlier lines do not have");
  if (position != 0 && position <= last_position) return invalid("its 'logposition' is not after the one before");
  last_position = position;
  return {};
}

result<void> record_reader::impl::check_place(const record& found) {
  const auto& stored = found.stored;
  const auto [known, is_new] = heads.try_emplace(stored.stream);
  auto& head = known->second;
  if (is_new && how.stands_at) {
    auto stands = how.stands_at(stored.stream);
    if (!stands) return unexpected{stands.error()};
    head = *stands;
  }
  const auto wrong = [&](const std::string& why) {
    return unexpected{
        error{errc::invalid, display_name(stored.stream) + " seq " + std::to_string(stored.seq) + ": " + why}};
  };
  if (stored.seq != head.version + 1) return wrong("seq " + std::to_string(head.version + 1) + " was to come");
  if (eventstore::link(head.hash, stored.bytes) != stored.hash) return wrong("the hash chain is broken");
  head = {stored.seq, stored.hash};
  return {};
}

}  // namespace planexe::records
