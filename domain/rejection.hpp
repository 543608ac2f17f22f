// Why a command was refused. A refusal is a value: it changes nothing and the caller can act on it.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace planexe::domain {

/// The contract's codes, as far as a command can earn them; the gateway has the one table of their HTTP statuses.
enum class rejection_code : std::uint8_t {
  not_found,
  invalid_transition,
  lease_lost,
  already_exists,
  task_not_held,
  plan_refused,
  confirmation_required,
  version_mismatch,
  validation_failed,
  idempotency_key_reused,
  unavailable,
};

struct field_error {
  std::string field;
  std::string message;
};

struct rejection {
  rejection_code code = rejection_code::invalid_transition;
  std::string detail;
  std::vector<field_error> errors;  ///< of validation_failed
};

}  // namespace planexe::domain
