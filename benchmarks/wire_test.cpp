// The load generator reads answers right: framing by length, and one value out of a JSON text.
#include "benchmarks/wire.hpp"

#include <doctest/doctest.h>

namespace planexe::bench {

TEST_CASE("an answer is whole when its length is there") {
  const std::string text = "HTTP/1.1 201 Created\r\ncontent-length: 3\r\nConnection: close\r\n\r\nabcHTTP/1.1";
  framed_reply reply;
  for (std::size_t size = 0; size + 8 < text.size(); ++size) CHECK(!frame_reply(text.substr(0, size), reply));
  REQUIRE(frame_reply(text, reply));
  CHECK(reply.status == 201);
  CHECK(reply.body == "abc");
  CHECK(reply.bytes == text.size() - 8);
  CHECK(reply.closes);
}

TEST_CASE("204 has no body, and what has no length is refused") {
  framed_reply reply;
  REQUIRE(frame_reply("HTTP/1.1 204 No Content\r\nRetry-After: 1\r\n\r\n", reply));
  CHECK(reply.body.empty());
  CHECK_THROWS_AS(frame_reply("HTTP/1.1 200 OK\r\n\r\n", reply), bench_failure);
  CHECK_THROWS_AS(frame_reply("SSH-2.0-x\r\n\r\n", reply), bench_failure);
}

TEST_CASE("a value is read at its own place, whatever stands around it") {
  const std::string text =
      R"({"execution_id": "e1", "tasks": [{"task_id": "t9"}, "task_id", "t8"], "next_task": {"context": )"
      R"({"task_id": "t7", "list": ["task_id", "t6", {"task_id": "t5"}]}, "title": "a \"task_id\": } \\", )"
      R"("task_id": "t1", "attempt": 1, "lease_token": "x"}, "other": {"task_id": "t4"}})";
  CHECK(string_at(text, "next_task", "task_id") == "t1");
  CHECK(string_at(text, "next_task", "lease_token") == "x");
  CHECK(string_at(text, "", "execution_id") == "e1");
  CHECK(string_at(text, "other", "task_id") == "t4");
  CHECK(string_at(text, "next_task", "attempt").empty());
  CHECK(string_at(text, "next_task", "nothing").empty());
  CHECK(string_at("", "a", "b").empty());
  CHECK(string_at("{\"a\":{\"b\":\"unfinished", "a", "b").size() <= 10);
}

}  // namespace planexe::bench
