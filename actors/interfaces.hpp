// Every typed handle, with what it understands.
#pragma once

#include <caf/typed_actor.hpp>

#include <string>

#include "actors/messages.hpp"

namespace planexe::actors {

/// Groups what is queued into one durable write. Detached: it blocks in the disk's sync.
using committer_actor = caf::typed_actor<caf::reacts_to<append_atom, commit_item_ptr>,
                                         /// Writes what has been gathered; sent by itself, behind whatever is queued.
                                         caf::reacts_to<commit_atom>>;

/// One execution: the only writer of its stream.
using execution_actor =
    caf::typed_actor<caf::reacts_to<command_atom, execution_request_ptr>, caf::reacts_to<assign_atom, assignment_ptr>,
                     /// A deadline of its own may have come.
                     caf::reacts_to<wake_atom>,
                     /// Whether any agent within reach can take any of its open leaves, and what is lacking if not.
                     caf::reacts_to<staffing_atom, bool, std::string>,
                     /// Loads itself and tells the matcher, the agents and the timers what it has; answers the
                     /// supervisor.
                     caf::reacts_to<recover_atom>,
                     /// An agent was started anew and asks for the leases that it holds here.
                     caf::reacts_to<restore_atom, std::string>,
                     /// The log refused its version: it forgets its state, and the next one starts from the log.
                     caf::reacts_to<rebuild_atom>,
                     /// No more messages will come; it goes.
                     caf::reacts_to<stop_atom>>;

/// One agent: who it is, what it holds, and its waiting polls.
using agent_actor =
    caf::typed_actor<caf::reacts_to<command_atom, agent_request_ptr>, caf::reacts_to<poll_atom, poll_request_ptr>,
                     /// The matcher claimed so many leaves for an offer (offer, count).
                     caf::reacts_to<claimed_atom, std::uint64_t, std::uint32_t>,
                     /// One claim of an offer is durable, or, with null, came to nothing.
                     caf::reacts_to<settled_atom, std::uint64_t, work_item_ptr>,
                     caf::reacts_to<notice_atom, lease_notice_ptr>, caf::reacts_to<wake_atom>,
                     caf::reacts_to<rebuild_atom>>;

/// Brings open leaves and waiting agents together.
using matcher_actor = caf::typed_actor<caf::reacts_to<ready_atom, readiness_ptr>,
                                       /// An offer and whether it waits.
                                       caf::reacts_to<offer_atom, work_offer_ptr, bool>,
                                       /// Offer and agent; answered with a claim of nothing.
                                       caf::reacts_to<withdraw_atom, std::uint64_t, std::string>,
                                       /// An agent and who it is, whether it asks for work or not.
                                       caf::reacts_to<roster_atom, std::string, profile_ptr>,
                                       /// An agent may have been silent for too long.
                                       caf::reacts_to<wake_atom>>;

/// Wakes owners at their deadlines. An owner has one deadline, its earliest; arming replaces it.
using timers_actor = caf::typed_actor<
    /// Owner and milliseconds since 1970.
    caf::reacts_to<arm_atom, owner_key, std::int64_t>, caf::reacts_to<clock_atom>>;

/// Keeps the read models.
using projector_actor = caf::typed_actor<caf::reacts_to<commit_atom, batch_ptr>, caf::reacts_to<run_atom, task_ptr>,
                                         caf::reacts_to<clock_atom>,
                                         /// Stores every view and goes.
                                         caf::reacts_to<stop_atom>>;

/// Tells people: the only writer of the outbox.
using notifier_actor = caf::typed_actor<caf::reacts_to<start_atom, notifier_start_ptr>,
                                        /// Something durable that people are to be told.
                                        caf::reacts_to<notice_atom, notices_ptr>,
                                        /// Everything up to a position has been looked at.
                                        caf::reacts_to<looked_atom, std::uint64_t>,
                                        /// Its own events are durable up to this version.
                                        caf::reacts_to<settled_atom, std::uint64_t>,
                                        /// The number of a notification and the present address of its agent; empty:
                                        /// none.
                                        caf::reacts_to<address_atom, std::uint64_t, std::string>,
                                        caf::reacts_to<sent_atom, sending_result_ptr>,
                                        caf::reacts_to<command_atom, redrive_request_ptr>, caf::reacts_to<wake_atom>>;

/// Pauses everything, and lets it go on.
using safety_switch_actor = caf::typed_actor<caf::reacts_to<command_atom, switch_request_ptr>>;

/// Makes and revokes keys.
using keyring_actor = caf::typed_actor<caf::reacts_to<command_atom, key_request_ptr>>;

/// Takes executions that are over out of the log.
using archivist_actor = caf::typed_actor<
    /// Everything that was live is live again.
    caf::reacts_to<start_atom>, caf::reacts_to<command_atom, archive_request_ptr>,
    /// Its last append is durable, or came to nothing.
    caf::reacts_to<settled_atom, bool>,
    /// It is time to look for what has been over for long enough.
    caf::reacts_to<wake_atom>>;

/// Brings the live executions back after a start.
using supervisor_actor = caf::typed_actor<caf::reacts_to<start_atom>,
                                          /// An execution that was to be recovered has told everybody what it has.
                                          caf::reacts_to<recover_atom, std::string>>;

}  // namespace planexe::actors
