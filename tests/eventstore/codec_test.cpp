// Every event type as stored: golden files for ever, round trips, versions and how old ones are lifted.
#include "eventstore/codec.hpp"

#include <doctest/doctest.h>

#include <cstdlib>
#include <set>

#include "eventstore/upcasts.hpp"
#include "tests/eventstore/golden.hpp"
#include "tests/eventstore/members.hpp"
#include "tests/eventstore/samples.hpp"

namespace planexe::eventstore {
namespace {

using namespace testing;

TEST_CASE("the samples hold one event of every stored type, with every member set") {
  std::set<std::string_view> names;
  for (const auto& event : samples()) {
    CAPTURE(type_name(event));
    CHECK(names.insert(type_name(event)).second);
    CHECK(visit_payload(event, [](const auto& payload) { return all_members_set(payload); }));
  }
  CHECK(names.size() == stored_types().size());
  for (const stored_type& type : stored_types()) CHECK(names.contains(type.name));
}

TEST_CASE("every event type reads and writes its golden file") {
  const bool write_missing = std::getenv("PLANEXE_WRITE_GOLDEN") != nullptr;
  for (const auto& event : samples()) {
    const std::string file = golden_file(type_name(event), schema_version(event));
    CAPTURE(file);
    auto golden = read_golden(file);
    if (!golden && write_missing) {
      write_golden(file, encode(event, sample_metadata()));
      golden = read_golden(file);
    }
    REQUIRE(golden);
    const auto decoded = decode(*golden);
    REQUIRE(decoded);
    CHECK(same_event(decoded->payload, event));
    CHECK(decoded->metadata == sample_metadata());
    CHECK(encode(decoded->payload, decoded->metadata) == *golden);
  }
}

TEST_CASE("every golden file, of old versions too, still decodes to the type in its name") {
  std::size_t files = 0;
  for (const std::string& file : golden_files()) {
    CAPTURE(file);
    const auto decoded = decode(*read_golden(file));
    REQUIRE(decoded);
    const std::string name = std::filesystem::path(file).filename().string();
    CHECK(name.substr(0, name.find('.')) == type_name(decoded->payload));
    ++files;
  }
  CHECK(files >= stored_types().size());
}

TEST_CASE("random events come back as they were, and the same events give the same bytes") {
  for (std::uint64_t seed = 1; seed <= 5'000; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    const auto event = random_event(random);
    const auto metadata = random_metadata(random);
    const std::string bytes = encode(event, metadata);
    const auto decoded = decode(bytes);
    REQUIRE(decoded);
    REQUIRE(same_event(decoded->payload, event));
    REQUIRE(decoded->metadata == metadata);
    REQUIRE(encode(decoded->payload, decoded->metadata) == bytes);
  }
}

TEST_CASE("members that are missing take their defaults, and unknown ones are skipped") {
  const domain::event bare = domain::execution_event{domain::task_error{}};
  std::string bytes = encode(bare, {});
  SUBCASE("missing") {
    bytes.resize(4);  // format, type, version, no metadata
    const auto decoded = decode(bytes);
    REQUIRE(decoded);
    CHECK(same_event(decoded->payload, bare));
  }
  SUBCASE("unknown numbers of every wire type, between known ones and after") {
    raw_fields fields = *split(std::string_view(bytes).substr(4));
    fields.push_back({5, wire_type::bytes, 0, "known"});
    fields.push_back({100, wire_type::varint, 300, {}});
    fields.push_back({100, wire_type::varint, 301, {}});
    fields.push_back({101, wire_type::fixed64, 1, {}});
    fields.push_back({102, wire_type::bytes, 0, "from the future"});
    const auto decoded = decode(bytes.substr(0, 4) + join(fields));
    REQUIRE(decoded);
    domain::task_error expected;
    expected.error_message = "known";
    CHECK(same_event(decoded->payload, domain::execution_event{expected}));
  }
}

std::string error_of(const result<decoded_event>& decoded, errc code) {
  REQUIRE_FALSE(decoded);
  CHECK(decoded.error().code == code);
  return decoded.error().detail;
}

TEST_CASE("what a later release wrote is named as such") {
  const std::string bytes = encode(domain::execution_event{domain::task_skipped{{"1"}, "x"}}, {});
  const auto with = [&](std::size_t at, char value) {
    std::string changed = bytes;
    changed[at] = value;
    return decode(changed);
  };
  CHECK(error_of(with(0, 2), errc::newer_version) == "event of format 2, this release reads up to 1");
  CHECK(error_of(with(1, 120), errc::newer_version) == "event of type number 120, this release knows 46");
  CHECK(error_of(with(2, 2), errc::newer_version) == "task_skipped has schema version 2, this release reads up to 1");
}

TEST_CASE("bytes that no release wrote are corrupt") {
  using domain::execution_event;
  CHECK(error_of(decode(""), errc::corrupt) == "event: no known format");
  const std::string head("\x01\x04\x01\x00", 4);  // execution_paused, version 1, no metadata
  const auto payload = [&](std::string_view fields) { return decode(head + std::string(fields)); };
  REQUIRE(payload(""));
  error_of(payload("\x0a\x05zu"), errc::corrupt);          // a text longer than the bytes
  error_of(payload("\x0a\x01z\x0a\x01z"), errc::corrupt);  // one member twice
  error_of(payload("\x12\x01z\x0a\x01z"), errc::corrupt);  // numbers that fall
  error_of(payload("\x08\x01"), errc::corrupt);            // a number where a text belongs
  error_of(payload("\x0b"), errc::corrupt);                // no such wire type
  error_of(payload("\x02\x01z"), errc::corrupt);           // number 0
  error_of(payload("\x0a\x81\x80\x00z"), errc::corrupt);   // a length with useless digits
  std::string resumed("\x01\x05\x01\x00\x08\x63", 6);
  CHECK(error_of(decode(resumed), errc::corrupt) == "execution_resumed: an enumerator is unknown");
}

TEST_CASE("a small message cannot ask for much memory: a task has a least size") {
  std::string plan;
  for (int i = 0; i < 1000; ++i) plan += std::string("\x22\x00", 2);  // 1000 tasks of no bytes
  std::string bytes("\x01\x1f\x01\x00\x0a", 5);
  wire::put_varint(bytes, plan.size());
  CHECK(error_of(decode(bytes + plan), errc::corrupt) == "plan_imported: an element is too short");
}

// Two made-up old versions of task_skipped. In the first, the note was called by number 9 and the task was a number;
// the second wrote the task as a text already.
void name_the_task(raw_fields& fields) {
  for (raw_field& field : fields)
    if (field.number == 1) field = {1, wire_type::bytes, 0, "task-" + std::to_string(field.value)};
}
void renumber_the_note(raw_fields& fields) {
  for (raw_field& field : fields)
    if (field.number == 9) field.number = 2;
}

TEST_CASE("old versions are lifted step by step, and new ones are written") {
  constexpr std::uint32_t task_skipped = 21;
  const upcast steps[] = {{task_skipped, 1, name_the_task}, {task_skipped, 2, renumber_the_note}};
  const domain::event lifted = domain::execution_event{domain::task_skipped{{"task-7"}, "later"}};
  const auto stored = [](char version, raw_fields fields) {
    return std::string{"\x01\x15", 2} + version + std::string(1, '\0') + join(std::move(fields));
  };
  const std::string first = stored(1, {{1, wire_type::varint, 7, {}}, {9, wire_type::bytes, 0, "later"}});
  const std::string second = stored(2, {{1, wire_type::bytes, 0, "task-7"}, {9, wire_type::bytes, 0, "later"}});
  for (const std::string& bytes : {first, second, encode_under(steps, lifted, {})}) {
    const auto decoded = decode_under(steps, bytes);
    REQUIRE(decoded);
    CHECK(same_event(decoded->payload, lifted));
  }
  CHECK(encode_under(steps, lifted, {})[2] == 3);
  CHECK(present_version(task_skipped, steps) == 3);
  CHECK(present_version(task_skipped + 1, steps) == 1);
  error_of(decode_under(steps, first.substr(0, first.size() - 1)), errc::corrupt);
  error_of(decode_under(steps, stored(0, {})), errc::corrupt);
  error_of(decode_under(steps, stored(4, {})), errc::newer_version);
}

TEST_CASE("split and join are each other's inverse") {
  for (std::uint64_t seed = 1; seed <= 200; ++seed) {
    CAPTURE(seed);
    std::mt19937_64 random(seed);
    const std::string payload = encode(random_event(random), {}).substr(4);
    const auto fields = split(payload);
    REQUIRE(fields);
    CHECK(join(*fields) == payload);
  }
}

}  // namespace
}  // namespace planexe::eventstore
