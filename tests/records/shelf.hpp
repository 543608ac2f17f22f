// What the tests of record files share: logs of every kind of stream, their text, and files to throw away.
#pragma once

#include <doctest/doctest.h>

#include <sstream>

#include "gateway/json/render_event.hpp"
#include "records/export.hpp"
#include "records/load.hpp"
#include "records/writer.hpp"
#include "tests/eventstore/lab.hpp"
#include "tests/folder_files.hpp"
#include "tests/projections/chronicle.hpp"

namespace planexe::records::testing {

using tests::content_of;
using tests::put;

inline const rendering as_api{gateway::event_rendering_version, gateway::render_event};

inline domain::stream_id execution(const std::string& id) {
  return {domain::stream_kind::execution, id};
}

/// A log of executions, agents, a plan, notifications and the switch, the same for the same seed.
inline std::unique_ptr<tests::chronicle> chance_log(std::uint64_t seed, int commands = 60) {
  tests::dice roll{seed};
  auto log = std::make_unique<tests::chronicle>();
  auto plan = std::make_shared<domain::plan>(*tests::random_plan(roll, 9));
  plan->id = {"plan-1"};
  log->import(plan);
  log->play_randomly(roll, commands);
  log->notify_randomly(roll);
  return log;
}

/// Executions `n0` to `n4` with so many events in all, of which each says its number; their order is by chance.
inline std::unique_ptr<eventstore::memory_store> noted_log(std::size_t events) {
  auto log = std::make_unique<eventstore::memory_store>();
  tests::dice roll{7};
  std::vector<std::uint64_t> versions(5);
  for (std::size_t i = 0; i < events; ++i) {
    const auto stream = roll.below(versions.size());
    const auto id = "n" + std::to_string(stream);
    REQUIRE(eventstore::testing::append(
        *log, {eventstore::testing::noting(execution(id), versions[stream]++, {std::to_string(i)})}));
  }
  return log;
}

inline std::string text_of(const eventstore::event_log& log) {
  std::string text;
  const auto count =
      each_of_log(log, [&](const eventstore::stored_event& event) { return append_line(text, event, as_api); });
  REQUIRE(count);
  return text;
}

inline std::string text_of(const eventstore::event_log& log, const domain::stream_id& stream,
                           std::uint64_t last_seq = UINT64_MAX) {
  std::string text;
  const auto count = each_of_stream(log, stream, 0, last_seq, [&](const eventstore::stored_event& event) {
    return append_line(text, event, as_api);
  });
  REQUIRE(count);
  return text;
}

inline std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line);
  return lines;
}
inline std::string joined(const std::vector<std::string>& lines) {
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  return text;
}

/// Why a text cannot be read; empty: it can.
inline std::string complaint(const std::string& text) {
  const auto read = load_text(text, as_api);
  return read ? "" : read.error().detail;
}

}  // namespace planexe::records::testing
