// Cuts the stream of a language model's tokens into pieces worth synthesising. The first piece is as short as sounds
// natural, because the caller waits for it; later ones are whole sentences, because prosody needs them. One owner.
//
// Never cut: numbers ("3.14", "R$ 1.234,56"), abbreviations ("Dr. Lima", "p. ex."), initials, e-mail addresses, URLs,
// times, telephone numbers, and never inside a word. A point at the end of what has arrived waits for the next token.
#pragma once
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/language.hpp"

namespace retell::text {

struct ChunkerOptions {
  // Characters a first piece needs before a comma, semicolon, colon or dash may end it. 12 ("Good morning,") is about
  // 0.8 s of speech at 15 characters a second: longer than a voice takes to its first byte, so no gap follows.
  std::size_t first_clause_chars = 12;
  // Shorter sentences are joined to the next one, except the first piece and the last.
  std::size_t min_chars = 20;
  // A piece without a sentence end is cut at its last comma, or else its last space, beyond this. The first one
  // earlier, since the caller is waiting: 100 characters are about 1 s of a local model's output.
  std::size_t max_first_chars = 100;
  std::size_t max_chars = 240;
};

struct Chunk {
  std::string text;  // trimmed; byte i is byte begin + i of everything pushed since reset()
  std::size_t begin = 0;
};

class SentenceChunker {
 public:
  explicit SentenceChunker(Language language, ChunkerOptions options = {});

  // Takes any piece of text, of any size and cut anywhere, even inside a character.
  [[nodiscard]] std::vector<Chunk> push(std::string_view token);
  // The model has ended: whatever is left. The chunker is then ready for the next turn.
  [[nodiscard]] std::vector<Chunk> finish();
  // Drops what is pending (an interruption).
  void reset();

 private:
  enum class Mark { none, clause, sentence, undecided };

  [[nodiscard]] Mark mark_at(std::size_t at, std::size_t length, char32_t c, bool final, std::size_t& end) const;
  [[nodiscard]] Mark mark_of_point(std::size_t at, std::size_t behind, bool final) const;
  [[nodiscard]] std::optional<std::size_t> next_cut(bool final);
  [[nodiscard]] std::size_t forced_cut(std::size_t limit) const;
  [[nodiscard]] bool may_cut_at_space(std::size_t space) const;
  void take(std::size_t end, std::vector<Chunk>& out);

  Language language_;
  ChunkerOptions options_;

  std::string pending_;
  std::size_t begin_ = 0;        // offset of pending_ in the turn's text
  std::size_t scanned_ = 0;      // bytes of pending_ that hold no cut
  std::size_t last_clause_ = 0;  // end of the last comma-like mark seen, for a forced cut
  bool first_ = true;
};

}  // namespace retell::text
