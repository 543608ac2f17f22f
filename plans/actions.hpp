// What a title asks for: what kind of act it is, and which published actions an agent must be able to do for it. Told
// by the verbs of the title, from one table (actions.cpp). It is wrong where a title is unusual, and then says
// "execute", which any agent with "*" takes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace planexe::plans {

/// The published actions: research, draft_document, send_email, make_phone_call, schedule_calendar_event, analyze,
/// review, negotiate, procure, build, test, travel, sign; and `unknown_action` for all else.
inline constexpr std::string_view unknown_action = "execute";

/// An agent that needs more than this for one leaf should be given its parts.
inline constexpr std::size_t max_required_capabilities = 3;

/// What kind of deed a verb names; the tier rules (plans/tiers.cpp) begin with it.
enum class act : std::uint8_t {
  none,
  find,       ///< look for what is there: research, identify, gather
  think,      ///< work on what was found: analyze, estimate, compare
  record,     ///< put down what happened or was decided: document, summarize
  write,      ///< make something on paper: draft, define, design, plan
  settle,     ///< decide: select, finalize, assign
  reach,      ///< speak to others: contact, send, publish
  arrange,    ///< put a date on it: schedule, book
  configure,  ///< set something up in software or in a system: configure, integrate, implement
  bind,       ///< bind in law or spend money: negotiate, sign, hire, buy
  obtain,     ///< ask an authority or another's leave: submit, apply, register
  lead,       ///< be with people: train, host, interview, launch
  hands,      ///< do something to things: install, build, clean, transport
  read,       ///< read with care: review, examine
  check,      ///< try whether it holds: test, verify, inspect
  tend,       ///< keep something going: monitor, maintain, coordinate
};

/// One of the things that a title asks for: "Research and procure kits" has two.
struct title_part {
  act kind = act::none;
  std::string_view action = unknown_action;
  std::vector<std::string> words;   ///< lower case; a bare verb has the words of the last part after it
  std::vector<std::string> object;  ///< up to the first preposition, without what only names the deed ("creation")
};

/// The parts of a title, cut at each "and" before a verb. "Conduct", "perform" and the like carry no meaning of their
/// own: the last word after them that names a deed decides ("Conduct site survey" → research). Empty for no words.
std::vector<title_part> parts_of_title(std::string_view title);

/// The action for a title: that of its first part.
std::string_view action_of_title(std::string_view title);

/// The actions of a title, the first one first, each once, at most `max_required_capabilities`; a phone call or a
/// visit that the description speaks of is one more. Never empty.
std::vector<std::string> actions_of_leaf(const std::vector<title_part>& parts, std::string_view description);

/// How many kinds of deeds the words name, of those that a leaf's doer would do one after the other.
std::size_t count_deeds(const std::vector<std::string>& words);

}  // namespace planexe::plans
