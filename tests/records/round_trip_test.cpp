// Out of a log and in again: the same bytes, the same hashes, the same head.
#include <sys/stat.h>

#include <future>

#include "records/export.hpp"
#include "records/import.hpp"
#include "records/load.hpp"
#include "records/writer.hpp"
#include "tests/eventstore/persons.hpp"
#include "tests/records/shelf.hpp"

namespace planexe::records::testing {
namespace {

using eventstore::testing::scratch_folder;

std::string write_file(const std::string& path, const eventstore::event_log& log, const writing& how) {
  auto writer = record_writer::create(path, how);
  REQUIRE(writer);
  REQUIRE(each_of_log(log, [&](const auto& event) { return writer->write(event); }));
  const auto written = writer->finish();
  REQUIRE(written);
  const auto digest = digest_of_file(path);
  REQUIRE(digest);
  CHECK(*digest == written->digest);
  const auto content = content_of(path);
  CHECK(written->bytes == content.size());
  return content;
}

void check_same_log(const eventstore::event_log& a, const eventstore::event_log& b) {
  const auto head = a.head(), other = b.head();
  REQUIRE(head);
  REQUIRE(other);
  CHECK(head->position == other->position);
  CHECK(head->hash == other->hash);
  const auto streams = a.list_streams(0, SIZE_MAX), others = b.list_streams(0, SIZE_MAX);
  REQUIRE(streams->size() == others->size());
  for (std::size_t i = 0; i < streams->size(); ++i) {
    const auto& stream = (*streams)[i].stream;
    CHECK(stream == (*others)[i].stream);
    CHECK(*a.read_stored(stream, 0, SIZE_MAX) == *b.read_stored(stream, 0, SIZE_MAX));
  }
}

}  // namespace

TEST_CASE("a whole log goes out and in again with the same text and the same head") {
  for (std::uint64_t seed = 1; seed <= tests::walks(12); ++seed) {
    INFO("seed ", seed);
    const auto source = chance_log(seed);
    const auto text = text_of(source->log);
    const auto copy = load_text(text, as_api);
    REQUIRE_MESSAGE(copy, copy.error().detail);
    check_same_log(source->log, **copy);
    CHECK(text_of(**copy) == text);
  }
}

TEST_CASE("a log longer than what is read at once goes out and in again") {
  const auto source = noted_log(1'700);
  const auto copy = load_text(text_of(*source), as_api);
  REQUIRE_MESSAGE(copy, copy.error().detail);
  check_same_log(*source, **copy);
}

TEST_CASE("what persons wrote goes out sealed, and in again as it was") {
  using namespace eventstore::testing;
  on_disk source, copy;
  register_agent(*source.store, "ann", domain::agent_kind::human);
  create_key(*source.store, "Cora Miller", "system");
  say(*source.store, execution("e1"), "Cora Miller", blocked("the bakery is closed"));
  const auto text = text_of(*source.store);
  for (const auto* words : {"Ann Baker", "Cora", "bakery"}) CHECK(text.find(words) == std::string::npos);
  CHECK(text.find("[sealed]") != std::string::npos);
  put(source.folder.path() + "/log.jsonl", text);
  REQUIRE(import_file(source.folder.path() + "/log.jsonl", as_api, *copy.store));
  copy.reopen();
  check_same_log(*source.store, *copy.store);
  CHECK(text_of(*copy.store) == text);
  CHECK(reason_of(*copy.store, execution("e1"), 1) == "[sealed]");
  erase_subject(*source.store, "Cora Miller");
  CHECK(text_of(*source.store, execution("e1")) == text_of(*copy.store, execution("e1")));
}

TEST_CASE("a log on disk takes a file and gives the same file back") {
  const scratch_folder folder;
  const auto source = chance_log(3, 400);
  const std::string plain = folder.path() + "/all.jsonl", packed = folder.path() + "/all.jsonl.zst";
  const auto text = write_file(plain, source->log, {.shown = as_api});
  const auto bytes = write_file(packed, source->log, {.shown = as_api, .packed = packing::zstd});
  CHECK(text == text_of(source->log));
  CHECK(bytes.size() < text.size() / 2);
  for (const auto& file : {plain, packed}) {
    const scratch_folder target;
    const auto store = eventstore::testing::open_store(target.data(), eventstore::testing::spared_disk());
    const auto sum = import_file(file, as_api, *store);
    REQUIRE_MESSAGE(sum, sum.error().detail);
    CHECK(sum->new_events == source->log.head()->position);
    CHECK(sum->lines == sum->new_events);
    check_same_log(source->log, *store);
    CHECK(write_file(folder.path() + "/again", *store, {.shown = as_api}) == text);
    CHECK(write_file(folder.path() + "/again", *store, {.shown = as_api, .packed = packing::zstd}) == bytes);
  }
}

TEST_CASE("one stream alone goes out and in again and up to any seq") {
  const auto source = noted_log(1'700);
  const auto head = source->head_of(execution("n0"));
  REQUIRE(head->version > 300);
  for (const std::uint64_t last :
       {std::uint64_t{1}, std::uint64_t{17}, std::uint64_t{256}, std::uint64_t{257}, head->version, UINT64_MAX}) {
    const auto text = text_of(*source, execution("n0"), last);
    const auto copy = load_text(text, as_api);
    REQUIRE_MESSAGE(copy, copy.error().detail);
    CHECK((*copy)->head_of(execution("n0"))->version == std::min(last, head->version));
    CHECK(text_of(**copy, execution("n0")) == text);
  }
}

TEST_CASE("positions in the log are kept where they are asked for") {
  const auto source = chance_log(2);
  const scratch_folder folder;
  const auto path = folder.path() + "/archive.jsonl.zst";
  auto writer = record_writer::create(path, {.shown = as_api, .packed = packing::zstd, .placed = positions::written});
  REQUIRE(writer);
  REQUIRE(each_of_stream(source->log, execution("e1"), 0, UINT64_MAX,
                         [&](const auto& event) { return writer->write(event); }));
  REQUIRE(writer->finish());
  auto reader = record_reader::open(path, {.shown = as_api, .stands_at = {}});
  REQUIRE(reader);
  const auto kept = source->log.read_stored(execution("e1"), 0, SIZE_MAX);
  for (const auto& event : *kept) {
    const auto read = reader->next();
    REQUIRE_MESSAGE(read, read.error().detail);
    REQUIRE(*read);
    CHECK((*read)->stored == event);
  }
  CHECK_FALSE(reader->next()->has_value());
  CHECK(reader->line() == kept->size());
}

TEST_CASE("what came later is loaded behind what is there") {
  const auto source = chance_log(4, 200);
  const auto lines = lines_of(text_of(source->log));
  const auto middle = static_cast<std::ptrdiff_t>(lines.size() / 2);
  const auto copy = load_text(joined({lines.begin(), lines.begin() + middle}), as_api);
  REQUIRE(copy);
  const auto rest = joined({lines.begin() + middle, lines.end()});
  CHECK_FALSE(load_text(rest, as_api));
  const auto more = load_more(rest, **copy, as_api);
  REQUIRE_MESSAGE(more, more.error().detail);
  CHECK(*more == lines.size() - lines.size() / 2);
  check_same_log(source->log, **copy);
  CHECK_FALSE(load_more(rest, **copy, as_api));
}

TEST_CASE("a file that is given up leaves nothing and one that is finished is its owner's alone") {
  const scratch_folder folder;
  const auto path = folder.path() + "/file";
  const auto source = chance_log(1);
  put(path, "before");
  {
    auto writer = record_writer::create(path, {.shown = as_api});
    REQUIRE(writer);
    REQUIRE(each_of_log(source->log, [&](const auto& event) { return writer->write(event); }));
  }
  CHECK(content_of(path) == "before");
  CHECK_FALSE(std::filesystem::exists(path + ".part"));
  CHECK(write_file(path, source->log, {.shown = as_api}) == text_of(source->log));
  struct stat about {};
  REQUIRE(::stat(path.c_str(), &about) == 0);
  CHECK((about.st_mode & 0777) == 0600);
  CHECK_FALSE(record_writer::create(folder.path() + "/nowhere/file", {.shown = as_api}));
}

TEST_CASE("what somebody names is not replaced where it is there and is written through where it is no file") {
  const scratch_folder folder;
  const auto source = chance_log(1);
  const auto text = text_of(source->log);
  const auto create = [](const std::string& path) {
    return record_writer::create(path, {.shown = as_api, .before = standing::kept});
  };
  const auto give = [&](record_writer& writer) {
    REQUIRE(each_of_log(source->log, [&](const auto& event) { return writer.write(event); }));
    return writer.finish();
  };
  const auto path = folder.path() + "/file", nowhere = folder.path() + "/nowhere", pipe = folder.path() + "/pipe";
  put(path, "mine");
  std::filesystem::create_symlink(nowhere, folder.path() + "/link");
  for (const auto& name : {path, folder.path() + "/link", folder.path()}) {
    const auto refused = create(name);
    REQUIRE_FALSE(refused);
    CHECK(refused.error().code == errc::conflict);
    CHECK(refused.error().detail == name + " is there already");
  }
  CHECK(content_of(path) == "mine");
  CHECK_FALSE(std::filesystem::exists(nowhere));

  auto late = create(nowhere);
  REQUIRE(late);
  put(nowhere, "came first");
  CHECK(give(*late).error().code == errc::conflict);
  CHECK(content_of(nowhere) == "came first");

  REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
  auto reading = std::async(std::launch::async, [&] { return content_of(pipe); });
  {
    auto through = create(pipe);
    REQUIRE_MESSAGE(through, through.error().detail);
    const auto written = give(*through);
    REQUIRE_MESSAGE(written, written.error().detail);
    CHECK(written->bytes == text.size());
  }
  CHECK(reading.get() == text);
  CHECK(std::filesystem::is_fifo(pipe));
  CHECK_FALSE(std::filesystem::exists(pipe + ".part"));
}

}  // namespace planexe::records::testing
