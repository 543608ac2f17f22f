// Which tasks risks and assumptions are found to speak of, and which not.
#include "plans/attachment.hpp"

#include "plans/attachment_words.hpp"
#include "tests/plans/reading.hpp"

using namespace planexe;
using namespace planexe::plans;
using namespace planexe::plans::testing;
using domain::no_task;
using domain::task_index;

namespace {

using indexes = std::vector<task_index>;

void add_task(domain::plan& plan, std::string id, task_index parent, std::string title, std::string description = "") {
  domain::task_definition task;
  task.id.value = std::move(id);
  task.parent = parent;
  task.level = parent == no_task                      ? domain::task_level::phase
               : plan.tasks[parent].parent == no_task ? domain::task_level::task
                                                      : domain::task_level::subtask;
  task.title = std::move(title);
  task.description = std::move(description);
  plan.tasks.push_back(std::move(task));
}

/// Mending a bridge: two phases, four tasks, nine leaves.
domain::plan bridge() {
  domain::plan plan;
  add_task(plan, "p1", no_task, "Prepare the ground");                                                         // 0
  add_task(plan, "t1", 0, "Survey the river bed");                                                             // 1
  add_task(plan, "l1", 1, "Rent a survey boat", "Compare prices of three harbours.");                          // 2
  add_task(plan, "l2", 1, "Drill soil samples", "Bring up clay and gravel from below the river bed.");         // 3
  add_task(plan, "l3", 1, "Send soil samples to the laboratory", "Clay and gravel are tested for strength.");  // 4
  add_task(plan, "t2", 0, "Permits");                                                                          // 5
  add_task(plan, "b8947dc5-aaaa-4bbb-8ccc-000000000001", 5, "Apply for the water permit", "The water authority.");
  add_task(plan, "l5", 5, "Apply for the road closure permit", "The traffic police close the road.");  // 7
  add_task(plan, "p2", no_task, "Mend");                                                               // 8
  add_task(plan, "t3", 8, "Replace the timber deck");                                                  // 9
  add_task(plan, "l6", 9, "Order oak planks", "Seasoned oak from the saw mill.");                      // 10
  add_task(plan, "l7", 9, "Lay the oak planks", "Screw the planks to the beams.");                     // 11
  add_task(plan, "t4", 8, "Celebrate");                                                                // 12
  add_task(plan, "l8", 12, "Invite the village", "Posters at the church.");                            // 13
  add_task(plan, "l9", 12, "Hire a brass band", "Two hours of marching music.");                       // 14
  return plan;
}

indexes tasks_of(domain::plan plan, const std::string& title, const std::string& description,
                 const std::string& mitigation = "") {
  plan.risks = {{title, description, "high", mitigation}};
  attach_to_tasks(plan);
  return plan.risks[0].tasks;
}

}  // namespace

TEST_CASE("a risk is found at the leaf whose words it shares") {
  CHECK(tasks_of(bridge(), "Supply", "The saw mill may deliver no seasoned oak planks.") == indexes{10});
  CHECK(tasks_of(bridge(), "Festivity", "The brass band plays other music.") == indexes{14});
}

TEST_CASE("singular and plural and other endings are one word") {
  CHECK(tasks_of(bridge(), "", "Closing roads: the police may deny the permits.") == indexes{7});
  CHECK(theme_words("Permits, permitting and permitted") == theme_words("permit permit permit"));
  CHECK(theme_words("licensing agencies") == theme_words("license agency"));
  CHECK(theme_words("the 500 of a b c 12").empty());
}

TEST_CASE("a theme that the leaves of a task share is found at the task") {
  const std::string weak = "The survey of the river bed shows that soil, clay and gravel are weak.";
  CHECK(tasks_of(bridge(), "Nature", weak) == indexes{1});
  CHECK(tasks_of(bridge(), "Ground", weak) == indexes{0});  // named by the risk's own title
}

TEST_CASE("of a task and what is below it only one is taken") {
  for (const auto& text : {"River bed soil samples of clay and gravel", "Survey boat on the river bed", "Oak planks",
                           "Timber deck of oak planks", "Permits for water and road"}) {
    const auto plan = bridge();
    const auto found = tasks_of(plan, "", text);
    for (const auto above : found)
      for (const auto below : found)
        for (auto at = plan.tasks[below].parent; at != no_task; at = plan.tasks[at].parent) CHECK(at != above);
  }
}

TEST_CASE("what no task speaks of stays with the plan as a whole") {
  CHECK(tasks_of(bridge(), "Financial", "The budget may not suffice and costs could overrun.").empty());
  CHECK(tasks_of(bridge(), "", "").empty());
  CHECK(tasks_of(bridge(), "Politics", "Ministers come and go.").empty());
}

TEST_CASE("one shared word and the language of plans are not enough") {
  CHECK(tasks_of(bridge(), "", "The band of supporters is small.").empty());
  CHECK(is_plan_language("develop"));
  CHECK(is_plan_language("stakehold"));
  CHECK_FALSE(is_plan_language("soil"));
  domain::plan plan;
  add_task(plan, "p", no_task, "Develop the stakeholder strategy");
  add_task(plan, "q", no_task, "Mend the bridge");
  add_task(plan, "r", no_task, "Paint the bridge");
  CHECK(tasks_of(plan, "", "Stakeholders delay the development of the strategy.").empty());
}

TEST_CASE("words that agree only outside of every title are not enough") {
  CHECK(tasks_of(bridge(), "", "Three harbours compare.").empty());
}

TEST_CASE("a mitigation counts less than the risk itself") {
  CHECK(tasks_of(bridge(), "", "The brass band plays other music.", "Order oak planks.") == indexes{14});
}

TEST_CASE("a task that is named by its id is meant, whatever the words") {
  CHECK(tasks_of(bridge(), "", "Nobody signs (Task ID b8947dc5).") == indexes{6});
  CHECK(tasks_of(bridge(), "", "See b8947dc5-aaaa-4bbb-8ccc-000000000001.") == indexes{6});
  CHECK(tasks_of(bridge(), "", "Task l9, then task l1: all late.") == indexes{2, 14});
  CHECK(tasks_of(bridge(), "", "Unclear (id: b8947dc).").empty());  // too short a beginning
  CHECK(tasks_of(bridge(), "", "The price is b8947dc5.").empty());  // not announced as an id
  auto twins = bridge();
  add_task(twins, "b8947dc5-aaaa-4bbb-8ccc-000000000002", 8, "Another");
  CHECK(tasks_of(twins, "", "Nobody signs (Task ID b8947dc5).").empty());  // which of the two?
}

TEST_CASE("an id that is an English word is not found in every sentence") {
  domain::plan plan;
  add_task(plan, "order", no_task, "Buy planks");
  add_task(plan, "lay", no_task, "Put them down");
  CHECK(tasks_of(plan, "", "In order to lay them, a task force is needed; the task order may change.").empty());
  CHECK(tasks_of(plan, "", "Late (task id order).") == indexes{0});
}

TEST_CASE("tripwires and falsifiers may name tasks too") {
  auto plan = bridge();
  domain::plan_risk risk;
  risk.title = "x";
  risk.tripwires = {"task l8 is a week late"};
  plan.risks = {risk};
  plan.assumptions = {{"A1", "All is well", "", "task l9 fails", {}}};
  attach_to_tasks(plan);
  CHECK(plan.risks[0].tasks == indexes{13});
  CHECK(plan.assumptions[0].tasks == indexes{14});
}

TEST_CASE("a risk that names many tasks speaks of the plan") {
  CHECK(tasks_of(bridge(), "", "task l1, task l2, task l3, task l5, task l6, task l7, task l8").empty());
}

TEST_CASE("what its author attached stays") {
  auto plan = bridge();
  plan.risks = {{"Festivity", "The brass band plays other music.", "", ""}};
  plan.risks[0].tasks = {0};
  attach_to_tasks(plan);
  CHECK(plan.risks[0].tasks == indexes{0});
}

TEST_CASE("assumptions are found by what they state and how they are tested") {
  auto plan = bridge();
  plan.assumptions = {{"A1", "Seasoned oak planks can be ordered at any time.", "Ask the saw mill.", "", {}}};
  attach_to_tasks(plan);
  CHECK(plan.assumptions[0].tasks == indexes{10});
}

TEST_CASE("attaching is the same every time") {
  auto first = bridge();
  for (int i = 0; i < 50; ++i)
    first.risks.push_back({"Risk", "Soil samples, oak planks and water permit " + std::to_string(i), "", ""});
  auto second = first;
  attach_to_tasks(first);
  attach_to_tasks(second);
  CHECK(first == second);
}

TEST_CASE("20000 tasks and 1000 risks are attached without comparing each with each") {
  domain::plan plan;
  const auto letters = [](std::size_t number) {  // a word of its own for each number
    std::string word = "q";
    for (; number > 0; number /= 20) word += "bcdfghjklmnpqrstvwxz"[number % 20];
    return word + "ub";
  };
  add_task(plan, "p", no_task, "All of it");
  for (std::size_t i = 1; i < domain::max_plan_tasks; ++i)
    add_task(plan, "t" + std::to_string(i), 0,
             "Prepare the " + letters(i) + " " + letters(i / 7) + " " + letters(i % 50),
             "Make " + letters(i % 997) + " of the " + letters(i % 1499));
  for (std::size_t i = 1; i <= 1'000; ++i)
    plan.risks.push_back({"", "The " + letters(19 * i) + " " + letters(19 * i / 7) + " breaks", "", ""});
  attach_to_tasks(plan);
  std::size_t right = 0;
  for (std::size_t i = 1; i <= 1'000; ++i) {
    const auto& found = plan.risks[i - 1].tasks;
    right += std::find(found.begin(), found.end(), 19 * i) != found.end();
  }
  CHECK(right >= 990);
}
