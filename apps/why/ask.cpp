#include "apps/why/ask.hpp"

#include <nlohmann/json.hpp>

#include <chrono>
#include <exception>
#include <variant>

#include "apps/server_answers.hpp"
#include "apps/terminal/failure.hpp"
#include "apps/terminal/text.hpp"
#include "apps/why/log_reader.hpp"
#include "apps/why/texts.hpp"

namespace planexe::asking {
namespace {

using answers::json;

constexpr int exit_done = 0;
constexpr std::size_t most_listed = 1'000;  // the contract's largest page
constexpr std::chrono::seconds request_timeout{60};

domain::timestamp wall_clock() {
  return std::chrono::floor<domain::milliseconds>(std::chrono::system_clock::now());
}

/// What the server answers, as it stands; its refusals are errors.
result<std::string> fetch(const demo::endpoint& server, const std::string& path) {
  demo::http_client client{server, request_timeout};
  auto reply = client.request("GET", path);
  if (!reply) return unexpected{reply.error()};
  if (reply->ok()) return std::move(reply->body);
  return unexpected{answers::refusal_of(*reply)};
}

/// Whom to ask, once it is known that it can be asked.
class source {
 public:
  static result<source> of(const question& asked) {
    if (!asked.data_folder.empty()) {
      auto log = log_reader::open(asked.data_folder);
      if (!log) return unexpected{log.error()};
      return source{std::move(*log)};
    }
    const auto server = answers::server_at(asked.url);
    if (server) return source{*server};
    return unexpected{server.error()};
  }

  result<std::string> why(const question& asked) const {
    const domain::execution_id id{asked.execution};
    const domain::task_id task{asked.task};
    if (const auto* log = std::get_if<log_reader>(&asked_)) return log->why(id, task, asked.at_seq, wall_clock());
    auto path = "/api/executions/" + asked.execution + (task.empty() ? "" : "/tasks/" + asked.task) + "/why";
    if (asked.at_seq) path += "?at_seq=" + std::to_string(*asked.at_seq);
    return fetch(std::get<demo::endpoint>(asked_), path);
  }

  result<std::string> comparison(const question& asked) const {
    if (const auto* log = std::get_if<log_reader>(&asked_))
      return log->comparison(domain::execution_id{asked.execution}, domain::execution_id{asked.with}, wall_clock());
    return fetch(std::get<demo::endpoint>(asked_),
                 "/api/executions/" + asked.execution + "/compare?with=" + asked.with);
  }

  result<std::string> status(const question& asked) const {
    const auto* log = std::get_if<log_reader>(&asked_);
    if (asked.execution.empty())
      return log != nullptr
                 ? log->executions(most_listed)
                 : fetch(std::get<demo::endpoint>(asked_), "/api/executions?limit=" + std::to_string(most_listed));
    return log != nullptr ? log->execution(domain::execution_id{asked.execution}, wall_clock())
                          : fetch(std::get<demo::endpoint>(asked_), "/api/executions/" + asked.execution);
  }

 private:
  explicit source(std::variant<demo::endpoint, log_reader> whom) : asked_(std::move(whom)) {}
  std::variant<demo::endpoint, log_reader> asked_;
};

/// Whether the ids can be ids at all: they become parts of a path.
std::optional<error> wrong_in(const question& asked) {
  for (const auto& id : {asked.execution, asked.task, asked.with})
    if (!id.empty() && !domain::is_valid_id(id)) return error{errc::invalid, "'" + id + "' is not an id"};
  return std::nullopt;
}

/// `look_up` gives JSON, `show` makes lines of it.
template <class LookUp, class Show>
int run(const question& asked, std::ostream& out, std::ostream& err, LookUp look_up, Show show) {
  try {
    const auto fail = [&](const error& why) { return terminal::fail(why, asked.json, out, err); };
    if (const auto wrong = wrong_in(asked)) return fail(*wrong);
    const auto from = source::of(asked);
    if (!from) return fail(from.error());
    const auto answer = look_up(*from);
    if (!answer) return fail(answer.error());
    if (asked.json) {
      const auto body = json::parse(*answer, nullptr, false);
      if (body.is_discarded()) return fail({errc::io, "the answer is not JSON"});
      out << body.dump(2, ' ', true, json::error_handler_t::replace) << '\n';
      return exit_done;
    }
    const auto lines = show(*answer, text_style{asked.width, asked.colours});
    if (!lines) return fail(lines.error());
    for (const auto& line : *lines) out << line << '\n';
    return exit_done;
  } catch (const std::exception& unforeseen) {  // memory
    return terminal::fail({errc::io, unforeseen.what()}, asked.json, out, err);
  }
}

}  // namespace

int run_why(const question& asked, std::ostream& out, std::ostream& err) {
  return run(
      asked, out, err, [&](const source& from) { return from.why(asked); },
      [](const std::string& answer, text_style style) { return why_text(answer, style); });
}

int run_status(const question& asked, std::ostream& out, std::ostream& err) {
  return run(
      asked, out, err, [&](const source& from) { return from.status(asked); },
      [&](const std::string& answer, text_style style) {
        return asked.execution.empty() ? executions_text(answer, wall_clock(), style)
                                       : execution_text(answer, wall_clock(), style);
      });
}

int run_compare(const question& asked, std::ostream& out, std::ostream& err) {
  return run(
      asked, out, err, [&](const source& from) { return from.comparison(asked); },
      [](const std::string& answer, text_style style) { return comparison_text(answer, style); });
}

}  // namespace planexe::asking
