#include "audit/anchor.hpp"

#include <nlohmann/json.hpp>

#include "eventstore/hash_chain.hpp"

#include "audit/text_forms.hpp"

namespace planexe::audit {
namespace {

using json = nlohmann::ordered_json;

constexpr std::string_view anchor_format = "planexe-anchor/1", proof_format = "planexe-proof/1";
constexpr std::size_t longest_path = 64;  // as positions have 64 bits
constexpr int deepest_json = 64;          // as everywhere; an event's own depth is bounded by it too
constexpr std::array<std::string_view, 4> kinds{"execution", "agent", "plan", "system"};

// Reads members that must be there; the first that is not, or is something else, is kept.
class members {
 public:
  explicit members(const json& object) : object_(object) {}

  const json* find(const char* name, bool (json::*is)() const noexcept) {
    const auto at = object_.is_object() ? object_.find(name) : object_.end();
    if (object_.is_object() && at != object_.end() && ((*at).*is)()) return &*at;
    if (wrong_.empty()) wrong_ = name;
    return nullptr;
  }
  std::string text(const char* name) {
    const auto* value = find(name, &json::is_string);
    return value == nullptr ? "" : value->get<std::string>();
  }
  std::uint64_t number(const char* name) {
    const auto* value = find(name, &json::is_number_unsigned);
    return value == nullptr ? 0 : value->get<std::uint64_t>();
  }
  template <std::size_t Size>
  std::array<std::uint8_t, Size> bytes(const char* name) {
    const auto read = from_hex<Size>(text(name));
    if (!read && wrong_.empty()) wrong_ = name;
    return read.value_or(std::array<std::uint8_t, Size>{});
  }
  void refuse(const char* name) {
    if (wrong_.empty()) wrong_ = name;
  }
  const std::string& wrong() const { return wrong_; }

 private:
  const json& object_;
  std::string wrong_;
};

json object_of(const anchor& taken) {
  return {{"format", anchor_format},
          {"position", taken.position},
          {"head_hash", hex_of(taken.head)},
          {"tree_root", hex_of(taken.tree)},
          {"taken_at", domain::format_rfc3339(taken.taken_at)},
          {"public_key", hex_of(taken.signer)},
          {"signature", hex_of(taken.signed_as)}};
}

unexpected<error> invalid(std::string why) {
  return unexpected{error{errc::invalid, std::move(why)}};
}

result<anchor> read_anchor(const json& object) {
  members read(object);
  if (read.text("format") != anchor_format) return invalid("it is no anchor of the form " + std::string(anchor_format));
  anchor taken;
  taken.position = read.number("position");
  taken.head = read.bytes<32>("head_hash");
  taken.tree = read.bytes<32>("tree_root");
  taken.signer = read.bytes<32>("public_key");
  taken.signed_as = read.bytes<64>("signature");
  const auto time = read.text("taken_at");
  const auto parsed = domain::parse_rfc3339(time);
  // Only the one form that is signed.
  if (!parsed || domain::format_rfc3339(*parsed) != time) read.refuse("taken_at");
  if (!read.wrong().empty()) return invalid("the anchor's member '" + read.wrong() + "' is missing or malformed");
  taken.taken_at = *parsed;
  return taken;
}

// Bounds the depth by hand: the parser's own recursion is what must not run away.
result<json> parse_object(std::string_view text) {
  const auto not_deeper = [](int depth, json::parse_event_t, json&) { return depth <= deepest_json; };
  auto parsed = json::parse(text, not_deeper, false);
  if (parsed.is_discarded() || !parsed.is_object()) return invalid("it is not a JSON object");
  return parsed;
}

}  // namespace

std::string signed_text(const anchor& taken) {
  return std::string(anchor_format) + "\nposition " + std::to_string(taken.position) + "\nhead_hash " +
         hex_of(taken.head) + "\ntree_root " + hex_of(taken.tree) + "\ntaken_at " +
         domain::format_rfc3339(taken.taken_at) + "\n";
}

anchor make_anchor(std::uint64_t position, const sha256_digest& head, const sha256_digest& tree,
                   domain::timestamp taken_at, const signing_key& key) {
  anchor taken{position, head, tree, taken_at, key.open, {}};
  taken.signed_as = sign(key, signed_text(taken));
  return taken;
}

bool is_genuine(const anchor& taken) {
  return is_signed(taken.signer, signed_text(taken), taken.signed_as);
}

std::string to_json(const anchor& taken) {
  return object_of(taken).dump(2) + "\n";
}

result<anchor> parse_anchor(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return unexpected{object.error()};
  return read_anchor(*object);
}

std::optional<std::string> fault_of(const proof& given) {
  if (!is_genuine(given.head)) return "the signature of its anchor is wrong";
  if (given.position == 0 || given.position > given.head.position) return "the event is not one of the anchor's";
  const auto hash = eventstore::link(given.previous, given.stored);
  const auto leaf = leaf_of(given.stream, given.seq, given.position, hash);
  const auto root = root_by(leaf, given.position - 1, given.head.position, given.path);
  if (!root || *root != given.head.tree)
    return "the event, or where it says that it stood, is not in the anchor's tree";
  return std::nullopt;
}

std::string to_json(const proof& given) {
  json path = json::array();
  for (const auto& hash : given.path) path.push_back(hex_of(hash));
  json object{{"format", proof_format},
              {"stream", {{"kind", kinds[static_cast<std::size_t>(given.stream.kind) - 1]}, {"id", given.stream.id}}},
              {"seq", given.seq},
              {"position", given.position},
              {"event", json::parse(given.event, nullptr, false)},
              {"stored", to_base64(given.stored)},
              {"previous_hash", hex_of(given.previous)},
              {"path", std::move(path)},
              {"anchor", object_of(given.head)}};
  return object.dump(2, ' ', false, json::error_handler_t::replace) + "\n";
}

result<proof> parse_proof(std::string_view text) {
  const auto object = parse_object(text);
  if (!object) return unexpected{object.error()};
  members read(*object);
  if (read.text("format") != proof_format) return invalid("it is no proof of the form " + std::string(proof_format));
  proof given;
  given.seq = read.number("seq");
  given.position = read.number("position");
  given.previous = read.bytes<32>("previous_hash");
  if (const auto stored = from_base64(read.text("stored")))
    given.stored = *stored;
  else
    read.refuse("stored");
  if (const auto* stream = read.find("stream", &json::is_object)) {
    members named(*stream);
    given.stream.id = named.text("id");
    const auto kind = std::find(kinds.begin(), kinds.end(), named.text("kind"));
    if (kind == kinds.end() || !named.wrong().empty()) read.refuse("stream");
    given.stream.kind = static_cast<domain::stream_kind>(kind - kinds.begin() + 1);
  }
  if (const auto* path = read.find("path", &json::is_array)) {
    if (path->size() > longest_path) read.refuse("path");
    for (const auto& each : *path) {
      const auto hash = each.is_string() ? from_hex<32>(each.get<std::string>()) : std::nullopt;
      if (!hash) read.refuse("path");
      given.path.push_back(hash.value_or(sha256_digest{}));
    }
  }
  if (const auto* event = read.find("event", &json::is_object))
    given.event = event->dump(-1, ' ', false, json::error_handler_t::replace);
  const auto* head = read.find("anchor", &json::is_object);
  if (!read.wrong().empty()) return invalid("the proof's member '" + read.wrong() + "' is missing or malformed");
  auto anchored = read_anchor(*head);
  if (!anchored) return unexpected{anchored.error()};
  given.head = *anchored;
  return given;
}

}  // namespace planexe::audit
