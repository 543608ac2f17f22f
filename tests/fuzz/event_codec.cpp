// Any bytes as a stored event. What can be read is written again, and from then on gives the same bytes for ever.
#include "eventstore/codec.hpp"
#include "tests/fuzz/checks.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace planexe;
  const auto first = eventstore::decode(fuzz::text_of(data, size));
  if (!first) {
    fuzz::must(!first.error().detail.empty(), "a refusal has a reason");
    return 0;
  }
  const std::string written = eventstore::encode(first->payload, first->metadata);
  const auto second = eventstore::decode(written);
  fuzz::must(second.has_value(), "what was written can be read");
  fuzz::must(eventstore::encode(second->payload, second->metadata) == written, "equal events give equal bytes");
  return 0;
}
