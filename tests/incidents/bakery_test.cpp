// Execution exec-01m840dqab3nax3qft19g3beq0:
// 37 events from 2026-11-23T10:49:57.323Z to 2026-11-23T10:49:57.427Z.
// Made by `planexe-ax export --as-test`. The states are those that were true then; its record
// file must give them again.
#include "tests/incidents/incident.hpp"

// clang-format off
namespace planexe::tests {
namespace {

// seq, status; of the event's task: id, status, attempt, holder, why it is not done
constexpr moment moments[] = {
    {1, "CREATED"},
    {2, "QUEUED"},
    {3, "QUEUED", {"permit", "QUEUED", 0, "", "review"}},
    {4, "QUEUED", {"oven", "RUNNING", 1, "baker", "running"}},
    {5, "RUNNING"},
    {6, "RUNNING", {"flour", "RUNNING", 1, "carter", "running"}},
    {7, "RUNNING", {"oven", "RUNNING", 1, "baker", "running"}},
    {8, "RUNNING", {"flour", "QUEUED", 1, "", "agent"}},
    {9, "RUNNING", {"flour", "QUEUED", 1, "", "retry"}},
    {10, "RUNNING", {"flour", "QUEUED", 1, "", "agent"}},
    {11, "RUNNING", {"flour", "RUNNING", 2, "carter", "running"}},
    {12, "RUNNING", {"flour", "BLOCKED", 2, "", "external"}},
    {13, "RUNNING", {"oven", "COMPLETE", 1, "", ""}},
    {14, "BLOCKED"},
    {15, "BLOCKED", {"permit", "QUEUED", 0, "", "external"}},
    {16, "RUNNING"},
    {17, "RUNNING", {"permit", "RUNNING", 1, "baker", "running"}},
    {18, "RUNNING", {"permit", "QUEUED", 1, "", "agent"}},
    {19, "RUNNING", {"permit", "ERROR", 1, "", "review"}},
    {20, "RUNNING", {"permit", "ERROR", 1, "", "review"}},
    {21, "BLOCKED"},
    {22, "BLOCKED", {"permit", "QUEUED", 1, "", "external"}},
    {23, "RUNNING"},
    {24, "RUNNING", {"permit", "RUNNING", 2, "baker", "running"}},
    {25, "RUNNING", {"permit", "COMPLETE", 2, "", ""}},
    {26, "BLOCKED"},
    {27, "PAUSED"},
    {28, "RUNNING"},
    {29, "BLOCKED"},
    {30, "BLOCKED", {"flour", "QUEUED", 2, "", "external"}},
    {31, "RUNNING"},
    {32, "RUNNING", {"flour", "RUNNING", 3, "carter", "running"}},
    {33, "RUNNING", {"flour", "COMPLETE", 3, "", ""}},
    {34, "RUNNING", {"bread", "RUNNING", 1, "baker", "running"}},
    {35, "RUNNING", {"bread", "QUEUED", 1, "", "prerequisites"}},
    {36, "RUNNING", {"dough", "RUNNING", 1, "baker", "running"}},
    {37, "RUNNING", {"dough", "COMPLETE", 1, "", ""}},
};

// Every task at the end.
constexpr task_row tasks[] = {
    {"prepare", "COMPLETE", 0, "", ""},
    {"oven", "COMPLETE", 1, "", ""},
    {"flour", "COMPLETE", 3, "", ""},
    {"permit", "COMPLETE", 2, "", ""},
    {"bake", "RUNNING", 0, "", "agent"},
    {"bread", "RUNNING", 1, "", "agent"},
    {"dough", "COMPLETE", 1, "", ""},
    {"loaf", "QUEUED", 0, "", "agent"},
};

}  // namespace

TEST_CASE("execution exec-01m840dqab3nax3qft19g3beq0 comes out as it did") {
  replay_incident(__FILE__, "bakery.jsonl", "exec-01m840dqab3nax3qft19g3beq0", moments, tasks);
}

}  // namespace planexe::tests
