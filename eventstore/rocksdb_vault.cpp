#include "eventstore/rocksdb_vault.hpp"

#include <algorithm>
#include <unordered_set>

#include "eventstore/each_stream.hpp"
#include "eventstore/keys.hpp"
#include "eventstore/rocksdb_open.hpp"
#include "eventstore/stored_values.hpp"

namespace planexe::eventstore {
namespace {

namespace rows = keys;  // whose name the vaults below have

constexpr std::string_view vault_format = "1";
constexpr std::size_t chunk = 1'000;                       // events read at a time
constexpr std::size_t piece_bytes = std::size_t{1} << 20;  // of answers that change, in memory and written at once

/// What is left of an answer whose words are gone: a repetition still has no effect.
constexpr std::string_view erased_body = R"({"erased":true})";

template <class Take>
result<void> each_row(rocksdb::DB& database, const std::string& folder, const std::string& prefix, Take take) {
  rocksdb::ReadOptions options;
  const std::string end = rows::after(prefix);
  const rocksdb::Slice end_slice(end);
  options.iterate_upper_bound = &end_slice;
  const std::unique_ptr<rocksdb::Iterator> at{database.NewIterator(options)};
  for (at->Seek(prefix); at->Valid(); at->Next())
    if (!take(at->key().ToStringView(), at->value().ToStringView()))
      return unexpected{
          error{errc::corrupt, "the data folder " + folder + " has a malformed row under '" + prefix + "'"}};
  if (!at->status().ok()) return unexpected{storage_error("cannot read the data folder " + folder, at->status())};
  return {};
}

result<bool> has(rocksdb::DB& database, const std::string& folder, const std::string& key) {
  std::string value;
  const auto status = database.Get(rocksdb::ReadOptions(), key, &value);
  if (!status.ok() && !status.IsNotFound())
    return unexpected{storage_error("cannot read the data folder " + folder, status)};
  return status.ok();
}

// One by one: where the disk fails, this engine does not survive a deleted range that it has not written out.
result<void> delete_all(rocksdb::DB& database, const std::string& folder, const std::string& prefix) {
  constexpr int at_once = 1'000;
  rocksdb::WriteBatch writes;
  rocksdb::Status written;
  const auto write = [&] {
    written = database.Write(rocksdb::WriteOptions(), &writes);
    writes.Clear();
    return written.ok();
  };
  auto walked = each_row(database, folder, prefix, [&](std::string_view key, std::string_view) {
    writes.Delete(rocksdb::Slice(key.data(), key.size()));
    return static_cast<int>(writes.Count()) < at_once || write();
  });
  if (walked && write()) return {};
  if (written.ok()) return walked;
  return unexpected{storage_error("cannot write to the data folder " + folder, written)};
}

/// What stands between the pieces that an id may have, and around an id in an actor (`agent:ann`) or a reference.
bool is_joint(char c) {
  return c == '.' || c == ':';
}
bool is_part_of_id(char c) {
  return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '-' || c == '_' ||
         is_joint(c);
}

std::string as_in_json(const std::string& name) {
  std::string text;
  for (const char c : name) {
    if (c == '"' || c == '\\') text += '\\';
    text += c;
  }
  return text;
}

/// What kept answers are looked through for. Lives no longer than the erasures.
class erased_traces {
 public:
  explicit erased_traces(const std::vector<vault::erasure>& erasures) {
    constexpr std::string_view agent_prefix = "agent:";
    for (const auto& gone : erasures) {
      for (const auto& execution : gone.executions) add_id(execution);
      if (gone.name.starts_with(agent_prefix))
        add_id(std::string_view(gone.name).substr(agent_prefix.size()));
      else if (!gone.name.empty())
        names_.push_back(as_in_json(gone.name));
      askers_.push_back("\n" + gone.name);  // as the gateway ends the keys of those who have one
    }
  }
  /// One of the erased asked for the answer.
  bool own(const kept_answer& answer) const {
    return std::any_of(askers_.begin(), askers_.end(), [&](const auto& asker) { return answer.key.ends_with(asker); });
  }
  /// The answer speaks of one of them, or of an execution where one of them wrote something.
  bool in(const kept_answer& answer) const {
    return std::any_of(names_.begin(), names_.end(),
                       [&](const auto& name) { return answer.body.find(name) != std::string::npos; }) ||
           names_an_id(answer.key) || names_an_id(answer.body);
  }

 private:
  void add_id(std::string_view id) {
    ids_.insert(id);
    longest_id_ = std::max(longest_id_, id.size());
  }
  bool names_an_id(std::string_view text) const {
    for (std::size_t begin = 0; begin < text.size();) {
      auto end = begin;
      while (end < text.size() && is_part_of_id(text[end])) ++end;
      if (has_id(text.substr(begin, end - begin))) return true;
      begin = end + 1;
    }
    return false;
  }
  /// Where an id begins or ends among joints its text does not tell (`run-1.2:5`): each way to cut is tried.
  bool has_id(std::string_view run) const {
    for (std::size_t begin = 0; begin < run.size(); ++begin) {
      if (begin > 0 && !is_joint(run[begin - 1])) continue;
      const auto last = std::min(run.size(), begin + longest_id_);
      for (auto end = begin + 1; end <= last; ++end)
        if ((end == run.size() || is_joint(run[end])) && ids_.contains(run.substr(begin, end - begin))) return true;
    }
    return false;
  }

  std::unordered_set<std::string_view> ids_;  // of agents and executions
  std::size_t longest_id_ = 0;
  std::vector<std::string> names_, askers_;
};

/// The subjects' own answers go; of those that speak of them, the bodies. Each row is decided on once for all of them,
/// for what is written shows in no row that is read. Written in pieces: until the erasure itself is, which comes after
/// them, it is begun anew by whoever opens the folder next.
result<void> drop_answers(rocksdb::DB& database, const std::string& folder,
                          const std::vector<vault::erasure>& erasures) {
  const erased_traces traces(erasures);
  rocksdb::WriteBatch writes;
  rocksdb::Status written;
  const auto write = [&] {
    rocksdb::WriteOptions synced;
    synced.sync = true;
    written = database.Write(synced, &writes);
    writes.Clear();
    return written.ok();
  };
  const auto walked = each_row(database, folder, "i", [&](std::string_view key, std::string_view value) {
    if (writes.GetDataSize() >= piece_bytes && !write()) return false;
    auto answer = parse_answer(value);
    if (!answer) return false;
    if (traces.own(*answer)) {
      writes.Delete(rocksdb::Slice(key.data(), key.size()));
      writes.Delete(rows::expiry(answer->expires_at, answer->key));
    } else if (traces.in(*answer)) {
      answer->body = erased_body;
      writes.Put(rocksdb::Slice(key.data(), key.size()), stored_form(*answer));
    }
    return true;
  });
  if (walked && write()) return {};
  if (written.ok()) return walked;
  return unexpected{storage_error("cannot write to the data folder " + folder, written)};
}

}  // namespace

result<void> load_vault(rocksdb::DB& database, const std::string& folder, vault& keys) {
  const auto take = [&keys](std::string_view key, std::string_view value) { return keys.restore(key, value); };
  if (auto loaded = each_row(database, folder, rows::vault(), take); !loaded) return loaded;
  return each_row(database, folder, rows::places_of_words(), take);
}

void put_vault(vault& keys, rocksdb::WriteBatch& writes) {
  for (const auto& row : keys.take_changes())
    if (row.value)
      writes.Put(row.key, *row.value);
    else
      writes.Delete(row.key);
}

result<bool> finish_erasure(rocksdb::DB& database, const std::string& folder, vault& keys) {
  const auto fail = [&folder](const rocksdb::Status& status) {
    return unexpected{storage_error("cannot finish an erasure in the data folder " + folder, status)};
  };
  const auto begun = has(database, folder, rows::erasure_to_finish());
  if (!begun) return begun;
  rocksdb::WriteOptions synced;
  synced.sync = true;
  const auto erasures = keys.finish_erasures();
  if (!erasures.empty()) {
    rocksdb::WriteBatch writes;
    if (auto dropped = drop_answers(database, folder, erasures); !dropped) return unexpected{dropped.error()};
    put_vault(keys, writes);
    writes.Put(rows::erasure_to_finish(), {});
    if (const auto done = database.Write(synced, &writes); !done.ok()) return fail(done);
  } else if (!*begun) {
    return false;
  }
  for (const std::string derived : {"c", "n", "v"})
    if (auto deleted = delete_all(database, folder, derived); !deleted) return unexpected{deleted.error()};
  if (const auto done = database.Flush(rocksdb::FlushOptions()); !done.ok()) return fail(done);

  rocksdb::CompactRangeOptions everything;
  everything.bottommost_level_compaction = rocksdb::BottommostLevelCompaction::kForce;
  // The rows that held words, names or keys: no others are rewritten but those that share a table with them.
  for (const std::string prefix : {"c", "i", "k", "n", "v", "w", "x"}) {
    const std::string end = rows::after(prefix);
    const rocksdb::Slice first(prefix), last(end);
    if (const auto done = database.CompactRange(everything, &first, &last); !done.ok()) return fail(done);
  }
  if (const auto done = database.Delete(synced, rows::erasure_to_finish()); !done.ok()) return fail(done);
  return true;
}

result<void> enroll_everybody(rocksdb::DB& database, const std::string& folder, const event_log& log, vault& keys) {
  const auto known = has(database, folder, rows::vault_format());
  if (!known) return unexpected{known.error()};
  if (*known) return {};
  auto enrolled = each_stream(log, [&](const listed_stream& each) -> result<void> {
    if (each.stream.kind != domain::stream_kind::agent) return {};
    for (std::uint64_t seq = 0; seq < each.head.version;) {
      const auto events = log.read_stream(each.stream, seq, chunk);
      if (!events) return unexpected{events.error()};
      if (events->empty()) break;
      for (const auto& event : *events)
        if (auto done = enroll_human_agent(event, keys); !done) return done;
      seq = events->back().seq;
    }
    return {};
  });
  if (!enrolled) return enrolled;
  rocksdb::WriteBatch writes;
  put_vault(keys, writes);
  writes.Put(rows::vault_format(), rocksdb::Slice(vault_format.data(), vault_format.size()));
  rocksdb::WriteOptions synced;
  synced.sync = true;
  if (const auto done = database.Write(synced, &writes); !done.ok())
    return unexpected{storage_error("cannot write to the data folder " + folder, done)};
  return {};
}

}  // namespace planexe::eventstore
