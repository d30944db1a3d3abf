// The Stt seam over a WhisperEngine. Whisper knows no streaming, so the running segment is decoded again as it grows
// (partials, only when a thread is idle), and as soon as the caller pauses: by the time the turn is judged to be over,
// the final text is usually there already. One per call; all functions on the call's worker.
#pragma once
#include <memory>
#include <string>
#include <string_view>

#include "providers/local/whisper_engine.hpp"
#include "providers/stt.hpp"

namespace retell::providers::local {

class WhisperStt final : public Stt {
 public:
  // `engine` outlives this.
  WhisperStt(WhisperEngine& engine, SttOptions options);
  [[nodiscard]] std::string_view name() const override { return "whisper"; }
  [[nodiscard]] std::unique_ptr<SttStream> open(SttHandler handler) override;

 private:
  WhisperEngine& engine_;
  SttOptions options_;
};

// "pt-BR" -> "pt"; "multi" and empty -> "".
[[nodiscard]] std::string whisper_language(std::string_view tag);

}  // namespace retell::providers::local
