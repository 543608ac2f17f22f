#include "apps/archive/archive_command.hpp"

#include <chrono>
#include <exception>
#include <filesystem>
#include <functional>

#include "apps/server_answers.hpp"
#include "apps/terminal/failure.hpp"
#include "apps/terminal/text.hpp"
#include "domain/execution_status.hpp"
#include "eventstore/each_stream.hpp"
#include "eventstore/rocksdb_store.hpp"
#include "gateway/json/render_archive.hpp"
#include "gateway/json/render_event.hpp"
#include "projections/replay.hpp"

#include "archive/archiving.hpp"

namespace planexe::archiving {
namespace {

using answers::json;
using fields::text_in;

constexpr int exit_done = 0;
constexpr std::chrono::seconds request_timeout{600};  // a large file is written and read back meanwhile
constexpr double longest_days = 36'500;
constexpr records::rendering as_api{gateway::event_rendering_version, gateway::render_event};

/// Is told of each that has been archived.
using archived_taker = std::function<void(json)>;

domain::timestamp wall_clock() {
  return std::chrono::floor<domain::milliseconds>(std::chrono::system_clock::now());
}

domain::milliseconds age_of(double days) {
  constexpr double hours_a_day = 24;
  return domain::hours(days * hours_a_day);
}

/// Of one that did not leave, which keeps no other from it.
struct left_behind {
  std::string execution;
  error why;
};

// In a data folder.

/// Those that are over and have been for so long, in the order in which they began. One that cannot be read is left
/// behind.
result<std::vector<domain::execution_id>> over_in(const eventstore::rocksdb_store& store, domain::milliseconds age,
                                                  domain::timestamp now, std::vector<left_behind>& stay) {
  std::vector<domain::execution_id> found;
  const auto looked = eventstore::each_stream(store, [&](const eventstore::listed_stream& each) -> result<void> {
    if (each.archived || each.stream.kind != domain::stream_kind::execution) return {};
    const domain::execution_id id{each.stream.id};
    const auto replayed = projections::replay_execution(store, store, id);
    if (!replayed) {
      stay.push_back({id.value, replayed.error()});
      return {};
    }
    const auto& ended = replayed->state.completed_at;
    if (ended && now - *ended >= age) found.push_back(id);
    return {};
  });
  if (!looked) return unexpected{looked.error()};
  return found;
}

json as_json(const domain::execution_archived& left, domain::timestamp at) {
  std::string text;
  gateway::json_writer writer(text);
  gateway::append_archived(writer, left, at);
  return json::parse(text);
}

result<void> archive_in_folder(const archive_order& order, const archived_taker& take, std::vector<left_behind>& stay) {
  std::error_code ignored;
  if (!std::filesystem::exists(order.data_folder, ignored))
    return unexpected{error{errc::not_found, "there is no data in '" + order.data_folder + "'"}};
  const auto folder = std::make_shared<const archive::archive_folder>(archive::folder_in(order.data_folder));
  const auto opened = eventstore::rocksdb_store::open(order.data_folder, {.archive = folder});
  if (!opened) {
    auto why = opened.error();
    if (why.code == errc::locked) why.detail += "; while it runs, ask it with --url and an operator's key";
    return unexpected{std::move(why)};
  }
  auto& store = **opened;
  std::vector<domain::execution_id> wanted{domain::execution_id{order.execution}};
  if (order.older_than_days) {
    auto found = over_in(store, age_of(*order.older_than_days), wall_clock(), stay);
    if (!found) return unexpected{found.error()};
    wanted = std::move(*found);
  }
  for (const auto& id : wanted) {
    const auto now = wall_clock();
    const auto left =
        archive::archive_execution(store, store, *folder, as_api, id, {.recorded_at = now, .actor = order.actor});
    if (left)
      take(as_json(*left, now));
    else
      stay.push_back({id.value, left.error()});
  }
  return store.reclaim();
}

// Through a server.

result<std::vector<std::string>> over_at(demo::http_client& client, domain::milliseconds age) {
  std::vector<std::string> found;
  const auto before = wall_clock() - age;
  for (const auto status :
       {domain::execution_status::completed, domain::execution_status::failed, domain::execution_status::cancelled})
    for (std::string path = "/api/executions?limit=1000&status=" + std::string(domain::name_of(status));
         !path.empty();) {
      const auto reply = client.request("GET", path);
      const auto page = answers::body_of(reply);
      if (!page) return unexpected{page.error()};
      for (const auto& each : *page) {
        const auto ended = domain::parse_rfc3339(text_in(each, "completed_at"));
        if (ended && *ended <= before) found.push_back(text_in(each, "execution_id"));
      }
      path = answers::next_page(reply->link);
    }
  return found;
}

/// Somebody else was quicker: the server itself, or the same command a second time.
bool has_left(demo::http_client& client, const std::string& id) {
  const auto body = answers::body_of(client.request("GET", "/api/executions/" + id));
  return body && fields::flag_in(*body, "archived");
}

/// Whether the others would be answered the same: nobody is there, or the key does not do.
bool is_for_all(const result<demo::http_reply>& reply) {
  return !reply || reply->status == 401 || reply->status == 403;
}

result<void> archive_at_server(const archive_order& order, const archived_taker& take, std::vector<left_behind>& stay) {
  const auto server = answers::server_at(order.url);
  if (!server) return unexpected{server.error()};
  demo::http_client client{*server, request_timeout};
  std::vector<std::string> wanted{order.execution};
  if (order.older_than_days) {
    auto found = over_at(client, age_of(*order.older_than_days));
    if (!found) return unexpected{found.error()};
    wanted = std::move(*found);
  }
  for (const auto& id : wanted) {
    const auto reply = client.request("POST", "/api/executions/" + id + "/archive");
    auto left = answers::body_of(reply);
    if (left) {
      take(std::move(*left));
      continue;
    }
    const bool is_done = order.older_than_days && left.error().code == errc::conflict && has_left(client, id);
    if (!is_done) stay.push_back({id, left.error()});
    if (is_for_all(reply)) break;
  }
  return {};
}

std::optional<std::string> wrong_in(const archive_order& order) {
  if (order.execution.empty() == !order.older_than_days) return "name an execution, or give --older-than DAYS";
  if (!order.execution.empty() && !domain::is_valid_id(order.execution))
    return "'" + order.execution + "' is not the id of an execution";
  if (order.older_than_days && !(*order.older_than_days >= 0 && *order.older_than_days <= longest_days))
    return "--older-than is a number of days from 0 to 36500";
  return std::nullopt;
}

/// The first of what went wrong, and how much more there is of it.
error sum_of(const std::vector<left_behind>& stay) {
  const auto& first = stay.front();
  const auto detail = "'" + first.execution + "': " + first.why.detail;
  if (stay.size() == 1) return {first.why.code, detail};
  return {first.why.code, terminal::counted(stay.size(), "execution") + " were not archived; the first, " + detail};
}

/// What has left meanwhile has left: the object tells of both.
int fail(const error& why, const std::vector<left_behind>& stay, json archived, bool as_json, std::ostream& out,
         std::ostream& err) {
  if (as_json) {
    auto told = terminal::failure_json(why);
    told["archived"] = std::move(archived);
    auto& failed = told["failed"] = json::array();
    for (const auto& each : stay) failed.push_back({{"execution_id", each.execution}, {"detail", each.why.detail}});
    out << told.dump(-1, ' ', true, json::error_handler_t::replace) << '\n';
  }
  if (stay.size() > 1)
    for (const auto& each : stay) err << terminal::printable("'" + each.execution + "': " + each.why.detail) << '\n';
  return terminal::fail(why, false, out, err);
}

}  // namespace

int run_archive(const archive_order& order, std::ostream& out, std::ostream& err) {
  const auto tell = [](std::ostream& to, std::string_view text) { to << terminal::printable(text) << '\n'; };
  try {
    if (const auto wrong = wrong_in(order)) return terminal::fail({errc::invalid, *wrong}, order.json, out, err);
    auto all = json::array();
    const archived_taker take = [&](json left) {
      if (!order.json)
        tell(out, text_in(left, "execution_id") + " archived: " + text_in(left, "status") + ", " +
                      terminal::counted(fields::count_in(left, "events"), "event") + ", " + text_in(left, "title"));
      all.push_back(std::move(left));
    };
    std::vector<left_behind> stay;
    const auto done =
        order.data_folder.empty() ? archive_at_server(order, take, stay) : archive_in_folder(order, take, stay);
    if (!done) return fail(done.error(), stay, std::move(all), order.json, out, err);
    if (!stay.empty()) return fail(sum_of(stay), stay, std::move(all), order.json, out, err);
    if (order.json) out << all.dump(2, ' ', true, json::error_handler_t::replace) << '\n';
    if (all.empty() && !order.json) tell(err, "nothing is old enough to be archived");
    return exit_done;
  } catch (const std::exception& unforeseen) {  // memory
    return terminal::fail({errc::io, unforeseen.what()}, order.json, out, err);
  }
}

}  // namespace planexe::archiving
