// Any bytes as a line of a record file. What can be read is written again, and read again, as the same event.
#include "records/line.hpp"
#include "tests/fuzz/checks.hpp"

namespace {

void name_alone(std::string& out, const planexe::domain::event_record& event) {
  out += "{\"event_type\":\"" + std::string(planexe::eventstore::type_name(event.payload)) + "\"}";
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace planexe;
  constexpr records::rendering shown{1, name_alone};
  const auto text = fuzz::text_of(data, size);
  const auto first = records::read_line(text, {});
  if (!first) fuzz::must(!first.error().detail.empty(), "a refusal has a reason");
  if (const auto strict = records::read_line(text, shown); strict)
    fuzz::must(first && strict->stored == first->stored, "what is accepted with its data is accepted without");
  if (!first) return 0;
  std::string line;
  const auto placed = first->stored.position == 0 ? records::positions::left_out : records::positions::written;
  fuzz::must(records::append_line(line, first->stored, shown, placed).has_value(), "what was read can be written");
  line.pop_back();
  const auto second = records::read_line(line, shown);
  fuzz::must(second.has_value(), "what was written can be read");
  fuzz::must(second->stored == first->stored, "it is the same event");
  return 0;
}
