#include "apps/import/import_plan.hpp"

#include <chrono>
#include <exception>
#include <random>

#include "apps/demo/plan_upload.hpp"
#include "apps/import/plan_preview.hpp"
#include "apps/server_answers.hpp"
#include "apps/terminal/failure.hpp"
#include "apps/terminal/text.hpp"

namespace planexe::importing {
namespace {

using answers::json;
using fields::text_in;

constexpr int exit_done = 0, exit_problem = 1;
// The largest upload is read in a few seconds; the rest is the server's queue.
constexpr std::chrono::seconds request_timeout{120};

std::string safe(std::string_view text) {
  return terminal::printable(text);
}

void tell(std::ostream& err, std::string_view field, std::string_view message) {
  err << (field.empty() ? "" : safe(field) + ": ") << safe(message) << '\n';
}

int show(const import_options& options, std::ostream& out, std::ostream& err) {
  const auto preview = preview_plan(options.plan);
  if (!preview) {
    std::string all;
    for (const auto& problem : preview.error()) {
      tell(err, problem.field, problem.message);
      all += (all.empty() ? "" : "; ") + problem.field + (problem.field.empty() ? "" : ": ") + problem.message;
    }
    terminal::put_failure({errc::corrupt, all}, options.json, out);
    return exit_problem;
  }
  if (options.json)
    out << preview_json(*preview);
  else
    for (const auto& line : preview_text(*preview, options.width, options.colours)) out << line << '\n';
  return exit_done;
}

/// Every reason of a problem answer.
int tell_refusal(const demo::http_reply& reply, bool as_json, std::ostream& out, std::ostream& err) {
  terminal::put_failure(answers::refusal_of(reply), as_json, out);
  const auto problem = json::parse(reply.body, nullptr, false);
  std::size_t told = 0;
  if (problem.is_object() && problem.contains("errors") && problem["errors"].is_array())
    for (const auto& each : problem["errors"]) {
      tell(err, text_in(each, "field"), text_in(each, "message"));
      ++told;
    }
  if (told > 0) return exit_problem;
  std::string detail = text_in(problem, "detail");
  if (detail.empty()) detail = text_in(problem, "title");
  tell(err, "", "the server answers " + std::to_string(reply.status) + (detail.empty() ? "" : ": " + detail));
  return exit_problem;
}

int send(const import_options& options, std::ostream& out, std::ostream& err) {
  const auto server = answers::server_at(options.url);
  if (!server) return terminal::fail(server.error(), options.json, out, err);
  const auto upload = demo::read_plan(options.plan);
  if (!upload) {
    terminal::put_failure(upload.error(), options.json, out);
    tell(err, "", upload.error().detail);
    return exit_problem;
  }
  // With a key a request whose answer was lost can be sent again without storing the plan twice.
  std::random_device device;
  const std::string key = "import-" + std::to_string(device()) + "-" + std::to_string(device());
  demo::http_client client{*server, request_timeout};
  const auto reply = client.request("POST", "/api/plans", upload->bytes,
                                    {{"Content-Type", upload->content_type}, {"Idempotency-Key", key}});
  if (!reply) return terminal::fail(reply.error(), options.json, out, err);
  if (!reply->ok()) return tell_refusal(*reply, options.json, out, err);
  const auto answer = json::parse(reply->body, nullptr, false);
  const std::string plan_id = text_in(answer, "plan_id");
  if (plan_id.empty()) return terminal::fail({errc::io, "the server's answer names no plan"}, options.json, out, err);
  if (options.json)
    out << answer.dump(2, ' ', true, json::error_handler_t::replace) << '\n';
  else
    out << safe(plan_id) << '\n';
  return exit_done;
}

}  // namespace

int run_import(const import_options& options, std::ostream& out, std::ostream& err) {
  try {
    return options.dry_run ? show(options, out, err) : send(options, out, err);
  } catch (const std::exception& unforeseen) {  // memory, or a file that goes while it is read
    return terminal::fail({errc::io, unforeseen.what()}, options.json, out, err);
  }
}

}  // namespace planexe::importing
