// Voice activity of one call: takes 20 ms frames, tells the probability of speech and when speech starts and ends, by
// sample position. How long a silence ends a turn is the engine's business; this only smooths over single windows. One
// owner, no heap, no clock.
//
// On a silent line the network is not run (this is most of a call: people listen). The gate closes only after
// `gate_after_ms` in which every sample was within +-`gate_peak` and the probability low. The network's memory is then
// frozen as one second of silence leaves it, while its input context still follows the line; the first window that
// holds a louder sample opens the gate and is itself judged, so no onset is missed. An ungated network is no better
// guide after a long silence: its memory drifts for a minute. Tested against it: every onset is found, at most one
// window later (mostly earlier or at the same one), and no less of what follows is heard.
#pragma once
#include <array>
#include <cstdint>
#include <optional>

#include "audio/frame.hpp"
#include "audio/vad/silero.hpp"

namespace retell::audio {

struct VadOptions {
  float start = 0.5F;           // the threshold that Silero's authors publish their figures with
  float end = 0.35F;            // theirs, too: 0.15 below the start
  int min_speech_ms = 64;       // two windows; LiveKit's plug-in asks 50 ms of the same model, which is two windows too
  int min_silence_ms = 96;      // three windows; the 100 ms of Silero's streaming iterator, to the window
  std::int16_t gate_peak = 16;  // -66 dBFS: mu-law's two smallest levels, what an idle digital line hums with
  int gate_after_ms = 1024;     // 32 windows: what an utterance leaves in the network's output has faded by then
  bool gated = true;
  SileroKernel kernel = SileroKernel::best;
};

struct VadEdge {
  enum class Kind : std::uint8_t { speech_started, speech_ended };
  Kind kind = Kind::speech_started;
  // Samples since the stream began: of the first window judged speech, or of the end of the last one.
  std::int64_t at = 0;
  // How much later than `at` the edge is told.
  std::int64_t delay = 0;
};

struct VadUpdate {
  bool judged = false;       // this frame completed a window
  float probability = 0.0F;  // of the last window judged
  std::optional<VadEdge> edge;
};

class VadStream {
 public:
  // `rate` is 8000 or 16000 Hz.
  explicit VadStream(int rate, const VadOptions& options = {});

  // The frame must have the stream's rate (std::invalid_argument else). At most one window ends in a frame.
  VadUpdate push(const AudioFrame& frame);
  // As new, at position 0.
  void reset();

  [[nodiscard]] bool speaking() const { return speaking_; }
  [[nodiscard]] float probability() const { return probability_; }
  [[nodiscard]] std::int64_t position() const { return position_; }  // samples taken
  [[nodiscard]] std::int64_t windows_run() const { return windows_run_; }
  [[nodiscard]] std::int64_t windows_skipped() const { return windows_skipped_; }

 private:
  void judge_window();
  [[nodiscard]] std::optional<VadEdge> edge_after_window();

  VadOptions options_;
  SileroVad vad_;
  int gate_windows_;
  int speech_windows_;
  int silence_windows_;

  std::array<std::int16_t, 512> window_{};
  std::size_t filled_ = 0;
  std::int64_t position_ = 0;
  float probability_ = 0.0F;
  bool speaking_ = false;
  int above_ = 0;  // windows in a row that speak for a start
  int below_ = 0;  // windows in a row that speak for an end
  int quiet_ = 0;  // windows in a row below the gate
  std::int64_t windows_run_ = 0;
  std::int64_t windows_skipped_ = 0;
};

}  // namespace retell::audio
