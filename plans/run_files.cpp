#include "plans/run_files.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <limits>
#include <system_error>

#include "plans/csv_reader.hpp"
#include "plans/plan_reader.hpp"
#include "plans/words.hpp"

namespace planexe::plans {
namespace {

namespace fs = std::filesystem;

struct file_row {
  std::string_view name;
  document kind;
};

/// Earlier rows of a kind win: PlanExe enriches the team in steps, and older runs stop at an earlier one.
constexpr std::array<file_row, 19> file_table{{
    {"wbs_project_level1_and_level2_and_level3.json", document::wbs},
    {"wbs_project_level1_and_level2_and_level3.csv", document::wbs},
    {"task_dependencies_raw.json", document::dependencies},
    {"task_durations.json", document::durations},
    {"enrich_team_members_environment_info.json", document::team},
    {"enrich_team_members_background_story.json", document::team},
    {"enrich_team_members_contract_type.json", document::team},
    {"find_team_members.json", document::team},
    {"identify_risks_raw.json", document::risks},
    {"premortem_raw.json", document::premortem},
    {"make_assumptions.json", document::assumptions},
    {"distill_assumptions_raw.json", document::distilled_assumptions},
    {"distill_assumptions.json", document::distilled_assumptions},
    {"redline_gate.json", document::redline},
    {"pre_project_assessment.json", document::assessment},
    {"project_plan_raw.json", document::project_plan},
    {"project_plan.json", document::project_plan},
    {"plan.txt", document::plan_text},
    {"start_time.json", document::start_time},
}};

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";  // some editors begin UTF-8 with it

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

std::string_view folder_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view{} : path.substr(0, slash);
}

std::string_view name_of(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

/// Position in `file_table`, or its size.
std::size_t row_of(std::string_view path) {
  const std::string_view name = without_number(name_of(path));
  const auto row = std::find_if(file_table.begin(), file_table.end(), [&](const auto& r) { return r.name == name; });
  return static_cast<std::size_t>(row - file_table.begin());
}

/// The folder of the run, or nothing and a problem.
std::optional<std::string> run_folder(const std::vector<run_file>& files, problem_list& problems) {
  std::vector<std::string> folders;
  std::ptrdiff_t depth = std::numeric_limits<std::ptrdiff_t>::max();
  for (const auto& file : files) {
    const std::size_t row = row_of(file.path);
    if (row == file_table.size() || file_table[row].kind != document::wbs) continue;
    const auto slashes = std::count(file.path.begin(), file.path.end(), '/');
    if (slashes < depth) folders.clear();
    if (slashes <= depth) folders.emplace_back(folder_of(file.path));
    depth = std::min(depth, slashes);
  }
  std::sort(folders.begin(), folders.end());
  folders.erase(std::unique(folders.begin(), folders.end()), folders.end());
  if (folders.size() == 1) return folders.front();
  if (folders.empty())
    problems.add(std::string{file_table.front().name}, "is missing: this is not a finished PlanExe run");
  else
    problems.add(std::string{file_table.front().name}, "is in more than one folder: '" + clipped(folders[0], 100) +
                                                           "' and '" + clipped(folders[1], 100) + "'");
  return std::nullopt;
}

/// The tree that a run's CSV tells, as its JSON would: ids and titles, which is all that it has.
json_value tree_of(const domain::plan& plan) {
  std::vector<json_value> nodes(plan.tasks.size());
  json_value children = json_value::array();
  for (std::size_t i = plan.tasks.size(); i-- > 0;) {  // children come after their parents
    const auto& task = plan.tasks[i];
    json_value node = {{"id", task.id.value}, {"description", task.title}};
    if (!nodes[i].is_null()) {
      std::reverse(nodes[i].begin(), nodes[i].end());
      node["task_children"] = std::move(nodes[i]);
    }
    json_value& list = task.parent == domain::no_task ? children : nodes[task.parent];
    list.push_back(std::move(node));
  }
  std::reverse(children.begin(), children.end());
  return {{"wbs_project", {{"description", plan.title}, {"task_children", std::move(children)}}}};
}

void parse_into(run_documents& run, document kind, const run_file& file, problem_list& problems) {
  const std::string name{without_number(name_of(file.path))};
  std::string reason;
  if (kind == document::plan_text) {
    if (is_utf8(file.bytes)) {
      std::string_view text = file.bytes;
      if (text.starts_with(byte_order_mark)) text.remove_prefix(byte_order_mark.size());
      run.found[kind] = text;
      return;
    }
    reason = "is not UTF-8 text";
  } else if (name.ends_with(".csv")) {
    const domain::plan table = read_csv(file.bytes, problems);
    if (!problems.empty()) return;
    run.found[kind] = tree_of(table);
    return run.warnings.add("tree_from_csv", "the tree is read from " + name + ", without descriptions and resources");
  } else if (auto value = parse_json(file.bytes)) {
    run.found[kind] = *std::move(value);
    return;
  } else {
    reason = value.error().message;
  }
  if (is_essential(kind))
    problems.add(name, reason);
  else
    run.warnings.add("document_unreadable", name + ": " + reason);
}

zip_failure refused(std::string message, bool too_large = false) {
  return {too_large, {{"path", std::move(message)}}};
}

}  // namespace

std::string_view without_number(std::string_view file_name) {
  std::string_view rest = file_name;
  if (rest.size() < 4 || !is_digit(rest[0]) || !is_digit(rest[1]) || !is_digit(rest[2]) || rest[3] != '-')
    return file_name;
  rest.remove_prefix(4);
  for (;;) {
    std::size_t digits = 0;
    while (digits < rest.size() && is_digit(rest[digits])) ++digits;
    if (digits == 0 || digits == rest.size() || rest[digits] != '-') return rest;
    rest.remove_prefix(digits + 1);
  }
}

bool is_run_file(std::string_view path) {
  if (path.starts_with("__MACOSX/") || path.find("/__MACOSX/") != std::string_view::npos) return false;
  return row_of(path) != file_table.size();
}

run_documents gather_run(std::vector<run_file> files, problem_list& problems) {
  run_documents run;
  const auto folder = run_folder(files, problems);
  if (!folder) return run;
  std::sort(files.begin(), files.end(), [](const run_file& a, const run_file& b) { return a.path < b.path; });
  for (std::size_t row = 0; row < file_table.size(); ++row) {
    const run_file* chosen = nullptr;
    for (const auto& file : files) {
      if (folder_of(file.path) != *folder || row_of(file.path) != row) continue;
      if (chosen != nullptr)
        run.warnings.add("document_twice", "the run has '" + std::string{file_table[row].name} + "' under two numbers");
      chosen = &file;  // the later step's number wins
    }
    if (chosen != nullptr && !run.found.contains(file_table[row].kind))
      parse_into(run, file_table[row].kind, *chosen, problems);
  }
  return run;
}

expected<std::string, zip_failure> read_file(const fs::path& file) {
  std::ifstream in{file, std::ios::binary};
  if (!in) return unexpected{refused("cannot open '" + file.string() + "'")};
  std::string bytes;
  std::array<char, 64 * 1024> buffer{};
  while (in.read(buffer.data(), buffer.size()) || in.gcount() > 0) {
    bytes.append(buffer.data(), static_cast<std::size_t>(in.gcount()));
    if (bytes.size() > max_upload_bytes)
      return unexpected{
          refused("'" + file.string() + "' is over " + std::to_string(max_upload_bytes >> 20) + " MiB", true)};
  }
  if (in.bad()) return unexpected{refused("cannot read '" + file.string() + "'")};
  return bytes;
}

expected<std::vector<run_file>, zip_failure> read_folder(const fs::path& folder) {
  std::vector<run_file> files;
  std::size_t total = 0;
  std::size_t entries = 0;
  std::error_code failed;
  auto walk = fs::recursive_directory_iterator{folder, failed};
  for (; !failed && walk != fs::recursive_directory_iterator{}; walk.increment(failed)) {
    if (++entries > max_zip_entries)
      return unexpected{refused("more than " + std::to_string(max_zip_entries) + " files", true)};
    if (walk.depth() >= 1) walk.disable_recursion_pending();
    std::error_code no_file;
    const std::string path = walk->path().lexically_relative(folder).generic_string();
    if (!is_run_file(path) || !walk->is_regular_file(no_file)) continue;
    auto bytes = read_file(walk->path());
    if (!bytes) return unexpected{std::move(bytes).error()};
    total += bytes->size();
    if (total > max_unpacked_bytes) return unexpected{refused("the run's documents are too large", true)};
    files.push_back({path, *std::move(bytes)});
  }
  if (failed) return unexpected{refused("cannot read '" + folder.string() + "': " + failed.message())};
  return files;
}

}  // namespace planexe::plans
