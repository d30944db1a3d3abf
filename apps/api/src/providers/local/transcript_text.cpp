#include "providers/local/transcript_text.hpp"

#include <algorithm>
#include <cctype>
#include <span>
#include <vector>

#include "text/words.hpp"

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

// How many words, from the first one on, pass before they come again and again to the end; 0: they do not. The second
// round must have begun by at least four words.
std::size_t period(std::span<const std::string> words) {
  constexpr std::size_t least = 4;
  for (std::size_t p = 1; p + least <= words.size(); ++p) {
    if (std::equal(words.begin() + static_cast<std::ptrdiff_t>(p), words.end(), words.begin()))
      return p >= least ? p : 0;
  }
  return 0;
}

std::string without_rounds(std::string text) {
  const auto places = text::split_words(text);
  const auto words = text::folded_words(text);
  if (places.size() != words.size()) return text;
  for (std::size_t first = 0; first < words.size(); ++first) {
    const auto round = period(std::span(words).subspan(first));
    if (round == 0) continue;
    text.resize(places[first + round - 1].end);
    break;
  }
  return text;
}

}  // namespace

std::string without_repetition(std::string text) {
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
  return without_rounds(std::move(text));
}

std::string language_code(std::string_view tag) {
  if (tag.empty() || tag == "multi") return {};
  std::string out(tag.substr(0, tag.find('-')));
  std::transform(out.begin(), out.end(), out.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return out;
}

}  // namespace retell::providers::local
