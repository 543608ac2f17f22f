#include "apps/audit/audit_command.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <chrono>
#include <exception>

#include "apps/audit/files.hpp"
#include "apps/audit/verdict_text.hpp"
#include "apps/terminal/failure.hpp"
#include "apps/terminal/text.hpp"
#include "eventstore/codec.hpp"
#include "eventstore/hash_chain.hpp"
#include "gateway/json/render_event.hpp"

#include "audit/prove.hpp"
#include "audit/text_forms.hpp"

namespace planexe::auditing {
namespace {

using json = nlohmann::ordered_json;

constexpr int exit_done = 0, exit_problem = 1;

/// The event as this release reads it.
result<std::string> rendered(const audit::proof& given) {
  auto decoded = eventstore::decode(given.stored);
  if (!decoded) return unexpected{decoded.error()};
  domain::event_record record;
  record.stream = given.stream;
  record.seq = given.seq;
  record.position = given.position;
  record.metadata = std::move(decoded->metadata);
  record.payload = std::move(decoded->payload);
  record.hash = eventstore::link(given.previous, given.stored);
  std::string text;
  gateway::render_event(text, record);
  return text;
}

/// Whether everything that the file shows of the event is so; a later release may know more of it.
bool says_the_same(const json& shown, const json& proven) {
  if (!shown.is_object() || !proven.is_object()) return false;
  return std::all_of(shown.items().begin(), shown.items().end(), [&](const auto& member) {
    const auto found = proven.find(member.key());
    return found != proven.end() && *found == member.value();
  });
}

result<audit::proven_by> proven_by(const prove_order& order) {
  if (order.key_file.empty() == order.anchor_file.empty())
    return unexpected{error{errc::invalid, "give --key to sign the log's head now, or --anchor to use an older one"}};
  if (!order.key_file.empty()) {
    auto key = audit::read_key(order.key_file);
    if (!key) return unexpected{key.error()};
    return audit::proven_by{std::move(*key)};
  }
  const auto text = read_file(order.anchor_file);
  if (!text) return unexpected{text.error()};
  auto taken = audit::parse_anchor(*text);
  if (!taken) return unexpected{error{errc::invalid, order.anchor_file + ": " + taken.error().detail}};
  return audit::proven_by{*taken};
}

int prove(const prove_order& order, std::ostream& out, std::ostream& err) {
  const auto fail = [&](const error& why) { return terminal::fail(why, order.json, out, err); };
  if (!domain::is_valid_id(order.execution))
    return fail({errc::invalid, "'" + order.execution + "' is not the id of an execution"});
  const auto by = proven_by(order);
  if (!by) return fail(by.error());
  const auto now = std::chrono::floor<domain::milliseconds>(std::chrono::system_clock::now());
  auto made = audit::prove(order.data_folder, archive_of(order.data_folder),
                           {domain::stream_kind::execution, order.execution}, order.seq, *by, now);
  if (!made) return fail(made.error());
  auto event = rendered(*made);
  if (!event) return fail(event.error());
  made->event = std::move(*event);
  // What is handed out has been checked as its reader will check it.
  if (const auto wrong = audit::fault_of(*made)) return fail({errc::corrupt, *wrong});
  const auto text = audit::to_json(*made);
  if (order.output.empty()) {
    out << text;
    return exit_done;
  }
  if (const auto written = write_new_file(order.output, text); !written) return fail(written.error());
  if (order.json)
    out << json{{"file", order.output}, {"position", made->position}}.dump(2, ' ', true, json::error_handler_t::replace)
        << '\n';
  return exit_done;
}

/// What a check comes to.
struct finding {
  std::string wrong;  ///< empty: it holds
  audit::anchor head;
  json event;
};

finding examine(const audit::proof& given) {
  finding found{.wrong = {}, .head = given.head, .event = nullptr};
  if (auto wrong = audit::fault_of(given)) {
    found.wrong = std::move(*wrong);
    return found;
  }
  const auto event = rendered(given);
  if (!event) {
    found.wrong = "the event is proven, but cannot be read: " + event.error().detail;
    return found;
  }
  found.event = json::parse(*event, nullptr, false);
  if (!says_the_same(json::parse(given.event, nullptr, false), found.event))
    found.wrong = "the file shows another event than the one that it proves, which is shown here";
  return found;
}

result<finding> examine(const std::string& text) {
  const auto given = audit::parse_proof(text);
  if (given) return examine(*given);
  const auto taken = audit::parse_anchor(text);
  if (!taken) {
    const bool is_anchor =
        text.find("planexe-anchor/") != std::string::npos && text.find("planexe-proof/") == std::string::npos;
    return unexpected{is_anchor ? taken.error() : given.error()};
  }
  return finding{is_genuine(*taken) ? "" : "the anchor's signature is wrong", *taken, nullptr};
}

void tell(const finding& found, bool known_signer, std::ostream& out) {
  if (!found.event.is_null()) out << found.event.dump(2, ' ', true, json::error_handler_t::replace) << '\n';
  if (!found.wrong.empty()) {
    out << "DOES NOT HOLD: " << terminal::printable(found.wrong) << '\n';
    return;
  }
  out << (found.event.is_null() ? "The anchor is genuine: " : "Proven: the event stood in the log ")
      << (found.event.is_null() ? "the log had " : "when it had ") << terminal::counted(found.head.position, "event")
      << ", " << domain::format_rfc3339(found.head.taken_at) << ", signed by " << audit::hex_of(found.head.signer)
      << '\n';
  if (!known_signer) out << "Whose key that is the file cannot tell; --public-key asks for a certain one.\n";
}

int check(const check_order& order, std::ostream& out, std::ostream& err) {
  const auto fail = [&](const error& why) { return terminal::fail(why, order.json, out, err); };
  const auto text = read_file(order.file);
  if (!text) return fail(text.error());
  auto found = examine(*text);
  if (!found) return fail({errc::invalid, order.file + ": " + found.error().detail});
  if (!order.public_key_file.empty()) {
    const auto expected = audit::read_public_key(order.public_key_file);
    if (!expected) return fail(expected.error());
    if (found->wrong.empty() && *expected != found->head.signer)
      found->wrong = "it is signed by " + audit::hex_of(found->head.signer) + ", not by " + audit::hex_of(*expected);
  }
  if (order.json) {
    json answer{{"holds", found->wrong.empty()},
                {"position", found->head.position},
                {"taken_at", domain::format_rfc3339(found->head.taken_at)},
                {"public_key", audit::hex_of(found->head.signer)},
                {"signer_known", !order.public_key_file.empty()}};
    if (!found->wrong.empty()) answer["problem"] = found->wrong;
    if (!found->event.is_null()) answer["event"] = found->event;
    out << answer.dump(2, ' ', true, json::error_handler_t::replace) << '\n';
  } else {
    tell(*found, !order.public_key_file.empty(), out);
  }
  return found->wrong.empty() ? exit_done : exit_problem;
}

template <class Run>
int guarded(bool as_json, std::ostream& out, std::ostream& err, Run run) {
  try {
    return run();
  } catch (const std::exception& unforeseen) {  // memory
    return terminal::fail({errc::io, unforeseen.what()}, as_json, out, err);
  }
}

}  // namespace

int run_prove(const prove_order& order, std::ostream& out, std::ostream& err) {
  return guarded(order.json, out, err, [&] { return prove(order, out, err); });
}

int run_check(const check_order& order, std::ostream& out, std::ostream& err) {
  return guarded(order.json, out, err, [&] { return check(order, out, err); });
}

int run_keygen(const std::string& file, std::ostream& out, std::ostream& err) {
  return guarded(false, out, err, [&] {
    const auto key = audit::draw_key();
    if (const auto written = audit::write_key(key, file); !written)
      return terminal::fail(written.error(), false, out, err);
    out << "private key in " << terminal::printable(file) << ", public key in " << terminal::printable(file)
        << ".pub: " << audit::hex_of(key.open) << '\n';
    return exit_done;
  });
}

}  // namespace planexe::auditing
