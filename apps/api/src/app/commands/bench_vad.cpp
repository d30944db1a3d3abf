#include <array>
#include <chrono>
#include <cmath>

#include "app/commands/bench_figures.hpp"
#include "app/commands/speech.hpp"
#include "audio/vad/silero.hpp"

namespace retell::app {
namespace {

// Microseconds for one window, the best of several runs over the whole sound.
double cost(audio::SileroKernel kernel, int rate, std::span<const std::int16_t> sound) {
  const auto window = static_cast<std::size_t>(rate) * 32 / 1000;
  double best = 1e9;
  for (int run = 0; run < 5; ++run) {
    audio::SileroVad vad(rate, kernel);
    std::size_t windows = 0;
    const auto begin = std::chrono::steady_clock::now();
    for (std::size_t at = 0; at + window <= sound.size(); at += window, ++windows) {
      (void)vad.process(sound.subspan(at, window));
    }
    const auto spent = std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count();
    best = std::min(best, spent / static_cast<double>(std::max<std::size_t>(1, windows)));
  }
  return best;
}

}  // namespace

core::Result<Figures> bench_vad() {
  const auto sound =
      speak("The quick brown fox jumps over the lazy dog, again and again, until the evening comes.", "slt");
  if (!sound) return tl::unexpected(sound.error());
  return Figures{{"vad_us_per_frame", cost(audio::SileroKernel::best, 16'000, *sound), "16 kHz, one 32 ms window"},
                 {"vad_us_per_frame_8khz", cost(audio::SileroKernel::best, 8'000, *sound), ""},
                 {"vad_us_per_frame_portable", cost(audio::SileroKernel::portable, 16'000, *sound), "without AVX2"}};
}

}  // namespace retell::app
