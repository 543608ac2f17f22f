// A disk that fills up: first no new work is taken on, then nothing is recorded, and all of it comes back by itself. A
// real file takes the room. What others do with the disk meanwhile is evened out by making it larger and smaller.
#include <doctest/doctest.h>
#include <fcntl.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <future>

#include "tests/apps/server_harness.hpp"
#include "tests/gateway/prometheus_text.hpp"

namespace planexe::tests {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t megabyte = std::uint64_t{1} << 20;
// Far enough from each other that what others write in the seconds of the test does not matter.
constexpr std::uint64_t step = 600 * megabyte;

std::uint64_t free_bytes(const fs::path& folder) {
  struct statvfs figures {};
  REQUIRE(statvfs(folder.c_str(), &figures) == 0);
  return std::uint64_t{figures.f_bavail} * figures.f_frsize;
}

/// A file that takes as much room as leaves so much.
class ballast {
 public:
  explicit ballast(const fs::path& folder)
      : folder_(folder), file_(open((folder / "ballast").c_str(), O_CREAT | O_RDWR | O_CLOEXEC, 0600)) {
    REQUIRE(file_ >= 0);
    unlink((folder / "ballast").c_str());  // its room comes back with the last who has it open
  }
  ballast(const ballast&) = delete;
  ballast& operator=(const ballast&) = delete;
  ~ballast() { close(file_); }

  /// False where the file system cannot set room aside.
  bool leave(std::uint64_t wanted) {
    const auto now = free_bytes(folder_);
    const auto size = now > wanted ? size_ + (now - wanted) : size_ - std::min(size_, wanted - now);
    const bool done = size > size_ ? posix_fallocate(file_, 0, static_cast<off_t>(size)) == 0
                                   : ftruncate(file_, static_cast<off_t>(size)) == 0;
    if (done) size_ = size;
    return done;
  }

 private:
  fs::path folder_;
  int file_;
  std::uint64_t size_ = 0;
};

std::string megabytes(std::uint64_t bytes) {
  return std::to_string(bytes / megabyte);
}

/// Why the room that a test needs is not there; empty: it is.
std::string lack_of_room(const fs::path& folder) {
  if (free_bytes(folder) < 6 * step) return "the disk of " + folder.string() + " has too little room";
  ballast probe(folder);
  return probe.leave(free_bytes(folder) - step) ? "" : "the disk of " + folder.string() + " cannot set room aside";
}

void check_no_room(const reply& refused, const std::string& setting) {
  CAPTURE(refused.text);
  CHECK(refused.status == 503);
  CHECK(refused.code() == "unavailable");
  CHECK(refused.text.find("the disk of the data folder has") != std::string::npos);
  CHECK(refused.text.find(setting) != std::string::npos);
  CHECK(refused.header("Retry-After") == "30");
}

}  // namespace

TEST_CASE("as the disk fills up new work is refused and then reports until there is room again") {
  const scratch_folder place;
  if (const auto lack = lack_of_room(place.path()); !lack.empty()) return skip(lack);
  ballast room(place.path());
  // Three steps of room that the test can give and take: above the first it is well, below the third it is full.
  const auto low_below = free_bytes(place.path()) - 2 * step, full_below = low_below - 2 * step;
  const auto ok_level = low_below + step, low_level = low_below - step, full_level = full_below - step;
  REQUIRE(room.leave(ok_level));
  server_under_test server({{"PLANEXE_DISK_RESERVE_MB", megabytes(low_below)},
                            {"PLANEXE_DISK_RESERVE_REPORTS_MB", megabytes(full_below)},
                            {"PLANEXE_BACKUP_DIR", (place.path() / "backups").string()}});
  api_client api(server.address());
  const auto reaches_disk = [&](const std::string& state, std::uint64_t level) {
    return eventually([&] {
      REQUIRE(room.leave(level));
      return api.get("/api/admin/metrics").body.at("disk").at("state") == state;
    });
  };
  REQUIRE(reaches_disk("ok", ok_level));
  CHECK(api.get("/readyz").body == json{{"status", "ready"}, {"disk", "ok"}});
  const auto over = start_execution(api, plan_of({"z"}));
  REQUIRE(api.patch("/api/executions/" + over, {{"status", "CANCELLED"}, {"reason", "enough"}}).status == 200);
  for (const auto* agent : {"ann", "ben"}) register_agent(api, agent);
  const auto id = start_execution(api, plan_of({"a", "b", "c"}));
  const auto held = poll(api, "ann", "wait=2");
  REQUIRE(!held.is_null());

  REQUIRE(reaches_disk("low", low_level));
  const std::string reserve = "PLANEXE_DISK_RESERVE_MB", last_reserve = "PLANEXE_DISK_RESERVE_REPORTS_MB";
  check_no_room(api.post("/api/plans", plan_of({"x"})), reserve);
  check_no_room(api.post("/api/executions", {{"plan", plan_of({"x"})}, {"start", true}}), reserve);
  check_no_room(api.post("/api/agents", {{"name", "x"}, {"role", "r"}, {"capabilities", json::array()}}), reserve);
  check_no_room(api.get("/api/agents/ben/work"), reserve);
  check_no_room(api.get("/api/agents/ben/work?wait=5"), reserve);
  const auto no_backup = api.post("/api/admin/backups", json::object());
  CHECK(no_backup.status == 503);
  CHECK(no_backup.text.find("disk") != std::string::npos);
  CHECK(api.get("/readyz").body == json{{"status", "ready"}, {"disk", "low"}});
  // What is held is told again, and reported.
  CHECK(poll(api, "ann", "limit=1&request_id=again").is_null() == false);
  CHECK(report(api, "ann", held, "task_started").status == 201);
  CHECK(report(api, "ann", held, "task_progress", {{"progress_percent", 10}}).status == 201);
  CHECK(api.get("/api/executions").body.size() == 2);

  REQUIRE(reaches_disk("full", full_level));
  // What is over leaves the log even now: its file is small, and room comes of it.
  CHECK(api.post("/api/executions/" + over + "/archive", json::object()).status == 200);
  check_no_room(report(api, "ann", held, "task_progress", {{"progress_percent", 20}}), last_reserve);
  check_no_room(api.post("/api/admin/pause", {{"reason", "x"}}), last_reserve);
  check_no_room(api.patch("/api/executions/" + id, {{"status", "PAUSED"}}), last_reserve);
  check_no_room(api.post("/api/plans", plan_of({"x"})), last_reserve);
  check_no_room(api.get("/readyz"), last_reserve);
  CHECK(api.get("/livez").status == 200);
  CHECK(api.get("/healthcheck").status == 200);
  CHECK(count_events(api, id, "task_progress") == 1);
  const auto full = api.get("/api/admin/metrics").body.at("disk");
  CHECK(full.at("reserve_bytes") == low_below / megabyte * megabyte);
  CHECK(full.at("reports_reserve_bytes") == full_below / megabyte * megabyte);
  CHECK(full.at("reason").get<std::string>().find("nothing is recorded") != std::string::npos);
  std::map<std::string, metric_family> families;
  CHECK(read_prometheus(api.get("/metrics").text, families).empty());
  CHECK(families["planexe_disk_state"].samples.at(R"(planexe_disk_state{state="full"})") == 1);
  CHECK(families["planexe_disk_state"].samples.at(R"(planexe_disk_state{state="ok"})") == 0);
  CHECK(families["planexe_disk_free_bytes"].samples.at("planexe_disk_free_bytes") > 0);

  REQUIRE(reaches_disk("low", low_level));
  CHECK(report(api, "ann", held, "task_complete").status == 201);
  check_no_room(api.get("/api/agents/ben/work"), reserve);
  REQUIRE(reaches_disk("ok", ok_level));
  CHECK(eventually([&] {
    for (const auto* agent : {"ann", "ben"})
      if (const auto next = poll(api, agent); !next.is_null())
        CHECK(report(api, agent, next, "task_complete").status == 201);
    return status(api, id) == "COMPLETED";
  }));
  CHECK(api.post("/api/plans", plan_of({"x"})).status == 201);
  CHECK(api.post("/api/admin/backups", json::object()).status == 201);

  const auto log = server.log();
  for (const auto* line : {"disk low: ", "disk full: ", "free again"})
    CHECK_MESSAGE(log.find(line) != std::string::npos, log);
  CHECK(server.terminate() == 0);
}

TEST_CASE("who waits for work when the disk runs low is not handed any and is told so") {
  const scratch_folder place;
  if (const auto lack = lack_of_room(place.path()); !lack.empty()) return skip(lack);
  ballast room(place.path());
  const auto low_below = free_bytes(place.path()) - 2 * step;
  REQUIRE(room.leave(low_below + step));
  server_under_test server(
      {{"PLANEXE_DISK_RESERVE_MB", megabytes(low_below)}, {"PLANEXE_DISK_RESERVE_REPORTS_MB", "0"}});
  api_client api(server.address());
  for (const auto* agent : {"ann", "ben"}) register_agent(api, agent);
  auto plan = plan_of({"first", "second"});
  plan["phases"][0]["tasks"][1]["prerequisites"] = {"first"};
  const auto id = start_execution(api, plan);
  const auto held = poll(api, "ann", "wait=2");
  REQUIRE(held.at("task_id") == "first");
  auto waiting = std::async(std::launch::async, [address = server.address()] {
    api_client other(address);
    return other.send("GET", "/api/agents/ben/work?wait=30");
  });
  REQUIRE(eventually([&] {
    REQUIRE(room.leave(low_below - step));
    return api.get("/readyz").body.at("disk") == "low";
  }));
  // With it the second task opens, for which somebody waits.
  CHECK(report(api, "ann", held, "task_complete").status == 201);
  check_no_room(waiting.get(), "PLANEXE_DISK_RESERVE_MB");
  CHECK(count_events(api, id, "task_assigned", "second") == 0);
  REQUIRE(eventually([&] {
    REQUIRE(room.leave(low_below + step));
    return api.get("/readyz").body.at("disk") == "ok";
  }));
  const auto next = poll(api, "ben", "wait=5");
  REQUIRE(!next.is_null());
  CHECK(next.at("task_id") == "second");
}

}  // namespace planexe::tests
