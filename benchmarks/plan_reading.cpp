// plan_reading: how long a plan takes to read, beside what cannot be avoided: parsing the same JSON with the plain
// library, unpacking every entry of the same zip. Reads a bundle of 218 leaves and a zip of 3 MB, both made here in the
// shape and size of real runs, and any files named on the command line. Prints the median of several seconds.
//
// usage: plan_reading [FILE…]
#include <archive.h>
#include <archive_entry.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <functional>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "plans/plan_reader.hpp"

namespace {

using json = nlohmann::json;
using planexe::plans::plan_format;

constexpr std::size_t phases = 8;
constexpr std::size_t tasks_a_phase = 5;
constexpr std::size_t leaves = 218;  // in all; spread over the tasks
constexpr std::size_t zip_bytes = std::size_t{3} << 20;

/// Prose of made-up words, some frequent and most rare, so that it shrinks about as much as a run's own.
class writer {
 public:
  writer() {
    for (std::size_t i = 0; i < 4'000; ++i) {
      std::string word;
      for (std::size_t k = 0; k < 2 + i % 3; ++k) word += {"bdfgklmnprst"[pick(12)], "aeiou"[pick(5)]};
      words_.push_back(word);
    }
  }
  std::string words(std::size_t count) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) text += (i == 0 ? "" : " ") + words_[std::min(pick(4'000), pick(4'000))];
    return text;
  }
  std::string id() {
    std::string text;
    for (std::size_t i = 0; i < 36; ++i)
      text += i == 8 || i == 13 || i == 18 || i == 23 ? '-' : "0123456789abcdef"[pick(16)];
    return text;
  }

 private:
  std::size_t pick(std::size_t below) { return random_() % below; }

  std::mt19937 random_{7};
  std::vector<std::string> words_;
};

/// The documents of a run by the names they have in a bundle.
json bundle_of(writer& text) {
  json root{{"id", text.id()}, {"description", text.words(3)}};
  json durations = json::array(), dependencies = json::array(), team = json::array();
  for (int i = 0; i < 8; ++i) team.push_back({{"category", text.words(2)}, {"explanation", text.words(40)}});
  const auto estimate = [&](const json& task) {
    durations.push_back({{"task_id", task["id"]},
                         {"delay_risks", text.words(30)},
                         {"mitigation_strategy", text.words(30)},
                         {"days_min", 3},
                         {"days_max", 12},
                         {"days_realistic", 6}});
  };
  std::size_t left = leaves;
  std::string before;
  for (std::size_t p = 0; p < phases; ++p) {
    json phase{{"id", text.id()}, {"description", text.words(3)}, {"task_children", json::array()}};
    for (std::size_t t = 0; t < tasks_a_phase; ++t) {
      json task{{"id", text.id()}, {"description", text.words(5)}, {"task_children", json::array()}};
      const std::size_t tasks_left = (phases - p) * tasks_a_phase - t;
      const std::size_t here = left / tasks_left + (left % tasks_left != 0);
      left -= here;
      for (std::size_t l = 0; l < here; ++l)
        task["task_children"].push_back(
            {{"id", text.id()},
             {"description", text.words(5)},
             {"extra_fields",
              {{"detailed_description", text.words(45)},
               {"resources_needed", {team[l % 8]["category"], text.words(2), text.words(1)}}}}});
      if (!before.empty() && t % 3 == 0)
        dependencies.push_back({{"dependent_task_id", task["id"]},
                                {"depends_on_task_id_list", {before}},
                                {"depends_on_task_explanation_list", {text.words(20)}}});
      before = task["id"];
      estimate(task);
      phase["task_children"].push_back(std::move(task));
    }
    estimate(phase);
    root["task_children"].push_back(std::move(phase));
  }
  json risks = json::array(), modes = json::array(), killed = json::array(), assumptions = json::array();
  for (int i = 0; i < 9; ++i) {
    risks.push_back({{"risk_area", text.words(2)},
                     {"risk_description", text.words(35)},
                     {"potential_impact", text.words(25)},
                     {"likelihood", "medium"},
                     {"severity", "high"},
                     {"action", text.words(30)}});
    const auto lines = [&] { return json{text.words(10), text.words(10), text.words(10)}; };
    modes.push_back({{"failure_mode_title", text.words(3)},
                     {"risk_analysis", text.words(110)},
                     {"early_warning_signs", lines()},
                     {"owner", text.words(2)},
                     {"likelihood_5", 3},
                     {"impact_5", 4},
                     {"tripwires", lines()},
                     {"playbook", lines()},
                     {"stop_rule", text.words(15)}});
    killed.push_back({{"assumption_id", "A" + std::to_string(i + 1)},
                      {"statement", text.words(20)},
                      {"test_now", text.words(25)},
                      {"falsifier", text.words(20)}});
    assumptions.push_back({{"question", text.words(20)}, {"assumptions", text.words(45)}});
  }
  return {{"wbs_project", root},
          {"task_dependencies_raw", {{"task_dependency_details", dependencies}}},
          {"task_durations", durations},
          {"enrich_team_members_environment_info", team},
          {"identify_risks_raw", {{"risks", risks}}},
          {"premortem_raw", {{"assumptions_to_kill", killed}, {"failure_modes", modes}}},
          {"make_assumptions", assumptions}};
}

la_ssize_t append_to_string(archive*, void* target, const void* data, std::size_t length) {
  static_cast<std::string*>(target)->append(static_cast<const char*>(data), length);
  return static_cast<la_ssize_t>(length);
}

/// The bundle's documents as files, with the prompts that PlanExe keeps in its raw ones, and as much else as a run of
/// this size holds.
std::string zip_of(const json& bundle, writer& text) {
  std::string bytes;
  archive* out = archive_write_new();
  archive_write_set_format_zip(out);
  archive_write_set_options(out, "compression=deflate");
  archive_write_set_bytes_in_last_block(out, 1);
  archive_write_open(out, &bytes, nullptr, append_to_string, nullptr);
  const auto add = [&](const std::string& name, const std::string& content) {
    archive_entry* entry = archive_entry_new();
    archive_entry_set_pathname(entry, ("run/" + name).c_str());
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_entry_set_perm(entry, 0644);
    archive_entry_set_size(entry, static_cast<la_int64_t>(content.size()));
    archive_write_header(out, entry);
    archive_write_data(out, content.data(), content.size());
    archive_entry_free(entry);
  };
  for (const auto& [name, document] : bundle.items()) {
    json written = document;
    if (name.ends_with("_raw")) written["user_prompt"] = text.words(name == "premortem_raw" ? 35'000 : 6'000);
    if (name == "wbs_project")
      add("023-3-wbs_project_level1_and_level2_and_level3.json", json{{name, document}}.dump(2));
    else
      add("021-" + name + ".json", written.dump(2));
  }
  for (int i = 0; bytes.size() < zip_bytes; ++i)
    add("023-1-" + std::to_string(i) + "-wbs_level3_raw.json", json{{"user_prompt", text.words(7'000)}}.dump());
  archive_write_close(out);
  archive_write_free(out);
  return bytes;
}

/// Unpacks everything and throws it away.
std::size_t unpack(const std::string& zip) {
  archive* in = archive_read_new();
  archive_read_support_format_zip_seekable(in);
  archive_read_open_memory(in, zip.data(), zip.size());
  archive_entry* entry = nullptr;
  std::array<char, 64 * 1024> buffer{};
  std::size_t total = 0;
  while (archive_read_next_header(in, &entry) == ARCHIVE_OK)
    for (la_ssize_t got = 0; (got = archive_read_data(in, buffer.data(), buffer.size())) > 0;)
      total += static_cast<std::size_t>(got);
  archive_read_free(in);
  return total;
}

/// Median milliseconds of one call, over a second and a half.
double median_ms(const std::function<void()>& call) {
  using clock = std::chrono::steady_clock;
  std::vector<double> times;
  const auto end = clock::now() + std::chrono::milliseconds(1'500);
  for (auto before = clock::now(); before < end || times.size() < 5;) {
    call();
    const auto after = clock::now();
    times.push_back(std::chrono::duration<double, std::milli>(after - before).count());
    before = after;
  }
  std::nth_element(times.begin(), times.begin() + static_cast<std::ptrdiff_t>(times.size() / 2), times.end());
  return times[times.size() / 2];
}

bool measure(const char* name, const std::string& bytes) {
  const bool is_zip = bytes.starts_with("PK");
  const plan_format format = is_zip ? plan_format::zip : plan_format::json;
  const auto read = planexe::plans::read_plan(bytes, format);
  if (!read) {
    std::fprintf(stderr, "plan_reading: %s: %s\n", name, read.error().problems.front().message.c_str());
    return false;
  }
  const double ours = median_ms([&] { static_cast<void>(planexe::plans::read_plan(bytes, format)); });
  const double least = median_ms([&] {
    if (is_zip)
      static_cast<void>(unpack(bytes));
    else
      static_cast<void>(json::parse(bytes).size());
  });
  std::printf("%-40s %6zu KiB %6zu tasks  read %7.2f ms  %s %7.2f ms  ratio %.2f\n", name, bytes.size() / 1024,
              read->tasks.size(), ours, is_zip ? "unpack" : "parse ", least, ours / least);
  return true;
}

}  // namespace

int main(int argc, char** argv) {
  writer text;
  const json bundle = bundle_of(text);
  bool sound = measure("218 leaves, JSON bundle", bundle.dump(2));
  sound = measure("218 leaves, zip of 3 MB", zip_of(bundle, text)) && sound;
  for (int i = 1; i < argc; ++i) {
    std::ifstream in(argv[i], std::ios::binary);
    const std::string bytes{std::istreambuf_iterator<char>(in), {}};
    sound = measure(std::string_view{argv[i]}.substr(std::string_view{argv[i]}.rfind('/') + 1).data(), bytes) && sound;
  }
  return sound ? 0 : 1;
}
