// Who may include whom: every file of the checkout keeps to the table of rooms, and the check sees those that do not.
#include <doctest/doctest.h>

#include "tests/architecture/rules.hpp"

namespace planexe::tests {
namespace {

std::vector<std::string> breaches(const char* path, const char* text) {
  return room_breaches(parse_source(path, text));
}

}  // namespace

TEST_CASE("every room includes only the rooms and libraries it may") {
  for (const auto& file : load_sources(PLANEXE_SOURCE_DIR)) {
    for (const auto& breach : room_breaches(file)) FAIL_CHECK(breach);
  }
}

TEST_CASE("the check covers the rooms that exist") {
  bool domain = false;
  bool itself = false;
  for (const auto& file : load_sources(PLANEXE_SOURCE_DIR)) {
    domain = domain || file.path == "domain/result.hpp";
    itself = itself || file.path == "tests/architecture/rooms_test.cpp";
  }
  CHECK(domain);
  CHECK(itself);
}

TEST_CASE("an include of a forbidden room is found") {
  CHECK(breaches("domain/a.cpp", "#include \"eventstore/log.hpp\"\n").size() == 1);
  CHECK(breaches("eventstore/a.cpp", "#include \"plans/reader.hpp\"\n").size() == 1);
  CHECK(breaches("gateway/router.cpp", "#include \"actors/messages.hpp\"\n").size() == 1);
  CHECK(breaches("plans/a.cpp", "#include \"nowhere/x.hpp\"\n").size() == 1);
}

TEST_CASE("an include that the table allows is not") {
  CHECK(breaches("domain/a.cpp", "#include \"domain/plan.hpp\"\n#include <vector>\n").empty());
  CHECK(breaches("gateway/actor_bridge.cpp", "#include \"actors/messages.hpp\"\n").empty());
  CHECK(breaches("apps/serve.cpp", "#include \"eventstore/log.hpp\"\n").empty());
}

TEST_CASE("a library outside its rooms is found") {
  CHECK(breaches("domain/a.cpp", "#include <nlohmann/json.hpp>\n").size() >= 1);
  CHECK(breaches("domain/a.cpp", "#include <unistd.h>\n").size() == 1);
  CHECK(breaches("actors/a.cpp", "#include <rocksdb/db.h>\n").size() == 1);
  CHECK(breaches("gateway/router.cpp", "#include <caf/all.hpp>\n").size() == 1);
  CHECK(breaches("apps/demo/progress_display.cpp", "#include <boost/asio.hpp>\n").size() == 1);
  CHECK(breaches("plans/a.cpp", "#include <openssl/sha.h>\n").size() == 1);
}

TEST_CASE("a library in its room is not") {
  CHECK(breaches("actors/a.cpp", "#include <caf/all.hpp>\n").empty());
  CHECK(breaches("apps/demo/http_client.cpp", "#include <boost/asio.hpp>\n").empty());
  CHECK(breaches("eventstore/a.cpp", "#include <rocksdb/db.h>\n#include <openssl/sha.h>\n").empty());
}

}  // namespace planexe::tests
