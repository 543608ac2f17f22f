#include "apps/moving/incident_test.hpp"

#include <filesystem>
#include <fstream>

#include "apps/terminal/text.hpp"
#include "domain/execution_status.hpp"
#include "domain/explain.hpp"
#include "records/reader.hpp"

namespace planexe::moving {
namespace {

/// A string literal.
std::string literal_of(std::string_view text) {
  std::string literal = "\"";
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\' || byte < 0x20 || byte >= 0x7f) {
      constexpr char digits[] = "01234567";
      literal += {'\\', digits[byte >> 6U & 7U], digits[byte >> 3U & 7U], digits[byte & 7U]};
    } else {
      literal += c;
    }
  }
  return literal += '"';
}

/// The task that an event is about, where it is about one.
const domain::task_id* task_of(const domain::execution_event& event) {
  return std::visit(
      [](const auto& payload) -> const domain::task_id* {
        if constexpr (requires { payload.task.value; })
          return &payload.task;
        else
          return nullptr;
      },
      event);
}

/// `"TASK", "STATUS", attempt, "holder", "why it is not done"`
std::string task_columns(const domain::execution_state& state, domain::task_index task) {
  const auto& leaf = state.tasks[task];
  const auto why = domain::explain(state, task, state.updated_at).chain;
  return literal_of(state.definition(task).id.value) + ", " +
         literal_of(domain::name_of(domain::summarize(state, task).status)) + ", " + std::to_string(leaf.attempt) +
         ", " + literal_of(leaf.lease ? leaf.lease->agent.value : "") + ", " +
         literal_of(why.empty() ? "" : domain::name_of(why.front().kind));
}

struct told_incident {
  domain::execution_id execution;
  std::uint64_t events = 0;
  domain::timestamp first{}, last{};
  std::string moments;  ///< rows of the table
  domain::execution_state state;

  result<void> add(const records::record& next);
  std::string text(const std::string& name) const;
};

result<void> told_incident::add(const records::record& next) {
  const auto& stream = next.stored.stream;
  const auto* event = std::get_if<domain::execution_event>(&next.payload);
  if (event == nullptr || (events > 0 && execution.value != stream.id))
    return unexpected{error{errc::invalid, "the record file is not that of one execution"}};
  if (events == 0) {
    execution = {stream.id};
    first = next.metadata.recorded_at;
  }
  last = next.metadata.recorded_at;
  ++events;
  domain::evolve(state, *event, {next.stored.seq, next.metadata.recorded_at});
  moments += "    {" + std::to_string(next.stored.seq) + ", " + literal_of(domain::name_of(state.status));
  const auto* about = task_of(*event);
  const auto task = about != nullptr && state.exists() ? state.graph->find(*about) : domain::no_task;
  if (task != domain::no_task) moments += ", {" + task_columns(state, task) + "}";
  moments += "},\n";
  return {};
}

std::string told_incident::text(const std::string& name) const {
  std::string out =
      "// Execution " + execution.value + ":\n// " + terminal::counted(events, "event") + " from " +
      domain::format_rfc3339(first) + " to " + domain::format_rfc3339(last) +
      ".\n// Made by `planexe-ax export --as-test`. The states are those that were true then; its record\n"
      "// file must give them again.\n";
  out +=
      "#include \"tests/incidents/incident.hpp\"\n\n// clang-format off\nnamespace planexe::tests {\nnamespace {\n\n";
  out += "// seq, status; of the event's task: id, status, attempt, holder, why it is not done\n";
  out += "constexpr moment moments[] = {\n" + moments + "};\n\n";
  out += "// Every task at the end.\nconstexpr task_row tasks[] = {\n";
  for (domain::task_index task = 0; state.exists() && task < state.graph->size(); ++task)
    out += "    {" + task_columns(state, task) + "},\n";
  out += "};\n\n}  // namespace\n\n";
  out += "TEST_CASE(\"execution " + execution.value + " comes out as it did\") {\n  replay_incident(__FILE__, " +
         literal_of(name) + ", " + literal_of(execution.value) +
         ", moments, tasks);\n}\n\n}  // namespace planexe::tests\n";
  return out;
}

}  // namespace

result<std::string> incident_test(const std::string& path, const std::string& name) {
  auto reader = records::record_reader::open(path);
  if (!reader) return unexpected{reader.error()};
  told_incident told;
  while (true) {
    const auto next = reader->next();
    if (!next) return unexpected{next.error()};
    if (!*next) break;
    if (auto added = told.add(**next); !added) return unexpected{added.error()};
  }
  if (!told.state.exists()) return unexpected{error{errc::invalid, "the record file has no execution"}};
  return told.text(name);
}

result<void> write_incident_test(const std::string& record_path, const std::string& test_path) {
  const auto text = incident_test(record_path, std::filesystem::path(record_path).filename().string());
  if (!text) return unexpected{text.error()};
  std::ofstream out(test_path, std::ios::binary | std::ios::trunc);
  out << *text;
  if (!out.flush()) return unexpected{error{errc::io, "cannot write " + test_path}};
  return {};
}

}  // namespace planexe::moving
