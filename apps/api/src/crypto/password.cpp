#include "crypto/password.hpp"

#include <sodium.h>

#include <algorithm>
#include <array>
#include <new>
#include <stdexcept>

namespace retell::crypto {
namespace {

void ready() {
  static const bool initialised = sodium_init() >= 0;  // any thread may be first
  if (!initialised) throw std::runtime_error("libsodium cannot start");
}

// OWASP asks for at least 19 MiB and 2 passes; this is libsodium's "interactive": 64 MiB and 2 passes.
std::string hash(std::string_view password) {
  std::array<char, crypto_pwhash_STRBYTES> text{};
  if (crypto_pwhash_str_alg(text.data(), password.data(), password.size(), crypto_pwhash_OPSLIMIT_INTERACTIVE,
                            crypto_pwhash_MEMLIMIT_INTERACTIVE, crypto_pwhash_ALG_ARGON2ID13) != 0) {
    throw std::bad_alloc();
  }
  return text.data();
}

std::string lower(std::string_view text) {
  std::string out(text);
  std::transform(out.begin(), out.end(), out.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; });
  return out;
}

}  // namespace

core::Result<> check_password_rules(std::string_view password, std::string_view email) {
  const auto refuse = [](const std::string& what) {
    return core::fail(core::ErrorCode::invalid, "password: " + what, "password");
  };
  if (password.size() < shortest_password) return refuse("must have at least 10 characters");
  if (password.size() > longest_password) return refuse("must have at most 256 bytes");
  if (std::count(password.begin(), password.end(), password.front()) == static_cast<std::ptrdiff_t>(password.size())) {
    return refuse("must not be one character again and again");
  }
  const auto plain = lower(password);
  constexpr std::array<std::string_view, 12> first_tried = {
      "1234567890", "0123456789", "12345678910", "password12",    "password123", "password1234",
      "qwertyuiop", "qwerty1234", "iloveyou12",  "administrator", "changeme123", "letmein1234"};
  if (std::find(first_tried.begin(), first_tried.end(), plain) != first_tried.end()) {
    return refuse("is among the first that anybody would try");
  }
  if (!email.empty() && plain == lower(email)) return refuse("must not be the e-mail address");
  return {};
}

std::string hash_password(std::string_view password) {
  ready();
  return hash(password);
}

bool verify_password(std::string_view password, std::string_view stored) {
  ready();
  static const std::string nobodys = hash("nobody has this password");
  const bool exists = !stored.empty();
  const std::string text(exists ? stored : std::string_view(nobodys));
  if (password.size() > longest_password) password = password.substr(0, longest_password + 1);
  const bool fits = crypto_pwhash_str_verify(text.c_str(), password.data(), password.size()) == 0;
  return fits && exists;
}

}  // namespace retell::crypto
