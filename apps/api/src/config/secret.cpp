#include "config/secret.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <unistd.h>

#include "core/ids.hpp"

namespace retell::config {
namespace {

core::Result<std::string> read_secret(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  std::string text((std::istreambuf_iterator<char>(in)), std::istreambuf_iterator<char>());
  while (!text.empty() && (text.back() == '\n' || text.back() == '\r' || text.back() == ' ')) text.pop_back();
  constexpr std::size_t shortest = 32;
  if (text.size() < shortest) return core::fail(core::ErrorCode::io, "cannot read the server's secret from " + path);
  return text;
}

}  // namespace

core::Result<std::string> load_or_create_secret(const std::string& path) {
  std::error_code problem;
  if (std::filesystem::exists(path, problem)) return read_secret(path);
  std::filesystem::create_directories(std::filesystem::path(path).parent_path(), problem);
  // O_EXCL: of two servers that start at once, one makes the file and the other reads it.
  const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
  if (file < 0) {
    if (errno == EEXIST) return read_secret(path);
    return core::fail(core::ErrorCode::io, "cannot create " + path + ": " + std::strerror(errno));
  }
  auto secret = core::make_id("", 32);
  const auto text = secret + "\n";
  const bool written =
      ::write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(file) == 0;
  ::close(file);
  if (!written) return core::fail(core::ErrorCode::io, "cannot write " + path);
  return secret;
}

}  // namespace retell::config
