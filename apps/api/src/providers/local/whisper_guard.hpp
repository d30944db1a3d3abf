// Keeps Whisper's decoder from running on after the caller's last word, which it tends to where its window is cut to
// the sentence. Looks at each token's chances before it is chosen. One a decode; on the engine's thread.
#pragma once
#include <optional>
#include <vector>

#include "whisper.h"

namespace retell::providers::local {

class WhisperGuard {
 public:
  explicit WhisperGuard(whisper_context* context) : context_(context) {}
  // For whisper_full_params::logits_filter_callback, with the guard as its data.
  static void filter(whisper_context* context, whisper_state* state, const whisper_token_data* tokens, int count,
                     float* logits, void* guard);
  // The decode had begun to repeat itself and was ended.
  [[nodiscard]] bool fired() const { return fired_; }

 private:
  using Words = std::vector<whisper_token>;

  [[nodiscard]] bool may_end_here(const whisper_token_data* tokens, int count, const float* logits) const;
  [[nodiscard]] Words words_of(const whisper_token_data* tokens, int count) const;
  [[nodiscard]] std::optional<whisper_token> stutters(const Words& words) const;
  [[nodiscard]] bool loops(const Words& words) const;
  [[nodiscard]] bool ends_sentence(whisper_token token) const;

  whisper_context* context_;
  bool fired_ = false;
};

}  // namespace retell::providers::local
