// Sample-rate conversion of one stream: half-band filters for 8 <-> 16 kHz, speexdsp for every other pair, nothing at
// all when the rates are equal. Holds the stream's state, so pieces of any size give the same samples as the whole
// would (converting 20 ms frames one by one without state is what makes a 50 Hz crackle). One owner, any thread.
#pragma once
#include <cstdint>
#include <memory>
#include <span>
#include <variant>
#include <vector>

#include "audio/frame.hpp"
#include "audio/halfband.hpp"
#include "core/result.hpp"

struct SpeexResamplerState_;

namespace retell::audio {

class Resampler {
 public:
  // Rates in Hz, 4,000 to 192,000. Fails with `invalid` outside that range.
  [[nodiscard]] static core::Result<Resampler> create(int from, int to);

  // Appends what the input yields. Over a stream of n samples the output is n * to / from, give or take one.
  void process(std::span<const std::int16_t> in, std::vector<std::int16_t>& out);

  // Pushes the samples still inside the filters out, then starts afresh. For the end of a stream.
  void flush(std::vector<std::int16_t>& out);
  void reset();

  [[nodiscard]] int from() const { return from_; }
  [[nodiscard]] int to() const { return to_; }
  // Delay of the filters: 1.69 ms for 8 <-> 16 kHz; for the others what speexdsp reports (24 taps at the lower rate).
  [[nodiscard]] double latency_ms() const;

 private:
  struct SpeexDeleter {
    void operator()(SpeexResamplerState_* state) const;
  };
  struct Same {};
  using Speex = std::unique_ptr<SpeexResamplerState_, SpeexDeleter>;
  using Method = std::variant<Same, HalfbandUpsampler, HalfbandDownsampler, Speex>;

  Resampler(int from, int to, Method method) : from_(from), to_(to), method_(std::move(method)) {}
  void process_speex(SpeexResamplerState_* state, std::span<const std::int16_t> in,
                     std::vector<std::int16_t>& out) const;

  int from_;
  int to_;
  Method method_;
};

// A whole recording at another rate, its end included. Rates in Hz, refused as by Resampler::create.
[[nodiscard]] core::Result<std::vector<std::int16_t>> resampled(std::span<const std::int16_t> samples, int from,
                                                                int to);

// Cuts a stream of samples of one rate into frames; keeps the rest of less than 20 ms for the next piece. One owner.
class Framer {
 public:
  explicit Framer(int sample_rate) : frame_(sample_rate) {}

  // Calls `sink(const AudioFrame&)` for each frame that `samples` completes.
  template <class Sink>
  void push(std::span<const std::int16_t> samples, Sink&& sink) {
    while (!samples.empty()) {
      samples = samples.subspan(fill(samples));
      if (filled_ == frame_.size()) {
        filled_ = 0;
        sink(static_cast<const AudioFrame&>(frame_));
      }
    }
  }

  // The rest, completed with silence; false when there is none.
  [[nodiscard]] bool flush(AudioFrame& out);
  void reset() { filled_ = 0; }
  [[nodiscard]] std::size_t pending() const { return filled_; }  // samples kept

 private:
  std::size_t fill(std::span<const std::int16_t> samples);
  AudioFrame frame_;
  std::size_t filled_ = 0;
};

}  // namespace retell::audio
