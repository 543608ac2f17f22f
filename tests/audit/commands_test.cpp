// The commands verify, audit and salvage on a folder, as somebody uses them; and the Python of docs/audit.md, run as it
// stands there.
#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <rocksdb/db.h>
#include <sys/wait.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>

#include "apps/audit/audit_command.hpp"
#include "apps/audit/salvage_command.hpp"
#include "apps/audit/verify_command.hpp"
#include "eventstore/keys.hpp"
#include "gateway/json/render_event.hpp"
#include "records/line.hpp"
#include "tests/audit/recorded_folder.hpp"

namespace planexe::tests {
namespace {

using namespace auditing;
using nlohmann::json;

struct answer {
  int code = 0;
  std::string out, err;
  bool says(const std::string& part) const { return (out + err).find(part) != std::string::npos; }
  json value() const { return json::parse(out); }
};

template <class Run>
answer asked(Run run) {
  std::ostringstream out, err;
  const int code = run(out, err);
  return {code, out.str(), err.str()};
}
answer verify(const verify_order& order) {
  return asked([&](auto& out, auto& err) { return run_verify(order, {}, out, err); });
}
answer prove(const prove_order& order) {
  return asked([&](auto& out, auto& err) { return run_prove(order, out, err); });
}
answer check(const check_order& order) {
  return asked([&](auto& out, auto& err) { return run_check(order, out, err); });
}

std::string text_in(const std::string& file) {
  std::ifstream in(file, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}
void write(const std::string& file, const std::string& text) {
  std::ofstream(file, std::ios::binary) << text;
}

/// A log, a key, and an anchor of all of it.
struct anchored {
  recorded_folder folder;
  std::string key = folder.scratch() / "key.pem";
  std::string anchor = folder.scratch() / "log.anchor";

  anchored() {
    CHECK(asked([&](auto& out, auto& err) { return run_keygen(key, out, err); }).code == 0);
    const auto written = verify({.data_folder = folder.path(), .write_anchor = anchor, .key_file = key});
    REQUIRE_MESSAGE(written.code == 0, written.err);
  }
  std::string proof(std::uint64_t seq, const std::string& name = "event.proof") const {
    const auto file = folder.scratch() / name;
    const auto made =
        prove({.execution = "e1", .seq = seq, .data_folder = folder.path(), .anchor_file = anchor, .output = file});
    REQUIRE_MESSAGE(made.code == 0, made.err);
    return file;
  }
  void damage() const {
    folder.tamper([&](rocksdb::DB& database) {
      const auto at = eventstore::keys::event(number_of(database, folder.execution), 3);
      std::string value;
      REQUIRE(database.Get(rocksdb::ReadOptions(), at, &value).ok());
      value.back() = static_cast<char>(value.back() ^ 1);
      REQUIRE(database.Put(rocksdb::WriteOptions(), at, value).ok());
    });
  }
};

}  // namespace

TEST_CASE("verify tells a person and a program that a log is whole") {
  const recorded_folder folder;
  const auto told = verify({.data_folder = folder.path()});
  CHECK(told.code == 0);
  CHECK(told.says("The record is whole."));
  CHECK(told.says("3 executions"));
  const auto value = verify({.data_folder = folder.path(), .json = true}).value();
  CHECK(value.at("whole") == true);
  CHECK(value.at("events") == log_in(folder.path()).size());
  CHECK(value.at("damaged").empty());
  CHECK(value.at("streams").at("executions") == 3);

  const auto one = verify({.what = "e1", .data_folder = folder.path()});
  CHECK(one.code == 0);
  CHECK(one.says("Its record is whole."));
  CHECK(verify({.what = "e1", .data_folder = folder.path(), .json = true}).value().at("verified") == true);
}

TEST_CASE("verify tells what is wrong first and what still stands") {
  const anchored log;
  log.damage();
  const auto told = verify({.data_folder = log.folder.path()});
  CHECK(told.code == 1);
  CHECK(told.says("First bad record: execution e1 seq 3"));
  CHECK(told.says("execution e1: events 1 to 2 of"));
  CHECK(told.says("planexe-ax salvage"));
  const auto value = verify({.data_folder = log.folder.path(), .json = true}).value();
  CHECK(value.at("whole") == false);
  CHECK(value.at("first_bad").at("seq") == 3);
  CHECK(value.at("damaged").at(0).at("stands_to") == 2);
  CHECK(verify({.what = "e1", .data_folder = log.folder.path()}).says("event 3: "));
  CHECK(verify({.what = "e1", .data_folder = log.folder.path()}).code == 1);
  CHECK(verify({.what = "e1", .data_folder = log.folder.path()}).says("What still stands: events 1 to 2 of"));
  CHECK(verify({.what = "e2", .data_folder = log.folder.path()}).code == 0);
  const auto refused =
      verify({.data_folder = log.folder.path(), .write_anchor = log.folder.scratch() / "another", .key_file = log.key});
  CHECK(refused.code == 1);
  CHECK(refused.says("no anchor is written of a log that is not whole"));
  CHECK_FALSE(std::filesystem::exists(log.folder.scratch() / "another"));
}

TEST_CASE("an execution whose head is lost is not said to have never been there") {
  const recorded_folder folder;
  folder.tamper([&](rocksdb::DB& database) {
    REQUIRE(database.Delete(rocksdb::WriteOptions(), eventstore::keys::stream(folder.execution)).ok());
  });
  const auto told = verify({.what = "e1", .data_folder = folder.path()});
  CHECK(told.code == 1);
  CHECK(told.says("the log is damaged"));
  CHECK_FALSE(told.says("no execution"));
}

TEST_CASE("a verdict and the reason that no anchor was written are one JSON object") {
  const anchored log;
  log.damage();
  const auto refused = verify({.data_folder = log.folder.path(),
                               .write_anchor = log.folder.scratch() / "another",
                               .key_file = log.key,
                               .json = true});
  CHECK(refused.code == 1);
  CHECK(refused.value().at("whole") == false);
  CHECK(refused.value().at("error").at("code") == "corrupt");
}

TEST_CASE("a folder that has lost the list of its files is named with the way to save it") {
  const recorded_folder folder;
  std::filesystem::remove(folder.path() + "/CURRENT");
  for (const std::string what : {"", "e1"}) {
    const auto told = verify({.what = what, .data_folder = folder.path()});
    CHECK(told.code == 1);
    CHECK(told.says("CURRENT is missing"));
    const auto value = verify({.what = what, .data_folder = folder.path(), .json = true}).value();
    CHECK(value.at("error").at("code") == "corrupt");
    CHECK(told.says("planexe-ax salvage"));
  }
}

TEST_CASE("verify checks a record file and names its first wrong line") {
  const recorded_folder folder;
  const auto store = eventstore::rocksdb_store::open_to_read(folder.path());
  REQUIRE(store);
  const auto events = (*store)->read_stored(folder.execution, 0, 1'000);
  REQUIRE(events);
  const records::rendering as_api{gateway::event_rendering_version, gateway::render_event};
  std::string text;
  for (const auto& event : *events) REQUIRE(records::append_line(text, event, as_api));
  const auto file = folder.scratch() / "e1.jsonl";
  write(file, text);
  const auto told = verify({.what = file});
  CHECK_MESSAGE(told.code == 0, told.out, told.err);
  CHECK(told.says("What the file holds is whole: execution e1 to seq " + std::to_string(events->size()) + "."));
  CHECK(told.says("Whether more stood behind it cannot be seen."));
  CHECK(verify({.what = file, .json = true}).value().at("events") == events->size());
  CHECK(verify({.what = file, .json = true}).value().at("to_seq") == events->size());

  write(file, text.substr(0, text.find("\n") + 1));  // whether it was longer nothing in it tells
  CHECK(verify({.what = file}).says("execution e1 to seq 1."));
  write(file, "");
  const auto empty = verify({.what = file});
  CHECK(empty.code == 1);
  CHECK(empty.says("The file holds no event."));
  CHECK(verify({.what = file, .json = true}).value().at("whole") == false);

  const auto second = text.find("\n") + 1;
  auto changed = text;
  changed.replace(changed.find("\"hash\":\"", second) + 8, 4, "0000");
  write(file, changed);
  const auto wrong = verify({.what = file});
  CHECK(wrong.code == 1);
  CHECK(wrong.says("First bad record: line 2"));
  CHECK(verify({.what = file, .json = true}).value().at("whole") == false);
  CHECK(verify({.what = file + ".nowhere"}).code == 2);
}

TEST_CASE("verify is refused what makes no sense with exit code 2") {
  const anchored log;
  CHECK(verify({.what = "not an id", .data_folder = log.folder.path()}).code == 2);
  CHECK(verify({.what = "e1", .data_folder = log.folder.path(), .anchor_file = log.anchor}).code == 2);
  CHECK(verify({.what = "e1", .url = "nonsense"}).code == 2);
  CHECK(verify({.data_folder = log.folder.path(), .anchor_file = log.key}).code == 2);
  CHECK(verify({.what = "nobody", .data_folder = log.folder.path()}).code == 1);
  CHECK(verify({.data_folder = log.folder.scratch() / "nothing"}).code == 1);
}

TEST_CASE("an anchor holds for the log that it was taken of as long as that only grows") {
  const anchored log;
  const verify_order order{
      .data_folder = log.folder.path(), .anchor_file = log.anchor, .public_key_file = log.key + ".pub"};
  CHECK(verify(order).code == 0);
  CHECK(verify(order).says("the log begins as it did then"));
  const recorded_folder another(2);
  auto of_another = order;
  of_another.data_folder = another.path();
  CHECK(verify(of_another).code == 1);
  // Somebody else's key, and an anchor that was changed.
  const auto stranger = log.folder.scratch() / "stranger.pem";
  CHECK(asked([&](auto& out, auto& err) { return run_keygen(stranger, out, err); }).code == 0);
  auto by_stranger = order;
  by_stranger.public_key_file = stranger + ".pub";
  CHECK(verify(by_stranger).says("signed by"));
  CHECK(verify(by_stranger).code == 1);
  auto text = text_in(log.anchor);
  text.replace(text.find("\"taken_at\": \"20") + 15, 1, "9");
  write(log.folder.scratch() / "changed", text);
  auto changed = order;
  changed.anchor_file = log.folder.scratch() / "changed";
  CHECK(verify(changed).code == 1);
  CHECK(verify(changed).says("signature is wrong"));
}

TEST_CASE("an event is proven to somebody who does not have the log") {
  const anchored log;
  const auto file = log.proof(3);
  const auto held = check({.file = file, .public_key_file = log.key + ".pub"});
  CHECK_MESSAGE(held.code == 0, held.out);
  CHECK(held.says("Proven"));
  CHECK(held.says("\"seq\": 3"));
  CHECK(check({.file = log.anchor}).says("The anchor is genuine"));
  CHECK(check({.file = file, .json = true}).value().at("holds") == true);

  // What the eye sees must be what is proven.
  auto shown = json::parse(text_in(file));
  shown["event"]["event_type"] = "execution_completed";
  write(log.folder.scratch() / "forged", shown.dump());
  CHECK(check({.file = log.folder.scratch() / "forged"}).code == 1);
  CHECK(check({.file = log.folder.scratch() / "forged"}).says("another event"));
  shown = json::parse(text_in(file));
  shown["seq"] = 4;
  write(log.folder.scratch() / "moved", shown.dump());
  CHECK(check({.file = log.folder.scratch() / "moved"}).code == 1);
  CHECK(check({.file = log.key}).code == 2);
  CHECK(check({.file = log.folder.scratch() / "nothing"}).code == 1);
}

TEST_CASE("what cannot be proven is refused") {
  const anchored log;
  const auto refused = [&](prove_order order) {
    if (order.data_folder.empty()) order.data_folder = log.folder.path();
    return prove(order).code;
  };
  CHECK(refused({.execution = "e1", .seq = 3}) == 2);  // by nobody
  CHECK(refused({.execution = "e1", .seq = 100'000, .key_file = log.key}) == 1);
  CHECK(refused({.execution = "nobody", .seq = 1, .key_file = log.key}) == 1);
  CHECK(refused({.execution = "e1", .seq = 1, .key_file = log.anchor}) == 2);
  const recorded_folder another(2);
  CHECK(refused({.execution = "e1", .seq = 1, .data_folder = another.path(), .anchor_file = log.anchor}) == 1);
  log.damage();
  CHECK(refused({.execution = "e1", .seq = 1, .key_file = log.key}) == 1);
}

TEST_CASE("a damaged log is salvaged and the losses are told") {
  const anchored log;
  log.damage();
  const auto to = log.folder.scratch() / "new";
  const auto told = asked([&](auto& out, auto& err) {
    return run_salvage({log.folder.path(), to, false}, {}, out, err);
  });
  CHECK(told.code == 1);
  CHECK(told.says("execution e1: events 1 to 2 kept, 3 to"));
  CHECK(verify({.data_folder = to}).code == 0);
  const auto again = asked([&](auto& out, auto& err) {
    return run_salvage({log.folder.path(), to, true}, {}, out, err);
  });
  CHECK(again.says("is there already"));
  const auto sound = asked([&](auto& out, auto& err) { return run_salvage({to, to + "2", true}, {}, out, err); });
  CHECK(sound.code == 0);
  CHECK(sound.value().at("complete") == true);
}

namespace {

/// Whether a shell finds the program.
bool is_there(const std::string& program) {
  return std::system(("command -v " + program + " >/dev/null 2>&1").c_str()) == 0;
}

int run(const std::string& command) {
  const int status = std::system((command + " >/dev/null 2>&1").c_str());
  return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

}  // namespace

TEST_CASE("the Python of the documentation checks a proof without this program") {
  if (!is_there("python3") || !is_there("openssl")) {
    MESSAGE("SKIPPED: python3 and openssl are not both here");
    return;
  }
  const auto text = text_in(PLANEXE_SOURCE_DIR "/docs/audit.md");
  const std::string fence = "```python\n";
  const auto from = text.find(fence) + fence.size();
  REQUIRE(from > fence.size());
  const anchored log;
  const auto script = log.folder.scratch() / "check.py";
  write(script, text.substr(from, text.find("```", from) - from));
  for (const std::uint64_t seq : {1u, 2u, 5u}) {
    CAPTURE(seq);
    const auto file = log.proof(seq, "proof-" + std::to_string(seq));
    CHECK(run("python3 " + script + " " + file) == 0);
    for (const std::string member : {"stored", "previous_hash", "seq", "position"}) {
      CAPTURE(member);
      auto changed = json::parse(text_in(file));
      if (changed[member].is_number())
        changed[member] = changed[member].get<int>() + 1;
      else
        changed[member].get_ref<std::string&>()[8] = changed[member].get_ref<std::string&>()[8] == '0' ? '1' : '0';
      write(file + ".changed", changed.dump());
      CHECK(run("python3 " + script + " " + file + ".changed") != 0);
    }
    auto unsigned_proof = json::parse(text_in(file));
    unsigned_proof["anchor"]["head_hash"].get_ref<std::string&>()[0] ^= 1;
    write(file + ".unsigned", unsigned_proof.dump());
    CHECK(run("python3 " + script + " " + file + ".unsigned") != 0);
  }
}

}  // namespace planexe::tests
