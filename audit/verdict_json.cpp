// Verdicts as JSON, for programs.
#include <nlohmann/json.hpp>

#include "audit/stream_audit.hpp"
#include "audit/text_forms.hpp"
#include "audit/verify.hpp"

namespace planexe::audit {
namespace {

using json = nlohmann::ordered_json;

constexpr std::array kinds{"", "execution", "agent", "plan", "system"};

std::string text_of(const json& value) {
  return value.dump(-1, ' ', false, json::error_handler_t::replace);
}

json stream_json(const domain::stream_id& stream) {
  return {{"kind", kinds[static_cast<std::size_t>(stream.kind)]}, {"id", stream.id}};
}

json fault_json(const finding& found) {
  json object{{"in", found.in}, {"what", found.fault.what}};
  if (found.fault.stream) object["stream"] = stream_json(*found.fault.stream);
  if (found.fault.seq > 0) object["seq"] = found.fault.seq;
  if (found.fault.position > 0) object["position"] = found.fault.position;
  if (found.fault.unreached) object["unreached"] = true;
  return object;
}

const char* name_of(standing is) {
  switch (is) {
    case standing::equal:
      return "equal";
    case standing::differs:
      return "differs";
    case standing::absent:
      return "not stored";
    case standing::not_checked:
      return "not checked";
  }
  return "not checked";
}

json damaged_json(const std::vector<eventstore::damaged_stream>& damaged) {
  json all = json::array();
  for (const auto& each : damaged) {
    json object{{"stream", stream_json(each.stream)}, {"stands_to", each.stands_to}, {"events", each.version}};
    if (each.unreached) object["unreached"] = true;
    all.push_back(std::move(object));
  }
  return all;
}

json derived_json(const log_verdict& verdict) {
  json views = json::array();
  for (const auto& view : verdict.views) {
    json object{
        {"name", view.name}, {"standing", name_of(view.is)}, {"position", view.checkpoint}, {"rows", view.rows}};
    if (!view.detail.empty()) object["detail"] = view.detail;
    views.push_back(std::move(object));
  }
  const auto& snapshots = verdict.snapshots;
  return {{"views", std::move(views)},
          {"snapshots",
           {{"equal", snapshots.equal},
            {"differ", snapshots.differ},
            {"of_another_release", snapshots.of_another_release},
            {"not_checked", snapshots.not_checked}}}};
}

}  // namespace

std::string to_json(const stream_audit& found, const std::string& execution_id) {
  json object{{"execution_id", execution_id},
              {"events", found.events},
              {"head_hash", hex_of(found.head_hash)},
              {"verified", found.verified()},
              {"stands_to", found.stands_to}};
  if (found.first_bad_seq) object["first_bad_seq"] = *found.first_bad_seq;
  if (!found.verified()) object["problem"] = found.problem;
  if (found.snapshot_seq > 0) object["snapshot_seq"] = found.snapshot_seq;
  return text_of(object);
}

std::string to_json(const log_verdict& verdict) {
  json object{{"whole", verdict.whole()}};
  if (verdict.unopened) {
    object["unopened"] = verdict.unopened->detail;
    return text_of(object);
  }
  const auto& scan = verdict.scan;
  const double seconds = static_cast<double>(verdict.took.count()) / 1'000;
  object["events"] = scan.events;
  object["bytes"] = scan.bytes;
  object["position"] = scan.head.position;
  object["head_hash"] = hex_of(scan.head.hash);
  object["log_chain_holds"] = scan.chain_holds;
  object["streams"] = {{"executions", scan.streams[1]}, {"agents", scan.streams[2]},
                       {"plans", scan.streams[3]},      {"system", scan.streams[4]},
                       {"archived", scan.archived},     {"archived_not_read", scan.archived_unread}};
  object["damaged"] = damaged_json(scan.damaged);
  object.update(derived_json(verdict));
  if (verdict.erasure_to_finish) object["erasure_to_finish"] = true;
  if (verdict.tree) object["tree_root"] = hex_of(*verdict.tree);
  json findings = json::array();
  for (const auto& each : verdict.findings) findings.push_back(fault_json(each));
  if (!verdict.findings.empty()) object["first_bad"] = findings.front();
  object["findings"] = std::move(findings);
  object["findings_total"] = verdict.findings_total;
  object["seconds"] = seconds;
  if (seconds > 0) object["events_per_second"] = static_cast<std::uint64_t>(static_cast<double>(scan.events) / seconds);
  return text_of(object);
}

}  // namespace planexe::audit
