#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <fstream>
#include <random>
#include <vector>

#include "audio/vad/silero.hpp"
#include "audio/vad/silero_weights.hpp"
#include "audio/vad/vad_stream.hpp"
#include "audio/wav.hpp"
#include "support/paths.hpp"

namespace retell::audio {
namespace {

using Samples = std::vector<std::int16_t>;

std::string clip_name(int rate, const std::string& kind) {
  return "vad/" + kind + "_" + std::to_string(rate / 1000) + "k";
}

Samples clip(int rate, const std::string& kind = "speech") {
  auto wav = read_wav(test::data_file(clip_name(rate, kind) + ".wav"));
  EXPECT_TRUE(wav.has_value());
  EXPECT_EQ(wav->sample_rate, rate);
  return wav->samples;
}

// What ONNX Runtime says of each window of the clip (scripts/models/silero_reference.py).
std::vector<float> reference(int rate, const std::string& kind) {
  std::ifstream file(test::data_file(clip_name(rate, kind) + ".txt"));
  std::vector<float> out;
  for (float p = 0; file >> p;) out.push_back(p);
  return out;
}

struct Variant {
  int rate;
  SileroKernel kernel;
};

class Silero : public testing::TestWithParam<Variant> {
 protected:
  void SetUp() override {
    if (!can_run(GetParam().kernel)) GTEST_SKIP() << "this processor has no AVX2 and FMA";
  }
};

// "speech" are two synthetic voices in noise, "human" is a person on an old tape.
TEST_P(Silero, agrees_with_onnx_runtime_on_speech) {
  for (const std::string kind : {"speech", "human"}) {
    const Samples samples = clip(GetParam().rate, kind);
    const std::vector<float> expected = reference(GetParam().rate, kind);
    SileroVad vad(GetParam().rate, GetParam().kernel);
    const std::size_t window = vad.window();
    ASSERT_EQ(expected.size(), samples.size() / window);
    ASSERT_GT(expected.size(), 100U);
    EXPECT_GT(*std::ranges::max_element(expected), 0.9F) << "no speech in " << kind;
    float worst = 0.0F;
    for (std::size_t i = 0; i < expected.size(); ++i) {
      worst = std::max(worst, std::abs(vad.process(std::span(samples).subspan(i * window, window)) - expected[i]));
    }
    EXPECT_LT(worst, 1e-4F) << kind;
    RecordProperty("worst_difference_" + kind, std::to_string(worst));
  }
}

TEST_P(Silero, says_the_same_again_after_reset) {
  const Samples samples = clip(GetParam().rate);
  SileroVad vad(GetParam().rate, GetParam().kernel);
  const auto speech = std::span(samples).subspan(samples.size() / 4, vad.window());
  const float first = vad.process(speech);
  EXPECT_NE(vad.process(speech), first);
  vad.reset();
  EXPECT_EQ(vad.process(speech), first);
}

TEST_P(Silero, keeps_within_bounds_on_the_loudest_noise) {
  SileroVad vad(GetParam().rate, GetParam().kernel);
  std::minstd_rand random(1);
  Samples noise(vad.window());
  for (int i = 0; i < 50; ++i) {
    for (auto& s : noise) s = random() % 2 == 0 ? 32767 : -32768;
    const float p = vad.process(noise);
    EXPECT_GE(p, 0.0F);
    EXPECT_LE(p, 1.0F);
  }
}

INSTANTIATE_TEST_SUITE_P(Kernels, Silero,
                         testing::Values(Variant{16000, SileroKernel::portable}, Variant{16000, SileroKernel::avx2},
                                         Variant{8000, SileroKernel::portable}, Variant{8000, SileroKernel::avx2}),
                         [](const auto& info) {
                           return std::to_string(info.param.rate) + "_" + to_string(info.param.kernel);
                         });

TEST(SileroWeights, in_the_binary_are_the_ones_that_were_converted) {
  for (const int rate : {8000, 16000}) {
    const auto checksum = silero_checksum(rate);
    EXPECT_EQ(checksum.computed, checksum.written) << rate;
    EXPECT_EQ(silero_weights(rate).rate, rate);
  }
}

TEST(SileroVad, refuses_other_rates_and_window_sizes) {
  EXPECT_THROW(SileroVad(44100), std::invalid_argument);
  SileroVad vad(8000);
  EXPECT_EQ(vad.window(), 256U);
  EXPECT_THROW(vad.process(Samples(512)), std::invalid_argument);
  EXPECT_NE(vad.kernel(), SileroKernel::best);
}

struct Outcome {
  std::vector<VadEdge> edges;
  std::vector<float> probabilities;
  std::int64_t skipped = 0;
};

Outcome run(int rate, const Samples& samples, const VadOptions& options) {
  VadStream stream(rate, options);
  Outcome out;
  const std::size_t size = frame_samples(rate);
  for (std::size_t i = 0; i + size <= samples.size(); i += size) {
    const auto update = stream.push(AudioFrame(rate, std::span(samples).subspan(i, size)));
    if (update.judged) out.probabilities.push_back(update.probability);
    if (update.edge) out.edges.push_back(*update.edge);
  }
  out.skipped = stream.windows_skipped();
  return out;
}

class VadStreamAt : public testing::TestWithParam<int> {
 protected:
  double ms(std::int64_t samples) const { return 1000.0 * static_cast<double>(samples) / GetParam(); }
};

TEST_P(VadStreamAt, finds_both_utterances_of_the_clip) {
  const Outcome got = run(GetParam(), clip(GetParam()), {});
  ASSERT_GE(got.edges.size(), 3U);
  EXPECT_EQ(got.edges.front().kind, VadEdge::Kind::speech_started);
  // The clip begins with 500 ms of silence and the voice with some of its own.
  EXPECT_NEAR(ms(got.edges.front().at), 690.0, 60.0);
  for (std::size_t i = 0; i + 1 < got.edges.size(); ++i) {
    EXPECT_NE(got.edges[i].kind, got.edges[i + 1].kind);
    EXPECT_LT(got.edges[i].at, got.edges[i + 1].at);
  }
  for (const VadEdge& edge : got.edges) {
    const bool start = edge.kind == VadEdge::Kind::speech_started;
    EXPECT_GE(ms(edge.delay), start ? 64.0 : 96.0);
    EXPECT_LT(ms(edge.delay), start ? 64.0 + 20.0 : 96.0 + 20.0);
  }
}

TEST_P(VadStreamAt, judges_the_same_windows_as_the_bare_network) {
  const Samples samples = clip(GetParam());
  const auto expected = reference(GetParam(), "speech");
  const Outcome got = run(GetParam(), samples, {.gated = false});
  ASSERT_NEAR(static_cast<double>(got.probabilities.size()), static_cast<double>(expected.size()), 1.0);
  for (std::size_t i = 0; i < std::min(got.probabilities.size(), expected.size()); ++i) {
    ASSERT_NEAR(got.probabilities[i], expected[i], 1e-4) << i;
  }
}

// The line is silent for a while (digitally, or with the hum of an idle mu-law line), then somebody speaks, from the
// middle of a word on, so that nothing leads up to the onset. The gated stream must find that speech, at most a window
// later than one that runs the network all the time, and must hear no less of it. (It may be earlier and hear more: the
// memory of a network that is fed silence drifts for a minute.)
TEST_P(VadStreamAt, misses_no_onset_behind_the_gate) {
  const Samples speech = clip(GetParam());
  const auto window = static_cast<std::int64_t>(SileroVad(GetParam()).window());
  std::minstd_rand random(3);
  for (const int hum : {0, 8, 16}) {
    for (const int seconds : {2, 5, 30}) {
      for (const std::size_t tenth : {2U, 3U, 4U, 7U}) {
        Samples line(static_cast<std::size_t>(seconds * GetParam()));
        for (auto& s : line) s = static_cast<std::int16_t>((static_cast<int>(random() % 3U) - 1) * hum);
        line.insert(line.end(), speech.begin() + static_cast<std::ptrdiff_t>(speech.size() * tenth / 10), speech.end());
        const Outcome gated = run(GetParam(), line, {});
        const Outcome ungated = run(GetParam(), line, {.gated = false});
        const auto name = testing::Message() << "hum " << hum << ", " << seconds << " s, from " << tenth << " tenths";
        EXPECT_GT(gated.skipped, (seconds - 2) * 30) << name;
        ASSERT_FALSE(gated.edges.empty()) << name;
        ASSERT_FALSE(ungated.edges.empty()) << name;
        EXPECT_LE(gated.edges.front().at, ungated.edges.front().at + window) << name;
        EXPECT_GE(gated.edges.front().at, std::int64_t{seconds} * GetParam() - window) << name;
        const auto spoken = [](const Outcome& o) {
          return static_cast<double>(std::ranges::count_if(o.probabilities, [](float p) { return p >= 0.5F; }));
        };
        EXPECT_GE(spoken(gated), 0.95 * spoken(ungated) - 1.0) << name;
      }
    }
  }
}

TEST_P(VadStreamAt, does_not_gate_a_line_with_room_noise) {
  std::minstd_rand random(5);
  Samples line(static_cast<std::size_t>(5 * GetParam()));
  for (auto& s : line) s = static_cast<std::int16_t>(static_cast<int>(random() % 101U) - 50);
  EXPECT_EQ(run(GetParam(), line, {}).skipped, 0);
}

TEST_P(VadStreamAt, starts_afresh_on_reset) {
  const Samples samples = clip(GetParam());
  VadStream stream(GetParam());
  const std::size_t size = frame_samples(GetParam());
  for (std::size_t i = 0; i + size <= samples.size() / 2; i += size) {
    stream.push(AudioFrame(GetParam(), std::span(samples).subspan(i, size)));
  }
  EXPECT_TRUE(stream.speaking());
  stream.reset();
  EXPECT_FALSE(stream.speaking());
  EXPECT_EQ(stream.position(), 0);
}

INSTANTIATE_TEST_SUITE_P(Rates, VadStreamAt, testing::Values(8000, 16000), testing::PrintToStringParamName());

TEST(VadStream, refuses_frames_of_another_rate) {
  VadStream stream(8000);
  EXPECT_THROW(stream.push(AudioFrame(16000)), std::invalid_argument);
}

}  // namespace
}  // namespace retell::audio
