#include "apps/audit/salvage_command.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <exception>
#include <optional>

#include "apps/audit/files.hpp"
#include "apps/audit/progress_line.hpp"
#include "apps/audit/verdict_text.hpp"
#include "apps/terminal/failure.hpp"
#include "apps/terminal/terminal.hpp"
#include "apps/terminal/text.hpp"
#include "eventstore/salvage.hpp"

#include "audit/verify.hpp"

namespace planexe::auditing {
namespace {

using json = nlohmann::ordered_json;
using eventstore::salvage_result;
using eventstore::shortened_stream;
using terminal::counted;
using terminal::grouped;

constexpr int exit_done = 0, exit_problem = 1;

bool is_complete(const salvage_result& done) {
  return done.shortened.empty() && done.last_position <= done.events;
}

std::string line_of(const shortened_stream& each) {
  std::string text = "  " + name_of(each.stream) + ": ";
  text += each.kept == 0   ? "nothing kept"
          : each.kept == 1 ? "event 1 kept"
                           : "events 1 to " + grouped(each.kept) + " kept";
  if (each.kept < each.known)
    text += ", " + grouped(each.kept + 1) + " to " + grouped(each.known) + " lost: of the first, " + each.why;
  if (each.renamed) text += "; its name is lost, this one was made up";
  return terminal::printable(text);
}

void tell(const salvage_result& done, const salvage_order& order, const look& shown, std::ostream& out) {
  out << counted(done.events, "event") << " of " << counted(done.streams, "stream") << " are kept in "
      << terminal::printable(order.to) << ", which verifies as a whole.\n";
  for (const auto& file : done.damaged_files)
    out << "  damaged file " << terminal::printable(file.name) << (file.lost ? " (nothing of it can be read): " : ": ")
        << terminal::printable(file.damage) << '\n';
  const auto unreached = [](const auto& each) { return each.unreached; };
  if (std::any_of(done.damaged_files.begin(), done.damaged_files.end(), unreached) ||
      std::any_of(done.shortened.begin(), done.shortened.end(), unreached))
    out << "Some of it could not be read, which need not be damaged: put it back, or give the right to read it, and "
           "salvage again.\n";
  if (is_complete(done)) {
    out << terminal::paint("Nothing is lost.", terminal::green, shown.colours) << '\n';
  } else {
    out << terminal::paint("Lost: ", terminal::red, shown.colours) << counted(done.events_lost(), "event") << " of "
        << counted(done.shortened.size(), "stream");
    if (done.events_unknown() > 0) out << ", and " << grouped(done.events_unknown()) << " of which nothing is known";
    out << ".\n";
    for (const auto& each : done.shortened) out << line_of(each) << '\n';
  }
  out << "Views are made anew at the next start, and a snapshot comes back when it is needed next; kept answers to "
         "idempotency keys were left behind.\n"
      << "Positions in the log are new: anchors of the damaged log do not fit it.\n";
}

json as_json(const salvage_result& done, const salvage_order& order) {
  json shortened = json::array(), files = json::array();
  constexpr const char* kinds[] = {"unknown", "execution", "agent", "plan", "system"};
  for (const auto& each : done.shortened)
    shortened.push_back(
        {{"stream", {{"kind", kinds[static_cast<std::size_t>(each.stream.kind)]}, {"id", each.stream.id}}},
         {"kept", each.kept},
         {"events", each.known},
         {"why", each.why},
         {"renamed", each.renamed}});
  for (const auto& file : done.damaged_files)
    files.push_back({{"name", file.name}, {"records", file.records}, {"damage", file.damage}, {"lost", file.lost}});
  return {{"folder", order.to},
          {"complete", is_complete(done)},
          {"events", done.events},
          {"streams", done.streams},
          {"events_lost", done.events_lost()},
          {"events_unknown", done.events_unknown()},
          {"shortened", std::move(shortened)},
          {"damaged_files", std::move(files)}};
}

int salvage(const salvage_order& order, const look& shown, std::ostream& out, std::ostream& err) {
  std::optional<progress_line> line(std::in_place, err, shown.width, shown.moves);
  audit::verify_options options;
  options.progress = [&](const auto& progress) { line->show(progress.position, progress.of); };
  const eventstore::salvage_check check = [&](const std::string& folder) -> result<void> {
    const auto verdict = audit::verify_folder(folder, options);
    if (!verdict && verdict.error().code != errc::not_found) return unexpected{verdict.error()};
    if (!verdict || verdict->whole()) return {};
    line.reset();
    for (const auto& text : verdict_text(*verdict, order.to, shown)) err << text << '\n';
    return unexpected{error{errc::corrupt, "what was written does not verify, and was taken away again"}};
  };
  const auto done = eventstore::salvage(
      order.from, order.to, archive_of(order.from).get(),
      [&](const eventstore::salvage_step& step) { line->show(step.done, step.of, step.what); }, check);
  line.reset();
  if (!done) return terminal::fail(done.error(), order.json, out, err);
  if (order.json)
    out << as_json(*done, order).dump(2, ' ', true, json::error_handler_t::replace) << '\n';
  else
    tell(*done, order, shown, out);
  return is_complete(*done) ? exit_done : exit_problem;
}

}  // namespace

int run_salvage(const salvage_order& order, const look& shown, std::ostream& out, std::ostream& err) {
  try {
    return salvage(order, shown, out, err);
  } catch (const std::exception& unforeseen) {  // memory
    return terminal::fail({errc::io, unforeseen.what()}, order.json, out, err);
  }
}

}  // namespace planexe::auditing
