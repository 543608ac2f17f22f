// Every type and atom that travels between actors. Kept in one place, with interfaces.hpp, so that a move to another
// CAF touches two files. Payloads are shared and not changed by the receiver unless it is their only reader.
#pragma once

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>
#include <caf/type_id.hpp>

#include "actors/requests.hpp"

namespace planexe::actors {

using execution_request_ptr = std::shared_ptr<execution_request>;
using agent_request_ptr = std::shared_ptr<agent_request>;
using switch_request_ptr = std::shared_ptr<switch_request>;
using key_request_ptr = std::shared_ptr<key_request>;
using poll_request_ptr = std::shared_ptr<poll_request>;
using commit_item_ptr = std::shared_ptr<commit_item>;
using assignment_ptr = std::shared_ptr<assignment>;
using lease_notice_ptr = std::shared_ptr<const lease_notice>;
using readiness_ptr = std::shared_ptr<const readiness>;
using work_offer_ptr = std::shared_ptr<const domain::work_offer>;
using work_item_ptr = std::shared_ptr<const domain::work_item>;
/// Who an agent is; null when nothing may be given to it.
using profile_ptr = std::shared_ptr<const domain::agent_profile>;
using notices_ptr = std::shared_ptr<const notices>;
using notifier_start_ptr = std::shared_ptr<notifier_start>;
using sending_result_ptr = std::shared_ptr<const sending_result>;
using archive_request_ptr = std::shared_ptr<archive_request>;
using redrive_request_ptr = std::shared_ptr<redrive_request>;
using batch_ptr = std::shared_ptr<const eventstore::committed_batch>;
/// Runs in the receiving actor's thread, with its `this` known to the sender's room only.
using task_ptr = std::shared_ptr<std::function<void()>>;
/// A deadline's owner: `e` or `a` and the id of the execution or agent, or `m`, the matcher, `n`, the notifier, or `r`,
/// the archivist.
using owner_key = std::string;

}  // namespace planexe::actors

CAF_BEGIN_TYPE_ID_BLOCK(planexe, caf::first_custom_type_id)
CAF_ADD_TYPE_ID(planexe, (planexe::actors::execution_request_ptr))
CAF_ADD_TYPE_ID(planexe, (planexe::actors::agent_request_ptr))
CAF_ADD_TYPE_ID(planexe, (planexe::actors::poll_request_ptr))
CAF_ADD_TYPE_ID(planexe, (planexe::actors::commit_item_ptr))
CAF_ADD_TYPE_ID(planexe, (planexe::actors::assignment_ptr))
CAF_ADD_TYPE_ID(planexe, (planexe::actors::lease_notice_ptr))
CAF_ADD_TYPE_ID(planexe, (planexe::actors::readiness_ptr))
CAF_ADD_TYPE_ID(planexe, (planexe::actors::work_offer_ptr))
CAF_ADD_TYPE_ID(planexe, (planexe::actors::work_item_ptr))
CAF_ADD_TYPE_ID(planexe, (planexe::actors::profile_ptr))
CAF_ADD_TYPE_ID(planexe, (planexe::actors::notices_ptr))
CAF_ADD_TYPE_ID(planexe, (planexe::actors::notifier_start_ptr))
CAF_ADD_TYPE_ID(planexe, (planexe::actors::sending_result_ptr))
CAF_ADD_TYPE_ID(planexe, (planexe::actors::redrive_request_ptr))
CAF_ADD_TYPE_ID(planexe, (planexe::actors::batch_ptr))
CAF_ADD_TYPE_ID(planexe, (planexe::actors::task_ptr))
CAF_ADD_TYPE_ID(planexe, (planexe::actors::switch_request_ptr))
CAF_ADD_TYPE_ID(planexe, (planexe::actors::key_request_ptr))
CAF_ADD_TYPE_ID(planexe, (planexe::actors::archive_request_ptr))
CAF_ADD_ATOM(planexe, planexe::actors, command_atom, "command")
CAF_ADD_ATOM(planexe, planexe::actors, assign_atom, "assign")
CAF_ADD_ATOM(planexe, planexe::actors, append_atom, "append")
CAF_ADD_ATOM(planexe, planexe::actors, commit_atom, "commit")
CAF_ADD_ATOM(planexe, planexe::actors, poll_atom, "poll")
CAF_ADD_ATOM(planexe, planexe::actors, offer_atom, "offer")
CAF_ADD_ATOM(planexe, planexe::actors, claimed_atom, "claimed")
CAF_ADD_ATOM(planexe, planexe::actors, settled_atom, "settled")
CAF_ADD_ATOM(planexe, planexe::actors, withdraw_atom, "withdraw")
CAF_ADD_ATOM(planexe, planexe::actors, notice_atom, "notice")
CAF_ADD_ATOM(planexe, planexe::actors, looked_atom, "looked")
CAF_ADD_ATOM(planexe, planexe::actors, address_atom, "address")
CAF_ADD_ATOM(planexe, planexe::actors, sent_atom, "sent")
CAF_ADD_ATOM(planexe, planexe::actors, ready_atom, "ready")
CAF_ADD_ATOM(planexe, planexe::actors, roster_atom, "roster")
CAF_ADD_ATOM(planexe, planexe::actors, staffing_atom, "staffing")
CAF_ADD_ATOM(planexe, planexe::actors, wake_atom, "wake")
CAF_ADD_ATOM(planexe, planexe::actors, arm_atom, "arm")
CAF_ADD_ATOM(planexe, planexe::actors, clock_atom, "clock")
CAF_ADD_ATOM(planexe, planexe::actors, run_atom, "run")
CAF_ADD_ATOM(planexe, planexe::actors, start_atom, "start")
CAF_ADD_ATOM(planexe, planexe::actors, restore_atom, "restore")
CAF_ADD_ATOM(planexe, planexe::actors, rebuild_atom, "rebuild")
CAF_ADD_ATOM(planexe, planexe::actors, stop_atom, "stop")
CAF_ADD_ATOM(planexe, planexe::actors, recover_atom, "recover")
CAF_END_TYPE_ID_BLOCK(planexe)

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(planexe::actors::execution_request_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(planexe::actors::agent_request_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(planexe::actors::poll_request_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(planexe::actors::commit_item_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(planexe::actors::assignment_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(planexe::actors::lease_notice_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(planexe::actors::readiness_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(planexe::actors::work_offer_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(planexe::actors::work_item_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(planexe::actors::profile_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(planexe::actors::notices_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(planexe::actors::notifier_start_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(planexe::actors::sending_result_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(planexe::actors::redrive_request_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(planexe::actors::batch_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(planexe::actors::task_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(planexe::actors::switch_request_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(planexe::actors::key_request_ptr)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(planexe::actors::archive_request_ptr)
