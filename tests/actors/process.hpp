// The real actors under CAF's test scheduler, over a machine's disk and clock: nothing happens but what a test lets
// happen, one message at a time where it wants that. Destroying a process is a crash: what has not reached the disk by
// then never does.
//
//   machine m;
//   process p{m};
//   p.ask("e", create_execution{.source = plan, .start = true});
//   p.run();
#pragma once

#include <memory>

#include "actors/environment.hpp"
#include "actors/read_side.hpp"
#include "domain/fork.hpp"
#include "tests/actors/machine.hpp"

namespace planexe::tests {

/// What a command came to, as its sender sees it.
template <class State>
struct told {
  bool prepared = false;   ///< decided
  bool delivered = false;  ///< answered
  bool dropped = false;    ///< gone without an answer: 503
  actors::command_outcome outcome;
  std::shared_ptr<const State> state;  ///< as it was when the command was decided
  /// Called when the answer is delivered.
  std::function<void()> on_delivered;

  bool accepted() const { return delivered && !outcome.rejection; }
  bool refused(domain::rejection_code code) const {
    return delivered && outcome.rejection && outcome.rejection->code == code;
  }
};
using told_of_execution = std::shared_ptr<told<domain::execution_state>>;
using told_of_agent = std::shared_ptr<told<domain::agent_state>>;

/// What a poll came to.
struct polled {
  std::optional<expected<domain::work_answer, domain::rejection>> answer;
  bool dropped = false;
  std::function<void()> on_answer;

  /// `A#1 B#2`: tasks with their attempts; empty when there is no answer or no task in it.
  std::string tasks() const;
  const domain::work_item& task(std::size_t i = 0) const;
  bool is_empty() const;  ///< answered with nothing at all
};

struct poll_options {
  domain::milliseconds wait{0};
  std::uint32_t limit = 1;
  std::string request_id;
  std::vector<std::string> supported_actions;
};

/// Who asks, and what else goes with a command.
struct ask_options {
  std::string actor = "person";
  std::string causation_id;
  std::optional<std::uint64_t> expected_version;
  std::function<void()> on_delivered;
};

struct process_options {
  actors::runtime_settings settings;
  std::uint64_t seed = 1;
  actors::notification_sender send_notification{};
  actors::archive_preparer prepare_archive{};
};

class process {
 public:
  explicit process(machine& on, process_options options = {});
  ~process();
  process(const process&) = delete;
  process& operator=(const process&) = delete;

  told_of_execution ask(const std::string& execution, domain::execution_command command, ask_options options = {});
  /// Makes the execution `fork` of what the disk has of `origin` up to an event. The test fails where that cannot be
  /// read.
  told_of_execution fork(const std::string& origin, std::uint64_t at_seq, const std::string& fork,
                         const domain::fork_execution& wanted = {}, ask_options options = {});
  told_of_agent ask_agent(const std::string& agent, domain::agent_command command, ask_options options = {});
  std::shared_ptr<polled> poll(const std::string& agent, poll_options options = {});
  /// Pauses everything, or lets it go on.
  std::shared_ptr<told<domain::switch_state>> throw_switch(bool on, std::string reason);
  std::shared_ptr<told<domain::execution_archived>> archive(const std::string& execution);
  std::shared_ptr<told<domain::api_key>> change_key(domain::key_command command);
  /// Brings the live executions back, as a start does.
  void recover();
  bool recovered() const { return recovered_; }

  /// Handles messages until there are none. Time stands still.
  void run();
  /// Actors that have messages.
  std::size_t busy() const;
  /// Actors that are alive, whatever they are.
  std::size_t population() const;
  /// Handles one message of one of them.
  void step(std::size_t which);
  /// Handles messages of every actor but the committer: decided is what can be, nothing gets durable.
  void run_without_commits();
  /// Handles the messages of the actors of one kind alone: "execution", "matcher", …
  void run_only(std::string_view kind);
  /// Lets time pass and looks at the deadlines once; their messages are not handled yet.
  void pass(domain::milliseconds span);
  /// Lets time pass, a look at the deadlines and their consequences, until nothing more is due.
  void wait(domain::milliseconds span);

  disk_port& disk() { return disk_; }
  actors::environment& env();
  actors::read_side& views();
  const std::vector<error>& failures() const { return failures_; }

 private:
  struct actor_world;
  void spawn();

  machine& on_;
  disk_port disk_;
  actors::id_source ids_;
  std::vector<error> failures_;
  bool recovered_ = false;
  std::unique_ptr<actor_world> world_;
};

/// The types of an execution's events so far, in order.
std::vector<std::string> event_types(const machine& on, const std::string& execution);
/// Those after the first `from`, in one line.
std::string events_after(const machine& on, const std::string& execution, std::size_t from);
/// Fails the test when the stream cannot be read.
std::vector<domain::event_record> events_of(const machine& on, const domain::stream_id& stream);

/// A report's head.
domain::report_header report_on(const domain::work_item& work, const std::string& agent);
/// An agent that can do these actions.
domain::register_agent able_to(std::vector<std::string> actions, std::uint32_t max_concurrent = 1);

}  // namespace planexe::tests
