// Any bytes as a zip. Few mutations keep a checksum right; what is behind that is plan_run's business.
#include "tests/fuzz/checks.hpp"

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  using namespace planexe;
  fuzz::check_read(plans::read_plan(fuzz::text_of(data, size), plans::plan_format::zip));
  return 0;
}
