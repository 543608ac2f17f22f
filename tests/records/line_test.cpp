// One line of a record file: what stands in it, every event type, other spellings of it, and the golden file that tells
// when an event comes out otherwise than in an earlier release.
#include "records/line.hpp"

#include <nlohmann/json.hpp>

#include <cstdlib>

#include "eventstore/hash_chain.hpp"
#include "records/text_forms.hpp"
#include "tests/eventstore/samples.hpp"
#include "tests/records/shelf.hpp"

namespace planexe::records::testing {
namespace {

using json = nlohmann::ordered_json;

domain::stream_id stream_for(const domain::event& event) {
  return {static_cast<domain::stream_kind>(event.index() + 1), "x.1"};
}

/// The first event of a stream of its own.
eventstore::stored_event alone(const domain::event& event, const domain::event_metadata& metadata) {
  eventstore::stored_event stored{.stream = stream_for(event), .seq = 1, .position = 7};
  stored.bytes = eventstore::encode(event, metadata);
  stored.hash = eventstore::link({}, stored.bytes);
  return stored;
}

std::string line_of(const eventstore::stored_event& event, positions written = positions::left_out) {
  std::string line;
  REQUIRE(append_line(line, event, as_api, written));
  REQUIRE(line.back() == '\n');
  line.pop_back();
  return line;
}

eventstore::stored_event sample() {
  return alone(eventstore::testing::samples().front(), eventstore::testing::sample_metadata());
}

}  // namespace

TEST_CASE("a line is a CloudEvent whose attributes say where the event stands and what it is") {
  const auto event = sample();
  const auto line = json::parse(line_of(event, positions::written));
  CHECK(line["specversion"] == "1.0");
  CHECK(line["id"] == "x.1:1");
  CHECK(line["source"] == "/executions/x.1");
  CHECK(line["type"] == "planexe.execution_created");
  CHECK(line["time"] == domain::format_rfc3339(eventstore::testing::sample_metadata().recorded_at));
  CHECK(line["datacontenttype"] == "application/json");
  CHECK(line["streamkind"] == "execution");
  CHECK(line["streamid"] == "x.1");
  CHECK(line["sequence"] == "00000000000000000001");
  CHECK(line["logposition"] == "00000000000000000007");
  CHECK(line["hash"] == eventstore::to_hex(event.hash));
  CHECK(read_base64(line["stored"].get<std::string>()) == event.bytes);
  CHECK(line["data"]["event_id"] == "x.1:1");
  CHECK(line["data"]["event_type"] == "execution_created");
  for (const auto& [name, value] : line.items())
    CHECK_MESSAGE(name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789") == std::string::npos, name);
}

TEST_CASE("every type of event comes back from its line as it was") {
  for (const auto& event : eventstore::testing::samples()) {
    for (const auto placed : {positions::left_out, positions::written}) {
      auto stored = alone(event, eventstore::testing::sample_metadata());
      if (placed == positions::left_out) stored.position = 0;
      const auto read = read_line(line_of(stored, placed), as_api);
      REQUIRE_MESSAGE(read, eventstore::type_name(event), ": ", read.error().detail);
      CHECK(read->stored == stored);
      CHECK(eventstore::encode(read->payload, read->metadata) == stored.bytes);
    }
  }
}

TEST_CASE("a line in any other spelling of JSON is read as well") {
  const auto event = sample();
  auto parts = nlohmann::json::parse(line_of(event));  // sorts the members
  const auto with_blanks = read_line(parts.dump(1) + "\r", as_api);
  REQUIRE_MESSAGE(with_blanks, with_blanks.error().detail);
  CHECK(with_blanks->stored.bytes == event.bytes);
  std::string escaped = line_of(event);
  escaped.replace(escaped.find("x.1:1"), 1, "\\u0078");
  CHECK(read_line(escaped, as_api));
}

TEST_CASE("what is wrong in a line is said") {
  const auto good = nlohmann::json::parse(line_of(sample(), positions::written));
  const auto why = [&](const std::string& name, const nlohmann::json& value) {
    auto line = good;
    if (value.is_null())
      line.erase(name);
    else
      line[name] = value;
    const auto read = read_line(line.dump(), as_api);
    return read ? "" : read.error().detail;
  };
  CHECK(why("specversion", "1.1") == "it is not a CloudEvent of specversion 1.0");
  CHECK(why("datacontenttype", "text/plain") == "its 'datacontenttype' is not 'application/json'");
  CHECK(why("id", "x.1:2") == "its 'id' is not that of its stream and sequence");
  CHECK(why("id", 4) == "its 'id' is not text");
  CHECK(why("source", "/agents/x.1") == "its 'source' is not that of its stream");
  CHECK(why("type", "planexe.task_started") == "its 'type' does not agree with its stored bytes");
  CHECK(why("type", "execution_created") == "its 'type' does not agree with its stored bytes");
  CHECK(why("time", "2026-01-01T00:00:00.000Z") == "its 'time' does not agree with its stored bytes");
  CHECK(why("streamkind", "person") == "its 'streamkind' is not execution, agent, plan or system");
  CHECK(why("streamkind", "agent") == "its event, execution_created, is none of an agent");
  CHECK(why("streamid", "../x") == "its 'streamid' is not an id");
  CHECK(why("sequence", "1") == "its 'sequence' is not a number from 1 in twenty digits");
  CHECK(why("sequence", "00000000000000000000") == "its 'sequence' is not a number from 1 in twenty digits");
  CHECK(why("logposition", "99999999999999999999") == "its 'logposition' is not a number from 1 in twenty digits");
  CHECK(why("hash", std::string(64, 'G')) == "its 'hash' is not 64 hexadecimal digits");
  CHECK(why("stored", "AAA") == "its 'stored' is not base64");
  CHECK(why("stored", "AAAA") == "its stored bytes are no event: event: no known format");
  CHECK(why("stored", nullptr) == "it has no 'stored'");
  CHECK(why("dataschema", "urn:other") == "its 'dataschema' is not one of ours");
  CHECK(why("data", "text") == "its 'data' is not a JSON object");
  CHECK(why("data", nlohmann::json::object()) == "its 'data' does not agree with its stored bytes");
  CHECK(why("colour", "red") == "it has an attribute 'colour', which this release does not know");
  CHECK(read_line("{}", as_api).error().detail == "it is not a CloudEvent of specversion 1.0");
  CHECK(read_line("[]", as_api).error().detail == "it is not a JSON object");
  CHECK(read_line("", as_api).error().detail == "it is not JSON");
  CHECK(read_line(R"({"id":"a","id":"b"})", as_api).error().detail == "it has the member 'id' twice");
  CHECK(read_line(std::string(200'000, '['), as_api).error().detail == "it is nested too deep");
}

TEST_CASE("what a later release wrote is refused as such") {
  auto line = nlohmann::json::parse(line_of(sample()));
  auto later = line;
  later["dataschema"] = "urn:planexe:event:" + std::to_string(as_api.version + 1);
  CHECK(read_line(later.dump(), as_api).error().code == errc::newer_version);

  std::string bytes = sample().bytes;
  bytes[1] = 0x7f;  // a type that is not known yet
  std::string text;
  append_base64(text, bytes);
  later = line;
  later["stored"] = text;
  const auto read = read_line(later.dump(), as_api);
  CHECK(read.error().code == errc::newer_version);
  CHECK(read.error().detail.starts_with("event of type number 127, this release knows "));
}

TEST_CASE("what an earlier release rendered is not compared and must be an object all the same") {
  auto event = alone(eventstore::testing::samples().front(), eventstore::testing::sample_metadata());
  std::string text;
  const rendering first{1, [](std::string& out, const domain::event_record&) { out += R"({"old":true})"; }};
  const rendering second{2, as_api.render};
  REQUIRE(append_line(text, event, first));
  text.pop_back();
  CHECK(read_line(text, second));
  CHECK(read_line(text, first));
  CHECK_FALSE(read_line(text, rendering{1, as_api.render}));
  text.replace(text.find("true"), 4, "tru!");
  CHECK_FALSE(read_line(text, second));
}

TEST_CASE("an event whose stream has no id for a name is not written") {
  auto event = sample();
  event.stream.id = "a/b";
  std::string text = "before";
  CHECK(append_line(text, event, as_api).error().code == errc::invalid);
  event = sample();
  event.bytes = "nonsense";
  CHECK_FALSE(append_line(text, event, as_api));
  CHECK(text == "before");
}

TEST_CASE("base64 and hexadecimal have one text for the same bytes") {
  std::string bytes;
  for (int length = 0; length < 40; ++length) {
    std::string text;
    append_base64(text, bytes);
    CHECK(read_base64(text) == bytes);
    bytes.push_back(static_cast<char>(length * 37 + 200));
  }
  for (const auto* wrong : {"A", "AA", "AAA", "A===", "====", "AA=A", "AAB=", "AB==", "AAA\n", "AA==AAAA", "AAA-"})
    CHECK_MESSAGE(!read_base64(wrong), wrong);
  std::string hex;
  append_hex(hex, sample().hash);
  CHECK(read_hex(hex) == sample().hash);
  CHECK_FALSE(read_hex(hex + "0"));
  hex[0] = 'A';
  CHECK_FALSE(read_hex(hex));
  std::string digits;
  append_digits(digits, UINT64_MAX);
  CHECK(digits == "18446744073709551615");
  CHECK(read_digits(digits) == UINT64_MAX);
  CHECK_FALSE(read_digits("18446744073709551616"));
  CHECK_FALSE(read_digits("+0000000000000000001"));
}

// PLANEXE_WRITE_GOLDEN=1 adds the types that are missing. A line that does not hold any more means that events are
// shown otherwise than before: then gateway::event_rendering_version is raised, and the file made anew.
TEST_CASE("events are rendered as the golden file of this version has them") {
  std::map<std::string, std::string> golden;
  std::ifstream in(RECORDS_GOLDEN);
  std::string version;
  std::getline(in, version);
  for (std::string line; std::getline(in, line);) golden[json::parse(line)["event_type"]] = line;
  const bool write = std::getenv("PLANEXE_WRITE_GOLDEN") != nullptr;
  const auto present = "{\"version\":" + std::to_string(as_api.version) + "}";
  std::ofstream out;
  if (write) out.open(std::string(RECORDS_GOLDEN));
  if (write) out << present << '\n';
  if (!write) CHECK(version == present);
  for (const auto& event : eventstore::testing::samples()) {
    const auto line = json::parse(line_of(alone(event, eventstore::testing::sample_metadata())));
    const std::string type{eventstore::type_name(event)};
    std::string shown;
    domain::event_record record{
        .stream = stream_for(event), .seq = 1, .metadata = eventstore::testing::sample_metadata()};
    record.payload = event;
    as_api.render(shown, record);
    if (write)
      out << (version == present && golden.contains(type) ? golden[type] : shown) << '\n';
    else
      CHECK(golden[type] == shown);
  }
}

}  // namespace planexe::records::testing
