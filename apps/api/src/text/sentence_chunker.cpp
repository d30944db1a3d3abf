#include "text/sentence_chunker.hpp"

#include <algorithm>
#include <array>

#include "text/utf8.hpp"

namespace retell::text {
namespace {

using namespace std::string_view_literals;

// Appended at once; bounds what one scan looks at, however much a caller pushes.
constexpr std::size_t max_append = 1024;

// Folded and without inner points. A point behind these never ends a sentence.
constexpr std::array never_ends{
    "mr"sv,  "mrs"sv, "ms"sv,   "dr"sv,  "prof"sv, "st"sv,   "rev"sv,  "hon"sv,    "gen"sv,   "col"sv,  "capt"sv,
    "lt"sv,  "sgt"sv, "gov"sv,  "mt"sv,  "vs"sv,   "eg"sv,   "ie"sv,   "approx"sv, "dept"sv,  "ave"sv,  "blvd"sv,
    "sr"sv,  "sra"sv, "srta"sv, "srs"sv, "sras"sv, "dra"sv,  "drs"sv,  "profa"sv,  "eng"sv,   "enga"sv, "arq"sv,
    "av"sv,  "r"sv,   "al"sv,   "rod"sv, "pca"sv,  "exmo"sv, "exma"sv, "ilmo"sv,   "ilma"sv,  "ex"sv,   "pex"sv,
    "tel"sv, "cel"sv, "apto"sv, "ap"sv,  "jd"sv,   "vl"sv,   "sto"sv,  "sta"sv,    "aprox"sv, "qtd"sv,  "gal"sv,
    "cj"sv,  "bl"sv,  "lj"sv,   "qd"sv,  "ed"sv,   "pq"sv,   "tv"sv,   "pe"sv,     "phd"sv,   "hwy"sv,  "bldg"sv};
// These end one only before a capital letter or the end of the text.
constexpr std::array ends_before_capital{
    "etc"sv, "am"sv,  "pm"sv,  "inc"sv, "ltd"sv, "co"sv,  "corp"sv, "jr"sv,  "bros"sv, "ltda"sv, "sa"sv,
    "cia"sv, "us"sv,  "usa"sv, "uk"sv,  "eua"sv, "phd"sv, "md"sv,   "bc"sv,  "ad"sv,   "dc"sv,   "min"sv,
    "hrs"sv, "seg"sv, "kg"sv,  "km"sv,  "cm"sv,  "mm"sv,  "lb"sv,   "lbs"sv, "oz"sv,   "ft"sv,   "obs"sv};
// These do not end one before a digit: "no. 5", "art. 37", "Jan. 5".
constexpr std::array goes_on_before_digit{"no"sv,  "nos"sv, "n"sv,   "num"sv,  "art"sv, "arts"sv, "fig"sv, "p"sv,
                                          "pp"sv,  "pag"sv, "vol"sv, "cap"sv,  "sec"sv, "ext"sv,  "rm"sv,  "fl"sv,
                                          "sl"sv,  "apt"sv, "ste"sv, "jan"sv,  "feb"sv, "mar"sv,  "apr"sv, "jun"sv,
                                          "jul"sv, "aug"sv, "sep"sv, "sept"sv, "oct"sv, "nov"sv,  "dec"sv, "fev"sv,
                                          "abr"sv, "mai"sv, "ago"sv, "set"sv,  "out"sv, "dez"sv};

template <class List>
bool holds(const List& list, std::string_view word) {
  return std::ranges::find(list, word) != list.end();
}

bool is_closer(char32_t c) {
  return c == U'"' || c == U'\'' || c == U')' || c == U']' || c == U'}' || c == U'*' || c == U'_' || c == U'`' ||
         c == 0x201D || c == 0x2019 || c == 0xBB;
}
bool is_opener(char32_t c) {
  return c == U'"' || c == U'\'' || c == U'(' || c == U'[' || c == U'{' || c == U'*' || c == U'_' || c == U'`' ||
         c == 0x201C || c == 0x2018 || c == 0xAB || c == 0xBF || c == 0xA1;
}

std::size_t skip_closers(std::string_view text, std::size_t at) {
  for (CodePoint c = code_point_at(text, at); is_closer(c.value); c = code_point_at(text, at)) at += c.length;
  return at;
}

// The first character behind `at` that is neither space nor an opening mark; 0 when it has not arrived yet.
char32_t next_visible(std::string_view text, std::size_t at) {
  for (CodePoint c = code_point_at(text, at); c.length != 0; c = code_point_at(text, at)) {
    if (!is_space(c.value) && !is_opener(c.value)) return c.value;
    at += c.length;
  }
  return 0;
}

bool has_word(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    const CodePoint c = code_point_at(text, i);
    if (is_letter(c.value) || is_digit(c.value)) return true;
    i += c.length;
  }
  return false;
}

// A character cut in two by the end of what has arrived.
bool is_partial(std::string_view text, std::size_t at) {
  const auto lead = static_cast<unsigned char>(text[at]);
  const std::size_t wanted = lead >= 0xF0U ? 4 : lead >= 0xE0U ? 3 : lead >= 0xC0U ? 2 : 1;
  return at + wanted > text.size();
}

bool is_open(std::string_view text, char open, char close) {
  return std::ranges::count(text, open) > std::ranges::count(text, close);
}

}  // namespace

SentenceChunker::SentenceChunker(Language language, ChunkerOptions options) : language_(language), options_(options) {}

std::vector<Chunk> SentenceChunker::push(std::string_view token) {
  std::vector<Chunk> out;
  while (!token.empty()) {
    const auto piece = token.substr(0, max_append);
    token.remove_prefix(piece.size());
    pending_ += piece;
    while (const auto end = next_cut(false)) take(*end, out);
  }
  return out;
}

std::vector<Chunk> SentenceChunker::finish() {
  std::vector<Chunk> out;
  scanned_ = 0;
  while (const auto end = next_cut(true)) take(*end, out);
  if (!pending_.empty()) take(pending_.size(), out);
  reset();
  return out;
}

void SentenceChunker::reset() {
  pending_.clear();
  begin_ = 0;
  scanned_ = 0;
  last_clause_ = 0;
  first_ = true;
}

void SentenceChunker::take(std::size_t end, std::vector<Chunk>& out) {
  const std::string_view whole(pending_.data(), end);
  const std::string_view text = trim(whole);
  if (has_word(text)) {
    out.push_back({std::string(text), begin_ + static_cast<std::size_t>(text.data() - whole.data())});
    first_ = false;
  }
  pending_.erase(0, end);
  begin_ += end;
  scanned_ = 0;
  last_clause_ = 0;
}

// Where the next piece ends, if that is known.
std::optional<std::size_t> SentenceChunker::next_cut(bool final) {
  const std::string_view text = pending_;
  std::size_t at = scanned_;
  while (at < text.size()) {
    if (!final && is_partial(text, at)) break;
    const CodePoint c = code_point_at(text, at);
    std::size_t end = at + c.length;
    const Mark mark = mark_at(at, c.length, c.value, final, end);
    if (mark == Mark::undecided) break;
    if (mark != Mark::none) {
      const auto piece = text.substr(0, end);
      const std::size_t length = utf8_length(trim(piece));
      const bool link_open = is_open(piece, '[', ']');
      if (mark == Mark::sentence && !link_open && has_word(piece) && (first_ || length >= options_.min_chars))
        return end;
      if (mark == Mark::clause && !link_open && !is_open(piece, '(', ')')) {
        last_clause_ = end;
        if (first_ && length >= options_.first_clause_chars) return end;
      }
    }
    at = std::max(end, at + c.length);
    scanned_ = at;
    const std::size_t limit = first_ ? options_.max_first_chars : options_.max_chars;
    if (at > limit && utf8_length(text.substr(0, at)) > limit) {
      if (const std::size_t cut = forced_cut(at); cut != 0) return cut;
    }
  }
  return std::nullopt;
}

SentenceChunker::Mark SentenceChunker::mark_at(std::size_t at, std::size_t length, char32_t c, bool final,
                                               std::size_t& end) const {
  const std::string_view text = pending_;
  const std::size_t behind = at + length;
  const char32_t before = code_point_before(text, at).value;
  switch (c) {
    case U'\n':
    case 0x3002:  // the full stops of Chinese and Japanese need no space behind them
    case 0xFF01:
    case 0xFF1F:
      return Mark::sentence;
    case U'.':
    case 0x2026: {
      std::size_t run = behind;
      while (run < text.size() && text[run] == '.') ++run;
      end = skip_closers(text, run);
      if (c == U'.' && run == behind) return mark_of_point(at, end, final);
      const char32_t next = next_visible(text, end);
      if (next == 0 && !final) return Mark::undecided;
      return next == 0 || is_upper(next) ? Mark::sentence : Mark::clause;
    }
    case U'!':
    case U'?': {
      std::size_t run = behind;
      while (run < text.size() && (text[run] == '!' || text[run] == '?' || text[run] == '.')) ++run;
      end = skip_closers(text, run);
      const CodePoint next = code_point_at(text, end);
      if (next.length == 0) return final ? Mark::sentence : Mark::undecided;
      const bool inside = is_letter(next.value) || is_digit(next.value) || (next.value < 0x80 && !is_space(next.value));
      return inside ? Mark::none : Mark::sentence;  // inside a URL's query
    }
    case U',':
    case U';':
    case U':': {
      end = skip_closers(text, behind);
      const CodePoint next = code_point_at(text, end);
      if (next.length == 0) return final ? Mark::none : Mark::undecided;
      return is_space(next.value) && !is_digit(before) ? Mark::clause : Mark::none;
    }
    case 0x2014:
    case 0x2013:
    case U'-': {
      const CodePoint next = code_point_at(text, behind);
      if (next.length == 0) return final ? Mark::none : Mark::undecided;
      const bool spaced = is_space(before) && is_space(next.value);
      return spaced || (c == 0x2014 && !is_digit(before)) ? Mark::clause : Mark::none;
    }
    default:
      return Mark::none;
  }
}

// A single point at `at`; `behind` is where the text goes on after it and any closing quotes.
SentenceChunker::Mark SentenceChunker::mark_of_point(std::size_t at, std::size_t behind, bool final) const {
  const std::string_view text = pending_;
  const CodePoint next = code_point_at(text, behind);
  if (next.length == 0) return final ? Mark::sentence : Mark::undecided;
  if (!is_space(next.value)) return Mark::none;  // 3.14, example.com, "p.m.,"

  std::size_t start = at;
  for (CodePoint c = code_point_before(text, start); c.length != 0 && !is_space(c.value) && !is_opener(c.value);
       c = code_point_before(text, start)) {
    start -= c.length;
  }
  const auto token = text.substr(start, at - start);
  if (token.empty()) return Mark::sentence;
  const bool digits_only = std::ranges::all_of(token, [](char c) { return c >= '0' && c <= '9'; });
  const auto line = text.substr(0, start);
  const auto line_begin = line.find_last_of('\n');
  const bool at_line_start = trim(line_begin == std::string_view::npos ? line : line.substr(line_begin)).empty();
  if (digits_only && at_line_start) return Mark::none;  // "1. First item"

  // An initial ("J. Smith"). "Vitamin C." then joins the next sentence, which costs less than a name cut in two.
  const CodePoint letter = code_point_at(token, 0);
  const bool initial = letter.length == token.size() && is_upper(letter.value);
  if (initial && (language_ == Language::pt || token != "I")) return Mark::none;
  std::string word = fold(token);
  std::erase(word, '.');
  if (holds(never_ends, word)) return Mark::none;
  const char32_t visible = next_visible(text, behind);
  const bool unknown = visible == 0 && !final;
  if (holds(goes_on_before_digit, word)) {
    if (unknown) return Mark::undecided;
    return is_digit(visible) || (word == "p" && is_lower(visible)) ? Mark::none : Mark::sentence;
  }
  const bool pointed = token.find('.') != std::string_view::npos && utf8_length(word) <= 4 && !digits_only &&
                       !is_digit(static_cast<unsigned char>(word.front()));  // "U.S", "e.x"
  if (pointed || holds(ends_before_capital, word)) {
    if (unknown) return Mark::undecided;
    return visible == 0 || is_upper(visible) ? Mark::sentence : Mark::none;
  }
  return Mark::sentence;
}

bool SentenceChunker::may_cut_at_space(std::size_t space) const {
  const std::string_view text = pending_;
  const char32_t before = code_point_before(text, space).value;
  const char32_t after = code_point_at(text, space + 1).value;
  const bool number_before = is_digit(before) || before == U')' || before == U'$' || before == 0x20AC;
  return !(number_before && is_digit(after)) && before != U'.' && before != U'(' && before != U'$';
}

// Too long without an end: the last comma, or the last space that parts nothing, or nowhere until a word of twice the
// limit shows that no space will come.
std::size_t SentenceChunker::forced_cut(std::size_t limit) const {
  if (last_clause_ > limit / 3) return last_clause_;
  for (std::size_t i = limit; i > limit / 3; --i) {
    if (i < pending_.size() && is_space(static_cast<unsigned char>(pending_[i])) && may_cut_at_space(i)) return i;
  }
  const std::size_t most = 2 * (first_ ? options_.max_first_chars : options_.max_chars);
  return limit > most ? truncate_utf8(pending_, limit).size() : 0;
}

}  // namespace retell::text
