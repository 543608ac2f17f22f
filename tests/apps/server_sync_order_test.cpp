// Watches the server's system calls: whatever is answered with "done" was forced to the disk between the request's
// arrival and its answer.
#include <doctest/doctest.h>

#include <map>
#include <sstream>

#include "tests/apps/server_harness.hpp"

namespace planexe::tests {
namespace {

/// What a trace shows of one request, found by a text that its first line holds.
struct observed {
  bool arrived = false, answered = false;
  unsigned syncs = 0;  ///< begun after the arrival and finished before the answer
};

bool contains(const std::string& line, std::string_view text) {
  return line.find(text) != std::string::npos;
}

/// Reads `strace -f`: a call stands in one line, or in two where another thread came in between, the second with
/// "<... NAME resumed>". What is received stands where the call ends, what is sent where it begins.
observed observe(const std::string& trace, const std::string& mark) {
  observed seen;
  std::map<std::string, bool> syncing;  // by thread: a sync is under way that began after the arrival
  std::istringstream lines(trace);
  for (std::string line; std::getline(lines, line);) {
    const auto thread = line.substr(0, line.find(' '));
    const bool sends = contains(line, "send") || contains(line, "write");
    if (!seen.arrived) {
      seen.arrived = !sends && contains(line, mark);
      continue;
    }
    if (sends && contains(line, "\"HTTP/1.1 2")) {
      seen.answered = true;
      return seen;
    }
    const bool is_sync = contains(line, "fdatasync") || contains(line, "fsync");
    if (!is_sync) continue;
    const bool resumed = contains(line, "resumed>"), unfinished = contains(line, "<unfinished");
    const bool begun_here = !resumed || syncing[thread];
    if (unfinished)
      syncing[thread] = true;
    else if (begun_here && contains(line, "= 0"))
      ++seen.syncs;
    if (resumed) syncing[thread] = false;
  }
  return seen;
}

bool can_trace(const scratch_folder& folder) {
  child_process probe;
  probe.start({"strace", "-D", "-o", "/dev/null", "true"}, {}, folder.path(), folder.path() / "probe");
  return probe.wait(std::chrono::seconds(20)) == 0;
}

}  // namespace

TEST_CASE("the watch tells an answer before its sync from one after it") {
  const std::string arrival = "7 1.0 recvmsg(9, {\"POST /x?mark=1 HTTP/1.1\"}, 0) = 80\n",
                    answer = "7 1.3 sendmsg(9, {\"HTTP/1.1 201 Created\"}, 0) = 90\n",
                    sync = "8 1.1 fdatasync(5) = 0\n", begin = "8 1.1 fdatasync(5 <unfinished ...>\n",
                    end = "8 1.2 <... fdatasync resumed>) = 0\n";
  const auto syncs = [](const std::string& trace) {
    const auto seen = observe(trace, "mark=1");
    CHECK(seen.arrived);
    CHECK(seen.answered);
    return seen.syncs;
  };
  CHECK(syncs(arrival + sync + answer) == 1);
  CHECK(syncs(arrival + begin + end + answer) == 1);
  CHECK(syncs(arrival + answer + sync) == 0);
  CHECK(syncs(sync + arrival + answer) == 0);
  CHECK(syncs(begin + arrival + end + answer) == 0);
  CHECK(syncs(arrival + begin + answer + end) == 0);
  CHECK(syncs(arrival + "8 1.1 fdatasync(5) = -1 EIO\n" + answer) == 0);
}

TEST_CASE("nothing is answered as done before it is on the disk") {
  const scratch_folder folder;
  if (!can_trace(folder)) return skip("strace is not installed or may not trace here");
  const auto trace = folder.path() / "trace";
  server_under_test server({}, {"strace", "-D", "-f", "-ttt", "-s", "200", "-o", trace.string(), "-e",
                                "trace=fdatasync,fsync,sendto,sendmsg,write,writev,recvfrom,recvmsg,read,readv"});
  std::vector<std::string> marks;
  const auto mark = [&](const char* separator = "?") {
    marks.push_back("mark=" + std::to_string(1000 + marks.size()) + "&");
    return separator + marks.back();
  };
  {
    api_client api(server.address());
    const auto done = [](const reply& answer) {
      REQUIRE_MESSAGE((answer.status == 200 || answer.status == 201), answer.text);
      return answer.body;
    };
    const auto plan = done(api.post("/api/plans" + mark(), plan_of({"a", "b", "c", "d"})));
    const std::string id =
        done(api.post("/api/executions" + mark(), {{"plan_id", plan.at("plan_id")}})).at("execution_id");
    const auto path = "/api/executions/" + id;
    done(api.patch(path + mark(), {{"status", "QUEUED"}}));
    done(api.post("/api/agents" + mark(),
                  {{"agent_id", "ann"}, {"name", "Ann"}, {"role", "r"}, {"capabilities", {{{"action", "*"}}}}}));
    for (int i = 0; i < 2; ++i) {
      const auto held = done(api.get("/api/agents/ann/work" + mark())).at("next_task");
      done(api.post(path + "/events" + mark(), report_of("ann", held, "task_started")));
      done(api.post(path + "/events" + mark(), report_of("ann", held, "task_complete")));
    }
    const auto held = done(api.get("/api/agents/ann/work" + mark())).at("next_task");
    done(api.post(path + "/events" + mark(), json::array({report_of("ann", held, "task_complete")})));
    done(api.post(path + "/tasks/d/resolution" + mark(), {{"action", "skip"}}));
    done(api.patch("/api/agents/ann" + mark(), {{"status", "paused"}}));
    CHECK(status(api, id) == "COMPLETED");
  }
  CHECK(server.terminate() == 0);
  std::string text;
  // The tracer writes its last lines after the server's end.
  REQUIRE(eventually([&] {
    text = read_text(trace);
    return contains(text, "+++ exited with 0 +++") && text.ends_with("\n");
  }));
  for (const auto& each : marks) {
    CAPTURE(each);
    const auto seen = observe(text, each);
    CHECK(seen.arrived);
    CHECK(seen.answered);
    CHECK(seen.syncs > 0);
  }
}

}  // namespace planexe::tests
