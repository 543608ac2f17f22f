#include "records/byte_source.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "eventstore/hash_chain.hpp"

namespace planexe::records {
namespace {

constexpr std::string_view zstd_magic = "\x28\xb5\x2f\xfd";
constexpr std::size_t chunk = std::size_t{128} << 10;  // bytes read at a time; about a block of zstd
// A line holds at most a plan of 64 MiB, in base64, and what is shown of it.
constexpr std::size_t longest_line = std::size_t{256} << 20;

unexpected<error> cannot_read(const std::string& path) {
  const errc code = errno == ENOENT ? errc::not_found : errc::io;
  return unexpected{error{code, "cannot read " + path + ": " + std::strerror(errno)}};
}

class file_source final : public byte_source {
 public:
  file_source(int file, std::string path) : file_(file), path_(std::move(path)) {}
  ~file_source() override { ::close(file_); }

  result<std::size_t> read(char* to, std::size_t size) override {
    while (true) {
      const ssize_t count = ::read(file_, to, size);
      if (count >= 0) return static_cast<std::size_t>(count);
      if (errno != EINTR) return cannot_read(path_);
    }
  }
  /// Of all that is in the file, wherever reading stands.
  result<domain::sha256_digest> digest() const {
    eventstore::running_sha256 running;
    std::string buffer(chunk, '\0');
    for (off_t at = 0;;) {
      const ssize_t count = ::pread(file_, buffer.data(), buffer.size(), at);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return cannot_read(path_);
      if (count == 0) return running.finish();
      running.take({buffer.data(), static_cast<std::size_t>(count)});
      at += count;
    }
  }
  /// What it begins with, for telling what it is.
  result<std::string> begin() const {
    std::string bytes(zstd_magic.size(), '\0');
    const ssize_t count = ::pread(file_, bytes.data(), bytes.size(), 0);
    if (count < 0) return cannot_read(path_);
    bytes.resize(static_cast<std::size_t>(count));
    return bytes;
  }

 private:
  int file_;
  std::string path_;
};

class text_source final : public byte_source {
 public:
  explicit text_source(std::string text) : text_(std::move(text)) {}
  result<std::size_t> read(char* to, std::size_t size) override {
    const std::size_t count = std::min(size, text_.size() - at_);
    text_.copy(to, count, at_);
    at_ += count;
    return count;
  }

 private:
  std::string text_;
  std::size_t at_ = 0;
};

struct free_stream {
  void operator()(ZSTD_DStream* stream) const { ZSTD_freeDStream(stream); }
};

class zstd_source final : public byte_source {
 public:
  explicit zstd_source(std::unique_ptr<byte_source> packed) : packed_(std::move(packed)), buffer_(chunk, '\0') {}

  result<std::size_t> read(char* to, std::size_t size) override {
    if (!stream_) return unexpected{error{errc::io, "no memory to decompress with"}};
    ZSTD_outBuffer out{to, size, 0};
    while (out.pos == 0 && out.size > 0) {
      if (in_.pos == in_.size) {
        auto count = packed_->read(buffer_.data(), buffer_.size());
        if (!count) return count;
        if (*count == 0 && within_frame_)
          return unexpected{error{errc::invalid, "the compressed data has been cut off"}};
        if (*count == 0) return std::size_t{0};
        in_ = {buffer_.data(), *count, 0};
      }
      const std::size_t left = ZSTD_decompressStream(stream_.get(), &out, &in_);
      if (ZSTD_isError(left) != 0)
        return unexpected{
            error{errc::invalid, std::string("the compressed data is damaged: ") + ZSTD_getErrorName(left)}};
      within_frame_ = left != 0;
    }
    return out.pos;
  }

 private:
  std::unique_ptr<byte_source> packed_;
  std::unique_ptr<ZSTD_DStream, free_stream> stream_{ZSTD_createDStream()};
  std::string buffer_;
  ZSTD_inBuffer in_{nullptr, 0, 0};
  bool within_frame_ = true;  // nothing at all is no frame
};

std::unique_ptr<byte_source> unpacked(std::unique_ptr<byte_source> bytes, std::string_view begin) {
  if (!begin.starts_with(zstd_magic)) return bytes;
  return std::make_unique<zstd_source>(std::move(bytes));
}

result<std::unique_ptr<file_source>> open_file(const std::string& path) {
  const int file = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file < 0) return cannot_read(path);
  auto bytes = std::make_unique<file_source>(file, path);
  struct stat about {};
  if (::fstat(file, &about) != 0) return cannot_read(path);
  if (!S_ISREG(about.st_mode)) return unexpected{error{errc::io, "cannot read " + path + ": it is not a file"}};
  return bytes;
}

result<std::unique_ptr<byte_source>> from_its_begin(std::unique_ptr<file_source> file) {
  const auto begin = file->begin();
  if (!begin) return unexpected{begin.error()};
  return unpacked(std::move(file), *begin);
}

}  // namespace

result<std::unique_ptr<byte_source>> open_source(const std::string& path) {
  auto file = open_file(path);
  if (!file) return unexpected{file.error()};
  return from_its_begin(std::move(*file));
}

result<std::unique_ptr<byte_source>> open_known_source(const std::string& path, const domain::sha256_digest& digest) {
  auto file = open_file(path);
  if (!file) return unexpected{file.error()};
  const auto found = (*file)->digest();
  if (!found) return unexpected{found.error()};
  if (*found != digest) return unexpected{error{errc::corrupt, path + " is not the file that was written"}};
  return from_its_begin(std::move(*file));
}

result<std::unique_ptr<byte_source>> source_over(std::string text) {
  const std::string begin = text.substr(0, zstd_magic.size());
  return unpacked(std::make_unique<text_source>(std::move(text)), begin);
}

result<std::optional<std::string_view>> line_source::next() {
  ++line_;  // also of one that cannot be read to its end
  std::size_t searched = begin_;
  while (true) {
    const auto* found = searched == end_ ? nullptr : std::memchr(buffer_.data() + searched, '\n', end_ - searched);
    if (found != nullptr) {
      const auto length = static_cast<std::size_t>(static_cast<const char*>(found) - buffer_.data()) - begin_;
      const std::string_view line(buffer_.data() + begin_, length);
      begin_ += length + 1;
      return std::optional{line};
    }
    searched = end_ - begin_;
    std::memmove(buffer_.data(), buffer_.data() + begin_, searched);
    begin_ = 0;
    end_ = searched;
    if (end_ > longest_line) return unexpected{error{errc::too_large, "it is longer than 256 MiB"}};
    if (buffer_.size() < end_ + chunk) buffer_.resize(std::max(end_ + chunk, 2 * end_));
    auto count = bytes_->read(buffer_.data() + end_, buffer_.size() - end_);
    if (!count) return unexpected{count.error()};
    if (*count == 0 && end_ == 0) {
      --line_;
      return std::optional<std::string_view>{};
    }
    if (*count == 0) return unexpected{error{errc::invalid, "it has been cut off: its end is missing"}};
    end_ += *count;
  }
}

}  // namespace planexe::records
