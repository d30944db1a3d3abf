#include "providers/local/transcript_text.hpp"

#include <algorithm>
#include <cctype>
#include <set>
#include <span>
#include <vector>

namespace retell::providers::local {

std::string without_sound_marks(std::string_view text) {
  std::string out;
  char closing = 0;
  for (const char c : text) {
    if (closing != 0) {
      if (c == closing) closing = 0;
      continue;
    }
    if (c == '[') {
      closing = ']';
    } else if (c == '(') {
      closing = ')';
    } else if (c == '*') {
      closing = '*';
    } else if (c == ' ' || c == '\n') {
      if (!out.empty() && out.back() != ' ') out += ' ';
    } else {
      out += c;
    }
  }
  while (out.ends_with(' ')) out.pop_back();
  return out;
}

namespace {

struct Word {
  std::string bare;     // lower case, without punctuation around it
  std::size_t end = 0;  // in the text
};

std::vector<Word> words_of(std::string_view text) {
  const auto is_letter = [](unsigned char c) { return std::isalnum(c) != 0 || c >= 0x80; };
  std::vector<Word> words;
  for (std::size_t at = 0; at < text.size();) {
    const auto end = std::min(text.find(' ', at), text.size());
    Word word{"", end};
    for (const char c : text.substr(at, end - at)) {
      if (is_letter(static_cast<unsigned char>(c)))
        word.bare += static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    }
    if (!word.bare.empty()) words.push_back(std::move(word));
    at = end + 1;
  }
  return words;
}

// Nobody says a sentence more than twice in one breath, but people do read out numbers and say "no, no, no, no".
bool is_sentence(std::span<const Word> phrase) {
  std::set<std::string_view> different;
  for (const auto& word : phrase) {
    if (std::any_of(word.bare.begin(), word.bare.end(), [](unsigned char c) { return std::isdigit(c) != 0; }))
      return false;
    different.insert(word.bare);
  }
  return different.size() >= 3;
}

// How many words stand before a sentence begins again and goes on so, over and over, to the end: a decoder that has
// lost its way. All of them when there is no such sentence.
std::size_t before_loop(std::span<const Word> words) {
  constexpr std::size_t shortest = 4;  // words
  for (std::size_t period = shortest; 2 * period < words.size(); ++period) {
    auto first = words.size() - period;
    while (first > 0 && words[first - 1].bare == words[first - 1 + period].bare) --first;
    if (words.size() - first > 2 * period && is_sentence(words.subspan(first, period))) return first + period;
  }
  return words.size();
}

}  // namespace

std::string without_repetition(std::string text) {
  const auto words = words_of(text);
  if (const auto kept = before_loop(words); kept < words.size()) text.resize(words[kept - 1].end);
  constexpr std::size_t shortest = 10;  // bytes
  const std::string_view view = text;
  std::vector<std::size_t> starts = {0};
  for (std::size_t i = 0; i + 2 < view.size(); ++i) {
    const bool stop = view[i] == '.' || view[i] == '?' || view[i] == '!';
    if (stop && view[i + 1] == ' ') starts.push_back(i + 2);
  }
  for (std::size_t i = 1; i < starts.size(); ++i) {
    const auto tail = view.substr(starts[i]);
    if (tail.size() < shortest) break;
    for (std::size_t earlier = 0; earlier < i; ++earlier) {
      if (!view.substr(starts[earlier]).starts_with(tail)) continue;
      text.resize(starts[i] - 1);
      return text;
    }
  }
  return text;
}

std::string language_code(std::string_view tag) {
  if (tag.empty() || tag == "multi") return {};
  std::string out(tag.substr(0, tag.find('-')));
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

}  // namespace retell::providers::local
