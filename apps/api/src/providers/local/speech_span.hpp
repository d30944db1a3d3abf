// A cheap guess at where speech is in a stream, by level against the background. It only decides when decoding is worth
// while; whether the caller speaks is the engine's own matter. One owner.
#pragma once
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <span>

#include "audio/frame.hpp"

namespace retell::providers::local {

class SpeechSpan {
 public:
  // Whole 20 ms frames at 16 kHz are judged; a rest is kept in mind for the next piece.
  void push(std::span<const std::int16_t> samples) {
    while (!samples.empty()) {
      const auto take = std::min(samples.size(), audio::max_frame_samples - filled_);
      std::copy_n(samples.begin(), take, frame_.begin() + static_cast<std::ptrdiff_t>(filled_));
      filled_ += take;
      samples = samples.subspan(take);
      if (filled_ == frame_.size()) judge();
    }
  }
  [[nodiscard]] bool any() const { return end_ > 0; }
  [[nodiscard]] std::size_t start() const { return start_; }  // samples since the last reset
  [[nodiscard]] std::size_t end() const { return end_; }
  [[nodiscard]] std::size_t heard() const { return position_; }
  [[nodiscard]] std::size_t silence() const { return position_ - end_; }  // samples since speech ended
  // Forgets the first `samples`, which the owner has dropped.
  void drop(std::size_t samples) {
    start_ -= std::min(start_, samples);
    end_ -= std::min(end_, samples);
    position_ -= std::min(position_, samples);
  }

 private:
  void judge() {
    filled_ = 0;
    const float level = audio::dbfs(frame_);
    // The background falls at once and rises by 3 dB a second, so that a word does not become background.
    background_ = std::min({level > least_level ? level : least_level, background_ + 0.06F, highest_background});
    const bool speech = level > std::max(background_ + over_background, quietest_speech);
    if (speech) {
      if (end_ == 0) start_ = position_;
      end_ = position_ + frame_.size();
    }
    position_ += frame_.size();
  }

  static constexpr float least_level = -80.0F;
  static constexpr float highest_background = -35.0F;
  static constexpr float over_background = 9.0F;    // dB
  static constexpr float quietest_speech = -55.0F;  // dBFS: a faint caller over mu-law

  std::array<std::int16_t, audio::max_frame_samples> frame_{};
  std::size_t filled_ = 0;
  float background_ = -60.0F;
  std::size_t position_ = 0;
  std::size_t start_ = 0;
  std::size_t end_ = 0;
};

}  // namespace retell::providers::local
