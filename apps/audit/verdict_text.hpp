// Verdicts as people read them. Pure; any thread.
#pragma once

#include <string>
#include <vector>

#include "apps/audit/verify_command.hpp"

#include "audit/stream_audit.hpp"
#include "audit/verify.hpp"

namespace planexe::auditing {

std::vector<std::string> verdict_text(const audit::log_verdict& verdict, const std::string& folder, const look& shown);
std::vector<std::string> audit_text(const audit::stream_audit& found, const std::string& execution, const look& shown);

/// Of a stream that does not stand as a whole: `events 1 to 2 of 9`, `nothing of 9`.
std::string what_stands(std::uint64_t stands_to, std::uint64_t events);

/// `execution exec-1`.
std::string name_of(const domain::stream_id& stream);

}  // namespace planexe::auditing
