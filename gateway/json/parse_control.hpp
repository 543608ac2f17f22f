// What is sent to pause everything, and how the switch is shown. Pure, any thread.
#pragma once

#include <string>
#include <string_view>

#include "domain/result.hpp"
#include "domain/safety_switch.hpp"
#include "gateway/http/problem.hpp"

namespace planexe::gateway {

/// `{reason}`; to pause, the reason is needed: it is what everybody reads who asks why nothing goes on.
expected<domain::throw_switch, problem> parse_throw_switch(std::string_view body, bool on);

/// `{paused, reason, since?}`
void render_switch(std::string& out, const domain::switch_state& state);

}  // namespace planexe::gateway
