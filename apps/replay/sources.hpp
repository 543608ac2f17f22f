// Where a recording comes from: a data folder as it lies there, whether or not a server has it open; a running server;
// a file. Private to apps/replay. One thread; blocks.
#pragma once

#include "apps/replay/recording.hpp"
#include "apps/replay/replay.hpp"

namespace planexe::replaying {

/// `errc::invalid` where the request is none, `errc::not_found` where there is no such execution.
result<recording> open_recording(const replay_request& wanted);

}  // namespace planexe::replaying
