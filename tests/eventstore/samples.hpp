// Events to store: one of every type with every member set, and any number of random ones.
#pragma once

#include <random>

#include "domain/event_record.hpp"
#include "domain/execution_state.hpp"

namespace planexe::eventstore::testing {

/// What the golden files hold. A value here never changes, for the files never do.
std::vector<domain::event> samples();
domain::event_metadata sample_metadata();
std::shared_ptr<const domain::plan> sample_plan();

/// Of any type, with members that are often zero, empty or extreme.
domain::event random_event(std::mt19937_64& random);
domain::event_metadata random_metadata(std::mt19937_64& random);
/// Every member of the state but its graph and the number of its tasks.
void randomize(std::mt19937_64& random, domain::execution_state& state);

}  // namespace planexe::eventstore::testing
