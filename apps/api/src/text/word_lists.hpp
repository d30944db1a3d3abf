// The word lists behind the rules, folded (lower case, no accents, apostrophes or hyphens). Inside this module only.
#pragma once
#include <span>
#include <string_view>

#include "text/language.hpp"

namespace retell::text::lists {

enum class List : std::uint8_t {
  filler,          // holds the turn
  back_channel,    // shows attention
  connector,       // a sentence cannot end in it: conjunctions, articles, prepositions, possessives
  short_answer,    // a whole turn in itself
  question_word,   // begins a question
  open_phrase,     // ends in the air: "my name is"
  closing_phrase,  // nothing follows it: "that's all", "obrigado"
  tag_question,    // "right", "né": hands the turn over
  number_word,     // "seven", "sete"
};

[[nodiscard]] bool contains(List list, Language language, std::string_view folded);
// Calls `visit(std::string_view)` for each entry of the language (of both, for Language::other).
[[nodiscard]] std::span<const std::string_view> entries(List list, Language language);

template <class Visit>
void for_each(List list, Language language, Visit&& visit) {
  if (language != Language::pt) {
    for (const auto entry : entries(list, Language::en)) visit(entry);
  }
  if (language != Language::en) {
    for (const auto entry : entries(list, Language::pt)) visit(entry);
  }
}

}  // namespace retell::text::lists
