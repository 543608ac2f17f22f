// Threads for what would hold an I/O thread up: reading plans, long histories, large pages, calls to other servers.
// Bounded: what does not fit is refused at once.
#pragma once

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace planexe::gateway {

class job_thread {
 public:
  explicit job_thread(std::size_t most_queued, std::size_t threads = 1);
  job_thread(const job_thread&) = delete;
  job_thread& operator=(const job_thread&) = delete;
  ~job_thread() { stop(); }

  /// Any thread. False, and `job` is destroyed, when the queue is full or the threads have stopped.
  bool run_later(std::function<void()> job);
  /// Finishes the jobs under way and drops the others.
  void stop();

 private:
  void run();

  const std::size_t most_queued_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<std::function<void()>> jobs_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace planexe::gateway
