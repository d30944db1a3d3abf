// Words as speech has them: cutting a transcript into words, telling "mm-hm" from an answer, comparing what was said
// with what was heard. Pure functions, any thread.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "text/language.hpp"

namespace retell::text {

struct Word {
  std::string_view text;  // a view into the text given
  std::size_t begin = 0;  // byte offsets in it
  std::size_t end = 0;
};

// Letters and digits, with apostrophes, hyphens and the points of numbers kept inside: "don't", "mm-hm", "3.14".
[[nodiscard]] std::vector<Word> split_words(std::string_view text);

// The words folded (lower case, no accents, no apostrophes or hyphens): what comparisons use.
[[nodiscard]] std::vector<std::string> folded_words(std::string_view text);

// "um", "uh", "é...", "hã": sound that holds the turn while its speaker thinks. `word` in any case.
[[nodiscard]] bool is_filler(std::string_view word, Language language);

// The whole utterance only says "I am listening": at most four words, all from the language's list ("uh-huh", "yeah",
// "aham", "sim sim", "tá bom"). Words that may also be an answer count, since it is the engine that knows whether a
// question was asked.
[[nodiscard]] bool is_back_channel(std::string_view utterance, Language language);

// What an agent may murmur while the caller speaks, the most usual first.
[[nodiscard]] std::vector<std::string> default_back_channels(Language language);

// Edit distance over folded words.
struct WordErrors {
  std::size_t substitutions = 0;
  std::size_t deletions = 0;   // in the reference, not in the hypothesis
  std::size_t insertions = 0;  // in the hypothesis, not in the reference
  std::size_t words = 0;       // of the reference

  [[nodiscard]] std::size_t total() const { return substitutions + deletions + insertions; }
  // Errors per reference word; against an empty reference, 0 when nothing was heard, else 1.
  [[nodiscard]] double rate() const;
  WordErrors& operator+=(const WordErrors& other);
};
[[nodiscard]] WordErrors word_errors(std::string_view reference, std::string_view hypothesis);

// 1 for the same words, 0 for none in common in place; symmetric. Two empty texts are equal.
[[nodiscard]] double similarity(std::string_view a, std::string_view b);

}  // namespace retell::text
