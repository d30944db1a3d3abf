#include "core/ids.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <sys/random.h>
#include <system_error>

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
  std::string id(prefix.size() + 2 * bytes, '0');
  auto at = std::copy(prefix.begin(), prefix.end(), id.begin());
  std::array<unsigned char, 32> raw{};
  for (std::size_t left = bytes; left > 0;) {
    const auto some = std::span(raw).first(std::min(left, raw.size()));
    random_bytes(some);
    for (const unsigned char byte : some) {
      *at++ = digits[byte >> 4U];
      *at++ = digits[byte & 15U];
    }
    left -= some.size();
  }
  return id;
}

}  // namespace retell::core
