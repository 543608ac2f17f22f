#include "eventstore/sealing.hpp"

#include <openssl/evp.h>
#include <openssl/rand.h>

#include <memory>

#include "eventstore/wire.hpp"

namespace planexe::eventstore {
namespace {

constexpr std::size_t nonce_bytes = 12, tag_bytes = 16, id_bytes = std::tuple_size_v<sealing_id>;
constexpr std::size_t beside_words = id_bytes + nonce_bytes + tag_bytes;

using cipher_context = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

unsigned char* as_octets(char* text) {
  return reinterpret_cast<unsigned char*>(text);
}
const unsigned char* as_octets(std::string_view text) {
  return reinterpret_cast<const unsigned char*>(text.data());
}

/// What a piece is bound to.
std::string place_of(std::uint32_t event_type, std::uint32_t member) {
  std::string place;
  wire::put_varint(place, event_type);
  wire::put_varint(place, member);
  return place;
}

bool encrypt(const sealing_key& key, std::string_view nonce, std::string_view place, std::string_view words,
             char* ciphertext, char* tag) {
  const cipher_context context{EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free};
  int length = 0;
  return context != nullptr &&
         EVP_EncryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.secret.data(), as_octets(nonce)) == 1 &&
         EVP_EncryptUpdate(context.get(), nullptr, &length, as_octets(place), static_cast<int>(place.size())) == 1 &&
         EVP_EncryptUpdate(context.get(), as_octets(ciphertext), &length, as_octets(words),
                           static_cast<int>(words.size())) == 1 &&
         EVP_EncryptFinal_ex(context.get(), as_octets(ciphertext) + length, &length) == 1 &&
         EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_GET_TAG, tag_bytes, tag) == 1;
}

bool decrypt(const sealing_key& key, std::string_view nonce, std::string_view place, std::string_view ciphertext,
             std::string tag, char* words) {
  const cipher_context context{EVP_CIPHER_CTX_new(), EVP_CIPHER_CTX_free};
  int length = 0;
  return context != nullptr &&
         EVP_DecryptInit_ex(context.get(), EVP_aes_256_gcm(), nullptr, key.secret.data(), as_octets(nonce)) == 1 &&
         EVP_DecryptUpdate(context.get(), nullptr, &length, as_octets(place), static_cast<int>(place.size())) == 1 &&
         EVP_DecryptUpdate(context.get(), as_octets(words), &length, as_octets(ciphertext),
                           static_cast<int>(ciphertext.size())) == 1 &&
         EVP_CIPHER_CTX_ctrl(context.get(), EVP_CTRL_GCM_SET_TAG, tag_bytes, tag.data()) == 1 &&
         EVP_DecryptFinal_ex(context.get(), as_octets(words) + length, &length) == 1;
}

std::string stand_in(stands_in instead, const sealing_id& id, bool erased) {
  switch (instead) {
    case stands_in::json:
      return erased ? "\"[erased]\"" : "\"[sealed]\"";
    case stands_in::name:
      return erased ? erased_name(id) : sealed_name(id);
    case stands_in::nothing:
      return {};
    case stands_in::text:
      break;
  }
  return erased ? "[erased]" : "[sealed]";
}

// Whose words the payload holds.

struct no_randomness {};
using key_or_none = expected<const sealing_key*, no_randomness>;

key_or_none enrolled(vault& keys, const std::string& name) {
  const auto* key = keys.enroll(name);
  if (key == nullptr) return unexpected{no_randomness{}};
  return key;
}

std::string actor_of_agent(const std::string& id) {
  return "agent:" + id;
}

/// An agent's own profile, whoever wrote it.
key_or_none key_of_profile(vault& keys, const std::string& agent, const domain::agent_profile& profile) {
  if (profile.kind == domain::agent_kind::human) return enrolled(keys, actor_of_agent(agent));
  return keys.of_subject(actor_of_agent(agent));
}

/// The name of an agent's key. Where it is the agent's own id it says nothing of anybody.
key_or_none key_of_key_name(vault& keys, const domain::key_created& created) {
  const auto agent = actor_of_agent(created.agent.value);
  const auto* known = keys.of_subject(agent);
  if (known != nullptr || created.name == created.agent.value) return known;
  const auto* made = keys.of_key_names(agent);
  if (made == nullptr) return unexpected{no_randomness{}};
  return made;
}

key_or_none key_of_words(vault& keys, const domain::event_record& record) {
  const auto& actor = record.metadata.actor;
  if (const auto* of_agent = std::get_if<domain::agent_event>(&record.payload)) {
    if (const auto* begun = std::get_if<domain::agent_registered>(of_agent))
      return key_of_profile(keys, record.stream.id, begun->profile);
    if (const auto* changed = std::get_if<domain::agent_profile_changed>(of_agent))
      return key_of_profile(keys, record.stream.id, changed->profile);
  }
  if (const auto* of_system = std::get_if<domain::system_event>(&record.payload)) {
    if (const auto* created = std::get_if<domain::key_created>(of_system)) {
      if (created->role == domain::key_role::agent) return key_of_key_name(keys, *created);
      if (is_named_person(created->name)) return enrolled(keys, created->name);
      return nullptr;
    }
    if (const auto* queued = std::get_if<domain::notification_queued>(of_system))
      return keys.of_quotes(queued->content.execution.value);
  }
  if (actor == "system")
    return record.stream.kind == domain::stream_kind::execution ? keys.of_quotes(record.stream.id) : nullptr;
  return keys.of_subject(actor);
}

const domain::subject_erased* erasure_in(const domain::event_record& record) {
  const auto* of_system = std::get_if<domain::system_event>(&record.payload);
  return of_system == nullptr ? nullptr : std::get_if<domain::subject_erased>(of_system);
}

unexpected<error> no_random_bytes() {
  return unexpected{error{errc::io, "the machine gives no random bytes to seal words with"}};
}

result<void> seal_one(const domain::event_record& record, std::string& bytes, bool keep_bytes, vault& keys) {
  const auto& actor = record.metadata.actor;
  event_keys wanted;
  if (is_named_person(actor) && !keep_bytes) {
    wanted.actor = keys.enroll(actor);
    if (wanted.actor == nullptr) return no_random_bytes();
  }
  const auto words = key_of_words(keys, record);
  if (!words) return no_random_bytes();
  if (keep_bytes) return {};
  if (*words != nullptr && has_words(record.payload)) wanted.words = *words;
  const bool is_quoted = wanted.words != nullptr && record.stream.kind == domain::stream_kind::execution &&
                         wanted.words == keys.of_subject(actor);
  if (is_quoted && !keys.note_words(*wanted.words, record.stream.id)) return no_random_bytes();
  if (wanted.actor == nullptr && wanted.words == nullptr) return {};
  for (const auto* used : {wanted.actor, wanted.words})
    if (used != nullptr) keys.note_use(*used);
  auto sealed = seal_event(record.payload, record.metadata, bytes, wanted);
  if (!sealed) return unexpected{sealed.error()};
  bytes = std::move(*sealed);
  return {};
}

}  // namespace

void piece_sealer::seal(std::uint32_t member, std::string_view words, std::string& out) {
  std::array<unsigned char, nonce_bytes> nonce{};
  ok_ = ok_ && RAND_bytes(nonce.data(), nonce.size()) == 1;
  if (!ok_) return;
  const auto start = out.size();
  out.append(reinterpret_cast<const char*>(key_.id.data()), id_bytes);
  out.append(reinterpret_cast<const char*>(nonce.data()), nonce_bytes);
  out.resize(start + beside_words + words.size());
  char* ciphertext = out.data() + start + id_bytes + nonce_bytes;
  ok_ = encrypt(key_, {reinterpret_cast<const char*>(nonce.data()), nonce_bytes}, place_of(type_, member), words,
                ciphertext, ciphertext + words.size());
}

bool open_piece(const piece_opener& how, std::uint32_t member, std::string_view piece, stands_in instead,
                std::string& words) {
  if (piece.size() < beside_words) return false;
  sealing_id id{};
  std::copy_n(piece.begin(), id_bytes, id.begin());
  const auto key = how.keys == nullptr ? std::nullopt : how.keys->find(id);
  if (!key) {
    words = stand_in(instead, id, how.keys != nullptr && how.keys->is_erased(id));
    return true;
  }
  piece.remove_prefix(id_bytes);
  const auto nonce = piece.substr(0, nonce_bytes);
  const auto ciphertext = piece.substr(nonce_bytes, piece.size() - nonce_bytes - tag_bytes);
  words.resize(ciphertext.size());
  return decrypt(*key, nonce, place_of(how.event_type, member), ciphertext,
                 std::string(piece.substr(piece.size() - tag_bytes)), words.data());
}

result<void> enroll_human_agent(const domain::event_record& record, vault& keys) {
  if (!std::holds_alternative<domain::agent_event>(record.payload)) return {};
  const auto key = key_of_words(keys, record);
  if (!key) return no_random_bytes();
  return {};
}

result<void> seal_request(append_request& request, vault& keys) {
  for (std::size_t i = 0; i < request.events.size(); ++i) {
    if (auto done = seal_one(request.events[i], request.bytes[i], request.keep_bytes, keys); !done) return done;
    const auto* erasure = erasure_in(request.events[i]);
    if (erasure != nullptr && keys.erase(erasure->subject) == vault::erased_one::no_random_bytes)
      return no_random_bytes();
  }
  return {};
}

}  // namespace planexe::eventstore
