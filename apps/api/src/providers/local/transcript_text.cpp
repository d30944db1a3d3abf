#include "providers/local/transcript_text.hpp"

#include <algorithm>
#include <cctype>
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
