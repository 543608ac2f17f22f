#include "apps/erase/erase_folder.hpp"

#include <algorithm>
#include <filesystem>

#include "eventstore/codec.hpp"
#include "eventstore/rocksdb_store.hpp"
#include "projections/replay.hpp"

#include "archive/archive_folder.hpp"

namespace planexe::erasing {
namespace {

using eventstore::rocksdb_store;

result<std::unique_ptr<rocksdb_store>> open_folder(const std::string& folder) {
  std::error_code ignored;
  if (!std::filesystem::exists(folder, ignored))
    return unexpected{error{errc::not_found, "there is no data in '" + folder + "'"}};
  auto store = rocksdb_store::open(
      folder, {.archive = std::make_shared<const archive::archive_folder>(archive::folder_in(folder))});
  if (store) return store;
  auto why = store.error();
  if (why.code == errc::locked) why.detail += "; stop it first: it keeps copies in memory, and would store them again";
  return unexpected{std::move(why)};
}

result<void> append(rocksdb_store& store, const domain::system_event& event, const domain::event_metadata& metadata) {
  const auto stream = projections::erasure_stream();
  const auto head = store.head_of(stream);
  if (!head) return unexpected{head.error()};
  eventstore::append_request request;
  request.stream = stream;
  request.expected_version = head->version;
  domain::event stored{event};
  request.bytes.push_back(eventstore::encode(stored, metadata));
  request.events.push_back({stream, head->version + 1, 0, metadata, std::move(stored), {}});
  std::vector<eventstore::append_request> batch;
  batch.push_back(std::move(request));
  result<void> done = unexpected{error{errc::io, "the log did not answer"}};
  store.append(std::move(batch), [&done](const result<std::vector<eventstore::append_outcome>>& outcome) {
    done = outcome ? result<void>{} : unexpected{outcome.error()};
  });
  return done;
}

}  // namespace

result<std::vector<eventstore::known_subject>> list_subjects(const std::string& folder) {
  const auto store = rocksdb_store::open_to_read(folder);
  if (!store) return unexpected{store.error()};
  return (*store)->sealing_keys().subjects();
}

result<erased_subject> erase_in_folder(const std::string& folder, const std::string& subject, const std::string& reason,
                                       const std::string& actor, domain::timestamp now) {
  auto store = open_folder(folder);
  if (!store) return unexpected{store.error()};
  const auto subjects = (*store)->sealing_keys().subjects();
  const auto known =
      std::find_if(subjects.begin(), subjects.end(), [&subject](const auto& each) { return each.name == subject; });
  if (known == subjects.end())
    return unexpected{error{errc::not_found, "no words of '" + subject + "' are sealed here; --list shows whose are"}};
  auto left = projections::left_behind_by(**store, subject, now);
  if (!left) return unexpected{left.error()};
  const erased_subject done{
      .subject = subject, .called_now = known->erased, .executions = known->executions, .left = std::move(*left)};
  const domain::system_event event = domain::subject_erased{done.called_now, reason};
  if (auto appended = append(**store, event, {.recorded_at = now, .actor = actor}); !appended)
    return unexpected{appended.error()};
  store->reset();
  store = open_folder(folder);  // which rewrites the files
  if (!store) return unexpected{store.error()};
  return done;
}

}  // namespace planexe::erasing
