#include "gateway/json/parse_erasure.hpp"

#include "gateway/json/body_fields.hpp"

namespace planexe::gateway {

expected<erasure_order, problem> parse_erasure(std::string_view body) {
  const auto document = parse_object(body);
  if (!document) return unexpected{document.error()};
  field_errors errors;
  body_fields fields(document->root(), "", errors);
  fields.require("subject");
  erasure_order order{.subject = fields.text("subject", max_name_bytes),
                      .reason = fields.text("reason", max_message_bytes)};
  fields.refuse_unknown();
  if (!errors.empty()) return unexpected{std::move(errors).to_problem()};
  return order;
}

}  // namespace planexe::gateway
