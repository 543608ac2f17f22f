#include "records/load.hpp"

namespace planexe::records {
namespace {

constexpr std::size_t most_events = 512;                  // in one batch
constexpr std::size_t most_bytes = std::size_t{8} << 20;  // the same

result<std::unique_ptr<eventstore::memory_store>> load_from(result<record_reader> reader) {
  if (!reader) return unexpected{reader.error()};
  auto store = std::make_unique<eventstore::memory_store>();
  if (auto appended = append_all(*reader, *store); !appended) return unexpected{appended.error()};
  return store;
}

}  // namespace

result<void> record_appender::add(record&& next) {
  auto& stored = next.stored;
  if (requests_.empty() || requests_.back().stream != stored.stream) {
    requests_.emplace_back();
    requests_.back().stream = stored.stream;
    requests_.back().expected_version = stored.seq - 1;
    requests_.back().keep_bytes = true;
  }
  ++events_;
  bytes_ += stored.bytes.size();
  domain::event_record event;
  event.stream = std::move(stored.stream);
  event.seq = stored.seq;
  event.metadata = std::move(next.metadata);
  event.payload = std::move(next.payload);
  requests_.back().events.push_back(std::move(event));
  requests_.back().bytes.push_back(std::move(stored.bytes));
  return events_ < most_events && bytes_ < most_bytes ? result<void>{} : append();
}

result<void> record_appender::append() {
  if (requests_.empty()) return {};
  std::optional<result<std::vector<eventstore::append_outcome>>> answer;
  log_.append(std::exchange(requests_, {}), [&](auto outcomes) { answer.emplace(std::move(outcomes)); });
  events_ = bytes_ = 0;
  if (!answer) return unexpected{error{errc::io, "the log did not answer"}};
  if (!*answer) return unexpected{answer->error()};
  for (const auto& outcome : **answer)
    if (!outcome.committed) return unexpected{error{errc::conflict, "somebody else appends to the log"}};
  return {};
}

result<std::uint64_t> append_all(record_reader& from, eventstore::event_log& to) {
  record_appender batch(to);
  std::uint64_t count = 0;
  while (true) {
    auto next = from.next();
    if (!next) {
      auto appended = batch.append();
      return unexpected{appended ? next.error() : appended.error()};
    }
    if (!*next) break;
    if (auto added = batch.add(std::move(**next)); !added) return unexpected{added.error()};
    ++count;
  }
  if (auto appended = batch.append(); !appended) return unexpected{appended.error()};
  return count;
}

result<std::unique_ptr<eventstore::memory_store>> load(const std::string& path, const std::optional<rendering>& shown) {
  return load_from(record_reader::open(path, {.shown = shown, .stands_at = {}}));
}

result<std::unique_ptr<eventstore::memory_store>> load_text(std::string text, const std::optional<rendering>& shown) {
  return load_from(record_reader::over(std::move(text), {.shown = shown, .stands_at = {}}));
}

result<std::uint64_t> load_more(std::string text, eventstore::event_log& log, const std::optional<rendering>& shown) {
  auto reader = record_reader::over(
      std::move(text),
      {.shown = shown, .stands_at = [&log](const domain::stream_id& stream) { return log.head_of(stream); }});
  if (!reader) return unexpected{reader.error()};
  return append_all(*reader, log);
}

}  // namespace planexe::records
