// When somebody can be heard in a recorded channel, and from that the latency that the caller really had: from his last
// voiced sample to the agent's first audible one, as they lie in the two-channel recording. Offline: about 0.1 % of the
// recording's length, no state. Pure, any thread (a long recording belongs on a blocking pool).
#pragma once
#include <cstdint>
#include <span>
#include <vector>

namespace retell::audio {

struct VoicedSpan {
  std::int64_t begin = 0;  // samples
  std::int64_t end = 0;    // behind the last one

  friend bool operator==(const VoicedSpan&, const VoicedSpan&) = default;
};

struct VoicedOptions {
  // Spans closer than this are one: pauses between words, not between turns.
  int join_ms = 300;
  // A level under this is not audible on a telephone, whatever the network says.
  float floor_dbfs = -55.0F;
  // Above the channel's own background (its quietest tenth), for a channel with room noise.
  float above_background_db = 10.0F;
  // What is louder than this all the time is no background: somebody speaks (or hums) without a pause.
  float loudest_background_dbfs = -40.0F;
};

// Speech in a caller's channel at 8 or 16 kHz: where the voice activity network finds a voice, trimmed at both ends to
// the 10 ms blocks that stand out of the background, since the network answers some 50 ms late.
[[nodiscard]] std::vector<VoicedSpan> voiced_spans(std::span<const std::int16_t> channel, int sample_rate,
                                                   const VoicedOptions& options = {});

// Anything audible in a channel that is silent otherwise (the agent's), by level alone, to the millisecond.
[[nodiscard]] std::vector<VoicedSpan> audible_spans(std::span<const std::int16_t> channel, int sample_rate,
                                                    const VoicedOptions& options = {});

struct Response {
  std::int64_t caller_end = 0;   // samples: behind the caller's last voiced one
  std::int64_t agent_begin = 0;  // the agent's first audible one

  [[nodiscard]] double milliseconds(int sample_rate) const {
    return 1000.0 * static_cast<double>(agent_begin - caller_end) / sample_rate;
  }
};

// One for each time that the agent begins to speak after the caller has spoken: paired with the end of the caller's
// last span before it. An agent that begins while the caller speaks answers nothing and gives none.
[[nodiscard]] std::vector<Response> responses(std::span<const VoicedSpan> caller, std::span<const VoicedSpan> agent);

}  // namespace retell::audio
