// A real server in a process of its own, with its data in a temporary folder, and a client that speaks JSON to it.
// One thread starts, ends and kills a server; each thread makes clients of its own.
#pragma once

#include <nlohmann/json.hpp>
#include <sys/types.h>

#include <chrono>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "apps/demo/http_client.hpp"

namespace planexe::tests {

using nlohmann::json;
using headers = std::vector<demo::http_header>;

/// A folder of its own, gone with the test.
class scratch_folder {
 public:
  scratch_folder();
  scratch_folder(const scratch_folder&) = delete;
  scratch_folder& operator=(const scratch_folder&) = delete;
  ~scratch_folder();
  const std::filesystem::path& path() const { return path_; }

 private:
  std::filesystem::path path_;
};

using environment = std::map<std::string, std::string>;

/// A child process whose standard error goes into a file. Dies with the thread that started it.
class child_process {
 public:
  child_process() = default;
  child_process(const child_process&) = delete;
  child_process& operator=(const child_process&) = delete;
  /// Kills what still runs.
  ~child_process();

  /// `arguments[0]` is the program. The child sees `variables` and PATH alone, and works in `folder`.
  void start(const std::vector<std::string>& arguments, const environment& variables,
             const std::filesystem::path& folder, const std::filesystem::path& log);
  bool runs();
  void signal(int number) const;
  /// Waits for the end; nothing when `patience` runs out first. A signal counts as 128 + its number.
  std::optional<int> wait(std::chrono::milliseconds patience);
  pid_t pid() const { return pid_; }

 private:
  pid_t pid_ = -1;
  std::optional<int> exit_code_;
};

/// The program under test.
std::string server_program();
std::string read_text(const std::filesystem::path& path);

/// `planexe-ax serve` on a free port. Tests need not wait: backoffs are 50 ms, and nothing needs a review unless asked
/// for.
class server_under_test {
 public:
  explicit server_under_test(environment variables = {}, std::vector<std::string> prefix = {});

  /// From the next start on.
  void set(const std::string& variable, const std::string& value) { variables_[variable] = value; }
  /// From the next start on, another program runs the server, or none.
  void run_under(std::vector<std::string> prefix) { prefix_ = std::move(prefix); }
  /// Starts it again over the same data, on another port.
  void start();
  /// SIGKILL.
  void kill();
  /// SIGTERM; gives the exit code.
  int terminate();
  void signal(int number) const { process_.signal(number); }
  std::optional<int> wait(std::chrono::milliseconds patience) { return process_.wait(patience); }

  const demo::endpoint& address() const { return address_; }
  /// For whoever has the key.
  demo::endpoint address(const std::string& key) const;
  std::filesystem::path data_folder() const { return folder_.path() / "data"; }
  const std::filesystem::path& folder() const { return folder_.path(); }
  /// What it has logged since its last start.
  std::string log() const;

 private:
  std::optional<std::uint16_t> logged_port() const;

  scratch_folder folder_;
  environment variables_;
  std::vector<std::string> prefix_;  ///< a program that runs the server, as strace does
  demo::endpoint address_;
  unsigned starts_ = 0;
  child_process process_;
};

/// What a command came to.
struct ended {
  int code = -1;     ///< -1: it did not end within a minute
  std::string said;  ///< standard output and standard error
};
/// The program with these words, in a folder or in a server's own, where it finds no settings of anybody's.
ended run(const std::filesystem::path& folder, std::vector<std::string> words);
ended run(const server_under_test& server, std::vector<std::string> words);

struct reply {
  unsigned status = 0;  ///< 0: there was no answer
  json body;            ///< discarded when it is no JSON
  std::string text;
  headers fields;

  std::string header(std::string_view name) const;
  std::string code() const;                       ///< of a problem
  std::vector<std::string> fields_named() const;  ///< of a problem's `errors`, sorted
};

/// One connection. `send` gives status 0 where there is no answer; the others fail the test.
class api_client {
 public:
  explicit api_client(const demo::endpoint& server, std::chrono::milliseconds timeout = std::chrono::seconds(30))
      : http_(server, timeout) {}

  reply send(const std::string& method, const std::string& path, const std::string& text = {},
             const headers& fields = {});
  reply get(const std::string& path, const headers& fields = {});
  reply post(const std::string& path, const json& body, const headers& fields = {});
  reply patch(const std::string& path, const json& body, const headers& fields = {});

 private:
  demo::http_client http_;
};

/// Waits for something that another process or thread brings about; false after `patience`.
bool eventually(const std::function<bool()>& holds, std::chrono::milliseconds patience = std::chrono::seconds(20));

/// True where a test must not be left out.
bool runs_in_ci();
/// Says why a test was left out; a failure in CI.
void skip(const std::string& why);

// -- what most scenarios need ---------------------------------------------------------------------------------------

/// A plan of one phase whose tasks are those ids, side by side. `extra` goes into each task.
json plan_of(const std::vector<std::string>& tasks, const json& extra = json::object());
/// Creates and starts an execution of an inline plan; gives its id.
std::string start_execution(api_client& api, const json& plan, const json& options = json::object());
/// An agent that takes any action; gives its id.
std::string register_agent(api_client& api, const std::string& id, const json& extra = json::object());
/// Polls without waiting; the task, or null.
json poll(api_client& api, const std::string& agent, const std::string& query = {});
/// A report about a task that was polled.
json report_of(const std::string& agent, const json& task, const std::string& type, const json& extra = json::object());
reply report(api_client& api, const std::string& agent, const json& task, const std::string& type,
             const json& extra = json::object());
/// Without forecasts, which move with the clock: what is left of an execution or of tasks is the same whenever it is
/// read.
json without_forecasts(json body);
/// Without its forecast.
json execution(api_client& api, const std::string& id);
std::string status(api_client& api, const std::string& id);
bool reaches(api_client& api, const std::string& id, const std::string& status);
/// A leaf, out of the flat list, without its slack.
json task(api_client& api, const std::string& id, const std::string& task_id);
/// The whole history, oldest first.
json history(api_client& api, const std::string& id);
/// How many events of a type there are, of one task where it is named.
std::size_t count_events(api_client& api, const std::string& id, const std::string& type,
                         const std::string& task_id = {});
/// Seqs run 1, 2, 3, … and every event has a hash.
void check_gapless(const json& events);
reply resolve(api_client& api, const std::string& id, const std::string& task_id, const std::string& action,
              const json& extra = json::object());

}  // namespace planexe::tests
