// From text and phonemes to the numbers that a Piper voice reads. Pure; any thread.
#pragma once
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "core/result.hpp"

namespace retell::providers::local {

// What a voice's .onnx.json says.
struct PiperConfig {
  int sample_rate = 22'050;
  std::string language = "en-us";  // of espeak-ng
  float noise = 0.667F;
  float length = 1.0F;
  float noise_width = 0.8F;
  bool several_speakers = false;
  std::map<std::string, std::vector<std::int64_t>, std::less<>> ids;  // by phoneme (one character)
};
[[nodiscard]] core::Result<PiperConfig> parse_piper_config(std::string_view text);

// The model's input: begin, each phoneme followed by a pad, end. Characters the voice does not know are left out.
[[nodiscard]] std::vector<std::int64_t> piper_ids(const PiperConfig& config, std::string_view phonemes);

// A clause and the mark that ends it (',' ';' ':' '.' '!' '?'; '.' at the end of a text without one).
struct Clause {
  std::string text;
  char mark = '.';
};
[[nodiscard]] std::vector<Clause> split_clauses(std::string_view text);

// espeak-ng's output as the voices were trained on it: one line, without the "(en)" where it changes language, and c
// with a cedilla as two characters.
[[nodiscard]] std::string tidy_phonemes(std::string_view text);

}  // namespace retell::providers::local
