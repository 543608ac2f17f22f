#include "records/writer.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

namespace planexe::records {
namespace {

constexpr std::size_t write_at_once = std::size_t{256} << 10;  // bytes of lines gathered before they are written
constexpr int compression = 3;  // zstd's own default: hundreds of MB a second, a fifth to a tenth of the size

unexpected<error> cannot(const char* what, const std::string& path) {
  return unexpected{error{errc::io, std::string("cannot ") + what + " " + path + ": " + std::strerror(errno)}};
}

struct free_context {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
  void operator()(ZSTD_CStream* stream) const { ZSTD_freeCStream(stream); }
};

class running_digest {
 public:
  running_digest() : context_(EVP_MD_CTX_new()) {
    if (!context_ || EVP_DigestInit_ex(context_.get(), EVP_sha256(), nullptr) != 1) std::abort();
  }
  void add(std::string_view bytes) {
    if (EVP_DigestUpdate(context_.get(), bytes.data(), bytes.size()) != 1) std::abort();
  }
  domain::sha256_digest finish() {
    domain::sha256_digest digest;
    if (EVP_DigestFinal_ex(context_.get(), digest.data(), nullptr) != 1) std::abort();
    return digest;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, free_context> context_;
};

/// A descriptor that closes itself.
class open_file {
 public:
  explicit open_file(int descriptor) : descriptor_(descriptor) {}
  open_file(const open_file&) = delete;
  open_file& operator=(const open_file&) = delete;
  ~open_file() { close(); }
  int get() const { return descriptor_; }
  bool close() { return descriptor_ < 0 || ::close(std::exchange(descriptor_, -1)) == 0; }

 private:
  int descriptor_;
};

result<void> sync_folder_of(const std::string& path) {
  auto folder = std::filesystem::path(path).parent_path().string();
  if (folder.empty()) folder = ".";
  const open_file opened(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (opened.get() < 0 || ::fsync(opened.get()) != 0) return cannot("sync the folder", folder);
  return {};
}

unexpected<error> there_already(const std::string& path) {
  return unexpected{error{errc::conflict, path + " is there already"}};
}

/// A device, a pipe or a socket: what cannot be replaced by a file, and is not meant to be.
bool is_written_through(const std::string& path) {
  struct stat about {};
  return ::stat(path.c_str(), &about) == 0 && !S_ISREG(about.st_mode) && !S_ISDIR(about.st_mode);
}

bool is_there(const std::string& path) {
  struct stat about {};
  return ::lstat(path.c_str(), &about) == 0;
}

/// Gives a file its name, unless something has it. Not every disk can say both at once.
result<void> name_anew(const std::string& part, const std::string& path) {
  if (::renameat2(AT_FDCWD, part.c_str(), AT_FDCWD, path.c_str(), RENAME_NOREPLACE) == 0) return {};
  if (errno != EINVAL && errno != ENOSYS && errno != EEXIST) return cannot("write", path);
  if (errno == EEXIST || is_there(path)) return there_already(path);
  if (std::rename(part.c_str(), path.c_str()) != 0) return cannot("write", path);
  return {};
}

}  // namespace

struct record_writer::impl {
  impl(int descriptor, std::string where, const writing& options, bool is_device)
      : path(std::move(where)), how(options), through(is_device), file(descriptor) {}
  impl(const impl&) = delete;
  impl& operator=(const impl&) = delete;
  ~impl() {
    if (!finished && !through) ::unlink(part().c_str());
  }

  std::string part() const { return through ? path : path + ".part"; }
  result<void> name_it() const;
  result<void> start();
  result<void> flush(bool last);
  result<void> put(std::string_view bytes);

  std::string path;
  writing how;
  bool through;  // there is nothing to be named
  open_file file;
  std::unique_ptr<ZSTD_CStream, free_context> packer;
  std::string gathered, packed;
  running_digest digest;
  written_file about;
  bool finished = false;
};

record_writer::record_writer(std::unique_ptr<impl> content) : impl_(std::move(content)) {}
record_writer::record_writer(record_writer&&) noexcept = default;
record_writer& record_writer::operator=(record_writer&&) noexcept = default;
record_writer::~record_writer() = default;

result<record_writer> record_writer::create(const std::string& path, const writing& how) {
  constexpr int for_its_owner = 0600;
  const bool keeps = how.before == standing::kept, through = keeps && is_written_through(path);
  if (keeps && !through && is_there(path)) return there_already(path);
  const std::string part = through ? path : path + ".part";
  const int made = through ? O_NOCTTY : O_CREAT | O_TRUNC | O_NOFOLLOW;
  const int file = ::open(part.c_str(), O_WRONLY | O_CLOEXEC | made, for_its_owner);
  if (file < 0) return cannot("write", part);
  auto content = std::make_unique<impl>(file, path, how, through);
  if (auto started = content->start(); !started) return unexpected{started.error()};
  return record_writer{std::move(content)};
}

result<void> record_writer::impl::start() {
  if (how.packed == packing::plain) return {};
  packer.reset(ZSTD_createCStream());
  if (!packer || ZSTD_isError(ZSTD_CCtx_setParameter(packer.get(), ZSTD_c_compressionLevel, compression)) != 0 ||
      ZSTD_isError(ZSTD_CCtx_setParameter(packer.get(), ZSTD_c_checksumFlag, 1)) != 0)
    return unexpected{error{errc::io, "cannot compress " + path}};
  packed.resize(ZSTD_CStreamOutSize());
  return {};
}

result<void> record_writer::write(const eventstore::stored_event& event) {
  auto& gathered = impl_->gathered;
  if (auto appended = append_line(gathered, event, impl_->how.shown, impl_->how.placed); !appended) return appended;
  ++impl_->about.events;
  return gathered.size() < write_at_once ? result<void>{} : impl_->flush(false);
}

result<void> record_writer::impl::flush(bool last) {
  if (!packer) {
    auto written = put(gathered);
    gathered.clear();
    return written;
  }
  ZSTD_inBuffer in{gathered.data(), gathered.size(), 0};
  std::size_t left = 1;
  while (in.pos < in.size || (last && left != 0)) {
    ZSTD_outBuffer out{packed.data(), packed.size(), 0};
    left = ZSTD_compressStream2(packer.get(), &out, &in, last ? ZSTD_e_end : ZSTD_e_continue);
    if (ZSTD_isError(left) != 0)
      return unexpected{error{errc::io, "cannot compress " + path + ": " + ZSTD_getErrorName(left)}};
    if (auto written = put({packed.data(), out.pos}); !written) return written;
  }
  gathered.clear();
  return {};
}

result<void> record_writer::impl::put(std::string_view bytes) {
  digest.add(bytes);
  about.bytes += bytes.size();
  while (!bytes.empty()) {
    const ssize_t count = ::write(file.get(), bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return cannot("write", part());
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

result<written_file> record_writer::finish() {
  auto& content = *impl_;
  if (auto flushed = content.flush(true); !flushed) return unexpected{flushed.error()};
  const bool synced = ::fsync(content.file.get()) == 0 || (content.through && errno == EINVAL);  // a pipe keeps nothing
  if (!synced || !content.file.close()) return cannot("write", content.part());
  if (auto named = content.name_it(); !named) return unexpected{named.error()};
  content.finished = true;
  content.about.digest = content.digest.finish();
  return content.about;
}

result<void> record_writer::impl::name_it() const {
  if (through) return {};
  if (how.before == standing::kept) {
    if (auto named = name_anew(part(), path); !named) return named;
  } else if (std::rename(part().c_str(), path.c_str()) != 0) {
    return cannot("write", path);
  }
  return sync_folder_of(path);
}

result<domain::sha256_digest> digest_of_file(const std::string& path) {
  const open_file file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (file.get() < 0) return cannot("read", path);
  running_digest digest;
  std::string buffer(write_at_once, '\0');
  while (true) {
    const ssize_t count = ::read(file.get(), buffer.data(), buffer.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return cannot("read", path);
    if (count == 0) return digest.finish();
    digest.add({buffer.data(), static_cast<std::size_t>(count)});
  }
}

}  // namespace planexe::records
