// Text as a voice should say it: numbers, money, dates, times, telephone numbers, addresses of the web and of mail,
// units and abbreviations in words, English or Brazilian Portuguese; markdown, emoji and tags left out. Every spoken
// word knows which piece of the original it speaks, so that an interruption can be written into the conversation's
// history as the original text up to the last piece heard.
#pragma once
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "text/language.hpp"

namespace retell::text {

struct SpokenWord {
  std::string text;       // one word, with the punctuation that follows it
  std::size_t begin = 0;  // bytes of the original that it speaks; words of one number share them
  std::size_t end = 0;
};

// A piece of the original between blanks and how it is read: "R$ 5," is read "cinco reais,". What a voice reads as one
// stays one piece, however many blanks are in it.
struct SpokenPiece {
  std::string text;
  std::string said;  // at least one word
};

class SpokenText {
 public:
  // The words with a space between, for the synthesiser. Empty when nothing can be spoken.
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] const std::vector<SpokenWord>& words() const { return words_; }

  // The whole of `original`, which this speaks, in pieces; what is not said (an emoji, a bullet) is part of its
  // neighbour. Empty when nothing can be spoken.
  [[nodiscard]] std::vector<SpokenPiece> pieces(std::string_view original) const;

 private:
  friend class SpeechNormaliser;
  std::vector<SpokenWord> words_;
  std::string text_;
};

// Cheap to make and to copy: the patterns of a language are compiled when its first one is made (some milliseconds),
// and shared, unchanging, by all. Any number of threads may call one at a time.
class SpeechNormaliser {
 public:
  // For Language::other nothing is put into words (the voice reads numbers its own way), the rest is done.
  explicit SpeechNormaliser(Language language);

  [[nodiscard]] SpokenText operator()(std::string_view text) const;

 private:
  Language language_;
  const class SpeechRules* rules_;
};

}  // namespace retell::text
