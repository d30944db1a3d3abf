// Tokens, signatures, links and sealed secrets as anyone may send them: nothing forged is taken, and what decodes is
// what the encoder would have written.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "crypto/access_token.hpp"
#include "crypto/encoding.hpp"
#include "crypto/hash.hpp"
#include "crypto/retell_signature.hpp"
#include "crypto/seal.hpp"
#include "crypto/signed_url.hpp"

namespace {

using namespace retell::crypto;

constexpr std::string_view secret = "the secret that nobody guesses";
constexpr std::int64_t now = 1'700'000'000'000;

void encodings(std::string_view text) {
  if (const auto bytes = from_base64(text); bytes && to_base64(*bytes) != text) std::abort();
  if (const auto bytes = from_base64url(text); bytes && to_base64url(*bytes) != text) std::abort();
  if (const auto bytes = from_hex(text); bytes && bytes->size() * 2 != text.size()) std::abort();
  if (from_base64(to_base64(text)) != text || from_base64url(to_base64url(text)) != text) std::abort();
}

// Any claims under a right signature, which only our own key makes: they are read without harm, and never for longer
// than they say.
void signed_claims(std::string_view text) {
  const auto body = to_base64url(R"({"alg":"HS256","typ":"JWT"})") + "." + to_base64url(text);
  const auto claims = check_access_token(body + "." + to_base64url(hmac_sha256(secret, body)), secret, now);
  if (claims && claims->expires_at_ms <= now) std::abort();
}

void forged(std::string_view text) {
  if (check_access_token(text, secret, now)) std::abort();
  if (verify_retell(text, secret, text, now)) std::abort();
  const auto half = text.size() / 2;
  if (verify_path("/recordings/a.wav", text.substr(0, half), text.substr(half), secret, now)) std::abort();
  if (unseal(text, secret, "webhook")) std::abort();
}

void sealed(std::string_view text) {
  const auto box = seal(text, secret, "webhook");
  const auto plain = unseal(box, secret, "webhook");
  if (!plain || *plain != text || unseal(box, secret, "other")) std::abort();
  if (!verify_retell(text, secret, sign_retell(text, secret, now), now)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  encodings(text);
  signed_claims(text);
  forged(text);
  sealed(text);
  return 0;
}
