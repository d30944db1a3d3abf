#include "providers/local/pocketsphinx_engine.hpp"

#include <pocketsphinx.h>

#include <algorithm>
#include <cmath>

namespace retell::providers::local {
namespace {

constexpr std::size_t waiting = 64;
constexpr std::size_t step = 1600;  // samples between two looks at whether the text is still wanted: 100 ms
#define RETELL_SPHINX_MODEL "/usr/share/pocketsphinx/model/en-us/"

ps_decoder_t* open_decoder() {
  cmd_ln_t* config = cmd_ln_init(nullptr, ps_args(), TRUE, "-hmm", RETELL_SPHINX_MODEL "en-us", "-lm",
                                 RETELL_SPHINX_MODEL "en-us.lm.bin", "-dict", RETELL_SPHINX_MODEL "cmudict-en-us.dict",
                                 "-logfn", "/dev/null",
                                 // The second, flat pass takes 150 ms at the end and gains nothing on short sentences.
                                 "-fwdflat", "no", nullptr);
  if (config == nullptr) return nullptr;
  ps_decoder_t* decoder = ps_init(config);
  cmd_ln_free_r(config);  // the decoder holds its own reference
  return decoder;
}

}  // namespace

void PocketSphinxEngine::Deleter::operator()(ps_decoder_s* decoder) const { ps_free(decoder); }

PocketSphinxEngine::PocketSphinxEngine(std::size_t threads)
    : decoders_(threads), threads_("sphinx", threads, waiting) {}

PocketSphinxEngine::~PocketSphinxEngine() { threads_.stop(); }

bool PocketSphinxEngine::submit(TranscriptionJob job, Priority priority) {
  return threads_.submit(
      [this, job = std::move(job)](std::size_t thread) {
        auto result = decode(thread, job);
        job.done(std::move(result));
      },
      priority);
}

core::Result<std::string> PocketSphinxEngine::decode(std::size_t thread, const TranscriptionJob& job) {
  auto& decoder = decoders_[thread];
  if (!decoder) decoder.reset(open_decoder());
  if (!decoder) {
    return core::fail(core::ErrorCode::unavailable,
                      "PocketSphinx found no model in " RETELL_SPHINX_MODEL "; install pocketsphinx-en-us");
  }
  std::vector<std::int16_t> samples(job.samples.size());
  std::transform(job.samples.begin(), job.samples.end(), samples.begin(),
                 [](float x) { return static_cast<std::int16_t>(std::lround(std::clamp(x, -1.0F, 1.0F) * 32767.0F)); });
  ps_start_utt(decoder.get());
  for (std::size_t at = 0; at < samples.size() && !job.abandon->load(); at += step) {
    ps_process_raw(decoder.get(), samples.data() + at, std::min(step, samples.size() - at), FALSE, FALSE);
  }
  ps_end_utt(decoder.get());
  if (job.abandon->load()) return core::fail(core::ErrorCode::cancelled, "not wanted any more");
  int score = 0;
  const char* text = ps_get_hyp(decoder.get(), &score);
  return text == nullptr ? std::string() : std::string(text);
}

}  // namespace retell::providers::local
