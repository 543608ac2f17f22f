// How a command says that it did not do what was asked: one line for a person on standard error, and with --json one
// JSON object on standard output as well. Any thread.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <ostream>

#include "domain/result.hpp"

namespace planexe::terminal {

/// `{"error": {"code": "not_found", "detail": "…"}}`
nlohmann::ordered_json failure_json(const error& why);

/// Tells it, the object in one line, and gives the exit code: 2 where the command was asked wrongly
/// (`errc::invalid`), 1 for all else.
int fail(const error& why, bool as_json, std::ostream& out, std::ostream& err);

/// The object alone, for a command that has told a person in words of its own.
void put_failure(const error& why, bool as_json, std::ostream& out);

}  // namespace planexe::terminal
