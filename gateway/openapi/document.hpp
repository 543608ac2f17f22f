// Puts the OpenAPI document together while the program is built. What the route table and the table of problems know
// (paths, methods, summaries, who may, body limits, codes and their statuses) is taken from them, and only the rest is
// written by hand, in the *.json files beside this one; so the document and the server cannot disagree about it, and
// nothing has to be done when the program starts. One thread; whatever does not fit together ends the build.
#pragma once

#include <nlohmann/json_fwd.hpp>

#include <span>
#include <string_view>
#include <vector>

#include "gateway/http/routes.hpp"

namespace planexe::gateway::openapi {

/// `frame` is the document without paths. Each subject is `{tag, description, operations, schemas, webhooks?}`; an
/// operation is OpenAPI's operation object with the answers that are no problems, and under `problems` the codes that
/// it can meet beside those that every such route can. `examples` holds by operation what a real server took and
/// gave: `{request?, answers: {status: body}}`. Throws std::runtime_error with what is wrong.
nlohmann::ordered_json document_of(const nlohmann::ordered_json& frame,
                                   const std::vector<nlohmann::ordered_json>& subjects,
                                   const nlohmann::ordered_json& examples, std::span<const route> routes,
                                   std::string_view version);

}  // namespace planexe::gateway::openapi
