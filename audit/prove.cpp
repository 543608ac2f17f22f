#include "audit/prove.hpp"

#include "eventstore/hash_chain.hpp"
#include "eventstore/rocksdb_store.hpp"

namespace planexe::audit {
namespace {

unexpected<error> fail(errc code, std::string why) {
  return unexpected{error{code, std::move(why)}};
}

/// The event and the hash before it.
result<proof> look_up(const eventstore::rocksdb_store& store, const domain::stream_id& stream, std::uint64_t seq) {
  const auto head = store.head_of(stream);
  if (!head) return unexpected{head.error()};
  if (head->version == 0) return fail(errc::not_found, "no execution '" + stream.id + "'");
  if (seq == 0 || seq > head->version)
    return fail(errc::not_found, "the execution has events 1 to " + std::to_string(head->version));
  const auto from = seq == 1 ? 0 : seq - 2;
  const auto events = store.read_stored(stream, from, {static_cast<std::size_t>(seq - from), SIZE_MAX});
  if (!events) return unexpected{events.error()};
  proof made;
  made.stream = stream;
  made.seq = seq;
  made.position = events->back().position;
  made.stored = events->back().bytes;
  if (seq > 1) made.previous = events->front().hash;
  return made;
}

}  // namespace

result<proof> prove(const std::string& folder, std::shared_ptr<const eventstore::archive_reader> archive,
                    const domain::stream_id& stream, std::uint64_t seq, const proven_by& by, domain::timestamp now) {
  const auto store = eventstore::rocksdb_store::open_to_read(folder, {.archive = std::move(archive)});
  if (!store) return unexpected{store.error()};
  auto made = look_up(**store, stream, seq);
  if (!made) return made;
  const auto* before = std::get_if<anchor>(&by);
  if (before != nullptr && made->position > before->position)
    return fail(errc::conflict, "the anchor was taken at position " + std::to_string(before->position) +
                                    ", before the event at position " + std::to_string(made->position));

  merkle_tree tree;
  tree.follow(made->position - 1);
  bool complete = true;
  const auto last = before != nullptr ? before->position : UINT64_MAX;
  const auto scanned = eventstore::scan_log(**store, [&](const auto& window, const auto&) {
    for (const auto& event : window->events) {
      if (event.position > last) return false;
      complete = complete && event.stands && event.position == tree.size() + 1;
      tree.add(leaf_of(*event.stream, event.seq, event.position, event.hash));
    }
    return true;
  });
  if (!scanned) return unexpected{scanned.error()};
  if (!complete || (!scanned->stopped && scanned->faults_found > 0))
    return fail(errc::corrupt, "the log is damaged: planexe-ax verify tells where");
  if (before != nullptr && (tree.size() != before->position || tree.root() != before->tree))
    return fail(errc::conflict, "the anchor is not one of this log");
  made->path = tree.path();
  made->head = before != nullptr ? *before
                                 : make_anchor(scanned->head.position, scanned->head.hash, tree.root(), now,
                                               std::get<signing_key>(by));
  return made;
}

}  // namespace planexe::audit
