#include "crypto/base64.hpp"

#include <array>

namespace retell::crypto {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::uint8_t invalid = 0x80;  // its top bit survives or-ing, so four letters are checked at once

using Pair = std::array<char, 2>;

// Two letters for each 12 bits: half the steps of a table of 64, and 8 KiB that stays in the cache on the media path.
constexpr auto pairs = [] {
  std::array<Pair, 4096> table{};
  for (std::size_t i = 0; i < table.size(); ++i) table[i] = {alphabet[i >> 6U], alphabet[i & 63U]};
  return table;
}();

constexpr auto values = [] {
  std::array<std::uint8_t, 256> table{};
  table.fill(invalid);
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    table[static_cast<unsigned char>(alphabet[i])] = static_cast<std::uint8_t>(i);
  }
  return table;
}();

std::uint32_t value(char letter) { return values[static_cast<unsigned char>(letter)]; }

}  // namespace

void append_base64(std::span<const std::uint8_t> bytes, std::string& out) {
  const std::size_t begin = out.size();
  out.resize(begin + base64_size(bytes.size()));
  char* to = out.data() + begin;
  std::size_t i = 0;
  for (; i + 3 <= bytes.size(); i += 3, to += 4) {
    const std::uint32_t word = static_cast<std::uint32_t>(bytes[i]) << 16U |
                               static_cast<std::uint32_t>(bytes[i + 1]) << 8U |
                               static_cast<std::uint32_t>(bytes[i + 2]);
    const Pair& high = pairs[word >> 12U];
    const Pair& low = pairs[word & 0xFFFU];
    to[0] = high[0];
    to[1] = high[1];
    to[2] = low[0];
    to[3] = low[1];
  }
  const std::size_t rest = bytes.size() - i;
  if (rest == 0) return;
  const std::uint32_t word =
      static_cast<std::uint32_t>(bytes[i]) << 16U | (rest == 2 ? static_cast<std::uint32_t>(bytes[i + 1]) << 8U : 0U);
  to[0] = alphabet[word >> 18U];
  to[1] = alphabet[(word >> 12U) & 63U];
  to[2] = rest == 2 ? alphabet[(word >> 6U) & 63U] : '=';
  to[3] = '=';
}

std::optional<std::size_t> decode_base64(std::string_view text, std::span<std::uint8_t> out) {
  if (text.size() % 4 != 0 || out.size() < text.size() / 4 * 3) return std::nullopt;
  if (text.empty()) return 0;
  const std::size_t padding = text[text.size() - 1] != '=' ? 0 : text[text.size() - 2] != '=' ? 1 : 2;
  const std::size_t whole = padding == 0 ? text.size() : text.size() - 4;
  std::uint8_t* to = out.data();
  std::uint32_t wrong = 0;
  for (std::size_t i = 0; i < whole; i += 4, to += 3) {
    const std::uint32_t a = value(text[i]);
    const std::uint32_t b = value(text[i + 1]);
    const std::uint32_t c = value(text[i + 2]);
    const std::uint32_t d = value(text[i + 3]);
    wrong |= a | b | c | d;
    const std::uint32_t word = a << 18U | b << 12U | c << 6U | d;
    to[0] = static_cast<std::uint8_t>(word >> 16U);
    to[1] = static_cast<std::uint8_t>(word >> 8U);
    to[2] = static_cast<std::uint8_t>(word);
  }
  if (padding != 0) {
    const std::uint32_t a = value(text[whole]);
    const std::uint32_t b = value(text[whole + 1]);
    const std::uint32_t c = padding == 1 ? value(text[whole + 2]) : 0;
    wrong |= a | b | c;
    const std::uint32_t word = a << 18U | b << 12U | c << 6U;
    *to++ = static_cast<std::uint8_t>(word >> 16U);
    if (padding == 1) *to++ = static_cast<std::uint8_t>(word >> 8U);
  }
  if ((wrong & invalid) != 0) return std::nullopt;
  return static_cast<std::size_t>(to - out.data());
}

}  // namespace retell::crypto
