// Notifications as receivers and clients see them.
#include <doctest/doctest.h>

#include "gateway/json/render_notification.hpp"
#include "tests/gateway/json_fixtures.hpp"

namespace planexe::gateway {
namespace {

using namespace domain;
using tests::json;
using tests::rendered;

notification escalation() {
  notification known;
  known.number = 7;
  known.agent = {"ann"};
  known.content.kind = notification_kind::task_escalated;
  known.content.execution = {"e1"};
  known.content.execution_title = "A \"plan\"";
  known.content.message = "'A' is escalated to ann (level 2): late.";
  known.content.level = 2;
  known.content.to = "ann";
  known.content.tasks = {{{"t1"}, "A", "late\x01"}};
  known.content.more_tasks = 3;
  known.content.first_seq = 4;
  known.content.last_seq = 6;
  known.content.occurred_at = tests::first_moment();
  known.queued_at = tests::first_moment();
  known.next_attempt_at = tests::first_moment() + seconds(5);
  known.attempts = 1;
  known.detail = "http://127.0.0.1:9 refuses connections";
  return known;
}

json shown(const notification& known) {
  return rendered([&](std::string& out) { render_notification(out, known); });
}

json body_of(const notification& known) {
  return rendered([&](std::string& out) { render_notification_body(out, "ntf_7_x", known.content); });
}

}  // namespace

TEST_CASE("a body says what happened where") {
  CHECK(body_of(escalation()) == json{{"type", "task.escalated"},
                                      {"id", "ntf_7_x"},
                                      {"timestamp", "2026-01-31T09:05:07.250Z"},
                                      {"data",
                                       {{"execution_id", "e1"},
                                        {"title", "A \"plan\""},
                                        {"message", "'A' is escalated to ann (level 2): late."},
                                        {"level", 2},
                                        {"escalated_to", "ann"},
                                        {"tasks", {{{"task_id", "t1"}, {"title", "A"}, {"reason", "late\x01"}}}},
                                        {"more_tasks", 3},
                                        {"first_seq", 4},
                                        {"last_seq", 6}}}});
}

TEST_CASE("a body leaves out what there is not, and every kind has its type") {
  auto known = escalation();
  known.content.kind = notification_kind::execution_completed;
  known.content.to.clear();
  known.content.tasks.clear();
  known.content.more_tasks = 0;
  const auto data = body_of(known)["data"];
  CHECK(data["tasks"] == json::array());
  for (const auto* member : {"level", "escalated_to", "more_tasks"}) CHECK_FALSE(data.contains(member));
  CHECK(type_of(notification_kind::review_requested) == "review.requested");
  CHECK(type_of(notification_kind::execution_blocked) == "execution.blocked");
  CHECK(type_of(notification_kind::execution_completed) == "execution.completed");
  CHECK(type_of(notification_kind::execution_failed) == "execution.failed");
}

TEST_CASE("a body with text that is no UTF-8 is JSON all the same") {
  auto known = escalation();
  known.content.message = "caf\xe9";
  CHECK(body_of(known)["data"]["message"] == "caf\xef\xbf\xbd");
}

TEST_CASE("the list says what became of each") {
  auto known = escalation();
  const auto pending = shown(known);
  CHECK(pending["notification_id"] == notification_id_of(known));
  CHECK(pending["type"] == "task.escalated");
  CHECK(pending["status"] == "pending");
  CHECK(pending["agent_id"] == "ann");
  CHECK(pending["attempts"] == 1);
  CHECK(pending["next_attempt_at"] == "2026-01-31T09:05:12.250Z");
  CHECK(pending["last_failure"] == "http://127.0.0.1:9 refuses connections");
  CHECK(pending["tasks"].size() == 1);
  CHECK_FALSE(pending.contains("http_status"));
  known.stage = notification_stage::delivered;
  known.settled_at = tests::first_moment();
  known.status = 204;
  const auto delivered = shown(known);
  CHECK(delivered["status"] == "delivered");
  CHECK(delivered["delivered_at"] == "2026-01-31T09:05:07.250Z");
  CHECK(delivered["http_status"] == 204);
  CHECK_FALSE(delivered.contains("next_attempt_at"));
  known.stage = notification_stage::dead;
  CHECK(shown(known)["given_up_at"] == "2026-01-31T09:05:07.250Z");
  const std::vector both{known, known};
  CHECK(rendered([&](std::string& out) { render_notifications(out, both); }).size() == 2);
}

TEST_CASE("stages have names and no others") {
  for (const auto stage : {notification_stage::pending, notification_stage::delivered, notification_stage::dead})
    CHECK(notification_stage_named(name_of(stage)) == stage);
  CHECK_FALSE(notification_stage_named("DEAD"));
}

}  // namespace planexe::gateway
