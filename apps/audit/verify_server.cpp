#include "apps/audit/verify_server.hpp"

#include <chrono>
#include <unordered_set>

#include "apps/audit/progress_line.hpp"
#include "apps/audit/verdict_text.hpp"
#include "apps/server_answers.hpp"
#include "apps/terminal/failure.hpp"
#include "apps/terminal/text.hpp"

namespace planexe::auditing {
namespace {

using answers::json;
using terminal::counted;
using terminal::grouped;

constexpr int exit_done = 0, exit_problem = 1;
constexpr std::chrono::seconds request_timeout{600};  // a long history is read as a whole before the answer
constexpr const char* unseen_key = "not_looked_at";   // in the JSON: why

void print_json(std::ostream& out, const json& value) {
  out << value.dump(2, ' ', true, json::error_handler_t::replace) << '\n';
}

bool is_whole(const json& found) {
  return fields::flag_in(found, "verified");
}

std::string line_of(const json& found) {
  const auto id = terminal::printable(fields::text_in(found, "execution_id"));
  const auto events = fields::count_in(found, "events");
  if (found.contains(unseen_key))
    return id + ": NOT LOOKED AT: " + terminal::printable(fields::text_in(found, unseen_key));
  if (is_whole(found)) return id + ": whole, " + counted(events, "event");
  const auto bad = fields::count_in(found, "first_bad_seq");
  return id + ": DAMAGED: " + (bad > 0 ? "event " + grouped(bad) + ": " : "") +
         terminal::printable(fields::text_in(found, "problem")) +
         "; what still stands: " + what_stands(fields::count_in(found, "stands_to"), events);
}

std::string path_of(const std::string& execution) {
  return "/api/executions/" + execution + "/audit";
}

/// All executions of a server, one after the other.
class round {
 public:
  round(demo::http_client client, progress_line& line, std::ostream* bad)
      : client_(std::move(client)), line_(line), bad_(bad) {}

  /// What has left the log for its archive is listed last: what leaves meanwhile stands in one of the two lists.
  result<void> go() {
    for (const bool archived : {false, true}) {
      std::string path = "/api/executions?limit=1000";
      if (archived) path += "&archived=true";
      while (!path.empty()) {
        const auto reply = client_.request("GET", path);
        const auto page = answers::body_of(reply);
        if (!page) return unexpected{page.error()};
        for (const auto& each : *page)
          if (auto looked = look_at(fields::text_in(each, "execution_id"), archived); !looked) return looked;
        path = answers::next_page(reply->link);
      }
    }
    return {};
  }

  const json& found() const { return found_; }
  bool is_well() const { return damaged_ + unseen_ == 0; }
  std::string sum() const {
    return counted(found_.size(), "execution") + ", " + grouped(archived_) + " of them archived, " +
           counted(events_, "event") + ", " + grouped(damaged_) + " damaged, " + grouped(unseen_) + " not looked at";
  }

 private:
  result<void> look_at(const std::string& id, bool archived) {
    if (!seen_.insert(id).second) return {};
    const auto reply = client_.request("GET", path_of(id));
    if (!reply) return unexpected{reply.error()};
    auto body = answers::body_of(reply);
    json found =
        body ? std::move(*body) : json{{"execution_id", id}, {"verified", false}, {unseen_key, body.error().detail}};
    if (archived) found["archived"] = true;
    archived_ += archived ? 1 : 0;
    events_ += fields::count_in(found, "events");
    line_.show(events_, events_);
    if (!is_whole(found)) {
      ++(body ? damaged_ : unseen_);
      if (bad_ != nullptr) *bad_ << line_of(found) << '\n';
    }
    found_.push_back(std::move(found));
    return {};
  }

  demo::http_client client_;
  progress_line& line_;
  std::ostream* bad_;  // where lines of what is not whole go; null: nowhere
  json found_ = json::array();
  std::unordered_set<std::string> seen_;
  std::uint64_t archived_ = 0, events_ = 0, damaged_ = 0, unseen_ = 0;
};

int verify_one(const verify_order& order, demo::http_client& client, std::ostream& out, std::ostream& err) {
  const auto found = answers::body_of(client.request("GET", path_of(order.what)));
  if (!found) return terminal::fail(found.error(), order.json, out, err);
  if (order.json)
    print_json(out, *found);
  else
    out << line_of(*found) << '\n';
  return is_whole(*found) ? exit_done : exit_problem;
}

}  // namespace

int verify_at_server(const verify_order& order, const look& shown, std::ostream& out, std::ostream& err) {
  const auto server = answers::server_at(order.url.empty() ? answers::usual_server : order.url);
  if (!server) return terminal::fail(server.error(), order.json, out, err);
  demo::http_client client{*server, request_timeout};
  if (!order.what.empty()) return verify_one(order, client, out, err);
  progress_line line(err, shown.width, shown.moves);
  round all(std::move(client), line, order.json ? nullptr : &out);
  if (const auto gone = all.go(); !gone) return terminal::fail(gone.error(), order.json, out, err);
  if (order.json)
    print_json(out, all.found());
  else
    out << all.sum() << ". Agents, plans and the log's own chain: verify --data-dir\n";
  return all.is_well() ? exit_done : exit_problem;
}

}  // namespace planexe::auditing
