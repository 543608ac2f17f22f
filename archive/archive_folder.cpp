#include "archive/archive_folder.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>

#include "eventstore/archive_place.hpp"
#include "records/export.hpp"
#include "records/reader.hpp"

namespace planexe::archive {
namespace {

using eventstore::archived_stream;
using eventstore::stored_event;

// What is read of a file at once, and kept together: few enough bytes that pieces of many streams are kept side by side
// where the events are large.
constexpr std::size_t piece_events = 500;
constexpr std::size_t piece_bytes = std::size_t{1} << 20;
constexpr std::size_t most_kept_bytes = std::size_t{32} << 20;  // of events that were read lately
constexpr std::size_t most_open = 16;                           // each has some 3 MB to unpack with
constexpr std::size_t bytes_beside = 128;                       // of an event in memory, beside its stored ones

std::string name_of(const domain::stream_id& stream) {
  return stream.kind == domain::stream_kind::execution ? "execution " + stream.id : "stream " + stream.id;
}

/// What is wrong with a file is damage of the log, whatever the reader of record files calls it.
error in_file(const std::string& file, error why) {
  if (why.code == errc::invalid) why.code = errc::corrupt;
  why.detail = "the archive file " + file + ": " + why.detail;
  return why;
}

result<void> sync_folder(const std::string& folder) {
  const int opened = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  const bool synced = opened >= 0 && ::fsync(opened) == 0;
  const int why = errno;
  if (opened >= 0) ::close(opened);
  if (synced) return {};
  return unexpected{error{errc::io, "cannot sync the folder " + folder + ": " + std::strerror(why)}};
}

}  // namespace

std::string folder_in(const std::string& data_folder) {
  return eventstore::archive_folder_in(data_folder);
}

std::string archive_folder::file_of(const domain::stream_id& stream) const {
  return path_ + "/" + eventstore::archive_file_name(stream);
}

result<void> archive_folder::make() const {
  std::error_code failed;
  const bool made = std::filesystem::create_directory(path_, failed);
  if (failed) return unexpected{error{errc::io, "cannot make the archive folder " + path_ + ": " + failed.message()}};
  if (!made && lasts_) return {};
  // Also of one that was found: who made it may have ended before this.
  const auto parent = std::filesystem::path(path_).parent_path().string();
  auto synced = sync_folder(parent.empty() ? "." : parent);
  lasts_ = synced.has_value();
  return synced;
}

result<records::written_file> archive_folder::write(const eventstore::event_log& log, const domain::stream_id& stream,
                                                    const records::rendering& shown) const {
  if (stream.kind != domain::stream_kind::execution || !domain::is_valid_id(stream.id))
    return unexpected{error{errc::invalid, name_of(stream) + " cannot be archived"}};
  if (auto made = make(); !made) return unexpected{made.error()};
  auto writer = records::record_writer::create(
      file_of(stream), {.shown = shown, .packed = records::packing::zstd, .placed = records::positions::written});
  if (!writer) return unexpected{writer.error()};
  const auto given = records::each_of_stream(log, stream, 0, UINT64_MAX,
                                             [&](const stored_event& event) { return writer->write(event); });
  if (!given) return unexpected{given.error()};
  auto written = writer->finish();
  if (!written) return written;
  if (auto equal = compare(log, stream, shown, *written); !equal) return unexpected{equal.error()};
  return written;
}

/// Reads the file as it lies there, every check on, and compares each event with the log's.
result<void> archive_folder::compare(const eventstore::event_log& log, const domain::stream_id& stream,
                                     const records::rendering& shown, const records::written_file& written) const {
  const auto file = file_of(stream);
  const auto wrong = [&file](const std::string& what) {
    return unexpected{error{errc::io, "the archive file " + file + " was not written as it should be: " + what}};
  };
  const auto digest = records::digest_of_file(file);
  if (!digest) return unexpected{digest.error()};
  if (*digest != written.digest) return wrong("it is another file");
  auto reader = records::record_reader::open(file, {.shown = shown, .stands_at = {}});
  if (!reader) return unexpected{in_file(file, reader.error())};
  const auto compared =
      records::each_of_stream(log, stream, 0, UINT64_MAX, [&](const stored_event& event) -> result<void> {
        const auto read = reader->next();
        if (!read) return unexpected{in_file(file, read.error())};
        if (!*read || (*read)->stored != event) return wrong("seq " + std::to_string(event.seq));
        return {};
      });
  if (!compared) return unexpected{compared.error()};
  const auto end = reader->next();
  if (!end) return unexpected{in_file(file, end.error())};
  return *end ? wrong("it has more events than the log") : result<void>{};
}

error archive_folder::unreadable(const domain::stream_id& stream, const error& why) const {
  const auto file = file_of(stream);
  if (why.code == errc::corrupt)
    return {errc::corrupt, "the archive file " + file + " is not the one that was written"};
  std::error_code failed;
  if (std::filesystem::exists(file, failed)) return in_file(file, why);
  if (failed) return {errc::io, "cannot read the archive file " + file + ": " + failed.message()};
  return {errc::not_found, name_of(stream) + " is archived, and its file " + file + " is missing"};
}

result<void> archive_folder::check(const archived_stream& wanted) const {
  auto file = records::known_file::open(file_of(wanted.stream), wanted.entry.file_digest);
  if (!file) return unexpected{unreadable(wanted.stream, file.error())};
  return {};
}

// Reading.

result<std::vector<stored_event>> archive_folder::read(const archived_stream& wanted, std::uint64_t after_seq,
                                                       eventstore::read_limit limit) const {
  std::vector<stored_event> found;
  if (!domain::is_valid_id(wanted.stream.id))
    return unexpected{error{errc::not_found, name_of(wanted.stream) + " cannot have been archived"}};
  const std::lock_guard lock(mutex_);
  const auto look = look_at(file_of(wanted.stream));
  forget_others(wanted.stream, look);
  if (!look) return unexpected{unreadable(wanted.stream, error{errc::not_found, {}})};
  eventstore::read_budget budget(limit);
  for (auto seq = after_seq; seq < wanted.head.version && !budget.spent();) {
    const auto some = piece_with(wanted, *look, seq);
    if (!some) return unexpected{some.error()};
    if (some->content == nullptr) break;  // the file ends here; the log finds that it should not
    for (; seq < some->end() && seq < wanted.head.version && !budget.spent(); ++seq) {
      const auto& event = (*some->content)[static_cast<std::size_t>(seq - some->after)];
      budget.take(event.bytes.size());
      found.push_back(event);
    }
  }
  return found;
}

std::optional<archive_folder::file_look> archive_folder::look_at(const std::string& file) {
  struct stat seen {};
  if (::stat(file.c_str(), &seen) != 0) return std::nullopt;
  constexpr std::int64_t second = 1'000'000'000;
  return file_look{seen.st_dev, seen.st_ino, static_cast<std::uint64_t>(seen.st_size),
                   seen.st_mtim.tv_sec * second + seen.st_mtim.tv_nsec};
}

/// What was read of a stream's file while it looked otherwise: nobody is told of a file that is not there any more.
void archive_folder::forget_others(const domain::stream_id& stream, const std::optional<file_look>& than) const {
  const auto is_other = [&](const auto& each) { return each.stream == stream && each.look != than; };
  std::erase_if(open_, is_other);
  std::erase_if(kept_, [&](const kept_piece& each) {
    if (!is_other(each)) return false;
    kept_bytes_ -= each.bytes;
    return true;
  });
}

/// The piece with the event after `seq`; without content where the file has none.
result<archive_folder::piece> archive_folder::piece_with(const archived_stream& wanted, const file_look& look,
                                                         std::uint64_t seq) const {
  if (const auto known = kept(wanted.stream, seq); known != kept_.end()) {
    kept_.splice(kept_.begin(), kept_, known);
    return known->what;
  }
  auto file = take_open(wanted, look, seq);
  if (!file) return unexpected{file.error()};
  while (!file->ended) {
    auto next = read_piece(*file);
    if (!next) return next;
    if (next->content->empty()) break;
    keep(wanted.stream, look, *next);
    if (seq >= next->end()) continue;
    if (!file->ended) {
      open_.push_front(std::move(*file));
      if (open_.size() > most_open) open_.pop_back();
    }
    return next;
  }
  return piece{};
}

/// A file of the stream that stands at the event or before it; whoever takes it gives it back where it can be read on.
result<archive_folder::open_file> archive_folder::take_open(const archived_stream& wanted, const file_look& look,
                                                            std::uint64_t seq) const {
  const auto known = std::find_if(open_.begin(), open_.end(), [&](const open_file& each) {
    return each.stream == wanted.stream && each.passed <= seq;
  });
  if (known != open_.end()) {
    auto file = std::move(*known);
    open_.erase(known);
    return file;
  }
  auto reader = records::known_file::open(file_of(wanted.stream), wanted.entry.file_digest);
  if (!reader) return unexpected{unreadable(wanted.stream, reader.error())};
  return open_file{wanted.stream, look, 0, false, std::move(*reader)};
}

result<archive_folder::piece> archive_folder::read_piece(open_file& file) const {
  auto content = std::make_shared<events>();
  eventstore::read_budget room({piece_events, piece_bytes});
  while (!room.spent() && !file.ended) {
    auto next = file.reader.next();
    if (!next) return unexpected{in_file(file_of(file.stream), next.error())};
    file.ended = !*next;
    if (file.ended) break;
    room.take((*next)->bytes.size());
    content->push_back(std::move(**next));
  }
  const auto after = file.passed;
  file.passed += content->size();
  return piece{after, std::move(content)};
}

std::list<archive_folder::kept_piece>::iterator archive_folder::kept(const domain::stream_id& stream,
                                                                     std::uint64_t seq) const {
  return std::find_if(kept_.begin(), kept_.end(), [&](const kept_piece& each) {
    return each.what.after <= seq && seq < each.what.end() && each.stream == stream;
  });
}

void archive_folder::keep(const domain::stream_id& stream, const file_look& look, const piece& fresh) const {
  // A file that is opened again is passed from its begin, over pieces that may be kept still.
  if (kept(stream, fresh.after) != kept_.end()) return;
  std::size_t bytes = 0;
  for (const auto& event : *fresh.content) bytes += event.bytes.size() + bytes_beside;
  kept_bytes_ += bytes;
  kept_.push_front({stream, look, fresh, bytes});
  while (kept_bytes_ > most_kept_bytes && kept_.size() > 1) {
    kept_bytes_ -= kept_.back().bytes;
    kept_.pop_back();
  }
}

}  // namespace planexe::archive
