// Commands that read an execution page by page from a server that promises more each time and gives nothing.
#include <doctest/doctest.h>

#include <sstream>

#include "apps/moving/export_log.hpp"
#include "apps/replay/replay.hpp"
#include "tests/apps/demo_stand_in_server.hpp"

namespace planexe::tests {
namespace {

/// Answers with an empty page and a link to the next; gives up after some.
class promising_server {
 public:
  std::string url() const { return "http://127.0.0.1:" + std::to_string(server_.port()); }
  /// How often it was asked.
  int stop() {
    server_.stop();
    return asked_;
  }

 private:
  static constexpr int most_promises = 5;
  int asked_ = 0;
  stand_in_server server_{[this](const stand_in_request& request) -> stand_in_reply {
    if (++asked_ > most_promises) return {.status = 500, .body = "{}", .headers = {}};
    return {.body = "", .headers = {{"Link", "<" + request.path + "?cursor=1>; rel=\"next\""}}};
  }};
};

const std::string complaint = "the server says that there are more events, and gives none\n";

}  // namespace

TEST_CASE("an export ends where a server promises more events and gives none") {
  promising_server server;
  moving::export_order order;
  order.execution = "e";
  order.url = server.url();
  std::ostringstream out, err;
  CHECK(moving::run_export(order, out, err) == 1);
  CHECK(err.str() == complaint);
  CHECK(out.str().empty());
  CHECK(server.stop() == 1);
}

TEST_CASE("a replay ends where a server promises more events and gives none") {
  promising_server server;
  replaying::replay_request wanted;
  wanted.what = "e";
  wanted.url = server.url();
  std::ostringstream out, err;
  CHECK(replaying::run_replay(wanted, out, err) == 1);
  CHECK(err.str() == complaint);
  CHECK(server.stop() == 1);
}

}  // namespace planexe::tests
