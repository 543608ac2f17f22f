// Plays commands on one execution the way its actor does, and shows events as lines of text, so that a test reads
// as: given these events, when this command, then these events.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "domain/execution_commands.hpp"
#include "domain/execution_status.hpp"
#include "tests/domain/plan_builder.hpp"

namespace planexe::tests {

/// The moment at which every scenario begins; events show times as seconds after it, as in "@300s".
inline constexpr domain::timestamp epoch = std::chrono::sys_days{std::chrono::year{2026} / 1 / 1};

/// One line an event, with every field that it carries.
std::string to_string(const domain::execution_event& event);

/// What a command came to, together with what followed from it.
struct outcome {
  std::vector<domain::execution_event> events;  ///< the decision's, then those of settling
  std::size_t decided = 0;                      ///< how many of them are the decision's
  std::optional<domain::rejection> rejection;
  std::optional<std::uint64_t> duplicate_of;
  std::vector<domain::task_index> touched;
};

/// Settling must end within this many steps, whatever came before: QUEUED, RUNNING, then one more.
inline constexpr int most_settle_steps = 3;

/// decide, evolve, then settle and evolve until nothing follows. Checks that settling ends and that each change of
/// status is in the table. `after_each`, where given, sees the state after every event.
outcome run(domain::execution_state& state, const domain::execution_command& command, domain::timestamp now,
            const std::function<void(const domain::execution_state&)>& after_each = {});

class scenario {
 public:
  /// The execution does not exist yet.
  scenario() = default;
  /// Created, not started.
  explicit scenario(std::shared_ptr<const domain::plan> plan, domain::execution_options options = {});
  /// Created and started.
  static scenario started(std::shared_ptr<const domain::plan> plan, domain::execution_options options = {});

  /// Applies events as a replay does.
  scenario& given(const std::vector<domain::execution_event>& events);
  scenario& when(const domain::execution_command& command);
  /// Lets time pass.
  scenario& after(domain::milliseconds span);

  /// Exactly these events came of the last command, refused or not. A line that ends with `*` stands for any that
  /// begins so.
  scenario& then(const std::vector<std::string>& lines);
  /// The last command was refused like this and recorded nothing.
  scenario& refused(domain::rejection_code code);
  scenario& duplicate_of(std::uint64_t seq);
  scenario& is(domain::execution_status status);
  scenario& task_is(const std::string& id, domain::task_status status, domain::leaf_stage stage);

  /// Common steps, which must be accepted.
  scenario& hand_out(const std::string& task, const std::string& agent, const std::string& token = {});
  scenario& complete(const std::string& task, const std::string& agent);

  domain::task_index index(const std::string& task) const { return state.graph->find({task}); }
  const domain::task_state& task(const std::string& id) const { return state.tasks[index(id)]; }
  domain::assign_task assignment(const std::string& task, const std::string& agent, const std::string& token) const {
    return {index(task), {agent}, token, "free"};
  }

  domain::execution_state state;
  domain::timestamp now = epoch;
  outcome last;

 private:
  scenario& must(const domain::execution_command& command);
  std::uint64_t next_token_ = 1;
};

/// A report's head.
domain::report_header by(const std::string& agent, const std::string& task, const std::string& token = {});

/// A person's decision with nothing but a note.
domain::resolve_review resolution(const std::string& task, domain::review_action action, const std::string& note = {});

}  // namespace planexe::tests
