#include "domain/contact.hpp"

#include <algorithm>
#include <array>

#include "domain/rules.hpp"

namespace retell::domain {
namespace {

constexpr std::size_t most_tags = 100;
constexpr std::size_t most_custom_fields = 200;
constexpr std::size_t longest_text = 1'000;

struct Country {
  std::string_view code;
  std::string_view calling;  // ITU-T E.164, assigned country codes
  bool keeps_zero = false;   // Italy's numbers keep their leading 0
};
constexpr auto countries = std::to_array<Country>(
    {{"US", "1"},   {"CA", "1"},        {"MX", "52"},  {"BR", "55"},  {"AR", "54"},  {"CL", "56"}, {"CO", "57"},
     {"PE", "51"},  {"UY", "598"},      {"GB", "44"},  {"IE", "353"}, {"FR", "33"},  {"DE", "49"}, {"ES", "34"},
     {"PT", "351"}, {"IT", "39", true}, {"NL", "31"},  {"BE", "32"},  {"CH", "41"},  {"AT", "43"}, {"SE", "46"},
     {"NO", "47"},  {"DK", "45"},       {"FI", "358"}, {"PL", "48"},  {"AU", "61"},  {"NZ", "64"}, {"IN", "91"},
     {"JP", "81"},  {"KR", "82"},       {"SG", "65"},  {"ZA", "27"},  {"AE", "971"}, {"IL", "972"}});

}  // namespace

void check_contact(json::Problems& problems, const ContactFields& fields) {
  check_text(problems, "first_name", fields.first_name, longest_text);
  check_text(problems, "last_name", fields.last_name, longest_text);
  if (fields.tags && fields.tags->size() > most_tags) problems.add("tags", "must be at most 100");
  if (!fields.custom_fields) return;
  if (fields.custom_fields->size() > most_custom_fields) problems.add("custom_fields", "must be at most 200");
  for (const auto& member : *fields.custom_fields) {
    const auto& value = member.value();
    if (value.is_object() || value.is_array()) {
      problems.add("custom_fields." + std::string(member.key()), "expected a text, a number, a boolean or null");
    }
  }
}

std::optional<std::string> to_e164(std::string_view number, std::string_view country) {
  std::string digits;
  for (const char c : number) {
    if (c >= '0' && c <= '9') digits.push_back(c);
  }
  std::string result = "+" + digits;
  const auto first = number.find_first_not_of(' ');
  if (first == std::string_view::npos || number[first] != '+') {
    const auto known =
        std::find_if(countries.begin(), countries.end(), [&](const Country& c) { return c.code == country; });
    if (known == countries.end()) return std::nullopt;
    // The zero that is dialled inside a country is no part of the number.
    const auto begin = known->keeps_zero ? 0 : std::min(digits.find_first_not_of('0'), digits.size());
    auto national = digits.substr(begin);
    // North American numbers are often written with their 1.
    if (known->calling == "1" && national.size() == 11 && national[0] == '1') national.erase(0, 1);
    result = "+" + std::string(known->calling) + national;
  }
  return is_e164(result) ? std::optional(result) : std::nullopt;
}

}  // namespace retell::domain
