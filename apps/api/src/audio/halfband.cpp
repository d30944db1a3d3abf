#include "audio/halfband.hpp"

#include <algorithm>
#include <cmath>

namespace retell::audio {
namespace {

// Equiripple design (Parks-McClellan on the odd branch alone, pass band to 3,500 of 4,000 Hz), symmetric.
constexpr std::array<float, halfband_taps / 2> half = {
    -0.001634089F, 0.002448323F,  -0.004189582F, 0.006664054F,  -0.010064641F, 0.014644071F,  -0.020740971F,
    0.028860982F,  -0.039842641F, 0.055246165F,  -0.078417007F, 0.118106447F,  -0.206565392F, 0.634720564F};

constexpr float tap(std::size_t i) { return i < half.size() ? half[i] : half[halfband_taps - 1 - i]; }

std::int16_t to_sample(float x) {
  const float rounded = x + (x < 0.0F ? -0.5F : 0.5F);
  return static_cast<std::int16_t>(std::clamp(rounded, -32768.0F, 32767.0F));
}

// y[n] = sum of tap(k) * x[n + k]. The taps are the outer loop: the inner one is then free of sums across lanes, so
// the compiler vectorises it without being allowed to reorder floating point additions.
void filter(const float* x, std::size_t n, float* y) {
  std::fill_n(y, n, 0.0F);
  for (std::size_t k = 0; k < halfband_taps / 2; ++k) {
    const float c = half[k];
    const float* a = x + k;
    const float* b = x + (halfband_taps - 1 - k);
    for (std::size_t i = 0; i < n; ++i) y[i] += c * (a[i] + b[i]);
  }
}
static_assert(tap(0) == tap(halfband_taps - 1));

}  // namespace

void HalfbandUpsampler::process(std::span<const std::int16_t> in, std::span<std::int16_t> out) {
  std::size_t written = 0;
  while (!in.empty()) {
    const std::size_t n = std::min(in.size(), halfband_block);
    block(in.first(n), out.data() + written);
    in = in.subspan(n);
    written += 2 * n;
  }
}

void HalfbandUpsampler::block(std::span<const std::int16_t> in, std::int16_t* out) {
  constexpr std::size_t past = halfband_taps - 1;
  std::array<float, past + halfband_block> x;
  std::array<float, halfband_block> y;
  const std::size_t n = in.size();
  std::ranges::copy(history_, x.begin());
  for (std::size_t i = 0; i < n; ++i) x[past + i] = static_cast<float>(in[i]);
  filter(x.data(), n, y.data());
  for (std::size_t i = 0; i < n; ++i) {
    out[2 * i] = to_sample(y[i]);
    out[2 * i + 1] = to_sample(x[i + halfband_taps / 2]);  // the centre tap: the input itself, later
  }
  std::copy_n(x.begin() + static_cast<std::ptrdiff_t>(n), past, history_.begin());
}

std::size_t HalfbandDownsampler::process(std::span<const std::int16_t> in, std::span<std::int16_t> out) {
  std::size_t written = 0;
  if (has_kept_ && !in.empty()) {
    const std::array<std::int16_t, 2> pair{kept_, in[0]};
    block(pair.data(), 1, out.data());
    in = in.subspan(1);
    written = 1;
    has_kept_ = false;
  }
  while (in.size() >= 2) {
    const std::size_t n = std::min(in.size() / 2, halfband_block);
    block(in.data(), n, out.data() + written);
    in = in.subspan(2 * n);
    written += n;
  }
  if (!in.empty()) {
    kept_ = in[0];
    has_kept_ = true;
  }
  return written;
}

void HalfbandDownsampler::block(const std::int16_t* pairs, std::size_t count, std::int16_t* out) {
  constexpr std::size_t past = halfband_taps - 1;
  constexpr std::size_t delay = halfband_taps / 2;
  std::array<float, past + halfband_block> even;
  std::array<float, delay + halfband_block> odd;
  std::array<float, halfband_block> y;
  std::ranges::copy(even_, even.begin());
  std::ranges::copy(odd_, odd.begin());
  for (std::size_t i = 0; i < count; ++i) {
    even[past + i] = static_cast<float>(pairs[2 * i]);
    odd[delay + i] = static_cast<float>(pairs[2 * i + 1]);
  }
  filter(even.data(), count, y.data());
  for (std::size_t i = 0; i < count; ++i) out[i] = to_sample(0.5F * (y[i] + odd[i]));
  std::copy_n(even.begin() + static_cast<std::ptrdiff_t>(count), past, even_.begin());
  std::copy_n(odd.begin() + static_cast<std::ptrdiff_t>(count), delay, odd_.begin());
}

void HalfbandDownsampler::reset() {
  even_.fill(0.0F);
  odd_.fill(0.0F);
  has_kept_ = false;
}

}  // namespace retell::audio
