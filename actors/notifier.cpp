#include "actors/notifier.hpp"

#include "actors/notifier_process.hpp"

namespace planexe::actors {

notifier_state::notifier_state() = default;
notifier_state::~notifier_state() = default;

notifier_actor::behavior_type notifier(notifier_actor::stateful_pointer<notifier_state> self, environment* env,
                                       const read_side* views) {
  self->state.process = std::make_unique<notifier_process>(*env, *views);
  const auto process = [self]() -> notifier_process& { return *self->state.process; };
  return {
      [=](start_atom, const notifier_start_ptr& beginning) { process().start(std::move(*beginning)); },
      [=](notice_atom, const notices_ptr& found) { process().notice(*found); },
      [=](looked_atom, std::uint64_t position) { process().looked(position); },
      [=](settled_atom, std::uint64_t version) { process().durable(version); },
      [=](address_atom, std::uint64_t number, const std::string& url) { process().address(number, url); },
      [=](sent_atom, const sending_result_ptr& result) { process().sent(*result); },
      [=](command_atom, const redrive_request_ptr& request) { process().redrive(*request); },
      [=](wake_atom) { process().wake(); },
  };
}

}  // namespace planexe::actors
