// Every kind of address, at both ends of its range, and as IPv6 spells IPv4.
#include "outbound/address_rule.hpp"

#include <arpa/inet.h>
#include <doctest/doctest.h>

namespace planexe::outbound {
namespace {

std::vector<std::uint8_t> bytes_of(const std::string& text) {
  std::vector<std::uint8_t> bytes(text.find(':') == std::string::npos ? 4 : 16);
  REQUIRE_MESSAGE(inet_pton(bytes.size() == 4 ? AF_INET : AF_INET6, text.c_str(), bytes.data()) == 1, text);
  return bytes;
}

void check_all(address_kind kind, const std::vector<std::string>& addresses) {
  for (const auto& each : addresses) {
    CHECK_MESSAGE(kind_of(bytes_of(each)) == kind, each);
    CHECK_MESSAGE(is_public(bytes_of(each)) == (kind == address_kind::global), each);
  }
}

const std::vector<std::string> global_v4 = {
    "1.0.0.0",       "1.1.1.1",         "8.8.8.8",         "9.255.255.255",   "11.0.0.0",        "100.63.255.255",
    "100.128.0.0",   "126.255.255.255", "128.0.0.0",       "168.63.129.15",   "168.63.129.17",   "169.253.255.255",
    "169.255.0.0",   "172.15.255.255",  "172.32.0.0",      "191.255.255.255", "192.0.1.0",       "192.0.3.0",
    "192.88.98.255", "192.88.100.0",    "192.167.255.255", "192.169.0.0",     "198.17.255.255",  "198.20.0.0",
    "198.51.99.255", "198.51.101.0",    "203.0.112.255",   "203.0.114.0",     "223.255.255.255",
};
const std::vector<std::string> private_v4 = {
    "10.0.0.0",        "10.255.255.255", "100.64.0.0",     "100.100.100.199", "100.100.100.201",
    "100.127.255.255", "172.16.0.0",     "172.31.255.255", "192.168.0.0",     "192.168.255.255",
};
const std::vector<std::string> loopback_v4 = {"127.0.0.0", "127.0.0.1", "127.0.1.1", "127.255.255.255"};
const std::vector<std::string> barred_v4 = {
    "0.0.0.0",         "0.255.255.255", "100.100.100.200", "168.63.129.16", "169.254.0.0",     "169.254.169.254",
    "169.254.255.255", "192.0.0.0",     "192.0.0.192",     "192.0.0.255",   "192.0.2.0",       "192.0.2.255",
    "192.88.99.1",     "198.18.0.0",    "198.19.255.255",  "198.51.100.0",  "198.51.100.255",  "203.0.113.0",
    "203.0.113.255",   "224.0.0.0",     "239.255.255.255", "240.0.0.0",     "255.255.255.255",
};

std::vector<std::string> prefixed(std::string_view prefix, const std::vector<std::string>& addresses) {
  std::vector<std::string> made;
  for (const auto& each : addresses) made.push_back(std::string(prefix) + each);
  return made;
}

}  // namespace

TEST_CASE("IPv4 addresses are told apart up to the edges of their ranges") {
  check_all(address_kind::global, global_v4);
  check_all(address_kind::private_use, private_v4);
  check_all(address_kind::loopback, loopback_v4);
  check_all(address_kind::barred, barred_v4);
}

TEST_CASE("IPv6 addresses are told apart and what nobody has given out is barred") {
  check_all(address_kind::global, {"2001:200::", "2001:4860:4860::8888", "2606:4700:4700::1111", "2001:db7:ffff::1",
                                   "2001:db9::", "2003::1", "2a00:1450::1", "3ffe:ffff::1", "3fff:1000::1"});
  check_all(address_kind::loopback, {"::1"});
  check_all(address_kind::private_use, {"fc00::", "fc00::1", "fd00:ec1::254", "fd00:ec3::1", "fd12:3456::1",
                                        "fdff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"});
  check_all(address_kind::barred, {"::",
                                   "::2",
                                   "::7f00:1",
                                   "::127.0.0.1",
                                   "::ffff:0:127.0.0.1",
                                   "::8.8.8.8",
                                   "64:ff9b:1::808:808",
                                   "64:ff9b:0:1::808:808",
                                   "100::1",
                                   "1fff::1",
                                   "2001::1",
                                   "2001:0:5ef5:79fd::1",
                                   "2001:1ff::1",
                                   "2001:db8::",
                                   "2001:db8:ffff:ffff:ffff:ffff:ffff:ffff",
                                   "2002:7f00:1::1",
                                   "2002:808:808::1",
                                   "3fff::1",
                                   "3fff:fff::1",
                                   "4000::1",
                                   "5f00::1",
                                   "fe00::1",
                                   "fe80::",
                                   "fe80::1",
                                   "febf::1",
                                   "fec0::1",
                                   "ff00::",
                                   "ff02::1",
                                   "ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff"});
}

TEST_CASE("the metadata of clouds is barred") {
  check_all(address_kind::barred, {"169.254.169.254", "169.254.170.2", "100.100.100.200", "168.63.129.16",
                                   "192.0.0.192", "fd00:ec2::254", "fd00:ec2::23", "fd20:ce::254", "fd00:c1::a9fe:a9fe",
                                   "fd00:42::42", "::ffff:169.254.169.254", "64:ff9b::169.254.169.254"});
}

TEST_CASE("an IPv4 address mapped into IPv6 is judged as itself") {
  check_all(address_kind::global, prefixed("::ffff:", global_v4));
  check_all(address_kind::private_use, prefixed("::ffff:", private_v4));
  check_all(address_kind::loopback, prefixed("::ffff:", loopback_v4));
  check_all(address_kind::barred, prefixed("::ffff:", barred_v4));
}

TEST_CASE("behind NAT64 is the public internet or nothing") {
  check_all(address_kind::global, prefixed("64:ff9b::", global_v4));
  for (const auto* each : {&private_v4, &loopback_v4, &barred_v4})
    check_all(address_kind::barred, prefixed("64:ff9b::", *each));
}

TEST_CASE("bytes that are no address are barred") {
  for (const std::size_t size : {0U, 1U, 3U, 5U, 8U, 15U, 17U, 32U})
    CHECK(kind_of(std::vector<std::uint8_t>(size, 8)) == address_kind::barred);
}

TEST_CASE("a rule adds to the public internet what it names and nothing else") {
  struct row {
    address_rule rule;
    bool secure;
    bool global, loopback, private_use;
  };
  const std::vector<row> rows = {
      {{false, false}, true, true, false, false}, {{false, false}, false, false, false, false},
      {{true, false}, true, true, true, false},   {{true, false}, false, false, true, false},
      {{false, true}, true, true, false, true},   {{false, true}, false, false, false, false},
      {{true, true}, true, true, true, true},     {{true, true}, false, false, true, false},
  };
  for (const auto& [rule, secure, global, loopback, private_use] : rows) {
    CAPTURE(rule.loopback);
    CAPTURE(rule.private_use);
    CAPTURE(secure);
    CHECK(allows(rule, secure, bytes_of("93.184.216.34")) == global);
    CHECK(allows(rule, secure, bytes_of("2606:4700::1")) == global);
    CHECK(allows(rule, secure, bytes_of("127.0.0.1")) == loopback);
    CHECK(allows(rule, secure, bytes_of("::1")) == loopback);
    CHECK(allows(rule, secure, bytes_of("192.168.1.1")) == private_use);
    CHECK(allows(rule, secure, bytes_of("fd12::1")) == private_use);
    CHECK_FALSE(allows(rule, secure, bytes_of("169.254.169.254")));
    CHECK_FALSE(allows(rule, secure, bytes_of("fd00:ec2::254")));
  }
}

}  // namespace planexe::outbound
