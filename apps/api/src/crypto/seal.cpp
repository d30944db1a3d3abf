#include "crypto/seal.hpp"

#include <openssl/evp.h>

#include <memory>
#include <stdexcept>

#include "core/ids.hpp"
#include "crypto/encoding.hpp"
#include "crypto/hash.hpp"

namespace retell::crypto {
namespace {

constexpr std::size_t nonce_size = 12;
constexpr std::size_t tag_size = 16;

using Cipher = std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)>;

const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string key_of(std::string_view secret) { return hmac_sha256(secret, "retell seal v1"); }

void check(int outcome) {
  if (outcome != 1) throw std::runtime_error("AES-256-GCM failed");
}

}  // namespace

std::string seal(std::string_view plain, std::string_view secret, std::string_view purpose) {
  const Cipher cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  const auto key = key_of(secret);
  std::string nonce(nonce_size, '\0');
  core::random_bytes({bytes(nonce), nonce.size()});
  std::string text(plain.size(), '\0');
  std::string tag(tag_size, '\0');
  int size = 0;
  check(EVP_EncryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes(key), bytes(nonce)));
  check(EVP_EncryptUpdate(cipher.get(), nullptr, &size, bytes(purpose), static_cast<int>(purpose.size())));
  check(EVP_EncryptUpdate(cipher.get(), bytes(text), &size, bytes(plain), static_cast<int>(plain.size())));
  check(EVP_EncryptFinal_ex(cipher.get(), bytes(text) + size, &size));
  check(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_GET_TAG, static_cast<int>(tag_size), tag.data()));
  return to_base64(nonce + text + tag);
}

core::Result<std::string> unseal(std::string_view sealed, std::string_view secret, std::string_view purpose) {
  const auto refuse = [] {
    return core::fail(core::ErrorCode::io,
                      "a stored secret cannot be read: it is damaged or the server's secret changed");
  };
  const auto all = from_base64(sealed);
  if (!all || all->size() < nonce_size + tag_size) return refuse();
  const auto nonce = all->substr(0, nonce_size);
  const auto text = all->substr(nonce_size, all->size() - nonce_size - tag_size);
  auto tag = all->substr(all->size() - tag_size);
  const Cipher cipher(EVP_CIPHER_CTX_new(), &EVP_CIPHER_CTX_free);
  const auto key = key_of(secret);
  std::string plain(text.size(), '\0');
  int size = 0;
  check(EVP_DecryptInit_ex(cipher.get(), EVP_aes_256_gcm(), nullptr, bytes(key), bytes(nonce)));
  check(EVP_DecryptUpdate(cipher.get(), nullptr, &size, bytes(purpose), static_cast<int>(purpose.size())));
  check(EVP_DecryptUpdate(cipher.get(), bytes(plain), &size, bytes(text), static_cast<int>(text.size())));
  check(EVP_CIPHER_CTX_ctrl(cipher.get(), EVP_CTRL_GCM_SET_TAG, static_cast<int>(tag_size), tag.data()));
  if (EVP_DecryptFinal_ex(cipher.get(), bytes(plain) + size, &size) != 1) return refuse();
  return plain;
}

}  // namespace retell::crypto
