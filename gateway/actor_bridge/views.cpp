// How far the views are, and making one anew while traffic goes on.
#include "gateway/actor_bridge/asked_state.hpp"
#include "gateway/actor_bridge/figures.hpp"
#include "gateway/json/body_fields.hpp"
#include "gateway/json/writer.hpp"
#include "projections/rebuild.hpp"

namespace planexe::gateway {
namespace {

/// So few events are applied in the projector's thread at the end: a few milliseconds, in which nothing else is read.
constexpr std::uint64_t last_step = 1'000;

/// One rebuild on its way, handed from step to step. Whoever drops it, since the server ends, ends it: the client is
/// told 503, and the next one may begin.
class rebuild_run : public std::enable_shared_from_this<rebuild_run> {
 public:
  rebuild_run(actor_bridge::core& core, std::shared_ptr<keyed_request> asked, std::string_view view)
      : core_(core),
        asked_(std::move(asked)),
        rebuild_(core.env.log, core.env.derived, core.options.review_threshold, view),
        began_(std::chrono::steady_clock::now()),
        under_way_(core.rebuilding) {}
  rebuild_run(const rebuild_run&) = delete;
  rebuild_run& operator=(const rebuild_run&) = delete;
  ~rebuild_run() { end(); }

  /// In the projector's thread, which knows how far there is to go.
  void go_on() {
    const auto position = core_.views.runner.position();
    if (position - rebuild_.position() <= last_step) return take_over(position);
    beside([position](rebuild_run& run) { run.carry(position); });
  }

 private:
  /// Runs a step on the rebuilds' thread.
  void beside(std::function<void(rebuild_run&)> step) {
    (void)core_.rebuilds.run_later([self = shared_from_this(), step = std::move(step)] { step(*self); });
  }

  void carry(std::uint64_t position) {
    const auto stop = core_.ending.get_token();
    if (const auto carried = rebuild_.carry_to(position, stop); !carried) return fail(carried.error());
    if (stop.stop_requested()) return;
    if (const auto gathered = rebuild_.gather(); !gathered) return fail(gathered.error());
    core_.read([self = shared_from_this()] { self->go_on(); });
  }

  /// The last events, and the change-over: in the projector's thread.
  void take_over(std::uint64_t position) {
    if (const auto carried = rebuild_.carry_to(position); !carried) return fail(carried.error());
    if (const auto gathered = rebuild_.gather(); !gathered) return fail(gathered.error());
    auto& runner = core_.views.runner;
    if (const auto stored = runner.store(); !stored) {
      core_.env.on_storage_failure(stored.error());
      return fail(stored.error());
    }
    runner.hold_stores(true);
    rebuild_.install(*core_.views.named(rebuild_.name()));
    beside([](rebuild_run& run) { run.compare(); });
  }

  void compare() {
    equal_ = rebuild_.compare();
    core_.read([self = shared_from_this()] {
      self->core_.views.runner.hold_stores(false);
      self->beside([](rebuild_run& run) { run.answer(); });  // where what the live view held goes, too
    });
  }

  void answer() {
    if (!*equal_) return fail(equal_->error());
    std::string text;
    json_writer writer(text);
    writer.begin_object();
    writer.member("name", rebuild_.name());
    writer.member("events", rebuild_.events());
    writer.member("rows", rebuild_.rows());
    writer.member("equal", **equal_);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began_;
    writer.member("seconds", took.count());
    writer.end_object();
    end();
    keep_and_send(core_.env, asked_, json_response(200, std::move(text)));
  }

  /// From here on the next one may begin.
  void end() {
    if (const auto flag = std::exchange(under_way_, nullptr)) *flag = false;
  }

  void fail(const error& why) {
    end();
    asked_->send(to_response(archive_problem(why)));
  }

  actor_bridge::core& core_;
  std::shared_ptr<keyed_request> asked_;
  projections::view_rebuild rebuild_;
  std::chrono::steady_clock::time_point began_;
  std::shared_ptr<std::atomic<bool>> under_way_;
  std::optional<result<bool>> equal_;
};

}  // namespace

void actor_bridge::core::bind_views(router& routes) {
  bind(routes, "list_views", [this](const request&, responder answer) {
    read([this, to = share(std::move(answer))] {
      const auto lags = lags_of(*this);
      if (!lags) return to->fail(to_problem(lags.error()));
      std::string text;
      render_views(text, *lags);
      to->send(json_response(200, std::move(text)));
    });
  });
  bind(routes, "rebuild_view", [this](const request& request, responder answer) {
    if (const auto wrong = refuse_members(request.body)) return answer.fail(*wrong);
    const std::string name{request.param("view")};
    std::shared_ptr<keyed_request> asked = answers.begin(request, std::move(answer), env.time.now());
    if (!asked) return;
    read([this, name, asked] {
      const auto* view = views.named(name);
      if (view == nullptr) return asked->send(to_response(no_such("view", name)));
      if (rebuilding->exchange(true))
        return asked->send(to_response(unavailable("a view is being made anew already; one at a time", 5)));
      std::make_shared<rebuild_run>(*this, asked, view->name())->go_on();
    });
  });
}

}  // namespace planexe::gateway
