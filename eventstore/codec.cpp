#include "eventstore/codec.hpp"

#include <algorithm>
#include <array>
#include <tuple>

#include "eventstore/hash_chain.hpp"
#include "eventstore/layout.hpp"
#include "eventstore/sealing.hpp"
#include "eventstore/upcasts.hpp"

namespace planexe::eventstore {
namespace {

using domain::event;

// Stored event: format byte, type number, schema version, metadata as a message after its length, payload to the end.
constexpr std::uint64_t event_format = 1;
constexpr std::uint32_t metadata_type = 0;       // what pieces of the metadata are bound to; payloads count from 1
constexpr std::size_t room_for_pieces = 4 * 36;  // a piece is so much longer than its words; few events have more
// Stored snapshot: format byte, version, the grafts after their length, the state, SHA-256 over all before it.
constexpr std::uint64_t snapshot_format = 1;
constexpr std::uint64_t snapshot_version = 5;

template <class Payload>
struct stored_as {
  std::uint32_t number;
  std::string_view name;
};

// The one table of stored types. Numbers and names stay for ever; new types take the next number at the end.
constexpr auto table = std::tuple{
    stored_as<domain::execution_created>{1, "execution_created"},
    stored_as<domain::execution_queued>{2, "execution_queued"},
    stored_as<domain::execution_started>{3, "execution_started"},
    stored_as<domain::execution_paused>{4, "execution_paused"},
    stored_as<domain::execution_resumed>{5, "execution_resumed"},
    stored_as<domain::execution_blocked>{6, "execution_blocked"},
    stored_as<domain::execution_unblocked>{7, "execution_unblocked"},
    stored_as<domain::execution_completed>{8, "execution_completed"},
    stored_as<domain::execution_failed>{9, "execution_failed"},
    stored_as<domain::execution_cancelled>{10, "execution_cancelled"},
    stored_as<domain::execution_reprioritized>{11, "execution_reprioritized"},
    stored_as<domain::task_assigned>{12, "task_assigned"},
    stored_as<domain::task_started>{13, "task_started"},
    stored_as<domain::task_progress>{14, "task_progress"},
    stored_as<domain::task_complete>{15, "task_complete"},
    stored_as<domain::task_error>{16, "task_error"},
    stored_as<domain::task_retry_scheduled>{17, "task_retry_scheduled"},
    stored_as<domain::task_retry_due>{18, "task_retry_due"},
    stored_as<domain::task_blocked>{19, "task_blocked"},
    stored_as<domain::task_unblocked>{20, "task_unblocked"},
    stored_as<domain::task_skipped>{21, "task_skipped"},
    stored_as<domain::task_reassigned>{22, "task_reassigned"},
    stored_as<domain::task_escalated>{23, "task_escalated"},
    stored_as<domain::lease_expired>{24, "lease_expired"},
    stored_as<domain::review_requested>{25, "review_requested"},
    stored_as<domain::review_resolved>{26, "review_resolved"},
    stored_as<domain::report_rejected_stale>{27, "report_rejected_stale"},
    stored_as<domain::agent_registered>{28, "agent_registered"},
    stored_as<domain::agent_profile_changed>{29, "agent_profile_changed"},
    stored_as<domain::agent_standing_changed>{30, "agent_standing_changed"},
    stored_as<domain::plan_imported>{31, "plan_imported"},
    stored_as<domain::subtasks_added>{32, "subtasks_added"},
    stored_as<domain::execution_unstaffed>{33, "execution_unstaffed"},
    stored_as<domain::execution_staffed>{34, "execution_staffed"},
    stored_as<domain::everything_paused>{35, "everything_paused"},
    stored_as<domain::everything_resumed>{36, "everything_resumed"},
    stored_as<domain::notification_queued>{37, "notification_queued"},
    stored_as<domain::notification_delivered>{38, "notification_delivered"},
    stored_as<domain::notification_failed>{39, "notification_failed"},
    stored_as<domain::notification_dead_lettered>{40, "notification_dead_lettered"},
    stored_as<domain::notification_redriven>{41, "notification_redriven"},
    stored_as<domain::key_created>{42, "key_created"},
    stored_as<domain::key_revoked>{43, "key_revoked"},
    stored_as<domain::execution_forked>{44, "execution_forked"},
    stored_as<domain::execution_archived>{45, "execution_archived"},
    stored_as<domain::subject_erased>{46, "subject_erased"},
};
constexpr std::size_t type_count = std::tuple_size_v<decltype(table)>;

// Every payload of the variant has its row, and every row a payload: the compiler sees to the first (std::get below),
// this to the second.
template <class... Families>
constexpr std::size_t alternatives(const std::variant<Families...>*) {
  return (std::variant_size_v<Families> + ...);
}
static_assert(alternatives(static_cast<const event*>(nullptr)) == type_count);

template <class Payload>
constexpr const stored_as<Payload>& row_of(const Payload&) {
  return std::get<stored_as<Payload>>(table);
}

template <class Payload>
constexpr std::uint32_t number_of = std::get<stored_as<Payload>>(table).number;

template <class Visitor>
decltype(auto) visit_payload(const event& any, Visitor&& visitor) {
  return std::visit([&](const auto& family) -> decltype(auto) { return std::visit(visitor, family); }, any);
}

using payload_decoder = bool (*)(std::string_view bytes, const piece_opener& opener, event& out, const char*& problem);

/// The family of events, of those that an event may be of, which has the payload.
template <class Payload, class... Families>
auto family_of(const std::variant<Families...>*) {
  constexpr auto has = []<class... Members>(const std::variant<Members...>*) {
    return (std::is_same_v<Payload, Members> || ...);
  };
  constexpr bool found[] = {has(static_cast<const Families*>(nullptr))...};
  constexpr auto place = static_cast<std::size_t>(std::find(std::begin(found), std::end(found), true) - found);
  return std::type_identity<std::variant_alternative_t<place, std::variant<Families...>>>{};
}

/// In place: moving a payload through the variants would cost as much as reading it.
template <class Payload>
bool decode_payload(std::string_view bytes, const piece_opener& opener, event& out, const char*& problem) {
  using family = typename decltype(family_of<Payload>(static_cast<const event*>(nullptr)))::type;
  auto& payload = std::get<Payload>(out.emplace<family>(std::in_place_type<Payload>));
  field_reader reader(bytes, opener);
  describe(reader, payload);
  reader.finish();
  problem = reader.problem();
  return reader.ok();
}

struct known_type {
  std::string_view name;
  payload_decoder decode = nullptr;
};

// Indexed by the stored number.
constexpr auto types_by_number = [] {
  std::array<known_type, type_count + 1> known{};
  std::apply(
      [&]<class... Payload>(const stored_as<Payload>&... row) {
        ((known[row.number] = {row.name, &decode_payload<Payload>}), ...);
      },
      table);
  return known;
}();
static_assert(std::all_of(types_by_number.begin() + 1, types_by_number.end(),
                          [](const known_type& type) { return !type.name.empty(); }),
              "numbers run from 1 without a gap");

unexpected<error> corrupt(std::string_view what, std::string_view why) {
  return unexpected{error{errc::corrupt, std::string(what) + ": " + std::string(why)}};
}

// Brings a payload to the present version; `lifted` holds the bytes where they had to change.
result<void> lift(upcasts steps, std::uint32_t type, std::uint64_t version, std::string_view& payload,
                  std::string& lifted) {
  const std::string_view name = types_by_number[type].name;
  const std::uint32_t present = present_version(type, steps);
  if (version == 0) return corrupt(name, "schema version 0");
  if (version > present)
    return unexpected{error{errc::newer_version, std::string(name) + " has schema version " + std::to_string(version) +
                                                     ", this release reads up to " + std::to_string(present)}};
  if (version == present) return {};
  auto fields = split(payload);
  if (!fields) return corrupt(name, "malformed fields");
  for (const upcast& step : steps)
    if (step.type == type && step.from_version >= version) step.lift(*fields);
  lifted = join(std::move(*fields));
  payload = lifted;
  return {};
}

}  // namespace

namespace {

/// The later version only added members, which an earlier one leaves at their defaults.
void add_members(raw_fields&) {}

constexpr upcast released[] = {
    {number_of<domain::execution_created>, 1, add_members}, {number_of<domain::execution_created>, 2, add_members},
    {number_of<domain::execution_created>, 3, add_members}, {number_of<domain::plan_imported>, 1, add_members},
    {number_of<domain::plan_imported>, 2, add_members},     {number_of<domain::subtasks_added>, 1, add_members},
    {number_of<domain::execution_paused>, 1, add_members},  {number_of<domain::task_escalated>, 1, add_members},
};

}  // namespace

upcasts released_upcasts() {
  return released;
}

std::uint32_t present_version(std::uint32_t type, upcasts steps) {
  std::uint32_t version = 1;
  for (const upcast& step : steps)
    if (step.type == type) version = std::max(version, step.from_version + 1);
  return version;
}

std::optional<raw_fields> split(std::string_view message) {
  raw_fields fields;
  field_reader reader(message);
  while (reader.next_key()) {
    reader.take_key();
    raw_field field{reader.number(), reader.type(), 0, {}};
    if (field.type == wire_type::varint) field.value = reader.read_varint();
    if (field.type == wire_type::fixed64) field.value = reader.read_fixed64();
    if (field.type == wire_type::bytes || field.type == wire_type::sealed) field.bytes = reader.read_bytes();
    if (!reader.ok()) break;
    fields.push_back(std::move(field));
  }
  if (!reader.ok()) return std::nullopt;
  return fields;
}

std::string join(raw_fields fields) {
  std::stable_sort(fields.begin(), fields.end(),
                   [](const raw_field& a, const raw_field& b) { return a.number < b.number; });
  std::string out;
  for (const raw_field& field : fields) {
    wire::put_varint(out, (std::uint64_t{field.number} << 3) | static_cast<std::uint64_t>(field.type));
    if (field.type == wire_type::varint) wire::put_varint(out, field.value);
    if (field.type == wire_type::fixed64) wire::put_fixed64(out, field.value);
    if (field.type != wire_type::bytes && field.type != wire_type::sealed) continue;
    wire::put_varint(out, field.bytes.size());
    out += field.bytes;
  }
  return out;
}

std::vector<stored_type> stored_types() {
  std::vector<stored_type> types;
  for (std::uint32_t number = 1; number <= type_count; ++number)
    types.push_back({number, types_by_number[number].name, present_version(number, released_upcasts())});
  return types;
}

std::string_view type_name(const event& any) {
  return visit_payload(any, [](const auto& payload) { return row_of(payload).name; });
}

std::uint32_t schema_version(const event& any) {
  return visit_payload(any,
                       [](const auto& payload) { return present_version(row_of(payload).number, released_upcasts()); });
}

namespace {

void put_head(std::string& out, std::uint32_t type, std::uint64_t version, const domain::event_metadata& metadata,
              piece_sealer* sealer) {
  wire::put_varint(out, event_format);
  wire::put_varint(out, type);
  wire::put_varint(out, version);
  std::string about;
  field_writer metadata_writer(about, sealer);
  describe(metadata_writer, metadata);
  wire::put_varint(out, about.size());
  out += about;
}

/// What was read where the key was not there: the profile of an agent whose name is gone is stored again when it
/// changes.
bool stands_in_for_words(std::string_view value, stands_in instead) {
  if (instead == stands_in::name) return value.starts_with("sealed:") || value.starts_with("erased:");
  return value == "[sealed]" || value == "[erased]" || value == "\"[sealed]\"" || value == "\"[erased]\"";
}

/// Visits the members of a payload and remembers whether one of them holds words. Plans hold none.
class word_finder {
 public:
  bool found() const { return found_; }

  template <class T>
  word_finder& operator()(std::uint32_t, const T& value) {
    if constexpr (wire::message<T>) describe(*this, value);
    return *this;
  }
  template <class T>
  word_finder& operator()(std::uint32_t number, const std::optional<T>& value) {
    return value ? (*this)(number, *value) : *this;
  }
  word_finder& operator()(std::uint32_t, const std::shared_ptr<const domain::plan>&) { return *this; }
  template <class T>
  word_finder& operator()(std::uint32_t number, const std::shared_ptr<const T>& value) {
    return value ? (*this)(number, *value) : *this;
  }
  template <class T>
  word_finder& always(std::uint32_t number, const T& value) {
    return (*this)(number, value);
  }
  word_finder& index(std::uint32_t, std::uint32_t) { return *this; }
  template <class T>
  word_finder& repeated(std::uint32_t number, const std::vector<T>& values, std::size_t = 0) {
    for (const T& value : values) (*this)(number, value);
    return *this;
  }
  template <class Numbers>
  word_finder& packed(std::uint32_t, const Numbers&) {
    return *this;
  }
  word_finder& personal(std::uint32_t, const std::string& value, stands_in instead = stands_in::text) {
    found_ = found_ || !(value.empty() || stands_in_for_words(value, instead));
    return *this;
  }

 private:
  bool found_ = false;
};

}  // namespace

std::string encode_under(upcasts steps, const event& any, const domain::event_metadata& metadata) {
  constexpr std::size_t usual_size = 256;
  std::string out;
  out.reserve(usual_size);
  visit_payload(any, [&](const auto& payload) {
    const std::uint32_t number = row_of(payload).number;
    put_head(out, number, present_version(number, steps), metadata, nullptr);
    field_writer payload_writer(out);
    describe(payload_writer, payload);
  });
  return out;
}

bool has_words(const event& any) {
  return visit_payload(any, [](const auto& payload) {
    word_finder finder;
    describe(finder, payload);
    return finder.found();
  });
}

result<std::string> seal_event(const event& any, const domain::event_metadata& metadata, std::string_view bytes,
                               const event_keys& keys) {
  field_reader plain(bytes);
  static_cast<void>(plain.read_varint());
  const auto type = static_cast<std::uint32_t>(plain.read_varint());
  const std::uint64_t version = plain.read_varint();
  static_cast<void>(plain.read_bytes());
  if (!plain.ok()) return corrupt("event to be stored", plain.problem());

  std::optional<piece_sealer> of_actor, of_words;
  if (keys.actor != nullptr) of_actor.emplace(*keys.actor, metadata_type);
  std::string out;
  out.reserve(bytes.size() + room_for_pieces);
  put_head(out, type, version, metadata, of_actor ? &*of_actor : nullptr);
  if (keys.words != nullptr) {
    of_words.emplace(*keys.words, type);
    field_writer payload_writer(out, &*of_words);
    visit_payload(any, [&](const auto& payload) { describe(payload_writer, payload); });
  } else {
    out += plain.rest();  // as it is: it may hold a whole plan
  }
  if ((of_actor && !of_actor->ok()) || (of_words && !of_words->ok()))
    return unexpected{error{errc::io, "words cannot be sealed"}};
  return out;
}

namespace {

result<void> decode_into_under(upcasts steps, std::string_view bytes, const vault* keys, domain::event& payload_out,
                               domain::event_metadata& metadata) {
  field_reader envelope(bytes);
  const std::uint64_t format = envelope.read_varint();
  if (!envelope.ok() || format == 0) return corrupt("event", "no known format");
  if (format > event_format)
    return unexpected{error{errc::newer_version, "event of format " + std::to_string(format) +
                                                     ", this release reads up to " + std::to_string(event_format)}};
  const std::uint64_t type = envelope.read_varint();
  const std::uint64_t version = envelope.read_varint();
  const std::string_view about = envelope.read_bytes();
  if (!envelope.ok()) return corrupt("event", envelope.problem());
  if (type == 0) return corrupt("event", "type number 0");
  if (type > type_count)
    return unexpected{error{errc::newer_version, "event of type number " + std::to_string(type) +
                                                     ", this release knows " + std::to_string(type_count)}};
  const auto number = static_cast<std::uint32_t>(type);

  field_reader metadata_reader(about, {keys, metadata_type});
  describe(metadata_reader, metadata);
  metadata_reader.finish();
  if (!metadata_reader.ok()) return corrupt("event metadata", metadata_reader.problem());

  std::string_view payload = envelope.rest();
  std::string lifted;
  if (auto done = lift(steps, number, version, payload, lifted); !done) return unexpected{done.error()};
  const char* problem = nullptr;
  if (!types_by_number[number].decode(payload, {keys, number}, payload_out, problem))
    return corrupt(types_by_number[number].name, problem);
  return {};
}

}  // namespace

result<decoded_event> decode_under(upcasts steps, std::string_view bytes, const vault* keys) {
  decoded_event decoded;
  if (auto done = decode_into_under(steps, bytes, keys, decoded.payload, decoded.metadata); !done)
    return unexpected{done.error()};
  return decoded;
}

result<void> decode_into(std::string_view bytes, domain::event& payload, domain::event_metadata& metadata,
                         const vault* keys) {
  return decode_into_under(released_upcasts(), bytes, keys, payload, metadata);
}

std::string encode(const event& any, const domain::event_metadata& metadata) {
  return encode_under(released_upcasts(), any, metadata);
}

result<decoded_event> decode(std::string_view bytes, const vault* keys) {
  return decode_under(released_upcasts(), bytes, keys);
}

std::string encode_snapshot(const domain::execution_state& state) {
  std::string out;
  wire::put_varint(out, snapshot_format);
  wire::put_varint(out, snapshot_version);
  std::string grafts;
  field_writer graft_writer(grafts);
  graft_writer.repeated(1, state.grafts);
  wire::put_varint(out, grafts.size());
  out += grafts;
  field_writer writer(out);
  describe(writer, state);
  out += as_bytes(sha256(out));
  return out;
}

result<void> decode_snapshot(std::string_view bytes, domain::execution_state& state) {
  constexpr std::size_t digest_size = std::tuple_size_v<domain::sha256_digest>;
  if (bytes.size() < digest_size) return corrupt("snapshot", "too short");
  const std::string_view content = bytes.substr(0, bytes.size() - digest_size);
  if (bytes.substr(content.size()) != as_bytes(sha256(content))) return corrupt("snapshot", "its checksum is wrong");

  field_reader envelope(content);
  const std::uint64_t format = envelope.read_varint();
  const std::uint64_t version = envelope.read_varint();
  if (!envelope.ok()) return corrupt("snapshot", envelope.problem());
  if (format != snapshot_format || version != snapshot_version)
    return unexpected{error{errc::newer_version, "snapshot of version " + std::to_string(format) + "." +
                                                     std::to_string(version) + " is not this release's"}};
  if (!state.exists()) return corrupt("snapshot", "the execution has no plan");

  domain::execution_state carried;
  carried.graph = state.graph;
  field_reader grafts(envelope.read_bytes());
  grafts.repeated(1, carried.grafts);
  grafts.finish();
  if (!envelope.ok() || !grafts.ok()) return corrupt("snapshot", "its grafts are malformed");
  for (const auto& added : carried.grafts) {
    const auto whole = carried.graph->find(added.task);
    if (whole == domain::no_task || !added.parts) return corrupt("snapshot", "a graft names no task");
    auto grown = domain::graft(*carried.graph, whole, *added.parts);
    if (!grown) return corrupt("snapshot", "a graft does not fit");
    carried.graph = *grown;
  }
  carried.tasks.resize(carried.graph->size());
  field_reader reader(envelope.rest());
  describe(reader, carried);
  reader.finish();
  if (!reader.ok()) return corrupt("snapshot", reader.problem());
  if (!carried.held.empty() && *carried.held.rbegin() >= carried.tasks.size())
    return corrupt("snapshot", "it names a task that the plan does not have");
  state = std::move(carried);
  return {};
}

}  // namespace planexe::eventstore
