// The commands `planexe-ax why`, `planexe-ax status` and `planexe-ax compare`: asking a running server, or reading the
// log itself, also while a server has it open. One thread; blocks until it is done; nothing is thrown.
#pragma once

#include <cstdint>
#include <optional>
#include <ostream>
#include <string>

#include "apps/usual_server.hpp"

namespace planexe::asking {

struct question {
  std::string execution;  ///< its id; of `status` alone it may be empty: all of them
  std::string task;       ///< of `why`; empty: the whole execution
  std::string with;       ///< of `compare`: the other execution
  std::optional<std::uint64_t> at_seq;
  std::string url = answers::usual_server;
  std::string data_folder;  ///< not empty: the log there is read, and no server is asked
  bool json = false;        ///< the server's JSON instead of text
  std::size_t width = 100;  ///< of the terminal, in columns
  bool colours = false;
};

/// Why an execution, or a task of it, is not done: the answer goes to `out`, why there is none to `err`. Returns 0 when
/// it is done, 1 when there is no such thing or it cannot be read, 2 when the question is none.
int run_why(const question& asked, std::ostream& out, std::ostream& err);

/// How far an execution is, or a line for each of the newest ones. The same otherwise.
int run_status(const question& asked, std::ostream& out, std::ostream& err);

/// How two executions differ, task by task. The same otherwise.
int run_compare(const question& asked, std::ostream& out, std::ostream& err);

}  // namespace planexe::asking
