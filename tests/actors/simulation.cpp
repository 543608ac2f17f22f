#include "tests/actors/simulation.hpp"

#include <caf/send.hpp>

#include "domain/execution_status.hpp"

namespace planexe::tests {

using namespace domain;

namespace {

const std::vector<std::string> actions{"dig", "lay", "paint"};
const std::vector<std::string> roles{"", "Mason", "Painter"};
const std::string generalist = "gen";

struct simulated_agent {
  std::string id;
  register_agent profile;
  bool retired = false;
  timestamp absent_until{};
  std::map<std::string, work_item> tasks;  ///< by token; as far as it knows
  std::vector<std::pair<std::string, execution_command>> sent;
  std::string last_request;
};

struct sent_command {
  told_of_execution told;
  std::string of;  ///< the execution; what was decided on one that leaves just then cannot be answered
};

class simulation {
 public:
  explicit simulation(std::uint64_t seed)
      : seed_(seed), roll_(seed), audit_(machine_), outbox_audit_(machine_, audit_) {}

  simulation_result run() {
    set_up();
    const auto steps = 300 + roll_.below(1'200);
    calm_ = roll_.chance(30);
    for (std::uint32_t i = 0; i < steps && audit_.problem().empty(); ++i) {
      act();
      audit_.catch_up();
      audit_.check_wake_ups(*process_);
      check_answers();
    }
    if (audit_.problem().empty()) bring_to_an_end();
    counts_.events = audit_.seen();
    counts_.executions = audit_.executions().size();
    counts_.wake_ups = audit_.wake_ups();
    return {audit_.problem(), counts_};
  }

 private:
  // -- the stage
  // -------------------------------------------------------------------------------------------------------

  void set_up() {
    const auto count = 1 + roll_.below(6);
    for (std::uint32_t i = 0; i < count; ++i) {
      simulated_agent agent;
      agent.id = i == 0 ? generalist : "agent" + std::to_string(i);
      const bool any = i == 0 || roll_.chance(20);
      agent.profile =
          able_to(any ? std::vector<std::string>{"*"} : std::vector{roll_.one_of(actions)}, 1 + roll_.below(3));
      if (!any && roll_.chance(50)) agent.profile.profile.roles.push_back(roll_.one_of(roles));
      if (roll_.chance(30)) agent.profile.profile.webhook_url = "https://" + agent.id + ".example";
      agents_.push_back(std::move(agent));
    }
    start();
    for (const auto& agent : agents_) process_->ask_agent(agent.id, agent.profile);
    process_->run();
    const auto wanted = 1 + roll_.below(4);
    for (std::uint32_t i = 0; i < wanted; ++i) create("e" + std::to_string(i));
  }

  void start() {
    process_options options;
    options.seed = seed_ * 1'000 + ++lives_;
    options.settings.snapshot_every = 1 + roll_.below(20);
    options.settings.batch_items = 1 + roll_.below(8);
    options.settings.agent_timeout = seconds(60 + roll_.below(3'600));
    options.settings.notifies_server = true;
    // In every other run what is over leaves the log, sooner or later.
    if (seed_ % 2 == 0) options.settings.keep_executions_for = hours(1 + static_cast<double>(seed_ % 40));
    options.prepare_archive = archive_preparer_of(machine_);
    options.send_notification = [this](actors::outgoing_notification what, auto done) {
      ++counts_.sendings;
      outbox_audit_.sending(what);
      sendings_.push_back(std::move(done));
    };
    disk_fails_ = false;
    process_ = std::make_unique<process>(machine_, options);
    process_->recover();
  }

  void crash() {
    ++counts_.crashes;
    process_.reset();
    commands_.clear();
    polls_.clear();
    sendings_.clear();
    if (roll_.chance(15)) {
      machine_.derived = std::make_unique<eventstore::memory_store>();
      outbox_audit_.forget();
    }
    start();
  }

  void create(const std::string& id) {
    auto made = std::make_shared<plan>(*random_plan(roll_, 9));
    for (auto& task : made->tasks) {
      task.action = roll_.one_of(actions);
      if (roll_.chance(20)) task.assignee_role = roll_.one_of(roles);
      task.priority = static_cast<std::int32_t>(roll_.below(3));
    }
    create_execution command{.source = std::move(made), .options = random_options(roll_), .start = roll_.chance(80)};
    if (roll_.chance(20)) command.options.timeout = hours(1 + roll_.below(50));
    for (auto rungs = roll_.below(3); rungs > 0; --rungs)
      command.options.ladder.push_back({hours(1 + roll_.below(24)), roll_.one_of(agents_).id});
    if (roll_.chance(10)) command.agent = {roll_.one_of(agents_).id};
    planned_.emplace(id, command);
    send(id, command, "person");
  }

  // -- one step
  // --------------------------------------------------------------------------------------------------------

  void act() {
    if (!process_->failures().empty()) return crash();  // a server whose disk has failed leaves
    const auto kind = roll_.below(1'000);
    if (!process_->recovered() || kind < 560) return deliver();
    if (kind < 600) return process_->run();
    if (kind < 690) return poll(any_agent());
    if (kind < 850) return report(any_agent());
    if (kind < 900) return be_a_person();
    if (kind < 955) return pass_time();
    if (kind < 960) return fork();
    if (kind < 970) return follow();
    if (kind < 975) return answer_sendings();
    if (kind < 980) return change_agent_of(any_agent());
    if (calm_) return;
    if (kind < 997) return roll_.chance(40) ? crash() : deliver();
    ++counts_.disk_failures;
    disk_fails_ = true;
    process_->disk().fail_append(1 + roll_.below(3));
  }

  void deliver() {
    if (!calm_ && !process_->recovered() && roll_.chance(3)) return crash();
    const auto messages = 1 + roll_.below(6);
    for (std::uint32_t i = 0; i < messages && process_->busy() > 0; ++i) process_->step(roll_.below(process_->busy()));
  }

  void pass_time() {
    const std::vector<milliseconds> spans{milliseconds{20}, seconds(1),     seconds(30), seconds(90),
                                          seconds(600),     seconds(2'000), hours(2),    hours(30)};
    process_->pass(roll_.one_of(spans));
  }

  void follow() {
    const execution_id id{any_execution()};
    auto task = [this, &views = process_->views(), id] {
      const auto* row = views.executions.row(id);
      if (row != nullptr) views.hub.follow(id, std::make_shared<order_follower>(audit_, row->version));
    };
    caf::anon_send(process_->env().projector, actors::run_atom_v, std::make_shared<std::function<void()>>(task));
  }

  /// Targets answer some of what was sent to them.
  void answer_sendings() {
    using kind = delivery_outcome::kind;
    for (auto& done : std::exchange(sendings_, {})) {
      if (roll_.chance(30)) {
        sendings_.push_back(std::move(done));
      } else {
        const auto what = roll_.chance(50) ? kind::delivered : roll_.chance(80) ? kind::failed : kind::refused;
        done({what, 500, "an answer",
              roll_.chance(20) ? std::optional{milliseconds{roll_.below(100'000)}} : std::nullopt});
      }
    }
  }

  // -- agents
  // ----------------------------------------------------------------------------------------------------------

  simulated_agent& any_agent() { return agents_[roll_.below(agents_.size())]; }

  bool absent(simulated_agent& agent) {
    if (roll_.chance(3)) agent.absent_until = machine_.clock.now() + seconds(roll_.below(20'000));
    return machine_.clock.now() < agent.absent_until;
  }

  void poll(simulated_agent& agent) {
    if (absent(agent)) return;
    poll_options options{.wait = seconds(roll_.chance(50) ? 0 : roll_.below(60)), .limit = 1 + roll_.below(3)};
    if (roll_.chance(50)) {
      if (agent.last_request.empty() || roll_.chance(60)) agent.last_request = next_id("poll");
      options.request_id = agent.last_request;
    }
    if (roll_.chance(10)) options.supported_actions = {roll_.one_of(actions)};
    ask_for_work(agent, std::move(options), roll_.chance(90));
  }

  /// `listens`: or the answer is lost on its way.
  void ask_for_work(simulated_agent& agent, poll_options options, bool listens = true) {
    auto polled = process_->poll(agent.id, std::move(options));
    polled->on_answer = [this, &agent, asked = std::weak_ptr(polled), listens] {
      const auto& answer = *asked.lock()->answer;
      if (!answer) return;
      for (const auto& work : answer->tasks) {
        audit_.handed_out(agent.id, *work);
        if (listens) agent.tasks.insert_or_assign(work->lease_token, *work);
      }
      if (!answer->tasks.empty()) ++counts_.polls_served;
    };
    polls_.push_back(std::move(polled));
  }

  void report(simulated_agent& agent) {
    if (absent(agent)) return;
    if (!agent.sent.empty() && roll_.chance(15)) {  // says it again
      const auto [execution, command] = roll_.one_of(agent.sent);
      return send(execution, command, agent.id);
    }
    if (agent.tasks.empty()) return;
    auto chosen = agent.tasks.begin();
    std::advance(chosen, roll_.below(agent.tasks.size()));
    const auto work = chosen->second;
    auto header = report_on(work, agent.id);
    if (roll_.chance(4)) header.lease_token = "made-up";
    if (roll_.chance(4)) header.agent = {roll_.one_of(agents_).id};
    auto command = choose_report(header);
    agent.sent.emplace_back(work.execution.value, command);
    send(work.execution.value, std::move(command), agent.id);
  }

  execution_command choose_report(const report_header& header) {
    const std::vector<std::string> words{"", "x", "y"};
    switch (roll_.below(10)) {
      case 0:
        return start_task{header, "begun"};
      case 1:
        return report_progress{header, static_cast<double>(roll_.below(101)), {}};
      case 2:
        return heartbeat{header, static_cast<double>(roll_.below(101)), {}};
      case 3:
      case 4:
        return fail_task{header, roll_.chance(10) ? "decomposition_failed" : "kind", roll_.one_of(words),
                         roll_.chance(80), roll_.chance(10)};
      case 5:
        return block_task{header, roll_.one_of(words), hours(roll_.below(50)), roll_.chance(30)};
      case 6:
        return unblock_task{header, "it came"};
      case 7:
        if (roll_.chance(50)) return propose_subtasks{header, draw_parts(header.task)};
        [[fallthrough]];
      default:
        return complete_task{header, "{}", "done"};
    }
  }

  /// One to three parts, without ids or with their own; now and then ones that do not fit.
  std::shared_ptr<const decomposition> draw_parts(const task_id& whole) {
    auto parts = std::make_shared<decomposition>();
    const bool named = roll_.chance(50);
    const auto count = roll_.chance(3) ? 0 : 1 + roll_.below(3);
    for (std::uint32_t k = 0; k < count; ++k) {
      new_subtask part;
      if (named) part.definition.id = {whole.value + "-" + std::to_string(roll_.chance(3) ? 0 : k)};
      part.definition.title = "Part " + std::to_string(k);
      part.definition.action = roll_.one_of(actions);
      if (named && k > 0 && roll_.chance(50)) part.depends_on.push_back(parts->subtasks.front().definition.id);
      parts->subtasks.push_back(std::move(part));
    }
    return parts;
  }

  void change_agent_of(simulated_agent& agent) {
    domain::change_agent change;
    switch (roll_.below(4)) {
      case 0:
        change.standing = agent_standing::paused;
        break;
      case 1:
        change.standing = agent_standing::active;
        agent.retired = false;
        break;
      case 2:
        change.max_concurrent_tasks = 1 + roll_.below(3);
        break;
      default:
        if (agent.id == generalist || roll_.chance(70)) return;
        change.standing = agent_standing::retired;
        agent.retired = true;
    }
    process_->ask_agent(agent.id, change);
  }

  // -- commands
  // --------------------------------------------------------------------------------------------------------

  std::string next_id(const char* prefix) { return prefix + std::to_string(++ids_); }

  void send(const std::string& execution, execution_command command, const std::string& who) {
    const auto id = next_id("r");
    const auto token = std::visit(
        [](const auto& c) {
          if constexpr (requires { c.report; })
            return c.report.lease_token;
          else
            return std::string{};
        },
        command);
    audit_.expect_token(id, token);
    if (who != "person") process_->env().presence.renew({who}, machine_.clock.now());
    ask_options options{.actor = who == "person" ? who : "agent:" + who, .causation_id = id};
    const bool ends = std::holds_alternative<complete_task>(command) || std::holds_alternative<fail_task>(command) ||
                      std::holds_alternative<block_task>(command) || std::holds_alternative<propose_subtasks>(command);
    ++counts_.reports;
    auto told = process_->ask(execution, std::move(command), std::move(options));
    told->on_delivered = [this, execution, id, who, token, ends, answer = std::weak_ptr(told)] {
      const auto known = answer.lock();
      audit_.answered(execution, id, *known);
      counts_.accepted += known->accepted() ? 1U : 0U;
      counts_.duplicates += known->outcome.duplicate_of ? 1U : 0U;
      counts_.stale += known->refused(rejection_code::lease_lost) ? 1U : 0U;
      if (known->refused(rejection_code::lease_lost) || (ends && known->accepted()))
        for (auto& agent : agents_)
          if (agent.id == who) agent.tasks.erase(token);
    };
    commands_.push_back({std::move(told), execution});
  }

  /// An answer may be lost with the process, but not while it lives.
  void check_answers() {
    const auto lost = [](const auto& asked) { return asked->dropped; };
    const auto command_lost = [](const sent_command& asked) { return asked.told->dropped; };
    const auto gone = static_cast<std::uint64_t>(std::count_if(commands_.begin(), commands_.end(), command_lost) +
                                                 std::count_if(polls_.begin(), polls_.end(), lost));
    const auto why_lost = [&](const auto& asked) {
      return asked.told->dropped && !audit_.archived().contains(asked.of);
    };
    const bool excused =
        std::none_of(commands_.begin(), commands_.end(), why_lost) && std::none_of(polls_.begin(), polls_.end(), lost);
    if (!excused && process_->failures().empty()) audit_.complain("an answer was dropped while nothing had failed");
    counts_.lost_answers += gone;
    std::erase_if(commands_, [](const auto& asked) { return asked.told->delivered || asked.told->dropped; });
    std::erase_if(polls_, [](const auto& polled) { return polled->answer || polled->dropped; });
  }

  // -- people
  // ----------------------------------------------------------------------------------------------------------

  /// Any of those that were planned, or of their forks.
  std::string any_execution() {
    const auto n = roll_.below(planned_.size() + forks_);
    return n < planned_.size() ? "e" + std::to_string(n) : "f" + std::to_string(n - planned_.size());
  }

  /// Of any moment of any execution, forks among them.
  void fork() {
    if (forks_ == most_forks) return;
    const auto origin = any_execution();
    const auto known = audit_.executions().find(origin);
    if (known == audit_.executions().end()) return;
    fork_execution wanted;
    if (roll_.chance(20)) wanted.agent = agent_id{roll_.chance(50) ? roll_.one_of(agents_).id : ""};
    if (roll_.chance(20)) wanted.priority = static_cast<std::int32_t>(roll_.below(3));
    if (roll_.chance(30)) {
      wanted.options = random_options(roll_);
      wanted.options->sequencing = known->second.options.sequencing;
    }
    const auto id = "f" + std::to_string(forks_);
    const auto seq = 1 + roll_.below(known->second.version);
    auto told = process_->fork(origin, seq, id, wanted);
    told->on_delivered = [this, id, answer = std::weak_ptr(told)] {
      audit_.forked(id, *answer.lock());
      ++counts_.forks;
    };
    // One that was refused gives its name to the next one.
    if (told->prepared && !told->outcome.rejection) ++forks_;
    commands_.push_back({std::move(told), id});
  }

  void be_a_person() {
    const auto id = any_execution();
    const auto known = audit_.executions().find(id);
    if (known == audit_.executions().end()) {  // its creation was lost; so is a fork, for good
      if (const auto planned = planned_.find(id); planned != planned_.end()) send(id, planned->second, "person");
      return;
    }
    const auto& state = known->second;
    switch (roll_.below(12)) {
      case 0:
        return send(id, pause_execution{"a pause"}, "person");
      case 1:
      case 2:
        return send(id, resume_execution{}, "person");
      case 3:
        return send(id, queue_execution{}, "person");
      case 4:
        return send(id, steer_execution{{}, static_cast<std::int32_t>(roll_.below(3))}, "person");
      case 5:
        if (roll_.chance(20)) return send(id, cancel_execution{"enough"}, "person");
        return;
      default:
        break;
    }
    resolve_review decision;
    decision.task = state.definition(any_leaf(state)).id;
    decision.action = static_cast<review_action>(roll_.below(9));
    if (decision.action == review_action::reject && roll_.chance(70)) decision.action = review_action::approve;
    decision.note = "a note";
    decision.output_json = "{}";
    if (roll_.chance(50)) decision.agent = {roll_.one_of(agents_).id};
    if (decision.action == review_action::decompose) decision.parts = draw_parts(decision.task);
    send(id, decision, "person");
  }

  task_index any_leaf(const execution_state& state) {
    std::vector<task_index> asked;
    for (const auto leaf : state.graph->leaves())
      if (state.tasks[leaf].review || state.tasks[leaf].external) asked.push_back(leaf);
    const auto leaves = state.graph->leaves();
    return asked.empty() || roll_.chance(20) ? leaves[roll_.below(leaves.size())] : roll_.one_of(asked);
  }

  // -- the end
  // ---------------------------------------------------------------------------------------------------------

  /// From here on nothing fails, agents do their work, and people answer what they are asked.
  void bring_to_an_end() {
    if (disk_fails_ || (!calm_ && roll_.chance(30))) crash();
    process_->run();
    if (!process_->recovered()) return audit_.complain("it never says that it has recovered");
    audit_.compare_everything(*process_);
    outbox_audit_.check_all_told();
    for (auto& agent : agents_)
      if (!agent.retired) process_->ask_agent(agent.id, change_agent{.standing = agent_standing::active});
    constexpr int most_rounds = 300;
    auto span = seconds(60);
    for (int round = 0; round < most_rounds && audit_.problem().empty(); ++round) {
      const auto before = audit_.position();
      if (finish_round(round)) return end_well();
      span = audit_.position() == before ? std::min<milliseconds>(span * 2, hours(12)) : seconds(60);
      process_->wait(span);
    }
    audit_.complain("does not come to an end: " + unfinished());
  }

  /// Everybody has heard of everything, and all that is kept is as the log says.
  void end_well() {
    for (int round = 0; round < 100 && outbox_audit_.outbox().pending > 0; ++round) {
      for (const auto& done : std::exchange(sendings_, {})) done({delivery_outcome::kind::delivered, 204, {}, {}});
      process_->wait(hours(2));
    }
    if (outbox_audit_.outbox().pending > 0) audit_.complain("a notification is never delivered");
    outbox_audit_.check_all_told();
    audit_.compare_everything(*process_);
  }

  /// True when every execution is over.
  bool finish_round(int round) {
    bool all_over = true;
    for (const auto& [id, creation] : planned_)
      if (!audit_.executions().contains(id)) {
        all_over = false;
        send(id, creation, "person");
      }
    for (const auto& [id, state] : audit_.executions()) {
      if (is_final(state.status) || audit_.archived().contains(id)) continue;
      all_over = false;
      help(id, state, round);
    }
    settle();
    for (auto& agent : agents_) {
      if (agent.retired) continue;
      ask_for_work(agent, {.limit = 3});
      settle();
      complete_everything(agent);
    }
    if (round > 0) expect_nothing_left_lying();  // before that, polls of its own may still wait for something else
    return all_over;
  }

  /// One who can do anything has room and asks: then it gets what is ready, without anybody waking it up first.
  void expect_nothing_left_lying() {
    auto& helper = agents_.front();
    const auto before = audit_.position();
    const auto lying = work_for(helper.id);
    ask_for_work(helper, {.limit = 1});
    const auto asked = polls_.back();
    settle();
    if (!lying.empty() && asked->is_empty() && audit_.position() == before)
      audit_.complain(lying + " is ready, but is not handed out");
    complete_everything(helper);
  }

  void complete_everything(simulated_agent& agent) {
    const auto tasks = agent.tasks;
    for (const auto& [token, work] : tasks)
      send(work.execution.value, complete_task{report_on(work, agent.id), "{}", {}}, agent.id);
    settle();
  }

  /// A leaf that this agent must be given if it asks; empty when there is none.
  std::string work_for(const std::string& agent) const {
    for (const auto& [id, state] : audit_.executions()) {
      if (!hands_out(state)) continue;
      if (state.options.max_parallel != 0 && state.held.size() >= state.options.max_parallel) continue;
      for (const auto leaf : state.graph->leaves()) {
        const auto& task = state.tasks[leaf];
        const auto& wanted = task.pinned_agent.empty() ? state.agent : task.pinned_agent;
        if (task.stage == leaf_stage::ready && (wanted.empty() || wanted.value == agent))
          return id + "/" + state.definition(leaf).id.value;
      }
    }
    return {};
  }

  void settle() {
    process_->wait(takes_back_every);
    audit_.catch_up();
    audit_.check_wake_ups(*process_);
    audit_.check_nothing_overdue(*process_);
    check_answers();
  }

  void help(const std::string& id, const execution_state& state, int round) {
    constexpr int patience = 40;  // rounds; then people do it themselves, and give work to one who can do it
    if (state.status == execution_status::created || state.status == execution_status::failed)
      return send(id, queue_execution{.confirm_warnings = true}, "person");
    if (state.status == execution_status::paused) return send(id, resume_execution{}, "person");
    for (const auto leaf : state.graph->leaves()) {
      const auto& task = state.tasks[leaf];
      resolve_review decision{.task = state.definition(leaf).id, .action = review_action::approve, .output_json = "{}"};
      if (task.review && task.review->kind == review_kind::failure)
        decision.action = round < patience ? review_action::retry : review_action::complete;
      else if (!task.review && task.external)
        decision.action = review_action::unblock;
      else if (task.stage == leaf_stage::ready && round >= patience) {
        decision.action = review_action::reassign;
        decision.agent = {generalist};
        if (task.pinned_agent == decision.agent) continue;
      } else if (task.failed_for_good)
        decision.action = review_action::retry;
      else if (!task.review)
        continue;
      send(id, decision, "person");
    }
  }

  std::string unfinished() const {
    std::string text;
    for (const auto& [id, state] : audit_.executions()) {
      if (is_final(state.status)) continue;
      text += id + " " + std::string(name_of(state.status));
      for (const auto leaf : state.graph->leaves()) {
        const auto& task = state.tasks[leaf];
        text += " " + state.definition(leaf).id.value + "=" + std::to_string(static_cast<int>(task.stage));
        if (task.lease) text += "(" + task.lease->agent.value + ")";
      }
      text += "; ";
    }
    return text.empty() ? "an execution was never created" : text;
  }

  std::uint64_t seed_;
  dice roll_;
  bool disk_fails_ = false;  ///< now or with one of its next writes
  bool calm_ = false;        ///< without crashes, so that much can happen in one life
  machine machine_;
  auditor audit_;
  outbox_audit outbox_audit_;
  simulation_counts counts_;
  std::vector<simulated_agent> agents_;
  std::map<std::string, create_execution> planned_;
  std::vector<sent_command> commands_;
  std::vector<std::shared_ptr<polled>> polls_;
  std::vector<std::function<void(delivery_outcome)>> sendings_;  ///< under way
  std::uint64_t lives_ = 0, ids_ = 0;
  static constexpr std::size_t most_forks = 4;
  std::size_t forks_ = 0;  ///< f0, f1, …: those that were begun, some of them lost
  std::unique_ptr<process> process_;
};

}  // namespace

void simulation_counts::add(const simulation_counts& other) {
  crashes += other.crashes;
  disk_failures += other.disk_failures;
  polls_served += other.polls_served;
  reports += other.reports;
  accepted += other.accepted;
  stale += other.stale;
  duplicates += other.duplicates;
  lost_answers += other.lost_answers;
  executions += other.executions;
  sendings += other.sendings;
  wake_ups += other.wake_ups;
  forks += other.forks;
  for (const auto& [type, count] : other.events) events[type] += count;
}

simulation_result simulate(std::uint64_t seed) {
  return simulation{seed}.run();
}

}  // namespace planexe::tests
