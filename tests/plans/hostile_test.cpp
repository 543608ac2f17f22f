// Inputs made to hurt, in every form a plan may come in: each is refused with reasons, and none costs much. Tricks with
// a zip's own bytes; trees that are too big, too deep or tangled; encodings; numbers.
#include "domain/plan_graph.hpp"
#include "tests/plans/zip_builder.hpp"

using namespace planexe;
using namespace planexe::plans;
using namespace planexe::plans::testing;

namespace {

const std::string wbs_name = "wbs_project_level1_and_level2_and_level3.json";

bool is_too_large(const outcome& read) {
  return !read && read.error().too_large && !read.error().problems.empty();
}
bool is_wrong(const outcome& read) {
  return !read && !read.error().too_large && !read.error().problems.empty();
}

std::vector<std::string> reasons(const outcome& read) {
  std::vector<std::string> found;
  if (!read)
    for (const auto& problem : read.error().problems) found.push_back(problem.message);
  return found;
}

bool says(const outcome& read, std::string_view part) {
  const auto found = reasons(read);
  return std::any_of(found.begin(), found.end(),
                     [&](const std::string& reason) { return reason.find(part) != std::string::npos; });
}

/// A run's tree around these children of the root.
std::string tree_of(const std::string& children) {
  return R"({"wbs_project": {"id": "root", "description": "x", "task_children": [)" + children + "]}}";
}

std::string node(const std::string& id, const std::string& children = "") {
  return R"({"id": ")" + id + R"(", "description": "d", "task_children": [)" + children + "]}";
}

std::string nested_nodes(std::size_t levels) {
  std::string tree;
  for (std::size_t level = levels; level > 0; --level) tree = node("n" + std::to_string(level), tree);
  return tree;
}

std::string flat_nodes(std::size_t count) {
  std::string tree = node("n1");
  for (std::size_t i = 2; i <= count; ++i) tree += "," + node("n" + std::to_string(i));
  return tree;
}

/// The structured form with these phases.
std::string structured(const std::string& phases) {
  return R"({"goal": "g", "phases": [)" + phases + "]}";
}

std::string nested_subtasks(std::size_t levels) {
  std::string subtasks;
  for (std::size_t level = levels; level > 2; --level) subtasks = R"({"title": "s", "subtasks": [)" + subtasks + "]}";
  return R"({"name": "P", "tasks": [{"title": "t", "subtasks": [)" + subtasks + "]}]}";
}

/// Sets the bytes of a field of the zip's directory, in every entry.
std::string with_field(std::string zip, std::size_t offset, const std::string& bytes) {
  for (const std::size_t at : directory_headers(zip)) zip.replace(at + offset, bytes.size(), bytes);
  return zip;
}

std::string utf16(const std::string& ascii) {
  std::string wide = "\xFF\xFE";
  for (const char c : ascii) wide += {c, '\0'};
  return wide;
}

}  // namespace

TEST_CASE("symbolic links and devices in a zip are refused") {
  const std::string zip = with_field(zip_of(small_run()), 5, "\3");  // made on Unix
  const auto with_mode = [&](unsigned mode) {
    const std::string field = {static_cast<char>(mode & 0xFF), static_cast<char>(mode >> 8)};
    return read_zip_bytes(with_field(zip, 40, field));
  };
  CHECK(with_mode(0100644).has_value());
  CHECK(with_mode(0).has_value());
  CHECK(is_wrong(with_mode(0120777)));
  CHECK(says(with_mode(0120777), "an entry is a symbolic link: '"));
  CHECK(is_wrong(with_mode(0020666)));
  CHECK(says(with_mode(0010666), "neither a file nor a folder"));
}

TEST_CASE("encrypted entries are refused by name") {
  const auto read = read_zip_bytes(with_field(zip_of(small_run()), 8, "\1"));
  CHECK(is_wrong(read));
  CHECK(says(read, "an entry is encrypted: '001-2-plan.txt'"));
  CHECK(reasons(read).size() == small_run().size());
}

TEST_CASE("ZIP64 is refused, in the entries and beside the directory") {
  const std::string zip = zip_of(small_run());
  for (const std::size_t field : {20U, 24U, 42U}) {
    const auto read = read_zip_bytes(with_field(zip, field, "\xFF\xFF\xFF\xFF"));
    CHECK(is_wrong(read));
    CHECK(says(read, "ZIP64"));
  }
  std::string located = zip;
  located.insert(zip.rfind("PK\5\6"), std::string{"PK\6\7"} + std::string(16, '\0'));
  CHECK(is_wrong(read_zip_bytes(located)));
  CHECK(says(read_zip_bytes(located), "ZIP64"));
}

TEST_CASE("a wrong checksum is found") {
  file_map files = {{wbs_name, small_run().at("023-3-" + wbs_name)}};
  std::string zip = zip_of(files);
  put_u32(zip, directory_headers(zip).front() + 16, 0xDEADBEEF);
  CHECK(is_wrong(read_zip_bytes(zip)));
}

TEST_CASE("every wrong entry of a zip is told, not the first alone") {
  file_map files = small_run();
  files["../one"] = "x";
  files["/two"] = "x";
  files["a\\..\\three"] = "x";
  const auto read = read_zip_bytes(zip_of(files));
  CHECK(is_wrong(read));
  CHECK(reasons(read).size() == 3);
  CHECK(says(read, "climbs out with '..': '../one'"));
  CHECK(says(read, "absolute path: '/two'"));
  CHECK(says(read, "climbs out with '..': 'a\\..\\three'"));
}

TEST_CASE("a zip inside a zip is not looked into") {
  const std::string inner = zip_of(small_run());
  CHECK(is_wrong(read_zip_bytes(zip_of({{"run.zip", inner}}))));
  CHECK(is_wrong(read_zip_bytes(zip_of({{wbs_name, inner}}))));  // its bytes are no JSON
  file_map beside = small_run();
  beside["run.zip"] = inner;
  CHECK(read_zip_bytes(zip_of(beside)).has_value());
}

TEST_CASE("documents that burst when they are unpacked are refused by what they claim and by what comes out") {
  file_map files = small_run();
  files["premortem_raw.json"] = std::string(std::size_t{24} << 20, ' ');
  files["make_assumptions.json"] = std::string(std::size_t{24} << 20, ' ');
  const std::string zip = zip_of(files);
  CHECK(is_too_large(read_zip_bytes(zip)));
  // The same, claiming 4 KiB each.
  const auto lied = read_zip_bytes(with_field(zip, 24, std::string{"\0\x10\0\0", 4}));
  CHECK(is_too_large(lied));
  CHECK(says(lied, "unpacks to more than is allowed"));
}

TEST_CASE("two runs side by side are refused with both names") {
  file_map two;
  for (const auto& [name, content] : small_run()) {
    two["one/" + name] = content;
    two["two/" + name] = content;
  }
  CHECK(says(read_zip_bytes(zip_of(two)), "'one' and 'two'"));
}

TEST_CASE("12 levels are read and 13 are not") {
  CHECK(read_text(tree_of(nested_nodes(12))).has_value());
  CHECK(is_wrong(read_text(tree_of(nested_nodes(13)))));
  CHECK(problem_at(read_text(tree_of(nested_nodes(13))), "n13") == "deeper than 12 levels");
  CHECK(read_text(structured(nested_subtasks(12))).has_value());
  CHECK(says(read_text(structured(nested_subtasks(13))), "deeper than 12 levels"));
}

TEST_CASE("20000 tasks are read and 20001 are not") {
  const auto most = read_text(tree_of(flat_nodes(domain::max_plan_tasks)));
  REQUIRE(most.has_value());
  CHECK(most->tasks.size() == domain::max_plan_tasks);
  CHECK(says(read_text(tree_of(flat_nodes(domain::max_plan_tasks + 1))), "more than 20000 tasks"));
  CHECK(says(read_text(tree_of(flat_nodes(domain::max_plan_tasks + 50'000))), "more than 20000 tasks"));
  std::string phases = R"({"name": "P"})";
  for (std::size_t i = 0; i < domain::max_plan_tasks; ++i) phases += R"(,{"name": "P"})";
  CHECK(says(read_text(structured(phases)), "more than 20000 tasks"));
}

TEST_CASE("more dependencies than a plan may have are refused") {
  // 450 tasks, each after all before it: 101,025 pairs.
  constexpr std::size_t tasks = 450;
  std::string details;
  std::string before;
  for (std::size_t i = 1; i <= tasks; ++i) {
    const std::string id = "n" + std::to_string(i);
    if (i > 1)
      details += (details.empty() ? "" : ",") + std::string{R"({"dependent_task_id": ")"} + id +
                 R"(", "depends_on_task_id_list": [)" + before + R"(], "depends_on_task_explanation_list": ["x"]})";
    before += (before.empty() ? "\"" : ",\"") + id + "\"";
  }
  std::string bundle = tree_of(flat_nodes(tasks));
  bundle.pop_back();
  const auto read = read_text(bundle + R"(, "task_dependencies": [)" + details + "]}");
  CHECK(is_wrong(read));
  CHECK(says(read, "more than 100000 dependencies"));
}

TEST_CASE("empty trees are refused") {
  CHECK(problem_at(read_text(tree_of("")), "phases") == "the plan has no tasks");
  CHECK(is_wrong(read_text(R"({"wbs_project": {"id": "r", "description": "x"}})")));
  CHECK(is_wrong(read_text(R"({"wbs_project": {}})")));
  CHECK(is_wrong(read_text(R"({"wbs_project": null})")));
  CHECK(is_wrong(read_text(structured(""))));
  CHECK(is_wrong(read_text("{}")));
  CHECK(is_wrong(read_zip_bytes(zip_of({{wbs_name, ""}}))));
  CHECK(is_wrong(read_zip_bytes(zip_of({{wbs_name, tree_of("")}}))));
}

TEST_CASE("ids used twice are named, each of them") {
  const auto tree = read_text(tree_of(node("a", node("b")) + "," + node("c", node("b") + "," + node("a"))));
  CHECK(is_wrong(tree));
  CHECK(problem_at(tree, "a") == "task id 'a' is used twice");
  CHECK(problem_at(tree, "b") == "task id 'b' is used twice");
  CHECK(is_wrong(read_text(structured(R"({"phase_id": "a", "name": "P"}, {"phase_id": "a", "name": "Q"})"))));
}

TEST_CASE("a circle of dependencies is read here and refused by the graph, with its members") {
  const auto read = read_text(R"({"goal": "g", "phases": [{"name": "P", "tasks": [
    {"task_id": "a", "title": "A", "prerequisites": ["c"]}, {"task_id": "b", "title": "B", "prerequisites": ["a"]},
    {"task_id": "c", "title": "C", "prerequisites": ["b"]}]}]})");
  REQUIRE(read.has_value());
  const auto graph =
      domain::plan_graph::build(std::make_shared<const domain::plan>(*read), domain::sequencing::dependencies);
  REQUIRE_FALSE(graph.has_value());
  CHECK(graph.error().size() == 3);
}

TEST_CASE("texts in other encodings are refused") {
  const std::string plan = structured(R"({"name": "P"})");
  CHECK(read_text(plan).has_value());
  CHECK(is_wrong(read_text(utf16(plan))));
  CHECK(is_wrong(read_text(structured("{\"name\": \"Caf\xE9\"}"))));           // Latin-1
  CHECK(is_wrong(read_text(structured("{\"name\": \"\xF4\x90\x80\x80\"}"))));  // beyond Unicode
  CHECK(is_wrong(read_text(structured(R"({"name": "\udc00"})"))));             // half a pair
  CHECK(is_wrong(read_text(structured(R"({"name": "\ud800\u0041"})"))));
  CHECK(is_wrong(read_text("\xEF\xBB" + plan)));  // half a byte order mark
  file_map files = small_run();
  files["023-3-" + wbs_name] = utf16(files["023-3-" + wbs_name]);
  CHECK(is_wrong(read_zip_bytes(zip_of(files))));
}

TEST_CASE("a byte order mark before UTF-8 does no harm") {
  const std::string mark = "\xEF\xBB\xBF";
  CHECK(read_text(mark + structured(R"({"name": "P"})")).has_value());
  file_map files = small_run();
  const auto plain = read_zip_bytes(zip_of(files));
  for (auto& [name, content] : files) content.insert(0, mark);
  const auto marked = read_zip_bytes(zip_of(files));
  REQUIRE(marked.has_value());
  CHECK(*marked == *plain);
}

TEST_CASE("numbers beyond their range are refused where a person wrote them and warned about in a run") {
  const auto with = [](const std::string& member) {
    return read_text(R"({"goal": "g", "phases": [{"name": "P", "tasks": [{"title": "T", )" + member + "}]}]}");
  };
  CHECK(with(R"("priority": 5)").has_value());
  for (const auto* wrong :
       {R"("priority": 9223372036854775808)", R"("priority": 18446744073709551616)", R"("priority": 1e30)",
        R"("priority": 2147483648)", R"("priority": -2147483649)", R"("priority": 1.5)", R"("estimated_hours": -1)",
        R"("estimated_hours": 1e300)", R"("estimated_hours": 1e999)", R"("timeout_hours": 0)",
        R"("decomposition_confidence": 1.01)", R"("autonomy_tier": 0)", R"("autonomy_tier": 4)",
        R"("retry_policy": {"max_attempts": 0})", R"("retry_policy": {"backoff_seconds": -0.1})"}) {
    CAPTURE(wrong);
    CHECK(is_wrong(with(wrong)));
  }
  std::string bundle = tree_of(node("a"));
  bundle.pop_back();
  const auto days = read_text(bundle + R"(, "task_durations": [
    {"task_id": "a", "days_min": 1e308, "days_realistic": 1e308, "days_max": 1e308}]})");
  REQUIRE(days.has_value());
  CHECK(warnings_with(*days, "duration_unreadable") == 1);
}

TEST_CASE("a document full of wrong entries is answered with a bounded list") {
  std::string nodes = "1";
  for (int i = 0; i < 10'000; ++i) nodes += ",1";
  const auto read = read_text(tree_of(nodes));
  CHECK(is_wrong(read));
  CHECK(read.error().problems.size() <= 201);
  CHECK(says(read, "more problems"));
}

TEST_CASE("texts of any length in a task do no harm beyond their size") {
  const std::string long_text(std::size_t{4} << 20, 'w');
  const auto read = read_text(R"({"goal": "g", "phases": [{"name": ")" + long_text + R"(", "description": ")" +
                              long_text + R"("}], "risks": [")" + long_text + R"("]})");
  CHECK(read.has_value());
}
