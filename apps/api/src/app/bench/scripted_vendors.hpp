// Transcription, language model and speech as loopback servers that take exactly the time they were told to, speaking
// the wire formats of Deepgram, OpenAI and ElevenLabs. They keep, for each call, when they handed their part over, so
// that what the platform adds can be told from what a vendor takes. One worker's thread.
#pragma once
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "core/clock.hpp"
#include "core/worker.hpp"
#include "net/http_server.hpp"

namespace retell::benchmarks {

struct VendorTimes {
  // From Finalize to the final transcript: longer than the engine's own wait for the end of a turn, so that this wait,
  // which is meant, is not taken for time lost.
  std::chrono::milliseconds transcript{600};
  std::chrono::milliseconds first_token{200};  // of the model
  std::chrono::milliseconds first_audio{100};  // of a chunk's speech
};

// The last turn of one call, as its vendors saw it.
struct VendorTrace {
  core::TimePoint transcript_sent;
  core::TimePoint model_asked;
  core::TimePoint token_sent;
  core::TimePoint speech_asked;  // for the turn's first chunk
  core::TimePoint audio_sent;
};

class ScriptedVendors {
 public:
  // `voice`: 8 kHz speech that the synthesiser gives back, at least half a second.
  ScriptedVendors(core::WorkerPool& workers, VendorTimes times, const std::vector<std::int16_t>& voice);
  ~ScriptedVendors();
  [[nodiscard]] std::uint16_t start();
  [[nodiscard]] const VendorTrace& trace(std::size_t call) const;  // of the call named "bench-<call>"

  struct State;

 private:
  std::shared_ptr<State> state_;
  std::unique_ptr<net::HttpServer> server_;
};

}  // namespace retell::benchmarks
