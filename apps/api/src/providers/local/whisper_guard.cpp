#include "providers/local/whisper_guard.hpp"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <string_view>

namespace retell::providers::local {
namespace {

// After the time at which a sentence ended comes the end of all, or the time at which the next one begins. Where more
// was said the end has a chance of less than a hundredth; where nothing was, 33 to 72 %, and the other still won often.
constexpr double chance_to_end = 0.15;

constexpr std::size_t stutters_allowed = 3;
constexpr std::size_t alike = 4;            // tokens; fewer happen in honest speech
constexpr std::size_t alike_unstopped = 7;  // people do begin a sentence anew

// Whether the last `length` words are those that begin at `earlier`.
bool again(const std::vector<whisper_token>& words, std::size_t earlier, std::size_t length) {
  return std::equal(words.end() - static_cast<std::ptrdiff_t>(length), words.end(),
                    words.begin() + static_cast<std::ptrdiff_t>(earlier));
}

}  // namespace

void WhisperGuard::filter(whisper_context* /*context*/, whisper_state* /*state*/, const whisper_token_data* tokens,
                          int count, float* logits, void* self) {
  auto& guard = *static_cast<WhisperGuard*>(self);
  const auto words = guard.words_of(tokens, count);
  if (const auto next = guard.stutters(words)) logits[*next] = -INFINITY;
  const bool looping = guard.loops(words);
  guard.fired_ = guard.fired_ || looping;
  if (!looping && !guard.may_end_here(tokens, count, logits)) return;
  const int end = whisper_token_eot(guard.context_);
  for (int i = 0; i < whisper_n_vocab(guard.context_); ++i) {
    if (i != end) logits[i] = -INFINITY;
  }
}

bool WhisperGuard::may_end_here(const whisper_token_data* tokens, int count, const float* logits) const {
  const int first_time = whisper_token_beg(context_);
  if (count < 2 || tokens[count - 1].id < first_time || tokens[count - 2].id >= first_time) return false;
  const auto end = static_cast<double>(logits[whisper_token_eot(context_)]);
  double times = 0;
  for (int i = first_time; i < whisper_n_vocab(context_); ++i) times += std::exp(static_cast<double>(logits[i]) - end);
  return 1 / (1 + times) >= chance_to_end;
}

// Without the times between them.
WhisperGuard::Words WhisperGuard::words_of(const whisper_token_data* tokens, int count) const {
  Words words;
  for (int i = 0; i < count; ++i) {
    if (tokens[i].id < whisper_token_eot(context_)) words.push_back(tokens[i].id);
  }
  return words;
}

// One to three tokens have come three times running ("Sorry sorry sorry"): the token that would begin the next round,
// which is forbidden. Digits may repeat as they like.
std::optional<whisper_token> WhisperGuard::stutters(const Words& words) const {
  for (std::size_t unit = 1; unit <= 3; ++unit) {
    if (words.size() < stutters_allowed * unit) break;
    const auto end = words.size();
    if (!again(words, end - 2 * unit, unit) || !again(words, end - 3 * unit, unit)) continue;
    const std::string_view text = whisper_token_to_str(context_, words[end - unit]);
    if (std::any_of(text.begin(), text.end(), [](unsigned char c) { return std::isdigit(c) != 0; })) continue;
    return words[end - unit];
  }
  return std::nullopt;
}

// A sentence starts with the words of one before it, or the text's own first words come again without a stop.
bool WhisperGuard::loops(const Words& words) const {
  if (words.size() >= 2 * alike_unstopped && again(words, 0, alike_unstopped)) return true;
  if (words.size() < 2 * alike || !ends_sentence(words[words.size() - alike - 1])) return false;
  for (std::size_t earlier = 0; earlier + 2 * alike <= words.size(); ++earlier) {
    if (earlier > 0 && !ends_sentence(words[earlier - 1])) continue;
    if (again(words, earlier, alike)) return true;
  }
  return false;
}

bool WhisperGuard::ends_sentence(whisper_token token) const {
  const std::string_view text = whisper_token_to_str(context_, token);
  return text.ends_with('.') || text.ends_with('?') || text.ends_with('!');
}

}  // namespace retell::providers::local
