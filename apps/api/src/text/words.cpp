#include "text/words.hpp"

#include <algorithm>

#include "text/utf8.hpp"
#include "text/word_lists.hpp"

namespace retell::text {
namespace {

constexpr std::size_t max_back_channel_words = 8;  // a caller who listens says several, one after the other

bool is_word_char(char32_t c) { return is_letter(c) || is_digit(c); }

// Stays inside a word when word characters stand on both sides.
bool joins(char32_t c, char32_t before, char32_t after) {
  if (c == U'\'' || c == 0x2019 || c == U'-') return is_word_char(before) && is_word_char(after);
  if (c == U'.' || c == U',' || c == U':') return is_digit(before) && is_digit(after);
  return false;
}

// Distances over whole words with the three kinds of error told apart: the table holds, for each prefix of the
// hypothesis, the best counts so far.
struct Cell {
  std::size_t cost = 0;
  std::size_t substitutions = 0;
  std::size_t deletions = 0;
  std::size_t insertions = 0;
};

}  // namespace

std::vector<Word> split_words(std::string_view text) {
  std::vector<Word> words;
  std::size_t begin = std::string_view::npos;
  char32_t before = 0;
  for (std::size_t i = 0; i <= text.size();) {
    const CodePoint c = code_point_at(text, i);
    const char32_t after = code_point_at(text, i + c.length).value;
    const bool inside = c.length != 0 && (is_word_char(c.value) || joins(c.value, before, after));
    if (inside && begin == std::string_view::npos) begin = i;
    if (!inside && begin != std::string_view::npos) {
      words.push_back({text.substr(begin, i - begin), begin, i});
      begin = std::string_view::npos;
    }
    if (c.length == 0) break;
    before = c.value;
    i += c.length;
  }
  return words;
}

std::vector<std::string> folded_words(std::string_view text) {
  std::vector<std::string> out;
  for (const Word& word : split_words(text)) {
    std::string folded;
    for (std::size_t i = 0; i < word.text.size();) {
      const CodePoint c = code_point_at(word.text, i);
      i += c.length;
      if (c.value == U'\'' || c.value == 0x2019 || c.value == U'-') continue;
      append_utf8(folded, without_accent(to_lower(c.value)));
    }
    out.push_back(std::move(folded));
  }
  return out;
}

bool is_filler(std::string_view word, Language language) {
  const auto folded = folded_words(word);
  return folded.size() == 1 && lists::contains(lists::List::filler, language, folded.front());
}

namespace {

// A hum as transcribers spell it, with closed lips: "mm", "mhm", "M-H-M-H-M", "hmm", and as long as they please.
bool is_hum(std::string_view folded) { return folded.find_first_not_of("mh") == std::string_view::npos; }

}  // namespace

bool is_back_channel(std::string_view utterance, Language language) {
  const auto words = folded_words(utterance);
  // A single "m" is a letter, "mm m m" is not.
  if (std::ranges::all_of(words, is_hum) && (words.size() > 1 || (words.size() == 1 && words.front().size() > 1))) {
    return true;
  }
  if (words.empty() || words.size() > max_back_channel_words) return false;
  // Cover the utterance with entries of one to three words, the longest first.
  for (std::size_t i = 0; i < words.size();) {
    std::size_t covered = words[i].size() > 1 && is_hum(words[i]) ? 1 : 0;
    for (std::size_t n = std::min<std::size_t>(3, words.size() - i); n > 0 && covered == 0; --n) {
      std::string phrase = words[i];
      for (std::size_t k = 1; k < n; ++k) phrase += " " + words[i + k];
      if (lists::contains(lists::List::back_channel, language, phrase)) covered = n;
    }
    if (covered == 0) return false;
    i += covered;
  }
  return true;
}

std::vector<std::string> default_back_channels(Language language) {
  if (language == Language::pt) return {"uhum", "aham", "certo", "entendi", "sim"};
  return {"mm-hm", "uh-huh", "yeah", "right", "I see"};
}

double WordErrors::rate() const {
  if (words == 0) return total() == 0 ? 0.0 : 1.0;
  return static_cast<double>(total()) / static_cast<double>(words);
}

WordErrors& WordErrors::operator+=(const WordErrors& other) {
  substitutions += other.substitutions;
  deletions += other.deletions;
  insertions += other.insertions;
  words += other.words;
  return *this;
}

WordErrors word_errors(std::string_view reference, std::string_view hypothesis) {
  const auto wanted = folded_words(reference);
  const auto heard = folded_words(hypothesis);
  std::vector<Cell> row(heard.size() + 1);
  for (std::size_t j = 1; j <= heard.size(); ++j) row[j] = {j, 0, 0, j};
  for (std::size_t i = 1; i <= wanted.size(); ++i) {
    Cell diagonal = row[0];
    row[0] = {i, 0, i, 0};
    for (std::size_t j = 1; j <= heard.size(); ++j) {
      const Cell above = row[j];
      Cell best = diagonal;
      if (wanted[i - 1] != heard[j - 1]) ++best.cost, ++best.substitutions;
      if (above.cost + 1 < best.cost) best = above, ++best.cost, ++best.deletions;
      if (row[j - 1].cost + 1 < best.cost) best = row[j - 1], ++best.cost, ++best.insertions;
      row[j] = best;
      diagonal = above;
    }
  }
  const Cell& end = row.back();
  return {end.substitutions, end.deletions, end.insertions, wanted.size()};
}

double similarity(std::string_view a, std::string_view b) {
  const WordErrors errors = word_errors(a, b);
  const std::size_t longer = std::max(errors.words, folded_words(b).size());
  if (longer == 0) return 1.0;
  return 1.0 - static_cast<double>(errors.total()) / static_cast<double>(longer);
}

}  // namespace retell::text
