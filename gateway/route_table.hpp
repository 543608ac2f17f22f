// The one table of routes: what the router matches, what the authorisation checks, what the OpenAPI file must hold.
// Constant; any thread.
#pragma once

#include <span>

#include "gateway/http/routes.hpp"

namespace planexe::gateway {

/// Every operation is there once, but for an alias of a path, whose operation ends in `_alias`.
std::span<const route> route_table() noexcept;

}  // namespace planexe::gateway
