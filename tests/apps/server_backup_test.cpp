// Backups of a real server: made under full load, restored, and served again; asked for wrongly; cut short.
#include <doctest/doctest.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <future>
#include <mutex>
#include <set>
#include <thread>

#include "tests/apps/server_harness.hpp"

namespace planexe::tests {
namespace {

namespace fs = std::filesystem;
using std::chrono::milliseconds;

constexpr unsigned reporters = 32;
constexpr std::size_t tasks_per_execution = 40;

struct outcome {
  int exit_code = -1;
  std::string output;
};

outcome run(const std::vector<std::string>& arguments, const fs::path& folder) {
  std::vector<std::string> words = {server_program()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  const auto log = folder / "output";
  child_process process;
  process.start(words, {}, folder, log);
  const auto code = process.wait(std::chrono::seconds(120));
  return {code.value_or(-1), read_text(log)};
}

void check_run(const std::vector<std::string>& arguments, const fs::path& folder) {
  const auto done = run(arguments, folder);
  CHECK_MESSAGE(done.exit_code == 0, done.output);
}

/// What was acknowledged: where each event stands. Any thread.
class told_events {
 public:
  struct entry {
    std::string execution, event_id;
    std::size_t seq = 0;
  };
  void note(const std::string& execution, const json& answer) {
    const std::lock_guard lock(mutex_);
    entries_.push_back({execution, answer.at("event_id"), answer.at("seq")});
  }
  std::vector<entry> all() const {
    const std::lock_guard lock(mutex_);
    return entries_;
  }
  std::size_t size() const {
    const std::lock_guard lock(mutex_);
    return entries_.size();
  }

 private:
  mutable std::mutex mutex_;
  std::vector<entry> entries_;
};

/// Connections that report as fast as they are answered, until they are told to stop.
class load {
 public:
  explicit load(const demo::endpoint& server) : server_(server) {
    api_client api(server);
    for (unsigned i = 0; i < reporters; ++i) register_agent(api, "agent-" + std::to_string(i));
    threads_.push_back(std::async(std::launch::async, [this] { make_work(); }));
    for (unsigned i = 0; i < reporters; ++i)
      threads_.push_back(std::async(std::launch::async, [this, i] { work("agent-" + std::to_string(i)); }));
  }
  load(const load&) = delete;
  load& operator=(const load&) = delete;
  ~load() { stop(); }

  void stop() {
    stop_ = true;
    for (auto& each : threads_)
      if (each.valid()) each.get();
  }
  told_events told;

 private:
  void make_work() {
    api_client api(server_);
    std::vector<std::string> ids;
    for (std::size_t i = 0; i < tasks_per_execution; ++i) ids.push_back("t" + std::to_string(i));
    const auto plan = api.post("/api/plans", plan_of(ids));
    while (!stop_) {
      const auto open = made_ * tasks_per_execution;
      if (open > completed_ + 4 * reporters) {
        std::this_thread::sleep_for(milliseconds(2));
        continue;
      }
      const auto created =
          api.send("POST", "/api/executions", json{{"plan_id", plan.body.at("plan_id")}, {"start", true}}.dump());
      CHECK_MESSAGE(created.status == 201, created.text);
      ++made_;
    }
  }
  void work(const std::string& agent) {
    api_client api(server_);
    while (!stop_) {
      const auto polled = api.send("GET", "/api/agents/" + agent + "/work?wait=0.2");
      if (polled.status != 200) continue;
      const auto held = polled.body.at("next_task");
      const std::string id = held.at("execution_id");
      for (const auto* type : {"task_started", "task_progress", "task_complete"}) {
        const auto extra = std::string_view(type) == "task_progress" ? json{{"progress_percent", 50}} : json::object();
        const auto answer =
            api.send("POST", "/api/executions/" + id + "/events", report_of(agent, held, type, extra).dump());
        CHECK_MESSAGE(answer.status == 201, answer.text);
        if (answer.status == 201) told.note(id, answer.body);
      }
      ++completed_;
    }
  }

  demo::endpoint server_;
  std::atomic<bool> stop_{false};
  std::atomic<std::size_t> made_{0}, completed_{0};
  std::vector<std::future<void>> threads_;
};

/// A server on a backup's data.
class restored_server {
 public:
  explicit restored_server(const fs::path& backup) {
    REQUIRE(server.terminate() == 0);
    fs::remove_all(server.data_folder());
    check_run({"restore", backup.string(), "--data-dir", server.data_folder().string()}, server.folder());
    server.start();
  }
  server_under_test server;
};

std::vector<std::string> ids_of_executions(api_client& api) {
  std::vector<std::string> ids;
  std::string path = "/api/executions?limit=1000";
  const auto list = api.get(path);
  REQUIRE(list.status == 200);
  REQUIRE(list.body.size() < 1'000);
  for (const auto& each : list.body) ids.push_back(each.at("execution_id"));
  return ids;
}

environment with_backups(const fs::path& folder) {
  return {{"PLANEXE_BACKUP_DIR", folder.string()}};
}

}  // namespace

TEST_CASE("a backup under full load has all that was acknowledged before it and goes on working") {
  const scratch_folder place;
  server_under_test server(with_backups(place.path() / "backups"));
  std::size_t before = 0, events = 0;
  {
    load running(server.address());
    REQUIRE(eventually([&] { return running.told.size() > 1'500; }, std::chrono::seconds(120)));
    api_client api(server.address());
    const auto told = running.told.all();
    const auto made = api.post("/api/admin/backups", {{"name", "loaded"}});
    REQUIRE_MESSAGE(made.status == 201, made.text);
    const auto after = running.told.size();
    check_run({"backup", (place.path() / "beside").string(), "--data-dir", server.data_folder().string()},
              place.path());
    REQUIRE(eventually([&] { return running.told.size() > after + 500; }, std::chrono::seconds(120)));
    running.stop();
    before = told.size();
    events = made.body.at("log_position");

    for (const auto& backup : {place.path() / "backups" / "loaded", place.path() / "beside"}) {
      CAPTURE(backup.string());
      check_run({"backup", "verify", backup.string()}, place.path());
      restored_server again(backup);
      api_client restored(again.server.address());
      std::map<std::string, json> histories;
      for (const auto& id : ids_of_executions(restored)) {
        auto history_then = history(restored, id);
        check_gapless(history_then);
        // A prefix of what the live server has, hash by hash.
        const auto now = history(api, id);
        REQUIRE(history_then.size() <= now.size());
        for (std::size_t i = 0; i < history_then.size(); ++i) REQUIRE(history_then[i].at("hash") == now[i].at("hash"));
        histories.emplace(id, std::move(history_then));
      }
      for (const auto& each : told) {
        REQUIRE(histories.contains(each.execution));
        REQUIRE(each.seq <= histories[each.execution].size());
        CHECK(histories[each.execution][each.seq - 1].at("event_id") == each.event_id);
      }
      const auto id = start_execution(restored, plan_of({"a", "b"}));
      for (const auto* agent : {"late-1", "late-2"}) register_agent(restored, agent);
      CHECK(eventually([&] {
        for (const auto* agent : {"late-1", "late-2"})
          if (const auto held = poll(restored, agent); !held.is_null())
            CHECK(report(restored, agent, held, "task_complete").status == 201);
        return status(restored, id) == "COMPLETED";
      }));
      REQUIRE(again.server.terminate() == 0);
      check_run({"backup", (place.path() / "again").string(), "--data-dir", again.server.data_folder().string()},
                place.path());
      check_run({"backup", "verify", (place.path() / "again").string()}, place.path());
      fs::remove_all(place.path() / "again");
    }
  }
  MESSAGE(before, " reports acknowledged before the backup of ", events, " events");
}

TEST_CASE("archived executions go along with a backup") {
  const scratch_folder place;
  server_under_test server(with_backups(place.path() / "backups"));
  api_client api(server.address());
  register_agent(api, "ann");
  std::vector<std::string> ids;
  for (int i = 0; i < 3; ++i) {
    ids.push_back(start_execution(api, plan_of({"a", "b"})));
    for (int task = 0; task < 2; ++task) {
      const auto held = poll(api, "ann", "wait=5");
      REQUIRE(!held.is_null());
      REQUIRE(report(api, "ann", held, "task_complete").status == 201);
    }
    REQUIRE(reaches(api, ids.back(), "COMPLETED"));
    if (i < 2) REQUIRE(api.post("/api/executions/" + ids.back() + "/archive", json::object()).status == 200);
  }
  REQUIRE(api.post("/api/admin/backups", {{"name", "one"}}).status == 201);
  const auto backup = place.path() / "backups" / "one";
  check_run({"backup", "verify", backup.string()}, place.path());
  restored_server again(backup);
  api_client restored(again.server.address());
  CHECK(restored.get("/api/executions").body.size() == 1);
  CHECK(restored.get("/api/executions?archived=true").body.size() == 2);
  for (const auto& id : ids) CHECK(history(restored, id) == history(api, id));
}

TEST_CASE("backups are listed under names or times and never made over another") {
  const scratch_folder place;
  server_under_test server(with_backups(place.path() / "backups"));
  api_client api(server.address());
  CHECK(api.get("/api/admin/backups").body == json::array());
  start_execution(api, plan_of({"a"}));
  const auto first = api.post("/api/admin/backups", {{"name", "first"}}, {{"Idempotency-Key", "one"}});
  REQUIRE_MESSAGE(first.status == 201, first.text);
  CHECK(first.body.at("log_position").get<int>() >= 3);
  CHECK(first.body.at("log_hash").get<std::string>().size() == 64);
  CHECK(first.body.at("bytes").get<int>() > 0);
  const auto repeated = api.post("/api/admin/backups", {{"name", "first"}}, {{"Idempotency-Key", "one"}});
  CHECK(repeated.status == 201);
  CHECK(repeated.text == first.text);
  const auto again = api.post("/api/admin/backups", {{"name", "first"}});
  CHECK(again.status == 409);
  CHECK(again.code() == "already_exists");
  const auto unnamed = api.send("POST", "/api/admin/backups");
  REQUIRE_MESSAGE(unnamed.status == 201, unnamed.text);
  CHECK(unnamed.body.at("name").get<std::string>().starts_with("backup-2"));
  for (const auto* name : {"../x", "a/b", ".hidden", ""}) {
    CAPTURE(name);
    const auto refused = api.post("/api/admin/backups", {{"name", name}});
    CHECK(refused.status == 422);
    CHECK(refused.fields_named() == std::vector<std::string>{"name"});
  }
  CHECK(api.post("/api/admin/backups", {{"path", "/tmp"}}).status == 422);
  const auto list = api.get("/api/admin/backups").body;
  REQUIRE(list.size() == 2);
  CHECK(list[0].at("name") == unnamed.body.at("name"));
  CHECK(list[1].at("name") == "first");
  for (const auto* member : {"made_at", "release", "log_position", "log_hash", "files", "bytes"})
    CHECK(list[1].at(member) == first.body.at(member));

  // The same by the command.
  const auto url = server.address().url();
  const auto made = run({"backup", "third", "--url", url}, place.path());
  CHECK_MESSAGE(made.exit_code == 0, made.output);
  CHECK(made.output.starts_with("made third: "));
  const auto listed = run({"backup", "list", "--url", url}, place.path());
  CHECK(listed.exit_code == 0);
  CHECK(listed.output.starts_with("third: "));
  const auto taken = run({"backup", "third", "--url", url}, place.path());
  CHECK(taken.exit_code == 1);
  CHECK(taken.output == "there is a backup 'third' already\n");
  CHECK(run({"backup", "/tmp/x", "--url", url}, place.path()).exit_code == 2);
  const auto verified =
      run({"backup", "verify", (place.path() / "backups" / "third").string(), "--json"}, place.path());
  CHECK(verified.exit_code == 0);
  CHECK(json::parse(verified.output).at("log_hash").get<std::string>().size() == 64);
}

TEST_CASE("a backup that takes long is answered as under way and tells how it stands") {
  const scratch_folder place;
  server_under_test server(with_backups(place.path() / "backups"));
  api_client api(server.address());
  // A file without content on the disk, whose copy has some: it takes a second and more.
  fs::create_directories(server.data_folder() / "archive");
  std::ofstream(server.data_folder() / "archive" / "large").close();
  fs::resize_file(server.data_folder() / "archive" / "large", std::uintmax_t{300} << 20);

  const auto begun = api.post("/api/admin/backups?wait=0", {{"name", "slow"}});
  REQUIRE_MESSAGE(begun.status == 202, begun.text);
  CHECK(begun.body.at("name") == "slow");
  CHECK(begun.body.at("status") == "making");
  const auto location = begun.header("Location");
  CHECK(location == "/api/admin/backups/slow");
  const auto second = api.post("/api/admin/backups", {{"name", "other"}});
  CHECK(second.status == 409);
  CHECK(second.body.at("detail") == "the backup 'slow' is being made; one at a time");
  CHECK(second.header("Location") == location);
  CHECK(api.get(location).body == begun.body);
  CHECK(api.get("/api/admin/backups").body == json::array({begun.body}));
  CHECK(run({"backup", "list", "--url", server.address().url()}, place.path())
            .output.starts_with("slow: is being made since "));

  CHECK(eventually([&] { return api.get(location).body.at("status") == "made"; }));
  const auto made = api.get(location).body;
  CHECK(made.at("bytes") > (std::uint64_t{300} << 20));
  CHECK(api.get("/api/admin/backups").body == json::array({made}));
  check_run({"backup", "verify", (place.path() / "backups" / "slow").string()}, place.path());
  const auto taken = api.post("/api/admin/backups?wait=0", {{"name", "slow"}});
  CHECK(taken.status == 409);
  CHECK(taken.body.at("detail") == "there is a backup 'slow' already");
  CHECK(api.get("/api/admin/backups/other").status == 404);
  CHECK(api.post("/api/admin/backups?wait=61", json::object()).status == 400);
}

TEST_CASE("a backup that lacks the file of an archived execution is refused by its name") {
  const scratch_folder place;
  server_under_test server(with_backups(place.path() / "backups"));
  api_client api(server.address());
  const auto id = start_execution(api, plan_of({"a"}));
  REQUIRE(api.patch("/api/executions/" + id, {{"status", "CANCELLED"}, {"reason", "enough"}}).status == 200);
  REQUIRE(api.post("/api/executions/" + id + "/archive", json::object()).status == 200);
  REQUIRE(api.post("/api/admin/backups", {{"name", "before"}}).status == 201);
  // Views that have to be carried over what is archived need the file.
  REQUIRE(eventually([&] {
    const auto views = api.get("/api/admin/views").body;
    return std::all_of(views.begin(), views.end(),
                       [](const json& view) { return view.at("checkpoint") == view.at("position"); });
  }));
  const auto file = server.data_folder() / "archive" / (id + ".jsonl.zst");
  REQUIRE(fs::remove(file));
  const auto refused = api.post("/api/admin/backups", {{"name", "after"}});
  CHECK(refused.status == 503);
  CHECK(refused.body.at("detail") == "'" + id + "' is archived, and its file " + file.string() + " is missing");
  const auto failed = api.get("/api/admin/backups/after").body;
  CHECK(failed.at("status") == "failed");
  CHECK(failed.at("detail") == refused.body.at("detail"));
  const auto beside =
      run({"backup", (place.path() / "beside").string(), "--data-dir", server.data_folder().string()}, place.path());
  CHECK(beside.exit_code == 1);
  CHECK(beside.output == refused.body.at("detail").get<std::string>() + "\n");
  CHECK(api.get("/api/admin/backups").body.size() == 1);
}

TEST_CASE("without a folder for backups the server makes none and says so") {
  server_under_test server;
  api_client api(server.address());
  for (const auto& refused : {api.post("/api/admin/backups", json::object()), api.get("/api/admin/backups")}) {
    CHECK(refused.status == 503);
    CHECK(refused.text.find("PLANEXE_BACKUP_DIR") != std::string::npos);
  }
}

TEST_CASE("a backup in the data folder is refused before anything is made by the server and by the command") {
  server_under_test server(with_backups("data/backups"));  // in the folder in which the server works
  api_client api(server.address());
  start_execution(api, plan_of({"a"}));
  const auto data = server.data_folder();
  const auto refused = api.post("/api/admin/backups", {{"name", "one"}});
  CHECK(refused.status == 422);
  CHECK(refused.code() == "validation_failed");
  CHECK(refused.text.find("PLANEXE_BACKUP_DIR") != std::string::npos);
  CHECK(refused.text.find(data.string()) == std::string::npos);
  CHECK(!fs::exists(data / "backups"));
  for (const auto& target : {data / "backups" / "one", server.folder() / "x" / ".." / "data" / "one", data}) {
    const auto said = run({"backup", target.string(), "--data-dir", data.string()}, server.folder());
    CHECK(said.exit_code == 2);
    CHECK(said.output.find("cannot be made in it") != std::string::npos);
  }
  CHECK(!fs::exists(data / "backups"));
  CHECK(!fs::exists(data / "one"));
  const auto backup = (server.folder() / "one").string();
  check_run({"backup", backup, "--data-dir", data.string()}, server.folder());
  const auto inside = run({"restore", backup, "--data-dir", backup + "/restored"}, server.folder());
  CHECK(inside.exit_code == 2);
  CHECK(inside.output == backup + "/restored lies in the backup; it is restored to a folder elsewhere\n");
  CHECK(!fs::exists(backup + "/restored"));
}

TEST_CASE("a restore never touches data and says in one line why not") {
  const scratch_folder place;
  server_under_test server(with_backups(place.path() / "backups"));
  api_client api(server.address());
  start_execution(api, plan_of({"a"}));
  REQUIRE(api.post("/api/admin/backups", {{"name", "one"}}).status == 201);
  const auto backup = (place.path() / "backups" / "one").string();
  const auto over = run({"restore", backup, "--data-dir", server.data_folder().string()}, place.path());
  CHECK(over.exit_code == 1);
  CHECK(over.output == server.data_folder().string() + " is not empty; a backup is restored to a new folder\n");
  CHECK(ids_of_executions(api).size() == 1);
  std::ofstream(fs::path(backup) / "data" / "CURRENT", std::ios::app) << "x";
  const auto damaged = run({"backup", "verify", backup}, place.path());
  CHECK(damaged.exit_code == 1);
  CHECK(damaged.output == backup + "/data/CURRENT is not what was written\n");
  const auto refused = run({"restore", backup, "--data-dir", (place.path() / "new").string()}, place.path());
  CHECK(refused.exit_code == 1);
  CHECK(!fs::exists(place.path() / "new"));
  CHECK(run({"restore", (place.path() / "new").string(), "--data-dir", "x"}, place.path()).exit_code == 2);
  CHECK(run({"backup", "verify", place.path().string()}, place.path()).output ==
        place.path().string() + " is no backup\n");
}

TEST_CASE("a server that is killed while it makes backups leaves none that is half") {
  const scratch_folder place;
  server_under_test server(with_backups(place.path() / "backups"));
  {
    api_client api(server.address());
    const std::string long_text(200'000, 'x');
    for (int i = 0; i < 40; ++i)
      REQUIRE(api.post("/api/plans", plan_of({"a"}, {{"description", long_text + std::to_string(i)}})).status == 201);
  }
  fs::create_directory(place.path() / "backups");
  const auto is_there = [&](bool whole) {
    for (const auto& entry : fs::directory_iterator(place.path() / "backups"))
      if (entry.path().filename().string().starts_with("backup-") == whole) return true;
    return false;
  };
  std::size_t whole = 0, parts = 0;
  for (int kill = 0; kill < 8; ++kill) {
    CAPTURE(kill);
    auto making = std::async(std::launch::async, [address = server.address()] {
      api_client api(address);
      for (int i = 0; i < 1'000; ++i)
        if (api.send("POST", "/api/admin/backups").status != 201) return;
    });
    // Now and then after one that is whole, and always in the midst of another, at some point.
    if (kill % 2 == 0) CHECK(eventually([&] { return is_there(true); }));
    CHECK(eventually([&] { return is_there(false); }));
    std::this_thread::sleep_for(milliseconds(7 * kill));
    server.kill();
    making.get();
    for (const auto& entry : fs::directory_iterator(place.path() / "backups")) {
      const bool is_whole = entry.path().filename().string().starts_with("backup-");
      const auto verified = run({"backup", "verify", entry.path().string()}, place.path());
      CAPTURE(entry.path().string());
      // Under its first name it may be whole too: then only the renaming was still to come.
      if (is_whole) CHECK_MESSAGE(verified.exit_code == 0, verified.output);
      parts += verified.exit_code != 0;
      whole += is_whole;
      if (is_whole) fs::remove_all(entry.path());
    }
    server.start();
  }
  api_client api(server.address());
  CHECK(api.get("/api/plans?limit=1000").body.size() == 40);
  CHECK(whole > 0);
  CHECK(parts > 0);
  REQUIRE(api.send("POST", "/api/admin/backups").status == 201);
  CHECK(std::distance(fs::directory_iterator(place.path() / "backups"), {}) == 1);  // what was left is gone
}

TEST_CASE("a log of an earlier release is served and one of a later release is refused in one line") {
  for (const auto* name : {"format_1_closed", "format_1_killed"}) {
    CAPTURE(name);
    server_under_test server;
    REQUIRE(server.terminate() == 0);
    fs::remove_all(server.data_folder());
    fs::copy(fs::path(PLANEXE_SOURCE_DIR) / "tests/data/logs" / name, server.data_folder(),
             fs::copy_options::recursive);
    server.start();
    api_client api(server.address());
    const auto list = api.get("/api/executions").body;
    REQUIRE(list.size() == 2);
    CHECK(list[0].at("title") == "Another");
    CHECK(list[0].at("status") == "CANCELLED");
    CHECK(list[1].at("title") == "The footbridge");
    CHECK(list[1].at("status") == "RUNNING");
    const std::string id = list[1].at("execution_id");
    check_gapless(history(api, id));
    CHECK(task(api, id, "survey").at("status") == "COMPLETE");
    const auto permit = task(api, id, "permit");
    CHECK(permit.at("agent_id") == "ann");
    const auto held = poll(api, "ann", "wait=1");
    REQUIRE(!held.is_null());
    CHECK(held.at("task_id") == "permit");
    CHECK(report(api, "ann", held, "task_complete").status == 201);
    CHECK(task(api, id, "permit").at("status") == "COMPLETE");
    REQUIRE(server.terminate() == 0);
    server.start();
    api_client later(server.address());
    CHECK(task(later, id, "permit").at("status") == "COMPLETE");
  }
  const scratch_folder folder;
  fs::copy(fs::path(PLANEXE_SOURCE_DIR) / "tests/data/logs/format_9", folder.path() / "data",
           fs::copy_options::recursive);
  const auto refused =
      run({"serve", "--execution-data-dir", (folder.path() / "data").string(), "--execution-port", "0"}, folder.path());
  CHECK(refused.exit_code == 2);
  CHECK(refused.output == "planexe-ax: the data folder " + (folder.path() / "data").string() +
                              " has format 9, written by a newer release; this one reads up to 2\n");
}

}  // namespace planexe::tests
