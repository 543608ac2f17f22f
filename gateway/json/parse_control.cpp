#include "gateway/json/parse_control.hpp"

#include "gateway/json/body_fields.hpp"
#include "gateway/json/writer.hpp"

namespace planexe::gateway {

expected<domain::throw_switch, problem> parse_throw_switch(std::string_view body, bool on) {
  if (body.empty() && !on) return domain::throw_switch{on, {}};
  const auto document = parse_object(body.empty() ? "{}" : body);
  if (!document) return unexpected{document.error()};
  field_errors errors;
  body_fields fields(document->root(), "", errors);
  if (on) fields.require("reason");
  domain::throw_switch command{on, fields.text("reason", max_message_bytes)};
  fields.refuse_unknown();
  if (!errors.empty()) return unexpected{std::move(errors).to_problem()};
  return command;
}

void render_switch(std::string& out, const domain::switch_state& state) {
  json_writer writer(out);
  writer.begin_object();
  writer.member("paused", state.on);
  writer.member("reason", state.reason);
  if (state.version > 0) writer.member("since", state.since);
  writer.end_object();
}

}  // namespace planexe::gateway
