#include "audio/vad/silero_weights.hpp"

#include <cstring>
#include <stdexcept>

#include "audio/frame.hpp"

extern "C" {
extern const unsigned char retell_silero_v6_begin[];
extern const unsigned char retell_silero_v6_end[];
}

namespace retell::audio {
namespace {

constexpr std::uint32_t version = 1;

// As in the header of the blob; little-endian, like every machine that this runs on.
struct Network {
  std::uint32_t rate;
  std::uint32_t fft;
  std::uint32_t offset;  // bytes
  std::uint32_t floats;
  std::uint64_t checksum;
};

Network network_of(int rate) {
  std::uint32_t found_version = 0;
  std::memcpy(&found_version, retell_silero_v6_begin + 8, sizeof found_version);
  if (std::memcmp(retell_silero_v6_begin, "SILEROV6", 8) != 0 || found_version != version) {
    throw std::logic_error("the embedded voice activity weights are of another format");
  }
  const auto size = static_cast<std::size_t>(retell_silero_v6_end - retell_silero_v6_begin);
  for (std::size_t i = 0; i < 2; ++i) {
    Network network{};
    std::memcpy(&network, retell_silero_v6_begin + 16 + i * sizeof network, sizeof network);
    if (network.rate != static_cast<std::uint32_t>(rate)) continue;
    if (network.offset + std::size_t{network.floats} * sizeof(float) > size) {
      throw std::logic_error("the embedded voice activity weights are cut short");
    }
    return network;
  }
  throw std::invalid_argument("voice activity is detected at 8000 or 16000 Hz");
}

SileroWeights load(int rate) {
  const Network network = network_of(rate);
  SileroWeights w;
  w.rate = rate;
  w.fft = network.fft;
  const std::size_t bins = w.fft / 2 + 1;
  const auto* const begin = reinterpret_cast<const float*>(retell_silero_v6_begin + network.offset);
  const float* next = begin;
  const auto take = [&next](std::size_t count) {
    const float* part = next;
    next += count;
    return part;
  };
  w.window = take(w.fft);
  w.cosines = take(w.fft / 2);
  w.sines = take(w.fft / 2);
  w.conv1 = take(8 * bins * 3 * 16);
  w.bias1 = take(128);
  w.conv2 = take(std::size_t{2} * 128 * 3 * 32);
  w.bias2 = take(64);
  w.conv3 = take(std::size_t{64} * 2 * 64);
  w.bias3 = take(64);
  w.conv4 = take(std::size_t{2} * 64 * 64);
  w.bias4 = take(128);
  w.lstm = take(std::size_t{8} * 256 * 64);
  w.lstm_bias = take(512);
  w.out = take(128);
  w.out_bias = *take(16);
  if (next != begin + network.floats) throw std::logic_error("the embedded voice activity weights have another shape");
  return w;
}

}  // namespace

const SileroWeights& silero_weights(int rate) {
  static const SileroWeights narrow = load(narrowband);
  static const SileroWeights wide = load(wideband);
  if (rate == narrowband) return narrow;
  if (rate == wideband) return wide;
  throw std::invalid_argument("voice activity is detected at 8000 or 16000 Hz");
}

SileroChecksum silero_checksum(int rate) {
  const Network network = network_of(rate);
  std::uint64_t hash = 0xCBF29CE484222325U;
  for (std::size_t i = 0; i < network.floats; ++i) {
    std::uint32_t word = 0;
    std::memcpy(&word, retell_silero_v6_begin + network.offset + i * sizeof word, sizeof word);
    hash = (hash ^ word) * 0x100000001B3U;
  }
  return {hash, network.checksum};
}

}  // namespace retell::audio
