// What can have happened to a plan: it was read and kept. It never changes afterwards.
#pragma once

#include <memory>
#include <variant>

#include "domain/plan.hpp"

namespace planexe::domain {

struct plan_imported {
  std::shared_ptr<const plan> source;
};

using plan_event = std::variant<plan_imported>;

}  // namespace planexe::domain
