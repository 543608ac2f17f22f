// A person's words as a sealed piece, and back: AES-256-GCM, under a random nonce, bound to the type of the event and
// to the member, so that a piece opens nowhere else. A piece is the id of its key (8 bytes), the nonce (12), the
// ciphertext, the tag (16).
// Private to the room. `piece_sealer` belongs to one call; `open_piece` is called by any thread.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "eventstore/event_log.hpp"
#include "eventstore/vault.hpp"

namespace planexe::eventstore {

/// What stands where the key is not there: `[erased]`, or `[sealed]` where the key was never in this store.
enum class stands_in : std::uint8_t {
  text,
  json,     ///< the same as a JSON text
  name,     ///< `erased:…` or `sealed:…`: a name of their own, so that one person's doings stay one's
  nothing,  ///< an empty text, for what somebody would act on
};

/// Seals members of one struct of an event, the metadata (type 0) or the payload, under one key.
class piece_sealer {
 public:
  piece_sealer(const sealing_key& key, std::uint32_t event_type) : key_(key), type_(event_type) {}
  /// Appends the piece. After a failure (`ok`) what was appended must not be stored.
  void seal(std::uint32_t member, std::string_view words, std::string& out);
  bool ok() const { return ok_; }

 private:
  const sealing_key& key_;
  std::uint32_t type_;
  bool ok_ = true;
};

/// What a reader needs; without a vault every piece stays sealed.
struct piece_opener {
  const vault* keys = nullptr;
  std::uint32_t event_type = 0;
};
/// False: the piece is damaged, or another member's.
bool open_piece(const piece_opener& how, std::uint32_t member, std::string_view piece, stands_in instead,
                std::string& words);

/// Under which keys the actor and the payload's words are sealed; null: not at all.
struct event_keys {
  const sealing_key* actor = nullptr;
  const sealing_key* words = nullptr;
};
/// The event as stored, from `bytes`, where nothing is sealed. `errc::io`: the machine gives no random bytes.
result<std::string> seal_event(const domain::event& event, const domain::event_metadata& metadata,
                               std::string_view bytes, const event_keys& keys);
/// Whether a member of the payload holds words that could be a person's.
bool has_words(const domain::event& event);

/// A key for the agent that the event makes known, if that is a person.
result<void> enroll_human_agent(const domain::event_record& record, vault& keys);
/// Seals what persons wrote in a request that stands, and what quotes them, unless its bytes are to stay as they are;
/// makes the keys that are not there yet, and forgets those of subjects that it erases. The vault's changes must be
/// written with the request's events.
result<void> seal_request(append_request& request, vault& keys);

}  // namespace planexe::eventstore
