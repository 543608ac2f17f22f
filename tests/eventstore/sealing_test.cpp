// What persons write is sealed when it is stored, reads as it was, and is gone when their key is. Each case on every
// store; where it says "reopened", a store on disk is closed and opened again.
#include "eventstore/sealing.hpp"

#include "eventstore/hash_chain.hpp"
#include "eventstore/upcasts.hpp"
#include "tests/eventstore/persons.hpp"
#include "tests/eventstore/samples.hpp"

namespace planexe::eventstore {
namespace {

using namespace testing;

constexpr auto text = std::string::npos;  // not found

TEST_CASE_TEMPLATE("a human agent's words are sealed and read as they were, an ai agent's stay plain", Store, in_memory,
                   on_disk) {
  Store store;
  register_agent(store.log(), "ann", domain::agent_kind::human);
  register_agent(store.log(), "bot", domain::agent_kind::ai);
  say(store.log(), execution("e"), "agent:ann", blocked("the bakery is closed"));
  say(store.log(), execution("e"), "agent:bot", blocked("rate limit"));
  store.reopen();

  const auto stored = store.log().read_stored(execution("e"), 0, 10);
  REQUIRE(stored);
  CHECK((*stored)[0].bytes.find("bakery") == text);
  CHECK((*stored)[1].bytes.find("rate limit") != text);
  CHECK(reason_of(store.log(), execution("e"), 1) == "the bakery is closed");
  CHECK(reason_of(store.log(), execution("e"), 2) == "rate limit");
  CHECK(link({}, (*stored)[0].bytes) == (*stored)[0].hash);

  const auto profile = store.log().read_stored(agent("ann"), 0, 1);
  CHECK(profile->front().bytes.find("Ann Baker") == text);
  CHECK(profile->front().bytes.find("https://") == text);
  CHECK(profile_of(store.log(), "ann").name == "Ann Baker");
  CHECK(profile_of(store.log(), "ann").webhook_url == "https://ann.example/hook");
}

TEST_CASE_TEMPLATE("a name of a key is sealed wherever it stands", Store, in_memory, on_disk) {
  Store store;
  create_key(store.log(), "Cora Miller", "system");
  say(store.log(), execution("e"), "Cora Miller", domain::task_skipped{{"1"}, "not needed"});
  say(store.log(), execution("e"), "Cora Miller", domain::execution_started{});
  store.reopen();
  for (const auto& stream : {key_stream(), execution("e")}) {
    const auto stored = store.log().read_stored(stream, 0, 10);
    REQUIRE(stored);
    for (const auto& event : *stored) CHECK(event.bytes.find("Cora") == text);
  }
  CHECK(actor_of(store.log(), execution("e"), 1) == "Cora Miller");
  CHECK(actor_of(store.log(), execution("e"), 2) == "Cora Miller");
  const auto created = store.log().read_stream(key_stream(), 0, 1);
  CHECK(std::get<domain::key_created>(std::get<domain::system_event>(created->front().payload)).name == "Cora Miller");
}

TEST_CASE_TEMPLATE("whoever is erased is gone from everything that was stored, and the chain holds", Store, in_memory,
                   on_disk) {
  Store store;
  register_agent(store.log(), "ann", domain::agent_kind::human);
  say(store.log(), execution("e"), "agent:ann", blocked("the bakery is closed"));
  say(store.log(), execution("e"), "agent:ann",
      domain::task_complete{{"1"}, {"ann"}, R"({"phone":"555"})", "called her"});
  const auto head = store.log().head()->hash;
  erase_subject(store.log(), "agent:ann");
  store.reopen();

  CHECK(reason_of(store.log(), execution("e"), 1) == "[erased]");
  const auto events = store.log().read_stream(execution("e"), 0, 10);
  REQUIRE(events);
  const auto& done = std::get<domain::task_complete>(std::get<domain::execution_event>((*events)[1].payload));
  CHECK(done.output_json == "\"[erased]\"");
  CHECK(done.message == "[erased]");
  CHECK(done.agent.value == "ann");
  CHECK(profile_of(store.log(), "ann").name == "[erased]");
  CHECK(profile_of(store.log(), "ann").webhook_url.empty());
  const auto all = store.log().read_all(0, 100);
  REQUIRE(all);
  domain::sha256_digest chained{};
  for (std::size_t i = 0; i + 1 < all->size(); ++i) chained = link_log(chained, (*all)[i].position, (*all)[i].hash);
  CHECK(chained == head);
}

TEST_CASE_TEMPLATE("an erased name is the same stranger's everywhere, and the erasure does not say it", Store,
                   in_memory, on_disk) {
  Store store;
  create_key(store.log(), "Cora Miller", "system");
  say(store.log(), execution("e"), "Cora Miller", domain::task_skipped{{"1"}, "not needed"});
  say(store.log(), execution("f"), "Cora Miller", domain::execution_started{});
  const auto stranger = erase_subject(store.log(), "Cora Miller");
  CHECK(stranger.starts_with("erased:"));
  store.reopen();
  CHECK(actor_of(store.log(), execution("e"), 1) == stranger);
  CHECK(actor_of(store.log(), execution("f"), 1) == stranger);
  const auto created = store.log().read_stream(key_stream(), 0, 1);
  CHECK(std::get<domain::key_created>(std::get<domain::system_event>(created->front().payload)).name == stranger);
  CHECK(store.log().sealing_keys().subjects().empty());
}

TEST_CASE("what is written after an erasure, and after the next opening, is another key's") {
  on_disk store;
  create_key(store.log(), "Cora Miller", "system");
  say(store.log(), execution("e"), "Cora Miller", blocked("before"));
  const auto first = erase_subject(store.log(), "Cora Miller");
  store.reopen();
  say(store.log(), execution("e"), "Cora Miller", blocked("after"));
  store.reopen();
  CHECK(reason_of(store.log(), execution("e"), 1) == "[erased]");
  CHECK(reason_of(store.log(), execution("e"), 2) == "after");
  CHECK(actor_of(store.log(), execution("e"), 2) == "Cora Miller");
  CHECK(erase_subject(store.log(), "Cora Miller") != first);
  CHECK(reason_of(store.log(), execution("e"), 2) == "[erased]");
}

TEST_CASE("what a server that still runs says of somebody erased goes when the store is opened again") {
  on_disk store;
  register_agent(store.log(), "ann", domain::agent_kind::human);
  register_agent(store.log(), "bob", domain::agent_kind::human);
  say(store.log(), execution("e"), "agent:ann", blocked("the bakery is closed"));
  say(store.log(), execution("f"), "agent:bob", blocked("the mill is closed"));
  erase_subject(store.log(), "agent:ann");
  CHECK(store.log().sealing_keys().subjects().size() == 1);

  const auto quote = [&](const char* where, const char* reason) {
    say(store.log(), execution(where), "system", domain::task_escalated{{"1"}, reason, 1, {}});
    const auto head = store.log().head_of(execution(where));
    return [&store, where, seq = head->version] {
      const auto event = store.log().read_stream(execution(where), seq - 1, 1);
      return std::get<domain::task_escalated>(std::get<domain::execution_event>(event->front().payload)).reason;
    };
  };
  const auto old_words = quote("e", "too slow: the bakery is closed");
  say(store.log(), execution("f"), "agent:ann", blocked("the oven is cold"));
  const auto new_words = quote("f", "too slow: the oven is cold");
  say(store.log(), agent("ann"), "system",
      domain::agent_profile_changed{{.name = "Ann Baker", .kind = domain::agent_kind::human}});
  CHECK(old_words() == "too slow: the bakery is closed");
  store.reopen();
  CHECK(old_words() == "[erased]");
  CHECK(new_words() == "[erased]");
  CHECK(reason_of(store.log(), execution("f"), 1) == "the mill is closed");
  CHECK(reason_of(store.log(), execution("f"), 2) == "[erased]");
  const auto profile = store.log().read_stream(agent("ann"), 1, 1);
  const auto& changed = std::get<domain::agent_event>(profile->front().payload);
  CHECK(std::get<domain::agent_profile_changed>(changed).profile.name == "[erased]");
}

TEST_CASE_TEMPLATE("what the server quotes goes with the words it quotes", Store, in_memory, on_disk) {
  Store store;
  register_agent(store.log(), "ann", domain::agent_kind::human);
  register_agent(store.log(), "bob", domain::agent_kind::human);
  const auto quote = [&](const char* where, const char* words) {
    say(store.log(), execution(where), "system", domain::task_escalated{{"1"}, words, 1, {}});
    domain::notification_content told{.execution = {where}, .message = words};
    told.tasks.push_back({{"1"}, "a title", words});
    say(store.log(), {domain::stream_kind::system, "notifications"}, "system",
        domain::notification_queued{1, 1, {}, told});
  };
  quote("machines", "too slow: rate limit");
  say(store.log(), execution("hers"), "agent:ann", blocked("the bakery is closed"));
  quote("hers", "too slow: the bakery is closed");
  say(store.log(), execution("his"), "agent:bob", blocked("the mill is closed"));
  quote("his", "too slow: the mill is closed");
  erase_subject(store.log(), "agent:ann");
  store.reopen();

  const auto escalated = [&](const char* where, std::uint64_t seq) {
    const auto event = store.log().read_stream(execution(where), seq - 1, 1);
    return std::get<domain::task_escalated>(std::get<domain::execution_event>(event->front().payload)).reason;
  };
  CHECK(escalated("machines", 1) == "too slow: rate limit");
  CHECK(escalated("hers", 2) == "[erased]");
  CHECK(escalated("his", 2) == "too slow: the mill is closed");
  const auto told = store.log().read_stream({domain::stream_kind::system, "notifications"}, 0, 10);
  REQUIRE(told->size() == 3);
  const auto content = [&](std::size_t i) {
    return std::get<domain::notification_queued>(std::get<domain::system_event>((*told)[i].payload)).content;
  };
  CHECK(content(0).message == "too slow: rate limit");
  CHECK(content(1).message == "[erased]");
  CHECK(content(1).tasks.front().reason == "[erased]");
  CHECK(content(1).tasks.front().title == "a title");
  CHECK(content(2).message == "too slow: the mill is closed");
}

TEST_CASE_TEMPLATE("an erasure that is not stored erases nothing", Store, in_memory, on_disk) {
  Store store;
  register_agent(store.log(), "ann", domain::agent_kind::human);
  say(store.log(), execution("e"), "agent:ann", blocked("the bakery is closed"));
  auto late = event_of(erasure_stream(), 7, "system", domain::subject_erased{"agent:ann", "asked"});
  const auto refused = append(store.log(), {late});
  REQUIRE(refused);
  CHECK_FALSE(refused->front().committed);
  store.reopen();
  CHECK(reason_of(store.log(), execution("e"), 1) == "the bakery is closed");
}

TEST_CASE_TEMPLATE("bytes of another log are kept, and read with its keys alone", Store, in_memory, on_disk) {
  Store origin;
  register_agent(origin.log(), "ann", domain::agent_kind::human);
  say(origin.log(), execution("e"), "agent:ann", blocked("the bakery is closed"));
  const auto stored = origin.log().read_stored(execution("e"), 0, 10);

  const auto copy_to = [&](event_log& log) {
    append_request request;
    request.stream = execution("e");
    request.keep_bytes = true;
    const auto decoded = decode(stored->front().bytes);
    REQUIRE(decoded);
    request.events.push_back({execution("e"), 1, 0, decoded->metadata, decoded->payload, {}});
    request.bytes.push_back(stored->front().bytes);
    REQUIRE(append(log, {request}));
    CHECK(log.read_stored(execution("e"), 0, 1)->front().hash == stored->front().hash);
  };
  Store elsewhere;
  register_agent(elsewhere.log(), "ann", domain::agent_kind::human);
  copy_to(elsewhere.log());
  CHECK(reason_of(elsewhere.log(), execution("e"), 1) == "[sealed]");
  memory_store beside(origin.log().sealing_keys());
  copy_to(beside);
  CHECK(reason_of(beside, execution("e"), 1) == "the bakery is closed");
  erase_subject(origin.log(), "agent:ann");
  CHECK(reason_of(beside, execution("e"), 1) == "[erased]");
}

TEST_CASE("an agent whose person was erased is listed again when something of a person's is sealed, and not before") {
  on_disk store;
  register_agent(store.log(), "ann", domain::agent_kind::human);
  say(store.log(), execution("e"), "agent:ann", blocked("the bakery is closed"));
  erase_subject(store.log(), "agent:ann");
  const auto subjects = [&] { return store.log().sealing_keys().subjects(); };
  for (int opened = 0; opened < 2; ++opened) {
    store.reopen();
    CHECK(subjects().empty());
  }
  say(store.log(), execution("e"), "agent:ann", domain::task_complete{{"1"}, {"ann"}, {}, {}});  // without words
  auto nameless = profile_of(store.log(), "ann");
  nameless.roles = {"baker"};
  say(store.log(), agent("ann"), "Cora Miller", domain::agent_profile_changed{nameless});
  CHECK(subjects().size() == 1);  // who changed it

  say(store.log(), execution("f"), "agent:ann", blocked("the oven is cold"));
  for (int opened = 0; opened < 2; ++opened) {
    REQUIRE(subjects().size() == 2);
    CHECK(subjects().back().name == "agent:ann");
    CHECK(subjects().back().executions == 1);
    CHECK(reason_of(store.log(), execution("f"), 1) == "the oven is cold");
    store.reopen();
  }
  erase_subject(store.log(), "agent:ann");
  CHECK(reason_of(store.log(), execution("f"), 1) == "[erased]");
  store.reopen();
  CHECK(subjects().size() == 1);
}

TEST_CASE("whoever is known to have written can be erased, also where the rest of a log was lost") {
  vault keys;
  REQUIRE(keys.enroll("agent:ann") != nullptr);
  REQUIRE(keys.note_words(*keys.of_subject("agent:ann"), "e"));
  auto rows = keys.rows();
  vault without_place, with_place;
  for (auto& row : rows) {
    if (row.value->starts_with('s')) row.value->front() = 'u';  // as it was before anything was sealed
    if (!row.value->empty()) REQUIRE(without_place.restore(row.key, *row.value));
    REQUIRE(with_place.restore(row.key, *row.value));
  }
  CHECK(without_place.subjects().empty());
  REQUIRE(with_place.subjects().size() == 1);
  CHECK(with_place.subjects().front().executions == 1);
}

TEST_CASE_TEMPLATE("the name of a key that was made before its agent was known as a person goes with the person's",
                   Store, in_memory, on_disk) {
  Store store;
  const auto make_key = [&](const char* id, const char* name, const char* of) {
    say(store.log(), key_stream(), "system",
        domain::key_created{id, name, domain::key_role::agent, {of}, std::string(32, 'd'), {}});
  };
  make_key("key_1", "Ann Baker", "ann");
  make_key("key_2", "The Robot", "bot");
  make_key("key_3", "ann", "ann");
  const auto name_of = [&](std::uint64_t seq) {
    const auto made = store.log().read_stream(key_stream(), seq - 1, 1);
    return std::get<domain::key_created>(std::get<domain::system_event>(made->front().payload)).name;
  };
  const auto bytes_of = [&](std::uint64_t seq) {
    return store.log().read_stored(key_stream(), seq - 1, 1)->front().bytes;
  };
  CHECK(bytes_of(1).find("Baker") == text);
  CHECK(bytes_of(2).find("Robot") == text);
  CHECK(store.log().sealing_keys().subjects().empty());
  store.reopen();
  CHECK(name_of(1) == "Ann Baker");
  register_agent(store.log(), "ann", domain::agent_kind::human);
  make_key("key_4", "Ann B.", "ann");
  const auto head = store.log().head_of(key_stream())->hash;
  erase_subject(store.log(), "agent:ann");
  for (int opened = 0; opened < 2; ++opened) {
    CHECK(name_of(1).starts_with("erased:"));
    CHECK(name_of(2) == "The Robot");
    CHECK(name_of(3) == "ann");
    CHECK(name_of(4).starts_with("erased:"));
    store.reopen();
  }
  CHECK(store.log().head_of(key_stream())->hash == head);
  domain::sha256_digest chained{};
  for (std::uint64_t seq = 1; seq <= 4; ++seq) chained = link(chained, bytes_of(seq));
  CHECK(chained == head);
}

TEST_CASE("every type of event comes back from its sealed form") {
  vault keys;
  const auto* key = keys.enroll("Cora Miller");
  REQUIRE(key != nullptr);
  for (const auto& event : samples()) {
    CAPTURE(type_name(event));
    auto metadata = sample_metadata();
    metadata.actor = "Cora Miller";
    const auto plain = encode(event, metadata);
    const auto sealed = seal_event(event, metadata, plain, {key, key});
    REQUIRE(sealed);
    CHECK(sealed->find("Cora") == text);
    const auto opened = decode(*sealed, &keys);
    REQUIRE(opened);
    CHECK(encode(opened->payload, opened->metadata) == plain);
    const auto shut = decode(*sealed);
    REQUIRE(shut);
    CHECK(shut->metadata.actor == sealed_name(key->id));
    CHECK((encode(shut->payload, metadata) != plain) == has_words(event));
    const auto of_actor_alone = seal_event(event, metadata, plain, {key, nullptr});
    REQUIRE(of_actor_alone);
    CHECK(encode(decode(*of_actor_alone)->payload, metadata) == plain);
  }
}

TEST_CASE("a piece opens as no other member and in no other type of event") {
  vault keys;
  const auto* key = keys.enroll("agent:ann");
  const auto fields_of = [&](const domain::event& event) {
    const auto sealed = seal_event(event, {}, encode(event, {}), {nullptr, key});
    REQUIRE(sealed);
    return std::pair{sealed->substr(0, 4), *split(sealed->substr(4))};  // format, type, version, no metadata
  };
  auto [head, fields] = fields_of(domain::execution_event{domain::task_complete{{"1"}, {"ann"}, "\"out\"", "words"}});
  REQUIRE(decode(head + join(fields), &keys));
  REQUIRE(fields.size() == 4);
  std::swap(fields[2].bytes, fields[3].bytes);
  CHECK_FALSE(decode(head + join(fields), &keys));

  auto [blocked_head, of_blocked] = fields_of(domain::execution_event{blocked("words")});
  auto [unblocked_head, of_unblocked] = fields_of(domain::execution_event{domain::task_skipped{{"1"}, "words"}});
  const auto moved = fields_of(domain::execution_event{domain::task_unblocked{{"1"}, "words"}}).second;
  of_unblocked[1].bytes = moved[1].bytes;  // both are member 2
  CHECK(decode(unblocked_head + join(of_unblocked), &keys).error().detail ==
        "task_skipped: a sealed member does not open");

  for (std::size_t at = 0; at < of_blocked[2].bytes.size(); ++at) {
    auto damaged = of_blocked;
    damaged[2].bytes[at] = static_cast<char>(damaged[2].bytes[at] ^ 1);
    const auto read = decode(blocked_head + join(damaged), &keys);
    const bool of_another_key = at < std::tuple_size_v<sealing_id>;
    CHECK(read.has_value() == of_another_key);
  }
  auto cut = of_blocked;
  cut[2].bytes.resize(35);
  CHECK_FALSE(decode(blocked_head + join(cut), &keys));
}

}  // namespace
}  // namespace planexe::eventstore
