#include "audio/resampler.hpp"

#include <speex/speex_resampler.h>

#include <algorithm>
#include <cmath>

namespace retell::audio {
namespace {

// 0-10; 3 is what speexdsp names its VoIP setting: 5.9 us for 20 ms of 24 kHz to 8 kHz.
constexpr int speex_quality = SPEEX_RESAMPLER_QUALITY_VOIP;
constexpr int min_rate = 4000;
constexpr int max_rate = 192000;

// The same alternatives in one visitor each.
template <class... F>
struct Match : F... {
  using F::operator()...;
};

}  // namespace

void Resampler::SpeexDeleter::operator()(SpeexResamplerState_* state) const { speex_resampler_destroy(state); }

core::Result<Resampler> Resampler::create(int from, int to) {
  for (const int rate : {from, to}) {
    if (rate < min_rate || rate > max_rate) {
      return core::fail(core::ErrorCode::invalid, "expected a sample rate from 4000 to 192000 Hz", "sample_rate");
    }
  }
  if (from == to) return Resampler(from, to, Same{});
  if (from == narrowband && to == wideband) return Resampler(from, to, HalfbandUpsampler{});
  if (from == wideband && to == narrowband) return Resampler(from, to, HalfbandDownsampler{});
  int error = RESAMPLER_ERR_SUCCESS;
  Speex state(
      speex_resampler_init(1, static_cast<spx_uint32_t>(from), static_cast<spx_uint32_t>(to), speex_quality, &error));
  if (!state) return core::fail(core::ErrorCode::internal, speex_resampler_strerror(error), "sample_rate");
  return Resampler(from, to, std::move(state));
}

void Resampler::process(std::span<const std::int16_t> in, std::vector<std::int16_t>& out) {
  const std::size_t had = out.size();
  std::visit(Match{
                 [&](Same) { out.insert(out.end(), in.begin(), in.end()); },
                 [&](HalfbandUpsampler& up) {
                   out.resize(had + 2 * in.size());
                   up.process(in, std::span(out).subspan(had));
                 },
                 [&](HalfbandDownsampler& down) {
                   out.resize(had + (in.size() + 1) / 2);
                   out.resize(had + down.process(in, std::span(out).subspan(had)));
                 },
                 [&](Speex& speex) { process_speex(speex.get(), in, out); },
             },
             method_);
}

void Resampler::process_speex(SpeexResamplerState_* state, std::span<const std::int16_t> in,
                              std::vector<std::int16_t>& out) const {
  while (!in.empty()) {
    const std::size_t had = out.size();
    // speexdsp may hold a sample back and give it later, hence the spare ones.
    const std::size_t room = in.size() * static_cast<std::size_t>(to_) / static_cast<std::size_t>(from_) + 8;
    out.resize(had + room);
    auto taken = static_cast<spx_uint32_t>(in.size());
    auto given = static_cast<spx_uint32_t>(room);
    speex_resampler_process_int(state, 0, in.data(), &taken, out.data() + had, &given);
    out.resize(had + given);
    if (taken == 0 && given == 0) return;
    in = in.subspan(taken);
  }
}

void Resampler::flush(std::vector<std::int16_t>& out) {
  const auto zeros = static_cast<std::size_t>(std::lround(latency_ms() * from_ / 1000.0));
  const std::vector<std::int16_t> tail(zeros);
  process(tail, out);
  reset();
}

void Resampler::reset() {
  std::visit(Match{
                 [](Same) {},
                 [](HalfbandUpsampler& up) { up.reset(); },
                 [](HalfbandDownsampler& down) { down.reset(); },
                 [](Speex& speex) { speex_resampler_reset_mem(speex.get()); },
             },
             method_);
}

double Resampler::latency_ms() const {
  if (std::holds_alternative<Same>(method_)) return 0.0;
  if (const auto* speex = std::get_if<Speex>(&method_)) {
    return 1000.0 * speex_resampler_get_output_latency(speex->get()) / to_;
  }
  return 1000.0 * static_cast<double>(halfband_delay) / wideband;
}

core::Result<std::vector<std::int16_t>> resampled(std::span<const std::int16_t> samples, int from, int to) {
  auto resampler = Resampler::create(from, to);
  if (!resampler) return tl::unexpected(resampler.error());
  std::vector<std::int16_t> out;
  resampler->process(samples, out);
  resampler->flush(out);
  return out;
}

std::size_t Framer::fill(std::span<const std::int16_t> samples) {
  const std::size_t n = std::min(samples.size(), frame_.size() - filled_);
  std::copy_n(samples.begin(), n, frame_.data.begin() + static_cast<std::ptrdiff_t>(filled_));
  filled_ += n;
  return n;
}

bool Framer::flush(AudioFrame& out) {
  if (filled_ == 0) return false;
  out = AudioFrame(frame_.sample_rate, frame_.samples().first(filled_));
  filled_ = 0;
  return true;
}

}  // namespace retell::audio
