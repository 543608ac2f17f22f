// Any bytes as a plan in JSON: bare tree, bundle or structured form.
#include "tests/fuzz/checks.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace planexe;
  fuzz::check_read(plans::read_plan(fuzz::text_of(data, size), plans::plan_format::json));
  return 0;
}
