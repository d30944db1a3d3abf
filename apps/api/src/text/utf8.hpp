// The little that speech needs of Unicode: walking code points, folding the case and accents of Latin letters, cutting
// without breaking a character. Broken bytes count as one character each and never make anything fail. Pure.
#pragma once
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace retell::text {

struct CodePoint {
  char32_t value = 0;      // U+FFFD for a byte that is not UTF-8
  std::size_t length = 0;  // bytes; 0 only at the end of the text
};

// The character that begins at byte `at`.
[[nodiscard]] CodePoint code_point_at(std::string_view text, std::size_t at);
// The character that ends before byte `at`.
[[nodiscard]] CodePoint code_point_before(std::string_view text, std::size_t at);
void append_utf8(std::string& out, char32_t value);

// Number of characters.
[[nodiscard]] std::size_t utf8_length(std::string_view text);
// The longest beginning of at most `max_bytes` bytes that ends between characters.
[[nodiscard]] std::string_view truncate_utf8(std::string_view text, std::size_t max_bytes);

[[nodiscard]] bool is_digit(char32_t c);   // 0-9
[[nodiscard]] bool is_letter(char32_t c);  // Latin with accents, and any other script's characters from U+0370 on
[[nodiscard]] bool is_upper(char32_t c);   // of Latin
[[nodiscard]] bool is_lower(char32_t c);
[[nodiscard]] bool is_space(char32_t c);  // ASCII white space and no-break spaces

[[nodiscard]] char32_t to_lower(char32_t c);        // of Latin; others unchanged
[[nodiscard]] char32_t without_accent(char32_t c);  // of Latin-1 letters; others unchanged

[[nodiscard]] std::string lower(std::string_view text);
// Lower case without accents: what words are compared by.
[[nodiscard]] std::string fold(std::string_view text);
[[nodiscard]] std::string_view trim(std::string_view text);

}  // namespace retell::text
