// Logs from which streams have left for an archive.
#include "records/import.hpp"
#include "tests/eventstore/kept_archive.hpp"
#include "tests/records/shelf.hpp"

namespace planexe::records::testing {
namespace {

using eventstore::memory_store;
using eventstore::testing::kept_archive;

void copy_into(const eventstore::event_log& from, eventstore::event_log& to) {
  auto reader = record_reader::over(text_of(from));
  REQUIRE(reader);
  REQUIRE(append_all(*reader, to));
}

void retire(memory_store& log, kept_archive& archive, const domain::stream_id& stream) {
  const auto outcomes = eventstore::testing::append(log, {eventstore::testing::leaving(log, archive, stream)});
  REQUIRE(outcomes);
  REQUIRE(outcomes->front().committed);
}

}  // namespace

TEST_CASE("a whole log is exported with what has left it") {
  const auto source = noted_log(600);
  const auto archive = std::make_shared<kept_archive>();
  memory_store log{archive};
  copy_into(*source, log);
  retire(log, *archive, execution("n1"));
  retire(log, *archive, execution("n3"));
  const auto text = text_of(log);
  CHECK(text == text_of(*source));
  CHECK(text_of(log, execution("n1")) == text_of(*source, execution("n1")));
  const auto copy = load_text(text, as_api);
  REQUIRE(copy);
  CHECK((*copy)->head()->hash == source->head()->hash);
}

TEST_CASE("a log whose archive is not known is not exported with holes") {
  for (const auto* gone : {"n0", "n2", "n4"}) {
    const auto log = noted_log(600);
    kept_archive archive;
    retire(*log, archive, execution(gone));
    std::string text;
    const auto take = [&](const eventstore::stored_event& event) { return append_line(text, event, as_api); };
    const auto all = each_of_log(*log, take);
    REQUIRE_FALSE(all);
    CHECK(all.error().code == errc::archived);
    const auto one = each_of_stream(*log, execution(gone), 0, UINT64_MAX, take);
    REQUIRE_FALSE(one);
    CHECK(one.error().code == errc::archived);
  }
}

TEST_CASE("what is archived already is left alone and cannot be continued") {
  const auto source = noted_log(600);
  const auto archive = std::make_shared<kept_archive>();
  memory_store log{archive};
  copy_into(*source, log);
  retire(log, *archive, execution("n1"));
  const eventstore::testing::scratch_folder folder;
  const auto path = folder.path() + "/file";
  put(path, text_of(*source, execution("n1")));
  const auto same = import_file(path, as_api, log);
  REQUIRE_MESSAGE(same, same.error().detail);
  CHECK(same->new_events == 0);
  put(path, text_of(*source, execution("n1"), 5));
  CHECK(import_file(path, as_api, log));

  const auto version = source->head_of(execution("n1"))->version;
  REQUIRE(eventstore::testing::append(*source, {eventstore::testing::noting(execution("n1"), version, {"on"}),
                                                eventstore::testing::noting(execution("new"), 0, {"first"})}));
  put(path, text_of(*source));
  const auto longer = import_file(path, as_api, log);
  REQUIRE_FALSE(longer);
  CHECK(longer.error().detail == "execution n1 goes on in the file, and is archived in the data folder");
  CHECK(log.head()->position == 600);
}

}  // namespace planexe::records::testing
