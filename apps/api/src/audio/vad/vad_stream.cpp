#include "audio/vad/vad_stream.hpp"

#include <algorithm>
#include <stdexcept>

namespace retell::audio {
namespace {

constexpr int window_ms = 32;
constexpr float gate_probability = 0.1F;

int windows_of(int milliseconds) { return std::max(1, (milliseconds + window_ms - 1) / window_ms); }

}  // namespace

VadStream::VadStream(int rate, const VadOptions& options)
    : options_(options),
      vad_(rate, options.kernel),
      gate_windows_(windows_of(options.gate_after_ms)),
      speech_windows_(windows_of(options.min_speech_ms)),
      silence_windows_(windows_of(options.min_silence_ms)) {}

VadUpdate VadStream::push(const AudioFrame& frame) {
  if (frame.sample_rate != vad_.rate()) throw std::invalid_argument("a frame of another rate than the VAD's");
  VadUpdate update;
  auto samples = frame.samples();
  const std::size_t part = std::min(samples.size(), vad_.window() - filled_);
  std::copy_n(samples.begin(), part, window_.begin() + static_cast<std::ptrdiff_t>(filled_));
  filled_ += part;
  position_ += static_cast<std::int64_t>(part);
  if (filled_ == vad_.window()) {
    judge_window();
    update.judged = true;
    update.edge = edge_after_window();
    samples = samples.subspan(part);
    std::ranges::copy(samples, window_.begin());
    filled_ = samples.size();
    position_ += static_cast<std::int64_t>(samples.size());
  }
  if (update.edge) update.edge->delay = position_ - update.edge->at;
  update.probability = probability_;
  return update;
}

void VadStream::judge_window() {
  const auto window = std::span(window_).first(vad_.window());
  const bool quiet =
      std::ranges::all_of(window, [peak = options_.gate_peak](std::int16_t s) { return s <= peak && s >= -peak; });
  quiet_ = quiet ? quiet_ + 1 : 0;
  if (options_.gated && quiet_ > gate_windows_ && !speaking_ && probability_ < gate_probability) {
    vad_.skip(window);
    ++windows_skipped_;
  } else {
    probability_ = vad_.process(window);
    ++windows_run_;
  }
}

std::optional<VadEdge> VadStream::edge_after_window() {
  const auto window = static_cast<std::int64_t>(vad_.window());
  above_ = probability_ >= options_.start ? above_ + 1 : 0;
  below_ = probability_ < options_.end ? below_ + 1 : 0;
  if (!speaking_ && above_ >= speech_windows_) {
    speaking_ = true;
    return VadEdge{VadEdge::Kind::speech_started, position_ - above_ * window};
  }
  if (speaking_ && below_ >= silence_windows_) {
    speaking_ = false;
    return VadEdge{VadEdge::Kind::speech_ended, position_ - below_ * window};
  }
  return std::nullopt;
}

void VadStream::reset() {
  vad_.reset();
  filled_ = 0;
  position_ = 0;
  probability_ = 0.0F;
  speaking_ = false;
  above_ = below_ = quiet_ = 0;
  windows_run_ = windows_skipped_ = 0;
}

}  // namespace retell::audio
