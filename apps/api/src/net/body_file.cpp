#include "net/body_file.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <sys/mman.h>
#include <unistd.h>

namespace retell::net {
namespace {

using core::ErrorCode;
using core::fail;

tl::unexpected<core::Error> no_room(int error) {
  return fail(ErrorCode::io, std::string("a large body cannot be kept: ") + std::strerror(error));
}

core::Result<int> open_unnamed(const std::string& folder) {
  std::error_code ignored;
  std::filesystem::create_directories(folder, ignored);
  int descriptor = ::open(folder.c_str(), O_TMPFILE | O_RDWR | O_CLOEXEC, 0600);  // NOLINT: POSIX' own signature
  if (descriptor >= 0) return descriptor;
  // Not every file system can make a file without a name.
  auto name = folder + "/body-XXXXXX";
  descriptor = ::mkostemp(name.data(), O_CLOEXEC);
  if (descriptor < 0) return no_room(errno);
  (void)::unlink(name.c_str());
  return descriptor;
}

core::Result<> write_all(int descriptor, std::string_view bytes) {
  while (!bytes.empty()) {
    const auto count = ::write(descriptor, bytes.data(), bytes.size());
    if (count < 0 && errno == EINTR) continue;
    if (count < 0) return no_room(errno);
    bytes.remove_prefix(static_cast<std::size_t>(count));
  }
  return {};
}

}  // namespace

BodyFile::~BodyFile() {
  // To give back a gigabyte of disk takes its time.
  pool_.post([descriptor = descriptor_, mapped = mapped_, size = size_, open = open_] {
    if (mapped != nullptr) (void)::munmap(const_cast<char*>(mapped), size);  // NOLINT: POSIX' own signature
    ::close(descriptor);
    --*open;
  });
}

core::Task<core::Result<>> BodyFile::append(std::string bytes) {
  size_ += bytes.size();
  auto work = [descriptor = descriptor_, bytes = std::move(bytes)] { return write_all(descriptor, bytes); };
  co_return co_await pool_.run(std::move(work));
}

std::string_view BodyFile::map() {
  if (mapped_ == nullptr && size_ > 0) {
    void* const where = ::mmap(nullptr, size_, PROT_READ, MAP_PRIVATE, descriptor_, 0);
    if (where == MAP_FAILED) throw std::bad_alloc();
    mapped_ = static_cast<const char*>(where);
  }
  return {mapped_, size_};
}

core::Task<core::Result<std::shared_ptr<BodyFile>>> BodyStore::make() {
  if (++*open_ > most_) {
    --*open_;
    co_return fail(ErrorCode::rate_limited, "as many large uploads as this server takes at a time are under way");
  }
  auto work = [folder = folder_] { return open_unnamed(folder); };
  const auto descriptor = co_await pool_.run(std::move(work));
  if (!descriptor) {
    --*open_;
    co_return tl::unexpected(descriptor.error());
  }
  co_return std::shared_ptr<BodyFile>(new BodyFile(pool_, open_, *descriptor));
}

core::Task<std::string> BodyPart::copy() const {
  if (file == nullptr) co_return std::string(bytes);
  auto work = [part = bytes](std::string_view) { return std::string(part); };
  co_return co_await file->with_whole(std::move(work));
}

}  // namespace retell::net
