// Cost of one call's sound, per frame or window.
#include <benchmark/benchmark.h>

#include <cmath>
#include <cstdint>
#include <random>
#include <vector>

#include "audio/g711.hpp"
#include "audio/resampler.hpp"
#include "audio/vad/vad_stream.hpp"

namespace {

using namespace retell::audio;

// Something like speech: a gliding harmonic tone that comes and goes, over faint noise.
std::vector<std::int16_t> voice_like(int rate, double seconds) {
  std::minstd_rand random(1);
  std::vector<std::int16_t> out(static_cast<std::size_t>(seconds * rate));
  double phase = 0.0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double t = static_cast<double>(i) / rate;
    phase += 2.0 * M_PI * (140.0 + 40.0 * std::sin(3.0 * t)) / rate;
    double x = 0.0;
    for (int k = 1; k < 12; ++k) x += std::sin(k * phase) / k;
    const double noise = static_cast<double>(random() % 201U) - 100.0;
    out[i] = static_cast<std::int16_t>(4000.0 * x * std::max(0.0, std::sin(9.0 * t)) + noise);
  }
  return out;
}

// A window of 32 ms; the second argument is how many calls take turns, so that their states leave the cache.
void silero_window(benchmark::State& state, SileroKernel kernel) {
  const auto rate = static_cast<int>(state.range(0));
  if (!can_run(kernel)) {
    state.SkipWithError("this processor has no AVX2 and FMA");
    return;
  }
  std::vector<SileroVad> calls(static_cast<std::size_t>(state.range(1)), SileroVad(rate, kernel));
  const auto sound = voice_like(rate, 4.0);
  const std::size_t window = calls[0].window();
  std::size_t at = 0;
  std::size_t call = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(calls[call].process(std::span(sound).subspan(at, window)));
    if (++call == calls.size()) {
      call = 0;
      at = at + 2 * window <= sound.size() ? at + window : 0;
    }
  }
}
BENCHMARK_CAPTURE(silero_window, avx2, SileroKernel::avx2)->ArgsProduct({{8000, 16000}, {1, 500}});
BENCHMARK_CAPTURE(silero_window, portable, SileroKernel::portable)->ArgsProduct({{8000, 16000}, {1}});

// A frame of 20 ms through VadStream, on a line with somebody speaking or with nothing.
void vad_frame(benchmark::State& state, bool silent) {
  const auto rate = static_cast<int>(state.range(0));
  VadStream stream(rate);
  auto sound = voice_like(rate, 4.0);
  if (silent) sound.assign(sound.size(), 0);
  const std::size_t size = frame_samples(rate);
  std::size_t at = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(stream.push(AudioFrame(rate, std::span(sound).subspan(at, size))));
    at = at + 2 * size <= sound.size() ? at + size : 0;
  }
}
BENCHMARK_CAPTURE(vad_frame, speech, false)->Arg(8000)->Arg(16000);
BENCHMARK_CAPTURE(vad_frame, silence, true)->Arg(8000)->Arg(16000);

void resample_frame(benchmark::State& state) {
  const auto from = static_cast<int>(state.range(0));
  auto resampler = Resampler::create(from, static_cast<int>(state.range(1))).value();
  const auto sound = voice_like(from, 0.02);
  std::vector<std::int16_t> out;
  for (auto _ : state) {
    out.clear();
    resampler.process(sound, out);
    benchmark::DoNotOptimize(out.data());
  }
}
BENCHMARK(resample_frame)
    ->Args({8000, 16000})
    ->Args({16000, 8000})
    ->Args({24000, 16000})
    ->Args({24000, 8000})
    ->Args({48000, 16000});

void ulaw_frame(benchmark::State& state) {
  const auto sound = voice_like(8000, 0.02);
  std::vector<std::uint8_t> codes(sound.size());
  std::vector<std::int16_t> back(sound.size());
  for (auto _ : state) {
    ulaw_encode(sound, codes);
    ulaw_decode(codes, back);
    benchmark::DoNotOptimize(back.data());
  }
}
BENCHMARK(ulaw_frame);

}  // namespace
