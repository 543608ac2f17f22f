#include "plans/plan_reader.hpp"

#include <array>
#include <exception>
#include <new>
#include <system_error>

#include "plans/csv_reader.hpp"
#include "plans/markdown_reader.hpp"
#include "plans/run_files.hpp"
#include "plans/structured_reader.hpp"
#include "plans/words.hpp"
#include "plans/zip.hpp"

namespace planexe::plans {
namespace {

using outcome = expected<domain::plan, read_failure>;

read_failure refused(std::string field, std::string message, bool too_large = false) {
  return {too_large, {{std::move(field), std::move(message)}}};
}

read_failure refused(zip_failure failure) {
  return {failure.too_large, std::move(failure.problems)};
}

outcome checked(domain::plan plan, problem_list& problems) {
  if (problems.empty())
    for (auto& problem : domain::validate(plan)) problems.add(std::move(problem.field), std::move(problem.message));
  if (!problems.empty()) return unexpected{read_failure{false, problems.take()}};
  return plan;
}

outcome read_files(std::vector<run_file> files) {
  problem_list problems;
  run_documents run = gather_run(std::move(files), problems);
  if (!problems.empty()) return unexpected{read_failure{false, problems.take()}};
  domain::plan plan = read_run(std::move(run), problems);
  return checked(std::move(plan), problems);
}

/// Members of a bundle: short names, and the names of PlanExe's own files.
struct bundle_member {
  std::string_view name;
  document kind;
};
constexpr std::array<bundle_member, 22> bundle_members{{
    {"task_dependencies", document::dependencies},
    {"task_dependencies_raw", document::dependencies},
    {"task_durations", document::durations},
    {"team", document::team},
    {"enrich_team_members_environment_info", document::team},
    {"risks", document::risks},
    {"identify_risks_raw", document::risks},
    {"premortem", document::premortem},
    {"premortem_raw", document::premortem},
    {"assumptions", document::assumptions},
    {"make_assumptions", document::assumptions},
    {"assumption_list", document::distilled_assumptions},
    {"distill_assumptions", document::distilled_assumptions},
    {"distill_assumptions_raw", document::distilled_assumptions},
    {"redline", document::redline},
    {"redline_gate", document::redline},
    {"pre_project_assessment", document::assessment},
    {"project_plan", document::project_plan},
    {"project_plan_raw", document::project_plan},
    {"plan_text", document::plan_text},
    {"plan", document::plan_text},
    {"start_time", document::start_time},
}};

/// What is wrong with a member's type, or empty. Inside, PlanExe's documents are read with patience; the outside is
/// the sender's own.
std::string_view type_problem(document kind, const json_value& value) {
  switch (kind) {
    case document::dependencies:
    case document::risks:
    case document::assumptions:
    case document::distilled_assumptions:
      return value.is_array() || value.is_object() ? "" : "must be an object or an array";
    case document::durations:
    case document::team:
      return value.is_array() ? "" : "must be an array";
    case document::plan_text:
      return value.is_string() ? "" : "must be a string";
    case document::redline:
      return value.is_object() || value.is_string() ? "" : "must be an object or a verdict";
    case document::wbs:
    case document::assessment:
    case document::premortem:
    case document::project_plan:
    case document::start_time:
      return value.is_object() ? "" : "must be an object";
  }
  return "";
}

outcome read_bundle(json_value bundle) {
  problem_list problems;
  run_documents run;
  for (auto& [name, value] : bundle.items()) {
    if (name == "goal" || name == "title") {
      if (value.is_string())
        (name == "goal" ? run.goal : run.title) = value.get<std::string>();
      else if (!value.is_null())
        problems.add(name, "must be a string");
      continue;
    }
    if (name == "wbs_project" || value.is_null()) continue;
    const auto* member = std::find_if(bundle_members.begin(), bundle_members.end(),
                                      [&, &wanted = name](const auto& m) { return m.name == wanted; });
    if (member == bundle_members.end()) {
      run.warnings.add("unknown_member", "'" + name.substr(0, 64) + "' is not used");
    } else if (const auto wrong = type_problem(member->kind, value); !wrong.empty()) {
      problems.add(name, std::string{wrong});
    } else if (run.found.contains(member->kind)) {
      problems.add(name, "is given under two names");
    } else {
      run.found[member->kind] = std::move(value);
    }
  }
  json_value tree = json_value::object();
  tree["wbs_project"] = std::move(bundle["wbs_project"]);
  run.found[document::wbs] = std::move(tree);
  domain::plan plan = read_run(std::move(run), problems);
  return checked(std::move(plan), problems);
}

outcome read_json(std::string_view bytes) {
  auto document = parse_json(bytes);
  if (!document) return unexpected{refused("", document.error().message, document.error().too_large)};
  if (!document->is_object()) return unexpected{refused("", "a plan must be a JSON object")};
  if (document->contains("wbs_project")) return read_bundle(*std::move(document));
  problem_list problems;
  domain::plan plan = read_structured(*document, problems);
  return checked(std::move(plan), problems);
}

outcome read_text(std::string_view text, domain::plan (*reader)(std::string_view, problem_list&)) {
  problem_list problems;
  domain::plan plan = reader(text, problems);
  return checked(std::move(plan), problems);
}

outcome read_bytes(std::string_view bytes, plan_format format) {
  if (bytes.size() > max_upload_bytes)
    return unexpected{refused("", "larger than " + std::to_string(max_upload_bytes >> 20) + " MiB", true)};
  if (format == plan_format::json) return read_json(bytes);
  if (format == plan_format::csv) return read_text(bytes, read_csv);
  if (format == plan_format::markdown) return read_text(bytes, read_markdown);
  auto files = read_zip(bytes, is_run_file);
  if (!files) return unexpected{refused(std::move(files).error())};
  return read_files(*std::move(files));
}

/// By the name's ending, whatever its case; where that says nothing, by the first bytes.
plan_format format_of(std::string_view extension, std::string_view bytes) {
  const auto is = [&](std::string_view other) {
    return extension.size() == other.size() && begins_with(extension, other);
  };
  if (is(".csv")) return plan_format::csv;
  if (is(".md") || is(".markdown")) return plan_format::markdown;
  return is(".zip") || (!is(".json") && bytes.starts_with("PK")) ? plan_format::zip : plan_format::json;
}

outcome read_path(const std::filesystem::path& path) {
  std::error_code failed;
  const auto status = std::filesystem::status(path, failed);
  if (std::filesystem::is_directory(status)) {
    auto files = read_folder(path);
    if (!files) return unexpected{refused(std::move(files).error())};
    return read_files(*std::move(files));
  }
  if (!std::filesystem::is_regular_file(status))
    return unexpected{refused("path", "'" + path.string() + "' is neither a file nor a folder")};
  auto bytes = read_file(path);
  if (!bytes) return unexpected{refused(std::move(bytes).error())};
  return read_bytes(*bytes, format_of(path.extension().string(), *bytes));
}

/// Memory and the filesystem library are what can still throw; neither may cross the wall of this room.
template <class Read>
outcome without_exceptions(Read read) {
  try {
    return read();
  } catch (const std::bad_alloc&) {
    return unexpected{refused("", "there is not enough memory to read this plan", true)};
  } catch (const std::exception& unforeseen) {
    return unexpected{refused("", std::string{"the plan cannot be read: "} + unforeseen.what())};
  }
}

}  // namespace

expected<domain::plan, read_failure> read_plan(std::string_view bytes, plan_format format) {
  return without_exceptions([&] { return read_bytes(bytes, format); });
}

expected<domain::plan, read_failure> read_plan_from_path(const std::filesystem::path& path) {
  return without_exceptions([&] { return read_path(path); });
}

}  // namespace planexe::plans
