// What the store tests share: events to append, folders to throw away, and the two stores behind one face.
#pragma once

#include <doctest/doctest.h>
#include <stdlib.h>

#include <filesystem>

#include "eventstore/codec.hpp"
#include "eventstore/memory_store.hpp"
#include "eventstore/rocksdb_store.hpp"

namespace planexe::eventstore::testing {

inline domain::timestamp at_second(std::int64_t second) {
  return domain::timestamp{std::chrono::seconds{1'700'000'000 + second}};
}
inline domain::stream_id execution(std::string id) {
  return {domain::stream_kind::execution, std::move(id)};
}

/// An event that says `note`.
inline domain::event_record noted(const domain::stream_id& stream, std::uint64_t seq, std::string note,
                                  domain::timestamp at = at_second(0)) {
  domain::event_record record;
  record.stream = stream;
  record.seq = seq;
  record.metadata.recorded_at = at;
  record.metadata.actor = "system";
  record.payload = domain::execution_event{domain::task_skipped{{"1.1"}, std::move(note)}};
  return record;
}
inline std::string note_of(const domain::event_record& record) {
  return std::get<domain::task_skipped>(std::get<domain::execution_event>(record.payload)).note;
}

/// Events that say `notes`, for a stream whose version is `expected`.
inline append_request noting(const domain::stream_id& stream, std::uint64_t expected,
                             const std::vector<std::string>& notes, domain::timestamp at = at_second(0)) {
  append_request request;
  request.stream = stream;
  request.expected_version = expected;
  for (const std::string& note : notes) {
    request.events.push_back(noted(stream, expected + request.events.size() + 1, note, at));
    request.bytes.push_back(encode(request.events.back().payload, request.events.back().metadata));
  }
  return request;
}

inline kept_answer answer_to(std::string key, domain::timestamp expires_at, std::string body = "{}") {
  return {std::move(key), "digest", 201, "Location: /x", std::move(body), expires_at};
}

inline result<std::vector<append_outcome>> append(event_log& log, std::vector<append_request> batch) {
  std::optional<result<std::vector<append_outcome>>> answer;
  log.append(std::move(batch), [&](auto outcomes) { answer.emplace(std::move(outcomes)); });
  REQUIRE(answer);
  return std::move(*answer);
}

inline std::vector<std::string> notes_of(const result<std::vector<domain::event_record>>& events) {
  REQUIRE(events);
  std::vector<std::string> notes;
  for (const auto& event : *events) notes.push_back(note_of(event));
  return notes;
}

/// A new folder under the system's temporary one, removed at the end.
class scratch_folder {
 public:
  scratch_folder() {
    std::string name = (std::filesystem::temp_directory_path() / "planexe-XXXXXX").string();
    REQUIRE(::mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  ~scratch_folder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  const std::string& path() const { return path_; }
  std::string data() const { return path_ + "/data"; }

 private:
  std::string path_;
};

inline std::unique_ptr<rocksdb_store> open_store(const std::string& folder, const rocksdb_settings& settings = {}) {
  auto store = rocksdb_store::open(folder, settings);
  if (!store) FAIL(store.error().detail);
  return std::move(*store);
}

/// A machine's disk that is never asked to sync: quick, and as good as any where no power is lost (faulty_disk.hpp).
rocksdb_settings spared_disk();

struct in_memory {
  memory_store store;
  event_log& log() { return store; }
  derived_store& derived() { return store; }
  void reopen() {}
};

struct on_disk {
  scratch_folder folder;
  std::unique_ptr<rocksdb_store> store = open_store(folder.data(), spared_disk());
  event_log& log() { return *store; }
  derived_store& derived() { return *store; }
  void reopen() {
    store.reset();
    store = open_store(folder.data(), spared_disk());
  }
};

}  // namespace planexe::eventstore::testing
