// What is sent to a language model and what comes back, for the two wire forms: a list of turns in, a text out. Pure.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domain/result.hpp"
#include "plans/decomposition/decomposer.hpp"
#include "plans/decomposition/model_config.hpp"

namespace planexe::plans {

struct model_turn {
  bool by_model = false;
  std::string text;
};

/// What is said to the model, without the server's particulars.
struct model_conversation {
  std::string rules;  ///< the system prompt
  std::vector<model_turn> turns;
};

/// The task and its surroundings as data, and how to answer; texts are cut to limits (docs/decomposition.md).
model_conversation first_question(const decomposition_request& request);
/// Goes on with an answer that could not be used and why.
void ask_for_repair(model_conversation& conversation, std::string_view answer, const std::vector<std::string>& faults);

/// The request's body and headers for a server. The key stands in one of the headers.
std::string request_body(const model_endpoint& endpoint, const model_conversation& conversation);
std::vector<std::pair<std::string, std::string>> request_headers(const model_endpoint& endpoint);

/// The model's own text out of a server's answer with status 200; or why there is none, in words for people.
expected<std::string, std::string> answer_text(model_wire wire, std::string_view body);

/// The JSON inside a text: alone, in a ``` fence, or from the first brace or bracket to the last that closes it.
std::string_view json_inside(std::string_view text);

}  // namespace planexe::plans
