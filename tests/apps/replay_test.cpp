// `planexe-ax replay` over data folders: moments, differences, and the way from one to the next.
#include "apps/replay/replay.hpp"

#include <doctest/doctest.h>
#include <nlohmann/json.hpp>
#include <stdlib.h>

#include <filesystem>
#include <fstream>
#include <sstream>

#include "apps/replay/recording.hpp"
#include "apps/replay/texts.hpp"
#include "apps/terminal/text.hpp"
#include "eventstore/codec.hpp"
#include "eventstore/rocksdb_store.hpp"
#include "gateway/json/render_event.hpp"
#include "gateway/json/render_execution.hpp"
#include "gateway/json/render_task.hpp"
#include "tests/domain/oracle.hpp"
#include "tests/domain/plan_builder.hpp"
#include "tests/projections/chronicle.hpp"

namespace planexe::tests {

using namespace domain;
using nlohmann::json;
using replaying::replay_request;
namespace fs = std::filesystem;

namespace {

/// A data folder that goes with the test.
class data_folder {
 public:
  data_folder() {
    auto name = (fs::temp_directory_path() / "planexe-replay-XXXXXX").string();
    REQUIRE(mkdtemp(name.data()) != nullptr);
    path_ = name;
  }
  data_folder(const data_folder&) = delete;
  data_folder& operator=(const data_folder&) = delete;
  ~data_folder() {
    std::error_code ignored;
    fs::remove_all(path_, ignored);
  }
  const fs::path& path() const { return path_; }

  /// Writes what the chronicle has and the folder has not.
  void write(const chronicle& from) {
    auto store = eventstore::rocksdb_store::open(path_.string());
    REQUIRE_MESSAGE(store, store.error().detail);
    const auto head = (*store)->head();
    REQUIRE(head);
    const auto events = from.log.read_all(head->position, SIZE_MAX);
    REQUIRE(events);
    std::vector<eventstore::append_request> batch;
    for (const auto& each : *events) {
      auto& request = batch.emplace_back();
      request.stream = each.stream;
      request.expected_version = each.seq - 1;
      request.bytes.push_back(eventstore::encode(each.payload, each.metadata));
      request.events.push_back(each);
    }
    (*store)->append(std::move(batch), [](const auto& outcomes) { REQUIRE(outcomes); });
  }

 private:
  fs::path path_;
};

struct told {
  int code = -1;
  std::string out, err;
};

told ask(replay_request wanted, const data_folder& folder) {
  wanted.data_folder = folder.path().string();
  std::ostringstream out, err;
  const auto code = replaying::run_replay(wanted, out, err);
  return {code, out.str(), err.str()};
}

json answer(const replay_request& wanted, const data_folder& folder) {
  const auto said = ask(wanted, folder);
  REQUIRE_MESSAGE(said.code == 0, said.err);
  return json::parse(said.out);
}

std::vector<json> lines(const std::string& text) {
  std::vector<json> values;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) values.push_back(json::parse(line));
  return values;
}

std::string api_execution(const execution_state& state) {
  std::string text;
  gateway::render_execution(text, {"e"}, state, state.updated_at);
  return text;
}
std::string api_tasks(const execution_state& state) {
  std::string text;
  gateway::render_task_tree(text, state, state.updated_at, {});
  return text;
}

/// Three phases; the first is done, of the second one leaf is held and one has failed once, the third waits.
struct lively : chronicle {
  lively() {
    plan_builder plan;
    plan.phase("P1").task("A").title("Look around").task("B").task("C").task("D");
    plan.phase("P2").task("E").title("Dig").task("F").title("Build").retry(3, seconds(60));
    plan.phase("P3").task("G").task("H").task("I");
    play("e", create_execution{.source = plan.build(), .title = "A harbour", .start = true});
    for (const auto* id : {"A", "B", "C", "D"}) {
      now += seconds(10);
      assign("e", id, "ann");
      now += seconds(5);
      play("e", complete_task{by("ann", id), R"({"found":1})", "it is done"}, "agent:ann");
    }
    now += seconds(10);
    assign("e", "E", "bob");
    assign("e", "F", "ann");
    play("e", report_progress{by("bob", "E"), 40, "half way"}, "agent:bob");
    now += seconds(10);
    play("e", fail_task{by("ann", "F"), "timeout", "the crane did not come"}, "agent:ann");
  }
};

std::uint64_t last(const chronicle& c) {
  return c.state("e").version;
}

}  // namespace

TEST_CASE("at every seq a replay gives the execution, its tasks and the event as the API has them") {
  const lively c;
  data_folder folder;
  folder.write(c);
  const auto events = c.events("e");
  execution_state state;
  for (const auto& event : events) {
    evolve(state, std::get<execution_event>(event.payload), {event.seq, event.metadata.recorded_at});
    const auto moment = answer({.what = "e", .at = std::to_string(event.seq), .json = true}, folder);
    CHECK(moment.at("seq") == event.seq);
    CHECK(moment.at("last_seq") == events.size());
    CHECK(moment.at("execution") == json::parse(api_execution(state)));
    CHECK(moment.at("tasks") == json::parse(api_tasks(state)));
    std::string rendered;
    gateway::render_event(rendered, event);
    CHECK(moment.at("event") == json::parse(rendered));
  }
}

TEST_CASE("a moment may be given as a time and the last one is shown without any") {
  const lively c;
  data_folder folder;
  folder.write(c);
  const auto events = c.events("e");
  CHECK(answer({.what = "e", .json = true}, folder).at("seq") == events.size());
  const auto at = [&](timestamp time) {
    return answer({.what = "e", .at = format_rfc3339(time), .json = true}, folder).at("seq").get<std::uint64_t>();
  };
  const auto time = events[6].metadata.recorded_at;
  CHECK(events[at(time) - 1].metadata.recorded_at == time);
  CHECK(at(c.now + hours(1)) == events.size());
  const auto before = ask({.what = "e", .at = format_rfc3339(events[0].metadata.recorded_at - seconds(1))}, folder);
  CHECK(before.code == 1);
  CHECK(before.err.find("did not exist yet") != std::string::npos);
}

TEST_CASE("what cannot be asked is said in one line and nothing is printed") {
  data_folder folder;
  folder.write(lively{});
  const auto refused = [&](replay_request wanted, int code, std::string_view words) {
    const auto said = ask(std::move(wanted), folder);
    CHECK(said.code == code);
    CHECK(said.out.empty());
    CHECK_MESSAGE(said.err.find(words) != std::string::npos, said.err);
    CHECK(std::count(said.err.begin(), said.err.end(), '\n') == 1);
  };
  refused({.what = "e", .at = "0"}, 1, "events 1 to");
  refused({.what = "e", .at = "9999"}, 1, "events 1 to");
  refused({.what = "e", .at = "yesterday"}, 2, "neither a seq nor a time");
  refused({.what = "e", .at = "-3"}, 2, "neither a seq nor a time");
  refused({.what = "other"}, 1, "no execution 'other'");
  refused({.what = "../e"}, 2, "there is no file '../e'");
  refused({.what = "a b"}, 2, "is not an id");
  refused({.what = "e", .diff = {"1", "9999"}}, 1, "events 1 to");
  refused({.what = "e", .at = "1", .diff = {"1", "2"}}, 2, "--diff stands alone");
  refused({.what = "e", .step = true, .speed = 2}, 2, "exclude each other");
  const data_folder empty;
  const auto nothing = ask({.what = "e"}, empty);
  CHECK(nothing.code == 1);
}

TEST_CASE("a difference names what changed of which task and of the execution and nothing else") {
  const lively c;
  data_folder folder;
  folder.write(c);
  const auto events = c.events("e");
  const auto assigned = std::find_if(events.begin(), events.end(), [](const auto& event) {
    const auto* of = std::get_if<task_assigned>(&std::get<execution_event>(event.payload));
    return of != nullptr && of->task.value == "E";
  });
  REQUIRE(assigned != events.end());
  const auto seq = assigned->seq;
  const auto diff = answer({.what = "e", .diff = {std::to_string(seq - 1), std::to_string(seq)}, .json = true}, folder);
  CHECK(diff.at("from").at("seq") == seq - 1);
  CHECK(diff.at("to").at("seq") == seq);
  std::map<std::string, json> tasks;
  for (const auto& each : diff.at("tasks")) tasks[each.at("task_id")] = each.at("changes");
  REQUIRE(tasks.contains("E"));
  CHECK(tasks["E"].at("status") == json{{"from", "QUEUED"}, {"to", "RUNNING"}});
  CHECK(tasks["E"].at("agent_id") == json{{"from", nullptr}, {"to", "bob"}});
  CHECK(tasks["E"].at("attempt") == json{{"from", 0}, {"to", 1}});
  CHECK(tasks["E"].at("waiting_for").at("to") == nullptr);
  CHECK_FALSE(tasks.contains("A"));
  CHECK_FALSE(tasks.contains("G"));
  CHECK(diff.at("execution").at("agents") == json{{"from", json::array()}, {"to", {"bob"}}});

  const auto back = answer({.what = "e", .diff = {std::to_string(seq), std::to_string(seq - 1)}, .json = true}, folder);
  for (const auto& each : back.at("tasks"))
    for (const auto& [name, change] : each.at("changes").items()) {
      INFO(each.at("task_id"), " ", name);
      CHECK(change.at("from") == tasks[each.at("task_id")].at(name).at("to"));
      CHECK(change.at("to") == tasks[each.at("task_id")].at(name).at("from"));
    }
  const auto none = answer({.what = "e", .diff = {"3", "3"}, .json = true}, folder);
  CHECK(none.at("tasks").empty());
  CHECK(none.at("execution").empty());
  CHECK(ask({.what = "e", .diff = {"3", "3"}}, folder).out.find("nothing is different") != std::string::npos);
}

TEST_CASE("tasks that were added show as new and those that were taken apart as they are") {
  chronicle c;
  c.play("e", create_execution{.source = plan_builder{}.phase("P").task("A").build(), .start = true});
  c.assign("e", "A", "ann");
  auto parts = std::make_shared<decomposition>();
  for (const auto* id : {"A1", "A2"}) {
    new_subtask part;
    part.definition.id = {id};
    part.definition.title = "Part " + std::string(id);
    part.definition.action = "do";
    parts->subtasks.push_back(part);
  }
  const auto before = last(c);
  c.play("e", propose_subtasks{by("ann", "A"), parts}, "agent:ann");
  REQUIRE(last(c) > before);
  data_folder folder;
  folder.write(c);
  const auto diff =
      answer({.what = "e", .diff = {std::to_string(before), std::to_string(last(c))}, .json = true}, folder);
  std::vector<std::string> added;
  for (const auto& each : diff.at("tasks"))
    if (each.contains("added")) added.push_back(each.at("task_id"));
  CHECK(added == std::vector<std::string>{"A1", "A2"});
  const auto text = ask({.what = "e", .diff = {std::to_string(before), std::to_string(last(c))}}, folder).out;
  CHECK(text.find("Part A1  [A1]  new") != std::string::npos);
}

TEST_CASE("steps without a terminal tell every event with what it changed and add up to the difference") {
  const lively c;
  data_folder folder;
  folder.write(c);
  const auto said = ask({.what = "e", .step = true, .json = true}, folder);
  REQUIRE_MESSAGE(said.code == 0, said.err);
  const auto steps = lines(said.out);
  REQUIRE(steps.size() == last(c));
  // Playing every change forward from the first moment gives what the API says at the last one.
  std::map<std::string, json> tasks;
  const auto flat = [](auto&& self, const json& tree, std::map<std::string, json>& into) -> void {
    for (const auto& each : tree) {
      into[each.at("task_id")] = each;
      if (each.contains("children")) self(self, each.at("children"), into);
    }
  };
  flat(flat, answer({.what = "e", .at = "1", .json = true}, folder).at("tasks"), tasks);
  for (std::size_t i = 0; i < steps.size(); ++i) {
    CHECK(steps[i].at("seq") == i + 1);
    for (const auto& each : steps[i].at("changes").at("tasks"))
      for (const auto& [name, change] : each.at("changes").items()) {
        auto& task = tasks[each.at("task_id")];
        REQUIRE(task.value(name, json()) == change.at("from"));
        if (change.at("to").is_null())
          task.erase(name);
        else
          task[name] = change.at("to");
      }
  }
  std::map<std::string, json> at_last;
  flat(flat, answer({.what = "e", .json = true}, folder).at("tasks"), at_last);
  for (auto& [id, task] : at_last)
    for (const auto& [name, value] : task.items())
      if (name != "children" && name != "slack_days") CHECK_MESSAGE(tasks[id].at(name) == value, id, " ", name);

  const auto text = ask({.what = "e", .step = true}, folder);
  CHECK(text.out.find("the crane did not come") != std::string::npos);
  CHECK(text.out.find("by bob") != std::string::npos);
  const auto rest = ask({.what = "e", .at = std::to_string(last(c)), .step = true, .json = true}, folder);
  CHECK(lines(rest.out).size() == 1);
}

TEST_CASE("a second look finds what was recorded meanwhile and following ends with the execution") {
  chronicle c;
  c.play("e", create_execution{.source = plan_builder{}.phase("P").task("A").build(), .start = true});
  c.assign("e", "A", "ann");
  data_folder folder;
  folder.write(c);
  auto opened = replaying::recording::open(
      [&]() -> result<std::shared_ptr<const eventstore::event_log>> {
        auto store = eventstore::rocksdb_store::open_to_read(folder.path().string());
        REQUIRE(store);
        return std::shared_ptr<const eventstore::event_log>{std::move(*store)};
      },
      {"e"});
  REQUIRE(opened);
  const auto before = opened->last();
  const auto nothing = opened->look_again();
  REQUIRE(nothing);
  CHECK_FALSE(*nothing);
  c.play("e", complete_task{by("ann", "A"), "{}", "done"}, "agent:ann");
  folder.write(c);
  const auto more = opened->look_again();
  REQUIRE(more);
  CHECK(*more);
  CHECK(opened->last() > before);
  const auto said = ask({.what = "e", .at = "1", .follow = true, .json = true}, folder);
  CHECK(said.code == 0);
  CHECK(lines(said.out).size() == last(c));
}

TEST_CASE("the tree shows who holds what and what waits and folds what is done or has not begun") {
  const lively c;
  data_folder folder;
  folder.write(c);
  const auto text = ask({.what = "e"}, folder).out;
  CHECK(text.find("A harbour") != std::string::npos);
  CHECK(text.find("4 of 9 tasks") != std::string::npos);
  CHECK(text.find("▶ Dig") != std::string::npos);
  CHECK(text.find("bob, 40 %") != std::string::npos);
  CHECK(text.find("the crane did not come") != std::string::npos);
  CHECK(text.find("P1") != std::string::npos);
  CHECK(text.find("Look around") == std::string::npos);
  CHECK(text.find("3 tasks wait") != std::string::npos);
  const auto all = ask({.what = "e", .all_tasks = true}, folder).out;
  CHECK(all.find("✔ Look around") != std::string::npos);
  CHECK(all.find("T-I") != std::string::npos);
}

TEST_CASE("no line is wider than the terminal and a picture is as high as there is room") {
  const lively c;
  const auto events = c.events("e");
  for (const std::size_t width : {40U, 60U, 100U, 200U})
    for (const std::size_t most : {0U, 8U, 12U, 30U}) {
      const replaying::text_style style{.width = width, .all_tasks = true, .most_lines = most, .names = {}};
      const auto picture = replaying::moment_text({"e"}, c.state("e"), events.back(), events.size(), {5}, style);
      if (most > 0) CHECK(picture.size() <= most);
      for (const auto& line : picture) CHECK_MESSAGE(terminal::columns_of(line) <= width, line);
    }
}

TEST_CASE("words of agents and plans reach a terminal without control characters") {
  chronicle c;
  auto plan = plan_builder{}.phase("P").task("A").title("an\x1b[31m evil\x07 title").build();
  c.play("e", create_execution{.source = plan, .title = "T\x1b]0;x\x07", .start = true});
  c.assign("e", "A", "ann");
  c.play("e", report_progress{by("ann", "A"), 10, "\x1b[2J\xe2\x80\xae gone \xff"}, "agent:ann");
  c.play("e", fail_task{by("ann", "A"), "t\x1b[0m", "m\r\n\x1b[1A", false}, "agent:ann");
  data_folder folder;
  folder.write(c);
  for (const auto& wanted : {replay_request{.what = "e"}, replay_request{.what = "e", .step = true},
                             replay_request{.what = "e", .diff = {"1", std::to_string(last(c))}}}) {
    const auto text = ask(wanted, folder).out;
    for (const char byte : text) REQUIRE((byte == '\n' || static_cast<unsigned char>(byte) >= 0x20));
    CHECK(text.find('\x7f') == std::string::npos);
    CHECK(text.find("\xe2\x80\xae") == std::string::npos);
  }
}

}  // namespace planexe::tests
