#include "tests/eventstore/samples.hpp"

#include <limits>

#include "eventstore/layout.hpp"

namespace planexe::eventstore::testing {
namespace {

using namespace domain;

timestamp at(std::int64_t milliseconds_since_1970) {
  return timestamp{milliseconds{milliseconds_since_1970}};
}

plan full_plan() {
  plan full;
  full.id = {"plan-7"};
  full.title = "Open a bakery";
  full.goal = "Sell bread by spring — \"fresh\"";
  task_definition phase;
  phase.id = {"1"};
  phase.title = "Prepare";
  task_definition task;
  task.id = {"1.1"};
  task.parent = 0;
  task.level = task_level::subtask;
  task.title = "Find a place";
  task.description = "On a corner";
  task.action = "research";
  task.params_json = R"({"city":"Ghent"})";
  task.assignee_role = "scout";
  task.resources = {"map", ""};
  task.estimate = estimate{0.5, 1.25, 3};
  task.timeout = milliseconds{7'200'000};
  task.retry = retry_policy{5, milliseconds{50}, 3, hours(1), {"closed", "sold"}};
  task.priority = -3;
  task.agent_executable = false;
  task.decomposition_confidence = 0.25;
  task.tier = autonomy_tier::person_led;
  task.required_capabilities = {"research", "travel"};
  task.role_certainty = 0.5;
  task.why = {{"base", 0.5}, {"vague_title", -0.25}};
  task.success_criteria = "An address";
  full.tasks = {phase, task};
  full.dependencies = {{0, 1, "first things first"}};
  full.roles = {{"scout", "walks"}};
  full.risks = {{"Rent",
                 "It may rise",
                 "high",
                 "Sign for long",
                 "R1",
                 risk_kind::failure_mode,
                 "low",
                 "scout",
                 {"Letters", "Calls"},
                 {"rent > 2000"},
                 "rent > 9000",
                 {0, 1}}};
  full.assumptions = {{"A1", "People eat bread", "Ask them", "Nobody does", {1}}};
  full.warnings = {{"no_estimate", "1 has none", {"1"}}};
  full.redline = redline_verdict::allow_with_safety_framing;
  full.start_warning = "Do Not Execute";
  full.start_date = at(1'767'225'600'000);
  return full;
}

std::shared_ptr<const decomposition> sample_parts() {
  const auto part = [](const char* id, const char* title) {
    task_definition definition;
    definition.id = {id};
    definition.parent = 1;
    definition.level = task_level::subtask;
    definition.title = title;
    definition.action = "research";
    definition.success_criteria = "A list";
    return definition;
  };
  return std::make_shared<const decomposition>(
      decomposition{{{part("1.1.1", "Look"), {}}, {part("1.1.2", "Choose"), {{"1.1.1"}}}},
                    decomposition_source::model,
                    "some-model",
                    "{\"subtasks\": []}",
                    "two are enough"});
}

agent_profile full_profile() {
  return {"Baker", agent_kind::service,     {"scout", "baker"}, {{"*", ""}, {"bake", R"({"max":2})"}},
          4,       "https://127.0.0.1/hook"};
}

execution_options full_options() {
  return {sequencing::dependencies,
          0.55,
          7,
          milliseconds{1'000},
          milliseconds{2'000},
          milliseconds{3'000},
          retry_policy{9, seconds(0.05), 1.5, hours(2), {"no_such_street"}},
          milliseconds{4'000},
          {{hours(4), "baker"}, {hours(8), ""}},
          2,
          3,
          "the kitchen is fireproof"};
}

notification_content full_content() {
  return {notification_kind::execution_blocked,
          {"exec-1"},
          "My bakery",
          "no agent",
          2,
          "baker",
          {{{"1.1"}, "Find a street", "nobody can scout"}},
          3,
          11,
          12,
          at(1'700'000'000'123)};
}

/// Fills whatever a layout describes.
class randomizer {
 public:
  explicit randomizer(std::mt19937_64& random) : random_(random) {}

  template <class T>
  randomizer& operator()(std::uint32_t, T& value) {
    draw(value);
    return *this;
  }
  template <class T>
  randomizer& always(std::uint32_t, T& value) {
    draw(value);
    return *this;
  }
  randomizer& personal(std::uint32_t, std::string& value, stands_in = stands_in::text) {
    draw(value);
    return *this;
  }
  randomizer& index(std::uint32_t, std::uint32_t& value) {
    draw(value);
    return *this;
  }
  template <class T>
  randomizer& repeated(std::uint32_t, std::vector<T>& values, std::size_t = 0) {
    values.resize(below(4));
    for (T& value : values) draw(value);
    return *this;
  }
  template <class T>
  randomizer& each(std::uint32_t, std::vector<T>& values) {
    for (T& value : values) draw(value);
    return *this;
  }
  template <std::size_t N>
  randomizer& packed(std::uint32_t, std::array<std::uint32_t, N>& values) {
    for (std::uint32_t& value : values) draw(value);
    return *this;
  }
  randomizer& packed(std::uint32_t, std::vector<task_index>& values) {
    values.clear();
    for (task_index i = 0; i < 3; ++i)
      if (below(2) == 0) values.push_back(i * 1000);
    return *this;
  }
  randomizer& packed(std::uint32_t, std::set<task_index>& values) {
    values.clear();
    for (task_index i = 0; i < 2; ++i)
      if (below(2) == 0) values.insert(i);
    return *this;
  }

 private:
  std::uint64_t below(std::uint64_t end) { return random_() % end; }

  template <wire::integral T>
  void draw(T& value) {
    constexpr auto most = std::numeric_limits<T>::max();
    constexpr auto least = std::numeric_limits<T>::min();
    const T choices[] = {T{0}, T{1}, most, least, static_cast<T>(random_())};
    value = choices[below(5)];
  }
  void draw(bool& value) { value = below(2) == 1; }
  template <wire::enumeration E>
  void draw(E& value) {
    constexpr auto& order = stored_enumerators<E>::order;
    value = order[below(std::size(order))];
  }
  void draw(milliseconds& value) {
    std::int64_t count = 0;
    draw(count);
    value = milliseconds{count};
  }
  void draw(timestamp& value) {
    milliseconds since{};
    draw(since);
    value = timestamp{since};
  }
  void draw(double& value) {
    const double choices[] = {0.0, -0.0, 1.0, 0.7, 1e308, -5e-324, std::numeric_limits<double>::infinity()};
    value = choices[below(std::size(choices))];
  }
  void draw(std::string& value) {
    value.resize(below(8) == 0 ? 300 : below(6));
    for (char& c : value) c = static_cast<char>(random_());
  }
  template <class Tag>
  void draw(basic_id<Tag>& id) {
    draw(id.value);
  }
  template <class T>
  void draw(std::optional<T>& value) {
    value.reset();
    if (below(2) == 0) draw(value.emplace());
  }
  template <class T>
  void draw(std::shared_ptr<const T>& value) {
    auto content = std::make_shared<T>();
    draw(*content);
    value = below(4) == 0 ? nullptr : content;
  }
  template <wire::message T>
  void draw(T& value) {
    describe(*this, value);
  }

  std::mt19937_64& random_;
};

template <class Family>
void add_fresh(std::vector<event>& events) {
  [&]<std::size_t... I>(std::index_sequence<I...>) {
    (events.emplace_back(Family(std::in_place_index<I>)), ...);
  }
  (std::make_index_sequence<std::variant_size_v<Family>>{});
}

std::vector<event> fresh_events() {
  std::vector<event> events;
  add_fresh<execution_event>(events);
  add_fresh<agent_event>(events);
  add_fresh<plan_event>(events);
  return events;
}

}  // namespace

std::shared_ptr<const plan> sample_plan() {
  return std::make_shared<const plan>(full_plan());
}

event_metadata sample_metadata() {
  return {at(1'700'000'000'123), "agent:baker", "request-9", at(1'700'000'000'001)};
}

std::vector<event> samples() {
  const task_id task{"1.1"};
  const agent_id agent{"baker"};
  std::vector<execution_event> executions = {
      execution_created{sample_plan(), "My bakery", agent, -2, full_options()},
      execution_queued{"asked for", at(1'700'600'000'000)},
      execution_started{},
      execution_paused{"lunch", true},
      execution_resumed{execution_status::queued},
      execution_blocked{"no agent"},
      execution_unblocked{execution_status::paused},
      execution_completed{},
      execution_failed{"out of time"},
      execution_cancelled{"changed my mind"},
      execution_reprioritized{-17},
      task_assigned{task, agent, 2, "token-1", at(1'700'086'400'000), "the only scout"},
      task_started{task, agent, "on my way"},
      task_progress{task, agent, 12.5, "half of a quarter"},
      task_complete{task, agent, R"({"street":"Kouter"})", "found"},
      task_error{task, agent, 3, "timeout", "nobody answered", false, true},
      task_retry_scheduled{task, at(1'700'000'300'000)},
      task_retry_due{task},
      task_blocked{task, agent, "waits for a permit", at(1'700'172'800'000), true},
      task_unblocked{task, "permit came"},
      task_skipped{task, "not needed"},
      task_reassigned{task, agent, "baker"},
      task_escalated{task, "waited 48 hours", 3, "the baker's mother"},
      lease_expired{task, agent, "silent for 30 minutes"},
      review_requested{task, review_kind::escalated, "confidence 0.25"},
      review_resolved{task, review_action::decompose, "go on"},
      report_rejected_stale{task, agent, "token-0", "task_complete"},
      subtasks_added{task, agent, sample_parts()},
      execution_unstaffed{"no cook", at(1'700'000'000'777)},
      execution_staffed{},
      execution_forked{{"e-1"},
                       17,
                       std::string(32, '\x6b'),
                       "My other bakery",
                       agent,
                       full_options(),
                       at(1'700'700'000'000),
                       "with another oven"},
  };
  std::vector<event> all;
  for (auto& one : executions) all.emplace_back(std::move(one));
  all.emplace_back(agent_event{agent_registered{full_profile()}});
  all.emplace_back(agent_event{agent_profile_changed{full_profile()}});
  all.emplace_back(agent_event{agent_standing_changed{agent_standing::retired}});
  all.emplace_back(plan_event{plan_imported{sample_plan()}});
  all.emplace_back(system_event{everything_paused{"smoke in the bakery"}});
  all.emplace_back(system_event{everything_resumed{"it was the bread"}});
  all.emplace_back(system_event{notification_queued{7, 4'711, agent, full_content()}});
  all.emplace_back(system_event{notification_delivered{7, 2, 204}});
  all.emplace_back(system_event{notification_failed{7, 1, "nobody answered", at(1'700'000'005'000)}});
  all.emplace_back(system_event{notification_dead_lettered{8, 12, "nobody answered for a day"}});
  all.emplace_back(system_event{notification_redriven{8}});
  all.emplace_back(system_event{
      key_created{"key-1", "the baker's", key_role::agent, agent, std::string(32, '\x5a'), at(1'800'000'000'000)}});
  all.emplace_back(system_event{key_revoked{"key-1"}});
  all.emplace_back(system_event{execution_archived{{"e-1"},
                                                   "My bakery",
                                                   "COMPLETED",
                                                   120,
                                                   17,
                                                   980,
                                                   std::string(32, '\x7c'),
                                                   std::string(32, '\x1d'),
                                                   at(1'700'000'000'000),
                                                   at(1'700'500'000'000)}});
  all.emplace_back(system_event{subject_erased{"agent:baker", "she asked for it"}});
  return all;
}

event random_event(std::mt19937_64& random) {
  std::vector<event> events = fresh_events();
  event chosen = events[random() % events.size()];
  std::visit(
      [&](auto& family) {
        std::visit(
            [&](auto& payload) {
              randomizer fill(random);
              describe(fill, payload);
            },
            family);
      },
      chosen);
  return chosen;
}

event_metadata random_metadata(std::mt19937_64& random) {
  event_metadata metadata;
  randomizer fill(random);
  describe(fill, metadata);
  return metadata;
}

void randomize(std::mt19937_64& random, execution_state& state) {
  randomizer fill(random);
  describe(fill, state);
}

}  // namespace planexe::eventstore::testing
