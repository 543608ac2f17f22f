// What is sent to erase a person's words. Pure, any thread.
#pragma once

#include <string>
#include <string_view>

#include "domain/result.hpp"
#include "gateway/http/problem.hpp"

namespace planexe::gateway {

struct erasure_order {
  std::string subject;  ///< as an actor: `agent:ID`, or the name of a key
  std::string reason;
};
/// `{subject, reason?}`
expected<erasure_order, problem> parse_erasure(std::string_view body);

}  // namespace planexe::gateway
