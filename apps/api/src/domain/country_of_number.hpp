// Which country a telephone number belongs to, by its leading digits. Pure.
//
// The table behind it is made of libphonenumber-js' numbering plans: `RETELL_WRITE_COUNTRIES=1 npm test` in
// tests/contract, whose tests compare the two. Digits that no country has yet count as those of the calling code's main
// country (+1: the United States, to which toll-free numbers belong as well).
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace retell::domain {

// ISO 3166-1 alpha-2, and AC, TA and XK, which have numbers of their own (Ascension, Tristan da Cunha, Kosovo). Nothing
// for what is no number in international form, is a network's rather than a country's (satellites, +883), or stands for
// a caller who withholds theirs ("anonymous", +266696687).
[[nodiscard]] std::optional<std::string_view> country_of_number(std::string_view number);
// One of ISO 3166-1's codes, or of those above.
[[nodiscard]] bool is_country(std::string_view code);

// Whether a list as phone numbers have it lets this number through: none and an empty one let all.
[[nodiscard]] bool allows(const std::optional<std::vector<std::string>>& countries, std::string_view number);

}  // namespace retell::domain
