// What voice activity detection costs by our own kernels, beside ONNX Runtime on the same sound in the same run, and
// how far apart their probabilities lie.
#include <fmt/core.h>

#include <array>
#include <chrono>
#include <cmath>
#include <limits>

#include "app/commands/bench_figures.hpp"
#include "app/commands/common.hpp"
#include "app/commands/speech.hpp"
#include "audio/resampler.hpp"
#include "audio/vad/silero.hpp"
#ifdef RETELL_LOCAL_MODELS
#include "providers/local/model_store.hpp"
#include "providers/local/onnx_runtime.hpp"
#endif

namespace retell::app {
namespace {

constexpr int runs = 5;  // over the whole sound, the engines in turn; the best one counts
using Sound = std::span<const std::int16_t>;

struct Measured {
  double us_per_window = std::numeric_limits<double>::infinity();
  std::vector<float> probabilities = {};
};

template <class Process>
void measure(Measured& out, std::size_t window, Sound sound, Process process) {
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

void run_ours(Measured& out, audio::SileroKernel kernel, int rate, Sound sound) {
  audio::SileroVad vad(rate, kernel);
  measure(out, vad.window(), sound, [&](Sound window) { return vad.process(window); });
}

#ifdef RETELL_LOCAL_MODELS
constexpr double most_difference = 1e-4;  // what is promised of our kernels
constexpr auto model = "silero-vad-v6.2-onnx";

core::Result<std::unique_ptr<providers::local::OnnxSession>> load_published_network(const config::Config& config) {
  namespace local = providers::local;
  local::ModelStore store(local::builtin_manifest(), models_dir(config));
  if (const auto pulled = store.pull(model); !pulled) return tl::unexpected(pulled.error());
  const auto path = store.path(model);
  if (!path) return tl::unexpected(path.error());
  return local::load_onnx(*path, 1);
}

// The network's published file with one thread, as its own Python wrapper runs it: the last 4 ms of the window before
// go in front, and the memory is handed on.
core::Result<> run_theirs(Measured& out, const providers::local::OnnxSession& session, int rate, Sound sound) {
  const auto window = static_cast<std::size_t>(rate) * 32 / 1000;
  const auto context = static_cast<std::size_t>(rate) * 4 / 1000;
  const std::array<std::int64_t, 1> sample_rate{rate};
  const std::vector<std::string> outputs{"output", "stateN"};
  std::vector<float> input(context + window);
  std::vector<float> state(std::size_t{2} * 128);
  core::Result<> outcome;
  measure(out, window, sound, [&](Sound samples) {
    std::copy(input.end() - static_cast<std::ptrdiff_t>(context), input.end(), input.begin());
    for (std::size_t i = 0; i < window; ++i) input[context + i] = static_cast<float>(samples[i]) / 32768.0F;
    auto said = session.run({{"input", {1, static_cast<std::int64_t>(input.size())}, std::span<const float>(input)},
                             {"state", {2, 1, 128}, std::span<const float>(state)},
                             {"sr", {}, std::span<const std::int64_t>(sample_rate)}},
                            outputs);
    if (!said) {
      outcome = tl::unexpected(said.error());
      return 0.0F;
    }
    state = std::move((*said)[1]);
    return (*said)[0].at(0);
  });
  return outcome;
}

double greatest_difference(const Measured& a, const Measured& b) {
  double greatest = 0;
  for (std::size_t i = 0; i < std::min(a.probabilities.size(), b.probabilities.size()); ++i) {
    greatest = std::max(greatest, std::abs(static_cast<double>(a.probabilities[i]) - b.probabilities[i]));
  }
  return greatest;
}
#endif

// Two voices, one of them soft, with pauses: at 8 kHz, and brought up to 16 kHz.
struct Speech {
  std::vector<std::int16_t> wide;
  std::vector<std::int16_t> narrow;
};
core::Result<Speech> make_speech() {
  Speech out;
  const auto add = [&](const char* words, const char* voice, float gain) -> core::Result<> {
    auto samples = speak(words, voice);
    if (!samples) return tl::unexpected(samples.error());
    audio::apply_gain(*samples, gain);
    out.narrow.insert(out.narrow.end(), samples->begin(), samples->end());
    out.narrow.resize(out.narrow.size() + 4'000);
    return {};
  };
  if (auto ok = add("The quick brown fox jumps over the lazy dog, again and again, until the evening.", "slt", 1); !ok)
    return tl::unexpected(ok.error());
  if (auto ok = add("I would like to book a table for two, tomorrow at half past seven.", "rms", 0.2F); !ok)
    return tl::unexpected(ok.error());
  auto wide = audio::resampled(out.narrow, audio::narrowband, audio::wideband);
  if (!wide) return tl::unexpected(wide.error());
  out.wide = std::move(*wide);
  return out;
}

}  // namespace

core::Result<Figures> bench_vad([[maybe_unused]] const config::Config& config) {
  const auto speech = make_speech();
  if (!speech) return tl::unexpected(speech.error());
#ifdef RETELL_LOCAL_MODELS
  const auto network = load_published_network(config);
  if (!network) return tl::unexpected(network.error());
#endif
  Figures figures;
  [[maybe_unused]] double difference = 0;
  for (const int rate : {audio::wideband, audio::narrowband}) {
    const Sound sound = rate == audio::wideband ? speech->wide : speech->narrow;
    Measured best;
    Measured portable;
    Measured onnx;
    for (int run = 0; run < runs; ++run) {
      run_ours(best, audio::SileroKernel::best, rate, sound);
      run_ours(portable, audio::SileroKernel::portable, rate, sound);
#ifdef RETELL_LOCAL_MODELS
      if (auto ran = run_theirs(onnx, **network, rate, sound); !ran) return tl::unexpected(ran.error());
#endif
    }
    const std::string suffix = rate == audio::wideband ? "" : "_8khz";
    const auto kernel = audio::to_string(audio::SileroVad(rate).kernel());
    figures.push_back({"vad_us_per_frame" + suffix, best.us_per_window,
                       fmt::format("{} kHz, one window of 32 ms, kernel {}", rate / 1000, kernel)});
    figures.push_back({"vad_us_per_frame_portable" + suffix, portable.us_per_window, "without AVX2"});
#ifdef RETELL_LOCAL_MODELS
    figures.push_back({"onnxruntime_us_per_frame" + suffix, onnx.us_per_window, "same sound, same run, one thread"});
    figures.push_back({"ratio_to_onnxruntime" + suffix, best.us_per_window / onnx.us_per_window, "ours / theirs"});
    figures.push_back({"ratio_to_onnxruntime_portable" + suffix, portable.us_per_window / onnx.us_per_window, ""});
    difference = std::max({difference, greatest_difference(best, onnx), greatest_difference(portable, onnx)});
#endif
  }
#ifdef RETELL_LOCAL_MODELS
  figures.push_back({"greatest_difference", difference, "of all probabilities from ONNX Runtime's"});
  if (difference > most_difference) {
    return core::fail(core::ErrorCode::internal,
                      fmt::format("our kernels' probabilities lie up to {} from ONNX Runtime's; {} is promised",
                                  difference, most_difference));
  }
#endif
  return figures;
}

}  // namespace retell::app
