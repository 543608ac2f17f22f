// The table of rooms, checked include by include. See rules.hpp.
#include <algorithm>
#include <string_view>

#include "tests/architecture/rules.hpp"

namespace planexe::tests {
namespace {

using names = std::vector<std::string_view>;

struct room_rule {
  std::string_view room;
  names may_include;  ///< besides itself; "*" is every room
};

// The bridge is the one part of the gateway that sees actors; it has its own row below.
const std::vector<room_rule> room_rules = {
    {"domain", {}},
    {"plans", {"domain"}},
    {"outbound", {"domain"}},
    {"eventstore", {"domain"}},
    {"records", {"domain", "eventstore"}},
    {"projections", {"domain", "eventstore"}},
    {"archive", {"domain", "eventstore", "records", "projections"}},
    {"audit", {"domain", "eventstore", "projections"}},
    {"actors", {"domain", "plans", "eventstore", "projections"}},
    {"gateway", {"domain", "projections"}},
    {"dashboard", {"gateway"}},
    {"apps", {"*"}},
    {"benchmarks", {"*"}},
    {"tests", {"*"}},
};

struct bridge_rule {
  std::string_view path_prefix;
  names may_include;
};
const std::vector<bridge_rule> bridges = {
    {"gateway/actor_bridge", {"actors", "audit", "eventstore", "plans", "records"}}};

struct library_rule {
  std::string_view header_prefix;
  names path_prefixes;  ///< the places that may include it
};

const std::vector<library_rule> library_rules = {
    {"caf/", {"actors/", "gateway/actor_bridge", "apps/", "tests/actors/", "tests/simulation/", "benchmarks/"}},
    {"rocksdb/", {"eventstore/", "tests/eventstore/", "tests/audit/", "benchmarks/"}},
    {"boost/", {"gateway/", "apps/demo/http_client", "benchmarks/", "tests/gateway/", "tests/apps/", "tests/fuzz/"}},
    {"nlohmann/", {"plans/", "outbound/", "records/", "audit/", "gateway/", "apps/", "tests/", "benchmarks/"}},
    {"curl/", {"outbound/http_call.cpp"}},
    {"zstd", {"records/", "tests/records/"}},
    {"openssl/",
     {"eventstore/", "outbound/", "records/", "audit/", "gateway/", "tests/eventstore/", "tests/outbound/",
      "tests/gateway/"}},
    {"archive", {"plans/", "apps/", "eventstore/", "benchmarks/", "tests/"}},
    {"CLI/", {"apps/", "benchmarks/", "tests/"}},
    {"doctest/", {"tests/", "benchmarks/"}},
    {"rapidcheck", {"tests/"}},
};

// The core and the read models stand on the standard library alone.
const names std_only_rooms = {"domain"};

bool contains(const names& list, std::string_view name) {
  return std::find(list.begin(), list.end(), name) != list.end();
}

bool under_any(const names& prefixes, std::string_view path) {
  return std::any_of(prefixes.begin(), prefixes.end(),
                     [&](std::string_view prefix) { return path.starts_with(prefix); });
}

bool is_room(std::string_view name) {
  return std::any_of(room_rules.begin(), room_rules.end(), [&](const room_rule& rule) { return rule.room == name; });
}

bool may_include_room(const source_file& file, std::string_view other) {
  if (file.room == other) return true;
  for (const auto& bridge : bridges) {
    if (std::string_view(file.path).starts_with(bridge.path_prefix) && contains(bridge.may_include, other)) return true;
  }
  for (const auto& rule : room_rules) {
    if (rule.room == file.room) return contains(rule.may_include, "*") || contains(rule.may_include, other);
  }
  return false;
}

/// What is wrong with one include, or "" when it is allowed.
std::string breach_of(const source_file& file, const include_line& include) {
  const std::string_view target = include.target;
  if (include.quoted) {
    const auto slash = target.find('/');
    const auto other = target.substr(0, slash);
    // Only generated files are included without their room, and those live in their own room's target.
    if (slash == std::string_view::npos) return "";
    if (!is_room(other)) return "includes \"" + include.target + "\", which is in no room";
    if (may_include_room(file, other)) return "";
    return "room " + file.room + " may not include \"" + include.target + "\"";
  }
  for (const auto& rule : library_rules) {
    if (target.starts_with(rule.header_prefix) && !under_any(rule.path_prefixes, file.path)) {
      return "may not include <" + include.target + ">";
    }
  }
  const bool third_party = target.find('/') != std::string_view::npos && !target.starts_with("sys/");
  if (contains(std_only_rooms, file.room) && (third_party || target.ends_with(".h"))) {
    return "room " + file.room + " stands on the standard library alone, not <" + include.target + ">";
  }
  return "";
}

}  // namespace

std::vector<std::string> room_breaches(const source_file& file) {
  std::vector<std::string> breaches;
  for (const auto& include : includes_of(file)) {
    const auto wrong = breach_of(file, include);
    if (!wrong.empty()) breaches.push_back(file.path + ":" + std::to_string(include.number) + ": " + wrong);
  }
  return breaches;
}

}  // namespace planexe::tests
