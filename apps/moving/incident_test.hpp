// Makes a test of an incident: a C++ file that replays a record file and checks, event by event, the states that were
// true then. It stands beside its record file in tests/incidents and is built with the other tests. One thread.
#pragma once

#include <string>

#include "domain/result.hpp"

namespace planexe::moving {

/// The test of a record file with one execution. `name` is the file's, without its folder.
result<std::string> incident_test(const std::string& path, const std::string& name);

/// Writes it to a file. `errc::io` where that cannot be done.
result<void> write_incident_test(const std::string& record_path, const std::string& test_path);

}  // namespace planexe::moving
