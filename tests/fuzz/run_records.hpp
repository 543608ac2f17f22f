// A run's documents as a string of records, so that a fuzzer can change each and still give a zip with right checksums:
// one byte that names the file, two that give its length, its bytes.
#pragma once

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

namespace planexe::fuzz {

inline constexpr std::array<std::string_view, 16> run_names{
    "wbs_project_level1_and_level2_and_level3.json",
    "task_dependencies_raw.json",
    "task_durations.json",
    "enrich_team_members_environment_info.json",
    "identify_risks_raw.json",
    "premortem_raw.json",
    "make_assumptions.json",
    "distill_assumptions_raw.json",
    "redline_gate.json",
    "pre_project_assessment.json",
    "project_plan_raw.json",
    "plan.txt",
    "start_time.json",
    "wbs_project_level1_and_level2_and_level3.csv",
    "001-2-plan.txt",
    "old/wbs_project_level1_and_level2_and_level3.json",
};

inline void append_record(std::string& records, std::size_t name, std::string_view bytes) {
  records += static_cast<char>(name);
  records += static_cast<char>(bytes.size() & 0xFF);
  records += static_cast<char>(bytes.size() >> 8 & 0xFF);
  records += bytes;
}

/// Calls `use(path, bytes)` for each record; the last may be cut.
template <class Use>
void for_each_record(std::string_view records, Use use) {
  while (records.size() >= 3) {
    const auto byte = [&](std::size_t at) { return static_cast<std::size_t>(static_cast<unsigned char>(records[at])); };
    const std::string_view name = run_names[byte(0) % run_names.size()];
    const std::size_t length = byte(1) | byte(2) << 8;
    records.remove_prefix(3);
    use(name, records.substr(0, length));
    records.remove_prefix(std::min(length, records.size()));
  }
}

}  // namespace planexe::fuzz
