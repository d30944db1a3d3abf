// How likely it is, going by the words alone, that the caller has finished: one voice in the end-of-turn decision next
// to silence and, where loaded, a learned model. Works on partial transcripts, with or without punctuation. Pure.
#pragma once
#include <cstdint>
#include <string_view>

#include "text/language.hpp"

namespace retell::text {

enum class TurnReason : std::uint8_t {
  empty,            // nothing said
  trailing_comma,   // ends in a comma, dash, colon or ellipsis
  trailing_filler,  // "um", "é..."
  trailing_word,    // a conjunction, article, preposition, possessive: "and", "minha"
  open_phrase,      // "my name is", "eu queria"
  digits_running,   // a number being dictated that is not a whole one yet
  digits_complete,  // as many digits as a telephone number, CPF, card or a plain count has
  short_answer,     // "yes", "pode ser"
  question,         // a question mark, or a question's words
  tag_question,     // "right?", "né"
  closing,          // "that's all", "obrigado"
  full_stop,        // the transcriber ended the sentence
  plain,            // nothing that tells
};

struct TurnText {
  float score = 0.0F;  // 0: surely goes on, 1: surely done
  TurnReason reason = TurnReason::empty;
};

// `transcript` is what has been recognised of the turn so far. The scores are ours, ordered by how seldom each rule is
// wrong; the engine maps them to a wait, so only their order and the middle (0.5) matter.
[[nodiscard]] TurnText turn_end_likelihood(std::string_view transcript, Language language);

[[nodiscard]] const char* to_string(TurnReason reason);

}  // namespace retell::text
