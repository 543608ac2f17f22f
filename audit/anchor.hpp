// An anchor: where a log stood at one moment, signed. Kept elsewhere, it shows later that the log still begins as it
// did then: nothing before it was changed, moved or cut. docs/audit.md gives the formats byte by byte, for those who
// check an anchor or a proof without this program. Pure, any thread.
#pragma once

#include <optional>

#include "domain/time.hpp"

#include "audit/merkle.hpp"
#include "audit/signing.hpp"

namespace planexe::audit {

struct anchor {
  std::uint64_t position = 0;  ///< of the log's last event then, so also the number of events
  sha256_digest head{};        ///< the log's chain over all of them
  sha256_digest tree{};        ///< the root of the tree over all of them (merkle.hpp)
  domain::timestamp taken_at{};
  public_key signer{};
  signature signed_as{};
};

/// What the signature is over.
std::string signed_text(const anchor& taken);
anchor make_anchor(std::uint64_t position, const sha256_digest& head, const sha256_digest& tree,
                   domain::timestamp taken_at, const signing_key& key);
bool is_genuine(const anchor& taken);

/// One JSON object. `errc::invalid` for a text that is none of this release's anchors.
std::string to_json(const anchor& taken);
result<anchor> parse_anchor(std::string_view json);

/// What somebody outside needs to see that an event stood in a log that was anchored, without that log.
struct proof {
  domain::stream_id stream;
  std::uint64_t seq = 0;
  std::uint64_t position = 0;
  std::string stored;  ///< the event's bytes as in the log
  sha256_digest previous{};
  std::vector<sha256_digest> path;
  anchor head;
  std::string event;  ///< the event as people read it: JSON; nothing is proven of it but what `stored` says
};

/// Nothing when all of it fits together; otherwise what does not. Whose signature it is must be asked apart.
std::optional<std::string> fault_of(const proof& given);

std::string to_json(const proof& given);
result<proof> parse_proof(std::string_view json);

}  // namespace planexe::audit
