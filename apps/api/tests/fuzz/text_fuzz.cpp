// Any bytes as a model's output, cut into tokens by the bytes themselves: chunks must lead back to the text by their
// offsets, in order, and lose nothing but what cannot be spoken.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "text/csv.hpp"
#include "text/sentence_chunker.hpp"
#include "text/speech_normaliser.hpp"
#include "text/template.hpp"
#include "text/turn_text.hpp"
#include "text/words.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace retell::text;
  if (size < 2) return 0;
  const Language language = data[0] % 3 == 0 ? Language::en : data[0] % 3 == 1 ? Language::pt : Language::other;
  const std::size_t step = 1 + data[1] % 16;
  const std::string_view text(reinterpret_cast<const char*>(data) + 2, size - 2);
  SentenceChunker chunker(language);
  std::size_t end = 0;
  const auto check = [&](const std::vector<Chunk>& chunks) {
    for (const Chunk& chunk : chunks) {
      if (chunk.begin < end || text.substr(chunk.begin, chunk.text.size()) != chunk.text) std::abort();
      end = chunk.begin + chunk.text.size();
    }
  };
  for (std::size_t i = 0; i < text.size(); i += step) check(chunker.push(text.substr(i, step)));
  check(chunker.finish());

  const auto likelihood = turn_end_likelihood(text, language);
  if (likelihood.score < 0.0F || likelihood.score > 1.0F) std::abort();
  (void)is_back_channel(text, language);
  for (const Word& word : split_words(text)) {
    if (word.text != text.substr(word.begin, word.end - word.begin)) std::abort();
  }
  static const SpeechNormaliser english(Language::en);
  static const SpeechNormaliser portuguese(Language::pt);
  const auto spoken = (language == Language::en ? english : portuguese)(text);
  std::size_t last = 0;
  for (std::size_t n = 0; n <= spoken.words().size(); ++n) {
    const std::size_t heard = spoken.original_end_of_words(n);
    if (heard < last || heard > text.size()) std::abort();
    last = heard;
  }
  for (const auto& row : parse_csv(text, 8)) {
    if (row.empty()) std::abort();
  }
  (void)render_template(text, [](std::string_view) { return std::string("x"); });
  return 0;
}
