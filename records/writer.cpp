#include "records/writer.hpp"

#include <fcntl.h>
#include <openssl/evp.h>
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

}  // namespace

struct record_writer::impl {
  impl(int descriptor, std::string where, const writing& options)
      : path(std::move(where)), how(options), file(descriptor) {}
  impl(const impl&) = delete;
  impl& operator=(const impl&) = delete;
  ~impl() {
    if (!finished) ::unlink(part().c_str());
  }

  std::string part() const { return path + ".part"; }
  result<void> start();
  result<void> flush(bool last);
  result<void> put(std::string_view bytes);

  std::string path;
  writing how;
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
  const std::string part = path + ".part";
  const int file = ::open(part.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, for_its_owner);
  if (file < 0) return cannot("write", part);
  auto content = std::make_unique<impl>(file, path, how);
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
  if (::fsync(content.file.get()) != 0 || !content.file.close()) return cannot("write", content.part());
  if (std::rename(content.part().c_str(), content.path.c_str()) != 0) return cannot("write", content.path);
  content.finished = true;
  if (auto synced = sync_folder_of(content.path); !synced) return unexpected{synced.error()};
  content.about.digest = content.digest.finish();
  return content.about;
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
