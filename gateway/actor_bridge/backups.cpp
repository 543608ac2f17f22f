// Backups of the log, made while traffic goes on.
#include <spdlog/spdlog.h>

#include <algorithm>
#include <chrono>

#include "eventstore/hash_chain.hpp"
#include "gateway/actor_bridge/asked_state.hpp"
#include "gateway/json/body_fields.hpp"
#include "gateway/json/parse_query.hpp"
#include "gateway/json/writer.hpp"

namespace planexe::gateway {
namespace {

constexpr std::size_t longest_name = 100;
constexpr domain::milliseconds usual_wait{30'000};  // well under what clients and proxies wait for an answer

problem no_place() {
  return unavailable("there is no folder for backups (PLANEXE_BACKUP_DIR)", 3'600);
}

/// The wanted name, or one made of the time.
expected<std::string, problem> parse_name(std::string_view body, domain::timestamp now) {
  const auto document = parse_object(body.empty() ? "{}" : body);
  if (!document) return unexpected{document.error()};
  field_errors errors;
  body_fields fields(document->root(), "", errors);
  auto name = fields.text("name", longest_name);
  if (fields.has("name") && errors.empty() && !eventstore::is_backup_name(name))
    fields.wrong("name", "is letters, digits, '.', '_' and '-', the first of them a letter or digit");
  fields.refuse_unknown();
  if (!errors.empty()) return unexpected{std::move(errors).to_problem()};
  if (!name.empty()) return name;
  name = "backup-" + domain::format_rfc3339(now);
  std::erase_if(name, [at = std::size_t{0}](char c) mutable { return at++ > 7 && (c == '-' || c == ':'); });
  return name;
}

void render_members(json_writer& writer, const eventstore::named_backup& backup) {
  writer.member("name", backup.name);
  writer.member("status", std::string_view{"made"});
  writer.member("made_at", backup.facts.made_at);
  writer.member("release", backup.facts.release);
  writer.member("log_position", backup.facts.head.position);
  writer.member("log_hash", eventstore::to_hex(backup.facts.head.hash));
  writer.member("files", backup.facts.files);
  writer.member("bytes", backup.facts.bytes);
}

/// One of which there is no whole backup.
void render_members(json_writer& writer, const backup_run& run, std::string_view status) {
  writer.member("name", run.name());
  writer.member("status", status);
  writer.member("made_at", run.began());
}

problem why_not_made(const error& why, const std::string& name) {
  switch (why.code) {
    case errc::conflict:
      return {problem_code::already_exists, "there is a backup '" + name + "' already", {}, {}};
    case errc::invalid:
      return {problem_code::validation_failed,
              "no backup can be made: the folder for backups (PLANEXE_BACKUP_DIR) lies in the data folder",
              {},
              {}};
    case errc::locked:
    case errc::too_large:
    case errc::corrupt:  // names what is damaged, so that it can be put right
      return unavailable(why.detail, 30);
    default:
      return unavailable("the backup could not be made; the server's log says why", 30);
  }
}

std::pair<std::string, std::string> location_of(const std::string& name) {
  return {"Location", "/api/admin/backups/" + name};
}

response made(const eventstore::named_backup& backup, double seconds) {
  std::string text;
  json_writer writer(text);
  writer.begin_object();
  render_members(writer, backup);
  writer.member("seconds", seconds);
  writer.end_object();
  auto answer = json_response(201, std::move(text));
  answer.headers.push_back(location_of(backup.name));
  return answer;
}

/// It goes on.
response being_made(const backup_run& run) {
  std::string text;
  json_writer writer(text);
  writer.begin_object();
  render_members(writer, run, "making");
  writer.end_object();
  auto answer = json_response(202, std::move(text));
  answer.headers.push_back(location_of(run.name()));
  return answer;
}

problem another_is_made(const backup_run& run) {
  return {problem_code::already_exists,
          "the backup '" + run.name() + "' is being made; one at a time",
          {},
          {location_of(run.name())}};
}

/// Null where there is none.
const eventstore::named_backup* find_in(const std::vector<eventstore::named_backup>& list, std::string_view name) {
  const auto found = std::find_if(list.begin(), list.end(), [&](const auto& backup) { return backup.name == name; });
  return found == list.end() ? nullptr : &*found;
}

/// Whoever drops it ends the run.
class making {
 public:
  explicit making(std::shared_ptr<backup_run> run) : run_(std::move(run)) {}
  making(const making&) = delete;
  making& operator=(const making&) = delete;
  ~making() { run_->end(unexpected{error{errc::locked, "the server is shutting down"}}); }
  backup_run& run() const { return *run_; }

 private:
  std::shared_ptr<backup_run> run_;
};

/// What became of a run, in the server's log.
void tell(const backup_run& run, const backup_run::outcome& became) {
  if (became)
    spdlog::info("backup '{}': log position {}, {} bytes, {:.1f} s", run.name(), became->facts.head.position,
                 became->facts.bytes, run.seconds());
  else if (became.error().code != errc::conflict)
    spdlog::error("the backup '{}' could not be made: {}", run.name(), became.error().detail);
}

}  // namespace

void backup_run::end(outcome became) {
  {
    const std::lock_guard lock(mutex_);
    if (outcome_) return;
    outcome_ = std::move(became);
    seconds_ = std::chrono::duration<double>(std::chrono::steady_clock::now() - began_ticking_).count();
  }
  ended_.notify_all();
}

bool backup_run::has_ended() const {
  const std::lock_guard lock(mutex_);
  return outcome_.has_value();
}

const backup_run::outcome* backup_run::wait(domain::milliseconds at_most) const {
  std::unique_lock lock(mutex_);
  ended_.wait_for(lock, at_most, [this] { return outcome_.has_value(); });
  return outcome_ ? &*outcome_ : nullptr;  // which does not change any more
}

double backup_run::seconds() const {
  const std::lock_guard lock(mutex_);
  return seconds_;
}

std::shared_ptr<backup_run> backup_desk::begin(const std::string& name, domain::timestamp now) {
  const std::lock_guard lock(mutex_);
  if (last_ && !last_->has_ended()) return nullptr;
  return last_ = std::make_shared<backup_run>(name, now);
}

std::shared_ptr<const backup_run> backup_desk::last() const {
  const std::lock_guard lock(mutex_);
  return last_;
}

void actor_bridge::core::bind_backups(router& routes) {
  bind(routes, "create_backup", [this](const request& request, responder answer) {
    auto name = parse_name(request.body, env.time.now());
    if (!name) return answer.fail(name.error());
    query_reader query{request};
    const auto at_most = query.wait(usual_wait);
    if (const auto wrong = query.failure()) return answer.fail(*wrong);
    if (!options.backups) return answer.fail(no_place());
    std::shared_ptr<keyed_request> asked = answers.begin(request, std::move(answer), env.time.now());
    if (!asked) return;
    work([this, name = std::move(*name), at_most, asked] { begin_backup(name, at_most, asked); });
  });
}

void actor_bridge::core::begin_backup(const std::string& name, domain::milliseconds at_most,
                                      const std::shared_ptr<keyed_request>& asked) {
  const auto list = options.backups->list();
  if (list && find_in(*list, name) != nullptr)
    return asked->send(to_response(why_not_made({errc::conflict, {}}, name)));
  const auto run = desk.begin(name, env.time.now());
  if (!run) return asked->send(to_response(another_is_made(*desk.last())));
  const auto turn = std::make_shared<making>(run);
  (void)backups.run_later([this, turn] {
    auto& mine = turn->run();
    mine.end(options.backups->make(mine.name(), ending.get_token()));
    tell(mine, *mine.wait({}));
  });
  (void)backup_answers.run_later([this, run, asked, at_most] {
    const auto* became = at_most > domain::milliseconds{0} ? run->wait(at_most) : nullptr;
    if (became == nullptr) return keep_and_send(env, asked, being_made(*run));
    if (!*became) return asked->send(to_response(why_not_made(became->error(), run->name())));
    keep_and_send(env, asked, made(**became, run->seconds()));
  });
}

void actor_bridge::core::bind_backup_lists(router& routes) {
  // What is made, or was not made, is looked at first: it may be whole by the time that the list is read.
  const auto unreadable = [](const error& why) {
    spdlog::error("backups cannot be listed: {}", why.detail);
    return unavailable("the folder of the backups cannot be read; the server's log says why", 30);
  };
  bind(routes, "list_backups", [this, unreadable](const request&, responder answer) {
    if (!options.backups) return answer.fail(no_place());
    work([this, unreadable, to = share(std::move(answer))] {
      const auto last = desk.last();
      const bool goes_on = last && !last->has_ended();
      const auto list = options.backups->list();
      if (!list) return to->fail(unreadable(list.error()));
      std::string text;
      json_writer writer(text);
      writer.begin_array();
      if (goes_on &&
          std::none_of(list->begin(), list->end(), [&](const auto& backup) { return backup.name == last->name(); })) {
        writer.begin_object();
        render_members(writer, *last, "making");
        writer.end_object();
      }
      for (const auto& backup : *list) {
        writer.begin_object();
        render_members(writer, backup);
        writer.end_object();
      }
      writer.end_array();
      to->send(json_response(200, std::move(text)));
    });
  });
  bind(routes, "get_backup", [this, unreadable](const request& request, responder answer) {
    if (!options.backups) return answer.fail(no_place());
    work([this, unreadable, name = std::string(request.param("backup")), to = share(std::move(answer))] {
      const auto last = desk.last();
      const auto* became = last && last->name() == name ? last->wait({}) : nullptr;
      const auto list = options.backups->list();
      if (!list) return to->fail(unreadable(list.error()));
      const auto* const found = find_in(*list, name);
      std::string text;
      json_writer writer(text);
      writer.begin_object();
      if (found != nullptr) {
        render_members(writer, *found);
      } else if (became != nullptr && !*became) {
        render_members(writer, *last, "failed");
        writer.member("detail", why_not_made(became->error(), name).detail);
      } else if (became == nullptr && last && last->name() == name) {
        render_members(writer, *last, "making");
      } else {
        return to->fail(no_such("backup", name));
      }
      writer.end_object();
      to->send(json_response(200, std::move(text)));
    });
  });
}

}  // namespace planexe::gateway
