#include "providers/local/piper_voice.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <fstream>
#include <sstream>

#include "providers/local/child_process.hpp"

namespace retell::providers::local {
namespace {

constexpr std::chrono::milliseconds phoneme_limit{5'000};
constexpr std::size_t longest_text = 2000;

}  // namespace

PiperVoice::PiperVoice(std::filesystem::path folder) : folder_(std::move(folder)) {}

core::Result<> PiperVoice::load() {
  std::call_once(loading_, [this] {
    std::ifstream file(folder_ / "voice.onnx.json");
    std::stringstream text;
    text << file.rdbuf();
    auto config = parse_piper_config(text.str());
    auto session = config ? load_onnx(folder_ / "voice.onnx", 1) : tl::unexpected(config.error());
    if (!session) {
      loaded_ = tl::unexpected(session.error());
      return;
    }
    config_ = std::move(*config);
    session_ = std::move(*session);
  });
  return loaded_;
}

core::Result<std::string> PiperVoice::phonemes(const Clause& clause) const {
  std::string out;
  ChildOptions options;
  options.timeout = phoneme_limit;
  options.input = clause.text + "\n";
  options.output = [&](std::span<const char> piece) {
    out.append(piece.data(), piece.size());
    return out.size() < 64 * longest_text;
  };
  auto ran = run_child({"espeak-ng", "-q", "--ipa", "-b", "1", "-v", config_.language, "--stdin"}, options);
  if (!ran) return tl::unexpected(ran.error());
  return tidy_phonemes(out) + clause.mark;
}

core::Result<> PiperVoice::synthesize(std::size_t /*thread*/, const SynthesisRequest& request, const SampleSink& sink) {
  if (auto ready = load(); !ready) return ready;
  if (request.text.size() > longest_text) return core::fail(core::ErrorCode::too_large, "the text is too long");
  const std::array<float, 3> scales = {config_.noise * static_cast<float>(std::min(request.temperature, 1.5)),
                                       config_.length / static_cast<float>(request.speed), config_.noise_width};
  for (const auto& clause : split_clauses(request.text)) {
    const auto spoken = phonemes(clause);
    if (!spoken) return tl::unexpected(spoken.error());
    const auto ids = piper_ids(config_, *spoken);
    const std::array<std::int64_t, 1> count = {static_cast<std::int64_t>(ids.size())};
    const std::array<std::int64_t, 1> speaker = {0};
    std::vector<OnnxTensor> inputs = {{"input", {1, count[0]}, std::span<const std::int64_t>(ids)},
                                      {"input_lengths", {1}, std::span<const std::int64_t>(count)},
                                      {"scales", {3}, std::span<const float>(scales)}};
    if (config_.several_speakers) inputs.push_back({"sid", {1}, std::span<const std::int64_t>(speaker)});
    const auto wave = session_->run(inputs);
    if (!wave) return tl::unexpected(wave.error());
    std::vector<std::int16_t> samples(wave->size());
    std::transform(wave->begin(), wave->end(), samples.begin(), [](float x) {
      return static_cast<std::int16_t>(std::lround(std::clamp(x, -1.0F, 1.0F) * 32767.0F));
    });
    if (!sink(samples, config_.sample_rate)) return core::fail(core::ErrorCode::cancelled, "stopped");
  }
  return {};
}

}  // namespace retell::providers::local
