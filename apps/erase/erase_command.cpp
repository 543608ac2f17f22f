#include "apps/erase/erase_command.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <exception>

#include "apps/erase/erase_folder.hpp"
#include "apps/terminal/failure.hpp"
#include "apps/terminal/text.hpp"
#include "gateway/http/utf8.hpp"

namespace planexe::erasing {
namespace {

using json = nlohmann::ordered_json;
using terminal::counted;

constexpr int exit_done = 0;
constexpr std::size_t longest_reason = 65'536;  // as the server's requests
constexpr std::size_t most_listed = 20;         // of the events that stay

void print(std::ostream& out, const json& value) {
  out << value.dump(2, ' ', true, json::error_handler_t::replace) << '\n';
}

int list(const erase_order& order, std::ostream& out, std::ostream& err) {
  const auto subjects = list_subjects(order.data_folder);
  if (!subjects) return terminal::fail(subjects.error(), order.json, out, err);
  if (order.json) {
    auto all = json::array();
    for (const auto& each : *subjects) all.push_back({{"subject", each.name}, {"executions", each.executions}});
    print(out, all);
    return exit_done;
  }
  constexpr std::size_t name_width = 40;
  for (const auto& each : *subjects)
    out << terminal::padded(each.name, name_width) << " words in " << counted(each.executions, "execution") << '\n';
  return exit_done;
}

json as_json(const erased_subject& done) {
  auto unsealed = json::array();
  for (const auto& each : done.left.unsealed)
    unsealed.push_back({{"stream", each.stream.id}, {"seq", each.seq}, {"event_type", each.type}});
  return {{"called_now", done.called_now},
          {"executions", done.executions},
          {"live_keys", done.left.live_keys},
          {"active_agent", done.left.active_agent},
          {"unsealed_events", std::move(unsealed)}};
}

void show(const erased_subject& done, std::ostream& out) {
  out << "erased: the words are gone, in " << counted(done.executions, "execution") << "; events say '"
      << terminal::printable(done.called_now) << "' from now on\n";
  for (const auto& key : done.left.live_keys)
    out << "the key " << terminal::printable(key) << " is still live; `planexe-ax keys revoke` ends it\n";
  if (done.left.active_agent)
    out << "the agent is not retired: it can be given tasks, and what it writes then is kept\n";
  if (done.left.unsealed.empty()) return;
  out << counted(done.left.unsealed.size(), "event from before words were sealed stays as it is",
                 "events from before words were sealed stay as they are")
      << ":\n";
  for (std::size_t i = 0; i < std::min(done.left.unsealed.size(), most_listed); ++i)
    out << "  " << terminal::printable(done.left.unsealed[i].stream.id) << ":" << done.left.unsealed[i].seq << " "
        << done.left.unsealed[i].type << '\n';
  if (done.left.unsealed.size() > most_listed)
    out << "  and " << done.left.unsealed.size() - most_listed << " more; --json has all\n";
  out << "nothing short of a new folder is without them: `planexe-ax export` each execution that has none of them,\n"
         "and `planexe-ax import-log` those there\n";
}

int erase(const erase_order& order, std::ostream& out, std::ostream& err) {
  if (!gateway::is_utf8(order.reason) || order.reason.size() > longest_reason)
    return terminal::fail({errc::invalid, "--reason is UTF-8 text of at most 64 KiB"}, order.json, out, err);
  const auto now = std::chrono::floor<domain::milliseconds>(std::chrono::system_clock::now());
  const auto done = erase_in_folder(order.data_folder, order.subject, order.reason, order.actor, now);
  if (!done) return terminal::fail(done.error(), order.json, out, err);
  if (order.json)
    print(out, as_json(*done));
  else
    show(*done, out);
  return exit_done;
}

}  // namespace

int run_erase(const erase_order& order, std::ostream& out, std::ostream& err) {
  try {
    if (order.list != order.subject.empty())
      return terminal::fail({errc::invalid, "give the subject to erase, or --list"}, order.json, out, err);
    return order.list ? list(order, out, err) : erase(order, out, err);
  } catch (const std::exception& unforeseen) {  // memory
    return terminal::fail({errc::io, unforeseen.what()}, order.json, out, err);
  }
}

}  // namespace planexe::erasing
