// Any bytes as a WAV file: no crash, no more samples than bytes, and what was understood survives being written again.
#include <cstdint>
#include <cstdlib>
#include <span>

#include "audio/wav.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace retell::audio;
  const auto wav = parse_wav({data, size});
  if (!wav) return 0;
  if (wav->samples.size() > size || wav->samples.size() % static_cast<std::size_t>(wav->channels) != 0) std::abort();
  const auto again = parse_wav(encode_wav(wav->samples, wav->sample_rate, wav->channels));
  if (!again || again->samples != wav->samples || again->sample_rate != wav->sample_rate) std::abort();
  return 0;
}
