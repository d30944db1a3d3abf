// retell transcribe: what the local models hear in a recording.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "config/config.hpp"
#include "core/result.hpp"

namespace retell::app {

struct TranscribeOptions {
  std::string file;  // WAV: any rate, 16 bits, mu-law or A-law
  std::string language = "en-US";
  bool json = false;
};

// Speech between two silences of a channel at 16 kHz: samples from..to.
struct SpokenSpan {
  std::size_t from = 0;
  std::size_t to = 0;
};

// Silences under half a second join, and nothing is longer than the 28 s that a transcriber takes at once.
[[nodiscard]] std::vector<SpokenSpan> spoken_spans(std::span<const std::int16_t> samples);

// Prints each stretch of speech with its time and, of two channels, who spoke. 0, or 1 when the file or the model is
// missing.
int transcribe(const config::Config& config, const TranscribeOptions& options);

}  // namespace retell::app
