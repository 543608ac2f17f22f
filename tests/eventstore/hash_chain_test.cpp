// The chains against known digests.
#include "eventstore/hash_chain.hpp"

#include <doctest/doctest.h>

#include <thread>

namespace planexe::eventstore {
namespace {

TEST_CASE("SHA-256 gives the standard's digests") {
  CHECK(to_hex(sha256("")) == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  CHECK(to_hex(sha256("abc")) == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST_CASE("a link covers the previous hash and the bytes, in this order") {
  const auto first = link({}, "one");
  std::string all(32, '\0');
  CHECK(first == sha256(all.append("one")));
  CHECK(link(first, "two") == sha256(std::string(as_bytes(first)) + "two"));
}

TEST_CASE("the log's link covers the head, the position and the event's hash") {
  const auto head = sha256("head");
  const auto event = sha256("event");
  const std::string place("\x01\x02\x03\x04\x05\x06\x07\x08", 8);
  CHECK(link_log(head, 0x0102030405060708, event) ==
        sha256(std::string(as_bytes(head)) + place + std::string(as_bytes(event))));
}

TEST_CASE("every thread hashes alike") {
  domain::sha256_digest elsewhere{};
  std::thread([&] { elsewhere = link({}, "x"); }).join();
  CHECK(elsewhere == link({}, "x"));
}

}  // namespace
}  // namespace planexe::eventstore
