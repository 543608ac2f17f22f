// Looks at the disk of the data folder once a second, on a thread of its own, notes what is free on a board, and says
// in the server's log when that becomes too little and when it is enough again.
#pragma once

#include <filesystem>
#include <memory>
#include <thread>

#include "actors/disk_board.hpp"

namespace planexe::apps {

class disk_watch {
 public:
  /// Looks for the first time before it returns. The folder must be there.
  disk_watch(std::filesystem::path folder, std::shared_ptr<actors::disk_board> board);

 private:
  std::jthread thread_;
};

}  // namespace planexe::apps
