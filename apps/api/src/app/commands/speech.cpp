#include "app/commands/speech.hpp"

#include <optional>

#include "audio/resampler.hpp"
#include "audio/wav.hpp"
#ifdef RETELL_LOCAL_MODELS
#include "providers/local/espeak_voice.hpp"
#include "providers/local/flite_voice.hpp"
#endif

namespace retell::app {

core::Result<std::vector<std::int16_t>> speak(const std::string& text, const std::string& voice) {
#ifdef RETELL_LOCAL_MODELS
  providers::local::FliteVoice flite;
  providers::local::EspeakVoice espeak;
  const bool by_language = voice.find('-') != std::string::npos;
  providers::local::SynthesisRequest request;
  request.text = text;
  request.voice = by_language ? "" : voice;
  request.language = by_language ? voice : "en-US";
  std::vector<std::int16_t> samples;
  int rate = 0;
  auto& synthesizer = by_language ? static_cast<providers::local::Synthesizer&>(espeak) : flite;
  const auto spoken = synthesizer.synthesize(0, request, [&](std::span<const std::int16_t> piece, int piece_rate) {
    samples.insert(samples.end(), piece.begin(), piece.end());
    rate = piece_rate;
    return true;
  });
  if (!spoken) return tl::unexpected(spoken.error());
  if (samples.empty()) return core::fail(core::ErrorCode::invalid, "nothing to say in: " + text);
  return audio::resampled(samples, rate, audio::narrowband);
#else
  (void)text;
  (void)voice;
  return core::fail(core::ErrorCode::unavailable, "this build has no voices: use --wav");
#endif
}

core::Result<std::vector<std::int16_t>> caller_wav(std::span<const std::uint8_t> bytes) {
  auto wav = audio::parse_wav(bytes);
  if (!wav) return tl::unexpected(wav.error());
  return audio::resampled(wav->mono(), wav->sample_rate, audio::narrowband);
}

core::Result<std::vector<std::int16_t>> read_caller_wav(const std::string& path) {
  auto wav = audio::read_wav(path);
  if (!wav) return core::fail(wav.error().code, path + ": " + wav.error().message, "--wav");
  return audio::resampled(wav->mono(), wav->sample_rate, audio::narrowband);
}

}  // namespace retell::app
