#include "apps/demo/simulated_agents.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>
#include <utility>

namespace planexe::demo {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds pause_check{500};
// Keeps a server that answers a long poll at once from being asked in a tight loop.
constexpr milliseconds after_empty_poll{100};
constexpr milliseconds after_failed_poll{1000};

constexpr std::array failures = {
    std::pair{"tool_unavailable", "The booking system did not answer"},
    std::pair{"rate_limited", "The research tool asked to come back later"},
    std::pair{"incomplete_source", "A source document ended in the middle"},
};

// SplitMix64 (Steele, Lea, Flood): spreads any 64 bits evenly.
std::uint64_t mix(std::uint64_t value) {
  value += 0x9e3779b97f4a7c15ULL;
  value = (value ^ (value >> 30)) * 0xbf58476d1ce4e5b9ULL;
  value = (value ^ (value >> 27)) * 0x94d049bb133111ebULL;
  return value ^ (value >> 31);
}

// FNV-1a, since std::hash may differ from one library to the next.
std::uint64_t hash_of(const std::string& text) {
  std::uint64_t hash = 0xcbf29ce484222325ULL;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3ULL;
  return hash;
}

double unit(std::uint64_t bits) {
  return static_cast<double>(bits >> 11) * 0x1.0p-53;
}

milliseconds seconds(double count) {
  return milliseconds(static_cast<long>(count * 1000.0));
}

/// One agent: its own connection, its own place on the board.
class simulated_agent {
 public:
  simulated_agent(const crew_options& options, unsigned index, std::size_t place, activity_board& board,
                  std::stop_token stop)
      : options_(options),
        stop_(stop),
        board_(board),
        place_(place),
        profile_{"Agent " + std::to_string(index + 1), "ai", roles_of_agent(options, index)},
        client_(options.server, options.api_key, std::move(stop)) {}

  void run() {
    while (!stop_.stop_requested()) {
      auto id = client_.register_agent(profile_);
      if (id) {
        id_ = *std::move(id);
        break;
      }
      board_.note_problem(id.error().detail);
      sleep_unless_stopped(stop_, after_failed_poll);
    }
    while (!stop_.stop_requested()) {
      const auto offer = client_.poll_work(id_, options_.poll_wait_seconds);
      if (!offer) {
        board_.note_problem(offer.error().detail);
        sleep_unless_stopped(stop_, after_failed_poll);
      } else if (offer->task_id.empty()) {
        sleep_unless_stopped(stop_, after_empty_poll);
      } else {
        work_on(*offer);
      }
    }
  }

 private:
  void work_on(const work_offer& task) {
    const auto draw = draw_task(options_, task.task_id, task.attempt);
    board_.begin_task(place_, task.title);
    if (!go_on(task, {"task_started", "Started", {}, {}, {}, {}})) return;
    if (!sleep_unless_stopped(stop_, seconds(draw.seconds / 2))) return;
    if (draw.reports_progress && !go_on(task, {"task_progress", "Half way", 50.0, {}, {}, {}})) return;
    if (!sleep_unless_stopped(stop_, seconds(draw.seconds / 2))) return;
    if (draw.fails) {
      const auto& failure = failures[hash_of(task.task_id) % failures.size()];
      finish(task, {"task_error", {}, {}, {}, failure.first, failure.second});
    } else {
      finish(task, {"task_complete", "Done", {}, "Finished: " + task.title, {}, {}});
    }
  }

  /// Reports in the middle of a task; false when the task is not to be worked on any more.
  bool go_on(const work_offer& task, const task_report& report) {
    auto answer = client_.report(id_, task, report);
    while (answer && answer->force_pause && !answer->force_cancel) {
      if (!sleep_unless_stopped(stop_, pause_check)) return false;
      answer = client_.status(task.execution_id);
    }
    if (answer && !answer->force_cancel) return true;
    give_up(answer);
    return false;
  }

  void finish(const work_offer& task, const task_report& report) {
    const auto answer = client_.report(id_, task, report);
    if (!answer) {
      give_up(answer);
    } else if (report.event_type == "task_error") {
      board_.fail_task(place_);
    } else {
      board_.complete_task(place_);
    }
  }

  // A lost lease is part of the game; anything else is worth a line in the summary. Either way the next poll tells
  // what this agent holds.
  void give_up(const result<steering>& answer) {
    if (!answer && answer.error().code != errc::conflict) board_.note_problem(answer.error().detail);
    board_.lose_task(place_);
  }

  const crew_options& options_;
  std::stop_token stop_;
  activity_board& board_;
  std::size_t place_;
  registration profile_;
  execution_client client_;
  std::string id_;
};

}  // namespace

task_draw draw_task(const crew_options& options, const std::string& task_id, unsigned attempt) {
  const auto base = mix(mix(options.seed) ^ hash_of(task_id)) + attempt;
  task_draw draw;
  draw.seconds = options.mean_task_seconds * (0.4 + 1.2 * unit(mix(base)));
  draw.fails = unit(mix(base + (1ULL << 32))) < options.failure_rate;
  draw.reports_progress = unit(mix(base + (2ULL << 32))) < 0.3;
  return draw;
}

std::vector<std::string> roles_of_agent(const crew_options& options, unsigned index) {
  if (options.roles.empty()) return {"generalist"};
  if (options.roles.size() <= options.agents) return {options.roles[index % options.roles.size()]};
  std::vector<std::string> dealt;
  for (std::size_t i = index; i < options.roles.size(); i += options.agents) dealt.push_back(options.roles[i]);
  return dealt;
}

simulated_crew::simulated_crew(crew_options options, activity_board& board) {
  const auto shared = std::make_shared<const crew_options>(std::move(options));
  for (unsigned index = 0; index < shared->agents; ++index) {
    const auto place = board.add_agent("Agent " + std::to_string(index + 1), roles_of_agent(*shared, index).front());
    agents_.emplace_back([shared, index, place, &board](std::stop_token stop) {
      simulated_agent(*shared, index, place, board, std::move(stop)).run();
    });
  }
}

simulated_crew::~simulated_crew() {
  for (auto& agent : agents_) agent.request_stop();
}

}  // namespace planexe::demo
