// What a carrier does with the sound we send it: queues it, plays it on its own clock, answers marks when it has played
// up to them, and forgets it all on a clear. Also counts what it sees of our pacing. Pure; the caller brings the time.
#pragma once
#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <string>
#include <vector>

namespace retell::simulator {

inline constexpr int line_rate = 8000;          // Hz
inline constexpr std::size_t line_frame = 160;  // samples of 20 ms
inline constexpr std::size_t samples_per_ms = 8;

struct Pacing {
  std::uint64_t frames = 0;  // 20 ms pieces that arrived
  std::uint64_t gaps = 0;    // the line ran dry inside an utterance
  double worst_gap_ms = 0;
  double max_queued_ms = 0;  // most that ever waited
  double max_burst_ms = 0;   // most that arrived within 20 ms of the carrier's clock, once an utterance has its lead
  double worst_drift = 0;    // of utterances of 2 s and more: how far their pace was from real time, 0.01 = 1 %
  std::uint64_t clears = 0;
  double cleared_ms = 0;  // thrown away by clears
};

class CarrierBuffer {
 public:
  // Playing starts, at the beginning of an utterance, when this much is there or 20 ms have passed twice: carriers have
  // jitter buffers of two frames and more.
  static constexpr std::size_t prebuffer = 2 * line_frame;
  // Dry for longer than this is not a gap but the end of the utterance.
  static constexpr double utterance_pause_ms = 300;

  void push(std::span<const std::int16_t> samples, double now_ms);
  void mark(std::string name);
  // The marks that were waiting.
  [[nodiscard]] std::vector<std::string> clear();
  // The next 20 ms of sound and the marks reached; called once every 20 ms.
  std::vector<std::string> play(std::span<std::int16_t> frame, double now_ms);

  [[nodiscard]] double queued_ms() const { return static_cast<double>(queue_.size()) / samples_per_ms; }
  [[nodiscard]] Pacing pacing() const;

 private:
  struct Mark {
    std::string name;
    std::uint64_t at = 0;  // sample number
  };
  void end_utterance();

  std::deque<std::int16_t> queue_;
  std::deque<Mark> marks_;
  std::uint64_t pushed_ = 0;
  std::uint64_t played_ = 0;
  Pacing pacing_;
  bool playing_ = false;
  int waited_ = 0;             // plays since sound waits without being played
  double dry_since_ms_ = -1;   // the line ran dry then; -1: it did not
  double burst_ms_ = 0;        // arrived since the last play
  double settled_at_ms_ = -1;  // arrival of the utterance's tenth frame, where pacing is steady
  double last_at_ms_ = -1;     // of its latest
  std::uint64_t in_utterance_ = 0;
};

}  // namespace retell::simulator
