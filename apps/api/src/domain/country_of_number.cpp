#include "domain/country_of_number.hpp"

#include <algorithm>
#include <array>

namespace retell::domain {
namespace {

struct Prefix {
  std::string_view digits;
  std::string_view country;
};
constexpr Prefix prefixes[] = {
#include "domain/country_prefixes.inc"
};
static_assert(std::is_sorted(std::begin(prefixes), std::end(prefixes),
                             [](const Prefix& left, const Prefix& right) { return left.digits < right.digits; }));

constexpr std::size_t longest_number = 15;  // digits, ITU-T E.164

// What carriers put in the place of a number that is withheld: the word's letters on a telephone's keys. They would be
// taken for numbers of Lesotho, Russia, Uganda and China.
constexpr std::array<std::string_view, 5> withheld{"+266696687",     // ANONYMOUS
                                                   "+7378742833",    // RESTRICTED
                                                   "+2562533",       // BLOCKED
                                                   "+8656696",       // UNKNOWN
                                                   "+86282452253"};  // UNAVAILABLE

// Of ISO 3166-1, but without a prefix by which their numbers could be told.
constexpr std::array<std::string_view, 8> without_numbers{"AQ", "BV", "EH", "GS", "HM", "PN", "TF", "UM"};

}  // namespace

std::optional<std::string_view> country_of_number(std::string_view number) {
  if (std::find(withheld.begin(), withheld.end(), number) != withheld.end()) return std::nullopt;
  if (!number.starts_with('+')) return std::nullopt;
  const auto digits = number.substr(1);
  const bool all_digits = std::all_of(digits.begin(), digits.end(), [](char c) { return c >= '0' && c <= '9'; });
  if (digits.size() > longest_number || !all_digits) return std::nullopt;
  for (auto length = digits.size(); length > 0; --length) {
    const auto prefix = digits.substr(0, length);
    const auto* found = std::lower_bound(std::begin(prefixes), std::end(prefixes), prefix,
                                         [](const Prefix& one, std::string_view text) { return one.digits < text; });
    if (found != std::end(prefixes) && found->digits == prefix) return found->country;
  }
  return std::nullopt;
}

bool is_country(std::string_view code) {
  return std::any_of(std::begin(prefixes), std::end(prefixes),
                     [&](const Prefix& prefix) { return prefix.country == code; }) ||
         std::find(without_numbers.begin(), without_numbers.end(), code) != without_numbers.end();
}

bool allows(const std::optional<std::vector<std::string>>& countries, std::string_view number) {
  if (!countries || countries->empty()) return true;
  const auto country = country_of_number(number);
  return country && std::find(countries->begin(), countries->end(), *country) != countries->end();
}

}  // namespace retell::domain
