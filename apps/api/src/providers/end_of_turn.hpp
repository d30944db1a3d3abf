// A learned opinion on whether the caller has finished, from the sound of the utterance.
#pragma once
#include <cstdint>
#include <functional>
#include <span>

namespace retell::providers {

class EndOfTurn {
 public:
  virtual ~EndOfTurn() = default;  // cancels what is asked; no answer afterwards
  // `audio`: the caller's last seconds (at most 8 are used), mono at `rate` (8000 or 16000 Hz), ending now; copied
  // before return, and brought to the model's rate off the caller's thread.
  // `answer(probability of "finished", 0..1)` comes on the executor given at construction, or never when the model is
  // overloaded: the asker has its own deadline. A new question replaces an unanswered one.
  virtual void ask(std::span<const std::int16_t> audio, int rate, std::function<void(float probability)> answer) = 0;
};

}  // namespace retell::providers
