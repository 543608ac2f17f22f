// An archive in memory, and the two stores with one to read from: what is to leave is put there first, as the archivist
// writes its file first.
#pragma once

#include <map>
#include <mutex>

#include "eventstore/archive_reader.hpp"
#include "eventstore/hash_chain.hpp"
#include "tests/eventstore/lab.hpp"

namespace planexe::eventstore::testing {

class kept_archive final : public archive_reader {
 public:
  result<std::vector<stored_event>> read(const archived_stream& wanted, std::uint64_t after_seq,
                                         read_limit limit) const override {
    const std::lock_guard lock(mutex_);
    const auto found = files_.find(wanted.stream);
    if (found == files_.end()) return unexpected{error{errc::not_found, "no file of " + wanted.stream.id}};
    std::vector<stored_event> events;
    read_budget budget(limit);
    std::size_t bytes = 0;
    for (auto seq = after_seq; seq < found->second.size() && !budget.spent(); ++seq) {
      events.push_back(found->second[seq]);
      budget.take(events.back().bytes.size());
      bytes += events.back().bytes.size();
    }
    given_ += bytes;
    most_given_ = std::max(most_given_, bytes);
    return events;
  }
  void put(const domain::stream_id& stream, std::vector<stored_event> events) {
    const std::lock_guard lock(mutex_);
    files_[stream] = std::move(events);
  }
  void remove(const domain::stream_id& stream) {
    const std::lock_guard lock(mutex_);
    files_.erase(stream);
  }
  /// Bytes of events that were handed over: by all calls, and by one of them.
  std::size_t given() const { return given_; }
  std::size_t most_given() const { return most_given_; }

 private:
  mutable std::mutex mutex_;
  mutable std::size_t given_ = 0, most_given_ = 0;
  std::map<domain::stream_id, std::vector<stored_event>> files_;
};

/// A step that lets a stream leave; nothing else.
inline append_request leaving(const event_log& log, kept_archive& archive, const domain::stream_id& stream) {
  auto events = log.read_stored(stream, 0, {SIZE_MAX, SIZE_MAX});
  REQUIRE(events);
  archive.put(stream, std::move(*events));
  auto planned = log.plan_retirement(stream, domain::sha256_digest{7});
  if (!planned) FAIL(planned.error().detail);
  append_request request;
  request.stream = {domain::stream_kind::system, "archive"};
  request.retires = std::make_shared<const retirement>(std::move(*planned));
  return request;
}

struct archiving_memory {
  std::shared_ptr<kept_archive> archive = std::make_shared<kept_archive>();
  memory_store store{archive};
  event_log& log() { return store; }
  derived_store& derived() { return store; }
  void reopen() {}
};

struct archiving_disk {
  scratch_folder folder;
  std::shared_ptr<kept_archive> archive = std::make_shared<kept_archive>();
  std::unique_ptr<rocksdb_store> store = opened();
  std::unique_ptr<rocksdb_store> opened() {
    auto settings = spared_disk();
    settings.archive = archive;
    return open_store(folder.data(), settings);
  }
  event_log& log() { return *store; }
  derived_store& derived() { return *store; }
  void reopen() {
    store.reset();
    store = opened();
  }
};

template <class Store>
void retire(Store& store, const std::string& id) {
  const auto outcomes = append(store.log(), {leaving(store.log(), *store.archive, execution(id))});
  REQUIRE(outcomes);
  REQUIRE(outcomes->front().committed);
}

/// The head that the log's chain leads to, over the gaps, without any archive. Checks what it passes.
inline log_head follow_chain(const event_log& without_archive) {
  const auto gaps = without_archive.read_gaps(0, SIZE_MAX);
  const auto events = without_archive.read_all(0, SIZE_MAX);
  REQUIRE(gaps);
  REQUIRE(events);
  log_head head;
  auto gap = gaps->begin();
  const auto cross = [&] {
    if (gap == gaps->end() || gap->first != head.position + 1) return;
    CHECK(gap->before == head.hash);
    head = {gap->last, gap->after};
    ++gap;
    CHECK((gap == gaps->end() || gap->first > head.position + 1));  // neighbours are merged
  };
  for (const auto& event : *events) {
    cross();
    REQUIRE(event.position == head.position + 1);
    head = {event.position, link_log(head.hash, event.position, event.hash)};
  }
  cross();
  CHECK(gap == gaps->end());
  return head;
}

}  // namespace planexe::eventstore::testing
