// The agent's voice on its way out: audio of the current turn in, one frame every 20 ms out, and the truth about what
// the far end has played: by the clock, less the way there, which the answer to a mark behind the first frame tells.
// Holds everything on our side, so that a pause or an interruption takes effect at once: at most `lead_frames` are
// ahead of the far end's ear. On the call's worker.
#pragma once
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "audio/frame.hpp"
#include "audio/frame_ring.hpp"
#include "core/clock.hpp"
#include "engine/call_event.hpp"
#include "engine/media_transport.hpp"
#include "engine/turn/events.hpp"

namespace retell::engine {

class Playout {
 public:
  // Two frames ahead of real time: hides our own lateness of up to 40 ms; far below the 200 ms that an interruption
  // may leave to be cleared at the far end.
  static constexpr int lead_frames = 2;

  using Report = std::function<void(turn::Event)>;

  Playout(int sample_rate, Report report, MediaCounters& counters)
      : rate_(sample_rate), report_(std::move(report)), counters_(counters) {}

  void begin(turn::TurnId turn);  // a new turn; what an older one left is dropped
  // Mono samples of the turn, at the call's rate; false when the turn is not the current one.
  bool append(turn::TurnId turn, std::span<const std::int16_t> samples);
  void complete(turn::TurnId turn);  // no more audio will come
  void pause(turn::TurnId turn);
  void resume(turn::TurnId turn);
  // The agent itself waits, behind a filler or for a tool: silence until the next words is no gap.
  void await_words(turn::TurnId turn);
  void await_tool(turn::TurnId turn);
  void tool_done(turn::TurnId turn);
  void words_follow();
  // Throws the rest away and clears the far end; reports PlayoutStopped when anything had gone out.
  void interrupt(turn::TurnId turn, MediaTransport& transport, core::TimePoint now);
  // The call is over: the same for whatever turn sounds.
  void stop(MediaTransport& transport, core::TimePoint now);
  // The synthesiser starts anew in the same turn: audio not yet sent is dropped.
  void drop_unsent(turn::TurnId turn);
  void on_mark(std::uint64_t id, bool cleared, core::TimePoint now);

  // A short sound under the caller's speech, outside any turn; dropped when a turn sounds.
  void murmur(std::span<const std::int16_t> samples);

  // Sound that has just come after silence goes out at once, with the lead, instead of waiting for the next tick.
  void kick(MediaTransport& transport, core::TimePoint now);

  // The clock's tick. Sends at most one frame (and, at the start, the lead). Gives the frame that the far end plays
  // now, for the recording; silence when nothing sounds.
  audio::AudioFrame tick(MediaTransport& transport, core::TimePoint deadline, core::TimePoint now);
  // A tick that was missed: gives what the far end played meanwhile of what it had.
  audio::AudioFrame missed_tick();

  [[nodiscard]] bool sounding() const { return turn_ != 0 && sent_ > 0 && !finished_; }
  [[nodiscard]] std::size_t waiting_ms() const;  // audio not yet sent
  [[nodiscard]] std::size_t held_samples() const { return audio_.size(); }

 private:
  [[nodiscard]] core::Millis to_ms(std::uint64_t samples) const;
  [[nodiscard]] core::Millis played_by_clock() const;
  [[nodiscard]] std::uint64_t total() const { return gone_ + audio_.size(); }  // samples of the turn so far
  [[nodiscard]] std::uint64_t unsent() const { return total() - sent_; }
  void forget_sent();
  void drop_audio();
  bool send_frame(MediaTransport& transport, core::TimePoint deadline, core::TimePoint now);
  void finish();

  int rate_;
  Report report_;
  MediaCounters& counters_;

  turn::TurnId turn_ = 0;
  std::vector<std::int16_t> audio_;  // of the turn, what was sent long ago left out
  std::uint64_t gone_ = 0;           // samples of the turn before audio_
  std::uint64_t sent_ = 0;           // samples of the turn that went out
  bool complete_ = false;
  bool paused_ = false;
  bool finished_ = false;
  bool final_mark_sent_ = false;
  int tools_ = 0;  // that the turn waits for
  bool waits_ = false;
  std::uint64_t final_mark_ = 0;
  core::TimePoint final_mark_at_{};
  std::uint64_t first_mark_ = 0;  // behind the turn's first frame; 0: answered
  core::TimePoint first_mark_at_{};
  core::Millis way_{0};  // to the far end's ear: half of what the last such answer took
  core::TimePoint last_sent_{};
  int since_report_ = 0;

  std::vector<std::int16_t> murmur_;
  std::size_t murmured_ = 0;

  audio::FrameRing<lead_frames + 2> ahead_;  // sent, not yet due at the far end
  std::uint64_t next_mark_ = 1;
};

}  // namespace retell::engine
