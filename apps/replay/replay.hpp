// The command `planexe-ax replay`: an execution as it was after any event, what is different between two moments, and
// the way from one to the next. Reads a running server, a data folder beside one, or an exported or archived file. One
// thread; blocks until it is done; nothing is thrown.
#pragma once

#include <cstddef>
#include <ostream>
#include <string>
#include <vector>

namespace planexe::replaying {

struct replay_request {
  std::string what;               ///< an execution's id, or a file
  std::string execution;          ///< which one of a file that holds several
  std::string url;                ///< empty, and no folder either: a file of that name, else the usual server
  std::string data_folder;        ///< not empty: the log there is read, and no server is asked
  std::string at;                 ///< a seq or a time; empty: the last event, or where playing begins
  std::vector<std::string> diff;  ///< two moments, or none
  bool step = false;              ///< event by event
  bool follow = false;            ///< on with what is recorded meanwhile
  double speed = 0;               ///< times as fast as it happened; 0: not played
  bool all_tasks = false;
  bool json = false;
  std::size_t width = 100;  ///< of the terminal, in columns
  std::size_t height = 0;   ///< in lines
  bool colours = false;
  bool moves = false;  ///< lines can be drawn over
};

/// What was asked for goes to `out`, why it cannot be had to `err`. Returns 0 when it is done, 1 when there is no such
/// moment or it cannot be read, 2 when the request is none.
int run_replay(const replay_request& wanted, std::ostream& out, std::ostream& err);

}  // namespace planexe::replaying
