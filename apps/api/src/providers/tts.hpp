// Text to speech, streaming. A Tts belongs to one call; one TtsStream speaks one turn.
#pragma once
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "core/log.hpp"
#include "core/result.hpp"
#include "core/task.hpp"

namespace retell::providers {

struct TtsOptions {
  core::Executor executor;
  core::Logger log;
  std::string voice;  // the vendor's voice id; empty: the adapter's default for the language
  std::string model;
  std::string language = "en-US";
  int sample_rate = 16'000;  // of the audio delivered: 8000 or 16000; adapters resample statefully
  double speed = 1.0;        // 0.5 .. 2
  double temperature = 1.0;  // 0 .. 2, where the vendor knows such a thing
};

struct SpokenWord {
  std::string text;  // as it stood in the chunk's text
  int start_ms = 0;  // from the first sample of the chunk's audio
  int end_ms = 0;
};

// Samples of a chunk in order; the span is valid during the handler's call only. Chunks come in the order asked.
struct TtsAudio {
  std::uint32_t chunk = 0;
  std::span<const std::int16_t> samples;
};
// Word times of a chunk; may come before, with or after its audio, in several parts. Not every voice gives them.
struct TtsWords {
  std::uint32_t chunk = 0;
  std::vector<SpokenWord> words;
};
struct TtsChunkDone {
  std::uint32_t chunk = 0;
};
// After finish(): all audio of the stream has been delivered.
struct TtsDone {};
// The stream is dead. Chunks without TtsChunkDone were not (wholly) spoken.
struct TtsError {
  core::Error error;
};
using TtsEvent = std::variant<TtsAudio, TtsWords, TtsChunkDone, TtsDone, TtsError>;
using TtsHandler = std::function<void(TtsEvent)>;

// Destroying it cancels: no event is delivered during or after the destructor, and the vendor is told to stop.
class TtsStream {
 public:
  virtual ~TtsStream() = default;
  // Queues a speakable chunk (a clause or sentence, already normalised); `chunk` counts up from 0.
  virtual void speak(std::uint32_t chunk, std::string text) = 0;
  virtual void finish() = 0;  // no more text comes
};

class Tts {
 public:
  virtual ~Tts() = default;
  [[nodiscard]] virtual std::string_view name() const = 0;
  // As of Stt.
  virtual void prewarm() {}
  [[nodiscard]] virtual std::unique_ptr<TtsStream> open(TtsHandler handler) = 0;
};

}  // namespace retell::providers
