#include "storage/db/private_file.hpp"

#include <fcntl.h>
#include <unistd.h>

namespace retell::storage {

void make_private_file(const std::filesystem::path& path) {
  if (const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600); file >= 0) ::close(file);
}

}  // namespace retell::storage
