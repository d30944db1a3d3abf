#include "text/numbers.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <vector>

namespace retell::text {
namespace {

using Names = std::array<const char*, 20>;

constexpr Names en_small{"zero",     "one",     "two",     "three",     "four",     "five",    "six",
                         "seven",    "eight",   "nine",    "ten",       "eleven",   "twelve",  "thirteen",
                         "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
constexpr Names pt_small{"zero",    "um",     "dois",      "três",      "quatro",  "cinco",   "seis",
                         "sete",    "oito",   "nove",      "dez",       "onze",    "doze",    "treze",
                         "catorze", "quinze", "dezesseis", "dezessete", "dezoito", "dezenove"};
constexpr std::array en_tens{"", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"};
constexpr std::array pt_tens{"",          "",         "vinte",   "trinta",  "quarenta",
                             "cinquenta", "sessenta", "setenta", "oitenta", "noventa"};
constexpr std::array pt_hundreds{"",         "cento",    "duzent",   "trezent",  "quatrocent",
                                 "quinhent", "seiscent", "setecent", "oitocent", "novecent"};
constexpr std::array en_scales{"", " thousand", " million", " billion", " trillion"};
constexpr std::array pt_scale{"", "mil", "milhão", "bilhão", "trilhão"};
constexpr std::array pt_scales{"", "mil", "milhões", "bilhões", "trilhões"};

constexpr std::array pt_first{"", "primeir", "segund", "terceir", "quart", "quint", "sext", "sétim", "oitav", "non"};
constexpr std::array pt_tenth{"",          "décim",       "vigésim",   "trigésim", "quadragésim", "quinquagésim",
                              "sexagésim", "septuagésim", "octogésim", "nonagésim"};
constexpr std::array pt_hundredth{"",
                                  "centésim",
                                  "ducentésim",
                                  "trecentésim",
                                  "quadringentésim",
                                  "quingentésim",
                                  "sexcentésim",
                                  "septingentésim",
                                  "octingentésim",
                                  "noningentésim"};

std::string en_below_thousand(unsigned n) {
  std::string out;
  if (n >= 100) {
    out = std::string(en_small[n / 100]) + " hundred";
    n %= 100;
    if (n == 0) return out;
    out += ' ';
  }
  if (n < 20) return out + en_small[n];
  out += en_tens[n / 10];
  if (n % 10 != 0) out += std::string("-") + en_small[n % 10];
  return out;
}

std::string pt_below_thousand(unsigned n, Gender gender) {
  const bool feminine = gender == Gender::feminine;
  if (n == 100) return "cem";
  std::string out;
  if (n >= 100) {
    out = pt_hundreds[n / 100];
    if (n >= 200) out += feminine ? "as" : "os";
    n %= 100;
    if (n == 0) return out;
    out += " e ";
  }
  if (n >= 20) {
    out += pt_tens[n / 10];
    n %= 10;
    if (n == 0) return out;
    out += " e ";
  }
  if (feminine && n == 1) return out + "uma";
  if (feminine && n == 2) return out + "duas";
  return out + pt_small[n];
}

// Thousands, millions ... from the highest down.
std::vector<std::pair<unsigned, std::size_t>> groups_of(std::uint64_t value) {
  std::vector<std::pair<unsigned, std::size_t>> groups;
  for (std::size_t scale = 0; value > 0; ++scale, value /= 1000) {
    if (value % 1000 != 0) groups.emplace_back(static_cast<unsigned>(value % 1000), scale);
  }
  std::ranges::reverse(groups);
  return groups;
}

std::string en_cardinal(std::uint64_t value) {
  std::string out;
  for (const auto& [n, scale] : groups_of(value)) {
    if (!out.empty()) out += ' ';
    out += en_below_thousand(n) + en_scales[scale];
  }
  return out;
}

std::string pt_cardinal(std::uint64_t value, Gender gender) {
  std::string out;
  const auto groups = groups_of(value);
  for (std::size_t i = 0; i < groups.size(); ++i) {
    const auto [n, scale] = groups[i];
    if (i > 0) {
      // "mil e duzentos", "mil e um", but "mil duzentos e um".
      const bool last = i + 1 == groups.size();
      out += last && (n < 100 || n % 100 == 0) ? " e " : " ";
    }
    if (scale == 1 && n == 1) {
      out += "mil";
    } else if (scale == 0) {
      out += pt_below_thousand(n, gender);
    } else {
      out += pt_below_thousand(n, scale == 1 ? gender : Gender::masculine) + " " +
             (n == 1 ? pt_scale[scale] : pt_scales[scale]);
    }
  }
  return out;
}

std::string en_ordinal(std::uint64_t value) {
  std::string words = value == 0 ? en_small[0] : en_cardinal(value);
  const std::size_t cut = words.find_last_of(" -");
  const std::size_t last = cut == std::string::npos ? 0 : cut + 1;
  const std::string word = words.substr(last);
  static constexpr std::array<std::pair<const char*, const char*>, 7> irregular{{{"one", "first"},
                                                                                 {"two", "second"},
                                                                                 {"three", "third"},
                                                                                 {"five", "fifth"},
                                                                                 {"eight", "eighth"},
                                                                                 {"nine", "ninth"},
                                                                                 {"twelve", "twelfth"}}};
  for (const auto& [from, to] : irregular) {
    if (word == from) return words.substr(0, last) + to;
  }
  if (word.ends_with('y')) return words.substr(0, words.size() - 1) + "ieth";
  return words + "th";
}

std::string pt_ordinal(std::uint64_t value, Gender gender) {
  if (value == 0 || value > 999) return cardinal(value, Language::pt, gender);
  const char* end = gender == Gender::feminine ? "a" : "o";
  std::string out;
  const auto add = [&](const char* stem) {
    if (*stem == '\0') return;
    if (!out.empty()) out += ' ';
    out += std::string(stem) + end;
  };
  add(pt_hundredth[value / 100]);
  add(pt_tenth[value / 10 % 10]);
  add(pt_first[value % 10]);
  return out;
}

std::uint64_t value_of(std::string_view digits_only) {
  std::uint64_t value = 0;
  std::from_chars(digits_only.data(), digits_only.data() + digits_only.size(), value);
  return value;
}

bool all_groups_of_three(std::string_view text, char separator) {
  std::size_t at = text.find(separator);
  if (at == 0 || at > 3) return false;
  while (at != std::string_view::npos) {
    const std::size_t next = text.find(separator, at + 1);
    const std::size_t length = (next == std::string_view::npos ? text.size() : next) - at - 1;
    if (length != 3) return false;
    at = next;
  }
  return true;
}

}  // namespace

std::string cardinal(std::uint64_t value, Language language, Gender gender) {
  if (value > max_spoken_number) return digits(std::to_string(value), language);
  if (language == Language::pt) return value == 0 ? pt_small[0] : pt_cardinal(value, gender);
  return value == 0 ? en_small[0] : en_cardinal(value);
}

std::string ordinal(std::uint64_t value, Language language, Gender gender) {
  if (value > max_spoken_number) return digits(std::to_string(value), language);
  return language == Language::pt ? pt_ordinal(value, gender) : en_ordinal(value);
}

std::string year(std::uint64_t value, Language language) {
  const std::uint64_t century = value / 100;
  const std::uint64_t rest = value % 100;
  const bool in_pairs = value >= 1100 && value <= 2099 && century % 10 != 0 && rest != 0;
  const bool new_century = value >= 2010 && value <= 2099;
  if (language != Language::pt && value >= 1100 && value < 2000 && rest == 0) return en_cardinal(century) + " hundred";
  if (language == Language::pt || !(in_pairs || new_century)) return cardinal(value, language);
  return en_cardinal(century) + " " + (rest < 10 ? "oh " : "") + en_cardinal(rest);
}

std::string digits(std::string_view text, Language language) {
  std::string out;
  for (const char c : text) {
    if (c < '0' || c > '9') continue;
    if (!out.empty()) out += ' ';
    const auto n = static_cast<std::size_t>(c - '0');
    out += language == Language::pt ? pt_small[n] : en_small[n];
  }
  return out;
}

WrittenNumber parse_number(std::string_view text, Language language) {
  const bool both = text.find('.') != std::string_view::npos && text.find(',') != std::string_view::npos;
  const char own_decimal = language == Language::pt ? ',' : '.';
  const char decimal = both ? text[text.find_last_of(".,")] : own_decimal;
  const char thousands = decimal == ',' ? '.' : ',';
  std::string_view integer = text;
  std::string_view fraction;
  if (const auto mark = text.rfind(decimal); mark != std::string_view::npos) {
    integer = text.substr(0, mark);
    fraction = text.substr(mark + 1);
  } else if (text.find(thousands) != std::string_view::npos && !all_groups_of_three(text, thousands)) {
    const auto other = text.rfind(thousands);  // "3.14" in Portuguese, "2,5" in English
    integer = text.substr(0, other);
    fraction = text.substr(other + 1);
  }
  const auto only_digits = [](std::string_view s) {
    std::string out;
    for (const char c : s) {
      if (c >= '0' && c <= '9') out += c;
    }
    return out;
  };
  WrittenNumber number{only_digits(integer), only_digits(fraction)};
  if (number.integer.empty()) number.integer = "0";
  return number;
}

std::string spoken_number(const WrittenNumber& number, Language language, Gender gender) {
  const bool too_long = number.integer.size() > 15;
  std::string out = too_long ? digits(number.integer, language) : cardinal(value_of(number.integer), language, gender);
  if (number.fraction.empty()) return out;
  if (language != Language::pt) return out + " point " + digits(number.fraction, language);
  // Up to two digits are read as a number, "três vírgula catorze"; zeros that lead are read one by one.
  std::string_view fraction = number.fraction;
  out += " vírgula";
  if (fraction.size() > 2) return out + " " + digits(fraction, language);
  while (fraction.size() > 1 && fraction.front() == '0') {
    out += " zero";
    fraction.remove_prefix(1);
  }
  return out + " " + cardinal(value_of(fraction), language);
}

unsigned to_unsigned(std::string_view digits) {
  unsigned value = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), value);
  return value;
}

unsigned full_year(std::string_view written) {
  const unsigned value = to_unsigned(written);
  if (written.size() != 2) return value;
  return value < 70 ? 2000 + value : 1900 + value;  // as POSIX reads two digits
}

bool is_one(const WrittenNumber& number) {
  return value_of(number.integer) == 1 && number.integer.size() <= 15 &&
         number.fraction.find_first_not_of('0') == std::string::npos;
}

}  // namespace retell::text
