// Any bytes as the head of a request, at once and in pieces: both must come to the same end.
#include "gateway/http/head_parser.hpp"
#include "tests/fuzz/checks.hpp"

namespace {

using namespace planexe;
using gateway::head_outcome;

constexpr std::size_t max_head_bytes = 16 * 1024;

bool lies_within(std::string_view part, std::string_view whole) {
  return part.empty() || (part.data() >= whole.data() && part.data() + part.size() <= whole.data() + whole.size());
}

void check_complete(const gateway::head_result& result, const gateway::parsed_head& head, std::string_view data) {
  fuzz::must(result.consumed > 0 && result.consumed <= data.size(), "a head ends within its bytes");
  const auto consumed = data.substr(0, result.consumed);
  fuzz::must(consumed.ends_with("\r\n\r\n"), "a head ends with an empty line");
  fuzz::must(lies_within(head.target, consumed) && lies_within(head.host, consumed), "views stay within the head");
  fuzz::must(head.fields.size() <= gateway::max_header_fields, "fields are bounded");
  fuzz::must(gateway::is_valid_host(head.host) || (head.host.empty() && head.http_1_0), "a host is valid");
  for (const auto& field : head.fields) {
    fuzz::must(lies_within(field.name, consumed) && lies_within(field.value, consumed), "views stay within the head");
    const auto bad = field.value.find_first_of(std::string_view{"\r\n\0", 3});
    fuzz::must(bad == std::string_view::npos, "no line break or NUL gets into a value");
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  const auto bytes = fuzz::text_of(data, size);
  gateway::parsed_head head;
  const auto whole = gateway::parse_head(bytes, 0, max_head_bytes, head);
  if (whole.outcome == head_outcome::complete) check_complete(whole, head, bytes);
  if (whole.outcome == head_outcome::refused) fuzz::must(!whole.detail.empty(), "a refusal has a reason");

  const std::size_t step = size == 0 ? 1 : 1 + data[size - 1] % 7;
  std::size_t scanned = 0;
  for (std::size_t length = 0;; length = std::min(length + step, size)) {
    gateway::parsed_head piecewise;
    const auto result = gateway::parse_head(bytes.substr(0, length), scanned, max_head_bytes, piecewise);
    if (result.outcome != head_outcome::incomplete) {
      fuzz::must(result.outcome == whole.outcome, "pieces end as the whole does");
      fuzz::must(result.outcome != head_outcome::complete || result.consumed == whole.consumed,
                 "pieces end where the whole does");
      return 0;
    }
    if (length == size) break;
    scanned = length;
  }
  fuzz::must(whole.outcome == head_outcome::incomplete, "pieces end as the whole does");
  return 0;
}
