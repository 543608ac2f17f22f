// One I/O thread with its io_context, the connections pinned to it, and the inbox through which other threads answer.
// A connection touches its socket on this thread only, so there are no strands and no locks around sockets.
// Everything here is for the worker's own thread unless it says otherwise.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "gateway/http/message.hpp"
#include "gateway/http/net.hpp"
#include "gateway/http/options.hpp"

namespace planexe::gateway {

/// Counts connections by address over all workers. Any thread.
class address_book {
 public:
  address_book(std::size_t total, std::size_t per_address) : total_limit_(total), address_limit_(per_address) {}

  bool enter(const std::string& address);
  void leave(const std::string& address);

 private:
  const std::size_t total_limit_;
  const std::size_t address_limit_;
  std::mutex mutex_;
  std::size_t total_ = 0;
  std::map<std::string, std::size_t> by_address_;
};

/// What all workers of a server share.
struct server_shared {
  server_shared(server_options given, const router& table)
      : options(std::move(given)),
        routes(table),
        addresses(options.limits.connections, options.limits.connections_per_address) {}

  const server_options options;
  const router& routes;
  address_book addresses;
  std::atomic<std::size_t> body_bytes{0};  ///< of requests held in memory
};

/// A connection's entry in the address book, given back when it ends.
class connection_slot {
 public:
  /// An empty slot, false, when a limit is reached.
  connection_slot(std::shared_ptr<server_shared> shared, std::string address);
  connection_slot(connection_slot&& other) noexcept = default;
  connection_slot& operator=(connection_slot&&) = delete;
  ~connection_slot();

  explicit operator bool() const noexcept { return shared_ != nullptr; }

 private:
  std::shared_ptr<server_shared> shared_;
  std::string address_;
};

class connection {
 public:
  virtual ~connection() = default;
  virtual void sweep(steady_time now) = 0;  ///< look at deadlines
  virtual void drain() = 0;                 ///< finish what is under way, take nothing new
  virtual void abort() = 0;                 ///< close now

 private:
  friend class worker;
  std::size_t index_ = 0;  ///< in the worker's list
};

class outbox;
class stream_session;

/// Who takes an answer on the I/O thread.
class answer_target {
 public:
  virtual ~answer_target() = default;
  /// With `stream`, the answer has no end and the socket goes to the stream.
  virtual void complete(std::uint64_t ticket, response answer, std::shared_ptr<stream_session> stream) = 0;
};

/// Who wants to be called on the I/O thread because its outbox was asleep.
class wake_target {
 public:
  virtual ~wake_target() = default;
  virtual void wake() = 0;
};

/// Counters of one worker: written by its thread, read by any.
struct worker_counters {
  class counter {
   public:
    void add(std::uint64_t amount) noexcept {
      value_.store(value_.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
    }
    std::uint64_t get() const noexcept { return value_.load(std::memory_order_relaxed); }

   private:
    std::atomic<std::uint64_t> value_{0};
  };
  counter accepted, refused, requests, answers[4], heads_refused, deadlines_passed, websockets_opened,
      websockets_closed, streams_opened, streams_closed, connections_opened, connections_closed, bytes_received,
      bytes_sent;
};

class worker : public std::enable_shared_from_this<worker> {
 public:
  explicit worker(std::shared_ptr<server_shared> shared) : shared_(std::move(shared)), timer_(io_.get_executor()) {}

  net::io_context& io() noexcept { return io_; }
  const std::shared_ptr<server_shared>& shared() const noexcept { return shared_; }
  const server_limits& limits() const noexcept { return shared_->options.limits; }
  worker_counters& counters() noexcept { return counters_; }

  /// Starts the thread.
  void start();
  /// Any other thread: drains, closes what is left after `limit`, and joins.
  void begin_drain(std::chrono::milliseconds limit);
  void join();

  void add(std::shared_ptr<connection> entry);
  void remove(connection& entry);
  bool draining() const noexcept { return draining_; }
  /// Called by each sweep, so that an accept that failed for want of descriptors is tried again.
  void on_sweep(std::function<void()> callback) { on_sweep_ = std::move(callback); }
  /// The HTTP date, at most one sweep old.
  std::string_view date() const noexcept { return date_; }

  /// Any thread.
  bool on_thread() const noexcept { return std::this_thread::get_id() == thread_id_.load(std::memory_order_relaxed); }
  /// Any thread. After the end of the worker these do nothing.
  void enqueue(std::shared_ptr<answer_target> target, std::uint64_t ticket, response answer,
               std::shared_ptr<stream_session> stream);
  void enqueue(std::shared_ptr<wake_target> target);

  /// True while a connection runs handlers: another's answer must then go through the inbox, or answers that cause
  /// answers would nest without bound.
  bool busy() const noexcept { return busy_; }
  class busy_scope {
   public:
    explicit busy_scope(worker& owner) : owner_(owner), before_(std::exchange(owner.busy_, true)) {}
    ~busy_scope() { owner_.busy_ = before_; }
    busy_scope(const busy_scope&) = delete;
    busy_scope& operator=(const busy_scope&) = delete;

   private:
    worker& owner_;
    bool before_;
  };

 private:
  struct delivery {
    std::shared_ptr<answer_target> target;
    std::uint64_t ticket = 0;
    response answer;
    std::shared_ptr<stream_session> stream;
  };

  void run();
  void arm_timer();
  void on_timer();
  void refresh_date();
  void schedule_inbox();
  void open_inbox();
  void close_inbox();

  std::shared_ptr<server_shared> shared_;
  net::io_context io_{1};
  steady_timer timer_;
  worker_counters counters_;
  std::thread thread_;
  std::atomic<std::thread::id> thread_id_{};
  std::vector<std::shared_ptr<connection>> connections_;
  std::function<void()> on_sweep_;
  std::string date_;
  bool busy_ = false;
  bool draining_ = false;
  steady_time drain_deadline_ = steady_time::max();

  std::mutex inbox_mutex_;
  std::vector<delivery> inbox_;
  std::vector<std::shared_ptr<wake_target>> wakes_;
  bool inbox_scheduled_ = false;
  bool inbox_closed_ = false;
  std::vector<delivery> opened_;  ///< reused by open_inbox
  std::vector<std::shared_ptr<wake_target>> opened_wakes_;
};

}  // namespace planexe::gateway
