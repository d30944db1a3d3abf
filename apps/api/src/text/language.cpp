#include "text/language.hpp"

namespace retell::text {

Language language_of(std::string_view code) {
  const auto primary = code.substr(0, code.find_first_of("-_"));
  if (primary == "pt") return Language::pt;
  if (primary == "en") return Language::en;
  return Language::other;
}

}  // namespace retell::text
