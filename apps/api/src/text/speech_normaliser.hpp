// Text as a voice should say it: numbers, money, dates, times, telephone numbers, addresses of the web and of mail,
// units and abbreviations in words, English or Brazilian Portuguese; markdown, emoji and tags left out. Every spoken
// word knows which piece of the original it speaks, so that an interruption can be written into the conversation's
// history as the original text up to the last word heard.
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
  std::size_t spoken_end = 0;  // where it ends in SpokenText::text()
};

class SpokenText {
 public:
  // The words with a space between, for the synthesiser. Empty when nothing can be spoken.
  [[nodiscard]] const std::string& text() const { return text_; }
  [[nodiscard]] const std::vector<SpokenWord>& words() const { return words_; }

  // Where in the original the caller had got to when `spoken_bytes` bytes of text() had been heard: behind the last
  // piece heard whole. A number of which only some words were heard does not count.
  [[nodiscard]] std::size_t original_end(std::size_t spoken_bytes) const;
  // The same for a number of words.
  [[nodiscard]] std::size_t original_end_of_words(std::size_t spoken_words) const;

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
