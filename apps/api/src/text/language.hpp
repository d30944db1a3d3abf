// Which of the languages that the text rules know. Pure, any thread.
#pragma once
#include <cstdint>
#include <string_view>

namespace retell::text {

enum class Language : std::uint8_t {
  en,
  pt,
  other,  // rules that need words use both lists; rules that would have to speak a language leave the text alone
};

// From an agent's language code: "pt-BR" and "pt-PT" are pt, "en-US" is en, "multi" and "es-ES" are other.
[[nodiscard]] Language language_of(std::string_view code);

}  // namespace retell::text
