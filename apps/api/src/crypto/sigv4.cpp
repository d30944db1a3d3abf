#include "crypto/sigv4.hpp"

#include <algorithm>
#include <array>
#include <ctime>

#include "crypto/encoding.hpp"
#include "crypto/hash.hpp"

namespace retell::crypto {
namespace {

constexpr std::string_view algorithm = "AWS4-HMAC-SHA256";

std::string trimmed(std::string_view value) {
  // Spaces around, and runs of them within, do not count.
  std::string out;
  for (const char c : value) {
    if (c == ' ' && (out.empty() || out.back() == ' ')) continue;
    out.push_back(c);
  }
  if (!out.empty() && out.back() == ' ') out.pop_back();
  return out;
}

std::string signed_headers(const AwsRequest& request) {
  std::string names;
  for (const auto& [name, value] : request.headers) names += (names.empty() ? "" : ";") + name;
  return names;
}

std::string scope_text(const AwsScope& scope, std::string_view date) {
  return std::string(date.substr(0, 8)) + "/" + scope.region + "/" + scope.service + "/aws4_request";
}

std::string signature(const AwsRequest& request, const AwsKeys& keys, const AwsScope& scope, std::string_view date) {
  std::string canonical =
      request.method + "\n" + aws_encode(request.path, true) + "\n" + aws_query(request.query) + "\n";
  for (const auto& [name, value] : request.headers) canonical += name + ":" + trimmed(value) + "\n";
  canonical += "\n" + signed_headers(request) + "\n" + request.payload_hash;
  const auto to_sign = std::string(algorithm) + "\n" + std::string(date) + "\n" + scope_text(scope, date) + "\n" +
                       to_hex(sha256(canonical));
  auto key = hmac_sha256("AWS4" + keys.secret, date.substr(0, 8));
  key = hmac_sha256(key, scope.region);
  key = hmac_sha256(key, scope.service);
  key = hmac_sha256(key, "aws4_request");
  return to_hex(hmac_sha256(key, to_sign));
}

}  // namespace

std::string amz_date(std::int64_t epoch_seconds) {
  const auto time = static_cast<std::time_t>(epoch_seconds);
  std::tm parts{};
  gmtime_r(&time, &parts);
  std::array<char, 32> text{};
  const auto size = std::strftime(text.data(), text.size(), "%Y%m%dT%H%M%SZ", &parts);
  return {text.data(), size};
}

std::string aws_encode(std::string_view text, bool keep_slashes) {
  return percent_encode(text, keep_slashes ? "/" : "");
}

std::string aws_query(std::vector<std::pair<std::string, std::string>> query) {
  for (auto& [name, value] : query) {
    name = aws_encode(name, false);
    value = aws_encode(value, false);
  }
  std::sort(query.begin(), query.end());
  std::string out;
  for (const auto& [name, value] : query) out.append(out.empty() ? "" : "&").append(name).append("=").append(value);
  return out;
}

std::string aws_authorization(const AwsRequest& request, const AwsKeys& keys, const AwsScope& scope,
                              std::string_view date) {
  return std::string(algorithm) + " Credential=" + keys.id + "/" + scope_text(scope, date) +
         ",SignedHeaders=" + signed_headers(request) + ",Signature=" + signature(request, keys, scope, date);
}

std::string aws_presigned_query(AwsRequest request, const AwsKeys& keys, const AwsScope& scope, std::string_view date,
                                std::int64_t seconds) {
  request.payload_hash = "UNSIGNED-PAYLOAD";
  request.query.emplace_back("X-Amz-Algorithm", algorithm);
  request.query.emplace_back("X-Amz-Credential", keys.id + "/" + scope_text(scope, date));
  request.query.emplace_back("X-Amz-Date", date);
  request.query.emplace_back("X-Amz-Expires", std::to_string(seconds));
  request.query.emplace_back("X-Amz-SignedHeaders", signed_headers(request));
  if (!keys.session_token.empty()) request.query.emplace_back("X-Amz-Security-Token", keys.session_token);
  const auto mine = signature(request, keys, scope, date);
  return aws_query(request.query) + "&X-Amz-Signature=" + mine;
}

}  // namespace retell::crypto
