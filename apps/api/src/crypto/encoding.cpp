#include "crypto/encoding.hpp"

#include <array>
#include <cstdint>

#include "crypto/base64.hpp"

namespace retell::crypto {
namespace {

constexpr std::string_view url_safe = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

// Short things only (tokens): letter by letter.
std::string encode_url_safe(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : bytes) {
    bits = (bits << 8U) | static_cast<unsigned char>(c);
    held += 8;
    while (held >= 6) {
      held -= 6;
      out.push_back(url_safe[(bits >> held) & 63U]);
    }
  }
  if (held > 0) out.push_back(url_safe[(bits << (6 - held)) & 63U]);
  return out;
}

std::optional<std::string> decode_url_safe(std::string_view text) {
  if (text.size() % 4 == 1) return std::nullopt;
  std::string out;
  out.reserve(text.size() * 3 / 4);
  std::uint32_t bits = 0;
  unsigned held = 0;
  for (const char c : text) {
    const auto digit = url_safe.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = (bits << 6U) | static_cast<std::uint32_t>(digit);
    held += 6;
    if (held >= 8) {
      held -= 8;
      out.push_back(static_cast<char>((bits >> held) & 0xFFU));
    }
  }
  if ((bits & ((1U << held) - 1U)) != 0) return std::nullopt;  // left-over bits must be zero: one text per value
  return out;
}

}  // namespace

std::string to_hex(std::string_view bytes) {
  static constexpr std::string_view digits = "0123456789abcdef";
  std::string out(bytes.size() * 2, '0');
  auto at = out.begin();
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    *at++ = digits[byte >> 4U];
    *at++ = digits[byte & 15U];
  }
  return out;
}

std::optional<std::string> from_hex(std::string_view text) {
  if (text.size() % 2 != 0) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 2);
  unsigned byte = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    unsigned digit = 0;
    if (c >= '0' && c <= '9')
      digit = static_cast<unsigned>(c - '0');
    else if (c >= 'a' && c <= 'f')
      digit = static_cast<unsigned>(c - 'a') + 10;
    else
      return std::nullopt;
    byte = (byte << 4U) | digit;
    if (i % 2 == 1) {
      out.push_back(static_cast<char>(byte));
      byte = 0;
    }
  }
  return out;
}

std::string to_base64(std::string_view bytes) {
  std::string out;
  append_base64({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, out);
  return out;
}

std::optional<std::string> from_base64(std::string_view text) {
  std::string out(text.size() / 4 * 3, '\0');
  const auto count = decode_base64(text, {reinterpret_cast<std::uint8_t*>(out.data()), out.size()});
  if (!count) return std::nullopt;
  out.resize(*count);
  // One text per value: the bits behind the last byte must be zero.
  if (text.ends_with('=') &&
      to_base64(std::string_view(out).substr((out.size() - 1) / 3 * 3)) != text.substr(text.size() - 4)) {
    return std::nullopt;
  }
  return out;
}

std::string to_base64url(std::string_view bytes) { return encode_url_safe(bytes); }
std::optional<std::string> from_base64url(std::string_view text) { return decode_url_safe(text); }

std::string percent_encode(std::string_view text, std::string_view kept) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    const bool unreserved = (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-' ||
                            c == '.' || c == '_' || c == '~';
    if (unreserved || kept.find(c) != std::string_view::npos) {
      out.push_back(c);
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out.push_back('%');
    out.push_back(digits[byte >> 4U]);
    out.push_back(digits[byte & 15U]);
  }
  return out;
}

}  // namespace retell::crypto
