// WAV files: reading whatever callers and test suites bring, and writing recordings that stay playable through a crash.
// The reader is pure but for read_wav(); the file functions block, so they run on a blocking pool.
#pragma once
#include <cstddef>
#include <cstdint>
#include <fstream>
#include <span>
#include <string>
#include <vector>

#include "core/result.hpp"

namespace retell::audio {

inline constexpr std::size_t max_wav_bytes = std::size_t{512} << 20;  // 2 h 19 min of two channels at 16 kHz

struct WavAudio {
  int sample_rate = 0;                // Hz
  int channels = 0;                   // 1 or 2
  std::vector<std::int16_t> samples;  // interleaved, a whole number of sample frames

  [[nodiscard]] std::size_t frames() const {
    return channels == 0 ? 0 : samples.size() / static_cast<std::size_t>(channels);
  }
  [[nodiscard]] double seconds() const { return sample_rate == 0 ? 0.0 : static_cast<double>(frames()) / sample_rate; }
  // One channel alone; 0 is the left one, in recordings the caller.
  [[nodiscard]] std::vector<std::int16_t> channel(int index) const;
  // The mean of the channels.
  [[nodiscard]] std::vector<std::int16_t> mono() const;
};

// 16-bit PCM, 8-bit mu-law or A-law; one or two channels; 4 to 192 kHz; plain or extensible header. A data size that is
// missing or runs past the end (a writer that streamed or crashed) means "to the end". Anything else is `invalid`.
[[nodiscard]] core::Result<WavAudio> parse_wav(std::span<const std::uint8_t> bytes);
// How long it plays, by its header alone; `invalid` as parse_wav says.
[[nodiscard]] core::Result<double> wav_seconds(std::span<const std::uint8_t> bytes);
// `not_found`, `io`, `too_large`, or what parse_wav says.
[[nodiscard]] core::Result<WavAudio> read_wav(const std::string& path);

// Reads a file of any length piece by piece. One owner; every method blocks on the disk.
class WavReader {
 public:
  // `not_found`, `io`, or what parse_wav says; the header must stand within the first 64 KiB.
  [[nodiscard]] static core::Result<WavReader> open(const std::string& path);

  [[nodiscard]] int sample_rate() const { return layout_.rate; }
  [[nodiscard]] int channels() const { return layout_.channels; }
  [[nodiscard]] std::uint64_t frames() const;  // sample frames in the file
  // At most `count` sample frames from `first`; fewer, or none, at the end.
  [[nodiscard]] core::Result<WavAudio> read(std::uint64_t first, std::size_t count);

 private:
  friend core::Result<WavAudio> parse_wav(std::span<const std::uint8_t> bytes);
  friend core::Result<double> wav_seconds(std::span<const std::uint8_t> bytes);
  struct Layout {
    std::uint16_t tag = 0;  // of the format
    int channels = 0;
    int rate = 0;
    std::uint64_t begin = 0;  // of the sound, in bytes
    std::uint64_t size = 0;

    [[nodiscard]] std::size_t frame_bytes() const;
  };
  // `head`: the beginning of a file of `size` bytes.
  [[nodiscard]] static core::Result<Layout> find_sound(std::span<const std::uint8_t> head, std::uint64_t size);
  WavReader(std::ifstream file, const Layout& layout) : file_(std::move(file)), layout_(layout) {}

  std::ifstream file_;
  Layout layout_;
};

// A whole 16-bit PCM file in memory.
[[nodiscard]] std::vector<std::uint8_t> encode_wav(std::span<const std::int16_t> interleaved, int sample_rate,
                                                   int channels);

// Appends 16-bit samples to a file whose header is right again after every `header_every_ms` of sound, so that what is
// lost by a crash is at most that much. Writes once per that period. One owner; every method blocks on the disk.
class WavWriter {
 public:
  [[nodiscard]] static core::Result<WavWriter> create(const std::string& path, int sample_rate, int channels,
                                                      int header_every_ms = 1000);
  WavWriter(WavWriter&& other) noexcept;
  WavWriter& operator=(WavWriter&& other) noexcept;
  WavWriter(const WavWriter&) = delete;
  WavWriter& operator=(const WavWriter&) = delete;
  // Closes the file; whoever wants to know whether that worked calls close() before.
  ~WavWriter();

  // Interleaved samples, a whole number of sample frames. `io` when the disk refuses, `too_large` at 4 GiB.
  core::Result<> write(std::span<const std::int16_t> interleaved);
  // Everything on the disk's way and the header right.
  core::Result<> flush();
  core::Result<> close();

  [[nodiscard]] std::uint64_t frames() const { return frames_; }  // sample frames taken, buffered ones included
  [[nodiscard]] const std::string& path() const { return path_; }

 private:
  WavWriter(std::string path, int file, int sample_rate, int channels, std::size_t flush_samples);
  core::Result<> put(const void* data, std::size_t size, std::uint64_t offset) const;

  std::string path_;
  int file_;  // descriptor, -1 when closed
  int sample_rate_;
  int channels_;
  std::size_t flush_samples_;
  std::vector<std::int16_t> buffer_;
  std::uint64_t frames_ = 0;
  std::uint64_t data_bytes_ = 0;  // in the file
};

}  // namespace retell::audio
