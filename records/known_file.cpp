#include "records/known_file.hpp"

#include "records/byte_source.hpp"
#include "records/line.hpp"

namespace planexe::records {

struct known_file::impl {
  explicit impl(std::unique_ptr<byte_source> bytes) : lines(std::move(bytes)) {}

  result<std::optional<eventstore::stored_event>> fail(const error& why) {
    failure = lines.in_line(why);
    return unexpected{*failure};
  }

  line_source lines;
  std::optional<error> failure;
};

known_file::known_file(std::unique_ptr<impl> content) : impl_(std::move(content)) {}
known_file::known_file(known_file&&) noexcept = default;
known_file& known_file::operator=(known_file&&) noexcept = default;
known_file::~known_file() = default;

result<known_file> known_file::open(const std::string& path, const domain::sha256_digest& digest) {
  auto bytes = open_known_source(path, digest);
  if (!bytes) return unexpected{bytes.error()};
  return known_file{std::make_unique<impl>(std::move(*bytes))};
}

result<std::optional<eventstore::stored_event>> known_file::next() {
  auto& own = *impl_;
  if (own.failure) return unexpected{*own.failure};
  const auto text = own.lines.next();
  if (!text) return own.fail(text.error());
  if (!*text) return std::optional<eventstore::stored_event>{};
  auto event = read_stored(**text);
  if (!event) return own.fail(event.error());
  return std::optional{std::move(*event)};
}

}  // namespace planexe::records
