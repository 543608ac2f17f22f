#include "apps/audit/verdict_text.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "apps/terminal/terminal.hpp"
#include "apps/terminal/text.hpp"

#include "audit/text_forms.hpp"

namespace planexe::auditing {
namespace {

using audit::standing;
using terminal::counted;
using terminal::grouped;
using lines = std::vector<std::string>;

constexpr std::size_t most_shown = 10;  // of damaged streams and of findings; --json has them all
constexpr std::size_t label_width = 22;
constexpr const char* reach_first =
    "What cannot be reached need not be damaged: put it back, or give the right to read it, and verify again. Salvage "
    "would leave it out.";

std::string row(std::string_view label, const std::string& text) {
  return terminal::padded(label, label_width) + text;
}

std::string mark(bool good, const look& shown) {
  return terminal::paint(good ? "whole" : "BROKEN", good ? terminal::green : terminal::red, shown.colours);
}

std::string speed(std::uint64_t events, std::chrono::milliseconds took) {
  const auto seconds = static_cast<double>(std::max<std::int64_t>(took.count(), 1)) / 1'000;
  return fmt::format("{:.1f} s, {} events/s", seconds,
                     grouped(static_cast<std::uint64_t>(static_cast<double>(events) / seconds)));
}

std::string archived_in(const eventstore::scan_result& scan) {
  std::string text;
  if (scan.archived > 0) text += ", " + grouped(scan.archived) + " of them in the archive";
  if (scan.archived_unread > 0) text += ", " + grouped(scan.archived_unread) + " archived and not looked at";
  return text;
}

void tell_log(const audit::log_verdict& verdict, const look& shown, lines& text) {
  const auto& scan = verdict.scan;
  const auto whole = scan.streams[1] + scan.streams[2] + scan.streams[3] + scan.streams[4];
  text.push_back(row("checked", counted(scan.events, "event") + ", " +
                                    fmt::format("{:.1f} MB", static_cast<double>(scan.bytes) / 1e6) + ", in " +
                                    speed(scan.events, verdict.took)));
  text.push_back(row("streams", mark(scan.damaged.empty(), shown) + ": " + counted(scan.streams[1], "execution") +
                                    ", " + counted(scan.streams[2], "agent") + ", " + counted(scan.streams[3], "plan") +
                                    ", " + grouped(scan.streams[4]) + " of the system" + archived_in(scan) + "; " +
                                    grouped(whole) + " of " + grouped(whole + scan.damaged.size())));
  text.push_back(row("the log's own chain", mark(scan.chain_holds, shown) + ", to position " +
                                                grouped(scan.head.position) + ", head " +
                                                audit::hex_of(scan.head.hash)));
  if (verdict.undecodable > 0) text.push_back(row("events not readable", grouped(verdict.undecodable)));
}

std::string compared(std::uint64_t equal, std::uint64_t differ, std::uint64_t unchecked, const char* none) {
  if (equal + differ + unchecked == 0) return none;
  std::string told = grouped(equal) + " equal to what replay makes of the log";
  if (differ > 0) told += ", " + grouped(differ) + " NOT";
  if (unchecked > 0) told += ", " + grouped(unchecked) + " not checked: the log is damaged";
  return told;
}

void tell_derived(const audit::log_verdict& verdict, const look& shown, lines& text) {
  std::uint64_t equal = 0, differ = 0, unchecked = 0;
  for (const auto& view : verdict.views) {
    if (view.is == standing::equal) ++equal;
    if (view.is == standing::not_checked) ++unchecked;
    if (view.is != standing::differs) continue;
    ++differ;
    text.push_back(row("view " + view.name, mark(false, shown) + ": " + terminal::printable(view.detail)));
  }
  text.push_back(row("views", compared(equal, differ, unchecked, "none stored: they are made anew at the next start")));
  const auto& snapshots = verdict.snapshots;
  auto told = compared(snapshots.equal, snapshots.differ, snapshots.not_checked,
                       "none stored: each comes back when it is needed next");
  if (snapshots.of_another_release > 0) told += ", " + grouped(snapshots.of_another_release) + " of another release";
  text.push_back(row("snapshots", told));
}

bool is_unreached(const audit::finding& found) {
  return found.fault.unreached;
}

/// What can be done about what was found.
void tell_way_on(const audit::log_verdict& verdict, const std::string& folder, lines& text) {
  const auto& findings = verdict.findings;
  if (std::any_of(findings.begin(), findings.end(), is_unreached)) text.emplace_back(reach_first);
  const bool in_files =
      std::any_of(findings.begin(), findings.end(), [](const audit::finding& each) { return each.in == "table"; });
  const bool in_streams = std::any_of(verdict.scan.damaged.begin(), verdict.scan.damaged.end(),
                                      [](const auto& each) { return !each.unreached; });
  const bool is_damage = !std::all_of(findings.begin(), findings.end(), is_unreached);
  if (is_damage && (verdict.refused || in_files || in_streams))
    text.push_back("To take what stands into a new folder: planexe-ax salvage " + terminal::printable(folder) + " NEW");
}

void tell_damage(const audit::log_verdict& verdict, const std::string& folder, const look& shown, lines& text) {
  text.emplace_back();
  const auto* const label = is_unreached(verdict.findings.front()) ? "Cannot be reached: " : "First bad record: ";
  text.push_back(terminal::paint(label, terminal::red, shown.colours) +
                 terminal::printable(verdict.findings.front().fault.what));
  if (const auto position = verdict.findings.front().fault.position; position > 0)
    text.push_back("  at position " + grouped(position) + " of the log");
  if (verdict.findings_total > 1) {
    text.push_back("In all " + counted(verdict.findings_total, "thing is", "things are") + " not as they should be:");
    for (std::size_t i = 1; i < verdict.findings.size() && i < most_shown; ++i)
      text.push_back("  " + terminal::printable(verdict.findings[i].fault.what));
    if (verdict.findings_total > most_shown) text.push_back("  … (--json lists them)");
  }
  const auto& damaged = verdict.scan.damaged;
  if (damaged.empty() && !verdict.refused) text.emplace_back("Every event of every stream still stands.");
  if (verdict.refused) text.emplace_back("The figures above are of an older state, the last that can be shown.");
  if (!damaged.empty()) {
    text.emplace_back("What still stands: every stream but these.");
    for (std::size_t i = 0; i < damaged.size() && i < most_shown; ++i) {
      const auto& each = damaged[i];
      text.push_back("  " + terminal::printable(name_of(each.stream)) + ": " +
                     (each.unreached && each.stands_to == 0 ? "not reached, " + counted(each.version, "event")
                                                            : what_stands(each.stands_to, each.version)));
    }
    if (damaged.size() > most_shown) text.push_back("  … and " + grouped(damaged.size() - most_shown) + " more");
  }
  tell_way_on(verdict, folder, text);
}

}  // namespace

std::string what_stands(std::uint64_t stands_to, std::uint64_t events) {
  const auto of = " of " + grouped(events);
  if (stands_to == 0) return "nothing" + of;
  return stands_to == 1 ? "event 1" + of : "events 1 to " + grouped(stands_to) + of;
}

std::string name_of(const domain::stream_id& stream) {
  constexpr const char* kinds[] = {"stream ", "execution ", "agent ", "plan ", "system stream "};
  return kinds[static_cast<std::size_t>(stream.kind)] + stream.id;
}

lines verdict_text(const audit::log_verdict& verdict, const std::string& folder, const look& shown) {
  lines text;
  if (verdict.unopened) {
    text.push_back(terminal::paint("The folder cannot be opened: ", terminal::red, shown.colours) +
                   terminal::printable(verdict.unopened->detail));
    if (verdict.unopened->code != errc::corrupt) text.emplace_back(reach_first);
    return text;
  }
  tell_log(verdict, shown, text);
  if (!verdict.views.empty()) tell_derived(verdict, shown, text);
  if (verdict.erasure_to_finish)
    text.push_back(row("views, snapshots",
                       "not looked at: an erasure deletes them at the next start, which makes the views anew"));
  if (verdict.anchor_holds) text.push_back(row("anchor", mark(true, shown) + ": the log begins as it did then"));
  if (verdict.whole())
    text.push_back(terminal::paint("The record is whole.", terminal::green, shown.colours));
  else
    tell_damage(verdict, folder, shown, text);
  return text;
}

lines audit_text(const audit::stream_audit& found, const std::string& execution, const look& shown) {
  lines text;
  text.push_back(row("execution", terminal::printable(execution)));
  text.push_back(row("events", grouped(found.events) + ", head " + audit::hex_of(found.head_hash)));
  if (found.snapshot_seq > 0)
    text.push_back(row("snapshot", "after event " + grouped(found.snapshot_seq) + ", equal to what replay gives"));
  if (found.verified()) {
    text.push_back(terminal::paint("Its record is whole.", terminal::green, shown.colours));
    return text;
  }
  text.push_back(terminal::paint("First bad record: ", terminal::red, shown.colours) +
                 (found.first_bad_seq ? "event " + grouped(*found.first_bad_seq) + ": " : "") +
                 terminal::printable(found.problem));
  text.push_back("What still stands: " + what_stands(found.stands_to, found.events));
  return text;
}

}  // namespace planexe::auditing
