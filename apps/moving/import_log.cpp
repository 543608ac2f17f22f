#include "apps/moving/import_log.hpp"

#include <nlohmann/json.hpp>

#include <exception>
#include <filesystem>

#include "apps/named_file.hpp"
#include "apps/terminal/failure.hpp"
#include "apps/terminal/text.hpp"
#include "eventstore/hash_chain.hpp"
#include "eventstore/rocksdb_store.hpp"
#include "gateway/json/render_event.hpp"
#include "records/import.hpp"

#include "archive/archive_folder.hpp"

namespace planexe::moving {
namespace {

using json = nlohmann::ordered_json;

constexpr int exit_done = 0;
constexpr records::rendering as_api{gateway::event_rendering_version, gateway::render_event};

eventstore::rocksdb_settings with_archive(const std::string& folder) {
  return {.archive = std::make_shared<const archive::archive_folder>(archive::folder_in(folder))};
}

struct import_answer {
  records::import_sum sum;
  eventstore::log_head head;  ///< of the log afterwards
};

bool holds_data(const std::string& folder) {
  std::error_code ignored;
  return std::filesystem::exists(folder, ignored) && !std::filesystem::is_empty(folder, ignored);
}

result<import_answer> check_alone(const import_order& order) {
  std::unique_ptr<const eventstore::rocksdb_store> store;
  import_answer answer;
  if (holds_data(order.data_folder)) {
    auto opened = eventstore::rocksdb_store::open_to_read(order.data_folder, with_archive(order.data_folder));
    if (!opened) return unexpected{opened.error()};
    store = std::move(*opened);
    auto head = store->head();
    if (!head) return unexpected{head.error()};
    answer.head = *head;
  }
  auto sum = records::check_import(order.file, as_api, store.get());
  if (!sum) return unexpected{sum.error()};
  answer.sum = *sum;
  return answer;
}

result<import_answer> import_into(const import_order& order) {
  // A folder is made for a file that is right, and for no other.
  if (!holds_data(order.data_folder))
    if (const auto sum = records::check_import(order.file, as_api, nullptr); !sum) return unexpected{sum.error()};
  const auto store = eventstore::rocksdb_store::open(order.data_folder, with_archive(order.data_folder));
  if (!store) return unexpected{store.error()};
  auto sum = records::import_file(order.file, as_api, **store);
  if (!sum) return unexpected{sum.error()};
  auto head = (*store)->head();
  if (!head) return unexpected{head.error()};
  return import_answer{*sum, *head};
}

void say(const import_order& order, const import_answer& answer, std::ostream& out) {
  const auto& sum = answer.sum;
  if (order.json) {
    const json said{{"lines", sum.lines},
                    {"streams", sum.streams},
                    {"new_events", sum.new_events},
                    {"new_streams", sum.new_streams},
                    {"stored", !order.dry_run},
                    {"log_position", answer.head.position},
                    {"log_hash", eventstore::to_hex(answer.head.hash)}};
    out << said.dump(2) << '\n';
    return;
  }
  const auto known = sum.lines - sum.new_events;
  using terminal::counted;
  out << (order.dry_run ? "would import " : "imported ") << counted(sum.new_events, "event") << "; " << sum.new_streams
      << " of " << counted(sum.streams, "stream") << (sum.new_streams == 1 ? " is new" : " are new");
  if (known > 0) out << "; " << counted(known, "event was", "events were") << " there already";
  out << '\n';
  if (!order.dry_run)
    out << "the log ends at position " << answer.head.position << ", " << eventstore::to_hex(answer.head.hash) << '\n';
}

}  // namespace

int run_import_log(const import_order& order, std::ostream& out, std::ostream& err) {
  try {
    const auto answer = order.dry_run ? check_alone(order) : import_into(order);
    if (answer) {
      say(order, *answer, out);
      return exit_done;
    }
    // A wrong file is not a wrong request.
    const auto code = answer.error().code == errc::invalid ? errc::corrupt : answer.error().code;
    return terminal::fail({code, answers::in_file(order.file, answer.error().detail)}, order.json, out, err);
  } catch (const std::exception& unforeseen) {  // memory
    return terminal::fail({errc::io, unforeseen.what()}, order.json, out, err);
  }
}

}  // namespace planexe::moving
