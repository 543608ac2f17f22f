// One thread for what would hold an I/O thread up: reading plans, long histories, large pages. Bounded: what does not
// fit is refused at once.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

namespace planexe::gateway {

class job_thread {
 public:
  explicit job_thread(std::size_t most_queued) : most_queued_(most_queued), thread_([this] { run(); }) {}
  job_thread(const job_thread&) = delete;
  job_thread& operator=(const job_thread&) = delete;
  ~job_thread() { stop(); }

  /// Any thread. False, and `job` is destroyed, when the queue is full or the worker has stopped.
  bool run_later(std::function<void()> job);
  /// Finishes the job under way and drops the others.
  void stop();

 private:
  void run();

  const std::size_t most_queued_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> jobs_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace planexe::gateway
