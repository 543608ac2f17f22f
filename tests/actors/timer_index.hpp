// A look into the timers of a process: who is going to be woken, and when.
#pragma once

#include <map>

#include "tests/actors/process.hpp"

namespace planexe::tests {

/// The earliest deadline that each owner has asked for; see `actors::owner_of`. To be asked while no message is
/// handled.
std::map<std::string, domain::timestamp> armed_in(process& live);

}  // namespace planexe::tests
