// What an agent must be able to do for a leaf, told by the verb its title begins with. First version, by one table
// (actions.cpp): it is wrong where a title is unusual, and then says "execute", which any agent with "*" takes.
#pragma once

#include <string_view>

namespace planexe::plans {

/// The published actions: research, draft_document, send_email, make_phone_call, schedule_calendar_event, analyze,
/// review, negotiate, procure, build, test, travel, sign; and `unknown_action` for all else.
inline constexpr std::string_view unknown_action = "execute";

/// The action for a title. "Conduct", "perform" and the like carry no meaning of their own: the first word after them
/// that is in the table decides ("Conduct site survey" → research).
std::string_view action_of_title(std::string_view title);

}  // namespace planexe::plans
