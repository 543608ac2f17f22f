#include "plans/actions.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <unordered_map>

#include "plans/words.hpp"

namespace planexe::plans {
namespace {

struct verb_row {
  act kind;
  std::string_view action;
  std::string_view verbs;  ///< separated by one space
};

// Verbs as real titles begin with. Where a verb stands in two rows the first one holds.
constexpr std::array<verb_row, 34> verb_table{{
    {act::find, "research",
     "research identify list gather compile brainstorm investigate explore search study scout find discover look "
     "benchmark collect locate inquire catalog catalogue scrape query watch"},
    {act::think, "analyze",
     "analyze analyse assess evaluate estimate calculate forecast model prioritize quantify measure rank compare "
     "interpret map visualize optimize categorize classify simulate score synthesize scan pinpoint diagnose extract "
     "determine curate annotate segment cluster profile characterize reconcile conclude infer trace"},
    {act::record, "draft_document",
     "document record summarize summarise report translate format archive log transcribe edit update note index"},
    {act::write, "draft_document",
     "develop define create design draft write prepare outline plan establish formulate revise specify describe "
     "compose "
     "craft generate adapt localize formalize incorporate make refine form rewrite detail sketch formulate complete"},
    {act::write, "build", "set produce"},
    {act::settle, "analyze", "select choose decide allocate assign shortlist adopt resolve agree"},
    {act::settle, "draft_document", "finalize finalise baseline"},
    {act::settle, "review", "confirm"},
    {act::settle, "sign", "approve authorize"},
    {act::reach, "send_email",
     "send contact communicate distribute publish notify invite disseminate announce share respond request post inform "
     "advertise promote email mail engage consult follow administer outreach issue solicit release broadcast market "
     "ask"},
    {act::reach, "research", "survey"},
    {act::reach, "make_phone_call", "call phone telephone ring"},
    {act::arrange, "schedule_calendar_event", "schedule book arrange organize organise reschedule"},
    {act::configure, "build",
     "configure integrate deploy automate migrate connect program code implement parse handle read remove display "
     "capture"},
    {act::configure, "execute", "backup"},
    {act::bind, "negotiate", "negotiate partner"},
    {act::bind, "sign", "sign countersign contract"},
    {act::bind, "procure",
     "hire recruit purchase buy procure order pay acquire secure lease rent onboard fund invest staff source place "
     "award outsource charter insure borrow sell bid tender"},
    {act::obtain, "procure", "obtain receive renew"},
    {act::obtain, "send_email", "submit resubmit apply file register certify"},
    {act::obtain, "execute", "pass"},
    {act::lead, "execute",
     "train coach mentor teach facilitate host rehearse practice cultivate launch roll activate enforce stage hands "
     "present pitch demonstrate"},
    {act::lead, "research", "interview"},
    {act::lead, "travel", "attend visit"},
    {act::lead, "test", "pilot trial"},
    {act::hands, "build",
     "install build construct assemble excavate erect mount calibrate drill demolish plant wire paint weld lay pour "
     "equip fabricate manufacture adjust upgrade commission repair renovate retrofit decorate furnish backfill "
     "dismantle dig cut sew fix replace restore position lift energize solder machine mill cast forge grade pave"},
    {act::hands, "travel", "transport deliver drive haul move ship travel fly sail evacuate escort"},
    {act::hands, "execute",
     "unpack label pack clean weigh cook harvest spray load unload photograph print acclimate stun stockpile mobilize "
     "dispose stack sort store pick wash disinfect sterilize inject feed water treat bury guard patrol bake brew "
     "bottle "
     "package palletize sample breed grow culture sequence dissect implant restock refuel clear"},
    {act::read, "review", "review examine proofread"},
    {act::check, "review", "verify validate check audit screen vet track inspect"},
    {act::check, "test", "test retest troubleshoot debug"},
    {act::tend, "review", "monitor"},
    {act::tend, "execute",
     "manage maintain oversee supervise coordinate ensure provide support address scale improve continue operate"},
    {act::check, "test", "playtest"},
}};

/// What names a deed only at the end of a title: "Troubleshooting guide creation".
constexpr std::array<verb_row, 3> noun_table{{
    {act::write, "draft_document", "creation preparation"},
    {act::hands, "build", "demolition framing hvac electrical interior plumbing"},
    {act::hands, "travel", "delivery"},
}};

constexpr std::string_view hollow =
    "pre re co bi initial final regularly formally conduct perform run carry undertake do complete execute hold and "
    "thorough detailed comprehensive formal";
constexpr std::string_view prepositions =
    "for on of with from based to in by during using into at as via per against after before about through under "
    "across over within";

struct ending {
  std::string_view cut;
  std::string_view put;
};
/// How a noun is made from a verb: testing, creation, analysis, assessment.
constexpr std::array<ending, 12> endings{{{"", ""},
                                          {"ing", ""},
                                          {"ing", "e"},
                                          {"ion", ""},
                                          {"ion", "e"},
                                          {"ation", "e"},
                                          {"ment", ""},
                                          {"s", ""},
                                          {"sis", "ze"},
                                          {"tation", "t"},
                                          {"ations", "e"},
                                          {"ings", ""}}};
constexpr std::size_t min_verb_bytes = 3;

using verb_index = std::unordered_map<std::string_view, const verb_row*>;

template <std::size_t N>
verb_index index_of(const std::array<verb_row, N>& table) {
  verb_index index;
  for (const auto& row : table) for_each_word(row.verbs, [&](std::string_view word) { index.emplace(word, &row); });
  return index;
}

const verb_row* find_in(const verb_index& index, std::string_view word) {
  const auto found = index.find(word);
  return found == index.end() ? nullptr : found->second;
}

const verb_row* verb(std::string_view word) {
  static const verb_index index = index_of(verb_table);
  return find_in(index, word);
}

const verb_row* noun(std::string_view word) {
  static const verb_index index = index_of(noun_table);
  return find_in(index, word);
}

/// The verb that a noun was made from, or the noun itself.
const verb_row* deed(const std::string& word) {
  if (const auto* row = noun(word)) return row;
  for (const auto& ending : endings) {
    if (!word.ends_with(ending.cut) || word.size() - ending.cut.size() < min_verb_bytes) continue;
    std::string bare = word.substr(0, word.size() - ending.cut.size());
    bare += ending.put;
    if (const auto* row = verb(bare)) return row;
  }
  return nullptr;
}

std::size_t first_preposition(const std::vector<std::string>& all) {
  for (std::size_t i = 1; i < all.size(); ++i)
    if (holds_word(prepositions, all[i])) return i;
  return all.size();
}

/// The row that decides for these words; nothing where none of them names a deed.
const verb_row* deciding(const std::vector<std::string>& all) {
  std::size_t first = 0;
  while (first + 1 < all.size() && holds_word(hollow, all[first])) ++first;
  if (const auto* row = verb(all[first])) return row;
  // No verb leads: the last noun before the first preposition that names a deed.
  for (std::size_t i = first_preposition(all); i-- > first;)
    if (const auto* row = deed(all[i])) return row;
  for (const auto& word : all)
    if (const auto* row = deed(word)) return row;
  return nullptr;
}

void fill(title_part& part) {
  if (const auto* row = deciding(part.words)) {
    part.kind = row->kind;
    part.action = row->action;
  }
  const std::size_t end = first_preposition(part.words);
  for (std::size_t i = 0; i < end; ++i)
    if (noun(part.words[i]) == nullptr) part.object.push_back(part.words[i]);
  if (part.object.empty()) part.object = part.words;
}

}  // namespace

std::vector<title_part> parts_of_title(std::string_view title) {
  std::vector<std::string> all = words(title);
  std::vector<title_part> parts;
  if (all.empty()) return parts;
  parts.emplace_back();
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool cut =
        all[i] == "and" && !parts.back().words.empty() && i + 1 < all.size() && verb(all[i + 1]) != nullptr;
    if (cut)
      parts.emplace_back();
    else
      parts.back().words.push_back(std::move(all[i]));
  }
  const auto rest = parts.back().words;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    auto& own = parts[i].words;
    if (own.size() == 1 && i + 1 < parts.size()) own.insert(own.end(), rest.begin() + 1, rest.end());
    fill(parts[i]);
  }
  return parts;
}

std::string_view action_of_title(std::string_view title) {
  const auto parts = parts_of_title(title);
  return parts.empty() ? unknown_action : parts.front().action;
}

std::vector<std::string> actions_of_leaf(const std::vector<title_part>& parts, std::string_view description) {
  std::vector<std::string> actions;
  const auto add = [&](std::string_view action) {
    if (actions.size() == max_required_capabilities) return;
    if (std::find(actions.begin(), actions.end(), action) == actions.end()) actions.emplace_back(action);
  };
  for (const auto& part : parts)
    if (actions.empty() || part.action != unknown_action) add(part.action);
  if (actions.empty()) add(unknown_action);
  for (const auto& word : words(description)) {
    if (holds_word("phone telephone", word)) add("make_phone_call");
    if (holds_word("visit visits travel", word)) add("travel");
    if (holds_word("negotiate negotiations", word)) add("negotiate");
  }
  return actions;
}

std::size_t count_deeds(const std::vector<std::string>& words) {
  std::uint32_t seen = 0;
  std::size_t count = 0;
  for (const auto& word : words) {
    const auto* row = verb(word);
    if (row == nullptr) continue;
    const auto bit = std::uint32_t{1} << static_cast<unsigned>(row->kind);
    count += (seen & bit) == 0;
    seen |= bit;
  }
  return count;
}

}  // namespace planexe::plans
