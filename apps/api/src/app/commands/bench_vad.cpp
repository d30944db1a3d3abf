// What voice activity detection costs by our own kernel, beside ONNX Runtime on the same sound in the same run.
#include <array>
#include <chrono>
#include <cmath>

#include "app/commands/bench_figures.hpp"
#include "app/commands/speech.hpp"
#include "audio/resampler.hpp"
#include "audio/vad/silero.hpp"
#ifdef RETELL_LOCAL_MODELS
#include "providers/local/model_store.hpp"
#include "providers/local/onnx_runtime.hpp"
#endif

namespace retell::app {
namespace {

constexpr int runs = 5;  // over the whole sound; the best one counts

struct Measured {
  double us_per_window = 1e9;
  std::vector<float> probabilities;
};

template <class Process>
void measure(Measured& out, std::size_t window, std::span<const std::int16_t> sound, Process process) {
  std::vector<float> said;
  said.reserve(sound.size() / window);
  const auto begin = std::chrono::steady_clock::now();
  for (std::size_t at = 0; at + window <= sound.size(); at += window) {
    said.push_back(process(sound.subspan(at, window)));
  }
  const auto spent = std::chrono::duration<double, std::micro>(std::chrono::steady_clock::now() - begin).count();
  out.us_per_window = std::min(out.us_per_window, spent / static_cast<double>(said.size()));
  out.probabilities = std::move(said);
}

Measured ours(audio::SileroKernel kernel, int rate, std::span<const std::int16_t> sound) {
  Measured out;
  for (int run = 0; run < runs; ++run) {
    audio::SileroVad vad(rate, kernel);
    measure(out, vad.window(), sound, [&](auto window) { return vad.process(window); });
  }
  return out;
}

#ifdef RETELL_LOCAL_MODELS
// The network's published file with one thread, as its own Python wrapper runs it: the last 4 ms of the window before
// go in front, and the memory is handed on.
core::Result<Measured> theirs(int rate, std::span<const std::int16_t> sound) {
  namespace local = providers::local;
  local::ModelStore store(local::builtin_manifest(), local::ModelStore::default_cache_dir());
  const auto folder = store.pull("silero-vad-v6.2-onnx");
  if (!folder) return tl::unexpected(folder.error());
  const auto model = store.path("silero-vad-v6.2-onnx");
  if (!model) return tl::unexpected(model.error());
  const auto session = local::load_onnx(*model, 1);
  if (!session) return tl::unexpected(session.error());

  const auto window = static_cast<std::size_t>(rate) * 32 / 1000;
  const auto context = static_cast<std::size_t>(rate) * 4 / 1000;
  const std::array<std::int64_t, 1> sample_rate{rate};
  const std::vector<std::string> outputs{"output", "stateN"};
  core::Result<> failed;
  Measured out;
  for (int run = 0; run < runs && failed; ++run) {
    std::vector<float> input(context + window);
    std::vector<float> state(std::size_t{2} * 128);
    measure(out, window, sound, [&](std::span<const std::int16_t> samples) {
      std::copy(input.end() - static_cast<std::ptrdiff_t>(context), input.end(), input.begin());
      for (std::size_t i = 0; i < window; ++i) input[context + i] = static_cast<float>(samples[i]) / 32768.0F;
      auto said =
          (*session)->run({{"input", {1, static_cast<std::int64_t>(input.size())}, std::span<const float>(input)},
                           {"state", {2, 1, 128}, std::span<const float>(state)},
                           {"sr", {}, std::span<const std::int64_t>(sample_rate)}},
                          outputs);
      if (!said) {
        failed = tl::unexpected(said.error());
        return 0.0F;
      }
      state = std::move((*said)[1]);
      return (*said)[0].at(0);
    });
  }
  if (!failed) return tl::unexpected(failed.error());
  return out;
}
#endif

double greatest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  double greatest = 0;
  for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i) {
    greatest = std::max(greatest, std::abs(static_cast<double>(a[i]) - static_cast<double>(b[i])));
  }
  return greatest;
}

}  // namespace

core::Result<Figures> bench_vad() {
  auto narrow = speak("The quick brown fox jumps over the lazy dog, again and again, until the evening comes.", "slt");
  if (!narrow) return tl::unexpected(narrow.error());
  auto up = audio::Resampler::create(audio::narrowband, audio::wideband);
  if (!up) return tl::unexpected(up.error());
  std::vector<std::int16_t> wide;
  up->process(*narrow, wide);

  const auto best = ours(audio::SileroKernel::best, audio::wideband, wide);
  const auto portable = ours(audio::SileroKernel::portable, audio::wideband, wide);
  const auto best_narrow = ours(audio::SileroKernel::best, audio::narrowband, *narrow);
  Figures figures{{"vad_us_per_frame", best.us_per_window, "16 kHz, one 32 ms window"},
                  {"vad_us_per_frame_portable", portable.us_per_window, "the same without AVX2"},
                  {"vad_us_per_frame_8khz", best_narrow.us_per_window, ""}};
#ifdef RETELL_LOCAL_MODELS
  const auto onnx = theirs(audio::wideband, wide);
  if (!onnx) return tl::unexpected(onnx.error());
  const auto onnx_narrow = theirs(audio::narrowband, *narrow);
  if (!onnx_narrow) return tl::unexpected(onnx_narrow.error());
  figures.push_back({"onnxruntime_us_per_frame", onnx->us_per_window, "the same sound, one thread"});
  figures.push_back({"onnxruntime_us_per_frame_8khz", onnx_narrow->us_per_window, ""});
  figures.push_back({"ratio_to_onnxruntime", best.us_per_window / onnx->us_per_window, "ours / ONNX Runtime"});
  figures.push_back({"ratio_to_onnxruntime_8khz", best_narrow.us_per_window / onnx_narrow->us_per_window, ""});
  figures.push_back({"greatest_difference_e6",
                     1e6 * std::max({greatest_difference(best.probabilities, onnx->probabilities),
                                     greatest_difference(portable.probabilities, onnx->probabilities),
                                     greatest_difference(best_narrow.probabilities, onnx_narrow->probabilities)}),
                     "of the probability of speech, in millionths"});
#endif
  return figures;
}

}  // namespace retell::app
