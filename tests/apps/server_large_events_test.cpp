// Events that hold a large output each: what one answer and one stream hold of them is bounded in bytes, and nothing is
// left out by it.
#include <doctest/doctest.h>

#include <algorithm>

#include "tests/apps/server_harness.hpp"
#include "tests/apps/server_stream_client.hpp"

namespace planexe::tests {
namespace {

constexpr std::size_t output_bytes = 900'000;
constexpr std::size_t outputs = 22;
constexpr std::size_t most_page_bytes = std::size_t{10} << 20;

/// Worked off, each of its tasks with such an output.
std::string execution_with_outputs(api_client& api) {
  std::vector<std::string> tasks;
  for (std::size_t i = 0; i < outputs; ++i) tasks.push_back("t" + std::to_string(i));
  const auto id = start_execution(api, plan_of(tasks));
  register_agent(api, "ann");
  for (auto held = poll(api, "ann"); !held.is_null(); held = poll(api, "ann"))
    REQUIRE(report(api, "ann", held, "task_complete", {{"output_data", std::string(output_bytes, 'x')}}).status == 201);
  REQUIRE(reaches(api, id, "COMPLETED"));
  return id;
}

std::string next_page(const reply& page) {
  const auto link = page.header("Link");
  return link.empty() ? std::string() : link.substr(1, link.find('>') - 1);
}

/// The seqs of all pages, one after the other.
std::vector<std::size_t> read_through(api_client& api, std::string path) {
  std::vector<std::size_t> seqs;
  std::size_t pages = 0;
  while (!path.empty()) {
    const auto page = api.get(path);
    REQUIRE_MESSAGE(page.status == 200, page.text);
    CHECK(page.text.size() < most_page_bytes);
    REQUIRE(!page.body.empty());
    for (const auto& event : page.body) seqs.push_back(event.at("seq"));
    path = next_page(page);
    ++pages;
  }
  CHECK(pages > 1);
  return seqs;
}

void check_pages(api_client& api, const std::string& id, std::size_t version) {
  auto seqs = read_through(api, "/api/executions/" + id + "/events?limit=1000&order=asc");
  std::vector<std::size_t> expected(version);
  for (std::size_t i = 0; i < version; ++i) expected[i] = i + 1;
  CHECK(seqs == expected);
  std::reverse(expected.begin(), expected.end());
  CHECK(read_through(api, "/api/executions/" + id + "/events?limit=1000") == expected);
}

}  // namespace

TEST_CASE("a page of large events ends early and links to the next in the log and in the archive") {
  server_under_test server;
  api_client api(server.address());
  const auto id = execution_with_outputs(api);
  const std::size_t version = execution(api, id).at("version");
  check_pages(api, id, version);
  REQUIRE(api.post("/api/executions/" + id + "/archive", json::object()).status == 200);
  check_pages(api, id, version);
}

TEST_CASE("a stream that would have to go on over too much begins anew") {
  server_under_test server;
  api_client api(server.address());
  const auto id = execution_with_outputs(api);
  const std::size_t version = execution(api, id).at("version");
  const auto first = [&](std::size_t from) {
    stream_client stream(server.address(), "/api/executions/" + id + "/stream?from=" + std::to_string(from));
    const auto message = stream.next();
    REQUIRE(message);
    return *message;
  };
  CHECK(first(1).at("type") == "resync");
  CHECK(first(version - 1).at("type") == "event");
}

}  // namespace planexe::tests
