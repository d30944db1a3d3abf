#include "services/call_arrangement.hpp"

#include "core/ids.hpp"
#include "crypto/encoding.hpp"
#include "crypto/hash.hpp"
#include "json/read.hpp"
#include "json/text.hpp"
#include "json/write.hpp"

namespace retell::services {
namespace {

constexpr std::size_t secret_bytes = 24;
constexpr std::size_t secret_digits = 2 * secret_bytes;
constexpr std::size_t longest_call_id = 64;

}  // namespace

std::string make_media_token(std::string_view call_id) {
  return std::string(call_id) + "_" + core::make_id("", secret_bytes);
}

std::string registered_call_token(std::string_view secret, std::string_view call_id) {
  const auto proof = crypto::to_hex(crypto::hmac_sha256(secret, "registered call: " + std::string(call_id)));
  return std::string(call_id) + "_" + proof.substr(0, secret_digits);
}

std::string call_of_token(std::string_view token) {
  if (token.size() < secret_digits + 2 || token.size() > longest_call_id + 1 + secret_digits) return {};
  const auto call_id = token.substr(0, token.size() - secret_digits - 1);
  const bool ours = call_id.starts_with("call_") && token[call_id.size()] == '_';
  return ours ? std::string(call_id) : std::string();
}

std::string token_digest(std::string_view token) { return crypto::to_hex(crypto::sha256(token)); }

std::string to_text(const CallArrangement& arrangement) { return json::dump(json::write(arrangement)); }

std::optional<CallArrangement> read_arrangement(std::string_view text) {
  const auto document = json::parse(text);
  if (!document) return std::nullopt;
  auto arrangement = json::read<CallArrangement>(*document);
  if (!arrangement) return std::nullopt;
  return std::move(*arrangement);
}

}  // namespace retell::services
