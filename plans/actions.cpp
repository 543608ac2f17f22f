#include "plans/actions.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <vector>

#include "plans/words.hpp"

namespace planexe::plans {
namespace {

struct table_row {
  std::string_view action;
  std::string_view words;  ///< singular, separated by one space
};

// Verbs as real titles begin with, and the nouns that follow "conduct" and its like.
constexpr std::array<table_row, 13> table{{
    {"research",
     "research identify gather collect investigate explore study survey scout find compile determine "
     "interview brainstorm discover look search benchmark literature"},
    {"draft_document",
     "draft document write prepare develop define create design finalize finalise formalize refine "
     "revise translate summarize outline plan list formulate format record update specify describe "
     "rewrite compose detail sketch craft"},
    {"send_email",
     "send email mail notify contact invite distribute disseminate communicate submit announce respond "
     "request share publish post inform resubmit advertise"},
    {"make_phone_call", "call phone telephone ring"},
    {"schedule_calendar_event", "schedule book organize organise arrange reschedule"},
    {"analyze",
     "analyze analyse analysis assess assessment evaluate evaluation estimate calculate forecast model "
     "simulate simulation prioritize quantify measure optimize rank compare interpret map visualize select "
     "choose shortlist decide modeling"},
    {"review", "review verify validate inspect inspection audit check monitor track confirm vet proofread"},
    {"negotiate", "negotiate negotiation"},
    {"procure", "procure purchase buy order acquire source obtain secure lease rent hire recruit"},
    {"build",
     "build install integrate implement configure set construct assemble deploy fabricate connect equip "
     "automate excavate lay repair upgrade calibrate renovate paint mount erect backfill plant produce code "
     "program"},
    {"test", "test testing retest pilot trial troubleshoot debug rehearse"},
    {"travel", "travel visit transport attend drive deliver haul"},
    {"sign", "sign countersign approve authorize"},
}};

constexpr std::string_view carriers = "conduct perform run carry undertake do complete execute hold";
constexpr std::string_view prefixes = "pre re co initial final regularly formally";

bool holds(std::string_view list, std::string_view word) {
  for (std::size_t at = list.find(word); at != std::string_view::npos; at = list.find(word, at + 1)) {
    const std::size_t end = at + word.size();
    if ((at == 0 || list[at - 1] == ' ') && (end == list.size() || list[end] == ' ')) return true;
  }
  return false;
}

std::optional<std::string_view> look_up(const std::string& word) {
  const std::string bare = singular(word);
  for (const auto& row : table)
    if (holds(row.words, word) || holds(row.words, bare)) return row.action;
  return std::nullopt;
}

}  // namespace

std::string_view action_of_title(std::string_view title) {
  const std::vector<std::string> all = words(title);
  std::size_t first = 0;
  while (first + 1 < all.size() && holds(prefixes, all[first])) ++first;
  if (first >= all.size()) return unknown_action;
  if (!holds(carriers, all[first])) return look_up(all[first]).value_or(unknown_action);
  for (std::size_t i = first + 1; i < all.size(); ++i)
    if (const auto action = look_up(all[i])) return *action;
  return unknown_action;
}

}  // namespace planexe::plans
