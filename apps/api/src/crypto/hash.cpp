#include "crypto/hash.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <stdexcept>

namespace retell::crypto {
namespace {

const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

std::string hmac(const EVP_MD* digest, std::string_view key, std::string_view message) {
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  // OpenSSL takes a null key as "the previous one", so an empty key needs an address.
  const char empty = 0;
  const void* key_data = key.empty() ? &empty : key.data();
  if (HMAC(digest, key_data, static_cast<int>(key.size()), bytes(message), message.size(),
           reinterpret_cast<unsigned char*>(out.data()), &size) == nullptr) {
    throw std::runtime_error("HMAC failed");
  }
  out.resize(size);
  return out;
}

}  // namespace

std::string sha256(std::string_view data) {
  // EVP_sha256() would be looked up among OpenSSL's providers each time. Never freed: it is used to the very end.
  static const EVP_MD* const digest = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  std::string out(EVP_MAX_MD_SIZE, '\0');
  unsigned size = 0;
  if (digest == nullptr ||
      EVP_Digest(data.data(), data.size(), reinterpret_cast<unsigned char*>(out.data()), &size, digest, nullptr) != 1) {
    throw std::runtime_error("SHA-256 failed");
  }
  out.resize(size);
  return out;
}

std::string hmac_sha256(std::string_view key, std::string_view message) { return hmac(EVP_sha256(), key, message); }
std::string hmac_sha1(std::string_view key, std::string_view message) { return hmac(EVP_sha1(), key, message); }

bool equal_constant_time(std::string_view a, std::string_view b) {
  return a.size() == b.size() && CRYPTO_memcmp(a.data(), b.data(), a.size()) == 0;
}

}  // namespace retell::crypto
