// The Stt seam over a Transcriber, which knows no streaming: the running segment is decoded again as it grows
// (partials, only when a thread is idle), and as soon as the caller pauses: by the time the turn is judged to be over,
// the final text is usually there already. One per call; all functions on the call's worker.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "providers/local/transcriber.hpp"
#include "providers/stt.hpp"

namespace retell::providers::local {

class SegmentStt final : public Stt {
 public:
  // `engine` outlives this. Without `needs_voice`, whatever is loud is decoded: Whisper finds words in a cough.
  SegmentStt(Transcriber& engine, SttOptions options, bool needs_voice = true);
  [[nodiscard]] std::string_view name() const override { return engine_.name(); }
  void prewarm() override { engine_.prepare(); }
  [[nodiscard]] std::unique_ptr<SttStream> open(SttHandler handler) override;

 private:
  Transcriber& engine_;
  SttOptions options_;
  bool needs_voice_;
};

}  // namespace retell::providers::local
