#include "providers/local/flite_voice.hpp"

#include <flite/flite.h>
#include <fmt/format.h>

#include <memory>
#include <mutex>

extern "C" {  // flite's headers do not declare its voices and language
cst_voice* register_cmu_us_slt(const char* folder);
cst_voice* register_cmu_us_rms(const char* folder);
cst_voice* register_cmu_us_awb(const char* folder);
void usenglish_init(cst_voice* voice);
cst_lexicon* cmulex_init(void);
}

namespace retell::providers::local {
namespace {

constexpr std::size_t longest_text = 2000;  // a chunk is a clause; this bounds what one job may take

// flite registers into tables of the process, once.
void start_flite() {
  static std::once_flag once;
  std::call_once(once, [] {
    flite_init();
    flite_add_lang("eng", usenglish_init, cmulex_init);
    flite_add_lang("usenglish", usenglish_init, cmulex_init);
  });
}

cst_voice* voice_named(const std::string& name) {
  if (name.empty() || name == "slt") return register_cmu_us_slt(nullptr);
  if (name == "rms") return register_cmu_us_rms(nullptr);
  if (name == "awb") return register_cmu_us_awb(nullptr);
  return nullptr;
}

}  // namespace

FliteVoice::FliteVoice() { start_flite(); }

core::Result<> FliteVoice::synthesize(std::size_t /*thread*/, const SynthesisRequest& request, const SampleSink& sink) {
  cst_voice* voice = voice_named(request.voice);
  if (voice == nullptr) {
    return core::fail(core::ErrorCode::unprocessable,
                      fmt::format("flite has no voice '{}'; it has slt, rms and awb", request.voice));
  }
  if (request.text.size() > longest_text) return core::fail(core::ErrorCode::too_large, "the text is too long");
  feat_set_float(voice->features, "duration_stretch", static_cast<float>(1.0 / request.speed));
  const std::unique_ptr<cst_wave, decltype(&delete_wave)> wave(flite_text_to_wave(request.text.c_str(), voice),
                                                               &delete_wave);
  if (!wave) return core::fail(core::ErrorCode::internal, "flite made no audio");
  const std::span<const std::int16_t> samples(wave->samples, static_cast<std::size_t>(wave->num_samples));
  if (!sink(samples, wave->sample_rate)) return core::fail(core::ErrorCode::cancelled, "stopped");
  return {};
}

}  // namespace retell::providers::local
