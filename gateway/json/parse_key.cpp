#include "gateway/json/parse_key.hpp"

#include <array>

#include "gateway/json/body_fields.hpp"
#include "gateway/json/writer.hpp"

namespace planexe::gateway {
namespace {

constexpr double longest_life_days = 3'660;  // ten years; who means for ever leaves it out

std::string_view status_of(const domain::api_key& key, domain::timestamp now) {
  if (key.revoked_at) return "revoked";
  return domain::is_live(key, now) ? "live" : "expired";
}

}  // namespace

expected<domain::create_key, problem> parse_create_key(std::string_view body, domain::timestamp now) {
  static constexpr std::array<std::string_view, 4> roles{"admin", "operator", "viewer", "agent"};
  const auto document = parse_object(body);
  if (!document) return unexpected{document.error()};
  field_errors errors;
  body_fields fields(document->root(), "", errors);
  domain::create_key wanted;
  fields.require("role");
  if (const auto role = fields.word("role", roles))
    wanted.role = domain::key_role_named(roles[*role]).value_or(wanted.role);
  wanted.agent = fields.id<domain::agent_id>("agent_id");
  wanted.name = fields.text("name", domain::longest_key_name);
  if (wanted.role != domain::key_role::agent) fields.require("name");
  wanted.expires_at = fields.time("expires_at");
  if (const auto days = fields.number("expires_in_days", {0, longest_life_days, true})) {
    if (fields.has("expires_at")) fields.wrong("expires_in_days", "cannot be given together with expires_at");
    constexpr double hours_a_day = 24;
    wanted.expires_at = now + domain::hours(*days * hours_a_day);
  }
  fields.refuse_unknown();
  if (!errors.empty()) return unexpected{std::move(errors).to_problem()};
  return wanted;
}

void append_key(json_writer& writer, const domain::api_key& key, domain::timestamp now,
                std::optional<domain::timestamp> last_used, std::string_view text) {
  writer.begin_object();
  writer.member("key_id", key.id);
  writer.member("name", key.name);
  writer.member("role", domain::name_of(key.role));
  writer.optional_member("agent_id", key.agent);
  writer.member("status", status_of(key, now));
  writer.member("created_at", key.created_at);
  writer.member("created_by", key.created_by);
  writer.optional_member("expires_at", key.expires_at);
  writer.optional_member("revoked_at", key.revoked_at);
  writer.optional_member("revoked_by", key.revoked_by);
  writer.optional_member("last_used_at", last_used);
  writer.optional_member("key", text);
  writer.end_object();
}

void render_key(std::string& out, const domain::api_key& key, domain::timestamp now,
                std::optional<domain::timestamp> last_used, std::string_view text) {
  json_writer writer(out);
  append_key(writer, key, now, last_used, text);
}

}  // namespace planexe::gateway
