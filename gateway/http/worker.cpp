#include "gateway/http/worker.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <ctime>

#include "gateway/http/stream_session.hpp"

namespace planexe::gateway {

bool address_book::enter(const std::string& address) {
  const std::scoped_lock lock{mutex_};
  if (total_ >= total_limit_) return false;
  auto& count = by_address_[address];
  if (count >= address_limit_) return false;
  ++count;
  ++total_;
  return true;
}

void address_book::leave(const std::string& address) {
  const std::scoped_lock lock{mutex_};
  --total_;
  const auto found = by_address_.find(address);
  if (--found->second == 0) by_address_.erase(found);
}

connection_slot::connection_slot(std::shared_ptr<server_shared> shared, std::string address)
    : address_(std::move(address)) {
  if (shared->addresses.enter(address_)) shared_ = std::move(shared);
}

connection_slot::~connection_slot() {
  if (shared_) shared_->addresses.leave(address_);
}

void worker::start() {
  refresh_date();
  arm_timer();
  thread_ = std::thread{[self = shared_from_this()] { self->run(); }};
}

void worker::run() {
  thread_id_.store(std::this_thread::get_id(), std::memory_order_relaxed);
  io_.run();
  close_inbox();
  // The system may give a later thread the same id.
  thread_id_.store({}, std::memory_order_relaxed);
}

void worker::join() {
  if (thread_.joinable()) thread_.join();
}

void worker::begin_drain(std::chrono::milliseconds limit) {
  net::post(io_, [this, limit] {
    draining_ = true;
    drain_deadline_ = std::chrono::steady_clock::now() + limit;
    const auto entries = connections_;
    for (const auto& entry : entries) entry->drain();
    timer_.cancel();
  });
}

void worker::add(std::shared_ptr<connection> entry) {
  entry->index_ = connections_.size();
  counters_.connections_opened.add(1);
  connections_.push_back(std::move(entry));
}

void worker::remove(connection& entry) {
  const std::size_t index = entry.index_;
  if (index >= connections_.size() || connections_[index].get() != &entry) return;
  counters_.connections_closed.add(1);
  std::swap(connections_[index], connections_.back());
  connections_[index]->index_ = index;
  const auto last = std::move(connections_.back());
  connections_.pop_back();
  if (draining_ && connections_.empty()) timer_.cancel();
}

void worker::arm_timer() {
  auto wake_at = std::chrono::steady_clock::now() + limits().sweep_interval;
  if (draining_) wake_at = std::min(wake_at, drain_deadline_);
  timer_.expires_at(wake_at);
  timer_.async_wait([this](error_code) { on_timer(); });
}

void worker::on_timer() {
  const auto now = std::chrono::steady_clock::now();
  refresh_date();
  const bool give_up = draining_ && now >= drain_deadline_;
  // A sweep may close connections, which takes them from the list; the copy keeps them and the order.
  const auto entries = connections_;
  for (const auto& entry : entries) give_up ? entry->abort() : entry->sweep(now);
  if (on_sweep_) on_sweep_();
  // Without the timer the io_context runs out of work, and the thread ends.
  if (draining_ && connections_.empty()) return;
  arm_timer();
}

void worker::refresh_date() {
  // Not strftime: the names must be English in any locale.
  constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                               "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const std::time_t now = std::time(nullptr);
  std::tm utc{};
  gmtime_r(&now, &utc);
  std::array<char, 96> text{};
  const int length = std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                   days[static_cast<std::size_t>(utc.tm_wday)], utc.tm_mday,
                                   months[static_cast<std::size_t>(utc.tm_mon)], utc.tm_year + 1900, utc.tm_hour,
                                   utc.tm_min, utc.tm_sec);
  date_.assign(text.data(), static_cast<std::size_t>(length));
}

void worker::enqueue(std::shared_ptr<answer_target> target, std::uint64_t ticket, response answer,
                     std::shared_ptr<stream_session> stream) {
  {
    const std::scoped_lock lock{inbox_mutex_};
    if (!inbox_closed_) {
      inbox_.push_back({std::move(target), ticket, std::move(answer), std::move(stream)});
      schedule_inbox();
      return;
    }
  }
  if (stream) stream->abandon();
}

void worker::enqueue(std::shared_ptr<wake_target> target) {
  const std::scoped_lock lock{inbox_mutex_};
  if (inbox_closed_) return;
  wakes_.push_back(std::move(target));
  schedule_inbox();
}

void worker::schedule_inbox() {
  if (std::exchange(inbox_scheduled_, true)) return;
  net::post(io_, [this] { open_inbox(); });
}

void worker::open_inbox() {
  {
    const std::scoped_lock lock{inbox_mutex_};
    opened_.swap(inbox_);
    opened_wakes_.swap(wakes_);
    inbox_scheduled_ = false;
  }
  for (auto& each : opened_) each.target->complete(each.ticket, std::move(each.answer), std::move(each.stream));
  for (const auto& each : opened_wakes_) each->wake();
  opened_.clear();
  opened_wakes_.clear();
}

void worker::close_inbox() {
  std::vector<delivery> late;
  std::vector<std::shared_ptr<wake_target>> late_wakes;
  {
    const std::scoped_lock lock{inbox_mutex_};
    inbox_closed_ = true;
    late.swap(inbox_);
    late_wakes.swap(wakes_);
  }
  for (const auto& each : late)
    if (each.stream) each.stream->abandon();
}

}  // namespace planexe::gateway
