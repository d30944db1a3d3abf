// Numbers as words, in English (American) and Brazilian Portuguese. Pure, any thread.
#pragma once
#include <cstdint>
#include <string>
#include <string_view>

#include "text/language.hpp"

namespace retell::text {

enum class Gender : std::uint8_t { masculine, feminine };  // Portuguese only: "dois", "duas"

// The words that speak numbers exist in en and pt; Language::other is read as en.
inline constexpr std::uint64_t max_spoken_number = 999'999'999'999'999;

// "one thousand two hundred thirty-four", "mil duzentos e trinta e quatro". Beyond max_spoken_number digit by digit.
[[nodiscard]] std::string cardinal(std::uint64_t value, Language language, Gender gender = Gender::masculine);
// "twenty-first", "vigésimo primeiro"; Portuguese ones beyond 999 as cardinals, as people say them.
[[nodiscard]] std::string ordinal(std::uint64_t value, Language language, Gender gender = Gender::masculine);
// English years: "nineteen ninety-nine", "two thousand nine", "twenty twenty-six". Portuguese: the cardinal.
[[nodiscard]] std::string year(std::uint64_t value, Language language);
// "four one five": the digits of the text, whatever else it holds left out.
[[nodiscard]] std::string digits(std::string_view text, Language language);

// A number as written, its separators resolved: "1.234,56" is 1234 and "56" in Portuguese.
struct WrittenNumber {
  std::string integer;   // digits only, at least one
  std::string fraction;  // digits only, may be empty
};
// `text` holds digits, points and commas only. Of two kinds of separator the last is the decimal mark, whatever the
// language; a single kind before exactly three digits groups thousands when it is the language's own for that, and is
// the decimal mark otherwise.
[[nodiscard]] WrittenNumber parse_number(std::string_view text, Language language);
// "three point one four", "três vírgula catorze".
[[nodiscard]] std::string spoken_number(const WrittenNumber& number, Language language,
                                        Gender gender = Gender::masculine);
// The value of a run of digits; 0 for anything else.
[[nodiscard]] unsigned to_unsigned(std::string_view digits);
// A year as written with two digits or four.
[[nodiscard]] unsigned full_year(std::string_view written);
// Its value as far as it counts for singular and plural: exactly 1 or not.
[[nodiscard]] bool is_one(const WrittenNumber& number);

}  // namespace retell::text
