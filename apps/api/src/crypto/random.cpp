#include "crypto/random.hpp"

#include <openssl/rand.h>

#include <stdexcept>

#include "crypto/encoding.hpp"

namespace retell::crypto {

std::string random_bytes(std::size_t count) {
  std::string out(count, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(out.data()), static_cast<int>(count)) != 1) {
    throw std::runtime_error("the system's random generator failed");
  }
  return out;
}

std::string random_id(std::string_view prefix) { return std::string(prefix) + to_hex(random_bytes(16)); }

}  // namespace retell::crypto
