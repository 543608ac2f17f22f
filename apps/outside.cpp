#include "apps/outside.hpp"

#include <spdlog/spdlog.h>

#include <cstdlib>

#include "actors/notifier_process.hpp"
#include "apps/config/setting_files.hpp"
#include "gateway/actor_bridge/job_thread.hpp"
#include "gateway/json/parse_subtasks.hpp"
#include "gateway/json/render_notification.hpp"
#include "plans/decomposition/model.hpp"
#include "plans/plan_reader.hpp"

#include "outbound/http_call.hpp"
#include "outbound/planexe_worker.hpp"
#include "outbound/webhook.hpp"

namespace planexe::apps {
namespace {

namespace fs = std::filesystem;

class http_transport final : public plans::model_transport {
 public:
  expected<plans::model_answer, plans::transport_failure> post(const plans::model_call& call) override {
    outbound::http_request request{.method = "POST", .url = call.url, .headers = {}, .body = call.body};
    for (const auto& [name, value] : call.headers) request.headers.push_back({name, value});
    outbound::call_limits limits;
    limits.total = call.time_limit;
    limits.connect = std::min(limits.connect, call.time_limit);
    limits.max_response_bytes = call.max_response_bytes;
    auto answer = outbound::call(request, limits, call.stop);
    if (!answer) {
      const bool cancelled = answer.error().what == outbound::call_failure::kind::cancelled;
      return unexpected{plans::transport_failure{answer.error().detail, cancelled}};
    }
    return plans::model_answer{answer->status, std::move(answer->body)};
  }
};

expected<std::vector<domain::new_subtask>, std::vector<std::string>> read_subtasks(std::string_view json) {
  auto subtasks = gateway::parse_subtasks(json);
  if (subtasks) return std::move(*subtasks);
  std::vector<std::string> faults;
  for (const auto& each : subtasks.error().errors) faults.push_back(each.field + " " + each.message);
  if (faults.empty()) faults.push_back(subtasks.error().detail);
  return unexpected{std::move(faults)};
}

/// Keys come from the environment, from `.env` here, or from `.env` beside PlanExe's list, as in PlanExe.
result<plans::variable_lookup> variables_for(const fs::path& list) {
  std::map<std::string, std::string> found;
  std::error_code ignored;
  const auto folder = fs::is_directory(list, ignored) ? list : list.parent_path();
  for (const auto& file : {fs::path{".env"}, folder / ".env"}) {
    auto variables = config::read_env_file(file);
    if (!variables) return unexpected{variables.error()};
    found.merge(*variables);  // what is there already stays
  }
  return plans::variable_lookup{[found = std::move(found)](const std::string& name) -> std::optional<std::string> {
    if (const char* value = std::getenv(name.c_str()); value != nullptr && *value != '\0') return value;
    const auto entry = found.find(name);
    return entry == found.end() ? std::nullopt : std::optional{entry->second};
  }};
}

gateway::run_refusal refusal_of(const outbound::fetch_failure& failure) {
  using kind = outbound::fetch_failure::kind;
  using reason = gateway::run_refusal::reason;
  switch (failure.what) {
    case kind::invalid_id:
    case kind::unknown:
    case kind::ended:
      return {reason::unknown, failure.detail};
    case kind::too_large:
      return {reason::too_large, failure.detail};
    case kind::incomplete:
    case kind::unreachable:
    case kind::cancelled:
      break;
  }
  return {reason::unavailable, failure.detail};
}

domain::delivery_outcome outcome_of(outbound::webhook_outcome sent) {
  using from = outbound::webhook_outcome::kind;
  using to = domain::delivery_outcome::kind;
  domain::delivery_outcome outcome{to::failed, sent.status, std::move(sent.detail), sent.retry_after};
  if (sent.what == from::delivered) outcome.what = to::delivered;
  if (sent.what == from::gone || sent.what == from::forbidden) outcome.what = to::refused;
  if (sent.what == from::cancelled) outcome.what = to::cancelled;
  return outcome;
}

/// An agent's address is a person's, perhaps: it stands in the agent's profile, and in no event of a notification.
void hide(const std::string& origin, std::string& detail) {
  constexpr std::string_view instead = "the agent's address";
  const auto begin = origin.find("://"), end = origin.rfind(':');
  const auto host = begin < end ? origin.substr(begin + 3, end - begin - 3) : std::string();
  for (const auto& named : {origin, host})
    for (auto at = detail.find(named); !named.empty() && at != std::string::npos;
         at = detail.find(named, at + instead.size()))
      detail.replace(at, named.size(), instead);
}

/// The duty to say what became of a notification: dropped, it says that it came to nothing.
class sending_duty {
 public:
  sending_duty(std::function<void(domain::delivery_outcome)> done, std::stop_token ending)
      : done_(std::move(done)), ending_(std::move(ending)) {}
  sending_duty(const sending_duty&) = delete;
  sending_duty& operator=(const sending_duty&) = delete;
  ~sending_duty() {
    using kind = domain::delivery_outcome::kind;
    finish({ending_.stop_requested() ? kind::cancelled : kind::failed, 0, "it could not be sent", {}});
  }
  void finish(domain::delivery_outcome outcome) {
    if (const auto done = std::exchange(done_, nullptr)) done(std::move(outcome));
  }

 private:
  std::function<void(domain::delivery_outcome)> done_;
  std::stop_token ending_;
};

}  // namespace

result<std::shared_ptr<plans::decomposer>> make_decomposer(const config::server_config& config) {
  std::shared_ptr<plans::decomposer> rules = plans::make_rules_decomposer();
  if (config.decomposition_model.empty()) return rules;
  const fs::path list = config.config_path.empty() ? fs::path{"."} : fs::path{config.config_path};
  auto variables = variables_for(list);
  if (!variables) return unexpected{variables.error()};
  auto endpoint = plans::read_model_config(list, config.decomposition_model, *variables);
  if (!endpoint)
    return unexpected{
        error{errc::invalid, "PLANEXE_DECOMPOSITION_MODEL (with PLANEXE_CONFIG_PATH): " + endpoint.error().detail}};
  const auto origin = outbound::origin_of(endpoint->url);
  spdlog::info("tasks are taken apart by model '{}' at {}", endpoint->name, origin);
  if (origin.starts_with("http://") && !endpoint->key.empty())
    spdlog::warn("the key of model '{}' goes to {} unencrypted", endpoint->name, origin);
  plans::model_parts parts{.endpoint = std::move(*endpoint),
                           .transport = std::make_shared<http_transport>(),
                           .read_subtasks = read_subtasks,
                           .fallback = rules};
  return std::shared_ptr<plans::decomposer>{plans::make_model_decomposer(std::move(parts))};
}

gateway::run_fetcher make_run_fetcher(const config::server_config& config) {
  if (config.worker_plan_url.empty()) return {};
  outbound::worker_options worker{.url = config.worker_plan_url};
  worker.max_zip_bytes = plans::max_upload_bytes;
  return [worker](const std::string& run_id, std::chrono::steady_clock::time_point deadline,
                  std::stop_token stop) -> expected<std::string, gateway::run_refusal> {
    auto zip = outbound::fetch_run(worker, run_id, deadline, std::move(stop));
    if (!zip) return unexpected{refusal_of(zip.error())};
    return std::move(*zip);
  };
}

struct webhook_sender::impl {
  outbound::webhook to_server;  ///< all but id, body and time
  outbound::address_policy policy;
  std::stop_source ending;
  // As many threads as there are attempts at the same time. One that has told its end may still be on its way back
  // when the next attempt comes.
  gateway::job_thread threads{2 * actors::most_sends, actors::most_sends};
};

result<std::unique_ptr<webhook_sender>> webhook_sender::make(const config::server_config& config) {
  auto content = std::make_unique<impl>();
  auto& hook = content->to_server;
  hook.url = config.notify_webhook_url;
  hook.secret = config.notify_webhook_secret;
  hook.trusted = true;
  content->policy.allow_private = config.notify_allow_private;
  const auto refuse = [](const std::string& variable, const std::string& why) {
    return unexpected{error{errc::invalid, variable + ": " + why}};
  };
  if (!hook.secret.empty())
    if (const auto signature = outbound::sign(hook.secret, "id", {}, "{}"); !signature)
      return refuse("PLANEXE_NOTIFY_WEBHOOK_SECRET", signature.error().detail);
  if (!hook.url.empty()) {
    if (const auto why = outbound::why_never_reached(hook, content->policy))
      return refuse("PLANEXE_NOTIFY_WEBHOOK_URL", *why);
    spdlog::info("notifications go to {}", outbound::origin_of(hook.url));
    if (hook.secret.empty())
      spdlog::warn(
          "notifications are not signed: PLANEXE_NOTIFY_WEBHOOK_URL is set, PLANEXE_NOTIFY_WEBHOOK_SECRET is "
          "not");
  }
  return std::unique_ptr<webhook_sender>{new webhook_sender{std::move(content)}};
}

webhook_sender::webhook_sender(std::unique_ptr<impl> content) : impl_(std::move(content)) {}
webhook_sender::~webhook_sender() {
  stop();
}

void webhook_sender::send(actors::outgoing_notification notification,
                          std::function<void(domain::delivery_outcome)> done) {
  auto duty = std::make_shared<sending_duty>(std::move(done), impl_->ending.get_token());
  (void)impl_->threads.run_later([&self = *impl_, duty, notification = std::move(notification)] {
    auto hook = self.to_server;
    if (!notification.address.empty()) {
      hook.url = notification.address;
      hook.trusted = false;
    }
    hook.id = notification.id;
    gateway::render_notification_body(hook.body, hook.id, notification.content);
    hook.sent_at = std::chrono::floor<domain::milliseconds>(std::chrono::system_clock::now());
    auto outcome = outcome_of(outbound::deliver(hook, self.policy, self.ending.get_token()));
    if (!hook.trusted) hide(outbound::origin_of(hook.url), outcome.detail);
    duty->finish(std::move(outcome));
  });
}

void webhook_sender::stop() {
  impl_->ending.request_stop();
  impl_->threads.stop();
}

}  // namespace planexe::apps
