// The simulated caller's voice.
#pragma once
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "core/result.hpp"

namespace retell::app {

// `text` at 8 kHz, spoken by flite ("rms", "slt", "awb") or, for a name of a language such as "pt-BR", by espeak-ng.
// Blocks. unavailable in a build without local engines.
[[nodiscard]] core::Result<std::vector<std::int16_t>> speak(const std::string& text, const std::string& voice);

// A WAV file, or one in memory, as 8 kHz mono.
[[nodiscard]] core::Result<std::vector<std::int16_t>> caller_wav(std::span<const std::uint8_t> bytes);
[[nodiscard]] core::Result<std::vector<std::int16_t>> read_caller_wav(const std::string& path);

}  // namespace retell::app
