// Erased is gone from the disk, too: no file of the folder holds the words, the name or the key any more.
#include <rocksdb/db.h>

#include <fstream>
#include <sstream>

#include "eventstore/remains.hpp"
#include "tests/eventstore/faulty_disk.hpp"
#include "tests/eventstore/persons.hpp"

namespace planexe::eventstore {
namespace {

using namespace testing;

// Words that no table compresses and no other text holds.
const std::string words = "kqzvwxjp-words", name = "Zyxwora Qvjkler";

rocksdb_settings legible() {
  auto settings = spared_disk();
  settings.compressed = false;
  return settings;
}

std::vector<std::string> files_with(const std::string& folder, const std::string& marker) {
  std::vector<std::string> found;
  for (const auto& file : std::filesystem::recursive_directory_iterator(folder)) {
    if (!file.is_regular_file()) continue;
    std::ostringstream content;
    content << std::ifstream(file.path(), std::ios::binary).rdbuf();
    if (content.str().find(marker) != std::string::npos ||
        file.path().filename().string().find(marker) != std::string::npos)
      found.push_back(file.path().filename());
  }
  return found;
}

std::string secret_of(const rocksdb_store& store, const std::string& subject) {
  const auto* key = store.sealing_keys().of_subject(subject);
  REQUIRE(key != nullptr);
  return {key->secret.begin(), key->secret.end()};
}

/// Everything that a server keeps of what a person did: events, a snapshot, rows of a view, answers.
void live_a_little(rocksdb_store& store) {
  create_key(store, name, "system");
  say(store, execution("e1"), name, blocked(words));
  REQUIRE(store.save_snapshot(execution("e1"), {1, "state: " + words}));
  derived_store::view_write rows{.view = "tasks.1", .checkpoint = 2, .puts = {}, .deletes = {}, .reset = false};
  rows.puts.emplace_back("e1/" + name, words + " by " + name);
  REQUIRE(store.write_view(rows));
  append_request answers;
  answers.stream = execution("e1");
  answers.answers = {
      answer_to("/api/executions\nk1\n" + name, at_second(9'000), "{\"message\":\"" + words + "\"}"),
      answer_to("/api/executions/e1\nk2\nbot", at_second(9'000), "{\"message\":\"" + words + "\"}"),
      answer_to("/api/executions\nk3\nbot", at_second(9'000), "{\"id\":\"e1\",\"why\":\"" + words + "\"}"),
      answer_to("/api/keys\nk4\nroot", at_second(9'000), "{\"name\":\"" + name + "\"}"),
      answer_to("/api/executions/e2\nk5\nbot", at_second(9'000), "{\"id\":\"e2\"}")};
  REQUIRE(append(store, {answers}));
}

void is_gone(const std::string& folder, const std::string& secret) {
  for (const auto& marker : {words, name, secret}) CHECK(files_with(folder, marker) == std::vector<std::string>{});
}

TEST_CASE("no file holds the words or the key of somebody erased") {
  scratch_folder folder;
  std::string secret;
  for (const bool in_tables : {false, true}) {
    CAPTURE(in_tables);
    const auto data = folder.data() + (in_tables ? "-tables" : "-log");
    {
      auto store = open_store(data, legible());
      live_a_little(*store);
      secret = secret_of(*store, name);
      if (in_tables) {
        store.reset();
        store = open_store(data, legible());
      }
      for (const auto& marker : {words, name, secret}) CHECK_FALSE(files_with(data, marker).empty());
      erase_subject(*store, name);
      CHECK(reason_of(*store, execution("e1"), 1) == "[erased]");
    }
    open_store(data, legible());
    is_gone(data, secret);
  }
}

TEST_CASE("what is kept of an erased person's doings still answers") {
  scratch_folder folder;
  {
    auto store = open_store(folder.data(), legible());
    live_a_little(*store);
    erase_subject(*store, name);
  }
  const auto store = open_store(folder.data(), legible());
  const auto now = at_second(1);
  CHECK_FALSE(*store->find_answer("/api/executions\nk1\n" + name, now));
  CHECK((*store->find_answer("/api/executions/e1\nk2\nbot", now))->body == R"({"erased":true})");
  CHECK((*store->find_answer("/api/executions\nk3\nbot", now))->body == R"({"erased":true})");
  CHECK((*store->find_answer("/api/keys\nk4\nroot", now))->body == R"({"erased":true})");
  CHECK((*store->find_answer("/api/executions/e2\nk5\nbot", now))->body == R"({"id":"e2"})");
  CHECK_FALSE(*store->load_snapshot(execution("e1")));
  CHECK(store->load_view("tasks.1")->checkpoint == 0);
  CHECK(store->load_view("tasks.1")->rows.empty());
  CHECK(store->read_all(0, 100)->size() == 3);
}

TEST_CASE("answers about somebody whose id has joints lose their words, however the id stands there") {
  const std::string gone = R"({"erased":true})";
  scratch_folder folder;
  {
    auto store = open_store(folder.data(), legible());
    register_agent(*store, "ann.smith:2", domain::agent_kind::human);
    say(*store, execution("run.1"), "agent:ann.smith:2", blocked(words));
    append_request answers;
    answers.stream = execution("run.1");
    const auto of = [&](const std::string& said) { return "{\"said\":\"" + said + "\",\"name\":\"" + words + "\"}"; };
    answers.answers = {answer_to("/api/agents\nk1\nroot", at_second(9'000), of("ann.smith:2")),
                       answer_to("/api/agents\nk2\nroot", at_second(9'000), of("agent:ann.smith:2.")),
                       answer_to("/api/agents/ann.smith:2/poll\nk3\nbot", at_second(9'000), of("nobody")),
                       answer_to("/api/events\nk4\nbot", at_second(9'000), of("run.1:5")),
                       answer_to("/api/agents\nk5\nroot", at_second(9'000), "{\"id\":\"ann.smith:23, xrun.1\"}")};
    REQUIRE(append(*store, {answers}));
    erase_subject(*store, "agent:ann.smith:2");
  }
  const auto store = open_store(folder.data(), legible());
  for (const auto* key : {"/api/agents\nk1\nroot", "/api/agents\nk2\nroot", "/api/agents/ann.smith:2/poll\nk3\nbot",
                          "/api/events\nk4\nbot"}) {
    CAPTURE(std::string(key));
    CHECK((*store->find_answer(key, at_second(1)))->body == gone);
  }
  CHECK((*store->find_answer("/api/agents\nk5\nroot", at_second(1)))->body == "{\"id\":\"ann.smith:23, xrun.1\"}");
}

TEST_CASE("of two who are erased at once neither's own answers stay for speaking of the other") {
  const std::string other = "Wqophter Jyzzk";
  scratch_folder folder;
  {
    auto store = open_store(folder.data(), legible());
    create_key(*store, name, "system");
    say(*store, key_stream(), "system",
        domain::key_created{"key_2", other, domain::key_role::operator_, {}, std::string(32, 'e'), {}});
    append_request answers;
    answers.stream = key_stream();
    answers.answers = {answer_to("/api/keys\nk1\n" + name, at_second(9'000), "{\"name\":\"" + other + "\"}"),
                       answer_to("/api/keys\nk2\n" + other, at_second(9'000), "{\"name\":\"" + name + "\"}")};
    REQUIRE(append(*store, {answers}));
    erase_subject(*store, name);
    erase_subject(*store, other);
  }
  const auto store = open_store(folder.data(), legible());
  CHECK_FALSE(*store->find_answer("/api/keys\nk1\n" + name, at_second(1)));
  CHECK_FALSE(*store->find_answer("/api/keys\nk2\n" + other, at_second(1)));
  for (const auto& marker : {name, other}) CHECK(files_with(folder.data(), marker) == std::vector<std::string>{});
}

TEST_CASE("an erasure that was cut short is finished when the folder is next opened") {
  scratch_folder folder;
  auto store = open_store(folder.data(), legible());
  live_a_little(*store);
  const auto secret = secret_of(*store, name);
  erase_subject(*store, name);
  // As a process leaves it that is killed here: the write-ahead log holds it all.
  const auto killed = folder.path() + "/killed";
  std::filesystem::copy(folder.data(), killed, std::filesystem::copy_options::recursive);
  CHECK_FALSE(files_with(killed, words).empty());
  open_store(killed, legible());
  is_gone(killed, secret);
  const auto seen = rocksdb_store::open_to_read(killed);
  REQUIRE(seen);
  CHECK(reason_of(**seen, execution("e1"), 1) == "[erased]");
}

TEST_CASE("an erasure among many answers takes them in pieces and is begun anew where it was cut off") {
  constexpr int answers = 4'000, in_one_append = 200;
  const std::string long_key(480, 'k');
  const auto key_of = [&](int number) { return std::to_string(number) + long_key + "\n" + name; };
  scratch_folder folder;
  {
    auto store = open_store(folder.data(), legible());
    live_a_little(*store);
    for (int first = 0; first < answers; first += in_one_append) {
      append_request some;
      some.stream = execution("e1");
      for (int i = first; i < first + in_one_append; ++i)
        some.answers.push_back(answer_to(key_of(i), at_second(9'000)));
      REQUIRE(append(*store, {some}));
    }
    erase_subject(*store, name);
  }
  const auto finished_on = [&](const std::string& data, const std::shared_ptr<faulty_disk>& disk) {
    auto settings = settings_on(disk);
    settings.compressed = false;
    return rocksdb_store::open(data, settings).has_value();
  };
  const auto copy = [&](const std::string& as) {
    std::filesystem::copy(folder.data(), folder.path() + as, std::filesystem::copy_options::recursive);
    return folder.path() + as;
  };
  const auto disk = std::make_shared<faulty_disk>();
  REQUIRE(finished_on(copy("/all"), disk));
  CHECK(disk->most_unsynced_log_bytes() > 1'000'000);
  CHECK(disk->most_unsynced_log_bytes() < 1'500'000);  // of some four million
  for (const auto part : {1U, 2U, 3U, 4U}) {
    CAPTURE(part);
    const auto data = copy("/cut" + std::to_string(part));
    const auto cut = std::make_shared<faulty_disk>();
    cut->fail_at(disk->operations() * part / 5, fault::power_loss);
    CHECK_FALSE(finished_on(data, cut));
    std::mt19937_64 random(part);
    cut->drop_cache(random);
    const auto store = open_store(data, legible());
    for (int i = 0; i < answers; i += 100) CHECK_FALSE(*store->find_answer(key_of(i), at_second(1)));
    CHECK(files_with(data, name) == std::vector<std::string>{});
  }
}

TEST_CASE("a reader beside the server opens what is sealed") {
  scratch_folder folder;
  auto store = open_store(folder.data(), legible());
  live_a_little(*store);
  const auto seen = rocksdb_store::open_to_read(folder.data());
  REQUIRE(seen);
  CHECK(reason_of(**seen, execution("e1"), 1) == words);
  REQUIRE((*seen)->sealing_keys().subjects().size() == 1);
  CHECK((*seen)->sealing_keys().subjects().front().executions == 1);
}

TEST_CASE("bytes taken over with their keys read as they were, in the new folder as well") {
  on_disk origin, copy;
  live_a_little(*origin.store);
  REQUIRE(copy.store->adopt_sealing_keys(origin.store->sealing_keys()));
  for (const auto& stream : {key_stream(), execution("e1")}) {
    const auto stored = origin.store->read_stored(stream, 0, 1);
    const auto decoded = decode(stored->front().bytes);
    append_request request;
    request.stream = stream;
    request.keep_bytes = true;
    request.events.push_back({stream, 1, 0, decoded->metadata, decoded->payload, {}});
    request.bytes.push_back(stored->front().bytes);
    REQUIRE(append(*copy.store, {request}));
  }
  copy.reopen();
  CHECK(copy.store->head()->hash == origin.store->head()->hash);
  CHECK(reason_of(*copy.store, execution("e1"), 1) == words);
  erase_subject(*copy.store, name);
  copy.reopen();
  CHECK(reason_of(*copy.store, execution("e1"), 1) == "[erased]");
  CHECK(reason_of(*origin.store, execution("e1"), 1) == words);
}

TEST_CASE("persons who were there before anything was sealed are known when the folder is next opened") {
  scratch_folder folder;
  {
    auto store = open_store(folder.data(), legible());
    register_agent(*store, "ann", domain::agent_kind::human);
    register_agent(*store, "bot", domain::agent_kind::ai);
    auto early = event_of(execution("e1"), 0, "agent:ann", blocked(words));
    early.keep_bytes = true;
    REQUIRE(append(*store, {early}));
  }
  {  // a folder of an earlier release has none of these rows
    rocksdb::DB* opened = nullptr;
    REQUIRE(rocksdb::DB::Open({}, folder.data(), &opened).ok());
    const std::unique_ptr<rocksdb::DB> database{opened};
    REQUIRE(database->DeleteRange({}, database->DefaultColumnFamily(), "k", "l").ok());
    REQUIRE(database->Delete({}, "q").ok());
    REQUIRE(database->Flush({}).ok());
  }
  auto store = open_store(folder.data(), legible());
  REQUIRE(store->sealing_keys().subjects().size() == 1);
  CHECK(store->sealing_keys().subjects().front().name == "agent:ann");
  say(*store, execution("e1"), "agent:ann", blocked("later"));
  erase_subject(*store, "agent:ann");
  CHECK(reason_of(*store, execution("e1"), 1) == words);  // it was stored as it is
  CHECK(reason_of(*store, execution("e1"), 2) == "[erased]");

  const auto hers = find_unsealed(*store, "agent:ann");
  REQUIRE(hers);
  REQUIRE(hers->size() == 1);
  CHECK(hers->front().stream == execution("e1"));
  CHECK(hers->front().seq == 1);
  CHECK(hers->front().type == "task_blocked");
  CHECK(find_unsealed(*store, "agent:bot")->size() == 1);  // its own name, which nobody sealed
}

TEST_CASE("the sealed name of an agent's key is not among what an erasure cannot reach, and a plain one is") {
  on_disk store;
  const auto made = [](const char* id) {
    return domain::key_created{id, name, domain::key_role::agent, {"ann"}, std::string(32, 'd'), {}};
  };
  auto plain = event_of(key_stream(), 0, "system", made("key_1"));
  plain.keep_bytes = true;  // as an earlier release stored it
  REQUIRE(append(*store.store, {plain}));
  say(*store.store, key_stream(), "system", made("key_2"));
  register_agent(*store.store, "ann", domain::agent_kind::human);
  say(*store.store, key_stream(), "system", made("key_3"));
  const auto found = find_unsealed(*store.store, "agent:ann");
  REQUIRE(found);
  REQUIRE(found->size() == 1);
  CHECK(found->front().stream == key_stream());
  CHECK(found->front().seq == 1);
  std::stop_source stop;
  stop.request_stop();
  CHECK_FALSE(find_unsealed(*store.store, "agent:ann", stop.get_token()));
}

TEST_CASE("a name that was never sealed is found in all that was done under it") {
  on_disk store;
  auto key = event_of(key_stream(), 0, "system",
                      domain::key_created{"key_1", name, domain::key_role::admin, {}, std::string(32, 'd'), {}});
  auto deed = event_of(execution("e1"), 0, name, domain::execution_started{});
  key.keep_bytes = deed.keep_bytes = true;
  REQUIRE(append(*store.store, {key, deed}));
  say(*store.store, execution("e1"), name, blocked(words));
  const auto found = find_unsealed(*store.store, name);
  REQUIRE(found);
  REQUIRE(found->size() == 2);
  CHECK((*found)[0].type == "key_created");
  CHECK((*found)[1].type == "execution_started");
  CHECK(find_unsealed(*store.store, "Somebody Else")->empty());
}

}  // namespace
}  // namespace planexe::eventstore
