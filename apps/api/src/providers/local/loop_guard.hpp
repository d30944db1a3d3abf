// Small language models can fall into a loop and say the same sentences until their tokens run out: a minute of it, to
// a caller. This watches a reply as it comes and tells when it has begun to say itself again. One owner, pure.
#pragma once
#include <algorithm>
#include <cctype>
#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace retell::providers::local {

class LoopGuard {
 public:
  // True from the piece on that ends a sentence which this reply has said before, word for word. Short ones ("No. No.")
  // do not count, nor do numbers: "1.5" ends no sentence.
  bool push(std::string_view piece) {
    for (const char c : piece) {
      const bool space = std::isspace(static_cast<unsigned char>(c)) != 0;
      const bool ended = !sentence_.empty() && is_end(sentence_.back()) && (space || c == '\n');
      if (ended) finish();
      if (space && sentence_.empty()) continue;
      sentence_ += space ? ' ' : c;
      if (sentence_.size() >= least && is_end(c) && said(sentence_)) looping_ = true;
    }
    return looping_;
  }

 private:
  static constexpr std::size_t least = 24;  // characters: some five words

  [[nodiscard]] static bool is_end(char c) { return c == '.' || c == '!' || c == '?'; }
  [[nodiscard]] bool said(const std::string& sentence) const {
    return std::find(sentences_.begin(), sentences_.end(), sentence) != sentences_.end();
  }
  void finish() {
    if (sentence_.size() >= least) sentences_.push_back(sentence_);
    sentence_.clear();
  }

  std::string sentence_;
  std::vector<std::string> sentences_;
  bool looping_ = false;
};

}  // namespace retell::providers::local
