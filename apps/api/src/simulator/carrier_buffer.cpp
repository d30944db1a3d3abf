#include "simulator/carrier_buffer.hpp"

#include <algorithm>
#include <cmath>

namespace retell::simulator {
namespace {

constexpr std::uint64_t settling_frames = 10;  // an agent may send up to 200 ms ahead at first
constexpr double drift_window_ms = 2'000;      // shorter utterances say more about jitter than about pace
constexpr double frame_length_ms = 20;

}  // namespace

void CarrierBuffer::push(std::span<const std::int16_t> samples, double now_ms) {
  if (samples.empty()) return;
  if (dry_since_ms_ >= 0) {
    const double dry = now_ms - dry_since_ms_;
    if (dry >= utterance_pause_ms) {
      end_utterance();
    } else if (dry >= frame_length_ms) {
      ++pacing_.gaps;
      pacing_.worst_gap_ms = std::max(pacing_.worst_gap_ms, dry);
    }
    dry_since_ms_ = -1;
  }
  queue_.insert(queue_.end(), samples.begin(), samples.end());
  pushed_ += samples.size();
  const double length = static_cast<double>(samples.size()) / samples_per_ms;
  const auto frames = static_cast<std::uint64_t>(std::max(1.0, std::round(length / frame_length_ms)));
  pacing_.frames += frames;
  burst_ms_ += length;
  pacing_.max_burst_ms = std::max(pacing_.max_burst_ms, burst_ms_);
  pacing_.max_queued_ms = std::max(pacing_.max_queued_ms, queued_ms());
  in_utterance_ += frames;
  if (settled_at_ms_ < 0 && in_utterance_ >= settling_frames) {
    settled_at_ms_ = now_ms;
    in_utterance_ = settling_frames;
  }
  last_at_ms_ = now_ms;
}

void CarrierBuffer::end_utterance() {
  const double elapsed = last_at_ms_ - settled_at_ms_;
  if (settled_at_ms_ >= 0 && elapsed >= drift_window_ms / 2) {
    const double sound = static_cast<double>(in_utterance_ - settling_frames) * frame_length_ms;
    pacing_.worst_drift = std::max(pacing_.worst_drift, std::abs(elapsed / std::max(1.0, sound) - 1.0));
  }
  settled_at_ms_ = -1;
  last_at_ms_ = -1;
  in_utterance_ = 0;
}

Pacing CarrierBuffer::pacing() const {
  auto copy = *this;
  copy.end_utterance();
  return copy.pacing_;
}

void CarrierBuffer::mark(std::string name) { marks_.push_back({std::move(name), pushed_}); }

std::vector<std::string> CarrierBuffer::clear() {
  ++pacing_.clears;
  pacing_.cleared_ms += queued_ms();
  queue_.clear();
  played_ = pushed_;
  playing_ = false;
  waited_ = 0;
  dry_since_ms_ = -1;
  end_utterance();
  std::vector<std::string> names;
  names.reserve(marks_.size());
  for (auto& mark : marks_) names.push_back(std::move(mark.name));
  marks_.clear();
  return names;
}

std::vector<std::string> CarrierBuffer::play(std::span<std::int16_t> frame, double now_ms) {
  burst_ms_ = 0;
  std::fill(frame.begin(), frame.end(), std::int16_t{0});
  if (!playing_ && !queue_.empty() && (queue_.size() >= prebuffer || ++waited_ >= 2)) playing_ = true;
  if (playing_) {
    waited_ = 0;
    const auto count = std::min(frame.size(), queue_.size());
    std::copy_n(queue_.begin(), count, frame.begin());
    queue_.erase(queue_.begin(), queue_.begin() + static_cast<std::ptrdiff_t>(count));
    played_ += count;
    if (count < frame.size()) {
      playing_ = false;
      dry_since_ms_ = now_ms;
    }
  }
  std::vector<std::string> reached;
  while (!marks_.empty() && marks_.front().at <= played_) {
    reached.push_back(std::move(marks_.front().name));
    marks_.pop_front();
  }
  return reached;
}

}  // namespace retell::simulator
