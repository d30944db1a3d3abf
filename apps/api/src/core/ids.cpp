#include "core/ids.hpp"

#include <array>
#include <cerrno>
#include <sys/random.h>
#include <system_error>
#include <vector>

namespace retell::core {

void random_bytes(std::span<unsigned char> out) {
  std::size_t filled = 0;
  while (filled < out.size()) {
    const auto got = ::getrandom(out.data() + filled, out.size() - filled, 0);
    if (got < 0) {
      if (errno == EINTR) continue;
      throw std::system_error(errno, std::generic_category(), "getrandom");
    }
    filled += static_cast<std::size_t>(got);
  }
}

std::string make_id(std::string_view prefix, std::size_t bytes) {
  static constexpr std::array<char, 16> digits{'0', '1', '2', '3', '4', '5', '6', '7',
                                               '8', '9', 'a', 'b', 'c', 'd', 'e', 'f'};
  std::vector<unsigned char> raw(bytes);
  random_bytes(raw);
  std::string id(prefix);
  id.reserve(prefix.size() + 2 * bytes);
  for (const unsigned char byte : raw) {
    id += digits[byte >> 4U];
    id += digits[byte & 15U];
  }
  return id;
}

}  // namespace retell::core
