// Backups of the log, made while traffic goes on.
#include <spdlog/spdlog.h>

#include <chrono>

#include "eventstore/hash_chain.hpp"
#include "gateway/actor_bridge/asked_state.hpp"
#include "gateway/json/body_fields.hpp"
#include "gateway/json/writer.hpp"

namespace planexe::gateway {
namespace {

constexpr std::size_t longest_name = 100;

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
  writer.member("made_at", backup.facts.made_at);
  writer.member("release", backup.facts.release);
  writer.member("log_position", backup.facts.head.position);
  writer.member("log_hash", eventstore::to_hex(backup.facts.head.hash));
  writer.member("files", backup.facts.files);
  writer.member("bytes", backup.facts.bytes);
}

problem why_not_made(const error& why, const std::string& name) {
  switch (why.code) {
    case errc::conflict:
      return {problem_code::already_exists, "there is a backup '" + name + "' already", {}, {}};
    case errc::locked:
    case errc::too_large:
      return unavailable(why.detail, 30);
    default:
      break;
  }
  spdlog::error("a backup could not be made: {}", why.detail);
  return unavailable("the backup could not be made; the server's log says why", 30);
}

response made(const eventstore::named_backup& backup, std::chrono::duration<double> took) {
  std::string text;
  json_writer writer(text);
  writer.begin_object();
  render_members(writer, backup);
  writer.member("seconds", took.count());
  writer.end_object();
  return json_response(201, std::move(text));
}

/// One that is made; whoever drops it lets the next one begin.
class making {
 public:
  explicit making(std::shared_ptr<std::atomic<bool>> under_way) : under_way_(std::move(under_way)) {}
  making(const making&) = delete;
  making& operator=(const making&) = delete;
  ~making() { end(); }
  void end() {
    if (const auto flag = std::exchange(under_way_, nullptr)) *flag = false;
  }

 private:
  std::shared_ptr<std::atomic<bool>> under_way_;
};

}  // namespace

void actor_bridge::core::bind_backups(router& routes) {
  bind(routes, "create_backup", [this](const request& request, responder answer) {
    auto name = parse_name(request.body, env.time.now());
    if (!name) return answer.fail(name.error());
    if (!options.backups) return answer.fail(no_place());
    std::shared_ptr<keyed_request> asked = answers.begin(request, std::move(answer), env.time.now());
    if (!asked) return;
    if (backing_up->exchange(true))
      return asked->send(to_response(unavailable("a backup is being made already; one at a time", 5)));
    const auto turn = std::make_shared<making>(backing_up);
    (void)backups.run_later([this, name = std::move(*name), asked, turn] {
      const auto began = std::chrono::steady_clock::now();
      const auto backup = options.backups->make(name, ending.get_token());
      turn->end();
      if (!backup) return asked->send(to_response(why_not_made(backup.error(), name)));
      spdlog::info("backup '{}': {} events, {} bytes", name, backup->facts.head.position, backup->facts.bytes);
      keep_and_send(env, asked, made(*backup, std::chrono::steady_clock::now() - began));
    });
  });
  bind(routes, "list_backups", [this](const request&, responder answer) {
    if (!options.backups) return answer.fail(no_place());
    work([this, to = share(std::move(answer))] {
      const auto list = options.backups->list();
      if (!list) {
        spdlog::error("backups cannot be listed: {}", list.error().detail);
        return to->fail(unavailable("the folder of the backups cannot be read; the server's log says why", 30));
      }
      std::string text;
      json_writer writer(text);
      writer.begin_array();
      for (const auto& backup : *list) {
        writer.begin_object();
        render_members(writer, backup);
        writer.end_object();
      }
      writer.end_array();
      to->send(json_response(200, std::move(text)));
    });
  });
}

}  // namespace planexe::gateway
