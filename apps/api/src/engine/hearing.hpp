// The call's ears: voice activity, the transcriber with its fall-backs, the look-back that keeps first words whole, and
// the learned end-of-turn detector. Reports to the conversation core. On the call's worker.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "audio/frame.hpp"
#include "audio/vad/vad_stream.hpp"
#include "core/log.hpp"
#include "engine/call_plan.hpp"
#include "engine/turn/actions.hpp"
#include "engine/turn/events.hpp"
#include "providers/registry.hpp"

namespace retell::engine {

class Hearing {
 public:
  using Report = std::function<void(turn::Event)>;
  struct Parts {
    providers::Place place;
    const providers::Registry& registry;
    const HearingPlan& plan;
    std::string language;
    int sample_rate = 8000;
    core::Logger log;
    Report report;
    std::function<void(const std::string& text, bool final)> live_text;
    std::function<void(std::string note)> failed_over;  // "stt: deepgram -> local"
    std::function<void(std::string_view vendor)> vendor_failed;
    std::function<void(core::Error)> dead;  // no transcriber is left
  };

  explicit Hearing(Parts parts);

  void warm();                      // connects the transcriber, unless that has been done
  void start(core::TimePoint now);  // the first frame is due; opens the transcriber
  void on_frame(const audio::AudioFrame& frame, core::TimePoint now);
  void finalize(turn::PauseId pause);
  void ask_end_of_turn(turn::PauseId pause);
  [[nodiscard]] bool has_end_of_turn() const { return end_of_turn_ != nullptr; }
  // Seconds of the call at which the caller's voice was last heard; negative: never.
  [[nodiscard]] bool speaking() const { return vad_.speaking(); }

 private:
  void make_vendor();
  void open();
  void on_event(providers::SttEvent event);
  void fail_over(const core::Error& error);
  void send(std::span<const std::int16_t> samples);
  void check_liveness(core::TimePoint now);

  Parts parts_;
  audio::VadStream vad_;
  std::unique_ptr<providers::Stt> vendor_;
  std::unique_ptr<providers::SttStream> stream_;
  std::unique_ptr<providers::EndOfTurn> end_of_turn_;
  std::uint64_t generation_ = 0;  // of stream_; a dying one is not listened to
  std::size_t vendor_index_ = 0;  // 0: the plan's own, then its fall-backs
  int restarts_ = 0;              // of the same vendor
  bool dead_ = false;

  turn::UtteranceId utterance_ = 1;
  double stream_zero_s_ = 0;                   // call time at which the current stream began
  std::vector<std::int16_t> pending_;          // frames gathered into one message
  std::vector<std::int16_t> memory_;           // the last seconds of sound, oldest first
  std::uint64_t samples_ = 0;                  // of the call so far
  std::uint64_t settled_ = 0;                  // of them, before the last final
  std::optional<turn::PauseId> asked_;         // finalize() not yet answered
  std::uint64_t asked_position_ = 0;           // samples sent before the last finalize()
  std::optional<core::TimePoint> flushed_at_;  // the first finalize() without an answer
  core::TimePoint last_event_{};
  core::TimePoint voice_since_{};
  bool gives_partials_ = false;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);  // a retired stream looks whether this still exists
};

}  // namespace retell::engine
