// A whole server in this process: the log, the actors over it, and the gateway in front. Started and stopped by one
// thread.
#pragma once

#include <functional>
#include <memory>

#include "apps/config/config.hpp"
#include "domain/result.hpp"

namespace planexe::apps {

class server_process {
 public:
  /// Opens the data folder, listens, and brings back what was live; returns when it is ready. Every error is one line
  /// for a person: the folder is in use, cannot be written, or was written by a newer release; the port is taken.
  /// `on_storage_failure` is called from any thread when nothing can be recorded any more; `start_anew` when this
  /// server is to be stopped and another one started over the same data, for somebody's words were erased. Empty: it is
  /// not.
  static result<std::unique_ptr<server_process>> start(const config::server_config& config,
                                                       std::function<void(const error&)> on_storage_failure,
                                                       std::function<void()> start_anew = {});
  ~server_process();

  std::uint16_t port() const;
  /// Executions that were in the log at the start.
  std::size_t executions_found() const;
  /// Refuses new work, lets requests under way finish, stores what is to be stored, and ends.
  void stop();

 private:
  struct impl;
  explicit server_process(std::unique_ptr<impl> content);
  std::unique_ptr<impl> impl_;
};

}  // namespace planexe::apps
