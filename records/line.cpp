#include "records/line.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <set>
#include <vector>

#include "domain/ids.hpp"
#include "records/text_forms.hpp"

namespace planexe::records {
namespace {

using nlohmann::json;

constexpr std::string_view type_prefix = "planexe.", schema_prefix = "urn:planexe:event:";
constexpr int deepest = 96;  // levels: an output may have 64, and some are around it

struct kind_names {
  domain::stream_kind kind;
  std::string_view name;    ///< in `streamkind`
  std::string_view folder;  ///< in `source`
};
constexpr kind_names kinds[] = {
    {domain::stream_kind::execution, "execution", "/executions/"},
    {domain::stream_kind::agent, "agent", "/agents/"},
    {domain::stream_kind::plan, "plan", "/plans/"},
    {domain::stream_kind::system, "system", "/system/"},
};

const kind_names& names_of(domain::stream_kind kind) {
  return kinds[static_cast<std::size_t>(kind) - 1];
}

/// The parts of a line, each as its text stands for.
struct envelope {
  std::string_view id, source, type, time, schema, kind, stream, sequence, hash, stored;
  std::optional<std::string_view> position;
  std::string_view data;  ///< JSON
};

unexpected<error> invalid(std::string detail) {
  return unexpected{error{errc::invalid, std::move(detail)}};
}

unexpected<error> disagrees(std::string_view attribute) {
  return invalid("its '" + std::string(attribute) + "' does not agree with its stored bytes");
}

domain::event_record shown_event(const eventstore::stored_event& stored, eventstore::decoded_event decoded) {
  domain::event_record event;
  event.stream = stored.stream;
  event.seq = stored.seq;
  event.metadata = std::move(decoded.metadata);
  event.payload = std::move(decoded.payload);
  event.hash = stored.hash;
  return event;
}

// A stream's events are those of its kind: the variant has the kinds in their order.
bool belongs(const domain::event& payload, domain::stream_kind kind) {
  return payload.index() + 1 == static_cast<std::size_t>(kind);
}

// Reading.

/// Goes along a line as `append_line` writes it. Another spelling is not wrong, only slower to read.
class usual_line {
 public:
  explicit usual_line(std::string_view text) : rest_(text) {}

  bool expect(std::string_view literal) {
    if (!rest_.starts_with(literal)) return false;
    rest_.remove_prefix(literal.size());
    return true;
  }
  /// Text up to the next quote, which stays.
  bool take(std::string_view& text) {
    const auto end = rest_.find('"');
    if (end == std::string_view::npos) return false;
    text = rest_.substr(0, end);
    rest_.remove_prefix(end);
    return text.find('\\') == std::string_view::npos;
  }
  bool member(std::string_view lead, std::string_view& text) { return expect(lead) && take(text); }
  std::string_view rest() const { return rest_; }

 private:
  std::string_view rest_;
};

std::optional<envelope> read_usual(std::string_view text) {
  usual_line line(text);
  envelope parts;
  const bool found = line.member(R"({"specversion":"1.0","id":")", parts.id) &&
                     line.member(R"(","source":")", parts.source) && line.member(R"(","type":")", parts.type) &&
                     line.member(R"(","time":")", parts.time) &&
                     line.member(R"(","datacontenttype":"application/json","dataschema":")", parts.schema) &&
                     line.member(R"(","streamkind":")", parts.kind) && line.member(R"(","streamid":")", parts.stream) &&
                     line.member(R"(","sequence":")", parts.sequence) && line.member(R"(","hash":")", parts.hash) &&
                     line.member(R"(","stored":")", parts.stored);
  if (!found) return std::nullopt;
  std::string_view position;
  if (line.member(R"(","logposition":")", position)) parts.position = position;
  if (!line.expect(R"(","data":)") || !line.rest().ends_with('}')) return std::nullopt;
  parts.data = line.rest().substr(0, line.rest().size() - 1);
  return parts;
}

/// JSON without a member named twice, for which of the two holds would be anybody's guess; discarded where it is none.
json read_json(std::string_view text, std::string& problem) {
  std::vector<std::set<std::string, std::less<>>> open;
  const json::parser_callback_t watch = [&](int depth, json::parse_event_t event, json& value) {
    if (depth > deepest && problem.empty()) problem = "it is nested too deep";
    if (event == json::parse_event_t::object_start) open.emplace_back();
    if (event == json::parse_event_t::object_end) open.pop_back();
    if (event == json::parse_event_t::key && !open.back().insert(value.get_ref<const std::string&>()).second)
      problem = "it has the member '" + value.get_ref<const std::string&>() + "' twice";
    return problem.empty();
  };
  auto read = json::parse(text.begin(), text.end(), watch, false);
  if (problem.empty() && read.is_discarded()) problem = "it is not JSON";
  return problem.empty() ? read : json(json::value_t::discarded);
}

/// The same parts in any other spelling. They point into `kept`.
struct other_spelling {
  std::array<std::string, 11> texts;
  std::string data;

  result<envelope> read(std::string_view text);

 private:
  result<void> take(const json& line, const char* name, std::size_t place);
};

constexpr std::array text_attributes{"id",   "source",     "type",     "time",     "dataschema",
                                     "hash", "streamkind", "streamid", "sequence", "stored"};
constexpr std::size_t position_place = text_attributes.size();

result<void> other_spelling::take(const json& line, const char* name, std::size_t place) {
  const auto found = line.find(name);
  if (found == line.end()) return invalid("it has no '" + std::string(name) + "'");
  if (!found->is_string()) return invalid("its '" + std::string(name) + "' is not text");
  texts[place] = found->get<std::string>();
  return {};
}

result<envelope> other_spelling::read(std::string_view text) {
  std::string problem;
  const auto line = read_json(text, problem);
  if (!problem.empty()) return invalid(problem);
  if (!line.is_object()) return invalid("it is not a JSON object");
  const auto version = line.find("specversion");
  if (version == line.end() || *version != "1.0") return invalid("it is not a CloudEvent of specversion 1.0");
  const auto content = line.find("datacontenttype");
  if (content == line.end() || *content != "application/json")
    return invalid("its 'datacontenttype' is not 'application/json'");
  const auto shown = line.find("data");
  if (shown == line.end() || !shown->is_object()) return invalid("its 'data' is not a JSON object");
  for (std::size_t i = 0; i < text_attributes.size(); ++i)
    if (auto taken = take(line, text_attributes[i], i); !taken) return unexpected{taken.error()};
  std::size_t known = text_attributes.size() + 3;
  const bool placed = line.contains("logposition");
  if (placed) {
    ++known;
    if (auto taken = take(line, "logposition", position_place); !taken) return unexpected{taken.error()};
  }
  if (line.size() != known) {
    constexpr std::array others{"specversion", "datacontenttype", "data", "logposition"};
    for (const auto& [name, value] : line.items()) {
      const auto is_name = [&each = name](const char* other) { return each == other; };
      if (std::none_of(text_attributes.begin(), text_attributes.end(), is_name) &&
          std::none_of(others.begin(), others.end(), is_name))
        return invalid("it has an attribute '" + name + "', which this release does not know");
    }
  }
  data = shown->dump(-1, ' ', false, json::error_handler_t::replace);
  envelope parts{texts[0], texts[1], texts[2], texts[3], texts[4], texts[6],
                 texts[7], texts[8], texts[5], texts[9], {},       data};
  if (placed) parts.position = texts[position_place];
  return parts;
}

/// The version that rendered the line's `data`.
std::optional<std::uint32_t> rendered_by(std::string_view schema) {
  if (!schema.starts_with(schema_prefix)) return std::nullopt;
  schema.remove_prefix(schema_prefix.size());
  if (schema.empty() || schema.size() > 9 || schema.front() == '0') return std::nullopt;
  std::uint32_t version = 0;
  for (const char c : schema) {
    if (c < '0' || c > '9') return std::nullopt;
    version = version * 10 + static_cast<std::uint32_t>(c - '0');
  }
  return version;
}

/// What the line says of where its event stands, and the stored bytes.
result<eventstore::stored_event> read_place(const envelope& parts) {
  eventstore::stored_event stored;
  const auto kind =
      std::find_if(std::begin(kinds), std::end(kinds), [&](const kind_names& each) { return each.name == parts.kind; });
  if (kind == std::end(kinds)) return invalid("its 'streamkind' is not execution, agent, plan or system");
  if (!domain::is_valid_id(parts.stream)) return invalid("its 'streamid' is not an id");
  stored.stream = {kind->kind, std::string(parts.stream)};
  const auto seq = read_digits(parts.sequence);
  if (!seq || *seq == 0) return invalid("its 'sequence' is not a number from 1 in twenty digits");
  stored.seq = *seq;
  if (parts.position) {
    const auto position = read_digits(*parts.position);
    if (!position || *position == 0) return invalid("its 'logposition' is not a number from 1 in twenty digits");
    stored.position = *position;
  }
  const auto hash = read_hex(parts.hash);
  if (!hash) return invalid("its 'hash' is not 64 hexadecimal digits");
  stored.hash = *hash;
  auto bytes = read_base64(parts.stored);
  if (!bytes) return invalid("its 'stored' is not base64");
  stored.bytes = std::move(*bytes);
  return stored;
}

result<void> check_attributes(const envelope& parts, const eventstore::stored_event& stored,
                              const eventstore::decoded_event& decoded) {
  const auto& names = names_of(stored.stream.kind);
  if (!belongs(decoded.payload, stored.stream.kind))
    return invalid(
        "its event, " + std::string(eventstore::type_name(decoded.payload)) + ", is none of " +
        (names.kind == domain::stream_kind::agent || names.kind == domain::stream_kind::execution ? "an " : "a ") +
        std::string(names.name));
  if (parts.id != stored.stream.id + ":" + std::to_string(stored.seq))
    return invalid("its 'id' is not that of its stream and sequence");
  if (parts.source != std::string(names.folder) + stored.stream.id)
    return invalid("its 'source' is not that of its stream");
  const auto type = eventstore::type_name(decoded.payload);
  if (!parts.type.starts_with(type_prefix) || parts.type.substr(type_prefix.size()) != type) return disagrees("type");
  if (parts.time != domain::format_rfc3339(decoded.metadata.recorded_at)) return disagrees("time");
  return {};
}

result<void> check_data(const envelope& parts, const domain::event_record& event, const rendering& shown) {
  const auto version = rendered_by(parts.schema);
  if (!version) return invalid("its 'dataschema' is not one of ours");
  if (*version > shown.version)
    return unexpected{error{errc::newer_version, "its 'data' was written by a newer release (dataschema " +
                                                     std::string(parts.schema) + ", this one writes " +
                                                     std::to_string(shown.version) + ")"}};
  std::string rendered;
  shown.render(rendered, event);
  if (*version == shown.version && parts.data == rendered) return {};
  std::string problem;
  const auto data = read_json(parts.data, problem);
  if (!problem.empty()) return invalid("its 'data': " + problem);
  if (!data.is_object()) return invalid("its 'data' is not a JSON object");
  if (*version < shown.version) return {};  // how that release showed an event is not known any more
  if (data != json::parse(rendered, nullptr, false)) return disagrees("data");
  return {};
}

result<record> check(const envelope& parts, const std::optional<rendering>& shown) {
  auto stored = read_place(parts);
  if (!stored) return unexpected{stored.error()};
  auto decoded = eventstore::decode(stored->bytes);
  if (!decoded) {
    const bool newer = decoded.error().code == errc::newer_version;
    return unexpected{error{newer ? errc::newer_version : errc::invalid,
                            (newer ? "" : "its stored bytes are no event: ") + decoded.error().detail}};
  }
  if (auto agreed = check_attributes(parts, *stored, *decoded); !agreed) return unexpected{agreed.error()};
  auto event = shown_event(*stored, std::move(*decoded));
  if (shown)
    if (auto agreed = check_data(parts, event, *shown); !agreed) return unexpected{agreed.error()};
  return record{std::move(*stored), std::move(event.payload), std::move(event.metadata)};
}

}  // namespace

result<void> append_line(std::string& out, const eventstore::stored_event& event, const rendering& shown,
                         positions written) {
  if (!domain::is_valid_id(event.stream.id)) return invalid(display_name(event.stream) + ": its name is not an id");
  auto decoded = eventstore::decode(event.bytes);
  if (!decoded)
    return unexpected{error{decoded.error().code, display_name(event.stream) + " seq " + std::to_string(event.seq) +
                                                      ": " + decoded.error().detail}};
  const auto& names = names_of(event.stream.kind);
  const std::string seq = std::to_string(event.seq);
  out.append(R"({"specversion":"1.0","id":")").append(event.stream.id).append(":").append(seq);
  out.append(R"(","source":")").append(names.folder).append(event.stream.id);
  out.append(R"(","type":")").append(type_prefix).append(eventstore::type_name(decoded->payload));
  out.append(R"(","time":")").append(domain::format_rfc3339(decoded->metadata.recorded_at));
  out.append(R"(","datacontenttype":"application/json","dataschema":")");
  out.append(schema_prefix).append(std::to_string(shown.version));
  out.append(R"(","streamkind":")").append(names.name);
  out.append(R"(","streamid":")").append(event.stream.id).append(R"(","sequence":")");
  append_digits(out, event.seq);
  append_hex(out.append(R"(","hash":")"), event.hash);
  append_base64(out.append(R"(","stored":")"), event.bytes);
  if (written == positions::written) append_digits(out.append(R"(","logposition":")"), event.position);
  out.append(R"(","data":)");
  shown.render(out, shown_event(event, std::move(*decoded)));
  out.append("}\n");
  return {};
}

result<record> read_line(std::string_view line, const std::optional<rendering>& shown) {
  if (const auto usual = read_usual(line)) {
    auto read = check(*usual, shown);
    if (read || read.error().code == errc::newer_version) return read;
  }
  other_spelling spelled;
  const auto parts = spelled.read(line);
  if (!parts) return unexpected{parts.error()};
  return check(*parts, shown);
}

result<eventstore::stored_event> read_stored(std::string_view line) {
  if (const auto usual = read_usual(line))
    if (auto read = read_place(*usual)) return read;
  other_spelling spelled;
  const auto parts = spelled.read(line);
  if (!parts) return unexpected{parts.error()};
  return read_place(*parts);
}

std::string display_name(const domain::stream_id& stream) {
  return std::string(stream.kind == domain::stream_kind::system ? "system stream" : names_of(stream.kind).name) + " " +
         stream.id;
}

}  // namespace planexe::records
