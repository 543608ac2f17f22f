#include "gateway/actor_bridge/job_thread.hpp"

#include <spdlog/spdlog.h>

#include <exception>

namespace planexe::gateway {

job_thread::job_thread(std::size_t most_queued, std::size_t threads) : most_queued_(most_queued) {
  for (std::size_t i = 0; i < threads; ++i) threads_.emplace_back([this] { run(); });
}

bool job_thread::run_later(std::function<void()> job) {
  {
    const std::lock_guard lock{mutex_};
    if (stopping_ || jobs_.size() >= most_queued_) return false;
    jobs_.push_back(std::move(job));
  }
  wake_.notify_one();
  return true;
}

void job_thread::stop() {
  std::deque<std::function<void()>> dropped;
  {
    const std::lock_guard lock{mutex_};
    stopping_ = true;
    dropped.swap(jobs_);
  }
  wake_.notify_all();
  for (auto& each : threads_)
    if (each.joinable()) each.join();
}

void job_thread::run() {
  while (true) {
    std::function<void()> job;
    {
      std::unique_lock lock{mutex_};
      wake_.wait(lock, [this] { return stopping_ || !jobs_.empty(); });
      if (stopping_) return;
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    try {
      job();
    } catch (const std::exception& failure) {
      // What it was to answer has answered 503 by being destroyed.
      spdlog::error("a job failed: {}", failure.what());
    }
  }
}

}  // namespace planexe::gateway
