// The gatekeeper: keys, tickets and wrong ones, with and without keys being asked for.
#include <doctest/doctest.h>

#include <set>

#include "gateway/auth/gatekeeper.hpp"
#include "gateway/auth/key_text.hpp"

namespace planexe::gateway {
namespace {

using domain::key_role;

const auto start = domain::timestamp{domain::milliseconds{1'700'000'000'000}};
constexpr route read_route{"read", method::get, "/api/read", access::viewer, 0, false, "reads"};
constexpr route steer_route{"steer", method::post, "/api/steer", access::operator_, 100, false, "steers"};
constexpr route stream_route{"stream", method::get, "/api/stream", access::viewer, 0, true, "streams"};
constexpr route me_route{"me", method::get, "/api/me", access::open, 0, false, "tells who asks"};
constexpr route page_route{"page", method::get, "/", access::open, 0, false, "the page"};

struct gate_fixture {
  gatekeeper gate;
  explicit gate_fixture(bool required) : gate(required) {}

  domain::api_key made(const std::string& id, const std::string& text, key_role role,
                       std::optional<domain::timestamp> expires = {}) {
    domain::api_key key;
    key.id = id;
    key.name = id + "'s bearer";
    key.role = role;
    key.digest = secret_digest(text);
    key.expires_at = expires;
    gate.put(key);
    return key;
  }
  void revoke(domain::api_key key) {
    key.revoked_at = start;
    gate.put(key);
  }
  std::optional<problem> ask(const route& asked, const std::string& field = {}, const std::string& value = {},
                             domain::timestamp now = start, const std::string& token = {}) {
    head = {};
    head.path = asked.pattern;
    head.remote_address = "10.0.0.1";
    if (!field.empty()) head.add_header(field, value);
    if (!token.empty()) head.query_parameters.emplace_back("token", token);
    return gate.admit(head, asked, now);
  }
  /// 0: let in.
  unsigned status(const route& asked, const std::string& field = {}, const std::string& value = {},
                  domain::timestamp now = start, const std::string& token = {}) {
    const auto refused = ask(asked, field, value, now, token);
    return refused ? entry_of(refused->code).status : 0;
  }
  request_head head;
};

}  // namespace

TEST_CASE("a key looks like one, checks itself, and is never drawn twice") {
  std::set<std::string> drawn;
  for (int i = 0; i < 100; ++i) drawn.insert(draw_key());
  CHECK(drawn.size() == 100);
  const auto key = *drawn.begin();
  CHECK(key.size() == 76);
  CHECK(key.starts_with("pxk_"));
  CHECK(is_whole_key(key));
  for (std::size_t i = 0; i < key.size(); ++i) {
    auto wrong = key;
    wrong[i] = wrong[i] == '7' ? '8' : '7';
    CHECK(!is_whole_key(wrong));
    CHECK(!is_whole_key(key.substr(0, i)));
  }
  CHECK(!is_whole_key(key + "0"));
  CHECK(!is_whole_key(draw_ticket()));
  CHECK(same_digest(secret_digest(key), secret_digest(key)));
  CHECK(!same_digest(secret_digest(key), secret_digest(key + " ")));
  CHECK(!same_digest("a", "ab"));
}

TEST_CASE("a key opens what its role may use, however it is sent") {
  gate_fixture f(true);
  const auto text = draw_key();
  f.made("key-1", text, key_role::viewer);
  CHECK(f.status(read_route) == 401);
  CHECK(f.head.caller == nullptr);
  CHECK(f.status(read_route, "Authorization", "Bearer " + text) == 0);
  REQUIRE(f.head.caller);
  CHECK(f.head.caller->key == "key-1");
  CHECK(f.head.caller->actor() == "key-1's bearer");
  CHECK(f.status(read_route, "authorization", "bearer   " + text) == 0);
  CHECK(f.status(read_route, "X-API-Key", text) == 0);
  CHECK(f.status(steer_route, "X-API-Key", text) == 403);
  CHECK(f.status(read_route, "Authorization", "Basic " + text) == 401);
  CHECK(f.status(read_route, "Authorization", "Bearer") == 401);
  CHECK(f.status(read_route, "Authorization", "Bearer " + draw_key()) == 401);
  CHECK(f.status(read_route, "Authorization", "Bearer " + text.substr(0, 70)) == 401);
}

TEST_CASE("a refusal for want of a key says what kind of key") {
  gate_fixture f(true);
  const auto refused = f.ask(read_route);
  REQUIRE(refused);
  REQUIRE(refused->headers.size() == 1);
  CHECK(refused->headers[0].first == "WWW-Authenticate");
  CHECK(refused->headers[0].second == "Bearer");
}

TEST_CASE("a revoked key stops at once, for what it had opened too, and an expired one at its time") {
  gate_fixture f(true);
  const auto text = draw_key(), passing = draw_key();
  const auto key = f.made("key-1", text, key_role::admin);
  f.made("key-2", passing, key_role::admin, start + domain::hours(1));
  CHECK(f.status(read_route, "X-API-Key", text) == 0);
  const auto opened = f.head.caller;
  CHECK(!has_ended(opened));
  f.revoke(key);
  CHECK(has_ended(opened));
  CHECK(f.status(read_route, "X-API-Key", text) == 401);
  CHECK(f.status(read_route, "X-API-Key", passing, start + domain::hours(1) - domain::milliseconds{1}) == 0);
  CHECK(f.status(read_route, "X-API-Key", passing, start + domain::hours(1)) == 401);
  CHECK(f.gate.last_used("key-2") == start + domain::hours(1) - domain::seconds(1));
  CHECK(!f.gate.last_used("key-1"));
}

TEST_CASE("a key in a URL is refused, with the reason, even where it is right") {
  for (const bool required : {true, false}) {
    gate_fixture f(required);
    const auto text = draw_key();
    f.made("key-1", text, key_role::admin);
    for (const auto& route : {read_route, stream_route}) {
      const auto refused = f.ask(route, {}, {}, start, text);
      REQUIRE(refused);
      CHECK(refused->code == problem_code::unauthenticated);
      CHECK(refused->detail.find("URL") != std::string::npos);
    }
  }
}

TEST_CASE("a ticket opens one stream once within its time, as whoever got it") {
  gate_fixture f(true);
  const auto text = draw_key();
  const auto key = f.made("key-1", text, key_role::viewer);
  REQUIRE(f.status(read_route, "X-API-Key", text) == 0);
  const auto who = f.head.caller;
  const auto issued = f.gate.issue_ticket(who, start);
  REQUIRE(issued);
  CHECK(issued->expires_at == start + domain::seconds(60));
  CHECK(f.status(read_route, {}, {}, start, issued->text) == 401);  // is for streams
  CHECK(f.status(stream_route, {}, {}, start, issued->text) == 0);
  CHECK(f.head.caller == who);
  CHECK(f.status(stream_route, {}, {}, start, issued->text) == 401);

  const auto late = f.gate.issue_ticket(who, start);
  REQUIRE(late);
  CHECK(f.status(stream_route, {}, {}, late->expires_at, late->text) == 401);
  const auto dead = f.gate.issue_ticket(who, start);
  REQUIRE(dead);
  f.revoke(key);
  CHECK(f.status(stream_route, {}, {}, start, dead->text) == 401);
}

TEST_CASE("a ticket has its minute and no more, also where the clock was set back before it was given") {
  ticket_office office;
  const auto who = std::make_shared<caller>();
  REQUIRE(office.issue(who, start + domain::hours(1)));
  const auto issued = office.issue(who, start);
  REQUIRE(issued);
  CHECK(office.redeem(issued->text, issued->expires_at) == nullptr);
}

TEST_CASE("tickets are bounded for each key and forgotten in time") {
  ticket_office office;
  const auto one = std::make_shared<caller>(), other = std::make_shared<caller>();
  for (std::size_t i = 0; i < ticket_office::most_open_each; ++i) REQUIRE(office.issue(one, start));
  const auto refused = office.issue(one, start);
  REQUIRE(!refused);
  CHECK(refused.error().code == problem_code::rate_limited);
  CHECK(office.issue(other, start));
  CHECK(office.issue(one, start + ticket_office::lifetime));
  CHECK(office.open() == 1);
}

TEST_CASE("a ticket that was used is forgotten at once, and so is one whose time is over") {
  ticket_office office;
  const auto who = std::make_shared<caller>();
  const auto first = office.issue(who, start), second = office.issue(who, start), third = office.issue(who, start);
  REQUIRE((first && second && third));
  CHECK(office.remembered() == 3);
  CHECK(office.redeem(second->text, start) == who);
  CHECK(office.remembered() == 2);
  CHECK(office.redeem(second->text, start) == nullptr);
  CHECK(office.redeem(third->text, start) == who);
  CHECK(office.redeem(first->text, first->expires_at) == nullptr);
  CHECK(office.remembered() == 0);
  CHECK(office.open() == 0);
}

TEST_CASE("without keys everybody is an admin by the name of person, and a wrong key is wrong all the same") {
  gate_fixture f(false);
  const auto text = draw_key();
  f.made("key-1", text, key_role::viewer);
  CHECK(f.status(steer_route) == 0);
  REQUIRE(f.head.caller);
  CHECK(f.head.caller->actor() == "person");
  CHECK(f.head.caller->key.empty());
  const auto issued = f.gate.issue_ticket(f.head.caller, start);
  REQUIRE(issued);
  CHECK(f.status(stream_route, {}, {}, start, issued->text) == 0);
  CHECK(f.status(stream_route, {}, {}, start, "pxt_wrong") == 401);
  CHECK(f.status(read_route, "X-API-Key", draw_key()) == 401);
  CHECK(f.status(read_route, "X-API-Key", text) == 0);
  CHECK(f.status(steer_route, "X-API-Key", text) == 403);
}

TEST_CASE("an open page looks at no key, and who one is can be asked with and without one") {
  gate_fixture f(true);
  const auto text = draw_key();
  f.made("key-1", text, key_role::viewer);
  CHECK(f.status(page_route, "Authorization", "Bearer nonsense") == 0);
  CHECK(f.status(me_route) == 0);
  CHECK(f.head.caller == nullptr);
  CHECK(f.status(me_route, "X-API-Key", text) == 0);
  CHECK(f.head.caller != nullptr);
  CHECK(f.status(me_route, "X-API-Key", draw_key()) == 401);
}

TEST_CASE("too many wrong keys from one address are told to wait, and the right one still opens") {
  gate_fixture f(true);
  const auto text = draw_key();
  f.made("key-1", text, key_role::viewer);
  for (std::uint32_t i = 0; i < failure_limit::most_failures; ++i)
    REQUIRE(f.status(read_route, "X-API-Key", "wrong") == 401);
  const auto limited = f.ask(read_route, "X-API-Key", "wrong", start + domain::seconds(10));
  REQUIRE(limited);
  CHECK(limited->code == problem_code::rate_limited);
  REQUIRE(!limited->headers.empty());
  CHECK(limited->headers[0] == std::pair<std::string, std::string>{"Retry-After", "50"});
  CHECK(f.status(read_route, "X-API-Key", text) == 0);
  CHECK(f.status(read_route) == 401);  // none is not a wrong one
  CHECK(f.status(read_route, "X-API-Key", "wrong", start + domain::seconds(60)) == 401);
}

TEST_CASE("the table of addresses that fail does not grow without end") {
  failure_limit limit;
  for (std::size_t i = 0; i < failure_limit::most_addresses + 100; ++i)
    CHECK(!limit.note("address " + std::to_string(i), start + domain::milliseconds{static_cast<int>(i)}));
  CHECK(limit.addresses() == failure_limit::most_addresses);
  CHECK(!limit.note("a late one", start + domain::hours(1)));
  CHECK(limit.addresses() == 1);
}

}  // namespace planexe::gateway
