// A few frames waiting in order, held inline: nothing is allocated and nothing moves. Pure; one thread.
#pragma once
#include <array>
#include <cstddef>

#include "audio/frame.hpp"

namespace retell::audio {

template <std::size_t Capacity>
class FrameRing {
 public:
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::size_t size() const { return size_; }

  // The oldest frame makes room when all places are taken.
  void push(const AudioFrame& frame) {
    if (size_ == Capacity) pop();
    frames_[(begin_ + size_) % Capacity] = frame;
    ++size_;
  }
  [[nodiscard]] const AudioFrame& front() const { return frames_[begin_]; }  // of a ring that is not empty
  void pop() {
    begin_ = (begin_ + 1) % Capacity;
    --size_;
  }
  void clear() { size_ = 0; }

 private:
  std::array<AudioFrame, Capacity> frames_;
  std::size_t begin_ = 0;
  std::size_t size_ = 0;
};

}  // namespace retell::audio
