// Snapshots and views. See `derived_store` in event_log.hpp.
#include "eventstore/rocksdb_impl.hpp"

namespace planexe::eventstore {

result<void> rocksdb_store::save_snapshot(const domain::stream_id& stream, const snapshot& taken) {
  const auto entry = impl_->stored_stream(stream);
  if (!entry) return unexpected{entry.error()};
  if (entry->head.archived) return {};  // it came too late
  std::string value;
  keys::put_number(value, taken.seq);
  value += taken.bytes;
  rocksdb::WriteBatch writes;
  writes.Put(keys::snapshot(stream), value);
  return impl_->write(writes, false);
}

result<std::optional<derived_store::snapshot>> rocksdb_store::load_snapshot(const domain::stream_id& stream) const {
  auto value = impl_->get(keys::snapshot(stream));
  if (!value) return unexpected{value.error()};
  if (!*value) return std::optional<snapshot>{};
  std::string_view bytes = **value;
  const auto seq = keys::take_number(bytes);
  if (!seq) return corrupt(display_name(stream) + ": its snapshot is malformed");
  return std::optional{snapshot{*seq, std::string(bytes)}};
}

result<void> rocksdb_store::write_view(const view_write& write) {
  const std::string prefix = keys::view_prefix(write.view);
  rocksdb::WriteBatch writes;
  if (write.reset) writes.DeleteRange(prefix, keys::after(prefix));
  for (const std::string& key : write.deletes) writes.Delete(prefix + key);
  for (const auto& [key, row] : write.puts) writes.Put(prefix + key, row);
  std::string checkpoint;
  keys::put_number(checkpoint, write.checkpoint);
  writes.Put(keys::checkpoint(write.view), checkpoint);
  return impl_->write(writes, false);
}

result<derived_store::view_rows> rocksdb_store::load_view(const std::string& view) const {
  view_rows content;
  const std::string prefix = keys::view_prefix(view);
  const std::string end = keys::after(prefix);
  const rocksdb::Slice end_slice(end);
  rocksdb::ReadOptions options;
  // One moment for checkpoint and rows, whoever writes meanwhile. A reader's database stands still as it is.
  std::optional<rocksdb::ManagedSnapshot> moment;
  if (!impl_->reads_only) options.snapshot = moment.emplace(impl_->database.get()).snapshot();
  std::string checkpoint;
  const auto found = impl_->database->Get(options, keys::checkpoint(view), &checkpoint);
  if (found.IsNotFound()) return content;
  if (!found.ok()) return unexpected{storage_error("cannot read the view " + view, found)};
  std::string_view number = checkpoint;
  const auto position = keys::take_number(number);
  if (!position) return corrupt("the checkpoint of the view " + view + " is malformed");
  content.checkpoint = *position;

  const auto at = impl_->iterate(options, end_slice);
  for (at->Seek(prefix); at->Valid(); at->Next())
    content.rows.emplace_back(at->key().ToString().substr(prefix.size()), at->value().ToString());
  if (auto read = impl_->check(*at); !read) return unexpected{read.error()};
  return content;
}

}  // namespace planexe::eventstore
