#include "plans/attachment_words.hpp"

#include <algorithm>
#include <array>
#include <unordered_set>

#include "plans/words.hpp"

namespace planexe::plans {
namespace {

constexpr std::array<std::string_view, 95> small_words{
    "a",
    "about",
    "after",
    "all",
    "also",
    "an",
    "and",
    "any",
    "are",
    "as",
    "assumption",
    "at",
    "based",
    "be",
    "been",
    "before",
    "being",
    "between",
    "both",
    "by",
    "can",
    "cause",
    "could",
    "due",
    "during",
    "each",
    "either",
    "ensure",
    "ensures",
    "ensuring",
    "for",
    "from",
    "how",
    "if",
    "in",
    "including",
    "into",
    "is",
    "it",
    "its",
    "lead",
    "leading",
    "less",
    "may",
    "might",
    "more",
    "most",
    "must",
    "no",
    "not",
    "of",
    "on",
    "only",
    "or",
    "other",
    "out",
    "over",
    "per",
    "plan",
    "planning",
    "potential",
    "potentially",
    "project",
    "require",
    "required",
    "requires",
    "requiring",
    "root",
    "should",
    "significant",
    "significantly",
    "specific",
    "such",
    "than",
    "that",
    "the",
    "their",
    "these",
    "this",
    "those",
    "through",
    "to",
    "under",
    "up",
    "very",
    "via",
    "what",
    "when",
    "which",
    "while",
    "who",
    "will",
    "with",
    "within",
    "would",
};

/// Stems. Collected from the titles, risks and assumptions of fifteen real plans: words that most of them use.
constexpr std::array<std::string_view, 196> plan_language{
    "activity",     "adapt",       "addition",     "address",    "adequ",       "affect",   "alternativ", "analysis",
    "analyz",       "approach",    "appropri",     "approv",     "area",        "aspect",   "assess",     "assum",
    "averag",       "backup",      "begin",        "benefit",    "budget",      "build",    "chang",      "clear",
    "collect",      "complet",     "comprehensiv", "concern",    "conduct",     "consid",   "consult",    "consultant",
    "contain",      "contingency", "coordin",      "cost",       "cover",       "creat",    "critic",     "current",
    "date",         "day",         "decis",        "defin",      "delay",       "design",   "detail",     "determin",
    "develop",      "different",   "difficult",    "difficulty", "docu",        "document", "early",      "effectiv",
    "efficient",    "effort",      "establish",    "estim",      "evalu",       "event",    "execut",     "exist",
    "expect",       "expert",      "expertis",     "factor",     "fail",        "failur",   "final",      "finaliz",
    "full",         "gath",        "get",          "goal",       "halt",        "high",     "identific",  "identify",
    "immediat",     "impact",      "impl",         "improv",     "increas",     "inform",   "initi",      "initiativ",
    "insufficient", "issu",        "key",          "lack",       "launch",      "level",    "like",       "list",
    "local",        "long",        "loss",         "low",        "main",        "maintain", "make",       "making",
    "manag",        "maximiz",     "measur",       "meet",       "memb",        "method",   "minimiz",    "mitig",
    "monitor",      "month",       "multipl",      "necessary",  "need",        "new",      "numb",       "objectiv",
    "obtain",       "open",        "oper",         "operation",  "opportunity", "option",   "overall",    "perform",
    "personnel",    "phas",        "possibl",      "prepar",     "present",     "primary",  "prioritiz",  "priority",
    "proactiv",     "problem",     "procedur",     "process",    "program",     "protocol", "provid",     "quality",
    "readiness",    "ready",       "reduc",        "reduct",     "regular",     "relevant", "report",     "resourc",
    "respond",      "respons",     "result",       "review",     "risk",        "scal",     "schedul",    "secur",
    "select",       "set",         "sever",        "short",      "staf",        "stag",     "stakehold",  "standard",
    "start",        "strategic",   "strategy",     "successful", "sufficient",  "support",  "system",     "take",
    "target",       "task",        "team",         "term",       "thorough",    "time",     "timelin",    "tool",
    "total",        "train",       "unabl",        "unexpect",   "unforeseen",  "use",      "used",       "using",
    "various",      "week",        "work",         "year",
};

// The tables as sets: every word of a plan is looked up, and beginnings as frequent as "con" make halving slow.

bool is_small_word(std::string_view word) {
  static const std::unordered_set<std::string_view> known(small_words.begin(), small_words.end());
  return known.contains(word);
}

bool is_number(std::string_view word) {
  return std::all_of(word.begin(), word.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Without an ending that leaves at least four letters; then without a doubled consonant or a silent e, so that permit,
/// permits and permitting are one, and so are manage and management.
std::string stem(std::string word) {
  constexpr std::array<std::string_view, 13> endings = {"ation", "ating", "ated", "atory", "ment", "ing", "ate",
                                                        "ion",   "ed",    "er",   "al",    "ly",   "e"};
  constexpr std::size_t least_rest = 4;
  word = singular(std::move(word));
  for (const auto ending : endings)
    if (word.size() >= ending.size() + least_rest && word.ends_with(ending)) {
      word.resize(word.size() - ending.size());
      break;
    }
  if (word.size() <= least_rest) return word;
  const char last = word.back();
  const bool doubled = word[word.size() - 2] == last && last != 'l' && last != 's' && last != 'z';
  if (doubled || last == 'e') word.pop_back();
  return word;
}

}  // namespace

std::vector<std::string> theme_words(std::string_view text) {
  std::vector<std::string> found = words(text);
  std::erase_if(found,
                [](const std::string& word) { return word.size() < 2 || is_number(word) || is_small_word(word); });
  for (auto& word : found) word = stem(std::move(word));
  return found;
}

bool is_plan_language(std::string_view stem) {
  static const std::unordered_set<std::string_view> known(plan_language.begin(), plan_language.end());
  return known.contains(stem);
}

}  // namespace planexe::plans
