// One step of Silero VAD v6: spectrum of four overlapping windows, four convolutions, an LSTM cell, a logistic output.
// Written once over the compiler's vector types; silero_avx2.cpp and silero_portable.cpp compile it for two machines
// (everything here is inlined into the one function of each). Included by those two only.
#pragma once
#include <array>
#include <bit>
#include <cmath>
#include <cstddef>
#include <cstring>

#include "audio/vad/silero.hpp"
#include "audio/vad/silero_weights.hpp"

namespace retell::audio::kernel {

#define RETELL_INLINE [[gnu::always_inline]] inline

using Lanes4 = float __attribute__((ext_vector_type(4)));
using Lanes8 = float __attribute__((ext_vector_type(8)));
using Ints8 = int __attribute__((ext_vector_type(8)));

// In a struct, so that passing one by value does not depend on the machine's vector registers.
struct F4 {
  Lanes4 v;
};
struct F8 {
  Lanes8 v;
};

RETELL_INLINE F8 load(const float* p) {
  F8 x;
  std::memcpy(&x.v, p, sizeof x.v);
  return x;
}
RETELL_INLINE void store(float* p, F8 x) { std::memcpy(p, &x.v, sizeof x.v); }
RETELL_INLINE void add_product(F8& sum, F8 a, F8 b) { sum.v = a.v * b.v + sum.v; }
RETELL_INLINE F8 splat(float x) { return {Lanes8(x)}; }
RETELL_INLINE F8 relu(F8 x) { return {__builtin_elementwise_max(x.v, Lanes8(0.0F))}; }

// e^x within two units in the last place: Cody-Waite reduction by powers of two, then a polynomial of degree 5
// (coefficients of Cephes' expf).
RETELL_INLINE F8 exponential(F8 in) {
  const Lanes8 x = __builtin_elementwise_min(__builtin_elementwise_max(in.v, Lanes8(-87.0F)), Lanes8(87.0F));
  constexpr float round_to_int = 12582912.0F;  // 1.5 * 2^23: adding it leaves no bits for a fraction
  const Lanes8 n = (x * 1.44269504F + round_to_int) - round_to_int;
  const Lanes8 r = (x - n * 0.693359375F) + n * 2.12194440e-4F;
  Lanes8 y = Lanes8(1.9875691500e-4F) * r + 1.3981999507e-3F;
  y = y * r + 8.3334519073e-3F;
  y = y * r + 4.1665795894e-2F;
  y = y * r + 1.6666665459e-1F;
  y = y * r + 5.0000001201e-1F;
  y = y * (r * r) + (r + 1.0F);
  const Ints8 exponent = (__builtin_convertvector(n, Ints8) + 127) << 23;
  Lanes8 power;
  std::memcpy(&power, &exponent, sizeof power);
  return {y * power};
}
RETELL_INLINE F8 sigmoid(F8 x) { return {1.0F / (1.0F + exponential({-x.v}).v)}; }
RETELL_INLINE F8 hyperbolic_tangent(F8 x) { return {2.0F * sigmoid({x.v + x.v}).v - 1.0F}; }

// Order of the input of an in-place FFT of 2^Bits points.
template <std::size_t Bits>
consteval std::array<std::size_t, std::size_t{1} << Bits> bit_reversed() {
  std::array<std::size_t, std::size_t{1} << Bits> order{};
  for (std::size_t i = 0; i < order.size(); ++i) {
    for (std::size_t b = 0; b < Bits; ++b) {
      if ((i >> b & 1U) != 0) order[i] |= std::size_t{1} << (Bits - 1 - b);
    }
  }
  return order;
}

// Magnitudes of the four windows, one in each lane: spectrum[bin] = {0, window 0..3, 0, -, -}. A real FFT of Fft points
// by a complex one of half as many.
template <std::size_t Fft>
RETELL_INLINE void spectra(const SileroWeights& w, const float* signal, float (*spectrum)[8]) {
  constexpr std::size_t points = Fft / 2;
  constexpr std::size_t hop = Fft / 2;
  static constexpr auto order = bit_reversed<std::size_t(std::bit_width(points) - 1)>();
  F4 re[points];
  F4 im[points];
  for (std::size_t i = 0; i < points; ++i) {
    const float* x = signal + 2 * order[i];
    const float even = w.window[2 * order[i]];
    const float odd = w.window[2 * order[i] + 1];
    re[i].v = Lanes4{x[0], x[hop], x[2 * hop], x[3 * hop]} * even;
    im[i].v = Lanes4{x[1], x[hop + 1], x[2 * hop + 1], x[3 * hop + 1]} * odd;
  }
  for (std::size_t half = 1; half < points; half *= 2) {
    const std::size_t stride = points / half;  // of the twiddles, which are those of Fft points
    for (std::size_t i = 0; i < points; i += 2 * half) {
      for (std::size_t j = 0; j < half; ++j) {
        const float c = w.cosines[j * stride];
        const float s = w.sines[j * stride];
        F4& a = re[i + j];
        F4& b = im[i + j];
        F4& d = re[i + j + half];
        F4& e = im[i + j + half];
        const Lanes4 turned_re = d.v * c + e.v * s;
        const Lanes4 turned_im = e.v * c - d.v * s;
        d.v = a.v - turned_re;
        e.v = b.v - turned_im;
        a.v = a.v + turned_re;
        b.v = b.v + turned_im;
      }
    }
  }
  for (std::size_t k = 0; k <= points; ++k) {
    const std::size_t a = k % points;
    const std::size_t b = (points - k) % points;
    const float c = k == points ? -1.0F : w.cosines[k];
    const float s = k == points ? 0.0F : w.sines[k];
    const Lanes4 even_re = 0.5F * (re[a].v + re[b].v);
    const Lanes4 even_im = 0.5F * (im[a].v - im[b].v);
    const Lanes4 odd_re = 0.5F * (im[a].v + im[b].v);
    const Lanes4 odd_im = 0.5F * (re[b].v - re[a].v);
    const Lanes4 real = even_re + odd_re * c + odd_im * s;
    const Lanes4 imaginary = even_im + odd_im * c - odd_re * s;
    const Lanes4 magnitude = __builtin_elementwise_sqrt(real * real + imaginary * imaginary);
    std::memcpy(&spectrum[k][1], &magnitude, sizeof magnitude);
    spectrum[k][0] = 0.0F;
    spectrum[k][5] = 0.0F;
  }
}

// Three taps over four steps with padding: 128 outputs for each step.
RETELL_INLINE void convolve1(const SileroWeights& w, std::size_t bins, const float (*spectrum)[8], float (*out)[128]) {
  const float* weight = w.conv1;
  for (std::size_t o = 0; o < 128; o += 16) {
    F8 sum[4][2];
    for (auto& step : sum) step[0] = load(w.bias1 + o), step[1] = load(w.bias1 + o + 8);
    for (std::size_t i = 0; i < bins; ++i, weight += 48) {
      const F8 x[4] = {splat(spectrum[i][1]), splat(spectrum[i][2]), splat(spectrum[i][3]), splat(spectrum[i][4])};
#pragma clang loop unroll(full)
      for (std::size_t q = 0; q < 2; ++q) {
        const F8 before = load(weight + 8 * q);
        add_product(sum[1][q], before, x[0]);
        add_product(sum[2][q], before, x[1]);
        add_product(sum[3][q], before, x[2]);
        const F8 here = load(weight + 16 + 8 * q);
        add_product(sum[0][q], here, x[0]);
        add_product(sum[1][q], here, x[1]);
        add_product(sum[2][q], here, x[2]);
        add_product(sum[3][q], here, x[3]);
        const F8 after = load(weight + 32 + 8 * q);
        add_product(sum[0][q], after, x[1]);
        add_product(sum[1][q], after, x[2]);
        add_product(sum[2][q], after, x[3]);
      }
    }
    for (std::size_t t = 0; t < 4; ++t) {
      for (std::size_t q = 0; q < 2; ++q) store(&out[t][o + 8 * q], relu(sum[t][q]));
    }
  }
}

// Stride 2: 64 outputs for each of two steps.
RETELL_INLINE void convolve2(const SileroWeights& w, const float (*in)[128], float (*out)[64]) {
  const float* weight = w.conv2;
  for (std::size_t o = 0; o < 64; o += 32) {
    F8 sum[2][4];
    for (auto& step : sum) {
      for (std::size_t q = 0; q < 4; ++q) step[q] = load(w.bias2 + o + 8 * q);
    }
    for (std::size_t i = 0; i < 128; ++i, weight += 96) {
      const F8 x[4] = {splat(in[0][i]), splat(in[1][i]), splat(in[2][i]), splat(in[3][i])};
#pragma clang loop unroll(full)
      for (std::size_t q = 0; q < 4; ++q) {
        add_product(sum[1][q], load(weight + 8 * q), x[1]);
        const F8 here = load(weight + 32 + 8 * q);
        add_product(sum[0][q], here, x[0]);
        add_product(sum[1][q], here, x[2]);
        const F8 after = load(weight + 64 + 8 * q);
        add_product(sum[0][q], after, x[1]);
        add_product(sum[1][q], after, x[3]);
      }
    }
    for (std::size_t t = 0; t < 2; ++t) {
      for (std::size_t q = 0; q < 4; ++q) store(&out[t][o + 8 * q], relu(sum[t][q]));
    }
  }
}

// sum[0..64) += rows of 64 weights times inputs; returns where the weights go on.
RETELL_INLINE const float* multiply64(const float* weight, const float* in, std::size_t inputs, F8 (&sum)[8]) {
  for (std::size_t i = 0; i < inputs; ++i, weight += 64) {
    const F8 x = splat(in[i]);
#pragma clang loop unroll(full)
    for (std::size_t q = 0; q < 8; ++q) add_product(sum[q], load(weight + 8 * q), x);
  }
  return weight;
}

RETELL_INLINE void load64(const float* from, F8 (&sum)[8]) {
  for (std::size_t q = 0; q < 8; ++q) sum[q] = load(from + 8 * q);
}

RETELL_INLINE float lstm_and_output(const SileroWeights& w, const float* encoded, SileroState& state) {
  alignas(32) float gates[512];
  const float* weight = w.lstm;
  for (std::size_t o = 0; o < 512; o += 64) {
    F8 sum[8];
    load64(w.lstm_bias + o, sum);
    weight = multiply64(weight, encoded, 128, sum);
    weight = multiply64(weight, state.hidden.data(), 128, sum);
    for (std::size_t q = 0; q < 8; ++q) store(gates + o + 8 * q, sum[q]);
  }
  F8 total = splat(0.0F);
  for (std::size_t i = 0; i < 128; i += 8) {
    const F8 input = sigmoid(load(gates + i));
    const F8 forget = sigmoid(load(gates + 128 + i));
    const F8 candidate = hyperbolic_tangent(load(gates + 256 + i));
    const F8 output = sigmoid(load(gates + 384 + i));
    const F8 cell{forget.v * load(&state.cell[i]).v + input.v * candidate.v};
    const F8 hidden{output.v * hyperbolic_tangent(cell).v};
    store(&state.cell[i], cell);
    store(&state.hidden[i], hidden);
    add_product(total, relu(hidden), load(w.out + i));
  }
  float logit = w.out_bias;
  for (std::size_t i = 0; i < 8; ++i) logit += total.v[i];
  return 1.0F / (1.0F + std::exp(-logit));
}

template <std::size_t Fft>
RETELL_INLINE float step_of(const SileroWeights& w, SileroState& state, const std::int16_t* samples) {
  constexpr std::size_t context = Fft / 4;  // carried over from the last step
  constexpr std::size_t fresh = 2 * Fft;
  constexpr std::size_t bins = Fft / 2 + 1;
  alignas(32) float signal[context + fresh + context];
  alignas(32) float spectrum[bins][8];
  alignas(32) float layer1[4][128];
  alignas(32) float layer2[2][64];
  alignas(32) float layer3[64];
  alignas(32) float encoded[128];

  for (std::size_t i = 0; i < context; ++i) signal[i] = state.context[i];
  for (std::size_t i = 0; i < fresh; ++i) signal[context + i] = static_cast<float>(samples[i]) * (1.0F / 32768.0F);
  for (std::size_t i = 0; i < context; ++i) {
    state.context[i] = signal[fresh + i];
    signal[context + fresh + i] = signal[context + fresh - 2 - i];  // reflection, as the network was trained
  }
  spectra<Fft>(w, signal, spectrum);
  convolve1(w, bins, spectrum, layer1);
  convolve2(w, layer1, layer2);
  {
    F8 sum[8];
    load64(w.bias3, sum);
    const float* weight = w.conv3;
    for (std::size_t i = 0; i < 64; ++i) {
      weight = multiply64(weight, &layer2[0][i], 1, sum);
      weight = multiply64(weight, &layer2[1][i], 1, sum);
    }
    for (std::size_t q = 0; q < 8; ++q) store(layer3 + 8 * q, relu(sum[q]));
  }
  const float* weight = w.conv4;
  for (std::size_t o = 0; o < 128; o += 64) {
    F8 sum[8];
    load64(w.bias4 + o, sum);
    weight = multiply64(weight, layer3, 64, sum);
    for (std::size_t q = 0; q < 8; ++q) store(encoded + o + 8 * q, relu(sum[q]));
  }
  return lstm_and_output(w, encoded, state);
}

RETELL_INLINE float step(const SileroWeights& w, SileroState& state, const std::int16_t* samples) {
  return w.fft == 256 ? step_of<256>(w, state, samples) : step_of<128>(w, state, samples);
}

#undef RETELL_INLINE

}  // namespace retell::audio::kernel
