#include "domain/prompt_size.hpp"

#include "text/utf8.hpp"

namespace retell::domain {
namespace {

enum class Piece : std::uint8_t { gap, digits, word, dense, other };

constexpr char32_t first_dense = 0xE00;  // from Thai on: scripts that are mostly written without gaps

Piece piece_of(char32_t c) {
  if (text::is_space(c)) return Piece::gap;
  if (text::is_digit(c)) return Piece::digits;
  if (!text::is_letter(c)) return Piece::other;
  return c < first_dense ? Piece::word : Piece::dense;
}

// Characters of one kind.
struct Run {
  Piece kind = Piece::gap;
  std::size_t length = 0;
  bool lines = false;  // has a line break
};

std::size_t tokens_of(const Run& run, Piece before, Piece after) {
  const auto each = [&run](std::size_t most) { return (run.length + most - 1) / most; };
  switch (run.kind) {
    case Piece::gap:  // one space belongs to what follows, and a line's end to the sign before it
      if (run.lines) return before == Piece::other ? 0 : 1;
      return run.length > 1 ? 1 : 0;
    case Piece::digits:
      return each(3);
    case Piece::word:
      return each(16);
    case Piece::other:
      return run.length == 1 && after == Piece::word ? 0 : each(16);  // one sign may belong to the word after it
    case Piece::dense:
      return each(2);
  }
  return 0;
}

}  // namespace

std::size_t least_tokens(std::string_view text) {
  std::size_t tokens = 0;
  Run run;
  auto before = Piece::gap;
  for (std::size_t at = 0; at < text.size();) {
    const auto [c, bytes] = text::code_point_at(text, at);
    at += bytes;
    const auto kind = piece_of(c);
    if (kind != run.kind) {
      tokens += tokens_of(run, before, kind);
      before = run.kind;
      run = {.kind = kind};
    }
    ++run.length;
    run.lines = run.lines || c == U'\n' || c == U'\r';
  }
  return tokens + tokens_of(run, before, Piece::gap);
}

void check_prompt(json::Problems& problems, const std::string& field, const std::optional<std::string>& prompt,
                  std::size_t before, std::string_view with) {
  // No text has more tokens than bytes.
  if (!prompt || before > most_prompt_tokens || before + prompt->size() <= most_prompt_tokens) return;
  const auto tokens = before + least_tokens(*prompt);
  if (tokens <= most_prompt_tokens) return;
  auto message = "must be at most " + std::to_string(most_prompt_tokens) + " tokens";
  if (!with.empty()) message += " together with " + std::string(with);
  problems.add(field, message + "; it is at least " + std::to_string(tokens));
}

}  // namespace retell::domain
